"""Lambda entry point: posts what waits in the chat queue to the channels of its rules, and alarms to theirs.

Environment: CHANNELS (the parameter of each channel's webhook), ALARM_CHANNELS, QUEUE_URL. The rules are in rules.json,
beside the code.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.rules import RULES_FILE, Rule, rules_of
from domain.topology import CHANNELS_VARIABLE
from handlers.data.chat_queue import CHANNEL_ATTRIBUTE, SINCE_ATTRIBUTE, ChatQueue
from handlers.data.web import Web
from handlers.data.webhooks import Webhooks
from handlers.logic.chat_messages import Envelope, chat_message, envelope_in
from handlers.logic.poster import NotPostedError, Poster, PutOffError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

RULES = Path(__file__).parents[1] / RULES_FILE

RETRY_SECONDS = (15, 60, 240, 600, 900, 900, 900)
"""Until a failed message is received again, by how often it has been received: for an hour in all."""

_CLIENT = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})

MOST_PUT_OFF_SECONDS = 3600
"""A message that waits longer, untried, for a service that is down counts as failed each time that it is received."""

logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Only the messages that failed stay in the queue, each until its time has come."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    retries: dict[str, float] = {}

    def post(record: SQSRecord) -> None:
        receives = int(record.attributes.approximate_receive_count)
        least = RETRY_SECONDS[min(receives, len(RETRY_SECONDS)) - 1]
        retries[record.receipt_handle] = least
        try:
            _post(record, lambda: context.get_remaining_time_in_millis() / 1000, least)
        except NotPostedError as failure:
            retries[record.receipt_handle] = max(least, failure.wait)
            raise
        except Exception:
            logger.exception("error", message_id=record.message_id)
            raise
        del retries[record.receipt_handle]

    batch = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    try:
        return process_partial_response(event=event, record_handler=post, processor=batch, context=context)
    finally:
        _web().close()
        _retry_later(retries)


def _post(record: SQSRecord, seconds_left: Callable[[], float], least: float) -> None:
    """Post one message to each of its channels. Those of several that missed it get copies of their own.

    A message that was not even tried is put off by a copy: it has not failed. Raises NotPostedError if it has, for its
    only channel, or was put off for too long.
    """
    envelope = envelope_in(record.body)
    channels = _channels(record, envelope)
    if not channels:  # its rule or its channel was taken out of the settings since
        logger.info("unmatched", rules=envelope.rules, file_id=envelope.file_id)
    for channel, rules in channels.items():
        try:
            _poster().send(channel, chat_message(envelope, rules), seconds_left)
        except PutOffError as later:
            since = _put_off_since(record)
            if time.time() - since > MOST_PUT_OFF_SECONDS:
                raise
            _queue().send_copy(record.body, channel, delay=later.wait, since=since)
        except NotPostedError as failure:
            logger.warning("not posted", channel=channel, file_id=envelope.file_id, reason=str(failure))
            if len(channels) == 1:
                raise
            _queue().send_copy(record.body, channel, delay=max(least, failure.wait))
        else:
            logger.info("posted", channel=channel, file_id=envelope.file_id, rules=rules)
    _delete(record)


def _put_off_since(record: SQSRecord) -> int:
    since = record.message_attributes[SINCE_ATTRIBUTE]
    return int(str(since.string_value)) if since is not None else int(time.time())


def _delete(record: SQSRecord) -> None:
    """At once: if the function ends before its batch does, only what it was about to do is done again."""
    try:
        _queue().delete(record.receipt_handle)
    except (ClientError, BotoCoreError):  # Lambda deletes it with its batch
        logger.exception("not deleted", message_id=record.message_id)


def _channels(record: SQSRecord, envelope: Envelope) -> dict[str, list[str]]:
    """The channels that get a message, each with the rules that name it; of a copy, the one that missed it."""
    found: dict[str, list[str]] = {}
    if envelope.is_alarm:
        found = {channel: [] for channel in json.loads(os.environ["ALARM_CHANNELS"])}
    for rule in _rules():
        for channel in rule.channels if rule.name in envelope.rules else ():
            found.setdefault(channel, []).append(rule.name)
    only = record.message_attributes[CHANNEL_ATTRIBUTE]
    if only is None:
        return found
    return {name: rules for name, rules in found.items() if name == only.string_value}


def _retry_later(retries: dict[str, float]) -> None:
    if not retries:
        return
    try:
        refused = _queue().retry(retries)
    except (ClientError, BotoCoreError):  # nothing is lost: they are received again after the visibility timeout
        logger.exception("retry not set", messages=len(retries))
    else:
        if refused:
            logger.error("retry not set", reasons=refused)


@cache
def _rules() -> tuple[Rule, ...]:
    return rules_of(json.loads(RULES.read_text()))


@cache
def _poster() -> Poster:
    ssm = boto3.client("ssm", config=_CLIENT)
    webhooks = Webhooks(client=ssm, parameters=json.loads(os.environ[CHANNELS_VARIABLE]))
    return Poster(webhooks=webhooks, post=_web().post)


@cache
def _web() -> Web:
    return Web()


@cache
def _queue() -> ChatQueue:
    return ChatQueue(client=boto3.client("sqs", config=_CLIENT), url=os.environ["QUEUE_URL"])
