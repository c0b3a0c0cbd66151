"""Checks the chat channels: that their queue is read, their webhooks are there, and their services accept messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from domain.topology import CHANNELS_VARIABLE
from ops.doctor.advanced import READING
from ops.doctor.finding import Finding
from ops.reading.activity import as_json, log_lines
from ops.reading.deployed import Deployed
from ops.words import ago

LOOK_BACK = timedelta(hours=3)
_OUTCOMES = ("posted", "not posted")


def mapping(deployed: Deployed) -> Iterator[Finding]:
    """The chat queue is read by its function."""
    stack, chat = deployed.stack, deployed.chat
    if stack.get("chatFunctionName") is None:
        return
    if chat is None:
        yield Finding(
            id="function-missing-chat",
            what=f"The chat function {stack['chatFunctionName']} does not exist.",
            means="No chat channel is notified. Messages stay in the chat queue for 14 days.",
            fix=stack.repair_command,
        )
        return
    if not deployed.chat_queue:  # reported by the check of the queues
        return
    states = [mapping["State"] for mapping in deployed.mappings(deployed.chat_queue)]
    if not any(state in READING for state in states):
        yield Finding(
            id="mapping-chat",
            what=f"The chat function does not read the chat queue: its mapping is {', '.join(states) or 'gone'}.",
            means="No chat channel is notified. Messages stay in the chat queue for 14 days.",
            fix=stack.repair_command,
        )


def webhooks(deployed: Deployed) -> Iterator[Finding]:
    """Every channel has its webhook in the parameter store. The URL itself is not read: it is a secret."""
    if deployed.chat is None:
        return
    parameters: dict[str, str] = json.loads(deployed.chat.environment.get(CHANNELS_VARIABLE, "{}"))
    found = deployed.stack.aws.ssm.get_parameters(Names=list(parameters.values()), WithDecryption=False)
    missing = set(found.get("InvalidParameters", ()))
    for channel, name in parameters.items():
        if name in missing:
            yield Finding(
                id="webhook-missing",
                what=f"The parameter {name} does not exist: channel {channel} has no webhook.",
                means="It is not notified. After an hour its messages are in chat-dead-letters.",
                fix=deployed.stack.repair_command,
            )


def posted(deployed: Deployed, file_id: str, channel: str, began: datetime) -> bool | None:
    """True if the chat function has logged since then that a channel has the message about a file; else None."""
    since = began - timedelta(minutes=2)  # clocks differ
    if deployed.chat is None:
        return None
    lines = log_lines(deployed.stack.aws.logs, deployed.chat.log_group, since=since, containing=file_id)
    entries = [as_json(line) for _, line in lines]
    return (
        True if any((entry.get("message"), entry.get("channel")) == ("posted", channel) for entry in entries) else None
    )


def accepted(deployed: Deployed) -> Iterator[Finding]:
    """Each channel's service accepted the latest message."""
    chat = deployed.chat
    if chat is None:
        return
    now = datetime.now(UTC)
    latest: dict[str, tuple[datetime, str]] = {}
    for at, line in log_lines(deployed.stack.aws.logs, chat.log_group, since=now - LOOK_BACK, containing="posted"):
        entry = as_json(line)
        channel = entry.get("channel")
        if entry.get("message") in _OUTCOMES and isinstance(channel, str) and at >= latest.get(channel, (at, ""))[0]:
            latest[channel] = (at, str(entry.get("reason", "")) if entry["message"] == "not posted" else "")
    for channel, (at, reason) in sorted(latest.items()):
        if reason:
            yield Finding(
                id="channel-failing",
                what=f"Channel {channel} did not take the latest message, {ago(at, now)}: {reason}.",
                means="It is tried again for an hour, then the message is in chat-dead-letters. If the webhook was "
                "removed or changed, set the new one: docs/how-to/notify-a-chat-channel.md",
                fix=f"pulumi config set --secret --path channels.{channel} && pulumi up",
            )
