"""How many calls an upload makes, by the settings of a stack."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain import counters
from domain.events import EventKind
from domain.expectations import DAYS, MINUTES_A_DAY, Expectation
from domain.recipients import PROTOCOLS, Recipient
from domain.rules import Rule
from domain.topology import BATCH_SIZE, BATCH_WINDOW_SECONDS, recipients
from ops.cost import prices
from ops.cost.events import asked, events_a_file, findings_a_file
from ops.cost.prices import Price

MONTH_MINUTES = 30 * 24 * 60
_GB = 1024**3

# Measured or assumed; `assumptions` prints them.
NOTIFY_SECONDS = {"basic": 0.08, "advanced": 0.1}
PROCESS_SECONDS_A_FILE = 0.06
EXPECT_SECONDS = 0.3
LISTED_PAGES = 1  # of a thousand versions each, under the prefix of a rule that expects files
DIGEST_SECONDS = 1.2  # an empty digest waits a second for messages
LOG_BYTES = {"notify": 1100, "process a file": 400, "process a batch": 700, "digest": 1100}
SCANNED_MEGABYTES = 1  # of a file
IDLE_POLLS = 650_000  # a month: five pollers that wait 20 seconds each
SERIES = {"basic": len(counters.SERIES["notify"]), "advanced": sum(map(len, counters.SERIES.values()))}
FILES_A_CALL = 10  # SQS: messages in one call
CHAT_SECONDS = 2.0  # a message waits for the channel's turn
UNITS = {"chat": 3}
"""Units of one delivery where that is not one: a chat message is sent, received and deleted."""
DELIVERIES = {
    "mails": ("mails", prices.EMAIL),
    "webhooks": ("webhooks", prices.WEBHOOK),
    "queues": ("recipients' queues", prices.QUEUE_REQUEST),
    "chat": ("chat, queue", prices.QUEUE_REQUEST),
}
"""Name and price of the line of the bill that PROTOCOLS names."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A stack's settings, as far as they cost, and its uploads in a month.

    `digests` is the share of files in digests where a rule leaves it to the stack (auto); None computes it for uploads
    spread evenly over the month. `matched_share` is the share of uploads that a rule matches. The fields of digests and
    of the process function are 0 in mode basic, which has neither.
    """

    mode: str
    rules: Sequence[Rule]
    uploads: int
    notify_megabytes: int
    process_megabytes: int = 0
    mails_per_minute: int = 0
    digest_minutes: int = 0
    digests: float | None = None
    matched_share: float = 1.0
    alarms: int = 0
    dashboards: int = 0
    from_existing: float = 0.0
    """The share of uploads in existing buckets, whose events come by EventBridge."""
    scanned_share: float = 0.0
    """The share of uploads that are scanned for malware."""

    @property
    def is_advanced(self) -> bool:
        """Whether the mode is advanced."""
        return self.mode == "advanced"

    @property
    def matched(self) -> float:
        """Uploads that a rule matches."""
        return self.uploads * self.matched_share

    @property
    def turns(self) -> float:
        """Invocations of the digest function."""
        return MONTH_MINUTES / self.digest_minutes if self.is_advanced else 0.0

    @property
    def digest_share(self) -> float:
        """The share of files in digests where a rule leaves it to the stack."""
        if not self.is_advanced:
            return 0.0
        if self.digests is not None:
            return self.digests
        return 1.0 if self.matched / MONTH_MINUTES > self.mails_per_minute else 0.0

    @property
    def upload_rules(self) -> list[Rule]:
        """The rules that notify about uploads and what is found in them; removals and restores are not counted."""
        return [rule for rule in self.rules if events_a_file(rule.events)]

    @property
    def announced(self) -> float:
        """Findings that are announced."""
        return self.matched * findings_a_file(self.rules)

    @property
    def unpriced(self) -> Counter[str]:
        """Recipients of protocols whose price depends on the country, by protocol."""
        everyone = recipients(self.upload_rules)
        return Counter(person.protocol for person in everyone if person.is_person and not person.kind.price)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the bill: its units in a month. `fixed` does not depend on the number of uploads."""

    name: str
    units: float
    price: Price
    fixed: bool = False

    @property
    def a_month(self) -> float:
        """Dollars a month, without the free tier."""
        return self.price.of(self.units)

    def a_million(self, uploads: int) -> float:
        """Dollars for a million uploads at this rate; 0 for a line that does not depend on them."""
        return 0.0 if self.fixed else self.a_month * 1_000_000 / uploads


