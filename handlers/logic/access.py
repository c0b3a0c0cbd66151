"""Rights of the person of a request, and what is said to someone who may not do what they ask for.

What a person may not read is unknown to them, in the same words as what does not exist. What they may read and not
change is refused with the groups whose members may.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from domain.access import EVERYONE, Act, Grant, Own, Rights, rights_of
from domain.wording import enumerated
from handlers.logic.person import Person
from handlers.logic.uploads import person_prefix


class ForbiddenError(PermissionError):
    """None of the person's groups may do this. The text says what, and whose groups may."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """The grants of a stack. `bucket` is the one that people upload to, if there is one."""

    grants: Sequence[Grant]
    bucket: str | None

    def rights(self, person: Person) -> Rights:
        own = Own(bucket=self.bucket, folder=f"{person_prefix(person.name)}/") if self.bucket else None
        return rights_of(self.grants, person.groups, own)

    def require_reading(self, person: Person) -> Rights:
        """The rights of a person who may read some files. Raises ForbiddenError if it is none."""
        rights = self.rights(person)
        if not rights.can("read"):
            raise ForbiddenError(f"You may not see files here. {self._who_may('read', person, self.grants)}")
        return rights

    def require_uploading(self, person: Person) -> None:
        """Raises ForbiddenError. Where there is nowhere to upload to, that is another matter."""
        if self.bucket and not self.rights(person).can("upload"):
            raise ForbiddenError(f"You may not upload files. {self._who_may('upload', person, self.grants)}")

    def require(self, act: Act, person: Person, bucket: str, key: str) -> None:
        """Raises ForbiddenError for an act on a file that the person may read."""
        if not self.rights(person).may(act, bucket, key):
            able = [grant for grant in self.grants if rights_of([grant], [grant.group], None).may(act, bucket, key)]
            raise ForbiddenError(f"You may see this file, but not {act} it. {self._who_may(act, person, able)}")

    def _who_may(self, act: Act, person: Person, grants: Sequence[Grant]) -> str:
        groups = sorted({grant.group for grant in grants if act in grant.can} - {EVERYONE})
        if not groups:
            return "No group may."
        return (
            f"Members of {enumerated(groups, 'or')} may: an administrator can add you with "
            f"python -m ops users groups {shlex.quote(person.name)} --group {groups[0]}"
        )
