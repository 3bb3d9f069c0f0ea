"""Previsualisation: reads a sentence as a shot, blocks it as a small set, and renders that. A board, not a model."""
