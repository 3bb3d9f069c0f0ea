"""What clients send. Strict: unknown fields are refused by name."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError, to_json
from typing_extensions import TypeAliasType

from auteur.domain.commands import PromoteTask, StartBatch, StartGeneration
from auteur.domain.errors import InvalidMessageError
from auteur.domain.fetching import MAX_PARAMS_BYTES
from auteur.domain.task import MAX_SHOT_LENGTH
from auteur.protocol.json import problems_of
from auteur.protocol.model import Model
from auteur.protocol.webhooks import TaskWebhookRequest

MAX_METADATA_BYTES = 4096
_METADATA = "Flat; comes back on every event. A name is one line; texts may have line breaks and tabs."


def _one_plain_value(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Told once, not once for each type that it might have had."""
    try:
        return read(value)
    except ValidationError:
        raise PydanticCustomError(
            "metadata_value", "Input should be a text, a finite number, true, false or null"
        ) from None


def _as_text(value: Any) -> Any:
    """A time as the description has it; else a number would be one, too."""
    if not isinstance(value, str) or value.strip("+-0123456789.") == "":
        raise PydanticCustomError("date_time", "Input should be a date and time, as 2026-11-26T09:00:00Z")
    return value


MetadataValue = TypeAliasType(
    "MetadataValue", Annotated[str | int | float | bool | None, WrapValidator(_one_plain_value)]
)


class ClientMessage(Model):
    """What all have in common. ``id`` is drawn by the service when absent."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, strict=False)
    project_id: str | None = Field(None, description="If present, the project of the path.")
    timestamp: Annotated[datetime, BeforeValidator(_as_text)] | None = Field(None, strict=False)


def _small_metadata(value: dict[str, MetadataValue]) -> dict[str, MetadataValue]:
    if len(to_json(value)) > MAX_METADATA_BYTES:
        raise ValueError(f"is larger than {MAX_METADATA_BYTES} bytes")
    return value


def _small_params(value: dict[str, Any]) -> dict[str, Any]:
    if len(to_json(_without_data(value))) > MAX_PARAMS_BYTES:
        raise ValueError(f"are larger than {MAX_PARAMS_BYTES} bytes")
    return value


def _without_data(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters as they are kept: what ``data:`` urls hold is brought in as a file, and the message bounds it."""

    def short(value: Any) -> Any:
        return "data:" if isinstance(value, str) and value[:5].lower() == "data:" else value

    return {name: [*map(short, v)] if isinstance(v, list) else short(v) for name, v in params.items()}


class GenerationRequest(Model):
    """The body of a request for a task, as HTTP takes it and as `StartGenerationMessage` carries it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)

    task_type: str = Field(min_length=1, max_length=128, examples=["text_to_image"])
    params: dict[str, Any] = Field(
        description="As the task type's schema has them. An input may also be an https: or a data: url. Texts may have "
        "line breaks and tabs; no text holds another control character, a surrogate or a code point of no character.",
        examples=[{"prompt": "wide shot of a lighthouse at dusk"}],
    )
    quality: str | None = Field(None, max_length=64, examples=["draft"])
    shot: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_SHOT_LENGTH,
        description="The shot that it is a take of: one line, of printable characters.",
        examples=["12A"],
    )
    engine: str | None = Field(
        None, min_length=1, max_length=64, description="The engine that shall make it; the first that is up."
    )
    metadata: dict[str, MetadataValue] = Field(default_factory=dict, description=_METADATA)
    webhook: TaskWebhookRequest | None = Field(None, description="Who shall hear of its ending, beside all others.")

    _metadata_is_small = field_validator("metadata")(_small_metadata)
    _params_are_small = field_validator("params")(_small_params)

    def command(self, project_id: str, message_id: str, request_id: str | None) -> StartGeneration:
        """The command that this request asks for."""
        return StartGeneration(
            project_id=project_id,
            task_type=self.task_type,
            params=self.params,
            quality=self.quality,
            shot=self.shot,
            engine=self.engine,
            metadata=self.metadata,
            message_id=message_id,
            request_id=request_id,
            webhook=None if self.webhook is None else self.webhook.given(),
        )


MAX_BATCH = 500


class NamedRequest(GenerationRequest):
    """A request in a batch. Inputs of the others may name its output by its ``name``, before it has an id:
    ``{"from_task": "#name"}``."""

    name: str | None = Field(None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$", examples=["frame-1"])


class BatchRequest(Model):
    """The body of a request for several tasks, that are accepted all or none."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)

    requests: list[NamedRequest] = Field(min_length=1, max_length=MAX_BATCH)

    def batch(self, project_id: str, message_id: str, request_id: str | None) -> StartBatch:
        """The command that this request asks for."""
        return StartBatch(
            project_id=project_id,
            message_id=message_id,
            requests=[asked.command(project_id, message_id, request_id) for asked in self.requests],
            names=[asked.name for asked in self.requests],
        )


