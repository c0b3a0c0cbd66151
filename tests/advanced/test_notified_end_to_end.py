"""S3's events through notify, the catalogue, SNS and its subscriptions, to what people and queues get."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools import Logger

import handlers.notify
from domain.events import FileEvent
from domain.notifications import Notification
from domain.rules import Rule
from domain.topology import DIGEST_FILTER, WORK_FILTER
from handlers.data.catalogue import Catalogue
from handlers.data.digest_queue import DigestQueue
from handlers.data.storm_guard import StormGuard
from handlers.logic.digester import Digester
from handlers.logic.notifier import Notifier
from handlers.notify import notify
from local.emulator.server import Emulator
from local.mailbox import Mailbox, Message
from tests import emf
from tests.advanced.conftest import Connect
from tests.advanced.digest_queue import do_not_wait
from tests.advanced.uploads import created, hidden, record

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

MAILS_PER_MINUTE = 5


@dataclass
class Deployment:
    """A topic with one person, the work queue and the digest queue, and what notify publishes to it."""

    sns: SNSClient
    sqs: SQSClient
    topic: str
    person: str
    work: str
    digest: str
    mailbox: Mailbox
    publishes: int = 0

    def publish(self, notification: Notification) -> None:
        self.sns.publish(**notification.publish_request(self.topic))
        self.publishes += 1

    def mails(self) -> list[Message]:
        return [mail for mail in self.mailbox.messages() if mail.to == self.person]

    def payloads(self, url: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in messages]
        return found


@pytest.fixture
def deployed(emulator: Emulator, sns: SNSClient, sqs: SQSClient, new_name: Callable[[str], str]) -> Deployment:
    topic = sns.create_topic(Name=new_name("notifications"))["TopicArn"]
    person = f"{new_name('ann')}@example.com"

    def subscribe(protocol: str, endpoint: str, filter_policy: object) -> None:
        attributes = {"FilterPolicy": json.dumps(filter_policy), "RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes)

    def queue(filter_policy: object) -> str:
        url = sqs.create_queue(QueueName=new_name("queue"))["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        subscribe("sqs", arn, filter_policy)
        return url

    subscribe("email", person, {"deliver": ["invoices"]})
    work, digest = queue(WORK_FILTER), queue(DIGEST_FILTER)
    return Deployment(sns, sqs, topic, person, work, digest, Mailbox(emulator.maildir))


@pytest.fixture
def notifier(deployed: Deployment, catalogue: Catalogue) -> Notifier:
    rule = Rule(name="invoices", prefix="invoices/", events=("created", "removed"), to=(deployed.person,))
    guard = StormGuard(catalogue.client, catalogue.table, MAILS_PER_MINUTE, catalogue.clock)
    return Notifier(rules=[rule], partition="aws", publish=deployed.publish, catalogue=catalogue, guard=guard)


@pytest.fixture(autouse=True)
def named_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers.notify.metrics.provider, "namespace", "tests")
    monkeypatch.setattr(handlers.notify.metrics.provider, "service", "notify")


def _event_of(*events: FileEvent) -> dict[str, Any]:
    return {"Records": [record(event) for event in events]}


def _left() -> float:
    return 30.0


def test_an_upload_is_one_mail_one_item_and_one_message_of_work(deployed, notifier, catalogue):
    notify(_event_of(created()), notifier, _left)

    (mail,) = deployed.mails()
    assert mail.subject == "a.pdf arrived in invoices (182 KB)"
    assert [one["file"]["id"] for one in deployed.payloads(deployed.work)] == [created().file_id]
    item = catalogue.read(created().file_id)
    assert item is not None
    assert (item.key, item.notified) == ("invoices/a.pdf", "immediate")


def test_one_file_is_one_item_however_often_it_comes(notifier, catalogue):
    for _ in range(3):
        notify(_event_of(created()), notifier, _left)
    items = catalogue.client.scan(TableName=catalogue.table)["Items"]

    assert [item["id"]["S"] for item in items if "key" in item] == [created().file_id]


def test_a_late_mail_says_so_in_its_subject_and_text(deployed, notifier):
    notify(_event_of(created(sequencer="20", size=2)), notifier, _left)
    notify(_event_of(created(sequencer="10", size=1)), notifier, _left)

    newest, late = sorted(deployed.mails(), key=lambda mail: mail.subject.endswith("late"))
    assert late.subject == "a.pdf arrived in invoices (1 byte), late"
    assert "This notification is late: a newer version of the file has arrived since." in late.body
    assert "late" not in newest.subject + newest.body


def test_a_late_mail_of_a_removed_file_says_that_it_was_removed(deployed, notifier, catalogue):
    notify(_event_of(hidden(sequencer="20")), notifier, _left)
    notify(_event_of(created(sequencer="10")), notifier, _left)

    (late,) = [mail for mail in deployed.mails() if mail.subject.endswith("late")]
    assert "This notification is late: the file has been removed since." in late.body
    item = catalogue.read(created().file_id)
    assert item is not None
    assert item.status == "removed"


def test_removals_are_published_but_are_no_work(deployed, notifier):
    notify(_event_of(hidden()), notifier, _left)

    (mail,) = deployed.mails()
    assert mail.subject == "a.pdf was removed from invoices"
    assert deployed.payloads(deployed.work) == []


def test_a_file_without_a_rule_is_work_but_no_mail(deployed, notifier):
    notify(_event_of(created("photos/b.png")), notifier, _left)

    assert deployed.mails() == []
    assert [one["file"]["key"] for one in deployed.payloads(deployed.work)] == ["photos/b.png"]


def test_a_storm_is_some_mails_and_one_digest_and_loses_no_file(deployed, notifier, connect: Connect):
    files = [created(f"invoices/{number:02}.pdf", f"{number:02X}1", size=1024) for number in range(20)]
    notify(_event_of(*files), notifier, _left)
    assert len(deployed.mails()) == MAILS_PER_MINUTE
    waiting = connect("sqs")
    do_not_wait(waiting)
    Digester(
        logger=Logger(),
        queue=DigestQueue(logger=Logger(), client=waiting, url=deployed.digest),
        rules={rule.name: rule for rule in notifier.rules},
        partition="aws",
        publish=deployed.publish,
    ).run(lambda: 100.0)

    (digest,) = [mail for mail in deployed.mails() if "files arrived" in mail.subject]
    single = [mail for mail in deployed.mails() if mail is not digest and "files arrived" not in mail.subject]
    assert digest.subject == "15 files arrived (15 KB), 09:59 UTC"
    assert len(single) == MAILS_PER_MINUTE
    assert len(deployed.payloads(deployed.work)) == 20


def test_received_events_are_those_that_were_decided(notifier, deployed, capsys: pytest.CaptureFixture[str]):
    first = created(sequencer="20")
    notify(_event_of(first, first, created("photos/b.png"), created(sequencer="10")), notifier, _left)
    notify(_event_of(first, hidden("photos/b.png")), notifier, _left)
    notify({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": first.bucket}, notifier, _left)

    counts = emf.counted(capsys.readouterr().out)
    assert counts == {"Received": 7, "Published": 2, "Duplicate": 2, "Unmatched": 3}


def test_received_events_are_those_that_were_decided_also_when_some_fail(
    deployed, notifier, capsys: pytest.CaptureFixture[str]
):
    deployed.sns.delete_topic(TopicArn=deployed.topic)
    with pytest.raises(ExceptionGroup, match="1 of 2 records"):
        notify(_event_of(created(), hidden("photos/b.png")), notifier, _left)
    with pytest.raises(ExceptionGroup, match="1 of 1 records"):
        notify({"Records": [{"eventVersion": "2.1"}]}, notifier, _left)

    counts = emf.counted(capsys.readouterr().out)
    assert counts == {"Received": 3, "Failed": 2, "Unmatched": 1}


def test_a_failed_event_is_published_by_the_retry_and_the_others_only_once(deployed, notifier):
    failing = replace(notifier, publish=_refusing_once(deployed, created("invoices/b.pdf")))
    events = _event_of(created("invoices/a.pdf"), created("invoices/b.pdf"), created("invoices/c.pdf"))
    with pytest.raises(ExceptionGroup, match="1 of 3 records"):
        notify(events, failing, _left)
    notify(events, failing, _left)

    assert sorted(mail.subject[:5] for mail in deployed.mails()) == ["a.pdf", "b.pdf", "c.pdf"]


def _refusing_once(deployed: Deployment, event: FileEvent) -> Callable[[Notification], None]:
    refused: list[Notification] = []

    def publish(notification: Notification) -> None:
        if notification.payload is not None and notification.payload["file"]["id"] == event.file_id and not refused:
            refused.append(notification)
            raise ConnectionError("SNS is down")
        deployed.publish(notification)

    return publish
