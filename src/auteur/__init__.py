"""auteur: the generation service of a film studio."""

__version__ = "1.0.0"
