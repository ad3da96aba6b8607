"""The configuration files of a Swift of one node.

Owns their text. Must never name a path outside the folder of the server.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

_PATIENCE = """\
conn_timeout = 30
node_timeout = 60
"""
"""Half a second, as Swift has it, is too short on a busy machine: the answer is 503, or a listing lacks the object."""

_SWIFT = """\
[swift-hash]
swift_hash_path_prefix = test
swift_hash_path_suffix = fixture
[storage-policy:0]
name = default
default = yes
[swift-constraints]
max_file_size = {max_file_size}
"""

_DEFAULT = """\
[DEFAULT]
swift_dir = {folder}/etc
devices = {folder}/node
mount_check = false
disable_fallocate = true
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
log_level = ERROR
log_udp_host =
"""

_STORAGE = """\
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
allow_versions = true
{patience}"""

_PROXY = """\
[pipeline:main]
pipeline = {pipeline}
[app:proxy-server]
use = egg:swift#proxy
{patience}account_autocreate = true
allow_account_management = true
[filter:cache]
paste.filter_factory = token_cache:filter_factory
cache_dir = {folder}/cache
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:tempurl]
use = egg:swift#tempurl
allowed_digests = sha1 sha256 sha512
[filter:tempauth]
use = egg:swift#tempauth
token_life = {token_life}
user_test_tester = testing .admin
user_test_reader = reading
[filter:slo]
use = egg:swift#slo
max_manifest_segments = {max_segments}
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
"""

_UPDATER = """\
[container-updater]
{patience}recon_cache_path = {folder}/etc
"""

_EXPIRER = """\
[object-expirer]
delay_reaping = 0
dequeue_from_legacy = true
recon_cache_path = {folder}/etc
internal_client_conf_path = {folder}/etc/expirer.conf
[pipeline:main]
pipeline = catch_errors cache proxy-server
[app:proxy-server]
use = egg:swift#proxy
{patience}[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
paste.filter_factory = token_cache:filter_factory
cache_dir = {folder}/expirer-cache
"""

_PLAIN = ("catch_errors", "gatekeeper", "healthcheck", "listing_formats", "bulk", "copy", "container_quotas", "dlo")
_PIPELINE = (
    "catch_errors gatekeeper healthcheck proxy-logging cache listing_formats bulk tempurl {auth} copy "
    "container_quotas slo dlo versioned_writes proxy-logging proxy-server"
)


def write_configuration(
    folder: Path, port: int, auth: str = "tempauth", more: str = "", token_life: int = 86400, max_segments: int = 1000,
    replicas: int = 1,
) -> None:  # fmt: skip
    """Write all files; ``auth`` names the filters that authenticate, ``more`` are further sections of the proxy."""
    for name in ("etc", "cache", "expirer-cache", *(f"node/d{number}" for number in range(replicas))):
        (folder / name).mkdir(parents=True, exist_ok=True)
    default = {"folder": folder, "user": _user()}
    own = {"folder": folder, "patience": _PATIENCE}
    (folder / "etc/swift.conf").write_text(_SWIFT.format(max_file_size=5 * 2**30 + 2))
    for offset, name in enumerate(("account", "container", "object"), start=1):
        text = _DEFAULT.format(port=port + offset, **default) + _STORAGE.format(name=name, patience=_PATIENCE)
        more_of = _UPDATER.format(**own) if name == "container" else ""
        (folder / f"etc/{name}.conf").write_text(text + more_of)
    (folder / "etc/expirer.conf").write_text(_DEFAULT.format(port=port, **default) + _EXPIRER.format(**own))
    pipeline = _PIPELINE.format(auth=auth)
    proxy = _PROXY.format(pipeline=pipeline, **own, token_life=token_life, max_segments=max_segments)
    filters = "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in _PLAIN)
    (folder / "etc/proxy.conf").write_text(_DEFAULT.format(port=port, **default) + proxy + filters + more)


def _user() -> str:
    """Name the user; only forked workers would look at it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return "nobody"


def with_keystone(url: str, user: str, password: str, project: str) -> dict[str, str]:
    """Give the configuration of a Swift that asks a Keystone who its callers are, as the service user ``user``."""
    more = f"""\
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = {url}
auth_url = {url}
auth_type = password
username = {user}
password = {password}
project_name = {project}
user_domain_name = Default
project_domain_name = Default
delay_auth_decision = true
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, member
"""
    return {"auth": "authtoken keystoneauth", "more": more}
