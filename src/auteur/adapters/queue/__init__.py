"""Adapters of `TaskQueue`."""
