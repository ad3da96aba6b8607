"""Grids of the calls on images, their data and their members (images.md, sharing_and_policy.md)."""

from __future__ import annotations

from tests.api.matrix.grid import grid, line
from tests.api.support import OCTETS, PATCH_21, TEN

SEE = """
                          A   M   R   G   S   I   O   N
private                   200 200 200 404 404 404 404 404
shared                    200 200 200 404 404 200 404 404
open protected            200 200 200 404 404 200 200 404
deactivated orphan        200 200 200 404 404 200 200 404
"""

DATA = """
                          A   M   R   G   S   I   O   N
private                   200 200 403 404 404 404 404 404
shared                    200 200 403 404 404 200 404 404
open protected            200 200 403 404 404 200 200 404
deactivated               200 403 403 404 404 403 403 404
orphan                    200 200 403 404 404 200 200 404
"""

HISTORY = """
                          A   M   R   G   S   I   O   N
private                   200 200 200 404 404 404 404 404
shared                    200 200 200 404 404 403 404 404
open protected            200 200 200 404 404 403 403 404
deactivated               200 200 200 404 404 403 403 404
orphan                    200 403 403 404 404 403 403 404
"""

CHANGE = """
                          A   M   R   G   S   I   O   N
private                   200 200 403 404 404 404 404 403
shared                    200 200 403 404 404 403 404 403
open protected            200 200 403 404 404 403 403 403
deactivated               200 200 403 404 404 403 403 403
orphan                    200 403 403 404 404 403 403 403
"""
QUIET_CHANGE = CHANGE.replace("200", "204")

DELETE = """
                          A   M   R   G   S   I   O   N
private                   204 204 403 404 404 404 404 403
shared                    204 204 403 404 404 403 404 403
open                      204 204 403 404 404 403 403 403
protected                 403 403 403 404 404 403 403 403
deactivated               204 204 403 404 404 403 403 403
orphan                    204 403 403 404 404 403 403 403
"""

UNDELETE = """
                          A   M   R   G   S   I   O   N
private shared open       204 404 404 404 404 404 404 403
protected orphan          204 404 404 404 404 404 404 403
deactivated               409 403 403 404 404 403 403 403
"""

UPLOAD = """
                          A   M   R   G   S   I   O   N
private                   204 204 403 404 404 404 404 403
shared                    204 204 403 404 404 403 404 403
open protected            204 204 403 404 404 403 403 403
deactivated               409 409 403 404 404 403 403 403
orphan                    204 403 403 404 404 403 403 403
"""

MEMBERS = """
                          A   M   R   G   S   I   O   N
private                   403 403 403 404 404 404 404 404
shared                    200 200 200 404 404 200 404 404
open protected            403 403 403 404 404 403 403 404
deactivated orphan        403 403 403 404 404 403 403 404
"""

MEMBER = """
                          A   M   R   G   S   I   O   N
private                   404 404 404 404 404 404 404 404
shared                    200 200 200 404 404 200 404 404
open protected            404 404 404 404 404 404 404 404
deactivated orphan        404 404 404 404 404 404 404 404
"""

ADD_MEMBER = """
                          A   M   R   G   S   I   O   N
private                   403 403 403 404 404 404 404 403
shared                    200 200 403 404 404 403 404 403
open protected            403 403 403 404 404 403 403 403
deactivated orphan        403 403 403 404 404 403 403 403
"""

SET_MEMBER = """
                          A   M   R   G   S   I   O   N
private                   403 403 403 404 404 404 404 403
shared                    200 403 403 404 404 200 404 403
open protected            403 403 403 404 404 403 403 403
deactivated orphan        403 403 403 404 404 403 403 403
"""

REMOVE_MEMBER = ADD_MEMBER.replace("200", "204")

