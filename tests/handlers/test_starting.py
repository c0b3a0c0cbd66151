"""How notify starts: without a pass of the garbage collector, which has to go on afterwards."""

from __future__ import annotations

import gc

import boto3
import pytest

from handlers import notify


@pytest.fixture
def started(monkeypatch):
    """Whether the collector was on while clients were made, for each client."""
    seen = []
    monkeypatch.setattr(boto3, "client", lambda _service, **_how: seen.append(gc.isenabled()))
    monkeypatch.setattr(notify, "rules_of", lambda _rules: ())
    monkeypatch.setattr(notify.RULES.__class__, "read_text", lambda _path: "[]")
    monkeypatch.setenv("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:notifications")
    monkeypatch.setenv("PAGE_URL", "https://files.example.com")
    monkeypatch.delenv("TABLE_NAME", raising=False)
    notify._notifier.cache_clear()
    yield seen
    notify._notifier.cache_clear()
    gc.unfreeze()


def test_the_collector_waits_while_notify_starts_and_goes_on_afterwards(started):
    notify._notifier()

    assert started == [False]
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_the_collector_goes_on_also_if_notify_cannot_start(started, monkeypatch):
    monkeypatch.delenv("TOPIC_ARN")

    with pytest.raises(KeyError, match="TOPIC_ARN"):
        notify._notifier()

    assert gc.isenabled()
