"""The commands of the real clients, called in this process as their console scripts call them.

Owns what a command gets (arguments, standard input, home folder) and what it printed, and counts which commands ran.
Must never change a client. Starting an interpreter for each of some hundred commands would cost minutes.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from cliff.commandmanager import CommandManager
from glanceclient import shell as glance_shell
from glanceclient.v2 import shell as glance_commands
from openstackclient import shell as openstack_shell
from openstackclient.common.clientmanager import ClientManager
from osc_lib.clientmanager import ClientCache

GROUPS = ("openstack.image.v2",)


class _Terminal(io.StringIO):
    """Standard input when nothing is piped in."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Ended:
    """A command's exit code and what it wrote on its two streams."""

    code: int
    out: str
    err: str

    @property
    def printed(self) -> str:
        """What a terminal would show, standard error last."""
        return self.out + self.err


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


class InProcess:
    """One client with the options that every command gets."""

    def __init__(
        self,
        main: Callable[[list[str]], Any],
        options: Sequence[str],
        commands: Sequence[str],
        patch: pytest.MonkeyPatch,
    ) -> None:
        self._main, self._options, self._patch = main, list(options), patch
        self.commands = set(commands)
        self.used: set[str] = set()

    def run(self, *words: str, stdin: bytes | None = None) -> Ended:
        """Run a command to its end."""
        self.used.add(self._command(words))
        out, err = _stream(), _stream()
        with self._patch.context() as patch:
            patch.setattr(sys, "stdin", _Terminal() if stdin is None else io.TextIOWrapper(io.BytesIO(stdin)))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            try:
                code = self._main([*self._options, *words]) or 0
            except SystemExit as end:
                code = 0 if end.code is None else int(end.code) if str(end.code).isdigit() else 1
            except Exception as error:  # noqa: BLE001 - the console script prints it and exits with 1
                code = 1
                err.write(str(error))
        logging.getLogger().handlers.clear()
        return Ended(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]

    def _command(self, words: Sequence[str]) -> str:
        for count in range(len(words), 0, -1):
            if (name := " ".join(words[:count])) in self.commands:
                return name
        raise ValueError(f"the client has no command {words}")

    def __call__(self, *words: str, stdin: bytes | None = None) -> str:
        """Run a command that has to succeed and give what it printed."""
        return self._succeed(words, stdin).printed

    def _succeed(self, words: Sequence[str], stdin: bytes | None = None) -> Ended:
        ended = self.run(*words, stdin=stdin)
        assert ended.code == 0, f"{words}: {ended.printed}"
        return ended

    def fails(self, *words: str) -> str:
        """Run a command that has to fail and give what it printed."""
        ended = self.run(*words)
        assert ended.code != 0, f"{words}: {ended.printed}"
        return ended.printed

    def json(self, *words: str) -> Any:
        """Run a command with JSON output; what it complains of on standard error is no part of that."""
        return json.loads(self._succeed([*words, "-f", "json"]).out)


def glance_in_process(url: str, patch: pytest.MonkeyPatch) -> InProcess:
    """``glance`` with all its commands."""
    names = [name[3:].replace("_", "-") for name in vars(glance_commands) if name.startswith("do_")]
    options = ["--os-image-url", url, "--os-auth-token", "unused"]
    return InProcess(lambda words: glance_shell.OpenStackImagesShell().main(words), options, names, patch)


def openstack_in_process(options: Sequence[str], patch: pytest.MonkeyPatch) -> InProcess:
    """``openstack`` with its image commands."""
    names = [name for group in GROUPS for name, _ in CommandManager(group)]
    return InProcess(run_openstack, options, names, patch)


def run_openstack(words: list[str]) -> int:
    """Run any command of ``openstack`` and give its exit code."""
    # The command's own process would end here; in this one, what it cached of one catalog must not meet the next.
    for cache in [value for part in ClientManager.__mro__ for value in vars(part).values()]:
        if isinstance(cache, ClientCache):
            cache._handle = None
    return openstack_shell.main(words)


def table_value(table: str, name: str) -> str:
    """Give one value of a printed table of names and values."""
    rows = [line.split("|") for line in table.splitlines() if line.startswith("|")]
    return next(row[2].strip() for row in rows if row[1].strip() == name)
