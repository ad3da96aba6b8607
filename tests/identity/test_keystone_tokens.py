"""Tokens of a real Keystone: good, void, of the wrong kind, of a service."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests

from tests.api.support import UNUSED
from tests.e2e.support import Client, wait_for
from tests.identity.conftest import People, User
from tests.servers.calotype import Calotype


def test_no_token_and_tokens_that_are_none(people: People, catalog: Calotype):
    for token in (None, "", "nonsense", "gAAAAABnonsense", "x" * 4000, "über", "a b"):
        encoded = None if token is None else token.encode()
        answer = User(catalog.url, encoded).call("GET", "/v2/images")
        assert answer.status_code == 401, token
        assert answer.headers["WWW-Authenticate"] == f'Keystone uri="{people.cloud.keystone.url}"'
    assert "nonsense" not in catalog.stderr.read_text()


def test_headers_of_the_middleware_prove_nothing(catalog: Calotype):
    forged = {"X-Identity-Status": "Confirmed", "X-User-Id": "root", "X-Project-Id": "red", "X-Roles": "admin,reader"}
    assert Client(catalog.url).call("GET", "/v2/images", headers=forged).status_code == 401


def test_forged_headers_beside_a_token(people: People, catalog: Calotype):
    rita = User(catalog.url, people.cloud.token("rita", "red"), **{"X-Roles": "admin", "X-Service-Roles": "admin"})
    assert rita.call("POST", "/v2/images", json={"name": "forged"}).status_code == 403
    assert rita.statuses(("GET", "/v2/tasks"), ("GET", "/v2/images")) == [403, 200]


def test_open_routes_need_no_token(catalog: Calotype):
    for path, status in (("/", 300), ("/versions", 200), ("/healthcheck", 200), ("/openapi.json", 200)):
        assert Client(catalog.url).call("GET", path).status_code == status


def test_tokens_that_are_not_for_a_project(people: People, catalog: Calotype):
    public = User(catalog.url, people.cloud.token("root", "red"))
    image = public.create("of all", visibility="public")
    for scope in ({"domain": {"id": "default"}}, {"system": {"all": True}}, None):
        user = User(catalog.url, people.cloud.token("root", scope=scope))
        calls = [
            ("GET", "/v2/images"),
            ("POST", "/v2/images"),
            ("GET", "/v2/tasks"),
            ("GET", "/v2/metadefs/namespaces"),
        ]
        assert user.call("POST", "/v2/images", json={"name": "none"}).status_code == 403
        assert user.statuses(*(call for call in calls if call[0] == "GET")) == [403, 403, 403]
        assert user.statuses(("GET", f"/v2/images/{image}"), ("DELETE", f"/v2/images/{image}")) == [404, 404]
        assert user.statuses(("GET", "/v2/schemas/image")) == [200]


def test_revoked_token(people: People, catalog: Calotype, asking: Calotype):
    token = people.cloud.token("alice", "red")
    users = [User(running.url, token) for running in (catalog, asking)]
    assert [user.statuses(("GET", "/v2/images")) for user in users] == [[200], [200]]
    people.cloud.revoke(token)
    assert [user.statuses(("GET", "/v2/images")) for user in users] == [[200], [401]], "believed as configured"
    late = User(catalog.url, people.cloud.token("alice", "red"))
    people.cloud.revoke(late.headers["X-Auth-Token"])
    assert late.statuses(("GET", "/v2/images")) == [401]


class _HalfSent:
    """An upload of which the second half waits for ``end``."""

    def __init__(self, user: User, image: str) -> None:
        self._user, self._image, self._go_on, self._status = user, image, threading.Event(), 0
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def end(self) -> int:
        """Send the rest, and give the status of the answer."""
        self._go_on.set()
        self._thread.join(120)
        return self._status

    def _send(self) -> None:
        self._status = self._user.upload(self._image, self._parts()).status_code

    def _parts(self) -> Iterator[bytes]:
        yield b"first half, "
        assert self._go_on.wait(200)
        yield b"second half"


def test_token_that_ends_during_an_upload(people: People, catalog: Calotype):
    bob = User(catalog.url, people.cloud.token("bob", "blue"))
    for seconds in (3, 10, 40):  # a slow machine may need longer than the first ones to begin
        image = bob.create("long upload")
        short = User(catalog.url, people.cloud.token("bob", "blue", seconds=seconds))
        upload = _HalfSent(short, image)
        wait_for(lambda short=short: short.statuses(("GET", "/v2/images")) == [401], "the token's end")
        if bob.status(image) == "saving":
            break
        upload.end()
    assert upload.end() == 204
    assert bob.data(image) == b"first half, second half"


def test_expired_token_with_the_token_of_a_service(people: People, asking: Calotype):
    cloud = people.cloud
    old = cloud.token("alice", "red", seconds=1)
    wait_for(lambda: User(asking.url, old).statuses(("GET", "/v2/images")) == [401], "the token's end")
    service, user = cloud.token("nova", "service"), cloud.token("bob", "blue")
    assert User(asking.url, old, **{"X-Service-Token": service}).statuses(("GET", "/v2/images")) == [200]
    assert User(asking.url, old, **{"X-Service-Token": user}).statuses(("GET", "/v2/images")) == [401]
    fresh = cloud.token("alice", "red")
    for wrong in (user, "nonsense"):
        refused = User(asking.url, fresh, **{"X-Service-Token": wrong}).call("GET", "/v2/images")
        assert refused.status_code == 401, "a token that is no service's spoils the request"


def test_service_role_alone(people: People, asking: Calotype):
    nova, alice = (User(asking.url, people.cloud.token(*who)) for who in (("nova", "service"), ("alice", "red")))
    calls = ("GET", "/v2/info/stores/detail"), ("GET", "/v2/images")
    assert (nova.statuses(*calls), alice.statuses(*calls)) == ([200, 403], [403, 200])


def _application_credential(people: People, user: str, **fields: object) -> str:
    """Make one and give a token for it."""
    cloud = people.cloud
    token = cloud.token(user, "red")
    body = {"application_credential": {"name": f"{user}-{len(fields)}-{id(fields)}", **fields}}
    url = f"{cloud.keystone.url}/users/{people.ids[user]}/application_credentials"
    made = requests.post(url, json=body, headers={"X-Auth-Token": token}, timeout=120)
    assert made.status_code == 201, made.text
    found = made.json()["application_credential"]
    known = {"id": found["id"], "secret": found["secret"]}
    return cloud.sign_in({"identity": {"methods": ["application_credential"], "application_credential": known}})


def test_application_credentials(people: People, catalog: Calotype):
    whole = User(catalog.url, _application_credential(people, "alice"))
    assert whole.statuses(("GET", "/v2/images")) == [200]
    image = whole.create("by credential")
    reader = User(catalog.url, _application_credential(people, "alice", roles=[{"name": "reader"}]))
    assert reader.statuses(("GET", f"/v2/images/{image}"), ("DELETE", f"/v2/images/{image}")) == [200, 403]
    assert whole.statuses(("DELETE", f"/v2/images/{image}")) == [204]


def test_tokens_for_other_services_or_calls(people: People, catalog: Calotype):
    rules = [{"service": "image", "method": "GET", "path": "/v2/images"}]
    lists = User(catalog.url, _application_credential(people, "alice", access_rules=rules))
    assert lists.statuses(("GET", "/v2/images"), ("GET", "/v2.9/images")) == [200, 200]
    assert lists.statuses(("GET", f"/v2/images/{UNUSED}"), ("POST", "/v2/images")) == [401, 401]
    rules = [{"service": "compute", "method": "GET", "path": "/v2.1/servers"}]
    other = User(catalog.url, _application_credential(people, "alice", access_rules=rules))
    assert other.statuses(("GET", "/v2/images")) == [401]


def test_token_of_another_project(people: People, catalog: Calotype):
    alice, bob = (User(catalog.url, people.cloud.token(*who)) for who in (("alice", "red"), ("bob", "blue")))
    image = alice.create("of red", visibility="private")
    path = f"/v2/images/{image}"
    assert bob.statuses(("GET", path), ("DELETE", path), ("GET", f"{path}/file")) == [404, 404, 404]
    with pytest.raises(requests.HTTPError, match="401"):
        people.cloud.token("bob", "red")
