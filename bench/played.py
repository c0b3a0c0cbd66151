"""Uploads played to the functions at times of our choosing, with every AWS call they make counted.

What AWS itself does between the functions (S3's event, SNS's deliveries, the queue's batches) is played here, so that a
month's pace takes seconds. The tables, the topic and the queue are the emulator's own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from bench.function import Function, Running
from bench.uploads import BODY, key_of, uploaded
from domain.topology import BATCH_SIZE, BATCH_WINDOW_SECONDS
from local.emulator.aws import Aws

READS = {"dynamodb.GetItem"}
DIGEST_SECONDS = 300.0  # digestMinutes, as it is if nobody sets it


@dataclass
class Counts:
    """What uploads made the functions do. `calls` are AWS calls by "service.Operation", of all functions together."""

    uploads: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    write_units: int = 0
    read_units: float = 0.0
    mails: float = 0
    invocations: Counter[str] = field(default_factory=Counter)
    log_bytes: int = 0
    polled: int = 0
    """SQS requests that Lambda makes to hand a batch over: one to receive, one to delete."""
    delivered: int = 0
    """SQS requests that SNS makes: one for each queue that a notification goes to."""

    def each(self, number: float) -> float:
        """A number for each upload."""
        return number / self.uploads

    @property
    def calls_each(self) -> float:
        return self.each(sum(self.calls.values()))

    @property
    def write_units_each(self) -> float:
        return self.each(self.write_units)


def even(rate: float, seconds: float, *, start: float) -> list[float]:
    """Times of uploads at `rate` a minute."""
    return [start + number * 60 / rate for number in range(int(rate * seconds / 60))]


@dataclass(kw_only=True)
class Player:
    """Plays uploads to one system: `notify` is what S3 invokes; ours has `process`, `digest` and a digest queue."""

    aws: Aws
    bucket: str
    notify: Function
    process: Function | None = None
    digest: Function | None = None
    digest_queue: str = ""
    _number: int = 0

    def play(self, times: Sequence[float], *, warm_up: int = 0) -> Counts:
        """Upload at these times and see everything through. The first `warm_up` uploads are not counted."""
        counts = Counts()
        with ExitStack() as ending:
            notify, process, digest = (
                ending.enter_context(one.started(count=True, clock=True)) if one else None
                for one in (self.notify, self.process, self.digest)
            )
            if notify is None:
                raise ValueError("a rule with a recipient is needed")
            batch = list[tuple[float, str]]()
            due = times[0] + DIGEST_SECONDS
            for place, now in enumerate(times):
                while digest and now >= due:
                    self._send(digest, due, counts)
                    due += DIGEST_SECONDS
                if place == warm_up:
                    counts = Counts()
                if process and batch and (len(batch) == BATCH_SIZE or now >= batch[0][0] + BATCH_WINDOW_SECONDS):
                    self._look_into(process, batch, now, counts)
                    batch = []
                batch += [(now, payload) for payload in self._notify(notify, now, counts)]
            if process and batch:
                self._look_into(process, batch, times[-1] + BATCH_WINDOW_SECONDS, counts)
            if digest:
                self._send(digest, due, counts)
        return counts

    def _notify(self, notify: Running, now: float, counts: Counts) -> Iterator[str]:
        """One upload. Yields the documents that SNS would put into the work queue."""
        self._number += 1
        self.aws.s3.put_object(Bucket=self.bucket, Key=key_of(self._number), Body=BODY)
        answer = notify.handle(uploaded(self._number, self.bucket, at=now), now=now)
        counts.uploads += 1
        for request in _counted("notify", answer, counts):
            attributes = _attributes(request)
            counts.mails += "deliver" in attributes or not attributes  # without attributes everyone is notified
            payload = _document(request)
            if payload is None:
                continue
            if "digest" in attributes:
                self.aws.sqs.send_message(QueueUrl=self.digest_queue, MessageBody=payload)
                counts.delivered += 1
            counts.delivered += 1
            yield payload

    def _look_into(self, process: Running, batch: Iterable[tuple[float, str]], now: float, counts: Counts) -> None:
        records = [
            {"messageId": str(number), "receiptHandle": "-", "eventSource": "aws:sqs", "body": payload,
             "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}}
            for number, (_, payload) in enumerate(batch)
        ]  # fmt: skip
        answer = process.handle({"Records": records}, now=now)
        if answer["result"]["batchItemFailures"]:
            raise RuntimeError(f"files could not be processed: {answer['result']}")
        counts.polled += 2
        counts.delivered += len(list(_counted("process", answer, counts)))  # what is found goes to a queue

    def _send(self, digest: Running, now: float, counts: Counts) -> None:
        counts.mails += len(list(_counted("digest", digest.handle({}, now=now), counts)))


def _counted(who: str, answer: Mapping[str, Any], counts: Counts) -> Iterator[Mapping[str, str]]:
    """Adds an invocation to the counts. Yields each request to publish."""
    counts.invocations[who] += 1
    counts.write_units += answer["write_units"]
    counts.log_bytes += len(answer["log"].encode())
    for call in answer["calls"]:
        name = f"{call['service']}.{call['operation']}"
        counts.calls[name] += 1
        if name in READS:  # items are far below the 4 KB of a read unit
            counts.read_units += 1 if call["request"].get("ConsistentRead") else 0.5
        if name == "sns.Publish":
            yield call["request"]


def _attributes(request: Mapping[str, str]) -> dict[str, str]:
    """The message attributes of a request to publish, which SNS's protocol numbers."""
    found, number = {}, 1
    while name := request.get(f"MessageAttributes.entry.{number}.Name"):
        found[name] = request[f"MessageAttributes.entry.{number}.Value.StringValue"]
        number += 1
    return found


def _document(request: Mapping[str, str]) -> str | None:
    """What a queue gets of a notification with a text for each protocol; None if there is none."""
    if request.get("MessageStructure") != "json":
        return None
    texts: dict[str, str] = json.loads(request["Message"])
    return texts["default"] if "email" in texts else None
