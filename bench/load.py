"""`python -m bench.load MINUTES`: bursts and a steady stream on the local AWS emulator, in mode advanced.

Writes docs/load.md. Ends with 1 and says why if anything was lost, notified twice or left behind, or if memory grew.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.crowd import messages
from bench.markdown import table
from bench.memory import megabytes
from handlers.data.items import Item, item_of
from local.emulator.aws import forget_real_accounts
from local.emulator.server import Emulator
from local.stack import Stack, running

DOCUMENT = Path(__file__).parents[1] / "docs" / "load.md"
CLIENTS = 8
BURST, BURST_EVERY_SECONDS = 120, 30
A_SECOND = 3
DIGEST_SECONDS = 60
PATIENCE_SECONDS = 180
SAMPLE_SECONDS = 1.0
QUEUES = {
    "work": "workQueueUrl",
    "digest": "digestQueueUrl",
    "failed events": "failedEventsQueueUrl",
    "undelivered": "undeliveredQueueUrl",
    "work's dead letters": "workDeadLettersUrl",
    "digest's dead letters": "digestDeadLettersUrl",
}
KILOBYTES_A_FILE = 40
"""What the emulator may keep of a file: its item, its log lines, its mails. AWS keeps these elsewhere."""
NOISE_MEGABYTES = 25
"""Half of a warm process: they come and go with the load."""

_BAR = "▁▂▃▄▅▆▇█"
_COLUMNS = 60
_DIGEST = re.compile(r"([\d,]+) files arrived")

_PAGE = """\
# Load

`make load` uploads {a_second} files a second, and {burst} at once every {every} seconds, from {clients} clients
to a stack in advanced mode on the local AWS emulator, and sends the digests every minute.
`make load MINUTES=10` runs longer. Its last run wrote this page. It shows that nothing is lost and no queue grows, not
how fast AWS would be.

{date}, {minutes:g} minutes, {files:,} files; {machine}.

{claims}

Over {seconds:.0f} seconds, between nothing and the most, which is the number on the right:

```text
{charts}
```

Memory is that of the emulator with all its functions, pages that processes share counted once (PSS, on Linux only).
Flat means: the line of least squares through the samples of the second half of the uploads rises by no more than
{noise} MB, which is half a warm process, and {a_file} KB a file for the items, logs and mails that AWS would keep
elsewhere.
"""


@dataclass(frozen=True)
class Sample:
    """The system at one moment, in seconds since the first upload."""

    at: float
    uploaded: int
    megabytes: float
    depths: Mapping[str, int]


@dataclass
class Load:
    """Everything that was uploaded, and what was seen of the system meanwhile."""

    stack: Stack
    keys: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def upload(self, keys: Sequence[str], people: ThreadPoolExecutor) -> None:
        def put(key: str) -> None:
            self.stack.aws.s3.put_object(Bucket=self.stack.outputs["bucketName"], Key=key, Body=key.encode())

        list(people.map(put, keys))
        self.keys += keys

    def send_digests(self) -> None:
        """As the schedule does, which the emulator does not follow."""
        self.stack.aws.lambda_.invoke(FunctionName=self.stack.outputs["digestFunctionName"])

    def depths(self) -> dict[str, int]:
        """Messages in each queue, those in flight included."""
        return {name: messages(self.stack.aws, self.stack.outputs[output]) for name, output in QUEUES.items()}

    def sample(self) -> None:
        memory = megabytes(self.stack.emulator.process_group)
        self.samples.append(Sample(time.monotonic() - self.begun, len(self.keys), memory, self.depths()))

    @contextmanager
    def watched(self, report: Callable[[str], object]) -> Iterator[None]:
        """Sample until the block ends; what goes wrong with that ends the block's run, too."""
        over, problems = threading.Event(), list[Exception]()

        def look() -> None:
            while not over.wait(SAMPLE_SECONDS):
                try:
                    self.sample()
                except Exception as problem:  # noqa: BLE001 - raised when the block ends
                    problems.append(problem)
                    return
                if len(self.samples) % 10 == 0:
                    report(line_of(self.samples[-1]))

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        if problems:
            raise problems[0]

    def items(self) -> dict[str, Item]:
        pages = self.stack.aws.dynamodb.get_paginator("scan").paginate(TableName=self.stack.outputs["tableName"])
        found = (item_of(stored) for page in pages for stored in page["Items"])
        return {one.key: one for one in found if one is not None}


def drive(load: Load, minutes: float, report: Callable[[str], object]) -> None:
    """A steady stream, and a burst on top of it every half minute; then until everyone has been notified."""
    seconds = int(minutes * 60)
    with ThreadPoolExecutor(CLIENTS) as people, load.watched(report):
        for second in range(seconds):
            wait = load.begun + second - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            if second % BURST_EVERY_SECONDS == 0:
                load.upload([f"burst/{second:04}/{number:04}.txt" for number in range(BURST)], people)
            if second % DIGEST_SECONDS == DIGEST_SECONDS - 1:
                load.send_digests()
            load.upload([f"stream/{second:04}/{number}.txt" for number in range(A_SECOND)], people)
        report("all uploaded; waiting until all is processed and notified")
        _until(lambda: load.depths()["work"] == 0 and len(processed(load.items())) == len(load.keys))
        load.send_digests()
        _until(lambda: load.depths()["digest"] == 0)
        _until(lambda: sum(notified(load.stack).values()) >= len(load.keys))


