"""The reference adapters. They keep nothing beyond the process and are the fake of every unit test."""

from auteur.adapters.log.memory.bus import MemoryHub, MemoryProgressBus, MemoryProject
from auteur.adapters.log.memory.library import MemoryProjectLibrary
from auteur.adapters.log.memory.outbox import MemoryWebhookOutbox, MemoryWebhookStore
from auteur.adapters.log.memory.store import MemoryStateStore

__all__ = [
    "MemoryHub",
    "MemoryProgressBus",
    "MemoryProject",
    "MemoryProjectLibrary",
    "MemoryStateStore",
    "MemoryWebhookOutbox",
    "MemoryWebhookStore",
]
