"""Settings as users write them after --set and `set`, and as the program reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from local.emulator.aws import DEFAULT_REGION
from local.emulator.errors import LocalError

PROJECT = "file-notifications"
REGION_KEY = "aws:region"
NEWCOMER = {"emails": json.dumps(["you@example.com"])}
"""The default, so that a first try needs no settings."""


AWS_ONLY = {
    "signIn": "the emulator has no identity provider of a company; here people sign in with accounts of the pool",
    "webDomain": "it takes a certificate and a DNS record; here the page is at the address that is printed",
}
"""Settings that the emulator cannot play, with the reason."""


class SettingError(LocalError):
    """A setting is not written as key=value, or is not for a local stack; the text says what is."""


def parse(pairs: Iterable[str]) -> dict[str, str]:
    """`key=value` pairs as a mapping. A value stays as written: Pulumi stores text, lists and objects as JSON.

    Raises SettingError.
    """
    settings: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise SettingError(f"{pair!r} has no '='; write --set key=value, such as:\n  --set mode=advanced")
        settings[checked(key)] = value
    return settings


def checked(key: str) -> str:
    """The key without this project's name. Raises SettingError for another namespace, which would not be read."""
    key = key.strip().removeprefix(f"{PROJECT}:")
    if not key or (":" in key and key != REGION_KEY):
        raise SettingError(f"{key!r} is not read locally; use a setting of the program, or {REGION_KEY}")
    return key


def region(settings: Mapping[str, str]) -> str:
    """The region to deploy to. Raises SettingError."""
    name = settings.get(REGION_KEY, DEFAULT_REGION)
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}", name):
        raise SettingError(
            f"{REGION_KEY} is {name!r}; use the name of a region:\n  --set {REGION_KEY}={DEFAULT_REGION}"
        )
    return name


def with_defaults(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings, with a recipient if they name none."""
    named = "emails" in settings or "rules" in settings
    return dict(settings) if named else {**NEWCOMER, **settings}


def changed(settings: Mapping[str, str], wanted: Mapping[str, str | None]) -> dict[str, str]:
    """A running stack's settings with some of them changed, or left out: None. Raises SettingError."""
    change = {checked(key): value for key, value in wanted.items()}
    if unknown := sorted(key for key, value in change.items() if value is None and key not in settings):
        raise SettingError(f"{', '.join(unknown)} is not set; these settings are: {', '.join(sorted(settings))}")
    result = with_defaults({key: value for key, value in {**settings, **change}.items() if value is not None})
    if region(result) != region(settings):
        raise SettingError("a running stack cannot move to another region; stop it and start one there")
    return result


def config(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings as Pulumi hands them to the program: by full key. Raises SettingError for one of AWS_ONLY."""
    for key in AWS_ONLY.keys() & settings.keys():
        if settings[key] not in ("", "{}"):
            raise SettingError(f"{key} is not for a local stack: {AWS_ONLY[key]}")
    return {key if ":" in key else f"{PROJECT}:{key}": value for key, value in settings.items()}
