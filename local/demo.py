"""The steps of `python -m local demo`. A new step is a function, listed in BASIC or ADVANCED."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from domain.events import file_id_of
from handlers.data.catalogue import Catalogue
from local.emulator.errors import LocalError
from local.mailbox import Message
from local.people import PASSWORD, PEOPLE, Client, add_people, sign_in
from local.stack import Stack

FOLDER = "invoices/2026"
FILE = "résumé+1 (final).pdf"
CONTENT = b"%PDF-1.4\n" + b"% a line of a small document\n" * 40 + b"%%EOF\n"

BURST = 50
SHOWN_LINES = 16

_WITHIN_SECONDS = 60
_POLL_SECONDS = 0.02

T = TypeVar("T")


class DemoError(LocalError):
    """A step failed; the text says which, and the end of the emulator's log."""


@dataclass
class Demo:
    """The stack, and what earlier steps pass to later ones."""

    stack: Stack
    earlier: int
    """Mails of an earlier run on this stack."""
    mails: list[Message] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{FOLDER}/{FILE}"

    def received(self) -> list[Message]:
        """The mails of this run so far."""
        return self.stack.mailbox.messages()[self.earlier :]


Step = Callable[[Demo], str]
"""Does its part and returns in a few words what happened. Raises DemoError if it did not."""


def upload(demo: Demo) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, FILE)
        file.write_bytes(CONTENT)
        demo.stack.aws.s3.upload_file(str(file), demo.stack.outputs["bucketName"], demo.key)
    return f"{demo.key} ({len(CONTENT):,} bytes) is in the bucket"


def receive(demo: Demo) -> str:
    demo.mails = _wait_for(demo, "mail", demo.received)
    return f"a mail is in the mailbox of {', '.join(mail.to for mail in demo.mails)}"


def read(demo: Demo) -> str:
    mail = demo.mails[0]
    for what, expected, text in (
        ("the subject does not name the file", FILE, mail.subject),
        ("the body does not have the file's key", demo.key, mail.body),
        ("the body does not have the file's size", f"{len(CONTENT):,} bytes", mail.body),
    ):
        if expected not in text:
            raise DemoError(f"{what}: {expected!r} is not in\n{text}")
    return "it names the file, its location and its size"


def process(demo: Demo) -> str:
    """The item that notify wrote, once process has added what the file is."""
    file_id = file_id_of(demo.stack.outputs["bucketName"], demo.key)
    catalogue = Catalogue(demo.stack.aws.dynamodb, demo.stack.outputs["tableName"])
    items = _wait_for(
        demo,
        "result in the catalogue",
        lambda: [item for item in (catalogue.read(file_id),) if item is not None and item.status != "received"],
    )
    item = items[0]
    if (item.status, item.sha256) != ("processed", sha256(CONTENT).hexdigest()):
        raise DemoError(f"the catalogue has another file: {item}")
    return f"the catalogue has it: {item.content_type}, SHA-256 {item.sha256[:12]}…"


def show(demo: Demo) -> str:
    """What a browser does: load the page, sign in, and get the list, all from one origin."""
    outputs, endpoint = demo.stack.outputs, demo.stack.aws.endpoint
    add_people(demo.stack.aws, outputs)
    reader = next(iter(PEOPLE))
    # Only browsers know that every name below localhost is this machine.
    with httpx.Client(base_url=endpoint, headers={"Host": urlsplit(outputs["webUrl"]).netloc}) as origin:
        page = origin.get("/files").raise_for_status()
        if "<title>" not in page.text:
            raise DemoError(f"{outputs['webUrl']}/files is not a page: {page.text[:200]!r}")
        with httpx.Client() as http:
            tokens = sign_in(http, Client.of_page(outputs), reader, PASSWORD)
        answer = origin.get("/v1/files", headers={"Authorization": f"Bearer {tokens.access}"}).raise_for_status()
    listed = [file["key"] for file in answer.json()["files"]]
    if listed != [demo.key]:
        raise DemoError(f"the page lists {listed} instead of {demo.key}")
    return f"{outputs['webUrl']}/ lists it for {reader}, who has signed in"


