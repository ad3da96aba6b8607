"""Fixtures: catalogs in memory whose sweep a test runs."""

from tests.api.conftest import make_api

__all__ = ["make_api"]
