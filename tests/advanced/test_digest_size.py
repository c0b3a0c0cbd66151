"""No digest is larger than the 256 KiB that SNS accepts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from domain.digests import digest_notification
from domain.events import LONGEST_TEXT, FileEvent
from domain.notifications import MESSAGE_LIMIT, SUBJECT_LIMIT, Notification
from domain.rules import Rule
from tests.advanced.uploads import created

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

MANY = 20_000  # more than a digest ever has
KEY_BYTES = 1024
TOPIC = "arn:aws:sns:eu-west-1:111122223333:notifications"
HOSTILE = {
    "quotes": '"',
    "backslashes": "\\",
    "controls": "\x01",
    "line separators": "\u2028",
    "directions": "\u202e",
    "tags": "\U000e0041",
    "three bytes": "日",
    "emoji": "🚀",
    "accents": "e\u0301",
    "joiners": "\u200d",
    "folders": "a/",
}


def _key(character: str, number: int) -> str:
    """1,024 bytes or a few less, each key in a folder of its own."""
    before, after = f"{number:05}", "/x"
    room = KEY_BYTES - len(before + after)
    return before + character * (room // len(character.encode())) + after


def _digest(events: list[FileEvent]) -> Notification:
    rule = Rule(name="x" * 50, prefix='"' * LONGEST_TEXT, suffix="日" * (LONGEST_TEXT // 3), to=())
    return digest_notification(events, rule)


@pytest.mark.parametrize("character", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_digest_of_hostile_names_fits_into_sns(character: str):
    hundreds = [created(_key(character, number), f"{number:X}") for number in range(300)]
    request = _digest(hundreds).publish_request(TOPIC)

    assert _billed(request) <= MESSAGE_LIMIT


def test_a_digest_of_very_many_files_fits_into_sns():
    characters = list(HOSTILE.values())
    events = [created(_key(characters[n % len(characters)], n), f"{n:X}", size=5 * 1024**4) for n in range(MANY)]
    notification = _digest(events)

    assert _billed(notification.publish_request(TOPIC)) <= MESSAGE_LIMIT
    assert notification.subject.startswith("20,000 files arrived")
    assert len(notification.subject) <= SUBJECT_LIMIT


def test_sns_takes_a_digest_of_hostile_names(sns: SNSClient, new_name):
    topic = sns.create_topic(Name=new_name("notifications"))["TopicArn"]
    characters = list(HOSTILE.values())
    events = [created(_key(characters[n % len(characters)], n), f"{n:X}") for n in range(300)]

    assert sns.publish(**_digest(events).publish_request(topic))["MessageId"]


def _billed(request) -> int:
    """As SNS counts: the message, and of each attribute its name, type and value."""
    attributes = request["MessageAttributes"]
    named = sum(len(f"{name}{one['DataType']}{one['StringValue']}".encode()) for name, one in attributes.items())
    assert json.loads(request["Message"])["default"]
    return len(request["Message"].encode()) + named
