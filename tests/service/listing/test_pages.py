"""The body of a list, its links and its pages."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from catalog.errors import Forbidden, Invalid
from catalog.index.query import SORT_KEYS
from catalog.schemas.list_query import parse_list_query
from catalog.service.identity import ADMIN
from catalog.service.representation import image_view
from tests.index.samples import NOON, expected, image, image_id, member
from tests.service.listing.conftest import ALPHA, BETA, Catalog


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
