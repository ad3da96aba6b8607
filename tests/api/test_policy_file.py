"""A policy file at work: what it opens and closes, in single calls and in lists, and what it cannot open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.settings import SettingsError
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVAN, EVE, ROOT, Api, operation

WithRules = Callable[[str], Api]


@pytest.fixture
def with_rules(make_api: MakeApi, tmp_path: Path) -> WithRules:
    """Makes a catalog with a policy file."""

    def make(text: str, **settings: object) -> Api:
        path = tmp_path / "policy.yaml"
        path.write_text(text)
        return make_api(policy_file=str(path), **settings)

    return make


def listed(api: Api, who: str, query: str = "") -> set[str]:
    answer = api.get(f"/v2/images?{query}", who)
    assert answer.status_code == 200, answer.text
    return {image["id"] for image in answer.json["images"]}


def test_a_file_as_operators_write_it(with_rules: WithRules) -> None:
    api = with_rules("""
# Publishing is for the image team; readers of a project may download.
"image_team": "role:image_publisher"
"publicize_image": "rule:context_is_admin or rule:image_team"
"download_image": "role:reader and (project_id:%(project_id)s or 'public':%(visibility)s)"
#"get_images": "!"
""")
    image_id = api.active()
    publish = [operation("replace", "visibility", "public")]
    assert api.patch(image_id, publish, ALICE).status_code == 403
    assert api.patch(image_id, publish, "ann:p1:member,reader,Image_Publisher").status_code == 200
    assert api.get_file(image_id, BOB).status_code == 200
    assert api.get_file(image_id, EVAN).status_code == 200
    assert api.get_file(image_id, "mia:p1:member").status_code == 404


def test_closed_list(with_rules: WithRules) -> None:
    api = with_rules('"get_images": "role:lister"')
    assert api.get("/v2/images").status_code == 403
    assert api.get("/v2/images", ROOT).status_code == 403, "the file is above the role admin too"
    assert api.get("/v2/images", "lou:p1:lister").status_code == 200


def test_get_image_rules_lists_too(with_rules: WithRules) -> None:
    api = with_rules('"get_image": "rule:context_is_admin or project_id:%(project_id)s"')
    own, public = api.new()["id"], api.new(ROOT, visibility="public")["id"]
    assert listed(api, ALICE) == {own}
    assert listed(api, ROOT) == {own, public}
    assert api.get(f"/v2/images/{public}", ALICE).status_code == 404
    assert api.get(f"/v2/images/{own}", "any:p1:").status_code == 200


def test_rule_on_a_property_rules_lists_too(with_rules: WithRules) -> None:
    api = with_rules('"get_image": "role:cleared or not \'secret\':%(classification)s"')
    secret, plain = api.new(classification="secret")["id"], api.new(classification="open")["id"]
    unmarked = api.new()["id"]
    assert listed(api, ALICE) == {plain, unmarked}
    assert listed(api, "kim:p1:reader,cleared") == {secret, plain, unmarked}
    assert api.get(f"/v2/images/{secret}").status_code == 404
    assert api.patch(plain, [operation("add", "classification", "secret")]).status_code == 200
    assert listed(api, ALICE) == {unmarked}


def test_rule_that_wants_a_membership(with_rules: WithRules) -> None:
    api = with_rules('"get_image": "project_id:%(project_id)s or project_id:%(member_id)s"')
    shared, public = api.new()["id"], api.new(ROOT, visibility="public")["id"]
    api.share(shared, "p2", "accepted")
    assert listed(api, EVE) == {shared}
    assert api.get(f"/v2/images/{shared}", EVE).status_code == 200
    assert api.get(f"/v2/images/{public}", EVE).status_code == 404


def test_file_cannot_make_others_owners(with_rules: WithRules) -> None:
    rules = ("modify_image", "delete_image", "upload_image", "deactivate", "reactivate", "add_image")
    api = with_rules("\n".join(f'"{rule}": ""' for rule in rules))
    public = api.bare(ROOT, visibility="public")
    orphan = api.bare(ROOT, visibility="public", owner=None)
    private = api.bare(ROOT, visibility="private")
    for image_id, status in ((public, 403), (orphan, 403), (private, 404)):
        path = f"/v2/images/{image_id}"
        answers = {
            api.patch(image_id, [operation("add", "a", "b")]).status_code,
            api.call("PUT", f"{path}/tags/x").status_code,
            api.put_file(image_id).status_code,
            api.call("POST", f"{path}/actions/deactivate").status_code,
            api.call("DELETE", path).status_code,
        }
        assert answers == {status}
        assert api.record(image_id).revision == 1
    assert api.post({"owner": "p9"}, ALICE).status_code == 403
    assert api.post({"owner": None}, ALICE).status_code == 403
    assert api.post({}, "any:p1:").status_code == 201


def test_file_can_close_what_admins_may(with_rules: WithRules) -> None:
    api = with_rules('"delete_image": "!"')
    image_id = api.new()["id"]
    for who in (ALICE, ROOT):
        assert api.call("DELETE", f"/v2/images/{image_id}", who).status_code == 403


def test_who_is_admin(with_rules: WithRules) -> None:
    api = with_rules('"context_is_admin": "role:cloud_admin"')
    image_id = api.new(visibility="private")["id"]
    assert api.get(f"/v2/images/{image_id}", ROOT).status_code == 404
    assert api.get(f"/v2/images/{image_id}", "cleo:p9:cloud_admin").status_code == 200
    assert image_id in listed(api, "cleo:p9:cloud_admin")
    assert image_id not in listed(api, ROOT)
    assert api.patch(image_id, [operation("replace", "owner", "p5")], "cleo:p9:cloud_admin").status_code == 200


def test_members_by_file(with_rules: WithRules) -> None:
    api = with_rules('"add_member": "role:sharer and project_id:%(project_id)s"\n"get_members": "!"')
    image_id = api.new()["id"]
    path = f"/v2/images/{image_id}/members"
    assert api.call("POST", path, json={"member": "p2"}).status_code == 403
    assert api.call("POST", path, "sue:p1:reader,sharer", json={"member": "p2"}).status_code == 200
    assert api.get(path).status_code == 403


def test_service_roles_count_where_a_rule_names_them(with_rules: WithRules) -> None:
    api = with_rules('"download_image": "service_roles:service"')
    image_id = api.active()
    assert api.get_file(image_id).status_code == 403
    assert api.get_file(image_id, ALICE, X_Service_Token="nova:services:Service").status_code == 200
    assert api.get_file(image_id, "nova:p1:member,reader,service").status_code == 403
    assert api.get_file(image_id, ALICE, X_Service_Token="nonsense").status_code == 401


def test_roles_are_compared_in_lower_case(api: Api) -> None:
    assert api.get("/v2/images", "bea:p1:Reader").status_code == 200
    assert api.get(f"/v2/images/{api.new(visibility='private')['id']}", "rob:p7:ADMIN").status_code == 200


def test_file_rules_callers_without_identities_too(with_rules: WithRules) -> None:
    api = with_rules('"delete_image": "!"', auth="none")
    made = api.post({"visibility": "private"}, None)
    assert made.status_code == 201
    assert api.call("DELETE", f"/v2/images/{made.json['id']}", None).status_code == 403


def test_bad_file_stops_the_start(with_rules: WithRules) -> None:
    with pytest.raises(SettingsError, match=r"policy_file: .*policy\.yaml: rule get_image: 'admin' is not a check"):
        with_rules('"get_image": "admin"')