class StartGenerationMessage(ClientMessage, GenerationRequest):
    """Asks for a task. ``id`` is the idempotency key: the same id and body again is the same task."""

    type: Literal["start_generation"]


class StartBatchMessage(ClientMessage, BatchRequest):
    """Asks for several tasks, that are accepted all or none. ``id`` is the idempotency key of the whole. The message
    may have 64 KiB like any other; a larger batch goes to `POST /api/v1/projects/{project_id}/batches`."""

    type: Literal["start_batch"]


class PromotionRequest(Model):
    """How a take shall be made again, as HTTP takes it and as `PromoteMessage` carries it. Without any of it, at the
    next higher quality."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)

    quality: str | None = Field(None, max_length=64, examples=["high"])
    engine: str | None = Field(None, min_length=1, max_length=64, description="The engine; else the take's own.")
    task_type: str | None = Field(None, min_length=1, max_length=128, description="Else the take's own.")
    params: dict[str, Any] = Field(default_factory=dict, description="What shall differ; null for what is left out.")
    shot: str | None = Field(None, min_length=1, max_length=MAX_SHOT_LENGTH, description="Else the take's own.")
    metadata: dict[str, MetadataValue] = Field(default_factory=dict, description=_METADATA)

    _metadata_is_small = field_validator("metadata")(_small_metadata)
    _params_are_small = field_validator("params")(_small_params)

    def promotion(self, project_id: str, task_id: str, message_id: str, request_id: str | None) -> PromoteTask:
        """The command that this asks for."""
        return PromoteTask(
            project_id=project_id,
            task_id=task_id,
            message_id=message_id,
            quality=self.quality,
            engine=self.engine,
            task_type=self.task_type,
            params=self.params,
            shot=self.shot,
            metadata=self.metadata,
            request_id=request_id,
        )


class PromoteMessage(ClientMessage, PromotionRequest):
    """Makes a take again, as a task of its own. ``id`` is the idempotency key."""

    type: Literal["promote"]
    task_id: str = Field(min_length=1, max_length=64)


class CancelMessage(ClientMessage):
    """Asks for a task to stop."""

    type: Literal["cancel"]
    task_id: str = Field(min_length=1, max_length=64)


class Marks(Model):
    """What a person may mark on a task; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    favourite: bool | None = Field(None, description="Whether it is a favourite.")
    circled: bool | None = Field(None, description="Whether it is the chosen take of its shot; no other is then.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.favourite is None and self.circled is None:
            raise ValueError("needs favourite or circled")
        return self


class MarkMessage(ClientMessage, Marks):
    """Marks a task, or takes a mark back."""

    type: Literal["mark"]
    task_id: str = Field(min_length=1, max_length=64)


class DeleteTaskMessage(ClientMessage):
    """Removes an ended task, record and files."""

    type: Literal["delete_task"]
    task_id: str = Field(min_length=1, max_length=64)


class DeleteProjectMessage(ClientMessage):
    """Removes the project, when none of its tasks is open; ``project_id`` must be said once more."""

    type: Literal["delete_project"]
    project_id: str


class PingMessage(ClientMessage):
    """Asks for a `PongMessage`."""

    type: Literal["ping"]


IncomingMessage = (
    StartGenerationMessage
    | StartBatchMessage
    | PromoteMessage
    | CancelMessage
    | MarkMessage
    | DeleteTaskMessage
    | DeleteProjectMessage
    | PingMessage
)
AnyClientMessage = Annotated[IncomingMessage, Field(discriminator="type")]
_CLIENT: TypeAdapter[IncomingMessage] = TypeAdapter(AnyClientMessage, config=ConfigDict(defer_build=True))


def parse(data: Any, project_id: str) -> IncomingMessage:
    """The message that the JSON of a text frame says. Raises `InvalidMessageError` naming what is wrong, never
    repeating it."""
    if not isinstance(data, dict):
        raise InvalidMessageError("A message is a JSON object with a `type`.")
    try:
        message = _CLIENT.validate_python(data)
    except ValidationError as error:
        problems = problems_of(error, root="type", skip=1)
        raise InvalidMessageError("The message cannot be used.", problems=problems) from None
    if message.project_id is not None and message.project_id != project_id:
        raise InvalidMessageError("`project_id` is not the project of this connection.")
    return message


def names_urls(message: IncomingMessage) -> bool:
    """Whether the message may name an input that has to be fetched before it is answered."""
    asked = [message] if isinstance(message, GenerationRequest | PromotionRequest) else getattr(message, "requests", [])
    values = (value for one in asked for value in one.params.values())
    texts = (text for value in values for text in (value if isinstance(value, list) else [value]))
    return any(isinstance(text, str) and text[:6].lower().startswith(("https:", "data:")) for text in texts)


def message_id_of(data: Any) -> str | None:
    """The ``id`` of what may be no message, if it has one that can be answered."""
    try:
        return str(uuid.UUID(data["id"])) if isinstance(data, dict) else None
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
