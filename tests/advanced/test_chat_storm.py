"""A storm of files with a chat rule, and a chat service that is down for an hour, in simulated time.

notify's and digest's logic on the emulator's table and queue, chat's own handler before a service of the test's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise

from aws_lambda_powertools import Logger

from domain.messages import UploadPayload
from domain.notifications import Notification
from handlers.data.catalogue import Catalogue
from handlers.data.digest_queue import DigestQueue
from handlers.data.storm_guard import StormGuard
from handlers.logic.digester import Digester
from handlers.logic.notifier import Notifier
from tests.advanced.conftest import Connect
from tests.advanced.digest_queue import QueueUnderTest
from tests.advanced.stand_ins import START, Clock
from tests.advanced.uploads import created
from tests.faults.chat_world import CHAT, DEAD, RULE, UNREACHABLE, ChatWorld, chat_world

MAILS_PER_MINUTE, DIGEST_SECONDS, STORM_SECONDS = 5, 300, 600
MOST_MESSAGES = 12


class Storm:
    """Files that arrive evenly; their notifications go to chat at once, or wait for the digest that is sent every
    five minutes."""

    def __init__(self, world: ChatWorld, clock: Clock, catalogue: Catalogue, guard: StormGuard, queue: QueueUnderTest):
        self.world, self.clock, self._queue = world, clock, queue
        self._notifier = Notifier(
            rules=(RULE,), partition="aws", publish=self._publish, catalogue=catalogue, guard=guard
        )
        self._digester = Digester(
            logger=Logger(),
            queue=DigestQueue(logger=Logger(), client=queue.client, url=queue.url),
            rules={RULE.name: RULE},
            partition="aws",
            publish=self._publish,
            pause=lambda _: None,
        )

    def rages(self, files: int) -> None:
        next_digest = START + DIGEST_SECONDS
        for number in range(files):
            self.clock.now = max(self.clock.now, START + STORM_SECONDS * number / files)
            if self.clock() >= next_digest:
                self.digest()
                next_digest += DIGEST_SECONDS
            self._notifier.notify(created(f"scans/{number:05}.pdf", f"{number + 1:016X}"), seconds_left=30)
        self.clock.now = next_digest
        self.digest()

    def digest(self) -> None:
        while self._queue.receives or self._digester.run(lambda: 100.0):
            self._queue.receives.clear()

    def _publish(self, notification: Notification) -> None:
        """SNS: to the chat queue and to the digest queue, by their filter policies."""
        if notification.attributes.get("deliver"):
            self.world.put([notification])
        if notification.attributes.get("digest"):
            payload: UploadPayload = json.loads(json.dumps(notification.payload))
            self._queue.put(payload)


def files_counted(titles: list[str]) -> int:
    """The sum of the files that messages are about: one, or as many as a digest says."""
    counts = [re.match(r"([\d,]+) files? arrived", title) for title in titles]
    return sum(int(count[1].replace(",", "")) if count else 1 for count in counts)


def _storm(world: ChatWorld, clock: Clock, catalogue: Catalogue, connect: Connect, table: str, name: str) -> Storm:
    guard = StormGuard(connect("dynamodb"), table, MAILS_PER_MINUTE, clock)
    return Storm(world, clock, catalogue, guard, QueueUnderTest(connect("sqs"), connect("sqs"), name))


def test_a_storm_becomes_a_dozen_chat_messages_at_most_whose_counts_add_up(
    catalogue: Catalogue,
    connect: Connect,
    clock: Clock,
    table: str,
    new_name: Callable[[str], str],
    size: Callable[[int], int],
):
    files = size(1000)
    with chat_world(clock) as world:
        storm = _storm(world, clock, catalogue, connect, table, new_name("digest"))

        storm.rages(files)
        world.run()

        titles = [title for _, title in world.service.posted]
        assert 1 < len(titles) <= MOST_MESSAGES
        assert files_counted(titles) == files


def test_after_an_hour_without_the_service_everything_is_posted_once_by_the_queue_or_a_replay(
    catalogue: Catalogue,
    connect: Connect,
    clock: Clock,
    table: str,
    new_name: Callable[[str], str],
    size: Callable[[int], int],
):
    files = size(1000)
    with chat_world(clock) as world:
        storm = _storm(world, clock, catalogue, connect, table, new_name("digest"))
        hour = START + 3600
        world.service.befalls = lambda post: UNREACHABLE if post.now < hour else None

        storm.rages(files)
        world.run(until=hour)
        assert world.service.posted == []
        world.run()
        world.replay()
        world.run()

        titles = [title for _, title in world.service.posted]
        assert len(set(titles)) == len(titles)
        assert files_counted(titles) == files
        assert world.queues.messages[CHAT] == world.queues.messages.get(DEAD, []) == []


def test_a_thousand_messages_that_waited_for_an_hour_are_posted_once_and_no_faster_than_the_service_takes(
    clock: Clock,
):
    with chat_world(clock) as world:
        world.service.befalls = lambda post: UNREACHABLE if post.now < START + 3600 else None
        world.put(
            Notification(subject=f"{number:05}.pdf arrived", text="", sms="", attributes={"deliver": (RULE.name,)})
            for number in range(1000)
        )

        world.run()
        world.replay()
        world.run()

        times, titles = zip(*world.service.posted, strict=True)
        assert sorted(titles) == [f"{number:05}.pdf arrived" for number in range(1000)]
        assert min(later - earlier for earlier, later in pairwise(times)) >= 2
