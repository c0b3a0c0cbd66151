"""One advanced stack for all tests that need a real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.stack import running
from tests.ops.live import Live

NEEDS_THE_STACK = {"live", "healthy"}


def pytest_collection_modifyitems(items):
    """They share a stack, so they stay on one worker."""
    for item in items:
        if "/ops/" in item.nodeid and NEEDS_THE_STACK & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("ops"))


@pytest.fixture(scope="session")
def live(tmp_path_factory) -> Iterator[Live]:
    with running(Live(tmp_path_factory.mktemp("ops"))) as started:
        started.prepare()
        yield started
        assert started.counted()["Received"] > 0
        started.accounts_for_every_event()


@pytest.fixture
def healthy(live: Live) -> Live:
    """The stack, with nothing left over from another test."""
    live.empty_queues()
    return live
