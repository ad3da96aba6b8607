"""The Kubernetes manifest: valid by the schemas of Kubernetes, right in itself, and its settings are settings.

What was seen when it was applied to a cluster stands in docs/containers.md; no cluster is started here.
"""

from __future__ import annotations

import tomllib
from typing import Any

import kubernetes_validate
import pytest
import yaml

from catalog.settings import Settings, build
from tests.docs.markdown import ROOT

VERSIONS = ("1.29", "1.33")
OBJECTS = list(yaml.safe_load_all((ROOT / "deploy/kubernetes/calotype.yaml").read_text(encoding="utf-8")))
KINDS = {one["kind"]: one for one in OBJECTS}
POD = KINDS["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]


def settings() -> Settings:
    """Give the settings of a pod: the file, then the environment."""
    values: dict[str, Any] = tomllib.loads(KINDS["ConfigMap"]["data"]["calotype.toml"])
    given = {one["name"]: one["value"] for one in CONTAINER["env"]}
    named = {name.removeprefix("CALOTYPE_").lower(): value for name, value in given.items() if "CALOTYPE_" in name}
    return build({**values, **named})


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_object_is_valid(kind: str, version: str):
    kubernetes_validate.validate(KINDS[kind], version, strict=True)


def test_there_are_several_nodes_of_which_one_may_be_away():
    assert KINDS["Deployment"]["spec"]["replicas"] == 3
    assert KINDS["PodDisruptionBudget"]["spec"]["maxUnavailable"] == 1
    assert KINDS["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_labels_find_the_pods():
    labels = KINDS["Deployment"]["spec"]["template"]["metadata"]["labels"]
    for found in (
        KINDS["Deployment"]["spec"]["selector"]["matchLabels"], KINDS["Service"]["spec"]["selector"],
        KINDS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        KINDS["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ):  # fmt: skip
        assert found.items() <= labels.items()


def test_nobody_is_root_and_nothing_can_be_written_but_the_state():
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["runAsUser"] == 10001
    assert CONTAINER["securityContext"]["readOnlyRootFilesystem"] is True
    assert CONTAINER["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert CONTAINER["securityContext"]["allowPrivilegeEscalation"] is False
    volumes = {volume["name"]: set(volume) - {"name"} for volume in POD["volumes"]}
    mounted = {mount["mountPath"]: volumes[mount["name"]] for mount in CONTAINER["volumeMounts"]}
    assert mounted[settings().state_dir] == mounted["/tmp"] == {"emptyDir"}


def test_credentials_come_from_the_secret_alone():
    secret = KINDS["Secret"]
    assert CONTAINER["envFrom"] == [{"secretRef": {"name": secret["metadata"]["name"]}}]
    assert set(secret["stringData"]) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert "SECRET" not in str(CONTAINER["env"]) + str(KINDS["ConfigMap"])


def test_services_set_no_variables():
    assert POD["enableServiceLinks"] is False


def test_probes_ports_and_times_fit_the_settings():
    found = settings()
    ports = {port["name"]: port["containerPort"] for port in CONTAINER["ports"]}
    assert found.bind.endswith(f":{ports['http']}")
    assert found.metrics_bind.endswith(f":{ports['metrics']}")
    paths = {name: CONTAINER[name]["httpGet"]["path"] for name in CONTAINER if name.endswith("Probe")}
    assert paths == {"startupProbe": "/live", "readinessProbe": "/ready", "livenessProbe": "/live"}
    noticed = CONTAINER["readinessProbe"]["periodSeconds"] * CONTAINER["readinessProbe"]["failureThreshold"]
    assert found.drain_delay > noticed
    assert POD["terminationGracePeriodSeconds"] >= found.drain_delay + found.drain_seconds + 30
