"""docs/api.md: it is what the routes say, and no call of the reference is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catalog.cli.api_table import markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
OLDER_CACHE = range(42, 49)
MULTIPLE = {11: "200,204,206"}

CALLS = """
1 GET / 300
2 GET /versions 200
3 GET /v2 302
4 GET /healthcheck 200
5 GET /v2/images 200
6 POST /v2/images 201
7 GET /v2/images/{id} 200
8 PATCH /v2/images/{id} 200
9 DELETE /v2/images/{id} 204
10 PUT /v2/images/{id}/file 204
11 GET /v2/images/{id}/file 200,206,204
12 POST /v2/images/{id}/actions/deactivate 204
13 POST /v2/images/{id}/actions/reactivate 204
14 PUT /v2/images/{id}/tags/{tag} 204
15 DELETE /v2/images/{id}/tags/{tag} 204
16 POST /v2/images/{id}/members 200
17 GET /v2/images/{id}/members 200
18 GET /v2/images/{id}/members/{m} 200
19 PUT /v2/images/{id}/members/{m} 200
20 DELETE /v2/images/{id}/members/{m} 204
21 PUT /v2/images/{id}/stage 204
22 POST /v2/images/{id}/import 202
23 POST /v2/images/{id}/locations 202
24 GET /v2/images/{id}/locations 200
25 GET /v2/images/{id}/tasks 200
26 DELETE /v2/stores/{store}/{id} 204
27 GET /v2/info/import 200
28 GET /v2/info/stores 200
29 GET /v2/info/stores/detail 200
30 GET /v2/info/usage 200
31 GET /v2/tasks 200
32 POST /v2/tasks 201
33 GET /v2/tasks/{id} 200
34 DELETE /v2/tasks/{id} 405
35 GET /v2/cache 200
36 DELETE /v2/cache 204
37 PUT /v2/cache/{id} 202
38 DELETE /v2/cache/{id} 204
39 GET /v2/cache/nodes/{id} 200
40 POST /v2/cache/clean 200
41 POST /v2/cache/prune 200
42 GET /v2/cached_images 200
43 DELETE /v2/cached_images 200
44 DELETE /v2/cached_images/{id} 200
45 GET /v2/queued_images 200
46 DELETE /v2/queued_images 200
47 PUT /v2/queued_images/{id} 200
48 DELETE /v2/queued_images/{id} 200
49 GET /v2/schemas/image 200
50 GET /v2/schemas/images 200
51 GET /v2/schemas/member 200
52 GET /v2/schemas/members 200
53 GET /v2/schemas/task 200
54 GET /v2/schemas/tasks 200
55 GET /v2/schemas/metadefs/namespace 200
56 GET /v2/schemas/metadefs/namespaces 200
57 GET /v2/schemas/metadefs/object 200
58 GET /v2/schemas/metadefs/objects 200
59 GET /v2/schemas/metadefs/property 200
60 GET /v2/schemas/metadefs/properties 200
61 GET /v2/schemas/metadefs/resource_type 200
62 GET /v2/schemas/metadefs/resource_types 200
63 GET /v2/schemas/metadefs/tag 200
64 GET /v2/schemas/metadefs/tags 200
65 GET /v2/metadefs/namespaces 200
66 POST /v2/metadefs/namespaces 201
67 GET /v2/metadefs/namespaces/{ns} 200
68 PUT /v2/metadefs/namespaces/{ns} 200
69 DELETE /v2/metadefs/namespaces/{ns} 204
70 GET /v2/metadefs/namespaces/{ns}/objects 200
71 POST /v2/metadefs/namespaces/{ns}/objects 201
72 DELETE /v2/metadefs/namespaces/{ns}/objects 204
73 GET /v2/metadefs/namespaces/{ns}/objects/{name} 200
74 PUT /v2/metadefs/namespaces/{ns}/objects/{name} 200
75 DELETE /v2/metadefs/namespaces/{ns}/objects/{name} 204
76 GET /v2/metadefs/namespaces/{ns}/properties 200
77 POST /v2/metadefs/namespaces/{ns}/properties 201
78 DELETE /v2/metadefs/namespaces/{ns}/properties 204
79 GET /v2/metadefs/namespaces/{ns}/properties/{name} 200
80 PUT /v2/metadefs/namespaces/{ns}/properties/{name} 200
81 DELETE /v2/metadefs/namespaces/{ns}/properties/{name} 204
82 GET /v2/metadefs/resource_types 200
83 GET /v2/metadefs/namespaces/{ns}/resource_types 200
84 POST /v2/metadefs/namespaces/{ns}/resource_types 201
85 DELETE /v2/metadefs/namespaces/{ns}/resource_types/{name} 204
86 GET /v2/metadefs/namespaces/{ns}/tags 200
87 POST /v2/metadefs/namespaces/{ns}/tags 201
88 DELETE /v2/metadefs/namespaces/{ns}/tags 204
89 GET /v2/metadefs/namespaces/{ns}/tags/{name} 200
90 POST /v2/metadefs/namespaces/{ns}/tags/{name} 201
91 PUT /v2/metadefs/namespaces/{ns}/tags/{name} 200
92 DELETE /v2/metadefs/namespaces/{ns}/tags/{name} 204
93 GET /v1/ 200
94 GET /v1/images 200
95 GET /v1/images/detail 200
96 HEAD /v1/images/detail 405
97 POST /v1/images 201
98 HEAD /v1/images/{id} 200
99 GET /v1/images/{id} 200
100 PUT /v1/images/{id} 200
101 DELETE /v1/images/{id} 200
102 GET /v1/images/{id}/members 200
103 PUT /v1/images/{id}/members 204
104 GET /v1/images/{id}/members/{m} 405
105 PUT /v1/images/{id}/members/{m} 204
106 DELETE /v1/images/{id}/members/{m} 204
107 GET /v1/shared-images/{tenant} 200
"""
"""Number, method, path and status of success of every call, from the index of the reference's routes."""

EXPECTED = [line.split(" ") for line in CALLS.strip().splitlines()]
ROW = re.compile(r"\| (\d+) \| ([A-Z]+) \| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(page: str) -> dict[int, tuple[str, ...]]:
    return {int(row[0]): row[1:] for row in ROW.findall(page)}


def test_page_is_what_the_routes_say(page: str) -> None:
    assert page == markdown(), "run `make docs`"


def test_there_are_107_calls() -> None:
    assert [int(number) for number, *_ in EXPECTED] == list(range(1, 108))
    assert len({(method, path) for _, method, path, _ in EXPECTED}) == 107


@pytest.mark.parametrize(("number", "method", "path", "success"), EXPECTED, ids=[" ".join(row) for row in EXPECTED])
def test_call_is_on_the_page(
    rows: dict[int, tuple[str, ...]], number: str, method: str, path: str, success: str
) -> None:
    shown_method, shown_path, shown_success, rule, state = rows[int(number)]
    assert (shown_method, shown_path, shown_success) == (method, path, success)
    if int(number) in OLDER_CACHE:
        assert state == "404: replaced by `/v2/cache`"
    else:
        assert state == MULTIPLE.get(int(number), success)
        assert rule


def test_own_calls_are_listed_apart(page: str) -> None:
    own = page.partition("## Beyond the reference")[2]
    for path in ("/v2/images/{image_id}/history", "/openapi.json", "/docs"):
        assert f"| GET | `{path}` | 200 |" in own
