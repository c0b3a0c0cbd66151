"""Who may do what through the page and the API, as people write it in config."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from components.reader import ItemReader, Problem, is_list, nearest, remove, set_to
from domain.access import ACTS, Act, Grant, outermost
from domain.events import LONGEST_TEXT, may_be_in_a_key

KEY = "access"

# Cognito takes more characters; commas, brackets and spaces would be lost where API Gateway joins a person's groups.
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html
_GROUP = re.compile(r"[\w.:@+=-]{1,128}")


def parse_access(items: Sequence[Any]) -> tuple[tuple[Grant, ...], list[Problem]]:
    """Read grants as people write them, {group, can, folders?}. Returns those without problems, and every problem.

    Names of groups that differ only in case are taken for one.
    """
    problems: list[Problem] = []
    grants: list[Grant] = []
    taken: dict[str, str] = {}
    for index, item in enumerate(items):
        path = f"{KEY}[{index}]"
        if not isinstance(item, Mapping):
            what = f"{path} is {item!r}; an entry is an object with group and can"
            problems.append(Problem(what, remove(path)))
            continue
        reader = _GrantReader(item, path, taken)
        grant = reader.grant()
        problems += reader.problems
        grants += [] if reader.problems else [grant]
    return tuple(grants), problems


class _GrantReader(ItemReader):
    """Reads one entry. `taken` are the groups of those before it, in lower case, with where they are named."""

    def __init__(self, item: Mapping[str, Any], path: str, taken: dict[str, str]) -> None:
        super().__init__(item, path)
        self._taken = taken

    def grant(self) -> Grant:
        """The grant, which is complete if there are no problems."""
        grant = Grant(group=self.group(), can=self.can(), folders=self.folders())
        self.refuse_unknown("a setting of an entry of access")
        return grant

    def group(self) -> str:
        group, path = self.value("group"), self.path("group")
        if not isinstance(group, str) or not _GROUP.fullmatch(group):
            expected = "use 1 to 128 letters, digits and . _ - : @ + ="
            if isinstance(group, int) and not isinstance(group, bool):  # YAML takes 2026 for a number
                self.wrong(path, group, f"quote it: {expected}", f"{group} --type string")
            else:
                self.wrong(path, group, expected, "editors")
            return ""
        if (earlier := self._taken.get(group.lower())) is not None:
            what = f"{path} is {group!r}, which {earlier} names already; a group has one entry"
            self.problems.append(Problem(what, remove(self._path)))
        self._taken.setdefault(group.lower(), self._path)
        return group

    def can(self) -> tuple[Act, ...]:
        """The acts, in the order in which they are always named."""
        value, path = self.value("can"), self.path("can")
        if not is_list(value) or not value:
            self.wrong_list(path, value, f"use a list of {', '.join(ACTS)}", "read")
            return ()
        for index, act in enumerate(value):
            if act not in ACTS:
                self.wrong(f"{path}[{index}]", act, f"use one of {', '.join(ACTS)}", nearest(act, ACTS, "read"))
        acts = tuple(act for act in ACTS if act in value)
        if {"delete", "reprocess"} & set(acts) and "read" not in acts:
            what = f"{path} is {', '.join(acts)} without read: what one may not read, one may not change"
            self.problems.append(Problem(what, set_to(f"{path}[{len(value)}]", "read")))
        return acts

    def folders(self) -> tuple[str, ...]:
        """The folders with a slash behind them, in alphabetical order, none within another."""
        value, path = self.value("folders"), self.path("folders")
        if value is None:
            return ()
        if not is_list(value):
            self.wrong_list(path, value, "use a list of folders", "invoices/")
            return ()
        if not value:
            self.problems.append(Problem(f"{path} is empty; leave it out for all folders", remove(path)))
        folders = {folder for index, item in enumerate(value) if (folder := self._folder(f"{path}[{index}]", item))}
        return tuple(outermost(folders))

    def _folder(self, path: str, value: object) -> str:
        """One folder; empty if it is none."""
        expected, example = f"use the name of a folder, of less than {LONGEST_TEXT} bytes", "invoices/"
        if isinstance(value, str) and value.rstrip("/"):
            folder = f"{value.rstrip('/')}/"
            if may_be_in_a_key(folder):
                return folder
        if isinstance(value, int) and not isinstance(value, bool):
            expected, example = f"quote it: {expected}", f"{value}/"
        if isinstance(value, str) and not value.strip("/"):
            expected = "use the name of a folder; for all folders leave out the list"
        self.wrong(path, value if not isinstance(value, str) else value[:80], expected, example)
        return ""
