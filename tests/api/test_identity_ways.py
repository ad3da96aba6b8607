"""The ways to prove an identity, where no Keystone is needed to see what they do."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest

from catalog.api.identity.opening import open_identity
from catalog.api.identity.service_catalog import image_endpoints
from catalog.api.identity.tokens import CheckedTokens
from catalog.clock import monotonic
from catalog.errors import Unavailable
from catalog.server.run import listen
from catalog.server.tls import open_tls
from catalog.settings import SettingsError, build
from tests.api.support import Api

KEYSTONE = {
    "auth": "keystone", "keystone_auth_url": "http://127.0.0.1:9/v3", "keystone_username": "calotype",
    "keystone_password": "top-secret", "keystone_http_request_max_retries": 0,
}  # fmt: skip


def test_keystone_without_its_package(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "catalog.api.identity.keystone", raising=False)
    monkeypatch.setitem(sys.modules, "keystonemiddleware.auth_token", None)
    with pytest.raises(SettingsError, match=r"pip install 'calotype\[keystone\]'"):
        Api(**KEYSTONE)


@pytest.mark.parametrize("name", ["keystone_auth_url", "keystone_username", "keystone_password"])
def test_keystone_without_a_setting(name: str):
    with pytest.raises(SettingsError, match=f"setting {name}: auth keystone needs it"):
        open_identity(build({**KEYSTONE, name: ""}), monotonic)


def test_application_credential_instead_of_a_user():
    own = {"keystone_auth_type": "v3applicationcredential", "keystone_application_credential_id": "x"}
    settings = {"auth": "keystone", "keystone_auth_url": "http://127.0.0.1:9/v3", **own}
    with pytest.raises(SettingsError, match="setting keystone_application_credential_secret: auth keystone needs it"):
        open_identity(build(settings), monotonic)
    open_identity(build({**settings, "keystone_application_credential_secret": "y"}), monotonic)


def test_keystone_out_of_reach():
    api = Api(**KEYSTONE)
    refused = api.get("/v2/images", "some-token")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert api.get("/v2/images", None).status_code == 401
    with pytest.raises(Unavailable):
        open_identity(build(KEYSTONE), monotonic).check()
    api.close()


def test_anonymous_access_needs_no_keystone():
    api = Api(**KEYSTONE, allow_anonymous_access=True)
    assert api.get("/v2/images", None).status_code == 403, "the default rules let nobody read without a role"
    assert api.get("/v2/schemas/image", None).status_code == 200
    assert api.post({"name": "one"}, None).status_code == 403
    api.close()


@pytest.mark.parametrize("auth", ["none", "headers"])
def test_ways_that_let_everybody_in_listen_on_loopback(auth: str):
    with pytest.raises(SettingsError, match=f"setting bind: auth {auth} lets everybody in"):
        listen(build({"auth": auth, "bind": "0.0.0.0:0"}))
    for settings in ({"bind": "127.0.0.1:0"}, {"bind": "0.0.0.0:0", "insecure_bind": True}):
        listen(build({"auth": auth, **settings})).close()


@pytest.mark.parametrize("auth", ["keystone", "http_basic"])
def test_ways_that_ask_listen_anywhere(auth: str):
    listener = listen(build({"auth": auth, "bind": "0.0.0.0:0"}))
    assert listener.family == socket.AF_INET
    listener.close()


def test_secrets_of_settings_are_not_shown():
    settings = build({**KEYSTONE, "keystone_application_credential_secret": "other-secret"})
    assert "secret" not in repr(settings).replace("credential_secret", "")
    with pytest.raises(SettingsError) as refused:
        build({"keystone_password": ["top-secret"]})
    assert str(refused.value) == "setting keystone_password: must be a text"


@pytest.mark.parametrize(
    "catalog",
    [
        "",
        "{",
        "[]",
        "null",
        "1",
        '[{"type": "image", "endpoints": [1]}]',
        '[1, {"type": "image"}, {"type": "compute"}]',
    ],
)
def test_catalogs_without_an_image_service(catalog: str):
    assert image_endpoints(catalog) == {}


def test_catalog_with_image_services():
    endpoints = [{"region": "One", "publicURL": "http://1", "adminURL": "http://a", "id": "x"}, {"publicURL": None}]
    catalog = [{"type": "image", "endpoints": endpoints}, {"type": "volume", "endpoints": endpoints}]
    assert image_endpoints(json.dumps(catalog)) == {("one", "public"): "http://1", ("one", "admin"): "http://a"}


def test_checked_tokens_end_and_are_bounded():
    now = [0.0]
    tokens = CheckedTokens(lambda: now[0], most_bytes=10)
    tokens.set("a", b"1234", 5)
    tokens.set("b", b"1234", 50)
    tokens.set("never", b"1234", -1)
    assert (tokens.get("a"), tokens.get("b"), tokens.get("never"), tokens.get("c")) == (b"1234", b"1234", None, None)
    now[0] = 5.0
    assert (tokens.get("a"), tokens.get("b")) == (None, b"1234")
    tokens.set("c", b"123456", 50)
    assert tokens.get("b") == b"1234"
    tokens.set("d", b"1", 50)
    assert (tokens.get("c"), tokens.get("b"), tokens.get("d")) == (None, b"1234", b"1")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"key_file": "key"}, "setting cert_file: must be set"),
        ({"ca_file": "ca"}, "setting cert_file: must be set"),
        ({"cert_file": "none"}, "setting cert_file: .*no such file"),
        ({"cert_file": "cert", "key_file": "none"}, "setting key_file: .*no such file"),
        ({"cert_file": "cert"}, "setting cert_file: the certificate and its key do not work"),
    ],
)
def test_certificates_that_cannot_be_used(tmp_path: Path, settings: dict[str, str], said: str):
    (tmp_path / "cert").write_text("no certificate")
    with pytest.raises(SettingsError, match=said):
        open_tls(build({name: str(tmp_path / file) for name, file in settings.items()}))
