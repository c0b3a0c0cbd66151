"""What may go wrong between the chat queue and a chat service. Here "notified" means: the channel has the message."""

from __future__ import annotations

from dataclasses import dataclass

from domain.notifications import Routing, upload_notification
from handlers.data.web import Answer
from local.emulator.server import Emulator
from tests.advanced.stand_ins import START
from tests.advanced.uploads import created
from tests.faults.chat_world import RULE, UNREACHABLE, Befalls, ChatWorld, Outcome, Post, chat_world, nothing
from tests.faults.notify_world import Connect
from tests.faults.tally import Tally, tally

POSTING = "between posting and deleting"
HOUR = 3600.0


@dataclass(frozen=True, kw_only=True)
class ChatFault:
    """`hours` is how long the fault lasts. `twice` delivers every message twice; `store_fails` is the parameter store,
    `refused` what SQS refuses meanwhile."""

    name: str
    happens: str
    befalls: Befalls = nothing
    hours: float = 0.0
    repeats: str = ""
    queued: bool = False
    twice: bool = False
    store_fails: bool = False
    refused: frozenset[str] = frozenset()

    def run(self, connect: Connect, emulator: Emulator, name: str, count: int) -> Tally:  # noqa: ARG002 - as the others
        """`count` files through the fault, and the replay once it is over."""
        with chat_world() as world:
            return self._run(world, count)

    def _run(self, world: ChatWorld, count: int) -> Tally:
        files = [created(f"{number:05}.pdf", f"{number + 1:016X}") for number in range(count)]
        notifications = [
            upload_notification(file, [RULE], Routing(deliver=(RULE.name,)), partition="aws") for file in files
        ]
        world.put(notifications)
        if self.twice:
            world.put(notifications)
        ends = START + self.hours * HOUR
        world.service.befalls, world.queues.refused = self.befalls, set(self.refused)
        world.store.fails = lambda: self.store_fails and world.clock() < ends
        world.run(until=ends if self.hours else float("inf"))
        world.clock.now = max(world.clock.now, ends)
        world.service.befalls, world.queues.refused = nothing, set()
        before = world.seen()
        world.run()
        world.replay()
        world.run()
        accidents = world.service.accidents + world.store.accidents + (count if self.twice else 0)
        return tally([file.key for file in files], before=before, after=world.seen(), accidents=accidents)


def every(number: int, outcome: Answer | Outcome) -> Befalls:
    """Every so many requests."""
    return lambda post: outcome if post.number % number == number - 1 else None


def throughout(outcome: Answer | Outcome) -> Befalls:
    """Every request."""
    return lambda _: outcome


def first_of_every_fifth(outcome: Answer | Outcome) -> Befalls:
    """The first request about every fifth file."""
    met: set[str] = set()

    def befalls(post: Post) -> Answer | Outcome | None:
        name = post.title.split()[0]
        if int(name.split(".")[0]) % 5 or name in met:
            return None
        met.add(name)
        return outcome

    return befalls


ALL = (
    ChatFault(
        name="chat: the service limits the rate",
        happens="every third message has to wait for seven seconds",
        befalls=every(3, Answer(status=429, wait=7)),
    ),
    ChatFault(
        name="chat: the service limits the rate for long",
        happens="no message for ten minutes, then one a second",
        befalls=lambda post: Answer(status=429, wait=START + 600 - post.now) if post.now < START + 600 else None,
    ),
    ChatFault(
        name="chat: the service fails",
        happens="500 for ten minutes",
        befalls=lambda post: Answer(status=500) if post.now < START + 600 else None,
    ),
    ChatFault(
        name="chat: the service is down",
        happens="cannot be reached, for three hours",
        befalls=throughout(UNREACHABLE),
        hours=3,
        queued=True,
    ),
    ChatFault(
        name="chat: the webhook is removed",
        happens="404, until someone sets a new one",
        befalls=throughout(Answer(status=404, reason="no_service")),
        hours=24,
        queued=True,
    ),
    ChatFault(
        name="chat: the service refuses",
        happens="400 for every fifth message, until someone fixes it",
        befalls=lambda post: None if int(post.title[:5]) % 5 else Answer(status=400, reason="invalid_payload"),
        hours=24,
        queued=True,
    ),
    ChatFault(
        name="chat: an answer is lost",
        happens="every fifth message is posted, but the response is lost",
        befalls=first_of_every_fifth("unanswered"),
        repeats=POSTING,
    ),
    ChatFault(
        name="chat: answers take long",
        happens="each takes 9 s of the function's 150",
        befalls=throughout("slow"),
    ),
    ChatFault(
        name="chat: killed before posting",
        happens="every fifth message's first function ends there",
        befalls=first_of_every_fifth("crash before"),
    ),
    ChatFault(
        name="chat: killed after posting",
        happens="every fifth message's first function ends there",
        befalls=first_of_every_fifth("crash after"),
        repeats=POSTING,
    ),
    ChatFault(
        name="chat: duplicates",
        happens="SQS delivers every message twice",
        twice=True,
        repeats=POSTING,
    ),
    ChatFault(
        name="chat: the parameter store is down",
        happens="no webhook can be read, for ten minutes",
        store_fails=True,
        hours=1 / 6,
    ),
    ChatFault(
        name="chat: SQS is down",
        happens="the service fails for an hour, and SQS changes no visibility timeout",
        befalls=throughout(Answer(status=503)),
        refused=frozenset({"ChangeMessageVisibilityBatch", "SendMessage"}),
        hours=1,
    ),
)
