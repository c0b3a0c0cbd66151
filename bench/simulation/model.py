"""Where each of many uploads ends, and what it waits for, in a pipeline under AWS's limits.

Seconds are simulated, not single events: what arrived in the same second and was refused equally often is one cohort.
Counts are whole numbers, so nothing gets lost, and the same seed gives the same outcome. What is modelled and what is
not is said in docs/limits.md, which also has the source of every number here.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from math import ceil

from domain.topology import INDEX_SHARDS
from handlers.logic.digester import MAX_MESSAGES
from ops.cost.model import NOTIFY_SECONDS, PROCESS_SECONDS_A_FILE

DAY = 86_400
UPLOADS = 100_000_000
BURST_RATE, BURST_SECONDS = 10_000, 3_600

OLDEST_EVENT_SECONDS = 6 * 3600  # Lambda keeps an asynchronous event for so long
RETRY_AFTER_SECONDS = (60, 120)  # a failed attempt; after the third the event goes to the failed-events queue
LARGEST_UNUSED_RAMP = 1000
PARTITION_WRITE_UNITS = 1000
DOUBLING_SECONDS = 1800  # an on-demand table serves twice the peak that it served so long ago
NOTIFY_WRITE_UNITS, PROCESS_WRITE_UNITS, INDEX_WRITE_UNITS = 2, 1, 1  # claim and mark; result; the claim's index entry
MAILS_PER_MINUTE = 5

Cohort = tuple[int, int, int]
"""The second in which events arrived, how often Lambda has throttled them, how many of their attempts have failed."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """What an account in one region may do: by default what AWS gives without being asked, in us-east-1."""

    concurrency: int = 1000
    ramp: int = 100  # environments a second and function
    publishes: int = 30_000  # a second
    shards: int = INDEX_SHARDS
    write_units: int = 4000  # a second that a new on-demand table serves at once
    process_concurrency: int = 5
    digest_minutes: int = 5
    notify_seconds: float = NOTIFY_SECONDS["advanced"]
    process_seconds: float = PROCESS_SECONDS_A_FILE
    longest_backoff: int = 300
    """Seconds until Lambda offers a throttled event again: 1, 2, 4 and so on up to this."""


@dataclass
class Queue:
    """A queue that is emptied from its oldest message, and how long its messages waited."""

    waiting: deque[tuple[int, int]] = field(default_factory=deque)
    depth: int = 0
    waits: Counter[int] = field(default_factory=Counter)

    def put(self, second: int, count: int) -> None:
        if count:
            self.waiting.append((second, count))
            self.depth += count

    def take(self, second: int, most: int) -> int:
        """Take up to `most` messages. Returns how many there were."""
        wanted = left = min(most, self.depth)
        while left:
            arrived, count = self.waiting.popleft()
            taken = min(left, count)
            if taken < count:
                self.waiting.appendleft((arrived, count - taken))
            self.waits[second - arrived] += taken
            left -= taken
        self.depth -= wanted
        return wanted


@dataclass
class Outcome:
    """Where every upload of a run ended, and what it waited for."""

    uploads: int = 0
    waits: Counter[int] = field(default_factory=Counter)
    """Seconds from the upload to its publish: how many notifications waited so long."""
    too_old: int = 0
    three_failures: int = 0
    kept_waits: int = 0
    """Seconds that the events which ended in the failed-events queue waited, all together."""
    waited: int = 0
    """Events that waited in Lambda's queue, summed over all seconds."""
    most_waiting: int = 0
    most_environments: int = 0
    bound: Counter[str] = field(default_factory=Counter)
    """For each limit the number of seconds in which it held events back."""
    at_once: int = 0
    digests: int = 0
    work: Queue = field(default_factory=Queue)
    digest: Queue = field(default_factory=Queue)
    at_midnight: tuple[int, int] = (0, 0)
    """Messages in the work queue and in the digest queue when the day ends."""

    @property
    def published(self) -> int:
        return self.waits.total()

    @property
    def failed(self) -> int:
        return self.too_old + self.three_failures


def even(seed: int, uploads: int = UPLOADS, seconds: int = DAY) -> list[int]:
    """Uploads in each second of a day, at random times."""
    return _spread(_random(seed), [uploads / seconds] * seconds, uploads)


