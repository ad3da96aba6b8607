"""Limits of projects in a real Keystone, and what they keep users from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from catalog.api.identity.opening import open_limits
from catalog.clock import monotonic
from catalog.errors import Unavailable
from catalog.settings import SettingsError, build
from tests.e2e.raw import RawConnection
from tests.e2e.support import MIB, OCTETS, wait_for
from tests.identity.conftest import People, User, command, settings
from tests.servers.calotype import Calotype

REGION = "RegionOne"
GENERAL = {"image_count_total": 4, "image_size_total": 2, "image_stage_total": 1, "image_count_uploading": 2}
FORMATS = {"disk_format": "raw", "container_format": "bare"}


class Registered:
    """The limits of the image service in a Keystone."""

    def __init__(self, people: People) -> None:
        self._identity = people.cloud.identity
        self.service = next(s.id for s in self._identity.services(type="image") if s.name == f"image-{REGION}")

    def register(self, region: str | None, **values: int) -> None:
        """Register limits for all projects."""
        where = {"service_id": self.service, **({"region_id": region} if region else {})}
        for name, value in values.items():
            self._identity.create_registered_limit(resource_name=name, default_limit=value, **where)

    def give(self, project_id: str, name: str, value: int) -> None:
        """Give one project a limit of its own, in place of the one that it had."""
        for row in list(self._identity.limits(service_id=self.service, project_id=project_id, resource_name=name)):
            self._identity.delete_limit(row.id)
        where = {"service_id": self.service, "region_id": REGION, "project_id": project_id}
        self._identity.create_limit(resource_name=name, resource_limit=value, **where)

    def change(self, name: str, value: int) -> None:
        """Change what all projects have."""
        for row in self._identity.registered_limits(service_id=self.service, resource_name=name):
            self._identity.update_registered_limit(row.id, default_limit=value)

    def clear(self) -> None:
        """Remove all limits."""
        for row in list(self._identity.limits(service_id=self.service)):
            self._identity.delete_limit(row.id)
        for row in list(self._identity.registered_limits(service_id=self.service)):
            self._identity.delete_registered_limit(row.id)


@pytest.fixture
def registered(people: People, catalog: Calotype) -> Iterator[Registered]:
    """Limits of the region; ``catalog`` has put the image service into Keystone."""
    made = Registered(people)
    made.register(REGION, **GENERAL)
    yield made
    made.clear()


@pytest.fixture(scope="module")
def in_system(people: People) -> None:
    people.cloud.in_system(people.ids["checker"], "reader")


def limiting(people: People, **more: Any) -> dict[str, Any]:
    """Give the settings of a catalog that asks Keystone for limits, each time."""
    ours = {"use_keystone_limits": True, "keystone_limits_cache_time": 0, "keystone_region_name": REGION}
    methods = "glance-direct,web-download"
    return settings(people.cloud, **{**ours, "enabled_import_methods": methods, **more})


@pytest.fixture
def limited(people: People, registered: Registered, in_system: None) -> Iterator[Calotype]:
    with Calotype(**limiting(people)) as running:
        yield running


def user(people: People, catalog: Calotype, name: str = "alice", project: str = "red") -> User:
    return User(catalog.url, people.cloud.token(name, project))


def create(who: User) -> requests.Response:
    return who.call("POST", "/v2/images", json={"name": "limited", **FORMATS})


def send(who: User, size: int, kind: str = "file", chunked: bool = False) -> requests.Response:
    """Create an image and send it data."""
    data = b"x" * size
    body = iter([data]) if chunked else data
    return who.call("PUT", f"/v2/images/{create(who).json()['id']}/{kind}", data=body, headers=OCTETS)


def test_count_of_images(people: People, registered: Registered, limited: Calotype) -> None:
    registered.give(people.ids["blue"], "image_count_total", 5)
    alice, bob = user(people, limited), user(people, limited, "bob", "blue")
    assert [create(alice).status_code for _ in range(5)] == [201] * 4 + [413]
    assert [create(bob).status_code for _ in range(6)] == [201] * 5 + [413]
    assert "image_count_total: the project has 4 images" in create(alice).text
    registered.give(people.ids["red"], "image_count_total", 6)
    assert [create(alice).status_code for _ in range(3)] == [201, 201, 413]
    registered.give(people.ids["red"], "image_count_total", -1)
    assert [create(alice).status_code for _ in range(3)] == [201] * 3


@pytest.mark.parametrize("chunked", [False, True])
def test_size(people: People, limited: Calotype, chunked: bool) -> None:
    alice = user(people, limited)
    refused = send(alice, 2 * MIB + 1, chunked=chunked)
    assert (refused.status_code, "image_size_total" in refused.text) == (413, True)
    assert send(alice, 2 * MIB, chunked=chunked).status_code == 204
    assert send(alice, 1, chunked=chunked).status_code == 413


@pytest.mark.parametrize("chunked", [False, True])
def test_staged_size(people: People, limited: Calotype, chunked: bool) -> None:
    alice = user(people, limited)
    refused = send(alice, MIB + 1, "stage", chunked)
    assert (refused.status_code, "image_stage_total" in refused.text) == (413, True)
    assert send(alice, MIB, "stage", chunked).status_code == 204
    assert send(alice, 1, "stage", chunked).status_code == 413


def test_count_of_images_that_get_data(people: People, limited: Calotype) -> None:
    alice = user(people, limited)
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
    bob = user(people, limited, "bob", "blue")
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


def test_a_limit_of_the_region_counts_more_and_an_unknown_one_allows_nothing(
    people: People, catalog: Calotype, in_system: None
) -> None:
    made = Registered(people)
    try:
        made.register(None, image_count_total=1)
        made.register(REGION, image_count_total=3)
        limits = open_limits(build(limiting(people)), monotonic).of(people.ids["red"])
        assert (limits.images, limits.stored, limits.staged, limits.receiving) == (3, 0, 0, 0)
        made.clear()
        made.register(None, image_size_total=-1, image_count_uploading=5)
        limits = open_limits(build(limiting(people)), monotonic).of(None)
        assert (limits.images, limits.stored, limits.receiving) == (0, -1, 5)
    finally:
        made.clear()


def test_limits_are_believed_for_a_while(people: People, registered: Registered, in_system: None) -> None:
    now = 100.0
    limits = open_limits(build(limiting(people, keystone_limits_cache_time=60)), lambda: now)
    assert limits.of(people.ids["red"]).images == 4
    registered.change("image_count_total", 9)
    now += 59.9
    assert limits.of(people.ids["red"]).images == 4
    now += 0.2
    assert limits.of(people.ids["red"]).images == 9


def test_keystone_is_away(people: People, limited: Calotype) -> None:
    """Who was asked for before goes on by the last known limits; others wait."""
    alice, bob = user(people, limited), user(people, limited, "bob", "blue")
    assert create(alice).status_code == 201
    assert bob.call("GET", "/v2/images").status_code == 200
    people.cloud.keystone.stop()
    try:
        assert [create(alice).status_code for _ in range(4)] == [201] * 3 + [413]
        refused = create(bob)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert "limits of the project" in refused.text
        lines = [line for line in limited.log_lines() if line.get("event") == "limits of a project not found"]
        assert people.ids["red"] in {line["project"] for line in lines}
    finally:
        people.cloud.keystone.start()
    wait_for(lambda: create(bob).status_code == 201, "Keystone is asked again")


def test_keystone_is_left_alone_for_a_while(people: People, registered: Registered, in_system: None) -> None:
    now = 100.0
    limits = open_limits(build(limiting(people)), lambda: now)
    people.cloud.keystone.stop()
    try:
        with pytest.raises(Unavailable):
            limits.of(people.ids["red"])
    finally:
        people.cloud.keystone.start()
    with pytest.raises(Unavailable):
        limits.of(people.ids["red"])
    now += 5
    assert limits.of(people.ids["red"]).images == 4


def test_a_role_that_keystone_shows_all_limits_to_needs_no_system(people: People, registered: Registered) -> None:
    registered.give(people.ids["blue"], "image_count_total", 5)
    limits = open_limits(build(limiting(people, keystone_limits_scope="project")), monotonic)
    assert limits.of(people.ids["blue"]).images == 5


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"auth": "none"}, "use_keystone_limits"),
        ({"keystone_username": ""}, "keystone_username"),
        (
            {
                "keystone_auth_type": "v3applicationcredential", "keystone_application_credential_id": "id",
                "keystone_application_credential_secret": "secret",
            },
            "keystone_limits_scope",
        ),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit(people: People, more: dict[str, Any], name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        open_limits(build(limiting(people, **more)), monotonic)


def test_a_user_without_a_role_in_the_system(people: People, registered: Registered) -> None:
    """Keystone refuses the catalog: nobody is let past a limit that is not known."""
    with Calotype(**limiting(people, keystone_username="nova")) as running:
        refused = create(user(people, running))
        assert refused.status_code == 503
        assert "Unauthorized" in [line.get("error") for line in running.log_lines()]
