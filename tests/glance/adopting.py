"""The command ``calotype adopt``, and a catalog that serves what it brought.

Owns how both are run. Must never assert anything but that the command ended as it should.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from click.testing import CliRunner

from catalog.cli.adopt.command import adopt as command
from tests.servers.calotype import Calotype
from tests.servers.glance import ADMIN

Adopt = Callable[..., dict[str, Any]]
EPHEMERAL = ("locations", "direct_url", "stores", "os_glance_importing_to_stores", "os_glance_failed_import")


@contextmanager
def serving(config: Path, environment: Mapping[str, str], tmp_path: Path) -> Iterator[Calotype]:
    """Serve what was adopted, to callers with the tokens of our Glance."""
    with Calotype(tmp_path / "node", environment, ["--config", str(config)], auth="headers") as running:
        yield running


def get(catalog: Calotype, path: str, who: str = ADMIN) -> requests.Response:
    return requests.get(catalog.url + path, headers={"X-Auth-Token": who}, timeout=120)


def comparable(view: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in view.items() if name not in EPHEMERAL} | {"tags": sorted(view["tags"])}


def ways(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["name"]: (one["result"], one["detail"]) for one in report["images"]}


def adopting(config: Path, environment: Mapping[str, str]) -> Adopt:
    """Give what runs the command with these variables and no others of its kind, and gives its report."""
    kept = {name: None for name in os.environ if name.startswith(("CALOTYPE_", "AWS_", "OS_"))}

    def run(*options: str, code: int = 0) -> dict[str, Any]:
        words = ["--config", str(config), "--json", *options]
        done = CliRunner().invoke(command, words, env={**kept, **environment}, catch_exceptions=False)
        assert done.exit_code == code, done.output
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    return run