def lines(plan: Plan) -> list[Line]:
    """The bill of a month, the largest line first. Lines without units are left out."""
    bill = [*_notifying(plan), *_chatting(plan), *_computing(plan), *_expecting(plan), *_monitoring(plan)]
    if plan.is_advanced:
        bill += [*_cataloguing(plan), *_scanning(plan)]
    return sorted((line for line in bill if line.units), key=lambda line: -line.a_month)


def after_free_tier(bill: Sequence[Line]) -> float:
    """Dollars a month if no other stack of the account uses the free tier."""
    units: defaultdict[Price, float] = defaultdict(float)
    for line in bill:
        units[line.price] += line.units
    return sum(price.of(max(0.0, amount - price.free)) for price, amount in units.items())


def deliveries(plan: Plan, recipient: Recipient, names: Sequence[str]) -> float:
    """What a recipient gets in a month, by the rules that name it: one per event at once, one per rule and digest."""
    named = [rule for rule in plan.rules if rule.name in names]
    if not recipient.is_person:
        return plan.matched * events_a_file(asked(named))
    in_digest = {"immediate": 0.0, "auto": plan.digest_share, "digest": 1.0}
    total = 0.0
    for kind in asked(named):  # the rule that delivers the most of them at once decides
        shares = [in_digest[rule.delivery] if plan.is_advanced else 0.0 for rule in named if kind in rule.events]
        total += plan.matched * events_a_file([kind]) * (1 - min(shares))
    if plan.is_advanced:
        waiting = [plan.matched * events_a_file(rule.events) * in_digest[rule.delivery] for rule in named]
        total += sum(min(files, plan.turns) for files in waiting)
    return total


def _notifying(plan: Plan) -> Iterator[Line]:
    published = plan.uploads + plan.announced if plan.is_advanced else plan.matched
    yield Line(name="events by EventBridge", units=plan.uploads * plan.from_existing, price=prices.EVENT)
    yield Line(name="notifications published", units=published, price=prices.PUBLISH)
    everyone = recipients(plan.upload_rules).items()
    for protocol, kind in PROTOCOLS.items():
        if kind.price:
            name, price = DELIVERIES[kind.price]
            units = sum(
                deliveries(plan, recipient, names) for recipient, names in everyone if recipient.protocol == protocol
            )
            yield Line(name=name, units=units * UNITS.get(kind.price, 1), price=price)


def _chatting(plan: Plan) -> Iterator[Line]:
    """What posts to chat channels: each message an invocation, at worst. Nothing where no rule names one."""
    everyone = recipients(plan.upload_rules).items()
    messages = sum(deliveries(plan, recipient, names) for recipient, names in everyone if recipient.channel)
    if any(recipient.channel for recipient, _ in everyone):
        yield Line(name="chat, invocations", units=messages, price=prices.INVOCATION)
        busy = CHAT_SECONDS * messages * plan.notify_megabytes / 1024
        yield Line(name="chat, compute", units=busy, price=prices.COMPUTE)
        yield Line(name="chat, polled when idle", units=IDLE_POLLS, price=prices.QUEUE_REQUEST, fixed=True)


def _computing(plan: Plan) -> Iterator[Line]:
    seconds = NOTIFY_SECONDS[plan.mode] * plan.uploads
    logged: float = LOG_BYTES["notify"] * plan.uploads
    yield Line(name="notify, invocations", units=plan.uploads, price=prices.INVOCATION)
    yield Line(name="notify, compute", units=seconds * plan.notify_megabytes / 1024, price=prices.COMPUTE)
    if plan.is_advanced:
        batches = plan.uploads / _files_a_batch(plan)
        busy = PROCESS_SECONDS_A_FILE * plan.uploads * plan.process_megabytes / 1024
        logged += LOG_BYTES["process a file"] * plan.uploads + LOG_BYTES["process a batch"] * batches
        yield Line(name="process, invocations", units=batches, price=prices.INVOCATION)
        yield Line(name="process, compute", units=busy, price=prices.COMPUTE)
        yield Line(name="process, reading files", units=plan.uploads, price=prices.OBJECT_READ)
        digest = DIGEST_SECONDS * plan.turns * plan.notify_megabytes / 1024
        yield Line(name="digests, compute", units=digest, price=prices.COMPUTE, fixed=True)
    yield Line(name="logs", units=logged / _GB, price=prices.LOGS)