def _until(done: Callable[[], bool]) -> None:
    """What is missing after that is reported at the end, with everything else."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done() and time.monotonic() < deadline:
        time.sleep(0.5)


def processed(items: Mapping[str, Item]) -> list[str]:
    return [key for key, item in items.items() if item.status == "processed"]


def notified(stack: Stack) -> Counter[str]:
    """Files that the mails are about, by how people were notified. A digest of one file reads like a single mail."""
    counts: Counter[str] = Counter()
    for mail in stack.mailbox.messages():
        digest = _DIGEST.match(mail.body)
        if digest:
            counts["digest"] += int(digest[1].replace(",", ""))
        elif " arrived" in mail.subject:
            counts["at once"] += 1
    return counts


def verdicts(load: Load) -> dict[str, str]:
    """Each claim, and what contradicts it; nothing if it holds."""
    items, mails, files = load.items(), notified(load.stack), len(load.keys)
    missing = sorted(set(load.keys) - set(processed(items)))
    how = Counter(item.notified for item in items.values())
    depths = {name: depth for name, depth in load.depths().items() if depth}
    failures = [name for name in list(QUEUES)[2:] if any(sample.depths[name] for sample in load.samples)]
    once, digest = mails["at once"], mails["digest"]
    grown, allowed = growth(load.samples)
    return {
        f"all {files:,} files have an item that says processed": ""
        if sorted(processed(items)) == sorted(load.keys)
        else f"{len(missing):,} have not, such as {missing[:3]}",
        f"all are notified: {how['immediate']:,} at once, {how['digest']:,} in digests, by their items": ""
        if how["immediate"] + how["digest"] == files
        else f"{dict(how)}",
        f"the mails say the same: {once:,} files at once, {digest:,} in digests, together {once + digest:,}": ""
        if once + digest == files
        else f"they are about {once + digest - files:+,} files",
        "all queues are empty in the end": "" if not depths else f"{depths}",
        "failure queues and dead-letter queues stayed empty": "" if not failures else f"{failures}",
        f"memory is flat: {grown:+.0f} MB in the second half of the uploads, of {allowed:.0f} MB allowed": ""
        if grown <= allowed
        else "it grows",
    }


def growth(samples: Sequence[Sample]) -> tuple[float, float]:
    """By how many megabytes the second half of the uploads grew, and by how many it may.

    The line of least squares through the second half, times its length.
    """
    last = samples[-1].uploaded
    half = [one for one in samples if one.uploaded >= last / 2]
    upload = [one for one in half if one.uploaded < last] or half
    if len(upload) < 2 or upload[0].at == upload[-1].at:  # noqa: PLR2004 - a line needs two points
        return 0.0, NOISE_MEGABYTES
    line = statistics.linear_regression([one.at for one in upload], [one.megabytes for one in upload])
    files = upload[-1].uploaded - upload[0].uploaded
    return line.slope * (upload[-1].at - upload[0].at), NOISE_MEGABYTES + files * KILOBYTES_A_FILE / 1024


def line_of(sample: Sample) -> str:
    waiting = ", ".join(f"{name} {depth}" for name, depth in sample.depths.items() if depth) or "all queues empty"
    return f"{sample.uploaded:6,} uploaded  {sample.megabytes:5.0f} MB  {waiting}"


def chart(values: Sequence[float]) -> str:
    """The highest value of each of sixty stretches, as bars between nothing and the highest of all."""
    width = max(1, -(-len(values) // _COLUMNS))
    highest = max(values, default=0) or 1
    peaks = [max(values[start : start + width]) for start in range(0, len(values), width)]
    return "".join(_BAR[round(peak / highest * (len(_BAR) - 1))] if peak else " " for peak in peaks)


def document(load: Load, minutes: float, found: Mapping[str, str]) -> str:
    shown = {"memory, MB": [one.megabytes for one in load.samples]}
    shown |= {name: [float(one.depths[name]) for one in load.samples] for name in QUEUES}
    width = max(map(len, shown))
    claims = [(claim, f"**no**: {why}" if why else "yes") for claim, why in found.items()]
    return _PAGE.format(
        a_second=A_SECOND,
        burst=BURST,
        every=BURST_EVERY_SECONDS,
        clients=CLIENTS,
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        minutes=minutes,
        files=len(load.keys),
        machine=f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        claims="\n".join(table(("in the end", "true"), claims, texts=(0, 1))),
        seconds=load.samples[-1].at,
        charts="\n".join(
            f"{name:{width}}  {chart(values):{_COLUMNS}} {max(values):6,.0f}" for name, values in shown.items()
        ),
        noise=NOISE_MEGABYTES,
        a_file=KILOBYTES_A_FILE,
    )


def main(minutes: float) -> int:
    forget_real_accounts()
    settings = {"mode": "advanced", "emails": json.dumps(["everyone@example.com"])}

    def report(what: str) -> None:
        print(f"{datetime.now(UTC):%H:%M:%S}  {what}", file=sys.stderr)

    with running(settings, emulator=Emulator(0), ready_file=None, report=report) as stack:
        load = Load(stack)
        drive(load, minutes, report)
        found = verdicts(load)
        text = document(load, minutes, found)
    DOCUMENT.write_text(text)
    print(text)
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 2))