def burst(seed: int) -> list[int]:
    """10,000 a second for an hour from noon, the rest spread over the day."""
    rest = (UPLOADS - BURST_RATE * BURST_SECONDS) / (DAY - BURST_SECONDS)
    noon = range(DAY // 2, DAY // 2 + BURST_SECONDS)
    return _spread(_random(seed), [float(BURST_RATE) if s in noon else rest for s in range(DAY)], UPLOADS)


def simulate(arrivals: Sequence[int], account: Account, seed: int = 1) -> Outcome:
    """Run until no event waits in Lambda's queue. What the work and digest queues hold then stays in them."""
    run = _Run(account, _random(seed))
    second = 0
    while second < len(arrivals) or run.due:
        run.step(second, arrivals[second] if second < len(arrivals) else 0)
        if second == len(arrivals) - 1:
            run.outcome.at_midnight = (run.outcome.work.depth, run.outcome.digest.depth)
        second += 1
    return run.outcome


@dataclass
class _Run:
    account: Account
    rng: random.Random
    outcome: Outcome = field(default_factory=Outcome)
    due: dict[int, dict[Cohort, int]] = field(default_factory=lambda: defaultdict(dict))
    waiting: int = 0
    environments: int = 0
    unused_ramp: int = LARGEST_UNUSED_RAMP
    carried: int = 0
    """Environments that an attempt of the second before still takes."""
    processed: int = 0
    served: list[int] = field(default_factory=list)
    """The most write units served in any second up to each one."""
    minute: int = -1
    mails: list[int] = field(default_factory=lambda: [0, 0])
    """Notifications to people in the minute before and in this one."""

    def step(self, second: int, arrived: int) -> None:
        ready = self.due.pop(second, {})
        if arrived:
            ready[second, 0, 0] = arrived
        self.outcome.uploads += arrived
        self.waiting += arrived
        self._expire(second, ready)
        total = sum(ready.values())
        limit, name = self._limit(second)
        started = min(total, self._room(total, limit))
        done = min(started, limit)
        self.outcome.bound[name] += done < started
        self._settle(second, ready, started, done)
        self._deliver(second, done)
        units = NOTIFY_WRITE_UNITS * done + PROCESS_WRITE_UNITS * self.processed
        self.served.append(max(units, self.served[-1] if self.served else 0))
        self.carried = started - done  # a failed attempt takes the next second as well
        self.outcome.waited += self.waiting
        self.outcome.most_waiting = max(self.outcome.most_waiting, self.waiting)

    def _expire(self, second: int, ready: dict[Cohort, int]) -> None:
        for cohort in [old for old in ready if second - old[0] >= OLDEST_EVENT_SECONDS]:
            self.outcome.too_old += ready[cohort]
            self._end(second - cohort[0], ready.pop(cohort))

    def _end(self, waited: int, count: int) -> None:
        """Events that end in the failed-events queue."""
        self.outcome.kept_waits += waited * count
        self.waiting -= count

    def _limit(self, second: int) -> tuple[int, str]:
        """How many attempts can succeed in this second, and what would keep more from it."""
        long_ago = second - DOUBLING_SECONDS
        table = max(self.account.write_units, 2 * self.served[long_ago] if long_ago >= 0 else 0)
        return min(
            (self.account.publishes, "SNS publishes"),
            (self.account.shards * PARTITION_WRITE_UNITS // INDEX_WRITE_UNITS, "the list index"),
            (max(0, table - PROCESS_WRITE_UNITS * self.processed) // NOTIFY_WRITE_UNITS, "the table"),
        )

    def _room(self, wanted: int, limit: int) -> int:
        """How many attempts may begin in this second. Environments that are made in it serve from the next second."""
        each = self.account.notify_seconds
        allowed = self.account.concurrency - self.processed * self.account.process_seconds
        free = max(0, min(self.environments, allowed) - self.carried)
        room = int(free / each)
        if room > limit:  # those beyond it fail, and each takes an environment for the whole second
            room = limit + int(free - limit * each)
        self.unused_ramp = min(LARGEST_UNUSED_RAMP, self.unused_ramp + self.account.ramp)
        if wanted > room:
            missing = ceil((wanted - room) * each)
            more = max(0, int(allowed) - self.environments)
            made = min(missing, more, self.unused_ramp)
            self.outcome.bound["Lambda's concurrency"] += more < min(missing, self.unused_ramp)
            self.outcome.bound["Lambda's ramp"] += self.unused_ramp < min(missing, more)
            self.environments += made
            self.unused_ramp -= made
            self.outcome.most_environments = max(self.outcome.most_environments, self.environments)
        return room

    def _settle(self, second: int, ready: Mapping[Cohort, int], started: int, done: int) -> None:
        """Lambda's queue has no order: the turn begins at any of the cohorts."""
        cohorts = list(ready.items())
        first = self.rng.randrange(len(cohorts)) if cohorts else 0
        self.waiting -= done
        for cohort, count in chain(cohorts[first:], cohorts[:first]):
            begun = published = 0
            if started:
                begun = min(count, started)
                published = min(begun, done)
                started, done = started - begun, done - published
                if published:
                    self.outcome.waits[second - cohort[0]] += published
                if published < begun:
                    self._retry(second, cohort, begun - published)
            if begun < count:
                arrived, throttles, failures = cohort
                backoff = min(self.account.longest_backoff, 2**throttles)
                self._later(second + backoff, (arrived, min(throttles + 1, 9), failures), count - begun)

    def _retry(self, second: int, cohort: Cohort, count: int) -> None:
        arrived, throttles, failures = cohort
        if failures < len(RETRY_AFTER_SECONDS):
            self._later(second + RETRY_AFTER_SECONDS[failures], (arrived, throttles, failures + 1), count)
        else:
            self.outcome.three_failures += count
            self._end(second - arrived, count)

    def _later(self, second: int, cohort: Cohort, count: int) -> None:
        due = self.due[second]
        due[cohort] = due.get(cohort, 0) + count

    def _deliver(self, second: int, published: int) -> None:
        """To the work queue; and to people, at once or in a digest."""
        outcome, account = self.outcome, self.account
        outcome.work.put(second, published)
        self.processed = outcome.work.take(second, int(account.process_concurrency / account.process_seconds))
        if second // 60 != self.minute:
            self.minute, self.mails = second // 60, [self.mails[1], 0]
        calm = max(0, MAILS_PER_MINUTE - self.mails[1]) if self.mails[0] <= MAILS_PER_MINUTE else 0
        at_once = min(published, calm)
        self.mails[1] += published
        outcome.at_once += at_once
        outcome.digest.put(second, published - at_once)
        if second % (60 * account.digest_minutes) == 0:
            outcome.digests += bool(outcome.digest.take(second, MAX_MESSAGES))


def _spread(rng: random.Random, rates: Sequence[float], uploads: int) -> list[int]:
    """Numbers of uploads with these expectations, as many as asked for in all."""
    drawn = [max(0.0, rng.gauss(rate, rate**0.5)) for rate in rates]
    total = sum(drawn)
    sums = [round(so_far * uploads / total) for so_far in accumulate(drawn, initial=0.0)]
    return [after - before for before, after in pairwise(sums)]


def _random(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - nothing to guess here
