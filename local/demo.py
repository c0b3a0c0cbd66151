"""The story that `demo` tells, one step after the other. A new step is a function, listed in STEPS."""

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
from handlers.data.items import Item
from local.emulator.errors import LocalError
from local.mailbox import Message
from local.people import NAME, PASSWORD, Client, add_person, sign_in
from local.stack import Stack

FOLDER = "invoices/2026"
FILE = "résumé+1 (final).pdf"
CONTENT = b"%PDF-1.4\n" + b"% a page or two of somebody's life\n" * 40 + b"%%EOF\n"

BURST = 50
SHOWN_LINES = 16

_WITHIN_SECONDS = 60
_LOOK_SECONDS = 0.05

T = TypeVar("T")


class StoryError(LocalError):
    """The story did not happen as told; the text says where it ended and what the embedded AWS logged."""


@dataclass
class Story:
    """What the steps hand on to each other."""

    stack: Stack
    mails: list[Message] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{FOLDER}/{FILE}"


Step = Callable[[Story], str]
"""Does its part and says in a few words what happened. Raises StoryError if it did not."""


def upload(story: Story) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, FILE)
        file.write_bytes(CONTENT)
        story.stack.aws.s3.upload_file(str(file), story.stack.outputs["bucketName"], story.key)
    return f"{story.key} ({len(CONTENT):,} bytes) is in the bucket"


def receive(story: Story) -> str:
    story.mails = _wait_for("mail", story.stack.mailbox.messages)
    return f"a mail is in the mailbox of {', '.join(mail.to for mail in story.mails)}"


def read(story: Story) -> str:
    mail = story.mails[0]
    for what, expected, text in (
        ("its subject does not name the file", FILE, mail.subject),
        ("it does not say where the file lies", story.key, mail.body),
        ("it does not say how large the file is", f"{len(CONTENT):,} bytes", mail.body),
    ):
        if expected not in text:
            raise StoryError(f"{what}: {expected!r} is not in\n{text}")
    return "it says which file, where, and how large"


def look_into(story: Story) -> str:
    """The item that notify wrote, once process has found what the file is."""
    file_id = file_id_of(story.stack.outputs["bucketName"], story.key)
    catalogue = Catalogue(story.stack.aws.dynamodb, story.stack.outputs["tableName"])

    def processed() -> Item | None:
        item = catalogue.read(file_id)
        return item if item is not None and item.status != "received" else None

    item = _wait_for("result in the catalogue", processed)
    if (item.status, item.sha256) != ("processed", sha256(CONTENT).hexdigest()):
        raise StoryError(f"the catalogue has another file: {item}")
    return f"the catalogue knows it: {item.content_type}, SHA-256 {item.sha256[:12]}…"


def show(story: Story) -> str:
    """As somebody sees it who opens the page: the page itself, signing in, and the list, all from one origin."""
    outputs, endpoint = story.stack.outputs, story.stack.aws.endpoint
    add_person(story.stack.aws, outputs["userPoolId"], NAME, PASSWORD)
    # Only browsers know that every name below localhost is this machine.
    with httpx.Client(base_url=endpoint, headers={"Host": urlsplit(outputs["webUrl"]).netloc}) as origin:
        page = origin.get("/files").raise_for_status()
        if "<title>" not in page.text:
            raise StoryError(f"{outputs['webUrl']}/files is no page: {page.text[:200]!r}")
        with httpx.Client() as http:
            tokens = sign_in(http, Client.of_page(outputs), NAME, PASSWORD)
        answer = origin.get("/v1/files", headers={"Authorization": f"Bearer {tokens.access}"}).raise_for_status()
    listed = [file["key"] for file in answer.json()["files"]]
    if listed != [story.key]:
        raise StoryError(f"the page lists {listed} instead of {story.key}")
    return f"{outputs['webUrl']}/ lists it for {NAME}, who has signed in"


def storm(story: Story) -> str:
    def put(number: int) -> None:
        key = f"photos/{number % 3 + 1}/IMG_{number:04}.jpg"
        story.stack.aws.s3.put_object(Bucket=story.stack.outputs["bucketName"], Key=key, Body=b"\xff\xd8\xff" * number)

    with ThreadPoolExecutor(8) as people:
        list(people.map(put, range(BURST)))
    return f"{BURST} files at once"


def calm_down(story: Story) -> str:
    """All are told: a few at once, the others wait. Then what an operator would do who does not want to wait."""
    aws, outputs = story.stack.aws, story.stack.outputs

    def waiting() -> int:
        numbers = aws.sqs.get_queue_attributes(
            QueueUrl=outputs["digestQueueUrl"], AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(numbers["Attributes"]["ApproximateNumberOfMessages"])

    def all_told() -> tuple[int, int] | None:
        at_once, later = len(story.stack.mailbox.messages()) - len(story.mails), waiting()
        return (at_once, later) if at_once + later == BURST else None

    at_once, later = _wait_for(f"{BURST} files told", all_told)
    answer = aws.lambda_.invoke(FunctionName=outputs["digestFunctionName"])
    if answer.get("FunctionError"):
        raise StoryError(answer["Payload"].read().decode())

    def digests() -> list[Message]:
        return story.stack.mailbox.messages()[len(story.mails) + at_once :]

    story.mails += _wait_for("a digest", digests)
    return f"{at_once} mails at once, then one digest of {later} files, instead of {BURST} mails"


def _wait_for(what: str, look: Callable[[], T | None]) -> T:
    deadline = time.monotonic() + _WITHIN_SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            raise StoryError(f"no {what} within {_WITHIN_SECONDS} s")
        time.sleep(_LOOK_SECONDS)
    return found


BASIC: tuple[tuple[str, Step], ...] = (
    ("upload a file", upload),
    ("a mail arrives", receive),
    ("the mail is right", read),
)
ADVANCED: tuple[tuple[str, Step], ...] = (
    *BASIC,
    ("it is looked into", look_into),
    ("the page shows it", show),
    ("a storm breaks", storm),
    ("nobody is flooded", calm_down),
)


def tell_story(stack: Stack) -> None:
    """Run every step and show it. Raises StoryError at the first one that did not happen."""
    console = Console(highlight=False)
    story = Story(stack)
    for title, step in ADVANCED if stack.outputs["mode"] == "advanced" else BASIC:
        began = time.monotonic()
        try:
            happened = step(story)
        except (StoryError, Boto3Error, BotoCoreError, ClientError, httpx.HTTPError, ValueError) as error:
            console.print(Text(f"✘ {title}", "bold red"))
            raise StoryError(f"{title}: {error}\nThe embedded AWS logged:\n{stack.emulator.tail()}") from error
        console.print(Text.assemble(("✔ ", "green"), (f"{title:20}", "bold"), f"{happened}  "), end="")
        console.print(Text(f"{time.monotonic() - began:.2f} s", "dim"))
    for mail in story.mails:
        console.print(_as_people_see_it(mail))


def _as_people_see_it(mail: Message) -> Panel:
    """Plain text: square brackets in a file's name are not markup. Of a long mail, the beginning."""
    lines = mail.body.splitlines()
    body = "\n".join(lines if len(lines) <= SHOWN_LINES + 5 else [*lines[:SHOWN_LINES], f"… {len(lines)} lines in all"])
    return Panel(
        Text.assemble(("To:      ", "dim"), mail.to, ("\nSubject: ", "dim"), (mail.subject, "bold"), "\n\n", body),
        title=mail.at,
        border_style="dim",
    )
