"""The entry points of the previs engine."""

from auteur.adapters.engines.previs.animatic import AnimaticHandler
from auteur.adapters.engines.previs.footage import FilmHandler, FootageHandler
from auteur.adapters.engines.previs.readers import Reader
from auteur.adapters.engines.previs.settings import PrevisSettings
from auteur.adapters.engines.previs.storyboard import StoryboardHandler
from auteur.adapters.engines.tools import EngineTools
from auteur.domain.ports import TaskHandler


def storyboard(tools: EngineTools) -> TaskHandler:
    """`text_to_image`: a frame from a sentence."""
    return StoryboardHandler(tools.processes, _settings(tools), Reader(tools))


def animatic(tools: EngineTools) -> TaskHandler:
    """`image_to_video`: a shot from a frame. `text_to_video`: a shot from a sentence."""
    footage = FootageHandler(tools.processes, tools.artifacts, _settings(tools), Reader(tools))
    return FilmHandler(AnimaticHandler(tools.processes, tools.artifacts), footage)


def _settings(tools: EngineTools) -> PrevisSettings:
    return tools.settings.shared("previs").read(PrevisSettings)
