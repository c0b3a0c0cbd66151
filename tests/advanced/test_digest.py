"""The digest queue becomes one notification a rule, whose messages then leave the queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from aws_lambda_powertools import Logger

from domain.events import FileEvent
from domain.findings import Problem
from domain.rules import Rule
from handlers.data.digest_queue import DigestQueue
from handlers.logic import digester as digester_module
from handlers.logic.digester import SECONDS_BETWEEN_NOTIFICATIONS, Digester
from tests.advanced.conftest import Connect
from tests.advanced.digest_queue import QueueUnderTest, payload
from tests.advanced.stand_ins import Recorder
from tests.advanced.uploads import created, deleted, hidden, restored
from tests.examples import a_finding

KB = 1024
INVOICES = Rule(name="invoices", prefix="invoices/", to=("ann@example.com",))
PHOTOS = Rule(name="photos", prefix="photos/", to=("bob@example.com",))
RULES = {rule.name: rule for rule in (INVOICES, PHOTOS)}


@pytest.fixture
def queue(connect: Connect, new_name: Callable[[str], str]) -> QueueUnderTest:
    return QueueUnderTest(connect("sqs"), connect("sqs"), new_name("digest"))


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def digester(queue: QueueUnderTest, published: Recorder, pauses: list[float]) -> Digester:
    waiting = DigestQueue(logger=Logger(), client=queue.client, url=queue.url)
    return Digester(
        logger=Logger(), queue=waiting, rules=RULES, partition="aws", publish=published, pause=pauses.append
    )


def _plenty() -> float:
    return 100.0


def _uploads(count: int, folder: str = "invoices") -> list[FileEvent]:
    """One a second."""
    times = [f"2040-05-20T10:{second // 60:02}:{second % 60:02}Z" for second in range(count)]
    return [created(f"{folder}/{n:03}.pdf", f"{n:04X}1", time=time) for n, time in enumerate(times)]


def test_an_empty_queue_sends_nothing(digester: Digester, published: Recorder):
    assert digester.run(_plenty) == {}
    assert published.notifications == []


def test_waiting_files_become_one_notification(digester: Digester, queue: QueueUnderTest, published: Recorder):
    queue.put(*(payload(event, "invoices") for event in _uploads(12)))
    counts = digester.run(_plenty)

    assert counts == {"Digests": 1, "Digested": 12}
    assert published.only.attributes == {"kind": "digest", "deliver": ("invoices",)}


def test_findings_wait_beside_uploads_and_are_other_files_of_the_digest(
    digester: Digester, queue: QueueUnderTest, published: Recorder
):
    upload = created(size=KB)
    broken = replace(upload, finding=a_finding(kind="broken", problem=Problem(code="broken", message="It is cut off.")))
    queue.put(payload(upload, "invoices"), payload(broken, "invoices"), payload(broken, "invoices"))
    counts = digester.run(_plenty)

    assert counts == {"Digests": 1, "Digested": 2}
    assert published.only.subject.startswith("1 file is broken (1.0 KB), 1 arrived (1.0 KB), ")
    assert "broken: It is cut off." in published.only.text


def test_a_finding_that_waits_alone_is_its_own_mail(digester: Digester, queue: QueueUnderTest, published: Recorder):
    queue.put(payload(replace(created(size=KB), finding=a_finding()), "invoices"))
    digester.run(_plenty)

    assert published.only.subject == "ready: a.pdf in invoices (1.0 KB)"


def test_published_messages_leave_the_queue(digester: Digester, queue: QueueUnderTest):
    queue.put(*(payload(event, "invoices") for event in _uploads(25)))
    digester.run(_plenty)

    assert queue.take_all() == []


def test_a_digest_lists_twenty_folders_and_counts_the_rest(
    digester: Digester, queue: QueueUnderTest, published: Recorder
):
    queue.put(*(payload(created(f"{number:02}/a.pdf"), "invoices") for number in range(25)))
    digester.run(_plenty)

    folders = published.only.text.split("\n\n")[1].splitlines()
    assert (len(folders), folders[20]) == (21, "  … and 5 more folders")


def test_a_digest_lists_the_first_hundred_and_counts_the_rest(
    digester: Digester, queue: QueueUnderTest, published: Recorder
):
    events = _uploads(112)
    queue.put(*(payload(event, "invoices") for event in reversed(events)))
    digester.run(_plenty)

    files = published.only.text.split("\n\n")[2].splitlines()
    assert [line.split()[0] for line in files[:100]] == [event.key for event in events[:100]]
    assert files[100:] == ["  … and 12 more files"]


def test_a_digest_of_uploads_and_removals_says_both(digester: Digester, queue: QueueUnderTest, published: Recorder):
    events = [*_uploads(3), hidden("invoices/x.pdf"), deleted("invoices/y.pdf", version="v1"), restored("invoices/z")]
    queue.put(*(payload(event, "invoices") for event in events))
    digester.run(_plenty)

    assert published.only.subject.startswith("3 files arrived (546 KB), 2 were removed, 1 was restored, ")
    (line,) = [line for line in published.only.text.splitlines() if "invoices/x.pdf" in line]
    assert line.split() == ["invoices/x.pdf", "removed"]


def test_one_file_alone_is_an_ordinary_notification(digester: Digester, queue: QueueUnderTest, published: Recorder):
    queue.put(payload(created("invoices/a.pdf"), "invoices"))
    digester.run(_plenty)

    assert published.only.subject == "a.pdf arrived in invoices (182 KB)"
    assert "Uploaded   2040-05-20 09:59:58 UTC by maria" in published.only.text


def test_one_file_alone_does_not_notify_systems_again(digester: Digester, queue: QueueUnderTest, published: Recorder):
    queue.put(payload(created(), "invoices"))
    digester.run(_plenty)

    # Their filter policy takes kind upload alone; chat channels get the payload.
    assert published.only.attributes == {"kind": "digest", "deliver": ("invoices",)}


@pytest.mark.parametrize(
    ("late", "says"), [("replaced", "a newer version of the file has arrived since"), ("removed", "removed since")]
)
def test_one_late_file_alone_says_that_it_is_late(
    digester: Digester, queue: QueueUnderTest, published: Recorder, late, says: str
):
    queue.put(payload(created(), "invoices", late=late))
    digester.run(_plenty)

    assert published.only.subject.endswith(", late")
    assert says in published.only.text


def test_a_late_file_among_others_is_marked(digester: Digester, queue: QueueUnderTest, published: Recorder):
    late = payload(created("invoices/late.pdf"), "invoices", late="replaced")
    queue.put(late, payload(created("invoices/in-time.pdf"), "invoices"))
    digester.run(_plenty)

    listed = published.only.text.split("\n\n")[2].splitlines()
    assert {line.split()[0]: line.split()[-1] for line in listed} == {
        "invoices/late.pdf": "late",
        "invoices/in-time.pdf": "KB",
    }


def test_each_rule_gets_its_own_digest(digester: Digester, queue: QueueUnderTest, published: Recorder):
    queue.put(*(payload(event, "invoices") for event in _uploads(2)))
    queue.put(*(payload(event, "photos") for event in _uploads(3, "photos")))
    digester.run(_plenty)

    assert published.delivered == [("invoices",), ("photos",)]
    assert [notification.sms.split()[0] for notification in published.notifications] == ["2", "3"]


def test_a_file_of_two_rules_is_in_both_digests(digester: Digester, queue: QueueUnderTest, published: Recorder):
    queue.put(payload(created("both.pdf"), "invoices", "photos"), payload(created("one.pdf"), "photos"))
    counts = digester.run(_plenty)

    assert counts == {"Digests": 2, "Digested": 3}
    assert published.delivered == [("invoices",), ("photos",)]
    assert all("both.pdf" in notification.text for notification in published.notifications)
    assert queue.take_all() == []


def test_an_event_that_waits_twice_is_listed_once(digester: Digester, queue: QueueUnderTest, published: Recorder):
    queue.put(*[payload(created("twice.pdf"), "invoices")] * 2, payload(created("once.pdf"), "invoices"))
    digester.run(_plenty)

    assert published.only.sms.startswith("2 files arrived")
    assert queue.take_all() == []


def test_two_uploads_of_one_file_are_two_events(digester: Digester, queue: QueueUnderTest, published: Recorder):
    queue.put(*(payload(created(sequencer=sequencer), "invoices") for sequencer in ("10", "11")))
    digester.run(_plenty)

    assert published.only.sms.startswith("2 files arrived")


def test_the_messages_of_a_removed_rule_are_settled(digester: Digester, queue: QueueUnderTest):
    queue.put(*(payload(event, "removed-rule") for event in _uploads(2)))

    assert digester.run(_plenty) == {"Digests": 1, "Digested": 2}
    assert queue.take_all() == []


def test_notifications_keep_a_distance(digester: Digester, queue: QueueUnderTest, pauses: list[float]):
    queue.put(*(payload(created(), name) for name in ("a", "b", "c")))
    digester.run(_plenty)

    assert pauses == [SECONDS_BETWEEN_NOTIFICATIONS] * 2
    assert 1 / SECONDS_BETWEEN_NOTIFICATIONS < 10  # a second: SNS suspends an address above


def test_a_single_notification_does_not_wait(digester: Digester, queue: QueueUnderTest, pauses: list[float]):
    queue.put(payload(created(), "invoices"))
    digester.run(_plenty)

    assert pauses == []


def test_long_polling_asks_every_server_of_the_queue(digester: Digester, queue: QueueUnderTest):
    """Without a wait SQS asks some of them, and an empty answer means little."""
    digester.run(_plenty)

    assert [receive["WaitTimeSeconds"] > 0 for receive in queue.receives] == [True]


def test_more_than_fits_in_memory_waits_for_the_next_digest(
    digester: Digester, queue: QueueUnderTest, published: Recorder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(digester_module, "MAX_MESSAGES", 20)
    queue.put(*(payload(event, "invoices") for event in _uploads(25)))

    assert [digester.run(_plenty)["Digested"] for _ in range(2)] == [20, 5]
    assert len(published.notifications) == 2


def test_long_names_do_not_take_more_memory_than_short_ones(
    digester: Digester, queue: QueueUnderTest, monkeypatch: pytest.MonkeyPatch
):
    messages = [payload(event, "invoices") for event in _uploads(25)]
    monkeypatch.setattr(digester_module, "MAX_BYTES", 15 * len(json.dumps(messages[0])))
    queue.put(*messages)

    assert [digester.run(_plenty)["Digested"] for _ in range(2)] == [20, 5]


def test_half_of_the_time_is_left_for_publishing_and_deleting(digester: Digester, queue: QueueUnderTest):
    queue.put(*(payload(event, "invoices") for event in _uploads(35)))
    seconds = iter([100.0, 75.0, 50.0, 49.0])  # at the start, then before each receive

    assert digester.run(lambda: next(seconds)) == {"Digests": 1, "Digested": 20}
    assert len(queue.take_all()) == 15
