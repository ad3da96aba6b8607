"""The files and the code of the page on sharing do what the page says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from catalog.service.policy_rules import DEFAULT_RULES
from tests.api.support import ROOT as ADMIN
from tests.api.support import Api
from tests.docs.markdown import blocks


def test_example_of_the_page(tmp_path: Path) -> None:
    for language, name in (("yaml", "policy.yaml"), ("ini", "protections.conf")):
        (text,) = blocks("docs/sharing.md", language)
        (tmp_path / name).write_text(text)
    (code,) = blocks("docs/sharing.md", "python")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_for_callers_without_an_identity(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sharing.md").read_text()
    section = page.split("## Callers without an identity")[1]
    (tmp_path / "policy.yaml").write_text(
        "\n".join(line.strip() for line in section.splitlines() if line[:4] == "    ")
    )
    api = Api(allow_anonymous_access=True, policy_file=str(tmp_path / "policy.yaml"))
    public, private = (api.active(who=ADMIN, visibility=kind) for kind in ("public", "private"))
    assert [image["id"] for image in api.get("/v2/images", None).json["images"]] == [public]
    assert api.get(f"/v2/images/{public}/file", None).status_code == 200
    assert api.get(f"/v2/images/{private}/file", None).status_code == 404
    assert api.call("DELETE", f"/v2/images/{public}", None).status_code == 403
    api.close()


def test_rules_that_the_page_names_exist() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sharing.md").read_text()
    for rule in ("get_images", "get_image", "publicize_image", "download_image", "get_image_history"):
        assert rule in page
        assert rule in DEFAULT_RULES
