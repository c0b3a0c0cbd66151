"""The simulation beside a real run on the local AWS emulator: the same uploads, second by second, through both."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from statistics import fmean

from bench.markdown import table
from bench.simulation.model import Account, Outcome, simulate
from bench.simulation.page import quantiles
from domain.topology import BATCH_SIZE
from handlers.data.items import item_of
from local.emulator.server import Emulator
from local.stack import Stack, running

UPLOADS, CLIENTS, EVENTS = 600, 8, 4
PATIENCE_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class RealRun:
    """What was observed. Times are seconds since 1970, in pairs of upload and publish."""

    published: Sequence[tuple[float, float]]
    batches: Sequence[Sequence[float]]
    """For each invocation of process the times at which its files were done."""
    notify_seconds: Sequence[float]
    """How long each invocation of notify worked, without the wait for a place."""
    how: Counter[str]
    """Uploads by how people are notified of them: immediate or digest."""

    @property
    def begun(self) -> int:
        return int(min(uploaded for uploaded, _ in self.published))

    @property
    def waits(self) -> list[float]:
        return sorted(at - uploaded for uploaded, at in self.published)

    @property
    def most_waiting(self) -> int:
        changes = [(uploaded, 1) for uploaded, _ in self.published] + [(at, -1) for _, at in self.published]
        return max(accumulate(change for _, change in sorted(changes)))

    @property
    def overtaken(self) -> float:
        """The share of notifications that went out before the one of an earlier upload: each beside its successor."""
        uploads = [uploaded for uploaded, _ in sorted(self.published, key=lambda pair: pair[1])]
        return fmean(later < earlier for earlier, later in pairwise(uploads))

    def account(self) -> Account:
        """The emulator as the simulation sees it: its places, and how long invocations took in it."""
        return Account(
            concurrency=EVENTS,
            longest_backoff=1,  # its events wait for a place
            notify_seconds=fmean(self.notify_seconds),
            process_seconds=fmean(
                (batch[-1] - batch[0]) / (len(batch) - 1) for batch in self.batches if len(batch) > 1
            ),
        )

    def simulated(self) -> Outcome:
        arrivals = Counter(int(uploaded) - self.begun for uploaded, _ in self.published)
        return simulate([arrivals[second] for second in range(max(arrivals) + 1)], self.account())


def observe(report: Callable[[str], object]) -> RealRun:
    """Upload a burst to a fresh stack in advanced mode, and read the outcome from items and logs."""
    settings = {"mode": "advanced", "emails": json.dumps(["everyone@example.com"])}
    with running(settings, emulator=Emulator(0, events=EVENTS), ready_file=None, report=report) as stack:
        _upload(stack, [f"warm/{number}.txt" for number in range(4 * EVENTS)])
        _upload(stack, [f"burst/{number:04}.txt" for number in range(UPLOADS)])
        return _read(stack)


def _upload(stack: Stack, keys: Sequence[str]) -> None:
    def put(key: str) -> None:
        stack.aws.s3.put_object(Bucket=stack.outputs["bucketName"], Key=key, Body=key.encode())

    wanted = processed(stack) + len(keys)
    with ThreadPoolExecutor(CLIENTS) as people:
        list(people.map(put, keys))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while processed(stack) < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"not all of {len(keys)} files were processed within {PATIENCE_SECONDS} s")
        time.sleep(1)


def processed(stack: Stack) -> int:
    return sum(len(_ids(lines, "processed")) for lines in _invocations(stack, "process"))


def _read(stack: Stack) -> RealRun:
    pages = stack.aws.dynamodb.get_paginator("scan").paginate(TableName=stack.outputs["tableName"])
    found = (item_of(stored) for page in pages for stored in page["Items"])
    items = {item.id: item for item in found if item is not None and item.key.startswith("burst/")}
    notified = [lines for lines in _invocations(stack, "notify") if _ids(lines, "published") & items.keys()]
    batches = [lines for lines in _invocations(stack, "process") if _ids(lines, "processed") & items.keys()]
    published = {file_id: lines[-1].at for lines in notified for file_id in _ids(lines, "published")}
    return RealRun(
        published=[(datetime.fromisoformat(item.time).timestamp(), published[item.id]) for item in items.values()],
        batches=[[line.at for line in lines if line.file_id] for lines in batches],
        notify_seconds=[lines[-1].at - lines[0].at for lines in notified],
        how=Counter(item.notified for item in items.values()),
    )


@dataclass(frozen=True)
class _Line:
    """A line of an invocation's log: when it was written, what it says, and of which file."""

    at: float
    message: str = ""
    file_id: str = ""


def _ids(lines: Sequence[_Line], message: str) -> set[str]:
    return {line.file_id for line in lines if line.message == message}


def _invocations(stack: Stack, function: str) -> Iterator[list[_Line]]:
    """What each invocation of a function wrote, in order: the emulator makes one log stream for each."""
    streams: defaultdict[str, list[_Line]] = defaultdict(list)
    for group in stack.aws.logs.describe_log_groups()["logGroups"]:
        if f"-{function}-logs" in group["logGroupName"]:
            pages = stack.aws.logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            for event in (event for page in pages for event in page["events"] if event["message"].startswith("{")):
                line = json.loads(event["message"])
                if "message" in line:
                    # Powertools writes 2026-11-29 08:15:14,622+0000.
                    at = datetime.strptime(line["timestamp"], "%Y-%m-%d %H:%M:%S,%f%z").timestamp()
                    streams[event["logStreamName"]].append(_Line(at, line["message"], line.get("file_id", "")))
                else:
                    streams[event["logStreamName"]].append(_Line(line["_aws"]["Timestamp"] / 1000))
    yield from (sorted(lines, key=lambda line: line.at) for lines in streams.values())


def comparison(real: RealRun) -> str:
    """What was observed beside what the simulation makes of the same seconds, as a table."""
    simulated = real.simulated()
    waits = Counter(round(wait * 10) for wait in real.waits)  # in tenths of a second
    observed = [f"{tenths / 10:.1f} s" for tenths in quantiles(waits)]
    expected = [f"{seconds} s" for seconds in quantiles(simulated.waits)]
    rows = [
        ("invocations of notify", f"{len(real.notify_seconds):,}", f"{simulated.published:,}"),
        ("notifications published, each once", f"{len(real.published):,}", f"{simulated.published:,}"),
        ("of them in digests", f"{real.how['digest']:,}", f"{simulated.digest.depth:,}"),
        ("files processed", f"{sum(map(len, real.batches)):,}", f"{simulated.work.waits.total():,}"),
        ("files in a batch of process", f"{fmean(map(len, real.batches)):.1f}", f"{BATCH_SIZE}, not simulated"),
        ("waited: half, 99 of 100, all", ", ".join(observed), ", ".join(expected)),
        ("waiting at the most", f"{real.most_waiting:,}", f"{simulated.most_waiting:,}"),
        ("overtook the one before it", f"{real.overtaken:.0%}", "no order: half"),
    ]
    account = real.account()
    head = (
        f"{UPLOADS} uploads by {CLIENTS} clients on {datetime.now(UTC):%Y-%m-%d}, {EVENTS} functions at a time, "
        f"{account.notify_seconds * 1000:.0f} ms an event, {account.process_seconds * 1000:.0f} ms a file"
    )
    return "\n".join(table((head, "emulator", "simulated"), rows))
