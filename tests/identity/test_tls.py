"""https by the server itself, with the real clients."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.e2e.support import OCTETS, random_bytes, wait_for
from tests.fetch.certificates import Authority
from tests.identity.conftest import command
from tests.servers.calotype import Calotype


class Served:
    """A catalog that speaks https, and the authority that its clients trust."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.certificate = folder / "127.0.0.1.pem"
        self.renew()
        self.catalog = Calotype(folder / "catalog", cert_file=self.certificate, client_timeout=60)
        self.url = self.catalog.url.replace("http:", "https:")
        self.trusted = str(self.authority.bundle)

    def renew(self) -> None:
        self.authority.context("127.0.0.1")

    def connect(self) -> ssl.SSLSocket:
        """Connect as a client that trusts the authority."""
        context = ssl.create_default_context(cafile=self.trusted)
        plain = socket.create_connection(("127.0.0.1", self.catalog.port), timeout=120)
        return context.wrap_socket(plain, server_hostname="127.0.0.1")

    def serial(self) -> str:
        """Give the serial number of the certificate that is shown."""
        with self.connect() as safe:
            found = safe.getpeercert()
        assert found is not None
        return str(found["serialNumber"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("tls"))
    with made.catalog:
        yield made


def call(served: Served, method: str, path: str, **options: object) -> requests.Response:
    return requests.request(method, f"{served.url}{path}", verify=served.trusted, timeout=120, **options)  # type: ignore[arg-type]


def new(served: Served) -> str:
    made = call(served, "POST", "/v2/images", json={"disk_format": "raw", "container_format": "bare"})
    assert made.status_code == 201
    assert made.headers["Location"] == f"{served.url}/v2/images/{made.json()['id']}"
    return str(made.json()["id"])


def test_greeting_and_links(served: Served):
    assert f"Calotype listens on {served.url}" in served.catalog.greeting
    links = {link["href"] for one in call(served, "GET", "/versions").json()["versions"] for link in one["links"]}
    assert links == {f"{served.url}/v2/", f"{served.url}/v1/"}


@pytest.mark.parametrize("chunked", [False, True])
def test_large_data_there_and_back(served: Served, chunked: bool):
    image, data = new(served), random_bytes(20_000_000)
    blocks = iter([data[at : at + 1_000_003] for at in range(0, len(data), 1_000_003)])
    put = call(served, "PUT", f"/v2/images/{image}/file", data=blocks if chunked else data, headers=OCTETS)
    assert put.status_code == 204
    assert call(served, "GET", f"/v2/images/{image}/file").content == data


def test_upload_that_breaks_off(served: Served):
    image = new(served)
    with served.connect() as safe:
        head = f"PUT /v2/images/{image}/file HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"
        safe.sendall(f"{head}Content-Type: {OCTETS['Content-Type']}\r\n\r\n".encode() + b"x" * 5000)
    wait_for(lambda: call(served, "GET", f"/v2/images/{image}").json()["status"] == "killed", "the end of the upload")


def test_curl(served: Served, tmp_path: Path):
    image, file = new(served), tmp_path / "disk"
    file.write_bytes(random_bytes(3_000_000))
    line = ["curl", "-sS", "--fail-with-body", "--cacert", served.trusted, f"{served.url}/v2/images/{image}/file"]
    put = [*line, "-T", str(file), "-H", "Content-Type: application/octet-stream"]
    assert subprocess.run(put, capture_output=True, check=False).returncode == 0
    assert subprocess.run(line, capture_output=True, check=True).stdout == file.read_bytes()
    refused = subprocess.run([word for word in line if word not in ("--cacert", served.trusted)], check=False)
    assert refused.returncode == 60, "an authority that is not trusted"
    old = subprocess.run([*line, "--tls-max", "1.1"], capture_output=True, check=False)
    assert old.returncode == 35


def test_openstack_client(served: Served, disk: Path):
    words = ["--os-auth-type", "none", "--os-endpoint", served.url, "--os-cacert", served.trusted, "image"]
    made = command("openstack", *words, "create", "--file", str(disk), "by https")
    assert made.returncode == 0, made.stderr
    assert "active" in made.stdout


def test_renewed_certificate_is_shown_without_a_restart(served: Served):
    first = served.serial()
    good = served.certificate.read_bytes()
    served.certificate.write_text("nonsense")
    assert served.serial() == first, "the old one stays"
    served.certificate.write_bytes(good)
    served.renew()
    assert served.serial() != first
    lines = served.catalog.log_lines
    wait_for(lambda: any(line["event"].startswith("files are wrong") for line in lines()), "a line on the files")


def test_client_that_does_not_speak_tls_holds_nothing(served: Served):
    with socket.create_connection(("127.0.0.1", served.catalog.port), timeout=120) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" not in plain.recv(1000)
    assert call(served, "GET", "/versions").status_code == 200


def test_client_certificates(tmp_path: Path):
    served = Served(tmp_path)
    served.catalog.settings["ca_file"] = served.trusted
    served.authority.context("client")
    with served.catalog:
        with pytest.raises(requests.ConnectionError):
            call(served, "GET", "/versions")
        assert call(served, "GET", "/versions", cert=str(tmp_path / "client.pem")).status_code == 200
