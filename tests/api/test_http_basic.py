"""``auth = http_basic``: users of two files, by name and password."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from werkzeug.test import TestResponse

from catalog.api.identity import passwords
from catalog.settings import SettingsError
from tests.api.support import Api

CHALLENGE = 'Basic realm="Calotype", charset="UTF-8"'
ROLES = "# user: project: roles\nalice:red:member\nrita:red:reader\nroot:red:admin\nbob:blue:member,service\n"


def hashed(password: str, cost: int = 4) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


class Files:
    """Both files; every write gives them another time."""

    def __init__(self, folder: Path) -> None:
        self.passwords, self.roles = folder / "htpasswd", folder / "roles"
        self._writes = 0
        names = ("alice", "rita", "root", "bob")
        self.write(self.passwords, "".join(f"{name}:{hashed(f'{name}-secret')}\n" for name in names))
        self.write(self.roles, ROLES)

    def write(self, path: Path, text: str) -> None:
        path.write_text(text)
        self._writes += 1
        os.utime(path, (self._writes, self._writes))

    def settings(self) -> dict[str, str]:
        names = {"http_basic_auth_user_file": self.passwords, "http_basic_auth_role_file": self.roles}
        return {"auth": "http_basic", **{name: str(path) for name, path in names.items()}}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def api(files: Files) -> Iterator[Api]:
    made = Api(**files.settings())
    yield made
    made.close()


def call(api: Api, method: str, path: str, given: str | None, **options: Any) -> TestResponse:
    headers = {"Authorization": "Basic " + base64.b64encode(given.encode()).decode()} if given else {}
    return api.call(method, path, None, headers=headers, **options)


def status(api: Api, given: str, method: str = "GET", path: str = "/v2/images", **options: Any) -> int:
    return call(api, method, path, given, **options).status_code


def test_projects_and_roles(api: Api):
    made = call(api, "POST", "/v2/images", "alice:alice-secret", json={"name": "one"})
    assert (made.status_code, made.json["owner"]) == (201, "red")
    path = f"/v2/images/{made.json['id']}"
    assert status(api, "rita:rita-secret", path=path) == 200
    assert status(api, "rita:rita-secret", "DELETE", path) == 403
    assert status(api, "bob:bob-secret", path=path) == 404
    assert status(api, "root:root-secret", path="/v2/tasks") == 200
    assert status(api, "alice:alice-secret", path="/v2/tasks") == 403


def test_versions_need_no_password(api: Api):
    assert api.get("/versions", None).status_code == 200
    assert api.get("/healthcheck", None).status_code == 200


@pytest.mark.parametrize(
    "header",
    [None, "Basic", "Basic !!!", "Basic YWxpY2U=", "Bearer YWxpY2U6YWxpY2Utc2VjcmV0", "Basic //9hOmI="],
    ids=["none", "empty", "not base64", "no colon", "another scheme", "not UTF-8"],
)
def test_headers_that_prove_nothing(api: Api, header: str | None):
    answer = api.call("GET", "/v2/images", None, headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, CHALLENGE)


@pytest.mark.parametrize(
    "given",
    [
        "alice:", "alice:wrong", "Alice:alice-secret", "nobody:alice-secret", ":alice-secret", "alice:rita-secret",
        "alice:" + "x" * 100, "alice:alice-secret" + "\0", "nobody:",
    ],
)  # fmt: skip
def test_wrong_passwords_cost_the_same(api: Api, files: Files, monkeypatch: pytest.MonkeyPatch, given: str):
    files.write(files.passwords, files.passwords.read_text().replace(_line(files, "rita"), f"rita:{hashed('r', 6)}"))
    rounds = []

    def counting(password: bytes, against: bytes, check: Callable[..., bool] = bcrypt.checkpw) -> bool:
        rounds.append(2 ** int(against[4:6]))
        return check(password, against)

    monkeypatch.setattr(passwords.bcrypt, "checkpw", counting)
    assert status(api, given) == 401
    assert sum(rounds) == 2**6, "what the dearest hash of the file costs"


def _line(files: Files, name: str) -> str:
    return next(line for line in files.passwords.read_text().splitlines() if line.startswith(f"{name}:"))


def test_right_passwords_are_remembered_for_a_while(files: Files, monkeypatch: pytest.MonkeyPatch):
    now, calls = [0.0], []

    def counting(password: bytes, against: bytes, check: Callable[..., bool] = bcrypt.checkpw) -> bool:
        calls.append(against)
        return check(password, against)

    monkeypatch.setattr(passwords.bcrypt, "checkpw", counting)
    from catalog.api.identity.user_files import read_users

    users, checker = read_users(files.passwords, files.roles), passwords.Passwords(lambda: now[0])
    for _ in range(3):
        assert checker.is_right(users, "alice", b"alice-secret")
    assert len(calls) == 1
    assert not checker.is_right(users, "alice", b"alice-secret2")
    assert not checker.is_right(users, "rita", b"alice-secret")
    assert len(calls) == 3
    now[0] += passwords.LIFETIME
    assert checker.is_right(users, "alice", b"alice-secret")
    assert len(calls) == 4
    assert b"secret" not in repr((vars(checker), users)).encode()
    changed = {**users, "alice": users["rita"]}
    assert not checker.is_right(changed, "alice", b"alice-secret"), "a new password makes the old one void at once"


def test_change_of_the_files_counts_at_once(api: Api, files: Files):
    assert status(api, "alice:alice-secret") == 200
    files.write(files.passwords, files.passwords.read_text().replace(_line(files, "alice"), f"alice:{hashed('new')}"))
    assert (status(api, "alice:alice-secret"), status(api, "alice:new")) == (401, 200)
    files.write(files.roles, ROLES.replace("alice:red:member", "alice:red:"))
    assert status(api, "alice:new") == 403


@pytest.mark.parametrize(
    "broken",
    ["alice", "alice:plain", "alice:$apr1$x$y", "alice:{SHA}abc", "alice:$2y$31$" + "a" * 53, "\n"],
)
def test_bad_file_keeps_the_old_users(api: Api, files: Files, broken: str, caplog: pytest.LogCaptureFixture):
    files.write(files.passwords, broken)
    assert status(api, "alice:alice-secret") == 200
    assert "files are wrong" in caplog.text
    files.passwords.unlink()
    assert status(api, "alice:alice-secret") == 200
    files.write(files.passwords, "".join(f"{name}:{hashed('x')}\n" for name in ("alice", "rita", "root", "bob")))
    assert (status(api, "alice:alice-secret"), status(api, "alice:x")) == (401, 200)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("passwords", "alice:$apr1$a$b\n", "line 1: the password of alice must be hashed by bcrypt"),
        ("passwords", "alice\n", "line 1: must be user:hash"),
        ("roles", "alice:red\n", "line 1: must be user:project:role,role"),
        ("roles", ROLES + "bob:red:\n", "line 6: bob has a line already"),
        ("roles", ROLES + "zoe:red:\n", "line 6: zoe has no line in"),
        ("roles", ROLES.replace("bob:blue", "bob:"), "bob needs a project"),
        ("roles", "alice:red:member\n", "bob of"),
    ],
)
def test_start_with_a_bad_file(files: Files, file: str, text: str, said: str):
    getattr(files, file).write_text(text)
    with pytest.raises(SettingsError, match="setting auth: http_basic: ") as refused:
        Api(**files.settings())
    assert said in str(refused.value)
    assert "$apr1$" not in str(refused.value)


def test_start_without_files(files: Files, tmp_path: Path):
    for name in ("http_basic_auth_user_file", "http_basic_auth_role_file"):
        for value, said in (("", "auth http_basic needs it"), (str(tmp_path / "none"), "No such file")):
            with pytest.raises(SettingsError, match=f"setting {name}: .*{said}"):
                Api(**{**files.settings(), name: value})
