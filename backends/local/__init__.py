"""Folders as a store: ``store`` has the verbs, the modules beside it have one concern each."""

from backends.local.store import LocalStore

__all__ = ["LocalStore"]
