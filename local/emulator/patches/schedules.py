"""EventBridge Scheduler's cron schedules in their time zones, with the time that was meant in what they send.

AWS: a cron expression is read in the schedule's time zone; a time that does not exist is left out, and of two that are
alike there is one invocation. `<aws.scheduler.scheduled-time>` in the input is replaced. A function is invoked
asynchronously, so Lambda retries; what cannot be invoked goes to the target's dead-letter queue.
ministack 1.5.33: reads every cron expression in UTC, sends the input as it is, and has no dead-letter queues here.
Still unlike AWS: which role a schedule invokes by makes no difference, and a missing function is not tried again.
Unnecessary when: ministack honours ScheduleExpressionTimezone, context attributes, and DeadLetterConfig.
Private names: scheduler._schedules, _schedule_last_fired, _tick_schedules, set_request_account_id, set_request_region;
eventbridge._parse_cron_fields, _cron_next_fire, _dispatch_to_sqs; lambda_svc._get_func_record_for_ref,
_execution_record_for_config, invoke_async_with_retry.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ministack.core.arn import parse_arn  # type: ignore[import-untyped]
from ministack.services import eventbridge, lambda_svc, scheduler  # type: ignore[import-untyped]

from local.emulator.patches import require

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
MINUTE = timedelta(minutes=1)
LONGEST_STANDSTILL = timedelta(hours=1)  # what was due before is not made up for

_seen: dict[Any, datetime] = {}
"""Up to when each schedule was looked at."""


def due(expression: str, zone: str, *, after: datetime, until: datetime) -> Iterator[datetime]:
    """The minutes in which a cron schedule invokes, later than `after` and not later than `until`."""
    fields = eventbridge._parse_cron_fields(expression)
    minute = max(after, until - LONGEST_STANDSTILL).replace(second=0, microsecond=0) + MINUTE
    while fields is not None and minute <= until:
        local = minute.astimezone(ZoneInfo(zone))
        clock = local.replace(tzinfo=UTC)  # the expression knows clocks, and no zones
        if local.fold == 0 and eventbridge._cron_next_fire(fields, clock - MINUTE) == clock:
            yield minute
        minute += MINUTE


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(scheduler, _schedules="", _schedule_last_fired="", _tick_schedules="")
    require(scheduler, set_request_account_id="", set_request_region="")
    require(eventbridge, _parse_cron_fields="expr", _cron_next_fire="fields after_dt")
    require(eventbridge, _dispatch_to_sqs="spec payload sqs_parameters")
    require(
        lambda_svc, _get_func_record_for_ref="", _execution_record_for_config="", invoke_async_with_retry="func event"
    )
    scheduler._tick_schedules = _with_zones(scheduler._tick_schedules)


def _with_zones(tick: Callable[[], None]) -> Callable[[], None]:
    def tick_in_zones() -> None:
        now = datetime.fromtimestamp(time.time(), UTC)
        for key, schedule in list(scheduler._schedules._data.items()):
            if not schedule.get("ScheduleExpression", "").startswith("cron"):
                continue
            scheduler._schedule_last_fired[key] = now.timestamp()  # so that ministack itself finds nothing due
            after, _seen[key] = _seen.get(key, now), now
            if schedule.get("State") != "ENABLED":
                continue
            zone = schedule.get("ScheduleExpressionTimezone", "UTC")
            for minute in due(schedule["ScheduleExpression"], zone, after=after, until=now):
                account, region, _ = key
                scheduler.set_request_account_id(account)
                scheduler.set_request_region(region)
                _invoke(schedule, minute)
        tick()

    return tick_in_zones


def _invoke(schedule: Mapping[str, Any], minute: datetime) -> None:
    target = schedule["Target"]
    text = target.get("Input", "{}").replace(SCHEDULED_TIME, f"{minute:%Y-%m-%dT%H:%M:%SZ}")
    function, config, _ = lambda_svc._get_func_record_for_ref(target["Arn"])
    if function and config:
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(text))
    elif queue := target.get("DeadLetterConfig", {}).get("Arn"):
        eventbridge._dispatch_to_sqs(parse_arn(queue), text)
