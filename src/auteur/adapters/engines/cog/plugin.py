"""The entry point of the Cog engine."""

from typing import TYPE_CHECKING

from auteur.adapters.engines.cog.settings import CogSettings
from auteur.adapters.engines.tools import EngineNotConfiguredError, EngineSettingError, EngineTools

if TYPE_CHECKING:
    from auteur.adapters.engines.cog.handler import CogHandler


def make(tools: EngineTools) -> "CogHandler":
    """One task type for each model that is set."""
    settings = tools.settings.read(CogSettings)
    if not settings.models:
        raise EngineNotConfiguredError("set BACKEND_COG_MODELS to the models that are served")
    if settings.webhook_url is not None and settings.listen_at[1] == 0:
        raise EngineSettingError("COG_LISTEN", "must name the port behind COG_WEBHOOK_URL, as 0.0.0.0:9100")
    from auteur.adapters.engines.cog.handler import CogHandler  # needs the extra; most installations do not
    from auteur.adapters.engines.cog.schema import SchemaError

    folder = None if tools.folder is None else tools.folder / "cog"
    try:
        return CogHandler(settings, tools.artifacts, folder)
    except SchemaError as error:
        raise EngineSettingError("COG_MODELS", str(error)) from error
