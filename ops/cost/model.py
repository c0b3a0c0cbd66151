"""How many calls an upload makes, by the settings of a stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain import counters
from domain.rules import Rule
from ops.cost import prices
from ops.cost.prices import Price
from ops.reading.subscriptions import recipients

MONTH_MINUTES = 30 * 24 * 60
_GB = 1024**3

# What was measured, or is assumed; `assumptions` says so to people.
NOTIFY_SECONDS = {"basic": 0.08, "advanced": 0.1}
PROCESS_SECONDS_A_FILE = 0.06
DIGEST_SECONDS = 1.2  # an empty digest waits a second for messages
LOG_BYTES = {"notify": 1100, "process a file": 400, "process a batch": 700, "digest": 1100}
BATCH_SIZE, BATCH_WINDOW_SECONDS = 10, 15
IDLE_POLLS = 650_000  # a month: five pollers that wait 20 seconds each
SERIES = {"basic": len(counters.SERIES["notify"]), "advanced": sum(map(len, counters.SERIES.values()))}
FILES_A_CALL = 10  # SQS: messages in one call


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A stack's settings, as far as they cost, and what goes through it.

    `digests` is the share of files that come in digests where a rule leaves it to the stack (auto); None computes it
    for uploads that are spread evenly over the month. `heard` is the share of uploads that a rule matches.
    """

    mode: str
    rules: Sequence[Rule]
    uploads: int
    mails_per_minute: int = 5
    digest_minutes: int = 5
    digests: float | None = None
    heard: float = 1.0
    notify_megabytes: int = 256
    process_megabytes: int = 512
    alarms: int = 0
    dashboards: int = 0

    @property
    def is_advanced(self) -> bool:
        return self.mode == "advanced"

    @property
    def digest_share(self) -> float:
        """The share of files that come in digests where a rule leaves it to the stack."""
        if not self.is_advanced:
            return 0.0
        if self.digests is not None:
            return self.digests
        return 1.0 if self.uploads * self.heard / MONTH_MINUTES > self.mails_per_minute else 0.0

    @property
    def upload_rules(self) -> list[Rule]:
        """The rules that hear of uploads; removals and restores are not counted."""
        return [rule for rule in self.rules if "created" in rule.events]

    @property
    def people(self) -> Counter[str]:
        return Counter(one.protocol for one in recipients(self.upload_rules))


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the bill: so many units a month. `fixed` does not depend on the number of uploads."""

    name: str
    units: float
    price: Price
    fixed: bool = False

    @property
    def a_month(self) -> float:
        return self.price.of(self.units)

    def a_million(self, uploads: int) -> float:
        """For a million uploads at this rate; a line that does not depend on them has none."""
        return 0.0 if self.fixed else self.a_month * 1_000_000 / uploads


def lines(plan: Plan) -> list[Line]:
    """Everything that a month costs, the largest first. Lines without units are left out."""
    found = [*_telling(plan), *_computing(plan), *_watching(plan)]
    if plan.is_advanced:
        found += _remembering(plan)
    return sorted((line for line in found if line.units), key=lambda line: -line.a_month)


def mails(plan: Plan) -> float:
    """Mails a month: one a file and address at once; one a rule, address and turn in digests."""
    turns = MONTH_MINUTES / plan.digest_minutes
    files = plan.uploads * plan.heard
    by_name = {rule.name: rule for rule in plan.rules}
    total = 0.0
    for recipient, names in recipients(plan.upload_rules).items():
        if recipient.protocol != "email":
            continue
        deliveries = [by_name[name].delivery if plan.is_advanced else "immediate" for name in names]
        if "immediate" in deliveries:
            total += files
        elif "auto" in deliveries:
            total += files * (1 - plan.digest_share)
        for delivery in deliveries:
            share = {"immediate": 0.0, "auto": plan.digest_share, "digest": 1.0}[delivery]
            total += min(files * share, turns)
    return total


def _telling(plan: Plan) -> Iterator[Line]:
    published = plan.uploads if plan.is_advanced else plan.uploads * plan.heard
    yield Line(name="mails", units=mails(plan), price=prices.EMAIL)
    yield Line(name="notifications published", units=published, price=prices.PUBLISH)
    yield Line(name="webhooks", units=plan.people["https"] * plan.uploads * plan.heard, price=prices.WEBHOOK)
    yield Line(
        name="recipients' queues", units=plan.people["sqs"] * plan.uploads * plan.heard, price=prices.QUEUE_REQUEST
    )


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
        turns = MONTH_MINUTES / plan.digest_minutes
        digest = DIGEST_SECONDS * turns * plan.notify_megabytes / 1024
        yield Line(name="digests, compute", units=digest, price=prices.COMPUTE, fixed=True)
    yield Line(name="logs", units=logged / _GB, price=prices.LOGS)


def _remembering(plan: Plan) -> Iterator[Line]:
    guarded = any(rule.delivery == "auto" and rule.notifies_people for rule in plan.upload_rules)
    heard, calm = plan.uploads * plan.heard, 1 - plan.digest_share
    # A stormy minute is counted until it is known to be one.
    counted = heard * calm + min(heard * plan.digest_share, MONTH_MINUTES * (plan.mails_per_minute + 1))
    writes = plan.uploads * 4 + (counted if guarded else 0)  # claim and its entry in the index, mark, result; guard
    yield Line(name="catalogue, writes", units=writes, price=prices.WRITE)
    yield Line(name="catalogue, reads", units=plan.uploads + (heard * calm / 2 if guarded else 0), price=prices.READ)
    batch = _files_a_batch(plan)
    waits = heard * _waiting_share(plan)
    requests = plan.uploads * (1 + 2 / batch) + waits * (1 + 2 / FILES_A_CALL)
    yield Line(name="queues", units=requests, price=prices.QUEUE_REQUEST)
    turns = MONTH_MINUTES / plan.digest_minutes
    yield Line(name="queues, polled when idle", units=IDLE_POLLS + turns, price=prices.QUEUE_REQUEST, fixed=True)


def _watching(plan: Plan) -> Iterator[Line]:
    yield Line(name="alarms", units=plan.alarms, price=prices.ALARM, fixed=True)
    yield Line(name="metrics", units=SERIES[plan.mode], price=prices.METRIC, fixed=True)
    yield Line(name="dashboards", units=plan.dashboards, price=prices.DASHBOARD, fixed=True)


def _waiting_share(plan: Plan) -> float:
    """The share of files that wait for a digest of some rule."""
    deliveries = {rule.delivery for rule in plan.upload_rules if rule.notifies_people}
    if "digest" in deliveries:
        return 1.0
    return plan.digest_share if "auto" in deliveries else 0.0


def _files_a_batch(plan: Plan) -> float:
    """Files that come while a batch is being collected, if they are spread evenly."""
    a_second = plan.uploads / (MONTH_MINUTES * 60)
    return min(BATCH_SIZE, 1 + a_second * BATCH_WINDOW_SECONDS)


def assumptions(plan: Plan) -> list[str]:
    """What the numbers stand on, for people."""
    free = "1,000 mails, 1 M SQS requests, 1 M invocations, 5 GB of logs, 10 alarms, 10 metrics, 3 dashboards"
    found = [
        "List prices of us-east-1, arm64, publishes of up to 64 KB, no free tier.",
        f"Free each month, and not taken off: {free}.",
        "Not counted: what S3 takes for the upload itself and for storage, the catalogue's storage, the web interface.",
        "Nor are removals and restores.",
        f"A rule hears about {plan.heard:.0%} of the uploads (--heard).",
        f"Notify takes {NOTIFY_SECONDS[plan.mode] * 1000:.0f} ms an event and logs {LOG_BYTES['notify']:,} bytes.",
    ]
    if plan.is_advanced:
        how = "given by --digests" if plan.digests is not None else "uploads spread evenly over the month"
        found += [
            f"{plan.digest_share:.0%} of the files come in digests where a rule leaves that to the stack ({how}).",
            f"More than {plan.mails_per_minute} a minute are a storm; digests go out every {plan.digest_minutes} min.",
            f"Looking into a file takes {PROCESS_SECONDS_A_FILE * 1000:.0f} ms, a file of some megabytes.",
        ]
    if plan.people["sms"]:
        found.append(f"SMS to {plan.people['sms']} are not counted: their price depends on the country.")
    return found
