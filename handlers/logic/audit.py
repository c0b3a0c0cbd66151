"""Records who did what: one line before each act takes effect, one for each refusal and each failure.

What cannot be recorded does not happen: the error of `write` ends the operation before its effect. See
docs/decisions/0025-recorded-before-it-happens.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from domain.audit import AUDIT_SCHEMA, AuditedAct, AuditedFile, AuditLine, Outcome, audit_text
from domain.events import file_id_of
from handlers.data.audit_log import UnrecordedError

if TYPE_CHECKING:
    from handlers.data.items import Item
    from handlers.logic.person import Person


FORBIDDEN, NOT_FOUND = 403, 404


@dataclass(kw_only=True)
class Record:
    """One request for an act, and what is known of its file by now."""

    audit: Audit
    act: AuditedAct
    person: Person
    file: AuditedFile
    parts: tuple[int, int] | None = None

    def of(self, item: Item) -> None:
        """The act is on this file, in the version that the catalogue shows."""
        self.file = {"id": item.id, "bucket": item.bucket, "key": item.key}
        if item.version_id:
            self.file["version"] = item.version_id

    def of_upload(self, bucket: str, key: str, *, size: int) -> None:
        """The act is on a file that is to be uploaded, of `size` bytes."""
        self.file = {"id": file_id_of(bucket, key), "bucket": bucket, "key": key, "size": size}

    def allowed(self) -> None:
        """The act takes effect next: a link is handed out, a file deleted. Raises UnrecordedError."""
        self.write("allowed")

    def write(self, outcome: Outcome, *, status: int | None = None, reason: str = "") -> None:
        """Raises UnrecordedError."""
        now = datetime.fromtimestamp(self.audit.clock(), UTC).isoformat(timespec="milliseconds")
        line: AuditLine = {
            "schema": AUDIT_SCHEMA,
            "time": now.replace("+00:00", "Z"),
            "act": self.act,
            "outcome": outcome,
            "person": self.person.name,
            "sub": self.person.sub,
            "groups": sorted(self.person.groups),
            "address": self.person.address,
            "request": self.person.request,
            "file": self.file,
        }
        if self.person.forwarded_for:
            line["forwardedFor"] = self.person.forwarded_for
        if self.parts:
            line["parts"] = list(self.parts)
        if status is not None:
            line["status"] = status
        if reason:
            line["reason"] = reason
        self.audit.write(audit_text(line))


@dataclass(frozen=True, kw_only=True)
class Audit:
    """`write` keeps a line or raises UnrecordedError; `refusals` are the errors that refuse, with their HTTP status."""

    write: Callable[[str], object]
    refusals: Mapping[type[Exception], int]
    clock: Callable[[], float] = time.time

    @contextmanager
    def act(self, act: AuditedAct, person: Person, file_id: str = "") -> Iterator[Record]:
        """The block carries out the act, and says `allowed` before its effect.

        An error that ends the block is recorded and raised: a refusal with the text that the person reads, any other
        with its type alone, as its text is in the function's log and may have anything in it. Of looking at files only
        refusals by rights are on record.
        """
        record = Record(audit=self, act=act, person=person, file={"id": file_id} if file_id else {})
        try:
            yield record
        except UnrecordedError:
            raise
        except Exception as error:
            status = self.refusals.get(type(error))
            if act == "look" and not _is_by_rights(status, record.file):
                raise
            if status is None:
                record.write("failed", reason=type(error).__name__)
            else:
                record.write("refused", status=status, reason=str(error))
            raise


def _is_by_rights(status: int | None, file: AuditedFile) -> bool:
    """What one may not read is a 404, like what is not there; but the record names it."""
    return status == FORBIDDEN or (status == NOT_FOUND and "key" in file)
