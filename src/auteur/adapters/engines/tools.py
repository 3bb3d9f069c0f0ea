"""What an engine may use: all that its factory is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.secret_files import SecretFileError, secrets_from_files, with_files
from auteur.domain.ports import ArtifactStore, TaskHandler

Model = TypeVar("Model", bound=BaseModel)


class EngineSettingError(Exception):
    """A setting of an engine that cannot be used. ``name``: of its variable, without the service's prefix; the text
    says what is wrong and never repeats the value."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class EngineNotConfiguredError(Exception):
    """An engine that cannot be used until somebody sets something up; raised by its factory.

    It is then off, which is no fault: `auteur engines` shows it with the text, and no start is disturbed. The text says
    what to do, as "set BACKEND_COMFYUI_SERVERS".
    """


class EngineSettings:
    """What the operator has set for one engine: variables ``BACKEND_<ENGINE>_<NAME>``, in the environment or `.env`.

    ``given``: by name without ``BACKEND_``, in lower case. ``known``: the names that were asked for.
    """

    def __init__(self, engine: str, given: Mapping[str, str]) -> None:
        self._prefix = f"{engine.lower().replace('-', '_')}_"
        self._all = given
        self._given = {
            name.removeprefix(self._prefix): value for name, value in given.items() if name.startswith(self._prefix)
        }
        self.known: set[str] = set()

    @property
    def given(self) -> bool:
        """Whether the operator has set anything for this engine."""
        return bool(self._given)

    def shared(self, family: str) -> "EngineSettings":
        """What was set for several entry points together: variables ``BACKEND_<FAMILY>_<NAME>``."""
        settings = EngineSettings(family, self._all)
        settings.known = self.known
        return settings

    def read(self, model: type[Model]) -> Model:
        """The settings as the model has them: a field ``servers`` of the engine ``comfyui`` is
        ``BACKEND_COMFYUI_SERVERS``; one that is a `SecretStr` may be in the file that ``…_FILE`` names instead. Texts
        are converted as pydantic does. Raises `EngineSettingError`."""
        fields = model.model_fields
        self.known |= {f"{self._prefix}{name}" for name in with_files(fields)}
        try:
            in_files = dict(secrets_from_files(fields, self._given))
            return model.model_validate({name: self._given[name] for name in fields if name in self._given} | in_files)
        except SecretFileError as error:
            raise EngineSettingError(f"{self._prefix}{error.name}".upper(), str(error)) from None
        except ValidationError as error:
            problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
            name = f"{self._prefix}{problem['loc'][0] if problem['loc'] else ''}".strip("_").upper()
            raise EngineSettingError(name, problem["msg"].removeprefix("Value error, ")) from None


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A language model that the operator lets engines ask. ``url``: of its OpenAI-compatible interface, without what
    comes after ``/v1``; ``name``: what it is called there; ``key``: sent as a bearer token; ``timeout_s``: how long an
    answer may take, whole."""

    url: str
    name: str
    key: SecretStr | None = None
    timeout_s: float = 20.0


@dataclass(frozen=True, slots=True)
class EngineTools:
    """``processes``: child processes to compute in; ``artifacts``: the files of projects, to find a task's inputs;
    ``settings``: what was set for this engine; ``folder``: where an engine may keep what it learnt, private to the
    service and perhaps not there yet, None where nothing is kept; ``language_model``: one that may be asked what
    sentences mean, None where the operator named none."""

    processes: EngineProcesses
    artifacts: ArtifactStore
    settings: EngineSettings = field(default_factory=lambda: EngineSettings("", {}))
    folder: Path | None = None
    language_model: LanguageModel | None = None


EngineFactory = Callable[[EngineTools], TaskHandler]
"""What an entry point of the group `auteur.engines` names. Called once a process, before anything is open."""
