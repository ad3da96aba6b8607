"""The figures: what is counted, who may read them, and that nothing of a tenant's is in them."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from catalog.index.database import Away
from catalog.metrics.families import FAMILIES
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, OCTETS, TEN, Api

FILE = "/v2/images/{image_id}/file"


def figures(api: Api) -> dict[tuple[str, tuple[str, ...]], float]:
    """Give every sample by name and values of labels."""
    answer = api.get("/metrics", who=None)
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found[sample.name, tuple(value for _, value in sorted(sample.labels.items()))] = sample.value
    return found


def finished(api: Api, method: str, path: str, **options: object) -> int:
    """Make a call to the end, as a server does."""
    with api.call(method, path, **options) as answer:  # type: ignore[arg-type]
        answer.get_data()
        return answer.status_code


def test_requests_are_counted_by_template_method_and_status(make_api: MakeApi) -> None:
    api = make_api()
    image_id = api.bare()
    path = f"/v2/images/{image_id}/file"
    before = figures(api)
    assert finished(api, "PUT", path, data=TEN, content_type=OCTETS) == 204
    assert finished(api, "GET", path) == 200
    assert finished(api, "GET", f"/v2/images/{image_id}") == 200
    assert finished(api, "GET", "/v2/images/no-id") == 404
    after = figures(api)
    record = "/v2/images/{image_id}"
    for labels in (("PUT", FILE, "204"), ("GET", FILE, "200"), ("GET", record, "200"), ("GET", record, "404")):
        assert after["calotype_requests_total", labels] == 1, labels
    assert after["calotype_request_seconds_count", ("GET", record)] == 2
    assert after["calotype_requests_running", ("GET", FILE)] == 0
    assert after["calotype_requests_running", ("GET", "/metrics")] >= 1, "the one that is being answered"
    received = after["calotype_received_bytes_total", ()] - before["calotype_received_bytes_total", ()]
    assert received == len(TEN)
    assert after["calotype_sent_bytes_total", ()] - before["calotype_sent_bytes_total", ()] > len(TEN)


def test_transfer_is_running_until_its_end(make_api: MakeApi) -> None:
    api = make_api()
    image_id = api.active()
    with api.get(f"/v2/images/{image_id}/file") as answer:
        assert figures(api)["calotype_requests_running", ("GET", FILE)] == 1
        assert answer.get_data() == TEN
    found = figures(api)
    assert found["calotype_requests_running", ("GET", FILE)] == 0
    assert found["calotype_requests_total", ("GET", FILE, "200")] == 1


def test_refused_calls_are_counted_under_bounded_names(make_api: MakeApi) -> None:
    api = make_api()
    assert finished(api, "GET", "/v2/no/such/thing") == 404
    assert finished(api, "BREW", "/v2/images") == 405
    assert finished(api, "GET", "/v2/images", who=None) == 401
    found = figures(api)
    assert found["calotype_requests_total", ("GET", "unmatched", "404")] == 1
    assert found["calotype_requests_total", ("other", "unmatched", "405")] == 1
    assert found["calotype_requests_total", ("GET", "/v2/images", "401")] == 1


def test_calls_to_the_store_and_the_journal_are_counted(make_api: MakeApi) -> None:
    api = make_api()
    before = figures(api)
    api.new()
    api.get("/v2/images")
    found = figures(api)
    puts = ("put", "ok", "default")
    assert found["calotype_store_calls_total", puts] - before.get(("calotype_store_calls_total", puts), 0) == 2
    assert found["calotype_store_calls_total", ("get", "NotFound", "default")] >= 1
    assert found["calotype_store_call_seconds_count", ("put", "default")] >= 2
    assert found["calotype_store_calls_running", ("put", "default")] == 0
    assert found["calotype_journal_appends_total", ()] == before["calotype_journal_appends_total", ()] + 1
    assert found["calotype_index_position", ()] == before["calotype_index_position", ()] + 1
    assert found["calotype_index_rows", ()] == 1
    assert found["calotype_index_outbox", ()] == 0
    assert 0 <= found["calotype_index_proof_age_seconds", ()] < 60


def test_sweeps_cache_and_readiness_are_shown(make_api: MakeApi, tmp_path: object) -> None:
    api = make_api(image_cache_dir=str(tmp_path))
    image_id = api.active()
    finished(api, "GET", f"/v2/images/{image_id}/file")
    assert api.catalog.services.core.cache is not None
    api.catalog.services.core.cache.settle(10)
    finished(api, "GET", f"/v2/images/{image_id}/file")
    api.catalog.metrics.swept({"tombstone": 2, "orphan": 0})
    api.catalog.metrics.swept({}, failed=True)
    assert finished(api, "GET", "/ready", who=None) == 200
    found = figures(api)
    assert found["calotype_cache_lookups_total", ("miss",)] == 1
    assert found["calotype_cache_lookups_total", ("hit",)] == 1
    assert found["calotype_swept_total", ("tombstone",)] == 2
    assert found["calotype_sweeps_total", ("ok",)] == found["calotype_sweeps_total", ("failed",)] == 1
    assert found["calotype_sweep_last_success_seconds", ()] == api.clock().timestamp()
    assert {name: found["calotype_ready", (name,)] for name in ("store", "journal", "identity")} == dict.fromkeys(
        ("store", "journal", "identity"), 1
    )


def test_figures_are_shown_while_the_index_cannot_be_used(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    api = make_api()

    def away(*given: object) -> int:
        raise Away("the local index is damaged and made anew")

    monkeypatch.setattr(type(api.catalog.index.table), "seen_count", away)
    found = figures(api)
    assert ("calotype_index_rows", ()) not in found
    assert found["calotype_cleanup_waiting", ()] == 0


def test_all_figures_of_the_table_are_there_and_no_others(make_api: MakeApi) -> None:
    text = make_api().get("/metrics", who=None).text
    shown = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE calotype_")}
    assert {name for name in shown if not name.endswith("_created")} == {family.name for family in FAMILIES}


def test_nothing_of_a_tenant_is_shown(make_api: MakeApi) -> None:
    api = make_api()
    image_id = api.active(name="salamander", color="vermilion")
    finished(api, "GET", f"/v2/images/{image_id}/tags/quetzal", headers={"X-Openstack-Request-Id": "req-kestrel"})
    finished(api, "GET", "/v2/images?name=salamander")
    text = api.get("/metrics", who=None).text
    user, project, _ = ALICE.split(":")
    assert not [word for word in (image_id, "salamander", "vermilion", "quetzal", "kestrel", user) if word in text]
    assert f'"{project}"' not in text


@pytest.mark.parametrize(
    ("metrics", "address", "headers", "status"),
    [
        ("loopback", "127.0.0.1", {}, 200), ("loopback", "::1", {}, 200), ("loopback", "10.0.0.9", {}, 404),
        ("loopback", "127.0.0.1", {"X-Forwarded-For": "10.0.0.9"}, 404),
        ("loopback", "127.0.0.1", {"Forwarded": "for=10.0.0.9"}, 404),
        ("all", "10.0.0.9", {}, 200), ("off", "127.0.0.1", {}, 404),
    ],
)  # fmt: skip
def test_who_may_read_them(
    make_api: MakeApi, metrics: str, address: str, headers: dict[str, str], status: int
) -> None:
    api = make_api(metrics=metrics)
    answer = api.get("/metrics", who=None, headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status
    assert ("calotype_requests_total" in answer.text) == (status == 200)
