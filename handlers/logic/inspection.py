"""Looks at a file while it streams by: checksum, size, what it really is, and what the inspectors can tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain

from domain.file_types import BINARY, contradiction, extension_of
from domain.findings import Facts
from domain.wording import shorten, visible
from handlers.inspectors import BrokenFileError, Findings, Inspector, inspectors_for
from handlers.inspectors.content_types import HEAD, content_type_of

CHUNK = 1_048_576
MOST_FACTS = 6
LONGEST_FACT = 80
BROKEN = "broken"
"""The code of the failure of a file that an inspector cannot read."""
CONTRADICTED = "Extension"
"""The fact of a file whose name promises another content. No inspector has a fact of this name."""


class CutShortError(RuntimeError):
    """The stream did not bring what was announced, so nothing that was found is true. Reading it again may help."""


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """`content_type` is what the bytes are, whatever the name or the sender says.

    `broken` says for people why an inspector cannot read the file, if one cannot; the rest is true all the same.
    """

    sha256: str
    size: int
    content_type: str
    facts: Facts
    broken: str | None


def inspect(chunks: Iterable[bytes], *, size: int, key: str) -> Inspection:
    """Look at a file once, in memory that does not depend on its size. Chunks of CHUNK bytes serve well.

    Raises CutShortError if there are not `size` bytes. What `chunks` raises is not caught.
    """
    digest, count = sha256(), 0
    head, following = _head(chunks)
    extension = extension_of(key)
    content_type = content_type_of(head)
    at_work = [_AtWork(inspector) for inspector in inspectors_for(content_type, extension)]
    for chunk in following:
        digest.update(chunk)
        count += len(chunk)
        for inspector in at_work:
            inspector.feed(chunk)
    if count != size:
        raise CutShortError(f"{count} of {size} bytes came")
    results = [inspector.findings() for inspector in at_work]
    # What proves not to be text is called binary data, unless another inspector knows what it is.
    types = sorted((result.content_type for result in results if result.content_type), key=BINARY.__eq__)
    content_type = next(iter(types), content_type)
    also = next((result.also for result in results if result.also), "")
    facts = [*_of_the_name(extension, content_type, also, size), *(fact for result in results for fact in result.facts)]
    return Inspection(
        sha256=digest.hexdigest(),
        size=count,
        content_type=content_type,
        facts=tuple((label, shorten(visible(value), LONGEST_FACT)) for label, value in facts[:MOST_FACTS]),
        broken=next((inspector.broken for inspector in at_work if inspector.broken), None),
    )


class _AtWork:
    """An inspector, until it finds the file broken."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector
        self.broken: str | None = None

    def feed(self, chunk: bytes) -> None:
        if self.broken is None:
            try:
                self._inspector.feed(chunk)
            except BrokenFileError as error:
                self.broken = str(error)

    def findings(self) -> Findings:
        if self.broken is None:
            try:
                return self._inspector.findings()
            except BrokenFileError as error:
                self.broken = str(error)
        return Findings()


def _head(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Enough to tell the type, and all the chunks, these included."""
    iterator = iter(chunks)
    first, size = [], 0
    for chunk in iterator:
        first.append(chunk)
        size += len(chunk)
        if size >= HEAD:
            break
    return b"".join(first)[:HEAD], chain(first, iterator)


def _of_the_name(extension: str, content_type: str, also: str, size: int) -> Facts:
    if not size:
        return (("Content", "nothing: the file is empty"),)
    warning = contradiction(extension, content_type, also)
    return ((CONTRADICTED, warning),) if warning else ()
