"""One stack in mode advanced for all tests of the API and the page, and people who use it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from domain.events import file_id_of
from local.people import Client, Tokens
from tests.api.people import Api, Page, add_person, sign_in
from tests.e2e.stack import EVERYONE, Stack, running

ELSEWHERE = "https://intranet.example.com"
"""Another origin, which the settings allow to call the API."""

TIDY = "tidy@example.com"
"""Is notified about files removed from removals/."""

_numbers = count(1)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the marks
def pytest_collection_modifyitems(items):
    """Those that share the stack stay on one worker."""
    for item in items:
        if "/api/" in item.nodeid and {"stack", "contract"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("api"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory) -> Iterator[Stack]:
    settings = {
        "protectData": "false",
        "webOrigins": [ELSEWHERE],
        "maxUploadMegabytes": 10,
        "alarmEmails": [EVERYONE],
        "rules": [
            {"name": "every file", "to": [EVERYONE]},
            {"name": "removals", "prefix": "removals/", "events": ["removed"], "to": [TIDY], "delivery": "immediate"},
        ],
    }
    with running(Stack(tmp_path_factory.mktemp("api"), "--mode", "advanced", **settings)) as started:
        yield started
        started.accounts_for_every_event()


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def page(http, stack) -> Page:
    return Page(http, stack)


@pytest.fixture(scope="session")
def tokens(http, stack) -> Tokens:
    """Maria's, with every scope, who may do everything."""
    add_person(stack, "maria", "admins")
    return sign_in(http, Client.of_page(stack.outputs), "maria")


@pytest.fixture(scope="session")
def maria(http, stack, tokens) -> Api:
    return Api(http, stack, tokens.access, "maria")


@pytest.fixture(scope="session")
def nobody(http, stack) -> Api:
    return Api(http, stack)


@pytest.fixture
def unique() -> str:
    """A name that no other test uses: files are shared."""
    return f"t{next(_numbers)}"


@pytest.fixture
def put(stack):
    """put("a.txt") stores an object as any program may. Returns its file id."""

    def put_object(key: str, body: bytes = b"hello", **options) -> str:
        stack.upload(key, body, **options)
        return file_id_of(stack.bucket, key)

    return put_object


@pytest.fixture
def put_all(put, maria):
    """The same for several keys, in this order, until the list shows them all."""

    def put_objects(*keys: str) -> list[str]:
        ids = [put(key) for key in keys]
        for file_id in ids:
            maria.wait_for(file_id)
        return ids

    return put_objects
