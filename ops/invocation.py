"""Has notify tell an event now, and says how it went."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ops.stack import Stack

NO_REASON = "it gave no reason"


def tell(stack: Stack, event: Mapping[str, Any]) -> str:
    """Invoke notify and wait for its answer. Returns why it failed; empty if it has told the event."""
    lambda_ = stack.aws.lambda_
    try:
        answer: Any = lambda_.invoke(
            FunctionName=stack["notifyFunctionName"], InvocationType="RequestResponse", Payload=_payload(event)
        )
    except lambda_.exceptions.TooManyRequestsException as refused:
        return f"Lambda does not run it now: {refused.response['Error']['Message']}"
    said: Any = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        return _reason(said)
    if isinstance(said, Mapping) and said.get("batchItemFailures"):
        return "a part of the event failed"
    return ""


def hand_over(stack: Stack, event: Mapping[str, Any]) -> None:
    """Leave the event to Lambda: it tries three times, and then keeps it in the failed-events queue."""
    stack.aws.lambda_.invoke(FunctionName=stack["notifyFunctionName"], InvocationType="Event", Payload=_payload(event))


def _payload(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event).encode()


def _reason(said: Any) -> str:
    """What a function's error says, without its traceback."""
    text = str(said.get("errorMessage", said)) if isinstance(said, Mapping) else str(said or "")
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else NO_REASON
