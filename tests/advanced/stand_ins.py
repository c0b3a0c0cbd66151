"""Stand-ins for the clock and for SNS, and accidents of AWS clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import ReadTimeoutError

from domain.notifications import Notification

START = datetime(2040, 5, 20, 10, 0, tzinfo=UTC).timestamp()  # to come: the emulator removes what has expired by now

Accident = Literal["throttled", "unanswered", "crash before", "crash after"]


class Crash(BaseException):
    """The function ends here: no handler of ours runs any more."""


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Recorder:
    """Records notifications instead of publishing them; `refusals` are raised instead, by the name of a rule."""

    notifications: list[Notification] = field(default_factory=list)
    refusals: dict[str, BaseException] = field(default_factory=dict)

    def __call__(self, notification: Notification) -> None:
        for name in notification.attributes.get("deliver", ()):
            if name in self.refusals:
                raise self.refusals[name]
        self.notifications.append(notification)

    @property
    def only(self) -> Notification:
        (notification,) = self.notifications
        return notification

    @property
    def delivered(self) -> list[tuple[str, ...]]:
        """For each notification, the rules whose people it notifies at once."""
        return [tuple(notification.attributes["deliver"]) for notification in self.notifications]


class Accidents:
    """Accidents of a client's next calls, by their number: 0 is the next one.

    Throttled calls were not carried out, unanswered ones were; a crash comes before or after the call.
    """

    def __init__(self, client: BaseClient, plan: Mapping[int, Accident] | None = None, code: str = "") -> None:
        self.plan: Mapping[int, Accident] = plan or {}
        self.code = code or "ThrottlingException"
        self.calls = 0
        self.happened: list[Accident] = []
        service = client.meta.service_model.service_name
        client.meta.events.register(f"before-call.{service}", self._before)
        client.meta.events.register(f"after-call.{service}", self._after)

    def _before(self, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        accident = self.plan.get(self.calls)
        if accident == "crash before":
            self.calls += 1
            self.happened.append(accident)
            raise Crash
        if accident == "throttled":
            self.happened.append(accident)
            refusal = {"Error": {"Code": self.code, "Message": "as planned"}, "ResponseMetadata": {}}
            return AWSResponse("", 400, {}, None), refusal
        return None

    def _after(self, **_: Any) -> None:
        accident = self.plan.get(self.calls)
        self.calls += 1
        if accident == "crash after":
            self.happened.append(accident)
            raise Crash
        if accident == "unanswered":
            self.happened.append(accident)
            raise ReadTimeoutError(endpoint_url="http://aws")
