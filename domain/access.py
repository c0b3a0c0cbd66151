"""Who may do what: groups of users, the acts that they are granted, and the folders in which they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from domain.rules import starts
from domain.wording import enumerated, spellings_of

Act = Literal["read", "upload", "delete", "reprocess"]
ACTS: tuple[Act, ...] = get_args(Act)

EVERYONE = "everyone"
"""In place of a group: all users who sign in, whatever groups they are in. No group of the user pool."""

ACCESS_FILE = "access.json"
"""The file of the grants in the archive of the function that follows them."""

_SHOWN_FOLDERS = 10


class InvalidGrantsError(ValueError):
    """The grants that were shipped with a function cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Members of `group` may do what is in `can`, to files in `folders` of every bucket; without folders, in all.

    Folders end in a slash. Uploads go to the person's own folder, wherever that is: a grant of `upload` counts it among
    its folders.
    """

    group: str
    can: tuple[Act, ...]
    folders: tuple[str, ...] = ()

    @property
    def meaning(self) -> str:
        """For people: `read and upload files in invoices/`."""
        folders = [*self.folders[:_SHOWN_FOLDERS], *(["other folders"] if len(self.folders) > _SHOWN_FOLDERS else [])]
        return f"{enumerated(self.can)} files" + (f" in {enumerated(folders)}" if folders else "")

    def as_json(self) -> dict[str, Any]:
        """The grant as shipped with a function; grants_of reads it back."""
        return asdict(self)


DEFAULT_ACCESS = (
    Grant(group=EVERYONE, can=("read",)),
    Grant(group="readers", can=("read",)),
    Grant(group="editors", can=("read", "upload", "reprocess")),
    Grant(group="admins", can=ACTS),
)
"""Where the settings grant nothing."""


@dataclass(frozen=True, kw_only=True)
class Own:
    """The folder of a bucket to which one person uploads."""

    bucket: str
    folder: str


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What one person may do: the grants of their groups together. Without `own` there is nowhere to upload to.

    The one place where this is decided. Folders are compared as rules compare prefixes.
    """

    grants: tuple[Grant, ...]
    own: Own | None = None

    def may(self, act: Act, bucket: str, key: str) -> bool:
        """Whether the person may do this to a file, also to one that is not there.

        What one has uploaded, one may read. What one may not read, one may not change.
        """
        is_own = self.own is not None and bucket == self.own.bucket and key.startswith(self.own.folder)
        if act == "upload":
            return is_own and self.can("upload")
        granted = any(act in grant.can and _covers(grant, key, is_own=is_own) for grant in self.grants)
        if act == "read":
            return granted or (is_own and self.can("upload"))
        return granted and self.may("read", bucket, key)

    def can(self, act: Act) -> bool:
        """Whether there is any folder in which the person may do this."""
        granted = {act for grant in self.grants for act in grant.can}
        uploads = "upload" in granted and self.own is not None
        return uploads if act == "upload" else act in granted or (act == "read" and uploads)

    @property
    def reads_everything(self) -> bool:
        """Whether no file is hidden from the person."""
        return any("read" in grant.can and not grant.folders for grant in self.grants)

    @property
    def readable(self) -> list[str]:
        """The folders that the person may read, their own among them; none if it is all."""
        if self.reads_everything:
            return []
        return sorted(self._granted | ({self.own.folder} if self.own is not None and self.can("upload") else set()))

    def prefixes(self, bucket: str) -> list[str]:
        """The prefixes of all keys of a bucket that the person may read, in the order of keys, none within another.

        In each form that a key may be written in but mixtures; the one empty prefix is the whole bucket.
        """
        if self.reads_everything:
            return [""]
        found = {spelling for folder in self._granted for spelling in spellings_of(folder)}
        if self.own is not None and self.own.bucket == bucket and self.can("upload"):
            found.add(self.own.folder)
        return outermost(found)

    @property
    def _granted(self) -> set[str]:
        return {folder for grant in self.grants if "read" in grant.can for folder in grant.folders}


EVERYTHING = Rights(grants=(Grant(group=EVERYONE, can=ACTS),))
"""For who does not act for a person: operators."""


def outermost(prefixes: Collection[str]) -> list[str]:
    """Those that begin with no other, in the order of keys."""
    return sorted(one for one in prefixes if not any(one != other and one.startswith(other) for other in prefixes))


def rights_of(grants: Iterable[Grant], groups: Iterable[str], own: Own | None) -> Rights:
    """The rights of a person in these groups. A group that no grant names grants nothing."""
    members = {*groups, EVERYONE}
    return Rights(grants=tuple(grant for grant in grants if grant.group in members), own=own)


def grants_of(shipped: object) -> tuple[Grant, ...]:
    """Decode the grants that were shipped with a function.

    Raises InvalidGrantsError: a function that does not know who may do what must fail.
    """
    try:
        grants: Any = shipped  # anything else than what as_json wrote raises below
        return tuple(
            Grant(**{**grant, "can": tuple(grant["can"]), "folders": tuple(grant["folders"])}) for grant in grants
        )
    except (TypeError, KeyError) as error:
        raise InvalidGrantsError(
            f"the grants shipped with this function cannot be read: {error!r}; run: pulumi up"
        ) from error


def _covers(grant: Grant, key: str, *, is_own: bool) -> bool:
    if not grant.folders or (is_own and "upload" in grant.can):
        return True
    return any(starts(key, folder) for folder in grant.folders)
