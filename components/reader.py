"""Reading settings: values by key, and every problem on the way with the command that fixes it."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard, TypeVar

T = TypeVar("T")


class Problem(NamedTuple):
    """What is wrong with a setting, and the command that fixes it."""

    what: str
    fix: str


def set_to(path: str, value: str) -> str:
    """The command that sets what is at a path."""
    return f"pulumi config set {_option(path)} {value}"


def replace_by_list(path: str, first: str) -> str:
    """The command that puts a list with a first item where something else is: the CLI does not do so in one step."""
    return f"{remove(path)} && {set_to(f'{path}[0]', first)}"


def remove(path: str) -> str:
    """The command that removes what is at a path."""
    return f"pulumi config rm {_option(path)}"


_REMOVES_AN_ITEM = re.compile(r"config rm --path '[^']*\[\d+\]'$")


def nearest(value: object, accepted: Iterable[str], default: str) -> str:
    """The accepted value that `value` is most like, or the default if it is like none."""
    return (difflib.get_close_matches(str(value), list(accepted), n=1) or [default])[0]


def shown(value: object) -> str:
    """A value in a message. What is not set, and YAML's null, is missing."""
    return "missing" if value is None else repr(value)


def describe(problems: Iterable[Problem]) -> str:
    """Every problem with the command that fixes it, as the CLI shows it. The commands can be run in this order."""
    found = list(dict.fromkeys(problems))
    # What is removed from a list moves up what is after it: such commands come last, the end of each list first.
    listed = [problem for problem in found if not _REMOVES_AN_ITEM.search(problem.fix)]
    listed += [problem for problem in reversed(found) if _REMOVES_AN_ITEM.search(problem.fix)]
    count = "a problem" if len(listed) == 1 else f"{len(listed)} problems"
    lines = [f"the configuration has {count}:"]
    for problem in listed:
        lines += [f"  {problem.what}", f"    {problem.fix}"]
    return "\n".join(lines)


def _option(path: str) -> str:
    return path if re.fullmatch(r"[A-Za-z]+", path) else f"--path {shlex.quote(path)}"


class Reader:
    """Reads values by key and collects every problem, so that all are reported together.

    `path` is where the keys are: empty for the stack's own settings, `rules[0]` for those of a rule.
    """

    problems: list[Problem]
    known: list[str]
    """Every key that was read, in that order."""
    unreadable: set[str]
    """Where something else is than what is expected: a default stands for it, from which nothing follows."""

    def __init__(self, get: Callable[[str], Any], *, path: str = "") -> None:
        self._get, self._path = get, path
        self.problems, self.known, self.unreadable = [], [], set()

    def value(self, key: str) -> Any:
        """What is set, as it is; None if nothing is."""
        self.known.append(key)
        return self._get(key)

    def path(self, key: str) -> str:
        """Where a key is, as `pulumi config` names it: keys that are no words stand quoted in brackets."""
        if re.fullmatch(r"[A-Za-z0-9_-]+", key):
            return f"{self._path}.{key}" if self._path else key
        quoted = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self._path}["{quoted}"]'

    def wrong(self, path: str, value: object, expected: str, example: str) -> None:
        """Note that the value at `path` is not what is expected; `example` is accepted there."""
        self.problems.append(Problem(f"{path} is {shown(value)}; {expected}", set_to(path, example)))
        self.unreadable.add(path)

    def noted(self, read: tuple[T, list[Problem]]) -> T:
        """What was read by others, whose problems are noted here."""
        value, problems = read
        self.problems += problems
        return value

    def choice(self, key: str, accepted: Sequence[Any], default: Any) -> Any:
        """One of the accepted values."""
        value = self.value(key)
        if value is None or value in accepted:
            return default if value is None else value
        example = nearest(value, accepted, default)
        self.wrong(self.path(key), value, f"use one of {', '.join(accepted)}", example)
        return default

    def unknown_keys(self, given: Iterable[object], kind: str) -> list[str]:
        """Note every given key that was not read and is like a known one: a typo. Returns the others."""
        others: list[str] = []
        for key in map(str, given):
            if key in self.known:
                continue
            if meant := nearest(key, self.known, ""):
                path = self.path(key)
                self.problems.append(Problem(f"{path} is not {kind}; did you mean {meant}?", remove(path)))
            else:
                others.append(key)
        return others


class ItemReader(Reader):
    """Reads the fields of one object: of a rule, of a grant."""

    def __init__(self, item: Mapping[str, Any], path: str) -> None:
        super().__init__(item.get, path=path)
        self._item = item

    def flag(self, key: str) -> bool:
        """True unless false is set."""
        value = self.value(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(self.path(key), value, "use true or false", "true")
        return value is not False

    def wrong_list(self, path: str, value: object, expected: str, example: str) -> None:
        """Note that the value at `path` is not the list that is expected, whose first item `example` could be."""
        fix = set_to(f"{path}[0]", example) if value in (None, []) else replace_by_list(path, example)
        self.problems.append(Problem(f"{path} is {shown(value)}; {expected}", fix))

    def refuse_unknown(self, kind: str) -> None:
        """Note every key that was not read. `kind` is what it is not: `a setting of a rule`."""
        for key in self.unknown_keys(self._item, kind):
            path = self.path(key)
            self.problems.append(Problem(f"{path} is not {kind}; use {', '.join(self.known)}", remove(path)))


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether a value is a list; a text is none."""
    return isinstance(value, Sequence) and not isinstance(value, str)
