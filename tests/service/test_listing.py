"""The list as a caller gets it: pages, links, filters that work, and who sees what."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from backends.memory import MemoryStore
from catalog.clock import new_token
from catalog.errors import Forbidden, Invalid
from catalog.index.journal.feed import JournalFeed
from catalog.index.query import SORT_KEYS
from catalog.index.table import Table
from catalog.model import HOME_STORE, Image, Location, decode, encode
from catalog.schemas.list_query import parse_list_query
from catalog.service.identity import ADMIN, Caller
from catalog.service.listing import Listing
from catalog.service.policy import Policy
from catalog.service.policy_file import RuleSet
from catalog.service.policy_rules import DEFAULT_RULES
from catalog.service.representation import LocationView, image_view, render
from catalog.service.stores import StoreEntry, Stores
from catalog.settings import Settings
from catalog.store.errors import NotFound
from catalog.store.interface import Overwrite
from catalog.store.keys import sidecar
from tests.index.samples import NOON, expected, image, image_id, member

READER = frozenset({"reader"})
MEMBER = frozenset({"reader", "member"})
ALPHA, BETA = Caller("a", "alpha", MEMBER), Caller("b", "beta", MEMBER)


def one_store(store: MemoryStore) -> Stores:
    return Stores([StoreEntry(HOME_STORE, store, "memory")])


class Catalog:
    """A list service over a store in memory, and the images in it."""

    def __init__(
        self, folder: Any, view: LocationView | None = None, store: MemoryStore | None = None, **settings: Any
    ) -> None:
        self.store = store or MemoryStore()
        self.table = Table(folder / "index.sqlite", render)
        self.feed = JournalFeed(self.store, self.table, new_token, time.monotonic, threading.Lock())
        self.loads: list[str] = []
        view = view or LocationView(one_store(self.store), show_direct_url=False, show_locations=False)
        self.listing = Listing(self.table, self.feed, self.load, Policy(), Settings(**settings), view)

    def load(self, image_id: str) -> Image | None:
        self.loads.append(image_id)
        try:
            with self.store.get(sidecar(image_id)) as body:
                return decode(body.read())
        except NotFound:
            return None

    def add(self, *images: Image) -> None:
        for one in images:
            self.feed.publish(one, self.store.put(sidecar(one.id), encode(one), Overwrite()).etag)

    def page(self, text: str = "", caller: Caller = ADMIN) -> dict[str, Any]:
        return orjson.loads(self.listing.page(caller, parse_qsl(text, keep_blank_values=True)))

    def ids(self, text: str = "", caller: Caller = ADMIN) -> list[str]:
        return [one["id"] for one in self.page(text, caller)["images"]]

    def numbers(self, text: str = "", caller: Caller = ADMIN) -> set[int]:
        return {int(one.replace("-", ""), 16) for one in self.ids(text + "&limit=1000", caller)}

    def walk(self, text: str, caller: Caller = ADMIN) -> list[str]:
        found: list[str] = []
        page = self.page(text, caller)
        while True:
            found += [one["id"] for one in page["images"]]
            if "next" not in page:
                return found
            page = self.page(urlsplit(page["next"]).query, caller)


@pytest.fixture
def catalog(tmp_path):
    made = Catalog(tmp_path)
    yield made
    made.table.close()


# Body and paging


def test_the_body_of_an_empty_list(catalog):
    assert catalog.page() == {"images": [], "first": "/v2/images", "schema": "/v2/schemas/images"}


def test_the_images_are_those_of_show(catalog):
    one = image(1, name='ä "\\\0', tags=("t",), properties={"p": "v", "id": "shadowed"}, size=2**40)
    catalog.add(one)
    assert catalog.page()["images"] == [orjson.loads(orjson.dumps(image_view(one)))]


@pytest.mark.parametrize(
    ("limit", "shown", "more"),
    [
        ("", 25, True),
        ("limit=0", 0, False),
        ("limit=1", 1, True),
        ("limit=29", 29, True),
        ("limit=30", 30, True),
        ("limit=31", 30, False),
        ("limit=5000", 30, False),
    ],
)
def test_how_many_and_whether_next(catalog, limit, shown, more):
    catalog.add(*[image(number) for number in range(30)])
    page = catalog.page(limit)
    assert len(page["images"]) == shown
    assert ("next" in page) == more


def test_the_caps_are_settings_and_links_keep_the_number_sent(tmp_path):
    catalog = Catalog(tmp_path, limit_param_default=3, api_limit_max=5)
    catalog.add(*[image(number) for number in range(10)])
    assert len(catalog.ids()) == 3
    page = catalog.page("limit=99")
    assert len(page["images"]) == 5
    assert page["first"] == "/v2/images?limit=99"
    assert page["next"] == f"/v2/images?limit=99&marker={page['images'][-1]['id']}"
    catalog.table.close()


def test_next_of_an_exactly_full_last_page_leads_to_an_empty_one(catalog):
    catalog.add(image(1), image(2))
    page = catalog.page("limit=2")
    rest = catalog.page(urlsplit(page["next"]).query)
    assert rest["images"] == []
    assert "next" not in rest


def test_links_keep_every_value_of_a_repeated_key(catalog):
    catalog.add(*[image(number, tags=("a", "b &=%é"), properties={"p": "x y"}) for number in range(3)])
    marker = f"&marker={image_id(1)}"
    sent = f"tag=a{marker}&tag=b%20%26%3D%25%C3%A9&p=x+y&sort_key=name&sort_key=size&sort_dir=asc&limit=1"
    page = catalog.page(sent)
    pairs = [pair for pair in parse_qsl(sent) if pair[0] != "marker"]
    first, following = urlsplit(page["first"]), urlsplit(page["next"])
    assert (first.path, following.path) == ("/v2/images", "/v2/images")
    assert parse_qsl(first.query) == pairs
    assert parse_qsl(following.query) == [*pairs, ("marker", image_id(2))]
    assert all(character.isascii() and character not in ' "<>+' for character in page["next"])
    assert catalog.walk(sent.replace(marker, "")) == [image_id(number) for number in range(3)]


def test_blank_values_stay_in_the_links(catalog):
    assert catalog.page("name=&tag=")["first"] == "/v2/images?name=&tag="


def test_a_marker_begins_after_it(catalog):
    catalog.add(*[image(number) for number in range(5)])
    assert catalog.ids(f"marker={image_id(3)}") == [image_id(2), image_id(1), image_id(0)]
    assert catalog.ids(f"marker={image_id(3)}&sort=id:asc") == [image_id(4)]
    assert catalog.loads == []


@pytest.mark.parametrize("caller", [ADMIN, ALPHA])
@pytest.mark.parametrize("marker", ["", "x", "x" * 37, image_id(77), image_id(1) + "0", "../../x", "\0", "😀"])
def test_an_unknown_marker_is_refused(catalog, caller, marker):
    catalog.add(image(1))
    with pytest.raises(Invalid, match="marker"):
        catalog.listing.page(caller, [("marker", marker)])


@pytest.mark.parametrize("status", ["deleted", "pending_delete"])
def test_a_deleted_marker_works_for_admin_alone(catalog, status):
    catalog.add(image(1), image(2), image(3), image(4))
    catalog.add(image(3, revision=2, status=status))
    assert catalog.ids(f"marker={image_id(3)}") == [image_id(2), image_id(1)]
    with pytest.raises(Invalid, match="marker"):
        catalog.page(f"marker={image_id(3)}", ALPHA)


def test_an_invisible_marker_is_forbidden(catalog):
    catalog.add(image(1, visibility="private"), image(2, visibility="shared"), image(3, visibility="community"))
    for number in (1, 2):
        with pytest.raises(Forbidden):
            catalog.page(f"marker={image_id(number)}", BETA)
        catalog.page(f"marker={image_id(number)}", ALPHA)
    catalog.page(f"marker={image_id(3)}", BETA)


def test_a_killed_image_can_be_a_marker(catalog):
    catalog.add(image(1), image(2, status="killed"))
    assert catalog.ids(f"marker={image_id(2)}", ALPHA) == [image_id(1)]


@pytest.mark.parametrize("caller", [ADMIN, ALPHA, BETA])
@pytest.mark.parametrize("seed", range(4))
def test_following_next_visits_each_image_once_in_order(catalog, caller, seed):
    chance = random.Random(seed)
    images = [
        image(
            number,
            name=chance.choice([None, "", "a", "é", "zz"]),
            size=chance.choice([None, 0, 5]),
            status=chance.choice(["active", "queued", "killed", "deleted"]),
            disk_format=chance.choice([None, "raw"]),
            owner=chance.choice(["alpha", "beta", None]),
            visibility=chance.choice(["public", "private", "shared", "community"]),
            members=chance.choice([(), (member("beta"),)]),
            created_at=NOON + timedelta(microseconds=chance.randrange(5)),
            updated_at=NOON + timedelta(seconds=chance.randrange(3)),
        )
        for number in range(60)
    ]
    catalog.add(*images)
    for key in SORT_KEYS:
        for text in (
            f"sort={key}:asc",
            f"sort={key}",
            f"sort={key}:asc,size,name:asc",
            f"sort_key={key}&sort_dir=asc",
        ):
            query = parse_list_query(parse_qsl(text), 25, 1000).query
            query = replace(query, project=caller.project, is_admin=caller.is_admin)
            assert catalog.walk(text + "&limit=7", caller) == expected(images, query)


# Filters that meet images


def half(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("name=", {2}),
        ("name=a", {1}),
        ("name=eq:c:d", {3}),
        ("name=in:a,c:d", {1, 3}),
        ('name=in:"x,%20y","a"', {1, 4}),
        ("name=in:", set()),
        ("name=A", set()),
        (f"id={image_id(3)}", {3}),
        (f"id=in:{image_id(3)},{image_id(4)},{image_id(9)}", {3, 4}),
        ("status=queued", {2}),
        ("status=in:queued,active", {1, 2, 3, 4}),
        ("status=bogus", set()),
        ("status=killed", {5}),
        ("status=eq:killed", {5}),
        ("status=in:killed,queued", {2, 5}),
        ("status=deleted", set()),
        ("status=in:deleted,pending_delete", set()),
        ("name=killed", set()),
        ("disk_format=raw", {1}),
        ("disk_format=", set()),
        ("container_format=in:bare,ova", {1, 2}),
        ("size=10", {1}),
        ("size=abc", set()),
        ("size=", set()),
        ("size=-1", set()),
        ("size_min=0", {1, 2}),
        ("size_max=100", {1, 2}),
        ("size_min=10&size_max=10", {1}),
        ("size_min=11", {2}),
        ("size_max=9", set()),
        (f"size_min={'9' * 50}", set()),
        (f"size_max={'9' * 50}", {1, 2}),
        (f"size_min=-{'9' * 50}", {1, 2}),
        (f"size={2**63}", set()),
        ("virtual_size_min=0", {2}),
        ("virtual_size=30", {2}),
        ("min_ram_min=1", {3}),
        ("min_ram_max=0", {1, 2, 4}),
        ("min_ram=512", {3}),
        ("min_disk_min=1&min_disk_max=5", {4}),
        ("min_disk=5", {4}),
        ("owner=beta", {4}),
        ("owner=", set()),
        ("checksum=c1", {1}),
        ("os_hash_algo=sha512", {1}),
        ("os_hash_value=h1", {1}),
        ("protected=true", {3}),
        ("protected=false", {1, 2, 4}),
        ("os_hidden=true", {6}),
        ("os_hidden=FALSE", {1, 2, 3, 4}),
        ("tag=x", {1, 2}),
        ("tag=x&tag=y", {2}),
        ("tag=%20x%20", {1, 2}),
        ("tag=", {3}),
        ("tag=none", set()),
        ("color=red", {1}),
        ("color=in:a", {2}),
        ("color=red&shape=round", {1}),
        ("color=red&shape=flat", set()),
        ("color=red&color=in:a", {2}),
        ("properties=odd", {3}),
        ("color=%F0%9F%98%80", set()),
        ("tag=%F0%9F%98%80&name=%00", set()),
        ("deleted=true", {1, 2, 3, 4}),
        ("name=a&status=active&tag=x&color=red&size_min=1", {1}),
        ("name=a&status=queued", set()),
    ],
)
def test_filters(catalog, text, numbers):
    catalog.add(
        image(1, name="a", size=10, disk_format="raw", container_format="bare", tags=("x",), checksum="c1"),
        image(2, name="", size=20, virtual_size=30, status="queued", container_format="ova", tags=("x", "y")),
        image(3, name="c:d", min_ram=512, protected=True, tags=("",), properties={"properties": "odd"}),
        image(4, name="x, y", min_disk=5, owner="beta"),
        image(5, name="killed", status="killed"),
        image(6, name=None, os_hidden=True),
        image(7, name="a", status="deleted"),
        image(8, name="a", status="pending_delete"),
    )
    extra = {1: {"os_hash_algo": "sha512", "os_hash_value": "h1", "properties": {"color": "red", "shape": "round"}}}
    extra[2] = {"properties": {"color": "in:a"}}
    for number, fields in extra.items():
        found = catalog.table.find(image_id(number))
        catalog.add(replace(found, revision=2, **fields))
    assert catalog.numbers(text) == numbers


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
@pytest.mark.parametrize(
    ("operator", "seconds", "numbers"),
    [
        ("", 1, {1, 2}),
        ("eq:", 1, {1, 2}),
        ("neq:", 1, {0, 3}),
        ("gt:", 1, {3}),
        ("gte:", 1, {1, 2, 3}),
        ("lt:", 1, {0}),
        ("lte:", 1, {0, 1, 2}),
        ("eq:", 1.5, set()),
        ("neq:", 1.5, {0, 1, 2, 3}),
        ("gt:", 1.5, {3}),
        ("gte:", 1.5, {3}),
        ("lt:", 1.5, {0, 1, 2}),
        ("lte:", 1.5, {0, 1, 2}),
        ("gt:", -5, {0, 1, 2, 3}),
        ("gt:", 2, set()),
        ("gte:", 2, {3}),
    ],
)
def test_times_are_those_that_views_show(catalog, field, operator, seconds, numbers):
    moments = {0: 0.25, 1: 1, 2: 1.999999, 3: 2}
    catalog.add(*[image(number, **{field: NOON + timedelta(seconds=at)}) for number, at in moments.items()])
    assert catalog.numbers(f"{field}={operator}{half(seconds)}") == numbers


# Who sees what

VISIBILITIES = ("public", "private", "shared", "community")
OWNED = {
    (owner, word): 16 * i + j for i, owner in enumerate(("alpha", "beta", None)) for j, word in enumerate(VISIBILITIES)
}
SHARED_WITH = {"accepted": 64, "pending": 65, "rejected": 66}
PRIVATE_MEMBER = 67
EVERYTHING = {*OWNED.values(), *SHARED_WITH.values(), PRIVATE_MEMBER}


@pytest.fixture
def matrix(catalog):
    for (owner, visibility), number in OWNED.items():
        catalog.add(image(number, owner=owner, visibility=visibility))
    for status, number in SHARED_WITH.items():
        members = (member("beta", "pending"), member("alpha", status))
        catalog.add(image(number, owner="gamma", visibility="shared", members=members))
    catalog.add(image(PRIVATE_MEMBER, owner="gamma", visibility="private", members=(member("alpha"),)))
    return catalog


def of(*kinds: tuple[str | None, str]) -> set[int]:
    return {OWNED[kind] for kind in kinds}


OWN = of(*[("alpha", word) for word in VISIBILITIES])
FOREIGN_PUBLIC = of(("beta", "public"), (None, "public"))
FOREIGN_COMMUNITY = of(("beta", "community"), (None, "community"))
ADMIN_OF_ALPHA = Caller("root", "alpha", frozenset({"admin"}))


@pytest.mark.parametrize("roles", [READER, MEMBER])
@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", OWN | FOREIGN_PUBLIC | {64}),
        ("visibility=public", of(("alpha", "public")) | FOREIGN_PUBLIC),
        ("visibility=private", of(("alpha", "private"))),
        ("visibility=shared", of(("alpha", "shared")) | {64}),
        ("visibility=community", of(("alpha", "community")) | FOREIGN_COMMUNITY),
        ("visibility=all", OWN | FOREIGN_PUBLIC | FOREIGN_COMMUNITY | {64}),
        ("member_status=accepted", OWN | FOREIGN_PUBLIC | {64}),
        ("member_status=pending", OWN | FOREIGN_PUBLIC | {65}),
        ("member_status=rejected", OWN | FOREIGN_PUBLIC | {66}),
        ("member_status=all", OWN | FOREIGN_PUBLIC | {64, 65, 66}),
        ("visibility=shared&member_status=pending", of(("alpha", "shared")) | {65}),
        ("visibility=shared&member_status=all", of(("alpha", "shared")) | {64, 65, 66}),
        ("visibility=public&member_status=pending", of(("alpha", "public")) | FOREIGN_PUBLIC),
        ("visibility=all&member_status=all", OWN | FOREIGN_PUBLIC | FOREIGN_COMMUNITY | {64, 65, 66}),
        ("owner=beta", of(("beta", "public"))),
        ("owner=beta&visibility=all", of(("beta", "public"), ("beta", "community"))),
    ],
)
def test_what_a_project_sees(matrix, roles, text, numbers):
    assert matrix.numbers(text, Caller("a", "alpha", roles)) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", EVERYTHING - FOREIGN_COMMUNITY),
        *[
            (f"visibility={word}", {number for (_, kind), number in OWNED.items() if kind == word} | extra)
            for word, extra in zip(VISIBILITIES, (set(), {67}, {64, 65, 66}, set()), strict=True)
        ],
        ("visibility=all", EVERYTHING),
        ("member_status=pending", EVERYTHING - FOREIGN_COMMUNITY),
    ],
)
def test_what_an_admin_sees(matrix, text, numbers):
    assert matrix.numbers(text, ADMIN_OF_ALPHA) == numbers


def test_an_admin_without_a_project_owns_no_community_image(matrix):
    assert matrix.numbers() == EVERYTHING - FOREIGN_COMMUNITY - of(("alpha", "community"))
    assert matrix.numbers("visibility=community") == FOREIGN_COMMUNITY | of(("alpha", "community"))


def test_without_a_project_the_list_is_forbidden(matrix):
    with pytest.raises(Forbidden):
        matrix.page("", Caller("x", None, READER))


@pytest.mark.parametrize("roles", [frozenset(), frozenset({"member"}), frozenset({"service"})])
def test_without_the_role_reader_the_list_is_forbidden(matrix, roles):
    with pytest.raises(Forbidden):
        matrix.page("", Caller("a", "alpha", roles))


def test_a_wrong_parameter_is_told_before_the_role(catalog):
    with pytest.raises(Invalid):
        catalog.page("limit=x", Caller("a", "alpha", frozenset()))


@pytest.mark.parametrize("caller", [ADMIN, ALPHA])
@pytest.mark.parametrize("status", ["queued", "saving", "uploading", "importing", "active", "deactivated"])
def test_own_images_are_listed_in_every_living_status(catalog, caller, status):
    catalog.add(image(1, status=status, visibility="private"))
    assert catalog.numbers("", caller) == {1}


def test_get_image_filters_each_image_and_next_counts_what_it_hides(catalog, monkeypatch):
    catalog.add(*[image(number, owner="alpha" if number % 2 else "beta") for number in range(6)])
    rules = RuleSet({**DEFAULT_RULES, "get_image": "rule:context_is_admin or project_id:%(project_id)s"})
    monkeypatch.setattr(catalog.listing, "_policy", Policy(rules))
    page = catalog.page("limit=3", ALPHA)
    assert [one["id"] for one in page["images"]] == [image_id(5), image_id(3)]
    assert parse_qsl(urlsplit(page["next"]).query) == [("limit", "3"), ("marker", image_id(3))]
    assert catalog.walk("limit=3", ALPHA) == [image_id(5), image_id(3), image_id(1)]
    assert len(catalog.ids("limit=3")) == 3


# Locations, freshness


def test_locations_are_shown_where_settings_say_so(tmp_path):
    store = MemoryStore()
    catalog = Catalog(tmp_path, LocationView(one_store(store), show_direct_url=True, show_locations=True))
    place = (Location("default", "images/x/data-1"),)
    catalog.add(image(1, locations=place), image(2, locations=place, status="deactivated"))
    shown = {caller: catalog.page("sort=id:asc", caller)["images"] for caller in (ALPHA, ADMIN)}
    urls = {caller: [one.get("direct_url") for one in images] for caller, images in shown.items()}
    assert urls == {ALPHA: ["memory:///images/x/data-1", None], ADMIN: ["memory:///images/x/data-1"] * 2}
    assert [len(one["locations"]) for one in shown[ALPHA]] == [1, 0]
    catalog.table.close()


def test_a_list_shows_what_was_written_before_it_began(catalog):
    catalog.add(image(1))
    assert catalog.numbers() == {1}
    catalog.add(image(1, revision=2, name="new"), image(2))
    assert [one["name"] for one in catalog.page("sort=id:asc")["images"]] == ["new", None]
    catalog.add(image(1, revision=3, status="deleted"))
    assert catalog.numbers() == {2}


def test_the_first_list_finds_what_was_there_before_the_process(catalog):
    one = image(1)
    catalog.store.put(sidecar(one.id), encode(one), Overwrite())
    assert catalog.numbers() == {1}


def test_the_index_can_be_lost(catalog, tmp_path):
    catalog.add(*[image(number, tags=("t",)) for number in range(30)], image(31, status="deleted"))
    before = catalog.listing.page(ALPHA, [("tag", "t")])
    (tmp_path / "new").mkdir()
    again = Catalog(tmp_path / "new", store=catalog.store)
    again.feed.fill(lambda done, total: None)
    assert again.listing.page(ALPHA, [("tag", "t")]) == before
    again.table.close()
