"""Who reads sentences: the rules, or a language model where one is named. A part of `Settings`."""

from typing import Self

from pydantic import BaseModel, Field, model_validator

from auteur.entrypoints.values import PREFIX, Bearer, ModelUrl


class ReaderSettings(BaseModel, defer_build=True):
    """Which language model reads, if any does. The prompts go to its address, and nowhere else."""

    reader_url: ModelUrl = Field(
        None,
        description="OpenAI-compatible address of a language model that reads prompts before the rules do, as "
        "http://127.0.0.1:11434/v1; not set: the rules read, and no prompt leaves the service.",
    )
    reader_model: str | None = Field(
        None, min_length=1, max_length=200, description="What the model is called at that address; set both or none."
    )
    reader_key: Bearer = Field(None, description="Sent to that address as a bearer token; not set, none is sent.")
    reader_timeout: float = Field(
        20, gt=0, le=600, description="How long the model may take to answer; then the rules read."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.reader_url is None) != (self.reader_model is None):
            raise ValueError(f"{PREFIX}READER_URL and {PREFIX}READER_MODEL: set both or none")
        return self
