"""What limits of projects in a real Keystone keep users from."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
import requests

from tests.e2e.raw import RawConnection
from tests.e2e.support import MIB, OCTETS
from tests.identity.conftest import People, User, command, signed_in
from tests.identity.limits import Registered, create
from tests.servers.calotype import Calotype


def send(who: User, size: int, kind: str = "file", chunked: bool = False) -> requests.Response:
    """Create an image and send it data."""
    data = b"x" * size
    body = iter([data]) if chunked else data
    return who.call("PUT", f"/v2/images/{create(who).json()['id']}/{kind}", data=body, headers=OCTETS)


def test_count_of_images(people: People, registered: Registered, limited: Calotype) -> None:
    registered.give(people.ids["blue"], "image_count_total", 5)
    alice, bob = signed_in(people, limited), signed_in(people, limited, "bob", "blue")
    assert [create(alice).status_code for _ in range(5)] == [201] * 4 + [413]
    assert [create(bob).status_code for _ in range(6)] == [201] * 5 + [413]
    assert "image_count_total: the project has 4 images" in create(alice).text
    registered.give(people.ids["red"], "image_count_total", 6)
    assert [create(alice).status_code for _ in range(3)] == [201, 201, 413]
    registered.give(people.ids["red"], "image_count_total", -1)
    assert [create(alice).status_code for _ in range(3)] == [201] * 3


@pytest.mark.parametrize("chunked", [False, True])
def test_size(people: People, limited: Calotype, chunked: bool) -> None:
    alice = signed_in(people, limited)
    refused = send(alice, 2 * MIB + 1, chunked=chunked)
    assert (refused.status_code, "image_size_total" in refused.text) == (413, True)
    assert send(alice, 2 * MIB, chunked=chunked).status_code == 204
    assert send(alice, 1, chunked=chunked).status_code == 413


@pytest.mark.parametrize("chunked", [False, True])
def test_staged_size(people: People, limited: Calotype, chunked: bool) -> None:
    alice = signed_in(people, limited)
    refused = send(alice, MIB + 1, "stage", chunked)
    assert (refused.status_code, "image_stage_total" in refused.text) == (413, True)
    assert send(alice, MIB, "stage", chunked).status_code == 204
    assert send(alice, 1, "stage", chunked).status_code == 413


def test_count_of_images_that_get_data(people: People, limited: Calotype) -> None:
    alice = signed_in(people, limited)
    web = {"method": {"name": "web-download", "uri": "http://example.org/disk"}}
    with ExitStack() as stack:
        running = []
        for _ in range(2):
            image_id = create(alice).json()["id"]
            upload = stack.enter_context(RawConnection(limited.url))
            upload.put(image_id, f"X-Auth-Token: {alice.headers['X-Auth-Token']}", "Content-Length: 3", body=b"x")
            alice.wait_status(image_id, "saving")
            running.append(upload)
        third = create(alice).json()["id"]
        answers = [
            alice.call("PUT", f"/v2/images/{third}/file", data=b"x", headers=OCTETS),
            alice.call("PUT", f"/v2/images/{third}/stage", data=b"x", headers=OCTETS),
            alice.call("POST", f"/v2/images/{third}/import", json=web),
        ]
        for answer in answers:
            assert (answer.status_code, "image_count_uploading" in answer.text) == (413, True)
        assert alice.status(third) == "queued"
        running[0].send(b"xx")
        assert running[0].status() == 204
        assert alice.call("PUT", f"/v2/images/{third}/file", data=b"x", headers=OCTETS).status_code == 204


def test_usage(people: People, registered: Registered, limited: Calotype) -> None:
    """``glance usage`` shows both sides."""
    registered.give(people.ids["blue"], "image_size_total", 7)
    bob = signed_in(people, limited, "bob", "blue")
    assert send(bob, 3 * MIB).status_code == 204
    assert bob.call("GET", "/v2/info/usage").json()["usage"] == {
        "image_size_total": {"usage": 3, "limit": 7},
        "image_stage_total": {"usage": 0, "limit": 1},
        "image_count_total": {"usage": 1, "limit": 4},
        "image_count_uploading": {"usage": 0, "limit": 2},
    }
    shown = command("glance", "--os-image-url", limited.url, "usage", **people.cloud.variables("bob", "blue"))
    rows = [line.strip("| ").replace(" ", "").split("|") for line in shown.stdout.splitlines() if "image_" in line]
    assert sorted(rows)[2] == ["image_size_total", "7", "3"], shown.stdout + shown.stderr
