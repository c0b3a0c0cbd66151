"""Pages of FilterLogEvents.

AWS: a log that is too long for one answer is returned in pages, by nextToken.
ministack 1.5.33: ends after ten thousand lines, and returns no token: the newest lines are never returned.
Unnecessary when: ministack's FilterLogEvents returns a nextToken.
Private names: cloudwatch_logs._filter_log_events.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ministack.services import cloudwatch_logs  # type: ignore[import-untyped]

from local.emulator.patches import require

MOST = 10_000  # AWS: the most lines in one answer


def apply() -> None:
    """Patch the running process. Raises MovedError."""
    require(cloudwatch_logs, _filter_log_events="data")
    original = cloudwatch_logs._filter_log_events

    def filter_log_events(data: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
        asked = {**data, "limit": MOST}
        known = 0
        if "nextToken" in data:
            asked["startTime"], known = map(int, asked.pop("nextToken").split("-"))
        status, headers, body = original(asked)
        if status != HTTPStatus.OK:
            return status, headers, body
        answer = json.loads(body)
        events, until = answer["events"], known + min(data.get("limit", MOST), MOST)
        answer["events"] = events[known:until]
        if answer["events"] and (len(events) > until or len(events) == MOST):
            last = answer["events"][-1]["timestamp"]
            # Lines of one millisecond are in the same order each time.
            returned = sum(event["timestamp"] == last for event in events[:until])
            answer["nextToken"] = f"{last}-{returned}"
        return status, headers, json.dumps(answer, ensure_ascii=False).encode()

    cloudwatch_logs._filter_log_events = filter_log_events
