"""Operations of the files API: list, read, download, delete, reprocess and upload files, and read counts per day."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.access import DEFAULT_ACCESS, Act, Grant, Rights
from domain.events import LONGEST_TEXT, file_id_of, is_file_id, may_be_in_a_key
from domain.messages import reprocess_request
from handlers.data.catalogue import Catalogue
from handlers.data.items import Item
from handlers.data.listing import Listing
from handlers.data.stats import Stats
from handlers.logic import responses
from handlers.logic.access import Access
from handlers.logic.audit import Audit, Record
from handlers.logic.awaited import Expected, nothing_expected
from handlers.logic.gate import Gate
from handlers.logic.links import DOWNLOAD_SECONDS, check_linkable, download_link
from handlers.logic.multipart import PART_BYTES, links_of, start_of
from handlers.logic.person import Person
from handlers.logic.preview import NoPreviewError, preview_of
from handlers.logic.requests import InvalidRequestError, read_limit, read_started_upload, read_upload
from handlers.logic.uploads import (
    FORM_SECONDS,
    SESSION_SECONDS,
    RefusedUploadError,
    UploadRequest,
    upload_form,
    upload_key,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_CURSOR = 4096  # characters
LATEST = 10
STATS_RESERVE_SECONDS = 15
"""Of the gateway's 29: days that cannot be counted by then are counted by the next request.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""


class UnknownFileError(LookupError):
    """No such file, an id that no file can have, or a file that the person may not read: from outside all the same."""


class ReadOnlyFileError(ValueError):
    """The file is in a bucket that another program made, in which nothing is deleted. The text says so."""


