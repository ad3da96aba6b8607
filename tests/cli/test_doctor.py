"""``calotype doctor`` over real servers: verdicts, exit codes, what it prints, and that it leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import catalog
from catalog.app import EXTENSION
from catalog.cli.main import commands
from catalog.doctor.subject import WebRequest
from catalog.doctor.table import CHECKS
from catalog.doctor.web import open_web
from catalog.store import keys
from catalog.store.errors import Unavailable
from catalog.store.interface import Overwrite
from tests.servers.moto import MotoServer
from tests.servers.places import Place, folder_place, s3_place
from tests.servers.rclone import Rclone
from tests.servers.scripted import ScriptedServer, error_reply
from tests.servers.seaweedfs import SeaweedFS

_buckets = count(1)
CREATE, UPDATE = "Conditional writes, raced: create", "Conditional writes, raced: update"


def variables(place: Place) -> dict[str, str]:
    settings = {f"CALOTYPE_{name.upper()}": value for name, value in place.settings.items()}
    return {**place.environment, **settings}


def run(place: Place, *words: str) -> Result:
    return CliRunner().invoke(commands, ["doctor", *words], env=variables(place))


def examined(place: Place, *words: str) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    """Give exit code, whole report, and the verdicts by the names of the checks."""
    done = run(place, "--json", *words)
    assert done.stderr == ""
    report = json.loads(done.stdout)
    return done.exit_code, report, {check["check"]: check["severity"] for check in report["checks"]}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder that exists."""
    (tmp_path / "images").mkdir()
    return folder_place(tmp_path / "images")


@pytest.fixture
def image(place: Place) -> Iterator[str]:
    """An image with data."""
    app = catalog.create_app(**place.settings)
    client = app.test_client()
    made = client.post("/v2/images", json={"name": "disk", "disk_format": "raw", "container_format": "bare"}).json
    assert client.put(made["file"], data=b"disk", content_type="application/octet-stream").status_code == 204
    yield str(made["id"])
    app.extensions[EXTENSION].close()


def test_store_with_a_damaged_image(place: Place, image: str) -> None:
    (blob,) = place.data_keys(image)
    place.store.put(blob, b"dusk", Overwrite())
    before = sorted(info.key for info in place.store.list())
    done = run(place, "--all")
    assert (done.exit_code, done.stderr) == (2, "")
    for words in (CREATE, "Data of images", "danger", f"image {image} (disk)", "what follows:", "what to do:"):
        assert words in done.stdout
    assert sorted(info.key for info in place.store.list()) == before


def test_sound_folder(place: Place) -> None:
    code, report, verdicts = examined(place)
    assert (code, report["exit_code"], report["severity"]) == (0, 0, "ok")
    assert list(verdicts) == [*(check.name for check in CHECKS), "Data of images"]
    assert report["checks"][-1]["findings"][0]["seen"] == "0 records and their 0 bytes are as they were stored"
    assert list(place.store.list()) == []


def test_store_that_ignores_conditions(rclone: Rclone) -> None:
    place = s3_place(rclone, "doctor")
    code, report, verdicts = examined(place, "--sample", "0")
    assert (code, report["severity"]) == (2, "danger")
    assert (verdicts[CREATE], verdicts[UPDATE], verdicts["Objects"]) == ("danger", "danger", "ok")
    assert "Data of images" not in verdicts
    race = next(check for check in report["checks"] if check["check"] == CREATE)["findings"][0]
    assert "up to 4 writers were told that they won" in race["seen"]
    assert "overwrite each other's changes" in race["follows"]
    assert "single_node" in race["do"]
    # This server may list for a while what was removed.
    assert all(info.key.startswith(keys.PROBES) for info in place.store.list())


def test_store_with_harmful_rules_that_checks_no_signature(moto_server: MotoServer) -> None:
    bucket = f"doctor-{next(_buckets)}"
    place = s3_place(moto_server, bucket)
    place.store.prepare(create=True)
    client = moto_server.client()
    rule = {"ID": "end", "Status": "Enabled", "Filter": {"Prefix": "catalog/images/"}, "Expiration": {"Days": 3}}
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    cors = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration=cors)
    code, report, verdicts = examined(place)
    assert code == 2
    assert {name for name, verdict in verdicts.items() if verdict == "danger"} == {
        "Presigned URLs: read",
        "Lifecycle rules",
    }
    assert (verdicts["Versioning"], verdicts["Checksums"], verdicts["CORS"]) == ("warning", "warning", "note")
    seen = [finding["seen"] for check in report["checks"] for finding in check["findings"]]
    assert "the rule 'end' for catalog/images/ removes objects by their age" in seen
    versions = client.list_object_versions(Bucket=bucket)
    assert (versions.get("Versions", []), versions.get("DeleteMarkers", [])) == ([], [])


def test_store_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(commands, ["doctor", "--store", f"file://{tmp_path}/none"])
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert list(tmp_path.iterdir()) == []


def test_refused_credentials(seaweedfs: SeaweedFS) -> None:
    place = s3_place(seaweedfs, "doctor-denied")
    done = CliRunner().invoke(
        commands, ["doctor"], env={**variables(place), "AWS_SECRET_ACCESS_KEY": "some-wrong-secret"}
    )
    assert (done.exit_code, done.stdout) == (3, "")
    assert "some-wrong-secret" not in done.stderr


def test_web_gives_no_url_away() -> None:
    web = open_web("", "", 60.0, 60.0)
    with ScriptedServer() as server:
        server.replies.append(error_reply(403, "AccessDenied"))
        url = f"{server.endpoint}/key?X-Amz-Signature=secret"
        answer = web(WebRequest(url, "PUT", {"Range": "bytes=1-2"}, b"body"))
        assert (answer.status, b"AccessDenied" in answer.body) == (403, True)
        (request,) = server.requests
        assert (request.method, request.body, request.headers["Range"]) == ("PUT", b"body", "bytes=1-2")
    with pytest.raises(Unavailable) as refused:
        open_web("", "", 60.0, 60.0)(WebRequest(url))
    assert "secret" not in str(refused.value)
