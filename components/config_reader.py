"""The stack's config as values: the CLI passes text, which is JSON where it is a list."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components.reader import Problem, Reader, nearest, remove, set_to
from components.regions import REGIONS, partition_of
from domain.addresses import RecipientError, parse_recipient

# CloudWatch Logs accepts these and no others (PutRetentionPolicy).
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip


class ConfigReader(Reader):
    """Reads the keys of one namespace of the stack's config."""

    def __init__(self, config: pulumi.Config) -> None:
        def text(key: str) -> str | None:
            value = config.get(key)
            return None if value is None else str(value)

        super().__init__(text)
        self._prefix = f"{config.name}:"

    def number(self, key: str, default: int, least: int, most: int) -> int:
        value = self.value(key)
        if value is None:
            return default
        if re.fullmatch(r"[0-9]{1,9}", value) and least <= int(value) <= most:
            return int(value)
        self.wrong(key, value, f"use a whole number from {least} to {most}", str(default))
        return default

    def text(self, key: str, pattern: str, expected: str, example: str) -> str:
        """Text that matches a pattern as a whole; empty if nothing is set."""
        value = self.value(key)
        if not value or re.fullmatch(pattern, value):
            return value or ""
        self.wrong(key, value, expected, example)
        return ""

    def retention(self, key: str, default: int) -> int:
        """One of LOG_RETENTION_DAYS."""
        value = self.value(key)
        if value is None:
            return default
        days = int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None
        if days in LOG_RETENTION_DAYS:
            return days
        example = min(LOG_RETENTION_DAYS, key=lambda accepted: abs(accepted - (default if days is None else days)))
        self.wrong(key, value, f"CloudWatch accepts {', '.join(map(str, LOG_RETENTION_DAYS))}", str(example))
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.value(key)
        if value is None or value in ("true", "false"):
            return default if value is None else bool(value == "true")
        self.wrong(key, value, "use true or false", str(default).lower())
        return default

    def fields(self, key: str, at: str, example: str) -> dict[str, Any]:
        """An object, which is JSON text; empty if nothing is set. `example` is a value of what lies `at` a path in it.

        What is set instead is not shown: a secret may be in it.
        """
        text = self.value(key)
        if not text:
            return {}
        value = decoded(text)
        if isinstance(value, dict):
            return value
        fix = f"{remove(key)} && {set_to(at, example)}"
        self.problems.append(Problem(f"{key} is no object; it takes names with values, such as {at}", fix))
        return {}

    def items(self, key: str, example: str, *, at: str = "") -> list[Any]:
        """A list, which is JSON text. `example` is the value of a first item, or of what lies `at` another path."""
        text = self.value(key)
        if text is None:
            return []
        value = decoded(text)
        if isinstance(value, list):
            return value
        fix = set_to(at or f"{key}[0]", example)
        if isinstance(value, dict):  # a text is replaced by the list, an object is not
            fix = f"{remove(key)} && {fix}"
        self.problems.append(Problem(f"{key} is {value!r}; it takes a list", fix))
        return []

    def addresses(self, key: str) -> tuple[str, ...]:
        """Email addresses in alphabetical order: the one in which they are written means nothing."""
        found: set[str] = set()
        for index, value in enumerate(self.items(key, "you@example.com")):
            try:
                recipient = parse_recipient(value)
            except RecipientError:
                recipient = None
            if recipient is not None and recipient.protocol == "email":
                found.add(recipient.address)
            else:
                self.wrong(f"{key}[{index}]", value, "use an email address", "you@example.com")
        return tuple(sorted(found))

    def origins(self, key: str) -> tuple[str, ...]:
        """Origins of web pages in the order in which they are written: API Gateway's refusals name the first.

        Browsers send them in small letters and without the scheme's own port (https://url.spec.whatwg.org/#host-parsing).
        """
        found: dict[str, None] = {}
        example = "https://files.example.com"
        for index, value in enumerate(self.items(key, example)):
            if isinstance(value, str) and re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", value):
                found[_as_sent(value)] = None
            else:
                expected = "use an origin: scheme and host, no path, no wildcard"
                self.wrong(f"{key}[{index}]", value, expected, example)
        return tuple(found)

    def regions(self, key: str, primary: Callable[[], str]) -> tuple[str, ...]:
        """Regions beside the primary one in alphabetical order; `primary` is called only if there are any."""
        example = "ap-southeast-1"
        values = self.items(key, example)
        here = primary() if values else ""
        found: set[str] = set()
        for index, value in enumerate(values):
            path = f"{key}[{index}]"
            if value not in REGIONS:
                self.wrong(path, value, "use the name of an AWS region", nearest(value, REGIONS, example))
            elif refusal := _refused(value, here, f"which {key} has already" if value in values[:index] else ""):
                self.problems.append(Problem(f"{path} is {value!r}, {refusal}", remove(path)))
            else:
                found.add(value)
        return tuple(sorted(found))

    def unread_keys(self) -> None:
        """Note every key of the namespace that is like one that was read; Pulumi ignores typos.

        Others get a warning: an environment (Pulumi ESC) that several stacks share may hold keys of other programs.
        """
        given = [key.removeprefix(self._prefix) for key in _all_config() if key.startswith(self._prefix)]
        for key in self.unknown_keys(given, "a setting"):
            names = ", ".join(sorted(self.known))
            pulumi.warn(f"{key} is not a setting and is ignored; there are {names}. To take it out: {remove(key)}")


def decoded(text: str) -> Any:
    """What JSON text holds; text that is none as it is."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _as_sent(origin: str) -> str:
    scheme, _, host = origin.lower().partition("://")
    return f"{scheme}://{host.removesuffix({'https': ':443', 'http': ':80'}[scheme])}"


def _refused(region: str, primary: str, repeated: str) -> str:
    """Why a region cannot be beside the primary one; empty if it can."""
    if repeated or region == primary:
        return repeated or "the region that the stack itself is in"
    there, here = partition_of(region), partition_of(primary)
    if there == here:
        return ""
    return f"in partition {there}; the stack is in {primary}, in partition {here}, and nothing reaches across"


def _all_config() -> Mapping[str, Any]:
    """Every key that the engine and the process were given (the engine's include Pulumi.yaml's defaults)."""
    from pulumi.runtime.config import CONFIG, get_config_env

    return {**get_config_env(), **CONFIG.get()}
