"""Every ``md-*`` command of python-glanceclient, with a server of its own process.

The client builds its models from the schema documents and refuses answers that do not fit them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.conftest import Command
from tests.clients.in_process import InProcess, glance_in_process, table_value

SPACE = "Client::Space"
SIZE = json.dumps({"description": "How large", "minimum": 1, "default": "5", "operators": ["<in>"]})
DISK = json.dumps(
    {"description": "A disk", "required": ["bus"], "properties": {"bus": {"title": "Bus", "type": "string"}}}
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


@pytest.fixture
def client(catalog_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return glance_in_process(catalog_url, monkeypatch)


def column(table: str) -> list[str]:
    """Give the first column of a printed list."""
    rows = [line.split("|") for line in table.splitlines() if line.startswith("|")]
    return [row[1].strip() for row in rows[1:]]


def test_every_command(client: InProcess) -> None:
    _namespaces(client)
    _resource_types(client)
    _properties(client)
    _objects(client)
    _tags(client)
    _another_name(client)
    client("md-namespace-delete", "Client::Other")
    client.fails("md-namespace-show", "Client::Other")
    assert {name for name in client.commands if name.startswith("md-")} <= client.used


def _namespaces(client: InProcess) -> None:
    options = ["--display-name", "A space", "--description", "For tests", "--visibility", "public", "--owner", "p9"]
    made = client("md-namespace-create", SPACE, *options, "--protected", "true")
    assert (table_value(made, "namespace"), table_value(made, "protected")) == (SPACE, "True")
    client.fails("md-namespace-create", SPACE)
    client.fails("md-namespace-delete", SPACE)
    changed = client("md-namespace-update", SPACE, "--namespace", SPACE, "--protected", "false")
    assert (table_value(changed, "protected"), table_value(changed, "display_name")) == ("False", "A space")
    Path("words.json").write_text(json.dumps({"namespace": "Client::Words", "tags": [{"name": "golden"}]}))
    assert "golden" in client("md-namespace-import", "--file", "words.json")
    assert {SPACE, "Client::Words"} <= set(column(client("md-namespace-list", "--page-size", "1")))
    assert "Client::Words" not in column(client("md-namespace-list", "--visibility", "public"))
    client("md-namespace-delete", "Client::Words")


def _resource_types(client: InProcess) -> None:
    made = client("md-resource-type-associate", SPACE, "--name", "OS::Client::Thing", "--prefix", "ct_")
    assert (table_value(made, "name"), table_value(made, "prefix")) == ("OS::Client::Thing", "ct_")
    client("md-resource-type-associate", SPACE, "--name", "OS::Client::Other", "--properties-target", "image")
    assert column(client("md-namespace-resource-type-list", SPACE)) == ["OS::Client::Thing", "OS::Client::Other"]
    client("md-resource-type-deassociate", SPACE, "OS::Client::Other")
    assert "OS::Client::Other" not in client("md-namespace-resource-type-list", SPACE)
    assert {"OS::Client::Thing", "OS::Client::Other"} <= set(column(client("md-resource-type-list")))
    assert column(client("md-namespace-list", "--resource-types", "OS::Client::Thing")) == [SPACE]


def _properties(client: InProcess) -> None:
    options = ["--title", "Size", "--type", "integer", "--schema", SIZE]
    made = client("md-property-create", SPACE, "--name", "size", *options)
    assert (table_value(made, "default"), table_value(made, "minimum")) == ("5", "1")
    client("md-property-create", SPACE, "--name", "weight", *options)
    changed = client("md-property-update", SPACE, "weight", "--name", "mass", "--title", "Mass")
    assert (table_value(changed, "name"), table_value(changed, "title")) == ("mass", "Mass")
    assert column(client("md-property-list", SPACE)) == ["size", "mass"]
    assert table_value(client("md-property-show", SPACE, "mass"), "title") == "Mass"
    client("md-property-delete", SPACE, "mass")
    client.fails("md-property-show", SPACE, "mass")
    shown = client("md-namespace-show", SPACE, "--resource-type", "OS::Client::Thing")
    assert "ct_size" in table_value(shown, "properties")
    client("md-namespace-properties-delete", SPACE)
    assert column(client("md-property-list", SPACE)) == []


def _objects(client: InProcess) -> None:
    made = client("md-object-create", SPACE, "--name", "disk", "--schema", DISK)
    assert "bus" in table_value(made, "properties")
    client("md-object-create", SPACE, "--name", "tape", "--schema", "{}")
    assert table_value(client("md-object-property-show", SPACE, "disk", "bus"), "title") == "Bus"
    changed = client(
        "md-object-update", SPACE, "tape", "--name", "drum", "--schema", json.dumps({"description": "Old"})
    )
    assert (table_value(changed, "name"), table_value(changed, "description")) == ("drum", "Old")
    assert column(client("md-object-list", SPACE)) == ["disk", "drum"]
    assert table_value(client("md-object-show", SPACE, "drum"), "description") == "Old"
    client("md-object-delete", SPACE, "drum")
    client.fails("md-object-show", SPACE, "drum")


def _tags(client: InProcess) -> None:
    assert table_value(client("md-tag-create", SPACE, "--name", "fast"), "name") == "fast"
    # Not with --append: the client breaks on the header that it makes of it, before it sends anything.
    assert column(client("md-tag-create-multiple", SPACE, "--names", "new;old", "--delim", ";")) == ["new", "old"]
    assert column(client("md-tag-list", SPACE)) == ["old", "new"]
    assert column(client("md-tag-create-multiple", SPACE, "--names", "b,a")) == ["b", "a"]
    assert table_value(client("md-tag-update", SPACE, "b", "--name", "c"), "name") == "c"
    assert table_value(client("md-tag-show", SPACE, "c"), "name") == "c"
    client("md-tag-delete", SPACE, "c")
    assert column(client("md-tag-list", SPACE)) == ["a"]


def _another_name(client: InProcess) -> None:
    """The client sends back all that it was shown, parts included."""
    assert (
        table_value(client("md-namespace-update", SPACE, "--namespace", "Client::Other"), "namespace")
        == "Client::Other"
    )
    client.fails("md-namespace-show", SPACE)
    shown = client("md-namespace-show", "Client::Other")
    assert (json.loads(table_value(shown, "objects")), json.loads(table_value(shown, "tags"))) == (["disk"], ["a"])
    client("md-namespace-tags-delete", "Client::Other")
    client("md-namespace-objects-delete", "Client::Other")
    assert "tags" not in client("md-namespace-show", "Client::Other")


def test_as_users_run_it(glance: Command) -> None:
    glance("md-namespace-create", "Client::Run", "--visibility", "public")
    assert "Client::Run" in glance("md-namespace-list")
    glance("md-namespace-delete", "Client::Run")
    failed = glance.run("md-namespace-show", "Client::Run")
    assert (failed.returncode, b"was not found" in failed.stdout + failed.stderr) == (1, True)
