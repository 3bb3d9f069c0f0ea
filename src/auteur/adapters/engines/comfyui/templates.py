"""Workflow templates: files that a studio edits.

``frame.json`` is a workflow as ComfyUI exports it ("Export (API)"), untouched; ``frame.toml`` beside it says what of it
is a parameter. So a workflow is exported again without writing anything anew. What is wrong with one template is told
in a line that names the file, and the node or the parameter; the others work on.
"""

import copy
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from auteur.adapters.engines.comfyui.form import Declared, Name, model_of, problem_with
from auteur.adapters.engines.comfyui.progress import links_of
from auteur.adapters.engines.comfyui.words import title_of
from auteur.adapters.engines.parameters import Parameters
from auteur.domain import strict_json
from auteur.domain.task import CONTROL_FILES, TaskInput, TaskType

ENGINE = "comfyui"
_PRESET = ("steps", "width_px", "height_px")
_PREFIX = "filename_prefix"
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


class TemplateError(Exception):
    """Why a template cannot be used, in one line."""


class _Output(BaseModel):
    """A node whose files are the result. ``name``: of the files, without their extension."""

    model_config = ConfigDict(extra="forbid")

    node: str
    name: FileName | None = None


class _Sidecar(BaseModel):
    model_config = ConfigDict(extra="forbid")

    task_type: Name
    summary: Annotated[str, Field(min_length=1, max_length=300)]
    workflow: str | None = None
    parameters: dict[Name, Declared] = Field(default_factory=dict)
    quality: dict[str, dict[str, Any]] = Field(default_factory=dict)
    outputs: list[_Output] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Template:
    """A template that can be used. ``sets``: by parameter the inputs that it fills in, as node id and name;
    ``outputs``: by node id the name of its files, None where none is given; empty: all that save files."""

    file: str
    task_type: TaskType
    model: type[Parameters]
    declared: Mapping[str, Declared]
    workflow: Mapping[str, Mapping[str, Any]]
    sets: Mapping[str, tuple[tuple[str, str], ...]]
    outputs: Mapping[str, str | None]

    @property
    def parameter_of(self) -> dict[tuple[str, str], str]:
        """By node id and input the parameter that fills it in."""
        return {target: name for name, targets in self.sets.items() for target in targets}

    @property
    def file_inputs(self) -> frozenset[tuple[str, str]]:
        """The inputs of nodes that are given the name of an uploaded file."""
        return frozenset(t for name, targets in self.sets.items() if self.declared[name].is_file for t in targets)

    def filled(self, values: Mapping[str, Any], prefix: str) -> dict[str, dict[str, Any]]:
        """The workflow to run: values in their places, files saved under ``prefix``."""
        workflow: dict[str, dict[str, Any]] = copy.deepcopy(dict(self.workflow))  # type: ignore[arg-type]
        for name, value in values.items():
            text = self.declared[name].format
            for node, wanted in self.sets[name]:
                workflow[node]["inputs"][wanted] = value if text is None else text.replace("{value}", str(value))
        for inputs in (node["inputs"] for node in workflow.values()):
            if isinstance(inputs.get(_PREFIX), str):
                inputs[_PREFIX] = prefix
        return workflow

    def savers(self) -> list[str]:
        """The nodes whose files are the result, as far as the workflow alone can tell: those that are named, else those
        from which nothing leads on."""
        if self.outputs:
            return list(self.outputs)
        used = {source for node in self.workflow.values() for source in links_of(node)}
        return [node for node in self.workflow if node not in used]


def load(folder: Path) -> tuple[list[Template], list[str]]:
    """The templates of a folder, by name, and what is wrong with the others: one line each."""
    templates: list[Template] = []
    problems: list[str] = []
    made_by: dict[str, str] = {}
    try:
        files = sorted(folder.glob("*.toml"))
        orphans = sorted(path for path in folder.glob("*.json") if not path.with_suffix(".toml").is_file())
    except OSError as error:
        return [], [f"{folder}: cannot be read: {error.strerror}"]
    if not files:
        problems.append(f"{folder}: there is no template, that is no .toml file, in this folder")
    named = set()
    for path in files:
        try:
            template = _read(path)
            if other := made_by.get(template.task_type.name):
                raise TemplateError(f"{path.name}: task_type {template.task_type.name} is {other}'s already")
        except TemplateError as error:
            problems.append(str(error))
            continue
        made_by[template.task_type.name] = path.name
        templates.append(template)
        named.add(template.file)
    problems += [
        f"{path.name}: there is no {path.stem}.toml beside it that says what of it is a parameter"
        for path in orphans
        if path.name not in named
    ]
    return templates, problems


