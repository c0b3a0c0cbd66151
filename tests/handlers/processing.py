"""Fixtures of the tests of `process`: a file, its item, its work message, its bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from urllib3.exceptions import ReadTimeoutError as StalledError

from domain.notifications import Routing, upload_notification
from handlers.data.items import Item, Result
from tests.examples import a_file, a_rule
from tests.handlers.inspectors.files import a_png

FILE = a_file()
BUCKET, KEY, VERSION = FILE.bucket, FILE.key, FILE.version_id
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/file-notifications-work"
OLDER, NEWER = a_file(sequencer="0055AED6DCD90281E4"), a_file(sequencer="0055AED6DCD90281E501")
REPROCESS = {"schema": "file-notifications/reprocess/1", "id": FILE.file_id, "requestedBy": "maria"}
PNG = a_png()


def a_message(**changes: Any) -> dict[str, Any]:
    """What the work queue gets when a file has arrived."""
    return json.loads(
        json.dumps(upload_notification(a_file(**changes), [a_rule()], Routing(), partition="aws").payload)
    )


def an_item(**changes: Any) -> Item:
    shown = {
        "id": FILE.file_id,
        "bucket": BUCKET,
        "key": KEY,
        "region": FILE.region,
        "time": FILE.time,
        "size": FILE.size,
        "version_id": VERSION,
        "order": FILE.order,
        "status": "received",
    }
    return Item(**{**shown, **changes})


def result_in(changes: Mapping[str, Any]) -> Result:
    """The result that changes of an item say."""
    return Result(
        sha256=changes["sha256"] or "",
        content_type=changes["contentType"] or "",
        facts=tuple((label, value) for label, value in changes["facts"] or ()),
        failure=tuple(changes["failure"]) if changes["failure"] else None,
    )


class Body(io.BytesIO):
    """An object's bytes on the wire, which may stall, and which counts what was taken."""

    stalls_after: int | None = None
    taken = 0

    def read(self, amount: int | None = -1) -> bytes:
        if self.stalls_after is not None and self.taken >= self.stalls_after:
            raise StalledError(None, "https://bucket", "Read timed out.")  # type: ignore[arg-type]
        data = super().read(amount)
        self.taken += len(data)
        return data
