"""Invokes notify with an event, or the function that looks whether expected files have arrived."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ops.stack import Stack

NO_REASON = "it gave no reason"


def invoke_notify(stack: Stack, event: Mapping[str, Any]) -> str:
    """Invoke notify and wait for its answer. Returns why it failed; empty if it succeeded. Raises ClientError."""
    return _invoke(stack, stack["notifyFunctionName"], event)


def invoke_watcher(stack: Stack, event: Mapping[str, Any]) -> str:
    """The same for the expect function, which only the primary region has."""
    return _invoke(stack.whole, stack.whole["expectFunctionName"], event)


def _invoke(stack: Stack, function: str, event: Mapping[str, Any]) -> str:
    lambda_ = stack.aws.lambda_
    try:
        answer: Any = lambda_.invoke(FunctionName=function, InvocationType="RequestResponse", Payload=_payload(event))
    except lambda_.exceptions.TooManyRequestsException as refused:
        return f"Lambda throttles it: {refused.response['Error']['Message']}"
    payload: Any = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        return _reason(payload)
    if isinstance(payload, Mapping) and payload.get("batchItemFailures"):
        return "a part of the event failed"
    return ""


def queue_for_notify(stack: Stack, event: Mapping[str, Any]) -> None:
    """Invoke notify asynchronously: Lambda tries three times, then sends the event to the failed-events queue.

    Raises ClientError if Lambda does not accept it.
    """
    stack.aws.lambda_.invoke(FunctionName=stack["notifyFunctionName"], InvocationType="Event", Payload=_payload(event))


def _payload(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event).encode()


def _reason(payload: Any) -> str:
    """The message of a function's error, without its traceback."""
    text = str(payload.get("errorMessage", payload)) if isinstance(payload, Mapping) else str(payload or "")
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else NO_REASON
