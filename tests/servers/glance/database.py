"""SQLite as Glance needs it: a transaction waits from its first statement on for the one before it.

Runs inside Glance's process. Its transactions read first and ask for the right to write later, which SQLite refuses
at once, whatever the timeout, where another one wrote meanwhile; the task of an import is lost then. Must never be
used by another process than Glance's.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event


def use_immediate_transactions() -> None:
    """Take the right to write at the beginning (SQLite, "BEGIN IMMEDIATE")."""
    event.listen(Engine, "before_cursor_execute", _begin_immediately, retval=True)


def _begin_immediately(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> tuple[str, Any]:
    return ("BEGIN IMMEDIATE" if statement == "BEGIN" else statement), parameters
