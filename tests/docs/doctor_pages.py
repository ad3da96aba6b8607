"""Writes what ``calotype doctor`` says of the servers of the tests into docs/stores.md; run by ``make docs-stores``.

Owns the part of the page between its two marks. Must never write a verdict that was not just found.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from rich.console import Console
from rich.progress import track

from catalog.cli.main import commands
from tests.docs.markdown import ROOT
from tests.servers.ministack import MiniStack
from tests.servers.moto import MotoServer
from tests.servers.places import Place, folder_place, s3_place
from tests.servers.rclone import Rclone
from tests.servers.s3server import S3Server
from tests.servers.seaweedfs import SeaweedFS

PAGE = ROOT / "docs" / "stores.md"
BEGIN, END = "<!-- doctor: begin, written by `make docs-stores` -->", "<!-- doctor: end -->"
Report = Mapping[str, Any]


def examine(place: Place) -> Report:
    """Run the command on a place and give its report."""
    settings = {f"CALOTYPE_{name.upper()}": value for name, value in place.settings.items()}
    done = CliRunner().invoke(commands, ["doctor", "--json"], env={**place.environment, **settings})
    report: Report = json.loads(done.stdout)
    return report


@contextmanager
def _folder() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:
        yield folder_place(Path(folder))


def _bucket(kind: type[S3Server]) -> Callable[[], Any]:
    @contextmanager
    def start() -> Iterator[Place]:
        with kind() as server:
            yield s3_place(server, "examined")

    return start


SERVERS: Mapping[str, Callable[[], Any]] = {
    "Folder": _folder,
    "SeaweedFS": _bucket(SeaweedFS),
    "moto": _bucket(MotoServer),
    "ministack": _bucket(MiniStack),
    "rclone serve s3": _bucket(Rclone),
}


def verdicts(report: Report) -> dict[str, str]:
    """Give the verdicts of a report by the names of the checks."""
    return {check["check"]: check["severity"] for check in report["checks"]}


def printed_verdicts(page: str, server: str) -> dict[str, str]:
    """Give the verdicts that the page shows of a server."""
    rows = [line.strip("| ").split(" | ") for line in page.split(BEGIN)[1].split(END)[0].splitlines() if "|" in line]
    column = rows[0].index(server)
    return {row[0]: row[column].strip("*") for row in rows[2:] if len(row) == len(rows[0])}


def markdown(reports: Mapping[str, Report]) -> str:
    """Give the part of the page: a table of all verdicts, then what was seen where one is not ok."""
    by_server = {server: verdicts(report) for server, report in reports.items()}
    checks = list(next(iter(by_server.values())))
    lines = [f"| Check | {' | '.join(reports)} |", "|---" * (len(reports) + 1) + "|"]
    for check in checks:
        lines.append(f"| {check} | {' | '.join(_marked(found[check]) for found in by_server.values())} |")
    for server, report in reports.items():
        lines += ["", *_section(server, report)]
    return "\n".join(lines)


def _section(server: str, report: Report) -> Iterator[str]:
    answers = f", which calls itself `{report['server']}`," if report["server"] else ""
    yield f"**{server}**{answers} ends with exit code {report['exit_code']}."
    for check in report["checks"]:
        for finding in check["findings"]:
            if finding["severity"] != "ok":
                seen = finding["seen"].replace("|", "\\|")
                yield f"- {check['check']}, {finding['severity']}: {seen}. So {finding['follows']}."


def _marked(verdict: str) -> str:
    return f"**{verdict}**" if verdict in ("warning", "danger") else verdict


def main() -> None:
    """Examine all servers and write the page."""
    reports = {}
    for server in track(SERVERS, "Examining", console=Console(stderr=True)):
        with SERVERS[server]() as place:
            reports[server] = examine(place)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{markdown(reports)}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
