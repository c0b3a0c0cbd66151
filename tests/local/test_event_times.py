"""What an event of S3 says and where it goes is decided when the object changes, however late it is sent."""

from __future__ import annotations

from queue import Queue
from threading import Event

import pytest
from ministack.services import s3

from local.emulator.patches import event_times

CONFIGURATION = """
<NotificationConfiguration>
  <QueueConfiguration>
    <Id>{name}</Id><Queue>arn:aws:sqs:us-east-1:000000000000:{name}</Queue><Event>s3:ObjectCreated:*</Event>
  </QueueConfiguration>
</NotificationConfiguration>
"""


@pytest.fixture
def patched(monkeypatch):
    for name in ("_fire_s3_event_async", "_parse_notification_config", "now_iso"):
        monkeypatch.setattr(s3, name, getattr(s3, name))  # and it is as it was afterwards
    event_times.apply()


def test_an_event_has_time_and_configuration_of_the_change(patched, monkeypatch):
    changed, seen = Event(), Queue()

    def send(bucket_name, *_, **__):
        changed.wait()
        seen.put(([target["id"] for target in s3._parse_notification_config(bucket_name)], s3.now_iso()))

    notifications = {"uploads": CONFIGURATION.format(name="then")}
    monkeypatch.setattr(s3, "_bucket_notifications", notifications)
    monkeypatch.setattr(s3, "_fire_s3_event", send)
    before = s3.now_iso()
    s3._fire_s3_event_async("uploads", "a.txt", "s3:ObjectCreated:Put")
    after = s3.now_iso()
    notifications["uploads"] = CONFIGURATION.format(name="now")
    changed.set()

    names, at = seen.get(timeout=60)
    assert names == ["then"]
    assert before <= at <= after


def test_what_is_asked_about_a_bucket_otherwise_is_as_of_now(patched, monkeypatch):
    monkeypatch.setattr(s3, "_bucket_notifications", {"uploads": CONFIGURATION.format(name="now")})

    assert [target["id"] for target in s3._parse_notification_config("uploads")] == ["now"]
