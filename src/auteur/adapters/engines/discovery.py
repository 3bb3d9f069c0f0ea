"""Finds engines: entry points of the group `auteur.engines`, the built-in ones among them.

A package offers an engine by naming a factory in its ``pyproject.toml``:

    [project.entry-points."auteur.engines"]
    matte = "studio_matte.engine:make"        # make(tools: EngineTools) -> TaskHandler

Whatever is wrong with one engine is that engine's problem: it is left out and reported, the others work on. A studio's
broken upgrade of one tool must not stop the shots that the other tools make.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint

from auteur.adapters.engines.installed import package_of
from auteur.adapters.engines.tools import (
    EngineNotConfiguredError,
    EngineSettingError,
    EngineSettings,
    EngineTools,
)
from auteur.domain.ports import TaskHandler
from auteur.domain.task import TaskType

_METHODS = ("check", "prepare", "estimate_s", "run")


@dataclass(frozen=True, slots=True)
class EngineProblem:
    """Why an engine was left out. ``name``: of its entry point; ``package``: where that is from; ``setting``: the
    variable that is to blame, without the service's prefix."""

    name: str
    package: str
    reason: str
    setting: str = ""

    def __str__(self) -> str:
        return f"engine {self.name} of {self.package} is left out: {self.reason}"


@dataclass(frozen=True, slots=True)
class FoundEngine:
    """An engine that can be used. ``name``: of its entry point; ``package`` and ``version``: where that is from."""

    name: str
    package: str
    version: str
    handler: TaskHandler
    task_types: tuple[TaskType, ...]


@dataclass(frozen=True, slots=True)
class Engines:
    """What was found. ``found``: what can be used; ``names``: of all entry points, chosen or not, broken or not;
    ``settings``: the variables that the engines know, without the service's prefix; ``off``: those that nobody has set
    up, which is no fault."""

    found: tuple[FoundEngine, ...]
    problems: tuple[EngineProblem, ...]
    names: frozenset[str]
    settings: frozenset[str] = frozenset()
    off: tuple[EngineProblem, ...] = ()

    @property
    def task_types(self) -> list[TaskType]:
        """All that is offered; a name comes once for every engine that makes it."""
        return [task_type for engine in self.found for task_type in engine.task_types]

    @property
    def missing(self) -> frozenset[str]:
        """The names of what is installed and cannot be used: what those make is not known."""
        return self.names - {engine.name for engine in self.found}


class _UnusableError(Exception):
    """The text says what is wrong with an engine, ``setting`` which variable is to blame."""

    def __init__(self, reason: str, setting: str = "") -> None:
        super().__init__(reason)
        self.setting = setting


def discover(
    points: Iterable[EntryPoint],
    tools: EngineTools,
    wanted: Collection[str] = (),
    settings: Mapping[str, str] | None = None,
) -> Engines:
    """Makes the engines; only those ``wanted`` by name, if any are. Never raises for what an engine does.

    ``settings``: what the operator has set, by name without the service's prefix, in lower case; each engine sees its
    own.

    Several engines may make one task type. Of two entry points of the same name, or that make the same task type with
    an engine of the same name, the later is left out.
    """
    made_by: dict[tuple[str, str], str] = {}
    made: list[FoundEngine] = []
    problems: list[EngineProblem] = []
    off: list[EngineProblem] = []
    names: dict[str, str] = {}
    known: set[str] = set()
    for point in points:
        package = package_of(point)
        try:
            if point.name in names:
                raise _UnusableError(f"its name is taken by {names[point.name]}")
            names[point.name] = package
            if wanted and point.name not in wanted:
                continue
            own = EngineSettings(point.name, settings or {})
            try:
                handler, task_types = _make(point, replace(tools, settings=own))
            finally:
                known |= own.known
            for task_type in task_types:
                if (task_type.name, task_type.engine) in made_by:
                    by = made_by[task_type.name, task_type.engine]
                    raise _UnusableError(f"{task_type.name} is made by {by} already, as {task_type.engine}")
        except EngineNotConfiguredError as error:
            off.append(EngineProblem(point.name, package, _in_one_line(error)))
            continue
        except _UnusableError as error:
            problems.append(EngineProblem(point.name, package, str(error), error.setting))
            continue
        version = point.dist.version if point.dist is not None else ""
        made.append(FoundEngine(point.name, package, version, handler, task_types))
        for task_type in task_types:
            made_by[task_type.name, task_type.engine] = f"{point.name} of {package}"
    return Engines(tuple(made), tuple(problems), frozenset(names), frozenset(known), tuple(off))


def _make(point: EntryPoint, tools: EngineTools) -> tuple[TaskHandler, tuple[TaskType, ...]]:
    """The engine, and its task types. Raises `_UnusableError`, and `EngineNotConfiguredError`
    where only something is to be set up."""
    try:
        handler = point.load()(tools)
        lacking = [name for name in _METHODS if not callable(getattr(handler, name, None))]
        offered = list(getattr(handler, "task_types", ()))
    except EngineSettingError as error:
        raise _UnusableError(str(error), error.name) from error
    except EngineNotConfiguredError:
        raise
    except ModuleNotFoundError as error:
        extra = _extra(point)
        if extra is None or not _is_foreign(error, point):
            raise _UnusableError(_in_one_line(error)) from error
        missing = f"install {package_of(point)}[{extra}]: there is no module {error.name}"
        if not tools.settings.given:
            raise EngineNotConfiguredError(missing) from None
        raise _UnusableError(missing) from None
    except (Exception, SystemExit) as error:  # a stranger's code may raise anything; only Ctrl-C is not its own
        raise _UnusableError(_in_one_line(error)) from error
    if lacking:
        raise _UnusableError(f"{point.value} gave no task handler: it has no {lacking[0]}")
    if not offered or not all(isinstance(task_type, TaskType) for task_type in offered):
        raise _UnusableError(f"{point.value} gave a handler whose task_types are not a list of TaskType")
    if len({task_type.name for task_type in offered}) < len(offered):
        raise _UnusableError("it offers a task type twice")
    return handler, tuple(offered)


def _extra(point: EntryPoint) -> str | None:
    """The extra of its package that the engine needs: the one with its name."""
    offered = (point.dist.metadata.get_all("Provides-Extra") or []) if point.dist is not None else []
    return point.name if point.name in offered else None


def _is_foreign(error: ModuleNotFoundError, point: EntryPoint) -> bool:
    """Whether the missing module is another package's."""
    return (error.name or "").partition(".")[0] != point.module.partition(".")[0]


def _in_one_line(error: BaseException) -> str:
    said = " ".join(str(error).split())[:300]
    if isinstance(error, EngineNotConfiguredError) and said:
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
