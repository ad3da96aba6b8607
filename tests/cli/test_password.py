"""``calotype password``: lines that http_basic takes."""

from __future__ import annotations

from pathlib import Path

import bcrypt
import pytest
from click.testing import CliRunner

from catalog.api.identity.user_files import read_users
from catalog.cli.main import commands


def test_line_is_taken(tmp_path: Path) -> None:
    done = CliRunner().invoke(commands, ["password", "alice"], input="alice-secret\n")
    assert done.exit_code == 0
    (tmp_path / "users").write_text(done.output)
    (tmp_path / "roles").write_text("alice:demo:manager\n")
    user = read_users(tmp_path / "users", tmp_path / "roles")["alice"]
    assert bcrypt.checkpw(b"alice-secret", user.hash)
    assert (user.project, user.roles, user.cost) == ("demo", {"manager", "member", "reader"}, 12)


@pytest.mark.parametrize(
    ("name", "typed"), [("a:b", "x\n"), ("", "x\n"), ("#a", "x\n"), ("alice", ""), ("alice", "x" * 73)]
)
def test_what_is_refused(name: str, typed: str) -> None:
    done = CliRunner().invoke(commands, ["password", name], input=typed)
    assert done.exit_code == 1
    assert "$2b$" not in done.output
