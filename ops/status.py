"""`status`: delivery health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypedDict

from domain.counters import RECEIVED
from domain.topology import WORKING_QUEUES
from domain.wording import visible
from ops.command import on_a_stack
from ops.errors import ATTENTION, OpsError
from ops.reading.activity import COUNTERS, PUBLISHED, Activity, activity
from ops.reading.deployed import Deployed
from ops.reading.expectations import expected
from ops.reading.queues import failure_queues
from ops.reading.recipients import Subscriber, subscribers
from ops.screen import Screen
from ops.stack import Stack
from ops.words import ago, counted, listed

_OUTCOMES = {
    "Published": "notified",
    "Unmatched": "without rule",
    "Duplicate": "duplicate",
    "Failed": "failed attempt",
}
_NOTIFIED = {
    "": "not notified yet",
    "immediate": "notified at once",
    "digest": "in a digest",
    "none": "nobody to notify",
}

Counts = Mapping[str, int | None]
"""Messages by queue; None for a queue that does not exist."""


class NewestFile(TypedDict):
    """The newest file of the catalogue, of any region."""

    bucket: str
    key: str
    region: str
    time: str
    status: str
    notified: str


class ExpectedToday(TypedDict):
    """The windows that end today, in how many of them enough files have arrived, and when the next one ends."""

    today: int
    arrived: int
    missing: int
    next: str


class SubscriberDocument(TypedDict):
    """A recipient for programs."""

    address: str
    protocol: str
    state: str
    rules: list[str]


@dataclass
class _Line:
    """One line of the report. `mark` is one of the screen's; `fixes` are commands."""

    label: str
    mark: str
    text: str
    fixes: list[str] = field(default_factory=list)


@on_a_stack(by_region=True)
def status(stack: Stack, screen: Screen) -> int:
    """Show delivery health: event counts, subscriptions, queue depth.

    Counts are those of today (UTC). Exit code 1 if something needs attention; `python -m ops doctor` then explains it.
    """
    now = datetime.now(UTC)
    with screen.waiting("Asking AWS …"):
        deployed = Deployed(stack)
        counts = _delivering(deployed, now)
        newest = _newest(deployed)
        people, systems, unknown = _subscribers(deployed)
        waiting, failed = _queues(deployed)
        awaited = _expected(deployed, now)
    last_event = counts.last.get(RECEIVED) if counts else None
    last_notification = counts.last.get(PUBLISHED) if counts else None
    screen.say(
        (deployed.name, "bold"), f"  {stack.mode}  {stack.region}",
        f"   last event {ago(last_event, now)} · last notification {ago(last_notification, now)}" if counts else "",
    )  # fmt: skip
    lines = [
        _delivering_line(counts, stack),
        *_subscriber_lines(people, "people", unknown, stack),
        *_subscriber_lines(systems, "systems", None, stack),
        _queues_line(waiting, failed, stack),
    ]
    if stack.is_advanced:
        lines.insert(1, _newest_line(newest, now, stack))
    lines += _expected_line(awaited, stack)
    for line in lines:
        screen.mark(line.mark, (f"{line.label:<12}", "bold"), line.text, *(f"\n{'':14}→ {fix}" for fix in line.fixes))
    attention = any(line.mark in ("attention", "broken") for line in lines)
    screen.result(
        "status",
        {
            "stack": deployed.name,
            "mode": stack.mode,
            "region": stack.region,
            "needsAttention": attention,
            "lastEvent": last_event and last_event.isoformat(),
            "lastNotification": last_notification and last_notification.isoformat(),
            "today": _today(counts),
            "newestFile": None if newest == "unknown" else newest,
            "people": [_subscriber(person) for person in people or ()],
            "systems": [_subscriber(system) for system in systems or ()],
            "queues": {"waiting": waiting, "failed": failed},
            "expected": awaited,
        },
    )
    return ATTENTION if attention else 0


def _delivering(deployed: Deployed, now: datetime) -> Activity | None:
    return activity(deployed.stack, deployed.notify, COUNTERS, now) if deployed.notify else None


def _newest(deployed: Deployed) -> NewestFile | Literal["unknown"] | None:
    """The newest file of the catalogue; None if it has none; "unknown" if none was found before the search ended."""
    if not deployed.stack.is_advanced or deployed.table is None:
        return None
    latest = deployed.listing.latest(1)
    if not latest.items:
        return None if latest.is_complete else "unknown"
    item = latest.items[0]
    return {
        "bucket": item.bucket,
        "key": item.key,
        "region": item.region,
        "time": item.time,
        "status": item.status,
        "notified": item.notified,
    }


def _subscribers(deployed: Deployed) -> tuple[list[Subscriber] | None, list[Subscriber] | None, str]:
    """People, systems, and why they are unknown; None and a reason if they are."""
    if deployed.subscriptions is None:
        return None, None, "the topic does not exist: nobody is notified"
    try:
        everyone = subscribers(deployed.rules, deployed.subscriptions, deployed.chat_queue)
    except OpsError as error:
        return None, None, error.what
    people = [subscriber for subscriber in everyone if subscriber.recipient.is_person]
    return people, [subscriber for subscriber in everyone if not subscriber.recipient.is_person], ""


def _queues(deployed: Deployed) -> tuple[Counts, Counts]:
    """The messages of the working queues and of the failure queues."""

    def messages(output: str) -> int | None:
        queue = deployed.queue(output)
        return queue.messages if queue else None

    waiting = {name: messages(output) for name, output in WORKING_QUEUES.items() if deployed.stack.get(output)}
    return waiting, {queue.name: messages(queue.output) for queue in failure_queues(deployed.stack)}


