"""The fence of a home store on Swift when an answer is lost, and when the writer knows that it has lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.swift.client import SwiftClient
from backends.swift.fence import Writer
from backends.swift.timed import SwiftClaims
from catalog.store.errors import StoreError, Unavailable
from catalog.store.interface import Create, Overwrite, Update
from tests.conformance.hosts import Hosts
from tests.servers.swift import SwiftServer


@pytest.fixture
def hosts(swift_client, tmp_path: Path) -> Hosts:
    return Hosts(swift_client, tmp_path)


def test_a_lost_answer_closes_its_key_for_a_while(tmp_path: Path) -> None:
    with SwiftServer() as server:
        client = server.client()
        hosts = Hosts(client, tmp_path)
        store = hosts.host("host")
        store.prepare(create=True)
        info = store.put("key", b"1", Create())
        hasty = SwiftClient(client._login, server.options(connect_timeout=1, read_timeout=0.5))
        senders = [client.send]

        def pausing(method: str, *args: object, **options: object) -> object:
            if method == "PUT":
                server.pause()
                senders[:] = [hasty.send]
            return senders[0](method, *args, **options)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(client, "send", pausing)
            with pytest.raises(StoreError) as raised:
                store.put("key", b"2", Update(info.etag))
        assert type(raised.value) is Unavailable
        server.resume()
        with pytest.raises(Unavailable, match="the outcome of an earlier write is open"):
            store.put("key", b"3", Overwrite())
        assert store.put("other", b"3", Overwrite()).size == 1
        hosts.outlive_the_pause()
        store.put("key", b"3", Overwrite())
        assert store.get("key").read() == b"3"
        for made in (client, hasty):
            made.close()


def test_a_writer_that_knows_it_has_lost_asks_no_more(hosts: Hosts, tmp_path: Path) -> None:
    store = hosts.host("old")
    store.prepare(create=False)
    store.put("key", b"1", Create())
    SwiftClaims(hosts.place).claim(2)
    writer: Writer = store._writer
    with pytest.raises(Unavailable, match="taken this store over"):
        writer.confirm(1)
    with pytest.raises(Unavailable, match="another host writes"):
        writer.check()