def _expecting(plan: Plan) -> Iterator[Line]:
    expectations = [rule.expect for rule in plan.rules if rule.expect is not None]
    if not expectations:
        return
    windows = sum(windows_a_month(expectation) for expectation in expectations)
    invocations = windows + MONTH_MINUTES / 60  # and the sweep
    busy = EXPECT_SECONDS * invocations * plan.notify_megabytes / 1024
    yield Line(name="expectations, invocations", units=invocations, price=prices.INVOCATION, fixed=True)
    yield Line(name="expectations, compute", units=busy, price=prices.COMPUTE, fixed=True)
    yield Line(name="expectations, listing", units=windows * LISTED_PAGES, price=prices.LISTING, fixed=True)


def windows_a_month(expectation: Expectation) -> float:
    """How many windows of an expectation end in a month."""
    days = MONTH_MINUTES / MINUTES_A_DAY * len(expectation.days) / len(DAYS)
    return days * (MINUTES_A_DAY / expectation.every_minutes if expectation.every_minutes else 1)


def _cataloguing(plan: Plan) -> Iterator[Line]:
    auto = [rule for rule in plan.upload_rules if rule.delivery == "auto" and rule.notifies_people]
    guarded = plan.matched * events_a_file(asked(auto))
    calm = guarded * (1 - plan.digest_share)
    # A stormy minute is counted until it is known to be one.
    counted = calm + min(guarded * plan.digest_share, MONTH_MINUTES * (plan.mails_per_minute + 1))
    # claim and its entry in the index, mark, result; guard; the mark of what was found
    writes = plan.uploads * 4 + counted + plan.announced
    yield Line(name="catalogue, writes", units=writes, price=prices.WRITE)
    yield Line(name="catalogue, reads", units=plan.uploads + calm / 2, price=prices.READ)
    batch = _files_a_batch(plan)
    waits = plan.matched * sum(_waiting_share(plan, kind) for kind in asked(plan.upload_rules))
    requests = plan.uploads * (1 + 2 / batch) + waits * (1 + 2 / FILES_A_CALL)
    yield Line(name="queues", units=requests, price=prices.QUEUE_REQUEST)
    yield Line(name="queues, polled when idle", units=IDLE_POLLS + plan.turns, price=prices.QUEUE_REQUEST, fixed=True)


def _scanning(plan: Plan) -> Iterator[Line]:
    """GuardDuty's part, and that of its results: the event of each upload, a write, a message and one to look later."""
    files, batch = plan.uploads * plan.scanned_share, _files_a_batch(plan)
    yield Line(name="malware scan, files", units=files, price=prices.SCANNED_FILE)
    yield Line(name="malware scan, data", units=files * SCANNED_MEGABYTES / 1024, price=prices.SCANNED_DATA)
    yield Line(name="malware scan, events of uploads", units=files, price=prices.EVENT)
    yield Line(name="malware scan, reading", units=files, price=prices.OBJECT_READ)
    yield Line(name="malware scan, tags", units=files, price=prices.OBJECT_TAGGED)
    yield Line(name="malware scan, results", units=files, price=prices.WRITE)
    yield Line(name="malware scan, messages", units=files * 2 * (1 + 2 / batch), price=prices.QUEUE_REQUEST)
    yield Line(name="malware scan, looking for results", units=files * 2, price=prices.READ)


def _monitoring(plan: Plan) -> Iterator[Line]:
    yield Line(name="alarms", units=plan.alarms, price=prices.ALARM, fixed=True)
    yield Line(name="metrics", units=SERIES[plan.mode], price=prices.METRIC, fixed=True)
    yield Line(name="dashboards", units=plan.dashboards, price=prices.DASHBOARD, fixed=True)


def _waiting_share(plan: Plan, kind: EventKind) -> float:
    """The share of matched uploads of which such an event waits for a digest of some rule."""
    modes = {rule.delivery for rule in plan.upload_rules if rule.notifies_people and kind in rule.events}
    if "digest" in modes:
        return events_a_file([kind])
    return events_a_file([kind]) * plan.digest_share if "auto" in modes else 0.0


def _files_a_batch(plan: Plan) -> float:
    """Files that arrive within the batching window, if they are spread evenly."""
    a_second = plan.uploads / (MONTH_MINUTES * 60)
    return min(BATCH_SIZE, 1 + a_second * BATCH_WINDOW_SECONDS)
