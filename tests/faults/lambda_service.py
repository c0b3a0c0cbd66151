"""Lambda around notify: three attempts over three minutes, then the failed-events queue.

Time passes as the events say: nothing here waits.
"""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from types import SimpleNamespace
from typing import Any

from components.handler_function import RETRIES
from tests.advanced.stand_ins import Clock, Crash
from tests.faults.interference import Interference

TIMEOUT_SECONDS = 30
SECONDS_BETWEEN = (60, 120)  # Lambda: before the first and the second retry of an asynchronous event

Handler = Callable[[dict[str, Any], Any], object]
Keep = Callable[[Mapping[str, Any]], object]


@dataclass
class LambdaService:
    """Runs `handler`; `keep` is the on-failure destination and gets Lambda's own record."""

    handler: Handler
    keep: Keep
    clock: Clock
    interference: Interference
    _due: list[tuple[float, int, int, dict[str, Any]]] = field(default_factory=list)
    _order: Any = field(default_factory=count)

    def schedule(self, event: dict[str, Any], *, at: float) -> None:
        heappush(self._due, (at, next(self._order), 1, event))

    def run(self) -> None:
        """Until every event has succeeded or is in the failed-events queue."""
        while self._due:
            at, _, attempt, event = heappop(self._due)
            self.clock.now = max(self.clock.now, at)
            reason = self._attempt(event, attempt)
            if reason and attempt <= RETRIES:
                again = self.clock.now + SECONDS_BETWEEN[attempt - 1]
                heappush(self._due, (again, next(self._order), attempt + 1, event))
            elif reason:
                self.keep(
                    {
                        "version": "1.0",
                        "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": attempt},
                        "requestPayload": event,
                        "responsePayload": {"errorMessage": reason},
                    }
                )

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:  # noqa: ARG002, N803
        """As boto3's: for those who want to wait for the answer."""
        reason = self._attempt(json.loads(Payload), 1)
        if reason:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps({"errorMessage": reason}).encode())}
        return {"Payload": io.BytesIO(b"null")}

    def _attempt(self, event: dict[str, Any], attempt: int) -> str:
        """Why it failed; empty if it did not."""
        deadline = self.clock() + TIMEOUT_SECONDS
        self.interference.invoked(attempt, deadline)
        context = SimpleNamespace(
            aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            get_remaining_time_in_millis=lambda: max(0, int((deadline - self.clock()) * 1000)),
        )
        try:
            self.handler(event, context)
        except Crash:
            return "the function ended"
        except Exception as error:  # noqa: BLE001 - whatever a function raises, Lambda takes for a failure
            return "".join(traceback.format_exception_only(error)).strip()
        return ""
