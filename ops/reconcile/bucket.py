"""The bucket's side of the comparison: the current version of every object, read as far as S3 lets it be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from domain.events import SCANNER_TEST_KEY
from ops.aws import is_unknown_caller

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef

_UNREADABLE = (ClientError, BotoCoreError, ResponseParserError)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The current version of one object in the bucket. `size` is in bytes."""

    key: str
    version_id: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True, kw_only=True)
class Marker:
    """The delete marker that hides an object."""

    version_id: str
    modified: datetime


@dataclass(frozen=True, kw_only=True)
class Unread:
    """Keys under `prefix`, after the key `after`, that S3 did not list."""

    prefix: str
    after: str
    reason: str

    def covers(self, key: str) -> bool:
        """Whether a key is one of them."""
        return key.startswith(self.prefix) and key > self.after

    def __str__(self) -> str:
        where = f"keys under {self.prefix!r}" if self.prefix else "keys"
        return f"{where}{f' after {self.after!r}' if self.after else ''}: {self.reason}"


@dataclass
class BucketListing:
    """Lists what is stored under a prefix. Versions are listed, because events name them.

    A page that cannot be read ends the listing of its prefix. What follows it is listed folder by folder, so that one
    folder hides no other.
    """

    s3: S3Client
    bucket: str
    prefix: str
    markers: dict[str, Marker] = field(default_factory=dict)
    """By key; complete once the pages are read."""
    unread: list[Unread] = field(default_factory=list)

    def pages(self) -> Iterator[list[Stored]]:
        """The stored objects, page by page. Raises the error of S3 if it lists nothing at all."""
        yield from self._under(self.prefix, after="")

    def _under(self, prefix: str, after: str) -> Iterator[list[Stored]]:
        """What is stored under a prefix, after a key."""
        read = after
        try:
            for page in self._list(prefix, after):
                yield self._stored(page)
                read = _last_key(page) or read
        except _UNREADABLE as error:
            if isinstance(error, ClientError) and is_unknown_caller(error):
                raise
            yield from self._folder_by_folder(prefix, read, error)

    def _folder_by_folder(self, prefix: str, after: str, error: Exception) -> Iterator[list[Stored]]:
        folders: list[str] = []
        read = after
        try:
            for page in self._list(prefix, after, Delimiter="/"):
                yield self._stored(page)
                folders += [folder["Prefix"] for folder in page.get("CommonPrefixes", [])]
                read = max(read, _last_key(page), *folders)
        except _UNREADABLE:
            if prefix == self.prefix and not read:
                raise error from None
            self.unread.append(Unread(prefix=prefix, after=read, reason=str(error)))
        for folder in folders:
            yield from self._under(folder, after)

    def _list(self, prefix: str, after: str, **options: Any) -> Iterator[ListObjectVersionsOutputTypeDef]:
        request = {"Bucket": self.bucket, "Prefix": prefix, **options}
        if after:
            request["KeyMarker"] = (
                after  # S3 lists the latest version of a key first: its other versions may be skipped
            )
        yield from self.s3.get_paginator("list_object_versions").paginate(**request)

    def _stored(self, page: ListObjectVersionsOutputTypeDef) -> list[Stored]:
        self.markers |= {
            marker["Key"]: Marker(version_id=_version(marker), modified=marker["LastModified"])
            for marker in page.get("DeleteMarkers", [])
            if marker["IsLatest"]
        }
        return [
            Stored(
                key=version["Key"],
                version_id=_version(version),
                size=version["Size"],
                etag=version["ETag"].strip('"'),
                modified=version["LastModified"].astimezone(UTC),
            )
            for version in page.get("Versions", [])
            if version["IsLatest"] and version["Key"] != SCANNER_TEST_KEY
        ]


def _version(listed: Mapping[str, Any]) -> str:
    """The version of what S3 lists; empty in a bucket without versions."""
    version = str(listed.get("VersionId", ""))
    return "" if version == "null" else version


def _last_key(page: ListObjectVersionsOutputTypeDef) -> str:
    """The greatest key of a page, after which the next one begins."""
    return max((entry["Key"] for entry in (*page.get("Versions", []), *page.get("DeleteMarkers", []))), default="")
