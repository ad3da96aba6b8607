"""A catalog that cannot start: it says why in one line and ends. Where settings come from, and which one wins."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import Client
from tests.servers.calotype import Calotype
from tests.servers.ports import free_port
from tests.servers.scripted import ScriptedServer, error_reply
from tests.servers.seaweedfs import SeaweedFS

NOWHERE = "s3://bucket/prefix"


def refusal(folder: Path, environment: Mapping[str, str], options: Sequence[str] = (), **settings: Any) -> str:
    """Start a catalog that must not start, and give the one line that it prints."""
    catalog = Calotype(folder, environment, options, **settings)
    catalog.launch()
    code, printed = catalog.wait(120), catalog.stderr.read_text()
    assert code not in (0, -9), printed
    assert catalog.stdout.read_text() == ""
    assert printed.count("\n") == 1, printed
    assert printed.startswith("calotype: ")
    return printed


WRONG = {
    "unknown variable": ({"CALOTYPE_COLOUR": "red"}, [], {}, ["unknown setting", "CALOTYPE_COLOUR"]),
    "unknown option": ({}, ["--colour", "red"], {}, ["--colour"]),
    "option without value": ({}, ["--store"], {}, ["--store"]),
    "superfluous word": ({}, ["store"], {}, ["store"]),
    "store scheme": ({}, [], {"store": "ftp://host/x"}, ["setting store", "s3://bucket/prefix", "ftp://host/x"]),
    "store with a password": ({}, [], {"store": "s3://key:hunter2@bucket/x"}, ["setting store", "credentials"]),
    "number": ({}, [], {"threads": "many"}, ["setting threads", "whole number", "many"]),
    "number too small": ({}, ["--threads", "0"], {}, ["setting threads", "8 or more"]),
    "size": ({}, [], {"image_size_cap": "10 apples"}, ["setting image_size_cap", "KB", "10 apples"]),
    "boolean": ({}, [], {"create_bucket": "maybe"}, ["setting create_bucket", "true or false", "maybe"]),
    "choice": ({}, [], {"auth": "magic"}, ["setting auth", "none, http_basic, keystone, headers", "magic"]),
    "http_basic without files": ({}, [], {"auth": "http_basic"}, ["setting http_basic_auth_user_file"]),
    "keystone without its address": ({}, [], {"auth": "keystone"}, ["setting keystone_auth_url"]),
    "certificate that is none": ({}, [], {"cert_file": "nowhere.pem"}, ["setting cert_file", "nowhere.pem"]),
    "log level": ({}, ["--log-level", "loud"], {}, ["setting log_level", "info", "loud"]),
    "bind form": ({}, [], {"bind": "9292"}, ["setting bind", "host:port"]),
    "bind elsewhere": ({}, [], {"bind": "0.0.0.0:0"}, ["setting bind", "insecure_bind"]),
    "bind elsewhere, IPv6": ({}, [], {"bind": "[::]:0"}, ["setting bind", "insecure_bind"]),
    "bind to a host that is not ours": ({}, [], {"bind": "192.0.2.1:80", "insecure_bind": "1"}, ["192.0.2.1:80"]),
    "no TOML file": ({}, ["--config", "nowhere.toml"], {}, ["nowhere.toml", "No such file"]),
    "no TOML file, variable": ({"CALOTYPE_CONFIG": "nowhere.toml"}, [], {}, ["nowhere.toml", "No such file"]),
    "parent is missing": ({}, [], {"store": "file:///nowhere/at/all"}, ["/nowhere/at/all"]),
    "folder is a file": ({}, [], {"store": "file:stderr.log"}, ["stderr.log"]),
    "parent is a file": ({}, [], {"store": "file:stderr.log/images"}, ["stderr.log"]),
    "policy file is missing": ({}, [], {"policy_file": "nowhere.yaml"}, ["setting policy_file", "nowhere.yaml"]),
    "protections are empty": (
        {},
        [],
        {"property_protection_file": "stdout.log"},
        ["setting property_protection_file", "stdout.log"],
    ),
    "conversion without a folder": ({}, [], {"image_import_plugins": "image_conversion"}, ["setting work_dir"]),
    "conversion without qemu-img": (
        {"PATH": "/nowhere"},
        [],
        {"image_import_plugins": "image_conversion", "work_dir": "work"},
        ["qemu-img"],
    ),
    "region without an address": ({}, [], {"glance_endpoints": "Two"}, ["setting glance_endpoints", "name=address"]),
    "region with an odd address": ({}, [], {"glance_endpoints": "Two=http://0x7f.1"}, ["setting glance_endpoints"]),
    "schema file is missing": ({}, [], {"image_schema_file": "nowhere.json"}, ["nowhere.json"]),
    "schema file is wrong": ({}, [], {"image_schema_file": "stdout.log"}, ["stdout.log"]),
    "unreachable store": ({}, [], {"store": NOWHERE, "s3_endpoint": "http://127.0.0.1:9"}, ["127.0.0.1:9"]),
    "unknown host": ({}, [], {"store": NOWHERE, "s3_endpoint": "http://s3.invalid"}, ["s3.invalid"]),
    "unknown profile": ({}, ["--s3-profile", "nobody"], {"store": NOWHERE}, ["nobody"]),
}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "some-key", "AWS_SECRET_ACCESS_KEY": "some-secret"}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, case: str):
    environment, options, settings, words = WRONG[case]
    line = refusal(tmp_path, {**CREDENTIALS, **environment}, options, **settings)
    for word in words:
        assert word in line
    for secret in ("hunter2", "some-secret"):
        assert secret not in line


TOML = {
    "unknown name": ('colour = "red"', ["settings.toml", "unknown setting", "colour"]),
    "table": ("[store]\nurl = 1", ["store"]),
    "wrong value": ("threads = true", ["setting threads", "whole number"]),
    "no TOML": ("threads : 9", ["settings.toml", "line 1"]),
    "not UTF-8": (b"auth = '\xff'", ["settings.toml"]),
}


@pytest.mark.parametrize("case", TOML)
def test_what_is_wrong_in_a_file_is_said_in_one_line(tmp_path: Path, case: str):
    text, words = TOML[case]
    (tmp_path / "settings.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    line = refusal(tmp_path, {}, ["--config", "settings.toml"])
    for word in words:
        assert word in line


def test_port_in_use(tmp_path: Path):
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        line = refusal(tmp_path, {}, bind=bind)
    assert bind in line
    assert "in use" in line


BUCKET = {
    "missing bucket": ({}, {"store": "s3://not-there/x"}, ["not-there", "--create-bucket"]),
    "wrong secret": ({"AWS_SECRET_ACCESS_KEY": "some-secret"}, {}, ["credentials"]),
    "unknown key": ({"AWS_ACCESS_KEY_ID": "some-key"}, {}, ["credentials"]),
    "no credentials": ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, {}, ["credentials"]),
}


@pytest.mark.parametrize("case", BUCKET)
def test_bucket_that_cannot_be_used(tmp_path: Path, seaweedfs: SeaweedFS, case: str):
    variables, settings, words = BUCKET[case]
    environment = {**seaweedfs.environment, "AWS_EC2_METADATA_DISABLED": "true", **variables}
    settings = {"store": "s3://readiness/x", "s3_endpoint": seaweedfs.endpoint, **settings}
    line = refusal(tmp_path, environment, **settings)
    for word in words:
        assert word in line
    for secret in (seaweedfs.secret_key, "some-secret"):
        assert secret not in line


def test_bucket_that_may_not_be_written(tmp_path: Path):
    with ScriptedServer() as server:
        server.otherwise = error_reply(403, "AccessDenied")
        line = refusal(tmp_path, CREDENTIALS, store=NOWHERE, s3_endpoint=server.endpoint)
    assert "bucket" in line


def test_create_bucket_makes_it_and_later_starts_need_no_option(tmp_path: Path, seaweedfs: SeaweedFS):
    settings = {"store": "s3://made-at-start/some/prefix", "s3_endpoint": seaweedfs.endpoint}
    with Calotype(tmp_path / "a", seaweedfs.environment, ["--create-bucket"], **settings) as catalog:
        Client(catalog.url).add("kept", b"bytes")
    with Calotype(tmp_path / "b", seaweedfs.environment, **settings) as catalog:
        assert Client(catalog.url).names() == ["kept"]
    listed = seaweedfs.client().list_objects_v2(Bucket="made-at-start")["Contents"]
    assert {entry["Key"].split("/")[2] for entry in listed} >= {"images", "index"}
    assert all(entry["Key"].startswith("some/prefix/") for entry in listed)


def test_option_wins_over_variable_over_file(tmp_path: Path):
    folders = {name: tmp_path / name for name in ("file", "variable", "option")}
    toml = f'store = "file://{folders["file"]}"\nlimit_param_default = 1\nimage_tag_quota = 1\n'
    (tmp_path / "settings.toml").write_text(toml)
    environment = {"CALOTYPE_CONFIG": "settings.toml"}
    settings = {"store": f"file://{folders['variable']}", "limit_param_default": "2"}
    with Calotype(tmp_path, environment, ["--store", f"file://{folders['option']}"], **settings) as catalog:
        client = Client(catalog.url)
        for number in range(3):
            client.create(f"image-{number}")
        assert len(client.names()) == 2
        answer = client.call("POST", "/v2/images", json={"tags": ["a", "b"]})
        assert answer.status_code == 413
    assert [name for name, path in folders.items() if path.exists()] == ["option"]


def test_options_that_are_on_can_be_turned_off(tmp_path: Path):
    options = ["--require-image-format-match", "false", "--show-image-direct-url", "--log-level=error"]
    with Calotype(tmp_path, options=options) as catalog:
        client = Client(catalog.url)
        image_id = client.add("no-qcow2", b"plain bytes", disk_format="qcow2")
        assert client.show(image_id)["direct_url"].startswith("file://")
        assert catalog.log_lines() == []


def test_insecure_bind_opens_other_addresses(tmp_path: Path):
    catalog = Calotype(tmp_path, insecure_bind="true")
    catalog.settings["bind"] = f"0.0.0.0:{catalog.port}"
    with catalog:
        assert Client(catalog.url).names() == []
        printed = catalog.stdout.read_text()
    assert f"listens on http://0.0.0.0:{catalog.port}\n" in printed
    assert f"--os-endpoint http://127.0.0.1:{catalog.port} image list\n" in printed, "a client can use no other"
