"""Routes on the image cache of this node.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from catalog.api.bodies import without_body
from catalog.api.http import base_url, caller, empty_answer, json_answer
from catalog.api.operation import Parameter, operation
from catalog.service.image_cache import TARGETS, CacheCalls

GROUP = "Cache"
TARGET_HEADER = "x-image-cache-clear-target"
_ERRORS = {400: "error", 403: "error", 404: "error"}


def blueprint(cache: CacheCalls) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("cache", __name__)
    _add_whole(routes, cache)
    _add_single(routes, cache)
    return routes


def _add_whole(routes: Blueprint, cache: CacheCalls) -> None:
    @routes.get("/v2/cache")
    @operation("Show the images that this node has cached or is to cache", GROUP, "cache_list",
               {200: "cache", **_ERRORS})  # fmt: skip
    @without_body
    def show_cache() -> Response:
        return json_answer(cache.show(caller()))

    @routes.delete("/v2/cache")
    @operation("Empty the cache, the queue, or both", GROUP, "cache_delete", {204: "", **_ERRORS}, parameters=(
        Parameter(TARGET_HEADER, "header", {"enum": ["", *TARGETS]}, help="What to empty; nothing: both"),
    ))  # fmt: skip
    @without_body
    def clear_cache() -> Response:
        cache.clear(caller(), request.headers.get(TARGET_HEADER, "").strip().lower())
        return empty_answer()

    @routes.post("/v2/cache/clean")
    @operation("Remove unfinished and outdated files", GROUP, "cache_clean", {200: "", **_ERRORS})
    @without_body
    def clean_cache() -> Response:
        cache.clean(caller())
        return empty_answer(200)

    @routes.post("/v2/cache/prune")
    @operation("Remove what was used longest ago until the bound is kept", GROUP, "cache_prune",
               {200: "cache_pruned", **_ERRORS})  # fmt: skip
    @without_body
    def prune_cache() -> Response:
        pruned = cache.prune(caller())
        return json_answer({"total_files_pruned": pruned.files, "total_bytes_pruned": pruned.bytes})


def _add_single(routes: Blueprint, cache: CacheCalls) -> None:
    @routes.put("/v2/cache/<image:image_id>")
    @operation("Let an image be fetched into the cache", GROUP, "cache_image", {202: "", **_ERRORS})
    @without_body
    def queue_image(image_id: str) -> Response:
        cache.queue(caller(), image_id)
        return empty_answer(202)

    @routes.delete("/v2/cache/<image:image_id>")
    @operation("Remove an image from cache and queue", GROUP, "cache_delete", {204: "", **_ERRORS})
    @without_body
    def remove_cached_image(image_id: str) -> Response:
        cache.remove(caller(), image_id)
        return empty_answer()

    @routes.get("/v2/cache/nodes/<image_id>")
    @operation("Show whether this node has cached an image, by its address: it knows of no other node", GROUP,
               "list_cached_nodes", {200: "cache_nodes", **_ERRORS})  # fmt: skip
    @without_body
    def show_nodes(image_id: str) -> Response:
        return json_answer([base_url()] if cache.is_cached(caller(), image_id) else [])
