"""The page of log lines names every event that the code writes, and no others."""

from __future__ import annotations

import ast
import json
import logging
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog import logs
from tests.docs.markdown import ROOT

_LEVELS = {"debug", "info", "warning", "error"}


def _calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LEVELS:
            yield node


def written() -> dict[str, set[str]]:
    """Give the events of the code with their levels."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "catalog").rglob("*.py"):
        if "structlog.get_logger" in path.read_text(encoding="utf-8"):
            for call in _calls(path):
                if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in ("log", "_log"):
                    assert isinstance(call.args[0], ast.Constant), f"{path}: the event of a line is not one text"
                    found.setdefault(str(call.args[0].value), set()).add(call.func.attr)
    return found


def documented() -> dict[str, set[str]]:
    """Give the events of the page with their levels."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "docs" / "logs.md").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"\| (`.+`) \| (debug|info|warning|error) \|", line):
            for event in re.findall(r"`([^`]+)`", match[1]):
                found.setdefault(event, set()).add(match[2])
    return found


def test_page_names_the_events_of_the_code():
    assert documented() == written()


@pytest.fixture
def configured() -> Iterator[None]:
    """Logging as the server has it, put back afterwards."""
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = list(root.handlers), root.level
    unraisable = logs.sys.unraisablehook
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    threading.excepthook, logs.sys.unraisablehook = hook, unraisable


def test_failed_thread_and_warning_are_objects_too(configured: None, capsys: pytest.CaptureFixture[str]):
    logs.configure("info")
    thread = threading.Thread(target=lambda: 1 // 0, name="broken")
    thread.start()
    thread.join()
    logging.getLogger("py.warnings").warning("old call")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["thread failed", "old call"]
    assert "ZeroDivisionError" in lines[0]["exception"]
    assert all({"event", "level", "timestamp", "logger"} <= line.keys() for line in lines)
