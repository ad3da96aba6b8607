"""Who sees what in a list."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from catalog.errors import Forbidden, Invalid
from catalog.service.identity import ADMIN, Caller
from catalog.service.policy import Policy
from catalog.service.policy_file import RuleSet
from catalog.service.policy_rules import DEFAULT_RULES
from tests.index.samples import image, image_id, member
from tests.service.listing.conftest import ALPHA, MEMBER, READER

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
