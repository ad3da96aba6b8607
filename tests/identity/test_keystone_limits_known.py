"""Which limits of projects the catalog finds in a real Keystone, and what it does when it finds none."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.api.identity.opening import open_limits
from catalog.clock import monotonic
from catalog.errors import Unavailable
from catalog.settings import SettingsError, build
from tests.e2e.support import wait_for
from tests.identity.conftest import People, limiting, signed_in
from tests.identity.limits import REGION, Registered, create
from tests.servers.calotype import Calotype


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
    alice, bob = signed_in(people, limited), signed_in(people, limited, "bob", "blue")
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
        refused = create(signed_in(people, running))
        assert refused.status_code == 503
        assert "Unauthorized" in [line.get("error") for line in running.log_lines()]
