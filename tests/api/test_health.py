"""The health check and the file that takes a node out of the balancer's rotation."""

from __future__ import annotations

from pathlib import Path

from tests.api.conftest import MakeApi


def test_file_disables_the_node(make_api: MakeApi, tmp_path: Path) -> None:
    file = tmp_path / "disabled"
    api = make_api(healthcheck_disable_by_file_path=str(file))
    for exists in (False, True, True, False):
        file.touch() if exists else file.unlink(missing_ok=True)
        answer = api.get("/healthcheck", who=None, headers={"Accept": "application/json"})
        assert answer.status_code == (503 if exists else 200)
        assert answer.text == ("DISABLED BY FILE" if exists else "OK")
        assert answer.content_type == "text/plain; charset=UTF-8"


def test_other_calls_go_on(make_api: MakeApi, tmp_path: Path) -> None:
    api = make_api(healthcheck_disable_by_file_path=str(tmp_path))
    assert api.get("/healthcheck", who=None).status_code == 503
    assert api.get("/v2/images").status_code == 200
