"""`audit`: who did what with which file."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import click

from domain.audit import AuditedAct, AuditLine, Outcome, audit_line_in, caller_of
from domain.events import file_id_of, is_file_id
from domain.wording import human_time, same_form, spellings_of, visible
from ops.command import on_a_stack
from ops.errors import OpsError
from ops.screen import Screen
from ops.stack import Stack
from ops.times import Time
from ops.words import counted

LOOK_BACK = timedelta(days=7)
SHOWN = 200
MOST_PAGES = 1000
"""Pages of FilterLogEvents, each up to 1 MB or 10,000 lines: several million acts. More is read by the saved query."""

LONGEST_PATTERN = 900
"""Of the 1,024 characters that a pattern may have.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""
_PLAIN = re.compile(r"[\w@.+=,:/ -]+", re.ASCII)
"""What means itself in a pattern of CloudWatch Logs, and is written as itself in a line."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which lines are asked for. Empty fields ask for all. `ids` and `key` are two ways to name one file."""

    person: str = ""
    key: str = ""
    ids: Sequence[str] = ()
    acts: Sequence[AuditedAct] = ()
    outcomes: Sequence[Outcome] = ()

    def has(self, line: AuditLine) -> bool:
        """Whether a line is one of them."""
        file = line["file"]
        is_the_file = file.get("id") in self.ids or (self.key and same_form(file.get("key", "")) == same_form(self.key))
        return (
            self.person in ("", line["person"])
            and bool(is_the_file or not (self.key or self.ids))
            and (not self.acts or line["act"] in self.acts)
            and (not self.outcomes or line["outcome"] in self.outcomes)
        )

    def pattern(self) -> str:
        """For CloudWatch: it may return more than is asked for, never less."""
        asked: list[list[tuple[str, str]]] = [
            [("$.person", self.person)] if self.person else [],
            [
                *(("$.file.id", one) for one in self.ids),
                *(("$.file.key", one) for one in (spellings_of(self.key) if self.key else ())),
            ],
            [("$.act", act) for act in self.acts],
            [("$.outcome", outcome) for outcome in self.outcomes],
        ]
        parts: list[str] = []
        for choices in asked:
            part = " || ".join(f'({field} = "{value}")' for field, value in choices)
            plain = all(_PLAIN.fullmatch(value) for _, value in choices)
            if choices and plain and len(part) + sum(map(len, parts)) < LONGEST_PATTERN:
                parts.append(f"({part})")
        return f"{{ {' && '.join(parts)} }}" if parts else ""


@on_a_stack()
@click.option("--file", "file", metavar="KEY", help="Only this file: its key, or its id as in the page's address.")
@click.option("--person", metavar="NAME", help="Only this user, by the name that `users list` shows.")
@click.option(
    "--act", "acts", metavar="ACT", multiple=True, type=click.Choice(get_args(AuditedAct)),
    help=f"Only such acts: {', '.join(get_args(AuditedAct))}. May be repeated.",
)  # fmt: skip
@click.option(
    "--outcome", "outcomes", multiple=True, type=click.Choice(get_args(Outcome)),
    help="Only acts that ended so. May be repeated.",
)  # fmt: skip
@click.option("--since", type=Time(), metavar="TIME", help="From then on: 2h, 30d, 2026-11-23, … Default: 7d.")
@click.option("--until", type=Time(), metavar="TIME", help="Until then. Default: now.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(1), default=SHOWN, show_default=True,
    help="The newest N of what is found.",
)  # fmt: skip
def audit(
    stack: Stack,
    screen: Screen,
    *,
    file: str | None,
    person: str | None,
    acts: tuple[AuditedAct, ...],
    outcomes: tuple[Outcome, ...],
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> int:
    """List who did what with which file (mode advanced).

    Downloads, previews, uploads, deletions and reprocessing through the page and the API, and what of it was refused;
    oldest first. A line is written before its act takes effect: "allowed" means that a link was handed out, not that it
    was used.
    """
    stack.require_advanced("no page and no API")
    until = until or datetime.now(UTC)
    since = since or until - LOOK_BACK
    if since >= until:
        raise OpsError(f"--since {since:%Y-%m-%d %H:%M} is not before --until {until:%Y-%m-%d %H:%M} UTC")
    wanted = Wanted(person=person or "", **_named(stack, file), acts=acts, outcomes=outcomes)
    with screen.progress("Reading the audit log …", None) as advance:
        found, newest = 0, deque[AuditLine](maxlen=limit)
        for line in _lines(stack, wanted, since, until, advance):
            found += 1
            newest.append(line)
    for line in newest:
        _show(screen, line)
    span = f"{human_time(since.isoformat())} to {human_time(until.isoformat())}"
    if found > len(newest):
        screen.say(f"The newest {len(newest):,} of {counted(found, 'act')}, {span}. Use --limit, or a shorter time.")
    else:
        screen.say(f"{counted(found, 'act')}, {span}.")
    screen.result(
        "audit", {"since": since.isoformat(), "until": until.isoformat(), "found": found, "lines": list(newest)}
    )
    return 0


def _named(stack: Stack, file: str | None) -> dict[str, Any]:
    """A file by its id, or by its key: then also by the id that it has in each of the stack's buckets."""
    if not file:
        return {}
    if is_file_id(file):
        return {"ids": (file,)}
    return {"key": file, "ids": tuple(file_id_of(name, key) for name in stack.buckets for key in spellings_of(file))}


def _lines(
    stack: Stack, wanted: Wanted, since: datetime, until: datetime, advance: Callable[[], object]
) -> Iterator[AuditLine]:
    """The wanted lines, oldest first. Raises OpsError above MOST_PAGES."""
    group = stack["auditLogGroupName"]
    pages = stack.aws.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        startTime=int(since.timestamp() * 1000),
        endTime=int(until.timestamp() * 1000),
        filterPattern=wanted.pattern(),
    )
    for number, page in enumerate(pages):
        if number == MOST_PAGES:
            raise OpsError(
                f"the audit log since {since:%Y-%m-%d %H:%M} UTC has more than the {MOST_PAGES:,} pages that are read; "
                'read a shorter time of it, or use the saved query "who did what" in CloudWatch:',
                stack.ops_command("audit", "--since", "1d"),
            )
        advance()
        for event in page["events"]:
            line = audit_line_in(event["message"])
            if line is not None and wanted.has(line):
                yield line


def _show(screen: Screen, line: AuditLine) -> None:
    file = line["file"]
    style = {"allowed": "", "refused": "yellow", "failed": "red"}[line["outcome"]]
    parts = f" parts {line['parts'][0]}-{line['parts'][-1]}" if line.get("parts") else ""
    why = f": {visible(line['reason'])}" if line.get("reason") else ""
    screen.say(
        f"{human_time(line['time'])}  ",
        (f"{visible(line['person']):<20} ", "bold"),
        (f"{line['act']:<16} {line['outcome']:<8}", style),
        f" {visible(caller_of(line)):<33}  {visible(file.get('key') or file.get('id') or '-')}{parts}",
        (why, "dim"),
    )
