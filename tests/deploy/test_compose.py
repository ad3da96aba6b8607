"""The compose files: the parts that each service may have, and that everything named in them exists.

No container engine is here: they were not run. The hook and the command that they use are run by tests/localstack.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from catalog.settings import SETTINGS
from tests.docs.markdown import ROOT

FILES = [ROOT / f"localstack/{name}/docker-compose.yml" for name in ("localstack", "minio", "seaweedfs")]
COMMON = ROOT / "localstack/catalog.yml"
TEXTS = {"type": "array", "items": {"type": "string"}}
CONDITIONS = ["service_started", "service_healthy", "service_completed_successfully"]
SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "image": {"type": "string", "pattern": "^[a-z0-9./-]+:[A-Za-z0-9.-]+$"},
        "build": {"type": "object", "required": ["context"], "properties": {"context": {"const": ".."}}},
        "extends": {
            "type": "object", "required": ["file", "service"], "additionalProperties": False,
            "properties": {"file": {"type": "string"}, "service": {"type": "string"}},
        },
        "command": TEXTS, "entrypoint": TEXTS, "volumes": TEXTS, "tmpfs": TEXTS, "cap_drop": TEXTS,
        "security_opt": TEXTS,
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "ports": {"type": "array", "items": {"pattern": r"^127\.0\.0\.1:\d+:\d+$"}},
        "depends_on": {
            "oneOf": [
                TEXTS,
                {"type": "object", "additionalProperties": {
                    "type": "object", "required": ["condition"], "properties": {"condition": {"enum": CONDITIONS}}}},
            ]
        },
        "healthcheck": {"type": "object", "required": ["test"]},
        "read_only": {"type": "boolean"}, "restart": {"enum": ["no", "unless-stopped"]},
        "stop_grace_period": {"pattern": "^[0-9]+s$"},
    },
}  # fmt: skip
COMPOSE = {
    "type": "object", "additionalProperties": False, "required": ["services"],
    "properties": {
        "services": {"type": "object", "additionalProperties": SERVICE},
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
    },
}  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validate(found, COMPOSE)
    return dict(found)


def whole(path: Path, name: str) -> dict[str, Any]:
    """Give a service with what it extends."""
    service = read(path)["services"][name]
    if "extends" not in service:
        return dict(service)
    base = whole((path.parent / service["extends"]["file"]).resolve(), service["extends"]["service"])
    environment = {**base.get("environment", {}), **service.get("environment", {})}
    return {**base, **service, "environment": environment}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_everything_that_is_named_exists(path: Path):
    document = read(path)
    assert {"s3", "catalog"} <= set(document["services"])
    for service in document["services"].values():
        assert set(service.get("depends_on", ())) <= set(document["services"])
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (path.parent / source).exists() if source.startswith(".") else source in document["volumes"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_catalog_begins_after_its_bucket_and_has_settings_that_exist(path: Path):
    catalog = whole(path, "catalog")
    named = {name for name in catalog["environment"] if name.startswith("CALOTYPE_")}
    assert named <= {row.env for row in SETTINGS.values()}
    for name in named:
        next(row for row in SETTINGS.values() if row.env == name).parse(catalog["environment"][name])
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "CALOTYPE_S3_ENDPOINT"} <= set(catalog["environment"])
    assert {one["condition"] for one in catalog["depends_on"].values()} <= set(CONDITIONS[1:])
    hook = str(ROOT / "localstack/init/bucket.py")
    assert Path(hook).is_file()
    assert "bucket.py" in str(whole(path, "bucket" if "bucket" in read(path)["services"] else "s3"))


def test_common_part_is_the_image_of_this_project():
    for name in ("catalog", "bucket"):
        service = whole(COMMON, name)
        assert (COMMON.parent / service["build"]["context"] / "Dockerfile").is_file()
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert whole(COMMON, "catalog")["stop_grace_period"] == "65s"
    # Rules that a server does not keep must not keep the catalog from starting; who starts in the end is the server.
    assert whole(COMMON, "catalog")["entrypoint"][2].split("; ") == ["calotype store prepare", "exec calotype serve"]
