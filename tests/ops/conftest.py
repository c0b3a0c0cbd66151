"""One advanced stack for all tests that need a real one, and commands on a stack that a test makes up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops import command
from tests.e2e.stack import running
from tests.ops.live import Live
from tests.ops.parts import ops

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


@pytest.fixture
def on(monkeypatch):
    """on(stack, …) runs a command on this stack instead of one that would have to be looked for."""

    def run(stack, *words, **options):
        monkeypatch.setattr(command, "choose", lambda **_: stack)
        return ops(*words, "--stack", "dev", **options)

    return run
