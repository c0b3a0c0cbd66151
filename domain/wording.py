"""Text for people: untrusted keys made safe to show, sizes, times, links."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from domain.events import FileEvent

_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
JOINERS = "\u200c\u200d"  # invisible, but emoji and several scripts are written with them
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def split_key(key: str) -> tuple[str, str]:
    """Folder and name of a key: `a/b/c.pdf` is c.pdf in a/b, and the folder marker `a/b/` is b/ in a."""
    folder, slash, name = key.rstrip("/").rpartition("/")
    rest = key[len(folder + slash + name) :]
    return folder, (name + rest) or key


def visible(text: str) -> str:
    """Untrusted text as it can be shown: characters that break lines, hide or reorder text become \\u escapes."""
    if text.isprintable():  # nearly all keys
        return text
    return "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in _INVISIBLE and char not in JOINERS else char
        for char in text
    )


def same_form(text: str) -> str:
    """Text as it is compared: letters with accents are composed (NFC), whichever keyboard or file system wrote them.

    macOS names files in the decomposed form: a rule for `Übergabe/` that was typed elsewhere would not match them.
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def spellings_of(text: str) -> list[str]:
    """The text as it is, and then composed and decomposed where those are others. Mixtures of both are left out."""
    return list(dict.fromkeys((text, same_form(text), unicodedata.normalize("NFD", text))))


def enumerated(names: Sequence[str], last: str = "and") -> str:
    """`a, b and c`, of one name at least."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def human_size(size: int) -> str:
    """182 KB for 186,368 bytes: in units of 1,024, with at most three digits."""
    amount, unit = float(size), "bytes"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < 999.5:  # noqa: PLR2004 - 1000 is shown in the next unit
            break
        amount, unit = amount / 1024, larger
    if unit == "bytes":
        return f"{size} byte{'' if size == 1 else 's'}"
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"  # noqa: PLR2004


def human_count(files: int) -> str:
    """`1 file`, `1,204 files`."""
    return f"{files:,} file{'' if files == 1 else 's'}"


def human_time(time: str) -> str:
    """`2026-11-23 08:41:07 UTC`; a time that is not ISO 8601 is shown as it was written."""
    try:
        moment = datetime.fromisoformat(time)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return visible(time)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def human_span(first: str, last: str) -> str:
    """`08:41–08:44 UTC` within a day, otherwise both ends with their dates."""
    start, end = human_time(first), human_time(last)
    if start[:16] == end[:16]:
        return f"{start[11:16]} UTC"
    if start[:10] == end[:10]:
        return f"{start[11:16]}–{end[11:16]} UTC"
    return f"{start[:16]} – {end[:16]} UTC"


def console_host(partition: str) -> str:
    """The host of the AWS console in a partition, without the region in front."""
    return _CONSOLES.get(partition, _CONSOLES["aws"])


def console_url(event: FileEvent, partition: str) -> str:
    """The object's page in the AWS console of the bucket's region and partition."""
    version = f"&versionId={quote(event.version_id, safe='')}" if event.version_id else ""
    return (
        f"https://{event.region}.{console_host(partition)}/s3/object/{event.bucket}"
        f"?region={event.region}&prefix={quote(event.key, safe='')}{version}"
    )


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between graphemes so that no letter or emoji is torn, and marked with "…"."""
    if length(text) <= limit:
        return text
    import grapheme  # late: only long names need its tables

    shown, taken = [], 1
    for cluster in grapheme.graphemes(text):
        taken += length(cluster)
        if taken > limit:
            break
        shown.append(cluster)
    return "".join(shown).rstrip() + "…"


def length(text: str) -> int:
    """The most characters that SNS may count: those outside the basic plane count as two."""
    return len(text.encode("utf-16-le")) // 2
