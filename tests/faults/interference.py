"""What befalls the requests of the functions: each is known by its step in the publishing of one event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from domain.events import FileEvent
from tests.advanced.stand_ins import Clock, Crash

Step = Literal["claim", "count", "publish", "mark", "release", "receive", "delete", "keep", "look", "show"]
Accident = Literal["unreachable", "unanswered", "crash before", "crash after", "slow", "stalled"]
"""Besides these, an error's code: AWS refuses the request with it, and does nothing.

What is stalled is sent as it is."""

SLOW_SECONDS = 4.0  # within the functions' read timeout of 5 s


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, after the SDK's own attempts, for event number `event` in Lambda's attempt number `attempt`."""

    step: Step
    event: int
    attempt: int
    now: float
    number: int
    """How many requests were sent before."""


_STEPS: dict[str, Step] = {
    "ReceiveMessage": "receive",
    "DeleteMessageBatch": "delete",
    "SendMessage": "keep",
    "GetObject": "look",
    "ChangeMessageVisibilityBatch": "show",
}

Befalls = Callable[[Call], "Accident | str | None"]


def nothing(_: Call) -> None:
    """No accident."""


@dataclass
class Interference:
    """Watches clients. `invoked` says which attempt begins, and with which time limit."""

    clock: Clock
    befalls: Befalls = nothing
    accidents: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    """The number of each event's file, by the file's id."""
    _attempt: int = 1
    _deadline: float = float("inf")
    _event: int = 0
    _publishing: str = ""
    _sent: int = 0
    _accident: str | None = None

    def expects(self, events: Mapping[int, FileEvent]) -> None:
        self.numbers = {event.file_id: number for number, event in events.items()}

    def invoked(self, attempt: int, deadline: float) -> None:
        self._attempt, self._deadline, self._publishing = attempt, deadline, ""

    def watch(self, client: BaseClient) -> None:
        service = client.meta.service_model.service_name
        client.meta.events.register(f"provide-client-params.{service}", self._named)
        client.meta.events.register(f"before-call.{service}", self._before)
        client.meta.events.register(f"after-call.{service}", self._after)

    def _named(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        """Which step the request is, by its form and by what came before it."""
        self._step = self._step_of(model.name, params)

    def _step_of(self, operation: str, params: Mapping[str, Any]) -> Step:
        if operation == "Publish":
            self._publishing = "publish"
            return "publish"
        if operation in ("GetItem", "UpdateItem"):
            return self._write(params)
        return _STEPS[operation]

    def _write(self, params: Mapping[str, Any]) -> Step:
        item = params["Key"]["id"]["S"]
        if item not in self.numbers:
            return "count"
        is_read = "UpdateExpression" not in params  # of the same file again, if its message came twice in a row
        if is_read or self.numbers[item] != self._event or self._publishing != "publish":
            self._event = self.numbers[item]
            self._publishing = "claim"
            return "claim"
        return "release" if params["UpdateExpression"].startswith("REMOVE") else "mark"

    def _before(self, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        call = Call(step=self._step, event=self._event, attempt=self._attempt, now=self.clock(), number=self._sent)
        self._sent += 1
        self._accident = self.befalls(call)
        if self._accident is None:
            return None
        self.accidents += 1
        if self._accident == "slow":
            self.clock.advance(SLOW_SECONDS)
            return self._timed_out(call) if self.clock() > self._deadline else None
        if self._accident == "crash before":
            raise Crash
        if self._accident == "unreachable":
            raise EndpointConnectionError(endpoint_url="https://aws")
        if self._accident in ("unanswered", "crash after", "stalled"):
            return None
        refusal = {"Error": {"Code": self._accident, "Message": "as planned"}, "ResponseMetadata": {}}
        return AWSResponse("", 400, {}, None), refusal

    def _timed_out(self, call: Call) -> None:
        """Lambda ends the function, whether or not AWS has the request by then."""
        if call.number % 2:
            raise Crash
        self._accident = "crash after"

    def _after(self, **_: Any) -> None:
        accident, self._accident = self._accident, None
        if accident == "crash after":
            raise Crash
        if accident == "unanswered":
            raise ReadTimeoutError(endpoint_url="https://aws")
