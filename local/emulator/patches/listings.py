"""Encoded keys in listings of versions and of unfinished uploads.

AWS: with encoding-type=url, ListObjectVersions and ListMultipartUploads encode the keys in their answers, so that keys
with control characters, which XML 1.0 cannot hold, can be listed. boto3 always asks for it where it decodes it.
ministack 1.5.33: ignores the parameter in these two (ListObjects and ListObjectsV2 honour it): a control character in
any key makes the whole answer unreadable.
Unnecessary when: ministack honours encoding-type in _list_object_versions and _list_multipart_uploads.
Private names: s3._list_object_versions, s3._list_multipart_uploads, s3._xml_body, s3._qp, s3._url_encode.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import contextvars
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from ministack.services import s3  # type: ignore[import-untyped]

from local.emulator.patches import require

Listing = Callable[[str, Mapping[str, Any]], Any]

_ENCODED = frozenset({"Delimiter", "Key", "KeyMarker", "NextKeyMarker", "Prefix"})
"""The elements that AWS encodes in these answers."""

_encoding: contextvars.ContextVar[bool] = contextvars.ContextVar("encoding", default=False)


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    listings = ("_list_object_versions", "_list_multipart_uploads")
    require(s3, **dict.fromkeys(listings, "bucket_name query_params"))
    require(s3, _xml_body="root", _qp="params key default", _url_encode="value")
    xml_body = s3._xml_body

    def encoded_body(root: Element) -> bytes:
        if _encoding.get() and root.tag != "Error":
            for element in root.iter():
                if element.tag in _ENCODED and element.text:
                    element.text = s3._url_encode(element.text)
            SubElement(root, "EncodingType").text = "url"
        body: bytes = xml_body(root)
        return body

    s3._xml_body = encoded_body
    for name in listings:
        setattr(s3, name, _encoding_keys(getattr(s3, name)))


def _encoding_keys(listing: Listing) -> Listing:
    def encoding(bucket_name: str, query_params: Mapping[str, Any]) -> Any:
        before = _encoding.set(s3._qp(query_params, "encoding-type", "") == "url")
        try:
            return listing(bucket_name, query_params)
        finally:
            _encoding.reset(before)

    return encoding
