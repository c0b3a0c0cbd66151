"""The processor: the outcome of each message, with an S3 and a catalogue that the test controls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from domain.messages import MalformedMessageError, work_message_in
from domain.topology import MAX_RECEIVES
from handlers.data.items import Item, Result
from handlers.logic.announcer import Announcer
from handlers.logic.processor import (
    MAX_INSPECTED_BYTES,
    NEW_BUCKET_SECONDS,
    Decision,
    ItemBehindError,
    NoTimeLeftError,
    NotThereYetError,
    Processor,
)
from tests.handlers.inspectors.files import A_PDF, a_png
from tests.handlers.processing import (
    BUCKET,
    FILE,
    KEY,
    NEWER,
    OLDER,
    PNG,
    REPROCESS,
    VERSION,
    Body,
    a_message,
    an_item,
    result_in,
)


@dataclass
class Items:
    """A catalogue of these items, and what was found in them; `meanwhile` is written while a file is read."""

    items: dict[str, Item]
    results: list[tuple[str, str, Result]] = field(default_factory=list)
    meanwhile: Item | None = None

    def read(self, file_id: str) -> Item | None:
        return self.items.get(file_id)

    def write(self, file_id: str, order: str, changes: Mapping[str, Any]) -> bool:
        if self.meanwhile:
            self.items[self.meanwhile.id] = self.meanwhile
        if self.items[file_id].order != order or self.items[file_id].status == "removed":
            return False
        self.results.append((file_id, order, result_in(changes)))
        return True


@dataclass
class Bench:
    """A processor, and the S3 and the catalogue that it works with."""

    s3: Stubber
    catalogue: Items
    has_time: Callable[[int], bool] = lambda _: True
    age_seconds: float = 3600.0
    wire: Body = field(default_factory=Body)

    def holds(self, content: bytes, *, announced: int | None = None, **expected: str) -> None:
        """S3 has this object, and says it has `announced` bytes."""
        self.wire = Body(content)
        length = len(content) if announced is None else announced
        self.s3.add_response(
            "get_object",
            {"Body": StreamingBody(self.wire, length), "ContentLength": length, "ContentType": "text/lies"},
            {"Bucket": BUCKET, "Key": KEY, "VersionId": VERSION, **expected},
        )

    def answers(self, code: str, status: int) -> None:
        self.s3.add_client_error("get_object", code, http_status_code=status)

    def process(self, payload: object, *, receives: int = 1) -> Decision:
        items: Any = self.catalogue
        now = datetime.fromisoformat(FILE.time).timestamp() + self.age_seconds
        processor = Processor(
            catalogue=items,
            findings=items,
            announcer=Announcer(findings=items),
            s3=self.s3.client,
            has_time=self.has_time,
            clock=lambda: now,
        )
        return processor.process(work_message_in(json.dumps(payload)), receives=receives)

    @property
    def result(self) -> Result:
        [(file_id, _, result)] = self.catalogue.results
        assert file_id == FILE.file_id
        return result


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Stubber(boto3.client("s3")) as s3:
        yield Bench(s3, Items({FILE.file_id: an_item()}))
        s3.assert_no_pending_responses()


def test_a_file_is_read_and_described(bench):
    bench.holds(PNG)

    decision = bench.process(a_message())

    assert decision == Decision(name="processed", bytes_read=len(PNG))
    assert bench.result == Result(
        sha256=hashlib.sha256(PNG).hexdigest(),
        content_type="image/png",
        facts=(("Extension", "says .pdf, content is a PNG image"), ("Dimensions", bench.result.facts[1][1])),
    )
    assert bench.catalogue.results[0][1] == FILE.order
    assert bench.wire.closed


def test_a_file_without_a_version_is_read_as_it_is(bench):
    bench.catalogue.items[FILE.file_id] = an_item(version_id="")
    bench.s3.add_response(
        "get_object",
        {"Body": StreamingBody(Body(A_PDF), len(A_PDF)), "ContentLength": len(A_PDF)},
        {"Bucket": BUCKET, "Key": KEY},
    )

    assert bench.process(a_message(version_id="")).name == "processed"


def test_an_empty_file_is_processed(bench):
    bench.holds(b"")

    assert bench.process(a_message()) == Decision(name="processed")
    assert bench.result.sha256 == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(("code", "status"), [("NoSuchKey", 404), ("NoSuchVersion", 404)])
def test_a_file_that_s3_does_not_find_minutes_after_its_upload_is_asked_for_again(bench, code, status):
    bench.age_seconds = NEW_BUCKET_SECONDS - 1
    bench.answers(code, status)

    with pytest.raises(NotThereYetError, match=code):
        bench.process(a_message())

    assert bench.catalogue.results == []


def test_a_file_that_s3_does_not_find_at_the_last_receive_is_gone(bench):
    bench.age_seconds = 0
    bench.answers("NoSuchKey", 404)

    assert bench.process(a_message(), receives=MAX_RECEIVES) == Decision(name="failed", reason="gone")


@pytest.mark.parametrize(
    ("code", "status", "failure"),
    [
        ("NoSuchKey", 404, "gone"),
        ("NoSuchVersion", 404, "gone"),
        ("NoSuchBucket", 404, "gone"),
        ("MethodNotAllowed", 405, "gone"),
        ("AccessDenied", 403, "forbidden"),
        ("KMS.DisabledException", 400, "forbidden"),
        ("KMS.NotFoundException", 400, "forbidden"),
        ("KMS.KMSInvalidStateException", 400, "forbidden"),
        ("InvalidRequest", 400, "forbidden"),
        ("InvalidObjectState", 403, "archived"),
    ],
)
def test_an_object_that_will_never_be_read_has_failed_and_its_message_is_done(bench, code, status, failure):
    bench.answers(code, status)

    assert bench.process(a_message()) == Decision(name="failed", reason=failure)
    assert bench.result.failure is not None
    assert bench.result.failure[0] == failure
    assert bench.result.failure[1].endswith(".")
    assert bench.result.sha256 == ""


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("InternalError", 500),
        ("ServiceUnavailable", 503),
        ("SlowDown", 503),
        ("RequestTimeout", 400),
        ("ExpiredToken", 400),
        ("RequestTimeTooSkewed", 403),
        ("SignatureDoesNotMatch", 403),
        ("KMS.ThrottlingException", 400),
    ],
)
def test_a_failure_that_may_pass_raises_and_writes_nothing(bench, code, status):
    bench.answers(code, status)

    with pytest.raises(ClientError, match=code):
        bench.process(a_message())
    assert bench.catalogue.results == []


def test_a_stream_that_stalls_raises_and_writes_nothing(bench):
    bench.holds(a_png(pixels=3_000_000))
    bench.wire.stalls_after = 1_048_576

    with pytest.raises(ReadTimeoutError):
        bench.process(a_message())
    assert bench.catalogue.results == []
    assert bench.wire.closed


def test_a_stream_that_ends_early_raises_and_writes_nothing(bench):
    bench.holds(PNG, announced=len(PNG) + 10)

    with pytest.raises(IncompleteReadError):
        bench.process(a_message())
    assert bench.catalogue.results == []


def test_a_file_that_is_too_large_is_not_requested(bench):
    bench.catalogue.items[FILE.file_id] = an_item(size=MAX_INSPECTED_BYTES + 1)

    assert bench.process(a_message()) == Decision(name="failed", reason="too-large")
    assert bench.result.failure == ("too-large", "The file has 5.0 GB; up to 5.0 GB are inspected.")


def test_a_file_that_turns_out_too_large_is_not_read(bench):
    bench.holds(PNG, announced=6 * 1024**3)

    assert bench.process(a_message()) == Decision(name="failed", reason="too-large")
    assert bench.result.failure == ("too-large", "The file has 6.0 GB; up to 5.0 GB are inspected.")
    assert bench.wire.taken == 0
    assert bench.wire.closed


def test_the_largest_file_is_read(bench):
    bench.catalogue.items[FILE.file_id] = an_item(size=MAX_INSPECTED_BYTES)
    bench.holds(PNG)

    assert bench.process(a_message()).name == "processed"


def test_a_broken_file_has_failed_with_its_checksum_and_type(bench):
    bench.holds(PNG[:-20])

    assert bench.process(a_message()) == Decision(name="failed", reason="broken", bytes_read=len(PNG) - 20)
    assert bench.result.failure == ("broken", "The image is cut off: its end is missing.")
    assert bench.result.sha256 == hashlib.sha256(PNG[:-20]).hexdigest()
    assert bench.result.content_type == "image/png"


@pytest.mark.parametrize(
    "item",
    [
        None,
        an_item(status="removed"),
        an_item(order=NEWER.order),
        an_item(status="processed"),
        an_item(status="failed"),
    ],
)
def test_a_message_that_needs_no_work_is_skipped_before_the_file_is_read(bench, item):
    bench.catalogue.items = {FILE.file_id: item} if item else {}

    decision = bench.process(a_message())

    assert decision.name == "skipped"
    assert decision.reason
    assert bench.catalogue.results == []


def test_the_result_of_a_file_that_is_superseded_meanwhile_is_not_written(bench):
    bench.holds(PNG)
    bench.catalogue.meanwhile = an_item(order=NEWER.order, version_id="another")

    assert bench.process(a_message()) == Decision(name="skipped", reason="superseded", bytes_read=len(PNG))
    assert bench.catalogue.results == []


def test_the_result_of_a_file_that_is_removed_meanwhile_is_not_written(bench):
    bench.holds(PNG)
    bench.catalogue.meanwhile = an_item(status="removed")

    assert bench.process(a_message()).reason == "superseded"


def test_an_upload_that_was_removed_before_it_was_published_is_skipped(bench):
    """The item still shows the version before it, and always will."""
    bench.catalogue.items[FILE.file_id] = an_item(order=OLDER.order)

    decision = bench.process({**a_message(), "late": "removed"})

    assert (decision.name, decision.reason) == ("skipped", "removed")


def test_an_item_older_than_its_event_is_no_reason_to_forget_the_file(bench):
    bench.catalogue.items[FILE.file_id] = an_item(order=OLDER.order)

    with pytest.raises(ItemBehindError):
        bench.process(a_message())


def test_sequencers_of_other_length_and_case_are_the_same(bench):
    bench.holds(PNG)

    assert bench.process(a_message(sequencer=FILE.sequencer.lower() + "00")).name == "processed"


def test_events_other_than_uploads_are_skipped(bench):
    assert bench.process(a_message(action="removed", name="ObjectRemoved:Delete")).name == "skipped"
    assert bench.process(a_message(action="restored", name="ObjectRestore:Completed")).name == "skipped"


@pytest.mark.parametrize("status", ["received", "processed", "failed"])
def test_a_file_is_processed_again_on_request(bench, status):
    bench.catalogue.items[FILE.file_id] = an_item(status=status, order=NEWER.order)
    bench.holds(PNG)

    assert bench.process(REPROCESS).name == "processed"
    assert bench.catalogue.results[0][1] == NEWER.order


def test_a_removed_file_cannot_be_processed_again(bench):
    assert bench.process({**REPROCESS, "id": "0" * 32}) == Decision(name="skipped", reason="no such file")
    bench.catalogue.items[FILE.file_id] = an_item(status="removed")
    assert bench.process(REPROCESS) == Decision(name="skipped", reason="removed")


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "text",
        {},
        {**a_message(), "schema": "file-notifications/upload/2"},
        {**a_message(), "file": None},
        {**a_message(), "event": None},
        {**a_message(), "file": {**a_message()["file"], "sequencer": 7}},
        {**a_message(), "file": {**a_message()["file"], "id": 7}},
        *({**REPROCESS, "id": file_id} for file_id in (None, "../../etc/passwd", FILE.file_id.upper(), "")),
    ],
)
def test_a_malformed_message_raises(bench, payload):
    with pytest.raises(MalformedMessageError):
        bench.process(payload)


def test_a_file_without_enough_time_is_not_requested(bench):
    asked = []
    bench.has_time = lambda size: asked.append(size) or False  # type: ignore[func-returns-value]

    with pytest.raises(NoTimeLeftError):
        bench.process(a_message())
    assert asked == [FILE.size]
    assert bench.catalogue.results == []
