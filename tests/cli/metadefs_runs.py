"""Runs of ``calotype metadefs`` over a folder store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import catalog
from catalog.app import EXTENSION
from catalog.cli.main import main

SAMPLES = Path(__file__).parent / "metadefs"

SHAPE, BACKUP, WORDS = "Example::Machine::Shape", "Example::Backup", "Example::Words"

ALL = {SHAPE, BACKUP, WORDS}


class Run:
    """Runs the command in this process, on the store of one test."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self._patch, self._capture = folder, patch, capture
        patch.setenv("CALOTYPE_STORE", f"file://{folder}/store")

    def __call__(self, *words: str | Path) -> tuple[int, list[str], list[str]]:
        """Give the exit code and the lines of both streams."""
        self._patch.setattr(sys, "argv", ["calotype", "metadefs", *map(str, words)])
        self._capture.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = self._capture.readouterr()
        return int(end.value.code or 0), out.splitlines(), err.splitlines()

    def get(self, path: str) -> Any:
        """Ask a catalog over the same store."""
        app = catalog.create_app(store=f"file://{self.folder}/store")
        try:
            answer = app.test_client().get(f"/v2/metadefs/{path}")
            assert answer.status_code in (200, 404), answer.text
            return answer.json if answer.status_code == 200 else None
        finally:
            app.extensions[EXTENSION].close()

    def names(self) -> set[str]:
        return {one["namespace"] for one in self.get("namespaces")["namespaces"]}