def storm(demo: Demo) -> str:
    def put(number: int) -> None:
        key = f"photos/{number % 3 + 1}/IMG_{number:04}.jpg"
        demo.stack.aws.s3.put_object(Bucket=demo.stack.outputs["bucketName"], Key=key, Body=b"\xff\xd8\xff" * number)

    with ThreadPoolExecutor(8) as clients:
        list(clients.map(put, range(BURST)))
    return f"{BURST} files at once"


def digest(demo: Demo) -> str:
    """Some are notified at once, the others wait for the digest, which is sent now instead of at its next time."""
    aws, outputs = demo.stack.aws, demo.stack.outputs

    def waiting() -> int:
        numbers = aws.sqs.get_queue_attributes(
            QueueUrl=outputs["digestQueueUrl"], AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(numbers["Attributes"]["ApproximateNumberOfMessages"])

    def all_accepted() -> tuple[int, int] | None:
        at_once, later = len(demo.received()) - len(demo.mails), waiting()
        return (at_once, later) if at_once + later == BURST else None

    at_once, later = _wait_for(demo, f"{BURST} notifications", all_accepted)
    answer = aws.lambda_.invoke(FunctionName=outputs["digestFunctionName"])
    if answer.get("FunctionError"):
        raise DemoError(answer["Payload"].read().decode())

    def digests() -> list[Message]:
        return demo.received()[len(demo.mails) + at_once :]

    demo.mails += _wait_for(demo, "digest", digests)
    return f"{at_once} mails at once, then one digest of {later} files, instead of {BURST} mails"


def _wait_for(demo: Demo, what: str, look: Callable[[], T | None]) -> T:
    deadline = time.monotonic() + _WITHIN_SECONDS
    while not (result := look()):
        demo.stack.check()
        if time.monotonic() > deadline:
            raise DemoError(f"no {what} within {_WITHIN_SECONDS} s")
        time.sleep(_POLL_SECONDS)
    return result


BASIC: tuple[tuple[str, Step], ...] = (
    ("upload a file", upload),
    ("a mail arrives", receive),
    ("the mail is right", read),
)
ADVANCED: tuple[tuple[str, Step], ...] = (
    *BASIC,
    ("it is processed", process),
    ("the page shows it", show),
    ("a burst of uploads", storm),
    ("a digest arrives", digest),
)


def run_demo(stack: Stack) -> None:
    """Run every step and print its result. Raises DemoError at the first one that fails."""
    console = Console(highlight=False)
    demo = Demo(stack, earlier=len(stack.mailbox.messages()))
    for title, step in ADVANCED if stack.outputs["mode"] == "advanced" else BASIC:
        began = time.monotonic()
        try:
            happened = step(demo)
        except (DemoError, Boto3Error, BotoCoreError, ClientError, httpx.HTTPError, ValueError) as error:
            console.print(Text(f"✘ {title}", "bold red"))
            raise DemoError(f"{title}: {error}\nThe emulator logged:\n{stack.emulator.tail()}") from error
        console.print(Text.assemble(("✔ ", "green"), (f"{title:20}", "bold"), f"{happened}  "), end="")
        console.print(Text(f"{time.monotonic() - began:.2f} s", "dim"))
    for mail in demo.mails:
        console.print(_panel(mail))


def _panel(mail: Message) -> Panel:
    """Plain text: square brackets in a file's name are not markup. Of a long mail, the beginning."""
    lines = mail.body.splitlines()
    body = "\n".join(lines if len(lines) <= SHOWN_LINES + 5 else [*lines[:SHOWN_LINES], f"… {len(lines)} lines in all"])
    return Panel(
        Text.assemble(("To:      ", "dim"), mail.to, ("\nSubject: ", "dim"), (mail.subject, "bold"), "\n\n", body),
        title=mail.at,
        border_style="dim",
    )
