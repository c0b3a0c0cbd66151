"""EventBridge's events of S3 in AWS's form, and what becomes of events that a rule cannot deliver to a function.

AWS: an event says which version it is about, sequencers have 16 small digits, a deletion has no size; a rule invokes a
function asynchronously, so Lambda retries; a function that is gone, or that the rule may not invoke, sends the event
straight to the target's dead-letter queue with the reason.
ministack 1.5.33: leaves out versions, writes S3's own sequencers and 0 for none, invokes once, asks for no permission,
and has no dead-letter queues for rules. Neither has it lifecycle: nothing expires.
Unnecessary when: ministack writes the documented events, invokes functions as for Lambda's own queue, checks
permissions, and honours DeadLetterConfig.
Private names: s3._fire_s3_event; eventbridge._dispatch_event, _invoke_target, _pattern_event_view, _dispatch_to_sqs;
lambda_svc._get_func_record_for_ref, _execution_record_for_config, invoke_async_with_retry; sqs._queue_by_arn.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import contextvars
import json
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ministack.core.arn import parse_arn  # type: ignore[import-untyped]
from ministack.services import eventbridge, lambda_svc, s3, sqs  # type: ignore[import-untyped]

from local.emulator.patches import require

NO_PERMISSIONS, RESOURCE_GONE = "NO_PERMISSIONS", "RESOURCE_NOT_FOUND"

# S3 fires an event and EventBridge gets it in the same call; what is lost on the way is passed on here.
_fired: contextvars.ContextVar[Mapping[str, Any] | None] = contextvars.ContextVar("fired", default=None)


def documented(detail: Mapping[str, Any], fired: Mapping[str, Any]) -> dict[str, Any]:
    """An event's detail in the documented form: `fired` is what S3 said of the event.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    item = dict(detail["object"])
    if fired.get("version_id"):
        item["version-id"] = fired["version_id"]
    if fired.get("sequencer"):
        item["sequencer"] = f"{int(fired['sequencer'], 16):016x}"
    else:
        item.pop("sequencer", None)
    if "deletion-type" in detail:
        item.pop("size", None)
        if detail["deletion-type"] == "Permanently Deleted":
            item.pop("etag", None)
    return {**detail, "object": item}


def is_refused(policy: Mapping[str, Any], rule_arn: str) -> bool:
    """Whether a function's policy does not let EventBridge invoke it for a rule."""
    for statement in policy.get("Statement", []):
        source = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", "*")
        if statement.get("Principal") == {"Service": "events.amazonaws.com"} and fnmatchcase(rule_arn, source):
            return False
    return True


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(s3, _fire_s3_event="")
    require(
        eventbridge,
        _dispatch_event="event view",
        _invoke_target="target event rule view",
        _pattern_event_view="event",
        _dispatch_to_sqs="spec payload sqs_parameters",
    )
    require(
        lambda_svc, _get_func_record_for_ref="", _execution_record_for_config="", invoke_async_with_retry="func event"
    )
    require(sqs, _queue_by_arn="")
    s3._fire_s3_event = _remembered(s3._fire_s3_event)
    eventbridge._dispatch_event = _in_documented_form(eventbridge._dispatch_event)
    eventbridge._invoke_target = _to_functions(eventbridge._invoke_target)


def _remembered(fire: Callable[..., None]) -> Callable[..., None]:
    def fire_remembered(*arguments: Any, **options: Any) -> None:
        before = _fired.set(options)
        try:
            fire(*arguments, **options)
        finally:
            _fired.reset(before)

    return fire_remembered


def _in_documented_form(dispatch: Callable[..., None]) -> Callable[..., None]:
    def dispatch_documented(event: dict[str, Any], view: Any = None) -> None:
        fired = _fired.get()
        if event.get("Source") == "aws.s3" and fired is not None:
            event = {**event, "Detail": json.dumps(documented(json.loads(event["Detail"]), fired))}
        dispatch(event, view)

    return dispatch_documented


def _to_functions(invoke: Callable[..., None]) -> Callable[..., None]:
    def invoke_target(
        target: Mapping[str, Any], event: Mapping[str, Any], rule: Mapping[str, Any], view: Any = None
    ) -> None:
        # Scheduler comes by here too, without a view; it invokes by a role, and needs no permission of the function.
        is_a_rules_function = ":lambda:" in target["Arn"] and event.get("Source") != "aws.scheduler"
        if not is_a_rules_function or {"Input", "InputPath", "InputTransformer"} & set(target):
            invoke(target, event, rule, view)
            return
        payload = (view or eventbridge._pattern_event_view(event)).event_with_detail()
        function, config, _ = lambda_svc._get_func_record_for_ref(target["Arn"])
        if not function or not config:
            _give_up(target, rule, payload, RESOURCE_GONE)
        elif is_refused(function.get("policy", {}), rule["Arn"]):
            _give_up(target, rule, payload, NO_PERMISSIONS)
        else:
            lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), payload)

    return invoke_target


def _give_up(target: Mapping[str, Any], rule: Mapping[str, Any], payload: object, reason: str) -> None:
    """Send an event to the target's dead-letter queue. Without one it is dropped, as on AWS."""
    queue_arn = target.get("DeadLetterConfig", {}).get("Arn")
    if not queue_arn:
        return
    queue = sqs._queue_by_arn(queue_arn)
    eventbridge._dispatch_to_sqs(parse_arn(queue_arn), json.dumps(payload))
    attributes = {"RULE_ARN": rule["Arn"], "TARGET_ARN": target["Arn"], "ERROR_CODE": reason}
    queue["messages"][-1]["message_attributes"] = {
        name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
    }
