"""The lists: filters, order, pages, and who sees what (section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, EVE, ROOT, UNUSED, Api
from tests.api.v1.support import active, create, headers, listed, made, queued

SUMMARY = {"id", "name", "size", "disk_format", "container_format", "checksum"}


@pytest.fixture(scope="module")
def stocked() -> Iterator[tuple[Api, dict[str, str]]]:
    """A catalog with six images of p1, a second apart, and their names by id."""
    api = Api()
    ids = {}
    for name, meta in {
        "a": {"property_color": "red", "min_ram": 5},
        "b": {"property_color": "blue", "min_disk": 2},
        "c": {"protected": "true"},
    }.items():
        ids[active(api, name=name, data=b"x" * (1 + len(ids)), **meta)] = name
        api.clock.move(1)
    for name, meta in {"q": {"disk_format": "qcow2"}, "k": {}, "h": {"container_format": "ovf"}}.items():
        image_id = queued(api, name=name, **meta)
        ids[image_id] = name
        if name == "k":
            api.change(image_id, status="killed")
        if name == "h":
            api.change(image_id, os_hidden=True)
        api.clock.move(1)
    yield api, ids
    api.close()


ALL = "hqcba"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ALL), ("name=a", "a"), ("name=in:a,b", ""), ("status=queued", "hq"), ("status=active", "cba"),
        ("status=killed", ""), ("status=nonsense", ""), ("disk_format=qcow2", "q"), ("container_format=ovf", "h"),
        ("min_ram=5", "a"), ("min_disk=2", "b"), ("min_disk=x", ""), ("size_min=2", "cb"), ("size_max=2", "hqba"),
        ("size_min=2&size_max=2", "b"), ("size_min=0", ALL), ("protected=true", "c"), ("protected=1", "c"),
        ("protected=False", "hqba"), ("protected=none", ALL), ("property-color=red", "a"),
        ("property-color=red&property-size=1", ""), ("colour=red", ALL), ("is_public=false", ALL),
        ("is_public=none", ALL), ("deleted=true", ALL), ("owner=p2", ALL), ("tag=x", ALL), ("visibility=public", ALL),
        ("limit=2", "hq"), ("limit=0", ""), ("limit=2000", ALL),
        ("sort_key=name&sort_dir=asc", "abchq"), ("sort_key=name", "qhcba"), ("sort_dir=asc", "abcqh"),
        ("sort_key=size&sort_dir=asc", "qhabc"),
        ("changes-since=2030-01-02T03:04:07", "hkq"), ("changes-since=2030-01-02T03:04:07Z&status=killed", "k"),
        ("changes-since=2999-01-01", ""),
    ],
)  # fmt: skip
def test_query(stocked: tuple[Api, dict[str, str]], query: str, names: str) -> None:
    api, ids = stocked
    assert "".join(ids[one] for one in listed(api, f"?{query}")) == names


@pytest.mark.parametrize(
    "query",
    ["size_min=x", "size_max=-1", "min_ram=x", "min_ram=-1", "protected=maybe", "is_public=maybe", "is_public=",
     "changes-since=yesterday", "marker=x", f"marker={UNUSED}", "limit=-1", "limit=x", "sort_key=colour",
     "sort_dir=up", "size_min="],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/images", "/v1/images/detail", "/v1/"])
def test_bad_queries(api: Api, query: str, path: str) -> None:
    answer = api.get(f"{path}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.content_type.startswith("text/plain")


def test_pages(stocked: tuple[Api, dict[str, str]]) -> None:
    api, ids = stocked
    seen, marker = "", ""
    while page := listed(api, f"?limit=2{marker}"):
        seen += "".join(ids[one] for one in page)
        marker = f"&marker={page[-1]}"
    assert seen == ALL


@pytest.mark.parametrize("path", ["/v1/images", "/v1/"])
def test_short_list(stocked: tuple[Api, dict[str, str]], path: str) -> None:
    api, ids = stocked
    body = api.get(path).json
    assert list(body) == ["images"]
    assert "".join(ids[image["id"]] for image in body["images"]) == ALL
    assert all(set(image) == SUMMARY for image in body["images"])


def test_detail_is_what_create_answers(make_api: MakeApi) -> None:
    api = make_api()
    image = made(create(api, headers(name="n", property_color="red")))
    assert api.get("/v1/images/detail").json == {"images": [image]}


def test_default_and_longest_page(make_api: MakeApi) -> None:
    api = make_api(limit_param_default=1, api_limit_max=2)
    for _ in range(3):
        queued(api)
    assert [len(listed(api, query)) for query in ("", "?limit=2", "?limit=3")] == [1, 2, 2]


MOMENT = "2030-01-02T03:04:05"


def test_changes_within_a_second(make_api: MakeApi) -> None:
    api = make_api()
    api.clock.move(0.25)
    queued(api)
    api.clock.move(0.25)
    second = queued(api)
    assert len(listed(api, f"?changes-since={MOMENT}")) == 2
    assert listed(api, f"?changes-since={MOMENT}.250000") == [second]
    assert listed(api, f"?changes-since={MOMENT}.500000") == []


def test_deleted_images_where_asked_for(make_api: MakeApi) -> None:
    api = make_api()
    kept, gone = active(api), active(api, property_color="red")
    api.clock.move(1)
    api.call("DELETE", f"/v1/images/{gone}")
    assert listed(api) == [kept]
    since = f"?changes-since={quote(MOMENT)}"
    (image,) = api.get(f"/v1/images/detail{since}").json["images"]
    assert (image["id"], image["deleted"], image["status"]) == (gone, True, "deleted")
    assert image["properties"] == {"color": "red"}
    assert listed(api, f"{since}&property-color=blue") == []
    everything = "&is_public=none"
    assert listed(api, f"?deleted=true{everything}", ROOT) == [gone]
    assert listed(api, f"?deleted=false{everything}", ROOT) == [kept]
    assert listed(api, f"{since}&deleted=false{everything}", ROOT) == []
    both = listed(api, f"?changes-since=2000-01-01{everything}", ROOT)
    assert sorted(both) == sorted([kept, gone])
    assert listed(api, f"?changes-since=2000-01-01&limit=1&marker={both[0]}") == both[1:]
    assert listed(api, since, EVE) == []
    assert api.get(f"/v1/images?marker={gone}").status_code == 400
    assert gone not in api.get("/v2/images?limit=100").text


def test_deleted_images_are_known_to_a_fresh_index(make_api: MakeApi) -> None:
    api = make_api()
    image_id = active(api)
    api.call("DELETE", f"/v1/images/{image_id}")
    again = make_api(memory=api.memory)
    assert listed(again, "?changes-since=2000-01-01") == [image_id]


@pytest.fixture(scope="module")
def peopled() -> Iterator[tuple[Api, dict[str, str]]]:
    """A catalog with images of every owner and visibility; names are owner and visibility."""
    api = Api()
    ids = {}
    for owner in ("p1", "p2"):
        for visibility in ("public", "private", "shared", "community"):
            image_id = api.new(ROOT, owner=owner, visibility=visibility)["id"]
            ids[image_id] = f"{owner} {visibility}"
    for membership in ("pending", "accepted", "rejected"):
        image_id = api.new(ROOT, owner="p2")["id"]
        api.share(image_id, "p1", membership)
        ids[image_id] = f"p2 {membership}"
    image_id = api.new(ROOT, visibility="private")["id"]
    ids[image_id] = "p0 private"
    yield api, ids
    api.close()


OWN = {f"p1 {visibility}" for visibility in ("public", "private", "shared", "community")}
SHARED = {"p2 pending", "p2 accepted", "p2 rejected"}
USER = OWN | SHARED | {"p2 public"}
PUBLIC = {"p1 public", "p2 public"}
ALL_KINDS = OWN | SHARED | PUBLIC | {"p2 private", "p2 shared", "p2 community", "p0 private"}


@pytest.mark.parametrize(
    ("who", "query", "expected"),
    [(ALICE, "", USER), (ALICE, "?is_public=false", USER), (ALICE, "?is_public=none", USER),
     (ROOT, "", PUBLIC | {"p0 private"}), (ROOT, "?is_public=true", PUBLIC | {"p0 private"}),
     (ROOT, "?is_public=None", ALL_KINDS), (ROOT, "?is_public=0", ALL_KINDS - PUBLIC)],
)  # fmt: skip
def test_who_sees_what(peopled: tuple[Api, dict[str, str]], who: str, query: str, expected: set[str]) -> None:
    api, ids = peopled
    assert {ids[one] for one in listed(api, query, who)} == expected


def test_without_a_role(api: Api) -> None:
    assert api.get("/v1/images", "nobody:p1:").status_code == 403


def test_invisible_marker(peopled: tuple[Api, dict[str, str]]) -> None:
    api, ids = peopled
    (hidden,) = [one for one, kind in ids.items() if kind == "p2 private"]
    assert api.get(f"/v1/images?marker={hidden}").status_code == 400
