"""A catalog and a real client over whatever S3 server is given: ``--endpoint``, else ministack.

Owns the look at a server that is not ours: credentials come from the environment then.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openstack
import pytest
import yaml
from botocore.exceptions import ClientError

from catalog.clock import new_token
from tests.docs.markdown import ROOT
from tests.e2e.support import Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.named import NamedServer
from tests.servers.places import s3_place

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
HOOK = ROOT / "localstack" / "init" / "bucket.py"
LARGE = random_bytes(12 * 2**20 + 1)


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Any:
    """The S3 server."""
    endpoint = request.config.getoption("endpoint")
    return NamedServer(endpoint) if endpoint else request.getfixturevalue("ministack")


@pytest.fixture(scope="module")
def bucket(server: Any) -> Iterator[str]:
    """A name that no bucket has; the bucket goes with all that is in it."""
    name = f"calotype-{new_token()}"
    yield name
    client = server.client()
    for upload in client.list_multipart_uploads(Bucket=name).get("Uploads", ()):
        client.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
        for entry in page.get("Contents", ()):
            client.delete_object(Bucket=name, Key=entry["Key"])
    client.delete_bucket(Bucket=name)
    client.close()


def _run_hook(server: Any, bucket: str) -> str:
    variables = {**os.environ, **server.environment, "ENDPOINT": server.endpoint, "BUCKET": bucket}
    done = subprocess.run(
        [sys.executable, str(HOOK)], env=variables, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _rules(server: Any, bucket: str) -> list[str]:
    """Name the rules of the bucket."""
    try:
        rules = server.client().get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchLifecycleConfiguration"
        return []
    return [rule["ID"] for rule in rules]


def test_hook_makes_bucket_and_again_nothing_round_trip(server: Any, bucket: str):
    assert f"bucket {bucket} made" in _run_hook(server, bucket)
    assert f"bucket {bucket}" in _run_hook(server, bucket)  # in us-east-1 some servers answer as if it were new
    assert _rules(server, bucket) == []


def test_command_of_the_container_puts_our_rules_in_round_trip(server: Any, bucket: str, tmp_path: Path):
    """All of them or, where the server keeps one in another form than it was given, none; the server starts anyhow."""
    _run_hook(server, bucket)
    document = yaml.safe_load((ROOT / "localstack" / "catalog.yml").read_text(encoding="utf-8"))
    shell, option, script = document["services"]["catalog"]["entrypoint"]
    assert script.endswith("; exec calotype serve")
    place = s3_place(server, bucket)
    variables = {f"CALOTYPE_{name.upper()}": value for name, value in place.settings.items()}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [shell, option, script.replace("serve", "store check")], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, **place.environment, **variables, "PATH": path}, timeout=200, check=False,
    )  # fmt: skip
    names = _rules(server, bucket)
    if "rules installed" in done.stdout:
        assert (done.returncode, "all rules are there" in done.stdout) == (0, True), done.stdout + done.stderr
        assert {name.split()[0] for name in names} == {"calotype"}
    else:
        assert "none installed; the sweep does it all" in done.stdout, done.stdout + done.stderr
        assert (done.returncode, names) == (1, [])


def test_client_and_second_node_round_trip(server: Any, bucket: str, tmp_path: Path):
    place = s3_place(server, bucket)
    settings = {**place.settings, "upload_part_size": "5MB"}
    with Calotype(tmp_path / "first", place.environment, **settings) as catalog:
        cloud = openstack.connect(auth_type="none", endpoint=catalog.url).image
        for name, data in (("small", b"0123456789"), ("large", LARGE)):
            image = cloud.create_image(name, data=BytesIO(data), wait=True, disk_format="raw", container_format="bare")
            assert [found.id for found in cloud.images(name=name)] == [image.id]
            assert cloud.download_image(image).content == data
            ranged = Client(catalog.url).call("GET", f"/v2/images/{image.id}/file", headers={"Range": "bytes=3-6"})
            assert (ranged.status_code, ranged.content) == (206, data[3:7])
            cloud.delete_image(image.id)
        wait_for(lambda: Client(catalog.url).call("GET", "/ready").status_code == 200, "readiness")
        assert Client(catalog.url).names() == []
        kept = Client(catalog.url).add("kept", b"bytes")
    with Calotype(tmp_path / "second", place.environment, **settings) as second:
        assert Client(second.url).names() == ["kept"], "the bucket is all that there is"
        assert Client(second.url).data(kept) == b"bytes"
