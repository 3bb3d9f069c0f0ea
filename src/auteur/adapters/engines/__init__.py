"""Engines behind `TaskHandler`: one file an engine."""
