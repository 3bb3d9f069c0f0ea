"""The entry point of the engine."""

from typing import TYPE_CHECKING

from auteur.adapters.engines.diffusers.settings import DiffusersSettings
from auteur.adapters.engines.diffusers.signatures import lacking
from auteur.adapters.engines.tools import EngineNotConfiguredError, EngineSettingError, EngineTools
from auteur.domain.ports import TaskHandler

if TYPE_CHECKING:
    from auteur.adapters.engines.diffusers.offer import Offer


def make(tools: EngineTools) -> TaskHandler:
    """The task types for which `BACKEND_DIFFUSERS_MODELS` names a model.

    Raises `EngineNotConfiguredError` where it names none or the extra is not installed, `EngineSettingError` where a
    model cannot be used as set.
    """
    settings = tools.settings.read(DiffusersSettings)
    if not settings.models:
        raise EngineNotConfiguredError(lacking() or "set BACKEND_DIFFUSERS_MODELS")
    if missing := lacking():
        raise EngineSettingError("DIFFUSERS_MODELS", missing)
    from auteur.adapters.engines.diffusers.handler import DiffusersHandler  # most installations have no model

    return DiffusersHandler(read_offers(settings), tools, settings)


def read_offers(settings: DiffusersSettings) -> "list[Offer]":
    """What the models offer. Raises `EngineSettingError`."""
    from auteur.adapters.engines.diffusers.offer import make_offer

    offers = []
    for name, model in settings.models.items():
        try:
            offers.append(make_offer(name, model, downloads=settings.downloads))
        except ValueError as error:
            raise EngineSettingError("DIFFUSERS_MODELS", f"{name}: the model {error}") from None
    return offers
