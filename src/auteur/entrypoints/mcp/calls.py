"""One call of a tool, and what comes of it."""

from dataclasses import dataclass
from pathlib import Path

from auteur.entrypoints.mcp.answers import Answer
from auteur.entrypoints.mcp.catalogue import Catalogue, CatalogueKeeper
from auteur.entrypoints.mcp.room import Room
from auteur.entrypoints.mcp.watching import Tell


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for a model to see, in base 64."""

    data: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool: whom it asks, what it may tell meanwhile, and what was opened for it."""

    room: Room
    keeper: CatalogueKeeper
    tell: Tell
    pictures: Path | None = None

    async def catalogue(self) -> Catalogue:
        return await self.keeper.read(self.room)


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool answers."""

    answer: Answer
    picture: Picture | None = None
