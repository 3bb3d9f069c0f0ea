"""Pipelines of diffusers, in a warm child process that keeps models loaded. See docs/diffusers.md."""
