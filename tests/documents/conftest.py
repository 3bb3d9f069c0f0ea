"""A running service, as the end-to-end tests have it."""

from tests.e2e.conftest import service

__all__ = ["service"]