def _read(path: Path) -> Template:
    """Raises `TemplateError`."""
    try:
        sidecar = _Sidecar.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path.name}: is no TOML: {error}") from None
    except OSError as error:
        raise TemplateError(f"{path.name}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise TemplateError(f"{path.name}: {where}: {first['msg'].removeprefix('Value error, ')}") from None
    named = sidecar.workflow or f"{path.stem}.json"
    if Path(named).name != named:
        raise TemplateError(f"{path.name}: workflow: must be the name of a file beside it")
    workflow = _workflow(path.name, path.parent / named)
    sets = {
        name: tuple(_target(path.name, named, workflow, name, target) for target in declared.sets)
        for name, declared in sidecar.parameters.items()
    }
    _check_twice(path.name, sets, workflow)
    defaults = _defaults(path.name, sidecar, sets, workflow)
    for name, declared in sidecar.parameters.items():
        if declared.control is not None and declared.control not in CONTROL_FILES:
            known = ", ".join(sorted(CONTROL_FILES))
            raise TemplateError(f"{path.name}: parameters.{name}.control: is none of {known}")
    _check_quality(path.name, sidecar)
    outputs = {_node(path.name, named, workflow, "outputs", out.node): out.name for out in sidecar.outputs}
    model = model_of(sidecar.task_type, sidecar.parameters, defaults)
    task_type = TaskType(
        name=sidecar.task_type,
        engine=ENGINE,
        summary=sidecar.summary,
        params_schema=model.model_json_schema(),
        preset_parameters=frozenset(name for name in _PRESET if name in sidecar.parameters),
        presets=sidecar.quality,
        inputs=tuple(
            TaskInput(name, kind=declared.type, control=declared.control)
            for name, declared in sidecar.parameters.items()
            if declared.is_file
        ),
    )
    return Template(named, task_type, model, sidecar.parameters, workflow, sets, outputs)


def _workflow(sidecar: str, path: Path) -> dict[str, dict[str, Any]]:
    try:
        workflow = strict_json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise TemplateError(f"{sidecar}: there is no workflow {path.name} beside it") from None
    except strict_json.DuplicateNameError as error:
        raise TemplateError(f"{path.name}: {error}") from None
    except (OSError, ValueError) as error:
        raise TemplateError(f"{path.name}: is no JSON: {error}") from None
    if isinstance(workflow, dict) and "nodes" in workflow and "links" in workflow:
        raise TemplateError(f"{path.name}: is the editor's own format: export it anew by 'Export (API)'")
    if not isinstance(workflow, dict) or not workflow:
        raise TemplateError(f"{path.name}: is no workflow in API format, which holds its nodes by id")
    for node, what in workflow.items():
        if not isinstance(what, dict) or not isinstance(what.get("class_type"), str):
            raise TemplateError(f"{path.name}: node {node}: has no class_type")
        if not isinstance(what.setdefault("inputs", {}), dict):
            raise TemplateError(f"{path.name}: node {node}: its inputs are not by name")
        for source in links_of(what):
            if source not in workflow:
                raise TemplateError(f'{path.name}: node "{title_of(workflow, node)}": leads from no node ({source})')
    return workflow


def _node(sidecar: str, named: str, workflow: Mapping[str, Mapping[str, Any]], where: str, node: str) -> str:
    """The node's id, by its id or title."""
    if node in workflow:
        return node
    found = [known for known in workflow if title_of(workflow, known) == node]
    if len(found) > 1:
        raise TemplateError(f'{sidecar}: {where}: {named} has {len(found)} nodes "{node}": name one by its id')
    if not found:
        raise TemplateError(f'{sidecar}: {where}: {named} has no node "{node}"')
    return found[0]


def _target(
    sidecar: str, named: str, workflow: Mapping[str, Mapping[str, Any]], parameter: str, target: str
) -> tuple[str, str]:
    where = f"parameters.{parameter}.sets"
    title, _, wanted = target.rpartition(".")
    if not title or not wanted:
        raise TemplateError(f'{sidecar}: {where}: "{target}" is no "node.input"')
    node = _node(sidecar, named, workflow, where, title)
    inputs = workflow[node]["inputs"]
    if wanted not in inputs:
        raise TemplateError(f'{sidecar}: {where}: the node "{title}" of {named} has no input {wanted}')
    if isinstance(inputs[wanted], list) and wanted in inputs and _is_link(inputs[wanted]):
        raise TemplateError(f'{sidecar}: {where}: the input {wanted} of the node "{title}" comes from another node')
    return node, wanted


def _is_link(value: list[Any]) -> bool:
    return len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def _check_twice(
    sidecar: str, sets: Mapping[str, tuple[tuple[str, str], ...]], workflow: Mapping[str, Mapping[str, Any]]
) -> None:
    set_by: dict[tuple[str, str], str] = {}
    for name, targets in sets.items():
        for target in targets:
            node, wanted = target
            if target in set_by:
                where = f'{sidecar}: parameters.{name}.sets: {wanted} of the node "{title_of(workflow, node)}"'
                raise TemplateError(f"{where} is set by {set_by[target]} already")
            if wanted == _PREFIX:
                raise TemplateError(f"{sidecar}: parameters.{name}.sets: {_PREFIX} is auteur's own to set")
            set_by[target] = name


def _defaults(
    sidecar: str,
    read: _Sidecar,
    sets: Mapping[str, tuple[tuple[str, str], ...]],
    workflow: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """What a parameter is where nobody says: as declared, else as the workflow has it."""
    defaults = {}
    for name, declared in read.parameters.items():
        if declared.required or declared.is_file or declared.type == "seed":
            continue
        node, wanted = sets[name][0]
        is_own = declared.default is None
        if is_own and declared.format is not None:
            continue  # the workflow has the whole text there, not the value
        value = workflow[node]["inputs"][wanted] if is_own else declared.default
        if problem := problem_with(declared, value):
            whose = f'{wanted} of the node "{title_of(workflow, node)}"' if is_own else "default"
            raise TemplateError(f"{sidecar}: parameters.{name}: {whose} cannot be its default: {problem}")
        defaults[name] = value
    return defaults


def _check_quality(sidecar: str, read: _Sidecar) -> None:
    for quality, values in read.quality.items():
        for name, value in values.items():
            if name not in read.parameters:
                raise TemplateError(f"{sidecar}: quality.{quality}.{name}: there is no such parameter")
            if problem := problem_with(read.parameters[name], value):
                raise TemplateError(f"{sidecar}: quality.{quality}.{name}: {problem}")
