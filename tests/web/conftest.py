"""The page in a real browser, on the unmodified program in mode advanced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.people import PASSWORD, add_person
from tests.e2e.stack import Stack, running

CHROMIUM = Path("/usr/bin/chromium")
PERSON = "maria"
WITHIN_MILLISECONDS = 60_000
"""For machines that are busy: what is waited for is there in a tenth of this."""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the marks
def pytest_collection_modifyitems(items):
    """They share a stack and a browser, so they stay on one worker."""
    for item in items:
        if "/tests/web/" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("web"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory) -> Iterator[Stack]:
    settings = {"protectData": "false", "mailsPerMinute": 100, "scan": "on"}
    with running(Stack(tmp_path_factory.mktemp("web"), "--mode", "advanced", **settings)) as started:
        add_person(started, PERSON, "admins")
        yield started
        started.accounts_for_every_event()


@pytest.fixture(scope="module")  # not longer: Playwright holds the worker's event loop as long as it runs
def browser():
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=WITHIN_MILLISECONDS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield started
        started.close()


@contextmanager
def new_tab(browser, stack):
    """At its end neither the console nor the content security policy may have reported anything."""
    context = browser.new_context(base_url=stack.outputs["webUrl"], viewport={"width": 1280, "height": 860})
    context.set_default_timeout(WITHIN_MILLISECONDS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: answer(dialog, complaints))
    yield page
    context.close()
    # A refused request is reported by the browser too: the page asks for an item that does not exist yet.
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


def answer(dialog, complaints: list[str]) -> None:
    """The browser's question whether to leave during an upload is answered with yes; the page itself asks none."""
    if dialog.type == "beforeunload":
        dialog.accept()
    else:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def tab(browser, stack):
    with new_tab(browser, stack) as page:
        yield page


@pytest.fixture
def signed_in(tab):
    """Maria, on the list of files."""
    sign_in(tab)
    return tab


@pytest.fixture(scope="module")
def viewer(browser, stack):
    """Maria, who only reads: signed in once for all such tests."""
    with new_tab(browser, stack) as page:
        sign_in(page)
        yield page


def sign_in(tab, name: str = PERSON, password: str = PASSWORD) -> None:
    tab.goto("/")
    tab.get_by_role("button", name="Sign in").click()
    tab.locator("input[name=username]").fill(name)
    tab.locator("input[name=password]").fill(password)
    tab.locator("[type=submit]").first.click()
    tab.get_by_role("heading", name="Files", exact=True).wait_for()
