"""A digest queue for tests, which put payloads in and read the ones that are left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from domain.events import FileEvent
from domain.messages import Late, UploadPayload
from domain.notifications import Routing, upload_notification
from domain.rules import Rule
from domain.topology import MAX_RECEIVES

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST = 10  # messages in one call


def payload(event: FileEvent, *rules: str, late: Late | None = None) -> UploadPayload:
    """What notify publishes for systems, and so what waits in the queue for the next digests of these rules."""
    matched = [Rule(name=name, to=("ann@example.com",)) for name in rules]
    made = upload_notification(event, matched, Routing(digest=rules), partition="aws", late=late).payload
    assert made is not None
    return made


def _in_tens(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + MOST] for start in range(0, len(items), MOST))


def do_not_wait(client: SQSClient) -> None:
    """The emulator's SQS is one server: a queue that is empty at once stays empty."""

    def at_once(params: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return {**params, "WaitTimeSeconds": 0}

    client.meta.events.register_last("provide-client-params.sqs.ReceiveMessage", at_once)


class QueueUnderTest:
    """A queue with its dead-letter queue. `client` is the handler's; it does not wait on an empty queue here."""

    def __init__(self, client: SQSClient, watcher: SQSClient, name: str) -> None:
        self.client, self._watcher = client, watcher
        self.dead_letters_url = watcher.create_queue(QueueName=f"{name}-dead-letters")["QueueUrl"]
        redrive = {"deadLetterTargetArn": self.arn_of(self.dead_letters_url), "maxReceiveCount": MAX_RECEIVES}
        attributes = {"VisibilityTimeout": "240", "RedrivePolicy": json.dumps(redrive)}
        self.url = watcher.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.receives: list[Mapping[str, Any]] = []
        self._receipts: list[str] = []
        client.meta.events.register("provide-client-params.sqs.ReceiveMessage", self._count)
        do_not_wait(client)
        client.meta.events.register("after-call.sqs.ReceiveMessage", self._remember)

    def arn_of(self, url: str) -> str:
        return self._watcher.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def put(self, *payloads: UploadPayload) -> None:
        self.put_text(json.dumps(payload) for payload in payloads)

    def put_text(self, bodies: Iterable[str]) -> None:
        for some in _in_tens(list(bodies)):
            entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(some)]
            assert not self._watcher.send_message_batch(QueueUrl=self.url, Entries=entries).get("Failed")

    def time_out(self) -> None:
        """Makes received messages that were not deleted visible, as after the visibility timeout."""
        for some in _in_tens(self._receipts):
            entries = [{"Id": str(n), "ReceiptHandle": one, "VisibilityTimeout": 0} for n, one in enumerate(some)]
            self._watcher.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)
        self._receipts.clear()

    def take_all(self) -> list[str]:
        """The texts of all messages that are in the queue, also of those that a function has received."""
        self.time_out()
        return self._taken(self.url)

    def take_payloads(self) -> dict[str, list[str]]:
        """By key, the rules for which a file still waits."""
        found = [json.loads(text) for text in self.take_all()]
        assert len({one["file"]["key"] for one in found}) == len(found), "a file waits in two messages"
        return {one["file"]["key"]: one["digest"] for one in found}

    def take_dead_letters(self) -> list[str]:
        """SQS moves a message there when it would be received once too often."""
        return self._taken(self.dead_letters_url)

    def _taken(self, url: str) -> list[str]:
        taken: list[str] = []
        while messages := self._watcher.receive_message(QueueUrl=url, MaxNumberOfMessages=MOST).get("Messages"):
            taken += [message["Body"] for message in messages]
        return taken

    def _count(self, params: Mapping[str, Any], **_: Any) -> None:
        self.receives.append(params)

    def _remember(self, parsed: Mapping[str, Any], **_: Any) -> None:
        self._receipts += [message["ReceiptHandle"] for message in parsed.get("Messages", ())]
