"""What all messages, bodies and views are."""

from pydantic import BaseModel, ConfigDict

ALWAYS_TOLD = ConfigDict(json_schema_serialization_defaults_required=True)
"""Of what is told: a field that has a value of its own is told with it, and who reads may count on it."""


class Model(BaseModel):
    """Built when it is first used: a service starts without those that nobody has asked for yet."""

    model_config = ConfigDict(defer_build=True)
