"""The keys of the store never show: not in records, logs, answers or local files, whatever goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.support import MIB, Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import s3_place
from tests.servers.seaweedfs import SeaweedFS

ACCESS, SECRET, LATER_SECRET = "KeyThatNobodyMaySee1", "SecretThatNobody/May+See2", "SecretOfTomorrow/And+Later3"
ALL = (ACCESS, SECRET, LATER_SECRET)


class _Guarded(SeaweedFS):
    """SeaweedFS with keys that are found again wherever they are; a slash in one often needs quoting."""

    access_key, secret_key = ACCESS, SECRET

    def change_secret(self) -> None:
        """Make the server refuse the secret that it took until now."""
        config = self.folder / "s3.json"
        config.write_text(config.read_text().replace(json.dumps(SECRET), json.dumps(LATER_SECRET)))
        self.secret_key = LATER_SECRET
        self.kill()
        self.start()


@pytest.fixture
def guarded() -> Iterator[_Guarded]:
    with _Guarded() as server:
        yield server


def _assert_absent(what: str, content: bytes) -> None:
    for secret in ALL:
        for written in (secret, secret.replace("/", "%2F").replace("+", "%2B"), json.dumps(secret)[1:-1]):
            assert written.encode() not in content, f"{written} is in {what}"


def _assert_absent_from_disk(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"stderr.log", "index.sqlite"} <= {path.name for path in files}
    for path in files:
        _assert_absent(path.name, path.read_bytes())


def test_keys_show_nowhere(guarded: _Guarded, tmp_path: Path):
    place = s3_place(guarded, "guarded")
    settings = {
        "log_level": "debug", "show_image_direct_url": "true", "show_multiple_locations": "true",
        "upload_part_size": "5MB",
    }  # fmt: skip
    answers: list[bytes] = []
    with Calotype(tmp_path / "catalog", place.environment, **{**place.settings, **settings}) as catalog:
        client = Client(catalog.url)

        def work(name: str, expected: int) -> None:
            answer = client.call("POST", "/v2/images", json={"name": name})
            assert answer.status_code == expected
            for path in ("/v2/images", f"/v2/images/{large}", f"/v2/images/{large}/file", "/v2/schemas/image", "/"):
                answer = client.call("GET", path, headers={"Range": "bytes=0-99"})
                answers.append(f"{answer.headers}".encode() + answer.content)

        large = client.add("large", random_bytes(17 * MIB))
        assert client.show(large)["direct_url"].startswith("s3://guarded/")
        work("all is well", 201)
        guarded.kill()
        work("the store is away", 503)
        guarded.start()
        guarded.change_secret()
        work("wrong credentials", 503)
        wait_for(lambda: any(line["level"] == "error" for line in catalog.log_lines()), "a line on the error")
        assert catalog.stop() == 0
    assert len(answers) == 15
    for number, content in enumerate(answers):
        _assert_absent(f"answer {number}", content)
    _assert_absent_from_disk(tmp_path / "catalog")
    later = s3_place(guarded, "guarded").store
    for info in later.list():
        if info.size < MIB:
            with later.get(info.key) as body:
                _assert_absent(info.key, body.read())
