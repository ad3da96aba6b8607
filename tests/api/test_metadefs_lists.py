"""The list of metadata namespaces: pages, order, filters, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from backends.memory import MemoryStore
from backends.wrap.counting import CountingStore
from catalog.store.interface import ObjectStore
from tests.api.conftest import MakeApi
from tests.api.metadefs import NAMESPACES, Metadefs, catalog_of_metadefs
from tests.api.support import ALICE, EVE, NOBODY, ROOT, Api


@pytest.fixture(scope="module")
def metadefs() -> Iterator[Metadefs]:
    """Five namespaces, one a second: b, a, d, c, e; d is private of p1, e private of p2."""
    with catalog_of_metadefs() as made:
        for name, owner, types in (
            ("b", "p0", ["T1"]), ("a", "p1", ["T2", "T1"]), ("d", "p1", ["T2"]), ("c", "p0", []), ("e", "p2", ["T3"]),
        ):  # fmt: skip
            made.api.clock.move(1)
            made.new(
                namespace=name, owner=owner, visibility="private" if name in "de" else "public",
                resource_type_associations=[{"name": one, "prefix": "p_"} for one in types],
                **({"display_name": f"x{name}"} if name in "ad" else {}),
            )  # fmt: skip
        yield made


def names(metadefs: Metadefs, query: str = "", who: str = ROOT) -> str:
    answer = metadefs.api.get(f"{NAMESPACES}{query}", who)
    assert answer.status_code == 200, answer.text
    return "".join(one["namespace"] for one in answer.json["namespaces"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "ecdab"),
        ("?sort_dir=asc", "badce"),
        ("?sort_key=created_at&sort_dir=desc", "ecdab"),
        ("?sort_key=id", "ecdab"),
        ("?sort_key=namespace&sort_dir=asc", "abcde"),
        ("?sort_key=namespace", "edcba"),
        ("?sort_key=display_name&sort_dir=asc", "bcead"),
        ("?sort_key=visibility&sort_dir=asc", "deabc"),
        ("?sort_key=owner&sort_dir=asc", "bcade"),
        ("?sort_key=protected&sort_dir=asc", "abcde"),
        ("?limit=2", "ec"),
        ("?limit=0", ""),
        ("?limit=5000", "ecdab"),
        ("?limit=2&marker=c", "da"),
        ("?marker=b", ""),
        ("?marker=d&sort_key=namespace&sort_dir=asc", "e"),
        ("?marker=d&visibility=public", "ab"),
        ("?visibility=public", "cab"),
        ("?visibility=private", "ed"),
        ("?resource_types=T1", "ab"),
        ("?resource_types=T1,T3", "eab"),
        ("?resource_types=T9", ""),
        ("?resource_types=T2&visibility=private", "d"),
        ("?unknown=1", "ecdab"),
        ("?marker=&resource_types=", "ecdab"),
    ],
)
def test_pages_orders_and_filters(metadefs: Metadefs, query: str, expected: str) -> None:
    assert names(metadefs, query) == expected


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?limit=-1", 400),
        ("?limit=x", 400),
        ("?limit=1.5", 400),
        ("?sort_dir=up", 400),
        ("?sort_dir=", 400),
        ("?visibility=", 400),
        ("?limit=", 400),
        ("?sort_key=", 400),
        ("?sort_key=foreign", 400),
        ("?visibility=shared", 400),
        ("?marker=absent", 404),
    ],
)
def test_refused_queries(metadefs: Metadefs, query: str, status: int) -> None:
    assert metadefs.api.get(f"{NAMESPACES}{query}", ROOT).status_code == status


def test_what_the_list_says(metadefs: Metadefs) -> None:
    answer = metadefs.api.get(f"{NAMESPACES}?limit=2&visibility=public&marker=d", ROOT).json
    assert answer["schema"] == "/v2/schemas/metadefs/namespaces"
    assert answer["first"] == f"{NAMESPACES}?limit=2&visibility=public"
    assert answer["next"] == f"{NAMESPACES}?limit=2&visibility=public&marker=b"
    (association,) = answer["namespaces"][1]["resource_type_associations"]
    assert (association["name"], association["prefix"]) == ("T1", "p_")
    assert set(association) == {"name", "prefix", "created_at", "updated_at"}
    assert "next" not in metadefs.api.get(f"{NAMESPACES}?limit=9", ROOT).json


def test_following_the_links(metadefs: Metadefs) -> None:
    seen, url = "", f"{NAMESPACES}?limit=2&sort_key=namespace&sort_dir=asc"
    while url:
        page = metadefs.api.get(url, ROOT).json
        seen += "".join(one["namespace"] for one in page["namespaces"])
        url = page.get("next", "")
    assert seen == "abcde"
    assert parse_qs(urlsplit(page["first"]).query) == {"limit": ["2"], "sort_key": ["namespace"], "sort_dir": ["asc"]}


@pytest.mark.parametrize(("who", "expected"), [(ROOT, "ecdab"), (ALICE, "cdab"), (EVE, "ecab")])
def test_who_sees_what(metadefs: Metadefs, who: str, expected: str) -> None:
    assert names(metadefs, who=who) == expected


def test_who_sees_no_list(metadefs: Metadefs) -> None:
    assert metadefs.api.get(NAMESPACES, NOBODY).status_code == 403
    assert metadefs.api.get(f"{NAMESPACES}?marker=e", ALICE).status_code == 404


def test_a_default_page(make_api: MakeApi) -> None:
    api = make_api(limit_param_default=2, api_limit_max=3)
    for name in "abcd":
        assert api.call("POST", NAMESPACES, ROOT, json={"namespace": name}).status_code == 201
    assert len(api.get(NAMESPACES, ROOT).json["namespaces"]) == 2
    assert len(api.get(f"{NAMESPACES}?limit=99", ROOT).json["namespaces"]) == 3


def test_cost(make_api: MakeApi) -> None:
    """What has not changed since the last list costs nothing but the listing."""
    counted: list[CountingStore] = []

    def counting(store: ObjectStore) -> ObjectStore:
        counted.append(CountingStore(store))
        return counted[-1]

    memory = MemoryStore()
    first = Metadefs(make_api(memory=memory))
    for name in "abc":
        first.new(namespace=name)
    api = make_api(memory=memory, wrap=counting)

    def cost() -> dict[str, int]:
        counted[-1].reset()
        assert api.get(NAMESPACES, ROOT).status_code == 200
        return counted[-1].counts()

    assert cost() == {"list": 1, "get": 3}
    assert cost() == {"list": 1}
    assert first.call("POST", "b", "tags", "t").status_code == 201
    assert cost() == {"list": 1, "get": 1}
    assert first.call("DELETE", "a").status_code == 204
    assert cost() == {"list": 1, "get": 1}
    assert cost() == {"list": 1}


def test_another_node_sees_each_change_at_once(make_api: MakeApi) -> None:
    memory = MemoryStore()
    nodes: list[Api] = [make_api(memory=memory) for _ in range(2)]
    one, other = map(Metadefs, nodes)
    assert names(other) == ""
    one.new(namespace="n")
    assert names(other) == "n"
    assert one.call("PUT", "n", json={"namespace": "m"}).status_code == 200
    assert (names(other), names(one)) == ("m", "m")
    other.get("n", status=404)
    assert other.call("DELETE", "m").status_code == 204
    assert (names(other), names(one)) == ("", "")