@dataclass(frozen=True, kw_only=True)
class FilesApi:
    """The operations of the contract, whose names they have, for the person who asks. `grants` are what groups may do.

    `listing` knows all buckets; uploads go to `bucket`, if there is one. `uploader(person)` returns an S3 client that
    may write only below that person's prefix there, `remover(person, bucket, key)` one that may delete that file alone;
    `work` sends a message to the work queue of a bucket's region. Nothing is deleted in the `read_only` buckets. The
    `gate` says which contents are handed out. `expected` counts what is expected today.
    """

    catalogue: Catalogue
    listing: Listing
    stats: Stats
    bucket: str | None
    work: Mapping[str, Callable[[str], object]]
    uploader: Callable[[str], S3Client]
    remover: Callable[[str, str, str], S3Client]
    audit: Audit
    max_upload_bytes: int
    read_only: Collection[str] = ()
    grants: Sequence[Grant] = DEFAULT_ACCESS
    expected: Callable[[], Expected | None] = nothing_expected
    gate: Gate = field(default_factory=Gate)

    def get_me(self, person: Person) -> responses.Me:
        """What the person may do, wherever that is."""
        return responses.me_of(person, self._access.rights(person))

    def list_files(self, query: Mapping[str, str], person: Person) -> responses.FilePage:
        """One page of what the person may read. `query` may have limit, prefix and cursor.

        Raises InvalidRequestError, InvalidCursorError and ForbiddenError.
        """
        unknown = sorted(query.keys() - {"cursor", "limit", "prefix"})
        if unknown:  # a misspelled prefix would list everything
            raise InvalidRequestError(f"{', '.join(unknown)} is not a parameter; use cursor, limit and prefix.")
        limit, cursor, prefix = read_limit(query.get("limit")), query.get("cursor"), query.get("prefix", "")
        if not may_be_in_a_key(prefix):
            raise InvalidRequestError(f"prefix is too long for an object key: use at most {LONGEST_TEXT:,} bytes.")
        if cursor is not None and not 0 < len(cursor) <= MAX_CURSOR:
            raise InvalidRequestError("cursor is not one that this list returned.")
        with self.audit.act("look", person):
            rights = self._access.require_reading(person)
        listing = self.listing.seen_with(rights)
        page = listing.under(prefix, limit, cursor) if prefix else listing.newest(limit, cursor)
        found: responses.FilePage = {"files": [self._file(item, rights) for item in page.items]}
        return {**found, "cursor": page.cursor} if page.cursor else found

    def get_file(self, file_id: str, person: Person) -> responses.FileDetails:
        """Everything about one file. Raises UnknownFileError."""
        with self.audit.act("look", person, file_id) as record:
            item = self._item(file_id, record)
        read_only, scan = item.bucket in self.read_only, responses.scan_of(item, self.gate)
        return responses.details_of(item, self._access.rights(person), read_only=read_only, scan=scan)

    def download_file(self, file_id: str, person: Person) -> responses.Download:
        """A link that works for anyone who has it, for DOWNLOAD_SECONDS.

        Raises UnknownFileError, FileGoneError, NotCleanError and UnlinkableFileError.
        """
        with self.audit.act("download", person, file_id) as record:
            item = self._item(file_id, record)
            self.gate.check(item)
            check_linkable(item)
            url = download_link(item, self.listing.buckets[item.bucket])
            record.allowed()
        return {"url": url, "expiresInSeconds": DOWNLOAD_SECONDS}

    def preview_file(self, file_id: str, person: Person) -> responses.Preview:
        """A link that a browser shows. Raises NoPreviewError and what `download_file` raises."""
        with self.audit.act("preview", person, file_id) as record:
            item = self._item(file_id, record)
            self.gate.check(item)
            check_linkable(item)
            if item.bucket in self.read_only:
                raise NoPreviewError(
                    f"The file is in the bucket {item.bucket}, which belongs to another program and is not open to "
                    "this page. Download the file instead."
                )
            preview = preview_of(item, self.listing.buckets[item.bucket])
            record.allowed()
        return preview

    def delete_file(self, file_id: str, person: Person) -> None:
        """Delete the object from its bucket in the person's name; its item follows with S3's event.

        Raises UnknownFileError, ForbiddenError and ReadOnlyFileError.
        """
        with self.audit.act("delete", person, file_id) as record:
            item = self._item(file_id, record, "delete")
            if item.bucket in self.read_only:
                raise ReadOnlyFileError(
                    f"The file is in the bucket {item.bucket}, which belongs to another program: it is watched here, "
                    "and nothing in it is deleted. Delete the file where the bucket is managed."
                )
            if item.status != "removed":
                s3 = self.remover(person.name, item.bucket, item.key)
                record.allowed()
                s3.delete_object(Bucket=item.bucket, Key=item.key)

    def reprocess_file(self, file_id: str, person: Person) -> responses.Reprocessing:
        """Queue the file in its own region, to be inspected again. Raises UnknownFileError and ForbiddenError."""
        with self.audit.act("reprocess", person, file_id) as record:
            item = self._item(file_id, record, "reprocess")
            record.allowed()
            self.work[item.bucket](json.dumps(reprocess_request(item.id, person.name)))
        return {"id": item.id}

    def create_upload(self, body: object, person: Person) -> responses.Upload:
        """A form for one upload below the person's prefix.

        Raises InvalidRequestError, RefusedUploadError and ForbiddenError.
        """
        with self.audit.act("upload", person) as record:
            request, bucket, key = self._wanted(body, record)
            form = upload_form(self.uploader(person.name), bucket, key, request, max_bytes=self.max_upload_bytes)
            record.allowed()
        return {
            "url": form["url"],
            "fields": form["fields"],
            "key": key,
            "id": file_id_of(bucket, key),
            "expiresInSeconds": FORM_SECONDS,
        }

    def create_multipart_upload(self, body: object, person: Person) -> responses.MultipartUpload:
        """The start of one upload in parts below the person's prefix. Raises as `create_upload` does."""
        with self.audit.act("multipart-upload", person) as record:
            request, bucket, key = self._wanted(body, record)
            start = start_of(self.uploader(person.name), bucket, key, request, max_bytes=self.max_upload_bytes)
            record.allowed()
        return {
            "start": start,
            "key": key,
            "id": file_id_of(bucket, key),
            "partBytes": PART_BYTES,
            "expiresInSeconds": SESSION_SECONDS,
        }

    def sign_multipart_upload(self, body: object, person: Person) -> responses.MultipartLinks:
        """Links for the parts of a started upload. Raises as `create_upload` does."""
        with self.audit.act("part-links", person) as record:
            self._access.require_uploading(person)
            upload, bucket = read_started_upload(body), self._uploaded_to()
            record.file = {"bucket": bucket, "key": upload.key, "size": upload.size}  # any text, until it is checked
            s3 = self.uploader(person.name)
            links = links_of(s3, bucket, upload, person=person.name, max_bytes=self.max_upload_bytes)
            record.of_upload(bucket, upload.key, size=upload.size)
            record.parts = (links["parts"][0]["partNumber"], links["parts"][-1]["partNumber"])
            record.allowed()
        return links

    def read_stats(self, seconds_left: Callable[[], float], person: Person) -> responses.Stats:
        """Counts per day, as far as they can be counted within `seconds_left()`, and the newest uploads.

        Counts are of all files: who may not read all of them gets none. So are those of what is expected today, which
        are left out where no rule expects files. Raises ForbiddenError.
        """
        with self.audit.act("look", person):
            rights = self._access.require_reading(person)
        days = self.stats.days(lambda: seconds_left() < STATS_RESERVE_SECONDS) if rights.reads_everything else []
        latest = self.listing.seen_with(rights).latest(LATEST)
        found: responses.Stats = {
            "days": days,
            "latest": [self._file(item, rights) for item in latest.items],
            "latestComplete": latest.is_complete,
        }
        if not rights.reads_everything:
            return {**found, "daysWithheld": True}
        expected = self.expected()
        return {**found, "expected": expected} if expected else found

    @property
    def _access(self) -> Access:
        return Access(grants=self.grants, bucket=self.bucket)

    def _wanted(self, body: object, record: Record) -> tuple[UploadRequest, str, str]:
        """The file that the person of the record may upload, and the bucket and key that it will have."""
        self._access.require_uploading(record.person)
        request, bucket = read_upload(body), self._uploaded_to()
        key = upload_key(request, person=record.person.name)
        record.of_upload(bucket, key, size=request.size)
        return request, bucket, key

    def _uploaded_to(self) -> str:
        if self.bucket is None:
            raise RefusedUploadError("There is no bucket for uploads here: only existing buckets are watched.")
        return self.bucket

    def _file(self, item: Item, rights: Rights) -> responses.File:
        read_only, scan = item.bucket in self.read_only, responses.scan_of(item, self.gate)
        return responses.file_of(item, rights, read_only=read_only, scan=scan)

    def _item(self, file_id: str, record: Record, act: Act = "read") -> Item:
        """A file on which the person of the record may act. Raises UnknownFileError and ForbiddenError.

        The record names a file that is there also where the person learns nothing of it.
        """
        item = self.catalogue.read(file_id) if is_file_id(file_id) else None
        if item is None or not item.time:
            raise UnknownFileError("There is no such file.")
        record.of(item)
        if not self.listing.seen_with(self._access.rights(record.person)).shows(item):
            raise UnknownFileError("There is no such file.")
        self._access.require(act, record.person, item.bucket, item.key)
        return item
