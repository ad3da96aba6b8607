"""The page ``/docs`` in a real browser: it shows every call, and talks to nobody but the catalog."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.servers.calotype import Calotype
from tests.servers.process import find_program

TOKEN = "alice:p1:member,reader"
MILLISECONDS = 120_000
"""How long the browser has for anything."""


@dataclass
class Seen:
    """What the browser did besides showing the page."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def catalog() -> Iterator[Calotype]:
    with Calotype(auth="headers") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    options = ["--no-sandbox"] if os.geteuid() == 0 else []  # the sandbox does not run as root
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=find_program("chromium", "apt-get"), args=options, timeout=MILLISECONDS
        )
        yield opened
        opened.close()


@pytest.fixture
def seen(catalog: Calotype, browser: Browser) -> Iterator[Seen]:
    page = browser.new_page()
    page.set_default_timeout(MILLISECONDS)
    looked = Seen(page)
    page.on("request", lambda request: looked.requests.append(request.url))
    page.on("requestfailed", lambda request: looked.complaints.append(f"failed: {request.url}"))
    page.on("console", lambda line: looked.complaints.append(f"{line.type}: {line.text}"))
    page.on("pageerror", lambda error: looked.complaints.append(f"error: {error}"))
    page.goto(f"{catalog.url}/docs")
    page.wait_for_selector(".opblock")
    yield looked
    page.close()


def test_every_operation_is_shown(catalog: Calotype, seen: Seen) -> None:
    document = seen.page.request.get(f"{catalog.url}/openapi.json").json()
    operations = {(method.upper(), path) for path, one in document["paths"].items() for method in one}
    blocks = seen.page.locator(".opblock-summary")
    expect(blocks).to_have_count(len(operations), timeout=MILLISECONDS)
    shown = {
        (block.locator(".opblock-summary-method").inner_text(), block.locator(".opblock-summary-path").inner_text())
        for block in blocks.all()
    }
    assert {(method, path.replace("\u200b", "")) for method, path in shown} == operations
    assert seen.complaints == []


def test_a_call_is_unfolded_with_its_answers(seen: Seen) -> None:
    seen.page.locator("#operations-Images-images_create_image .opblock-summary-control").click()
    block = seen.page.locator("#operations-Images-images_create_image")
    block.locator(".responses-table").first.wait_for()
    statuses = block.locator(".response .response-col_status").all_inner_texts()
    assert {status.split()[0] for status in statuses} >= {"201", "400", "401", "403", "409", "413"}
    assert seen.complaints == []


def test_a_call_can_be_tried(seen: Seen) -> None:
    seen.page.get_by_role("button", name="Authorize").click()
    seen.page.get_by_label("auth-token-value").or_(seen.page.locator(".auth-container input")).first.fill(TOKEN)
    seen.page.locator(".auth-btn-wrapper .authorize").click()
    seen.page.locator(".auth-btn-wrapper .btn-done").click()
    block = seen.page.locator("#operations-Schemas-discovery_image_schema")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    block.locator(".live-responses-table .response-col_status").first.wait_for()
    assert block.locator(".live-responses-table tbody .response-col_status").first.inner_text().startswith("200")
    assert seen.complaints == []


def test_nothing_leaves_the_host(catalog: Calotype, seen: Seen) -> None:
    seen.page.wait_for_load_state("networkidle")
    assert len(seen.requests) >= 4
    assert [url for url in seen.requests if not url.startswith((f"{catalog.url}/", "data:", "blob:"))] == []


def test_policy_names_no_other_host(catalog: Calotype, seen: Seen) -> None:
    for path in ("docs", "docs/setup.js", "docs/swagger-ui-bundle.js"):
        policy = seen.page.request.get(f"{catalog.url}/{path}").headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        words = {word for part in policy.split(";") for word in part.split()[1:]}
        assert words == {"'none'", "'self'", "'unsafe-inline'", "data:"}
        assert "script-src 'self';" in policy


def test_policy_is_enforced(seen: Seen) -> None:
    """The browser itself refuses what a changed page could ask for."""
    blocked = seen.page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', error => String(error))")
    assert "TypeError" in blocked
    assert any("Content Security Policy" in complaint for complaint in seen.complaints)
