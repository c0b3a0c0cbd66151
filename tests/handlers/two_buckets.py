"""Two buckets and their catalogue in memory: everything that the API's operations read or change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from domain.access import Grant
from domain.events import file_id_of
from handlers.data.catalogue import Catalogue
from handlers.data.stats import Stats
from handlers.logic.files import FilesApi
from tests.handlers.audited import Lines
from tests.handlers.listed import REGION, Table

OWN, THEIRS = "uploads", "scans"
"""The bucket that people upload to, and one that is watched."""

DAY = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass
class Bucket:
    """S3 as far as the operations need it: lists in the order of keys, links, deletions."""

    name: str
    keys: set[str] = field(default_factory=set)
    deleted: list[str] = field(default_factory=list)
    meta: Any = field(default_factory=lambda: SimpleNamespace(region_name=REGION))

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int, StartAfter: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == self.name
        found = sorted(key for key in self.keys if key.startswith(Prefix) and key > StartAfter)
        contents = [{"Key": key, "LastModified": DAY, "Size": 1, "ETag": '"e"'} for key in found[:MaxKeys]]
        return {"Contents": contents, "IsTruncated": len(found) > MaxKeys}

    def generate_presigned_url(self, operation: str, *, Params: Mapping[str, Any], ExpiresIn: int) -> str:  # noqa: N803
        assert ExpiresIn
        return f"https://{self.name}/{Params['Key']}?{operation}"

    def generate_presigned_post(self, bucket: str, key: str, **_options: Any) -> dict[str, Any]:
        return {"url": f"https://{bucket}/", "fields": {"key": key}}

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803
        assert Bucket == self.name
        self.deleted.append(Key)


@dataclass
class World(Table):
    """Files of both buckets, in the order in which they were uploaded, and what was done to them."""

    stored: list[tuple[str, str]] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)
    log: Lines = field(default_factory=Lines)

    def __post_init__(self) -> None:
        self.buckets = {OWN: Bucket(OWN), THEIRS: Bucket(THEIRS)}
        for number, (bucket, key) in enumerate(self.stored):
            self.put(bucket, key, f"2026-11-23T{number // 60:02}:{number % 60:02}:00Z")

    def put(self, bucket: str, key: str, arrived: str) -> None:
        file_id = file_id_of(bucket, key)
        self.upload(file_id, arrived, bucket=bucket, status="processed")
        self.items[file_id]["key"] = {"S": key}
        self.items[file_id]["contentType"] = {"S": "text/plain"}
        self.buckets[bucket].keys.add(key)

    def without(self, hidden: Collection[tuple[str, str]]) -> World:
        """As it would be if these files had never been there."""
        for bucket, key in hidden:
            del self.items[file_id_of(bucket, key)]
            self.buckets[bucket].keys.remove(key)
        return self

    @property
    def deleted(self) -> list[tuple[str, str]]:
        return [(name, key) for name, bucket in self.buckets.items() for key in bucket.deleted]

    def get_item(self, *, Key: Any, **_options: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        item = self.items.get(Key["id"]["S"])
        return {"Item": item} if item else {}

    def put_item(self, *, Item: Any, **_options: Any) -> None:  # noqa: N803
        self.items[Item["id"]["S"]] = Item

    def api(self, grants: tuple[Grant, ...], *, read_only: tuple[str, ...] = ()) -> FilesApi:
        listing = self.listing(self.buckets)
        client: Any = self
        return FilesApi(
            catalogue=Catalogue(client, "files"),
            listing=listing,
            stats=Stats(dynamodb=client, table="files", listing=listing, clock=lambda: DAY.timestamp() + 80_000),
            bucket=OWN,
            work=dict.fromkeys(self.buckets, self.queued.append),
            uploader=lambda _person: self.buckets[OWN],  # type: ignore[arg-type, return-value]
            remover=lambda _person, bucket, _key: self.buckets[bucket],  # type: ignore[arg-type, return-value]
            audit=self.log.audit,
            max_upload_bytes=10**9,
            read_only=read_only,
            grants=grants,
        )
