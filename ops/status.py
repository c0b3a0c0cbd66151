"""`status`: is it delivering, to whom, and is anything waiting?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from domain.counters import RECEIVED
from domain.wording import visible
from ops.command import on_a_stack
from ops.errors import ATTENTION, OpsError
from ops.reading.activity import COUNTERS, TOLD, Activity, activity
from ops.reading.deployed import Deployed
from ops.reading.people import Listener, listeners
from ops.reading.queues import WAITING, kept_queues
from ops.screen import Screen
from ops.stack import Stack
from ops.words import ago, counted, listed

_SAID = {
    "Published": "notified",
    "Unmatched": "without rule",
    "Duplicate": "duplicate",
    "Failed": "failed attempt",
}


@dataclass
class _Line:
    """One line of the report, and whether it needs attention."""

    label: str
    mark: str
    text: str
    fixes: list[str] = field(default_factory=list)


@on_a_stack(by_region=True)
def status(stack: Stack, screen: Screen) -> int:
    """Is it delivering, to whom, and is anything waiting?

    Counts are those of today (UTC). Exit code 1 if something needs attention; `python -m ops doctor` then says more.
    """
    now = datetime.now(UTC)
    with screen.waiting("Asking AWS …"):
        deployed = Deployed(stack)
        seen = _delivering(deployed, now)
        newest = _newest(deployed)
        people, machines, listening = _listening(deployed)
        waiting, kept = _queues(deployed)
    last = seen.latest(RECEIVED) if seen else None
    notified = seen.latest(TOLD) if seen else None
    screen.say(
        (deployed.name, "bold"), f"  {stack.mode}  {stack.region}",
        f"   last event {ago(last, now)} · last notification {ago(notified, now)}" if seen else "",
    )  # fmt: skip
    lines = [
        _delivering_line(seen, stack),
        *_listening_lines(people, "people", listening, stack),
        *_listening_lines(machines, "machines", None, stack),
        _queues_line(waiting, kept, stack),
    ]
    if stack.is_advanced:
        lines.insert(1, _newest_line(newest, now, elsewhere=len(stack.whole.parts) > 1))
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
            "lastEvent": last and last.isoformat(),
            "lastNotice": notified and notified.isoformat(),
            "today": _today(seen),
            "newestFile": newest,
            "people": [_listener(one) for one in people or ()],
            "machines": [_listener(one) for one in machines or ()],
            "queues": {"waiting": waiting, "kept": kept},
        },
    )
    return ATTENTION if attention else 0


def _delivering(deployed: Deployed, now: datetime) -> Activity | None:
    return activity(deployed.stack, deployed.notify, COUNTERS, now) if deployed.notify else None


def _newest(deployed: Deployed) -> dict[str, Any] | None:
    """The newest file of the catalogue, in whichever region; None if there is none, or no catalogue."""
    if not deployed.stack.is_advanced or deployed.table is None:
        return None
    rows = deployed.listing.newest(1).rows
    if not rows:
        return None
    row = rows[0]
    return {"key": row.key, "region": row.region, "time": row.time, "status": row.status, "notified": row.notified}


def _listening(deployed: Deployed) -> tuple[list[Listener] | None, list[Listener] | None, str]:
    """People, machines, and why they are not known if they are not."""
    found = deployed.subscriptions
    if found is None:
        return None, None, "the topic is missing: nobody is told anything"
    try:
        everybody = listeners(deployed.rules, found)
    except OpsError as error:
        return None, None, error.what
    people = [one for one in everybody if one.recipient.is_person]
    return people, [one for one in everybody if not one.recipient.is_person], ""


def _queues(deployed: Deployed) -> tuple[dict[str, int | None], dict[str, int | None]]:
    """How many messages wait, and how many are kept as failures; None for a queue that is missing."""

    def messages(output: str) -> int | None:
        found = deployed.queue(output)
        return found.messages if found else None

    waiting = {name: messages(output) for name, output in WAITING.items() if deployed.stack.get(output)}
    return waiting, {kept.name: messages(kept.output) for kept in kept_queues(deployed.stack)}


def _delivering_line(seen: Activity | None, stack: Stack) -> _Line:
    if seen is None:
        return _Line("delivering", "broken", "the notify function is missing", [stack.ops_command("doctor")])
    received = seen.counts.get(RECEIVED, 0)
    parts = [
        f"{count:,} {said}{'s' if count != 1 and said in ('duplicate', 'failed attempt') else ''}"
        for name, said in _SAID.items()
        if (count := seen.counts.get(name, 0)) or name == "Published"
    ]
    text = f"{received:,} handed over today = {' + '.join(parts)}"
    if seen.source == "logs":
        text += "   (from the log: the embedded AWS keeps no metrics)"
    if seen.gap:
        return _Line(
            "delivering",
            "attention",
            f"{text}; {counted(seen.gap, 'event is', 'events are')} unaccounted for",
            [stack.ops_command("doctor")],
        )
    return _Line("delivering", "fine", text)


_TOLD = {"": "not told yet", "immediate": "told at once", "digest": "in a digest", "none": "nobody to tell"}


def _newest_line(newest: dict[str, Any] | None, now: datetime, *, elsewhere: bool = False) -> _Line:
    if newest is None:
        return _Line("newest file", "unknown", "none")
    at = ago(datetime.fromisoformat(newest["time"]), now)
    how = _TOLD[newest["notified"]]
    where = f" in {newest['region']}" if elsewhere else ""
    return _Line("newest file", "fine", f"{visible(newest['key'])}{where}, {at}: {newest['status']}, {how}")


def _listening_lines(found: list[Listener] | None, label: str, unknown: str | None, stack: Stack) -> Sequence[_Line]:
    if found is None:
        return [_Line(label, "broken", unknown, [stack.ops_command("doctor")])] if unknown else []
    if not found:
        return [] if label == "machines" else [_Line(label, "unknown", "no rule names any")]
    by_state = {
        state: [one.recipient.address for one in found if one.state == state]
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


def _queues_line(waiting: dict[str, int | None], kept: dict[str, int | None], stack: Stack) -> _Line:
    def said(queues: dict[str, int | None]) -> str:
        return " · ".join(f"{name} {'missing' if count is None else f'{count:,}'}" for name, count in queues.items())

    text = f"waiting: {said(waiting)}   kept: {said(kept)}" if waiting else f"kept: {said(kept)}"
    if None in (*waiting.values(), *kept.values()):
        return _Line("queues", "broken", text, [stack.ops_command("doctor")])
    if any(kept.values()):
        return _Line("queues", "attention", text, [stack.ops_command("replay", "--dry-run")])
    return _Line("queues", "fine", text)


def _today(seen: Activity | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    counts = {name.lower(): seen.counts.get(name, 0) for name in COUNTERS}
    return {"source": seen.source, **counts, "unaccounted": seen.gap}


def _listener(one: Listener) -> dict[str, Any]:
    return {
        "address": one.recipient.address,
        "protocol": one.recipient.protocol,
        "state": one.state,
        "rules": list(one.rules),
    }