# Which of the images a list shows, yes or no; without the role reader there is no list.
LISTED = """
                          A   M   R   G   S   I   O   N
private                   yes yes yes 403 403 no  no  403
pending rejected          yes yes yes 403 403 no  no  403
accepted                  yes yes yes 403 403 yes no  403
community                 no  yes yes 403 403 no  no  403
public protected          yes yes yes 403 403 yes yes 403
deactivated orphan        yes yes yes 403 403 yes yes 403
hidden                    no  no  no  403 403 no  no  403
"""

LISTED_ALL = """
                          A   M   R   G   S   I   O   N
private                   yes yes yes 403 403 no  no  403
shared                    yes yes yes 403 403 yes no  403
community public          yes yes yes 403 403 yes yes 403
protected                 yes yes yes 403 403 yes yes 403
deactivated orphan        yes yes yes 403 403 yes yes 403
hidden                    no  no  no  403 403 no  no  403
"""

LISTED_HIDDEN = """
                          A   M   R   G   S   I   O   N
private shared            no  no  no  403 403 no  no  403
community public          no  no  no  403 403 no  no  403
protected                 no  no  no  403 403 no  no  403
deactivated orphan        no  no  no  403 403 no  no  403
hidden                    yes yes yes 403 403 yes yes 403
"""

IMAGE = "/v2/images/{id}"
GRIDS = [
    #                          A   M   R   G   S   I   O   N
    line("GET /v2/images", "   200 200 200 403 403 200 200 403"),
    line("POST /v2/images", "  201 201 403 403 403 201 201 403", data="{}"),
    grid("GET /v2/images", LISTED, label="(default)", query_string="limit=1000"),
    grid("GET /v2/images", LISTED_ALL, label="(all)", query_string="limit=1000&visibility=all&member_status=all"),
    grid("GET /v2/images", LISTED_HIDDEN, label="(hidden)", query_string="limit=1000&os_hidden=true"),
    grid(f"GET {IMAGE}", SEE),
    grid(f"GET {IMAGE}/history", HISTORY),
    grid(f"PATCH {IMAGE}", CHANGE, data='[{"op": "add", "path": "/a", "value": "b"}]', content_type=PATCH_21),
    grid(f"PATCH {IMAGE}", CHANGE, label="(nothing)", data="[]", content_type=PATCH_21),
    grid(f"DELETE {IMAGE}", DELETE),
    grid(f"PUT {IMAGE}/file", UPLOAD, "queued", data=TEN, content_type=OCTETS),
    grid(f"GET {IMAGE}/file", DATA),
    grid(f"POST {IMAGE}/actions/deactivate", QUIET_CHANGE),
    grid(f"POST {IMAGE}/actions/reactivate", QUIET_CHANGE),
    grid(f"POST {IMAGE}/actions/undelete", UNDELETE, "deleted"),
    grid(f"PUT {IMAGE}/tags/new", QUIET_CHANGE),
    grid(f"DELETE {IMAGE}/tags/old", QUIET_CHANGE),
    grid(f"GET {IMAGE}/members", MEMBERS),
    grid(f"POST {IMAGE}/members", ADD_MEMBER, data='{"member": "p9"}'),
    grid(f"GET {IMAGE}/members/p2", MEMBER),
    grid(f"PUT {IMAGE}/members/p2", SET_MEMBER, data='{"status": "rejected"}'),
    grid(f"DELETE {IMAGE}/members/p2", REMOVE_MEMBER),
    #                               A   M   R   G   S   I   O   N
    line("GET /v2/schemas/image", " 200 200 200 200 200 200 200 200"),
    line("GET /v2/schemas/images", "200 200 200 200 200 200 200 200"),
    line("GET /v2/schemas/member", "200 200 200 200 200 200 200 200"),
    line("GET /v2/schemas/members", "200 200 200 200 200 200 200 200"),
    line("GET /v2/schemas/task", "  200 200 200 200 200 200 200 200"),
    line("GET /v2/schemas/tasks", " 200 200 200 200 200 200 200 200"),
]
