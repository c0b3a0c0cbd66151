"""Chat channels as people write them in config: each problem with the command that fixes it, none with a URL in it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass

import pulumi

from components.config_reader import ConfigReader, decoded
from components.reader import Problem, nearest, remove, set_to
from domain.channels import MOST, NAME, SERVICES, ChannelError, Webhook, parse_webhook
from domain.recipients import CHANNEL

KEY = "channels"
ALARM_KEY = "alarmChannels"

_EXAMPLE = SERVICES["slack"].example


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A chat channel that rules and alarms may name, and the secret webhook that posts to it."""

    name: str
    webhook: Webhook


def read_channels(reader: ConfigReader, *, is_secret: bool) -> tuple[tuple[Channel, ...], frozenset[str]]:
    """The channels in the order of their names, and the names of those too that are wrong, which the reader notes.

    `is_secret` says whether anything in the map is stored encrypted: Pulumi knows no more than that.
    """
    text = reader.value(KEY)
    if text is None:
        return (), frozenset()
    value = decoded(text)
    channels, problems = parse_channels(value)
    if channels and not is_secret:
        what = f"{KEY} is not secret: its URLs are in plain in the stack's file, and anyone who reads one can post"
        problems.append(Problem(what, set_secret(f"{KEY}.{channels[0].name}", "URL")))
    reader.problems += problems
    return channels, frozenset(map(str, value)) if isinstance(value, Mapping) else frozenset()


def parse_channels(value: object) -> tuple[tuple[Channel, ...], list[Problem]]:
    """Read a map of names to URLs. Returns the channels that could be read, and every problem found."""
    if not isinstance(value, Mapping):  # the value may be a URL: it is not repeated
        fix = f"{remove(KEY)} && {set_secret(f'{KEY}.alerts', _EXAMPLE)}"
        return (), [Problem(f"{KEY} is not a map of names to URLs", fix)]
    problems: list[Problem] = []
    channels: dict[str, Channel] = {}
    if len(value) > MOST:
        what = f"{KEY} has {len(value)} channels; the chat function reads the URLs of {MOST}"
        problems.append(Problem(what, remove(_path(max(map(str, value))))))
    for name, url in value.items():
        path = _path(str(name))
        if not isinstance(name, str) or not NAME.fullmatch(name):
            what = f"{KEY} has the name {name!r}; use 1 to 40 letters, digits, dashes or underscores"
            problems.append(Problem(what, remove(path)))
        elif name.lower() in channels:
            what = f"{KEY} has both {channels[name.lower()].name!r} and {name!r}; names differ in more than case"
            problems.append(Problem(what, remove(path)))
        else:
            try:
                channels[name.lower()] = Channel(name=name, webhook=parse_webhook(url))
            except ChannelError as error:
                problems.append(Problem(f"{path} {error}", set_secret(path, _EXAMPLE)))
    return tuple(sorted(channels.values(), key=lambda channel: channel.name)), problems


def read_alarm_channels(reader: ConfigReader, channels: Collection[str]) -> tuple[str, ...]:
    """The names of the channels that receive alarms, in alphabetical order. `channels` are those that exist."""
    names: set[str] = set()
    for index, value in enumerate(reader.items(ALARM_KEY, "alerts")):
        path = f"{ALARM_KEY}[{index}]"
        name = value.removeprefix(CHANNEL) if isinstance(value, str) else value
        if isinstance(name, str) and name in channels:
            names.add(name)
        else:
            reader.problems.append(unknown_channel(path, value, channels, example="{}"))
    return tuple(sorted(names))


def unknown_channel(path: str, value: object, channels: Collection[str], *, example: str = f"{CHANNEL}{{}}") -> Problem:
    """The problem of a setting that names a channel which `channels` does not have."""
    name = str(value).removeprefix(CHANNEL)
    known = f"; use {_listed(channels)}, or set it" if channels else "; set it first"
    what = f"{path} is {value!r}, which {KEY} does not have{known}"
    if meant := nearest(name, channels, ""):
        return Problem(what, set_to(path, example.format(meant)))
    return Problem(what, set_secret(_path(name if NAME.fullmatch(name) else "alerts"), _EXAMPLE))


def warn_of_unused(channels: Iterable[Channel], used: Container[Channel]) -> None:
    """A warning for each channel that neither a rule nor the alarms name."""
    for channel in channels:
        if channel not in used:
            pulumi.warn(f"{KEY} has {channel.name}, which no rule's `to` and not {ALARM_KEY} names")


def set_secret(path: str, value: str) -> str:
    """The command that sets a secret: in the stack's file it is encrypted."""
    return f"pulumi config set --secret --path {shlex.quote(path)} {shlex.quote(value)}"


def _path(name: str) -> str:
    return f"{KEY}.{name}" if NAME.fullmatch(name) else f"{KEY}[{json.dumps(name)}]"


def _listed(names: Collection[str]) -> str:
    return f"one of {', '.join(sorted(names))}"