def _delivering_line(counts: Activity | None, stack: Stack) -> _Line:
    if counts is None:
        return _Line("delivering", "broken", "the notify function does not exist", [stack.ops_command("doctor")])
    received = counts.counts.get(RECEIVED, 0)
    parts = [
        f"{count:,} {outcome}{'s' if count != 1 and outcome in ('duplicate', 'failed attempt') else ''}"
        for name, outcome in _OUTCOMES.items()
        if (count := counts.counts.get(name, 0)) or name == PUBLISHED
    ]
    text = f"{received:,} received today = {' + '.join(parts)}"
    if counts.source == "logs":
        text += "   (from the log: the emulator has no metrics)"
    if counts.gap:
        return _Line(
            "delivering",
            "attention",
            f"{text}; {counted(counts.gap, 'event is', 'events are')} unaccounted for",
            [stack.ops_command("doctor")],
        )
    if counts.is_failing:
        return _Line("delivering", "broken", f"{text}; none succeeded since", [stack.ops_command("doctor")])
    return _Line("delivering", "fine", text)


def _newest_line(newest: NewestFile | Literal["unknown"] | None, now: datetime, stack: Stack) -> _Line:
    if newest is None:
        return _Line("newest file", "unknown", "none")
    if newest == "unknown":
        return _Line("newest file", "unknown", "unknown: all the newest files of the catalogue were removed")
    at = ago(datetime.fromisoformat(newest["time"]), now)
    several_regions, several_buckets = len(stack.whole.parts) > 1, bool(stack.whole.existing)
    where = f" in {newest['bucket']}" if several_buckets else f" in {newest['region']}" if several_regions else ""
    text = f"{visible(newest['key'])}{where}, {at}: {newest['status']}, {_NOTIFIED[newest['notified']]}"
    return _Line("newest file", "fine", text)


def _subscriber_lines(
    members: list[Subscriber] | None, label: str, unknown: str | None, stack: Stack
) -> Sequence[_Line]:
    if members is None:
        return [_Line(label, "broken", unknown, [stack.ops_command("doctor")])] if unknown else []
    if not members:
        return [] if label == "systems" else [_Line(label, "unknown", "no rule names any")]
    by_state = {
        state: [member.recipient.address for member in members if member.state == state]
        for state in ("confirmed", "pending", "gone")
    }
    text = f"{len(by_state['confirmed'])} confirmed"
    fixes = []
    if by_state["pending"]:
        text += f"   {len(by_state['pending'])} pending: {listed(by_state['pending'])}"
        fixes.append(stack.ops_command("confirm", "LINK"))
    if by_state["gone"]:
        text += f"   {len(by_state['gone'])} gone: {listed(by_state['gone'])}"
        fixes.append(stack.ops_command("doctor"))
    return [_Line(label, "attention" if fixes else "fine", text, fixes)]


def _queues_line(waiting: Counts, failed: Counts, stack: Stack) -> _Line:
    def depths(queues: Counts) -> str:
        return " · ".join(f"{name} {'missing' if count is None else f'{count:,}'}" for name, count in queues.items())

    text = f"waiting: {depths(waiting)}   failed: {depths(failed)}" if waiting else f"failed: {depths(failed)}"
    if None in (*waiting.values(), *failed.values()):
        return _Line("queues", "broken", text, [stack.ops_command("doctor")])
    if any(failed.values()):
        return _Line("queues", "attention", text, [stack.ops_command("replay", "--dry-run")])
    return _Line("queues", "fine", text)


def _expected(deployed: Deployed, now: datetime) -> ExpectedToday | None:
    """The windows of today; None if no rule expects files. What looks is the primary region's, for all of them."""
    if deployed.notify is None or deployed.stack.primary is not None:
        return None
    found = expected(deployed, now)
    if not found:
        return None
    windows = [window for one in found for window in one.today if window.is_expected]
    over = [looked for looked in windows if looked.window.end <= now]
    upcoming = min((one.next.window for one in found), key=lambda window: window.end)
    return {
        "today": len(windows),
        "arrived": sum(looked.is_met for looked in windows),
        "missing": sum(not looked.is_met for looked in over),
        "next": upcoming.by if upcoming.end - now < timedelta(days=1) else upcoming.local_end,
    }


def _expected_line(awaited: ExpectedToday | None, stack: Stack) -> list[_Line]:
    if awaited is None:
        return []
    text = f"expected today {awaited['today']:,}, arrived {awaited['arrived']:,}, next {awaited['next']}"
    if not awaited["missing"]:
        return [_Line("expected", "fine", text)]
    return [_Line("expected", "attention", f"{text}; missing {awaited['missing']:,}", [stack.ops_command("expect")])]


def _today(counts: Activity | None) -> Mapping[str, str | int] | None:
    """The counters of today for programs, and where they are from."""
    if counts is None:
        return None
    by_name = {name.lower(): counts.counts.get(name, 0) for name in COUNTERS}
    return {"source": counts.source, **by_name, "unaccounted": counts.gap}


def _subscriber(subscriber: Subscriber) -> SubscriberDocument:
    return {
        "address": subscriber.recipient.address,
        "protocol": subscriber.recipient.protocol,
        "state": subscriber.state,
        "rules": list(subscriber.rules),
    }
