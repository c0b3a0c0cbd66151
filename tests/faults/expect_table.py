"""The faults of expect, in the order of the table."""

from __future__ import annotations

from tests.faults.faults_of_expect import ExpectFault
from tests.faults.faults_of_notify import BASIC_FORGETS, BETWEEN, at_first, every_third_time, throughout

ALL = (
    ExpectFault(
        name="expect: S3 fails",
        happens="no bucket can be listed, until someone fixes it",
        befalls=throughout("InternalError", "look"),
        queued=True,
    ),
    ExpectFault(
        name="expect: S3 throttles",
        happens="a third of the lists is refused",
        befalls=every_third_time("SlowDown", "look"),
    ),
    ExpectFault(
        name="expect: SNS denies",
        happens="no publish is allowed, until someone fixes it",
        befalls=throughout("AuthorizationError", "publish"),
        queued=True,
    ),
    ExpectFault(
        name="expect: SNS's answer is lost",
        happens="every fifth notification is published, but the response is lost",
        befalls=at_first("unanswered", "publish"),
        repeats=BETWEEN,
    ),
    ExpectFault(
        name="expect: DynamoDB throttles",
        happens="a third of the claims is refused",
        befalls=every_third_time("ThrottlingException", "claim"),
    ),
    ExpectFault(
        name="expect: killed before the publish",
        happens="every fifth function ends there",
        befalls=at_first("crash before", "publish"),
    ),
    ExpectFault(
        name="expect: killed before the mark",
        happens="every fifth function ends there",
        befalls=at_first("crash before", "mark"),
        repeats=BETWEEN,
    ),
    ExpectFault(
        name="expect: duplicates",
        happens="EventBridge Scheduler invokes three times for each window",
        invocations=3,
    ),
    ExpectFault(
        name="basic: expect: SNS denies",
        happens="no publish is allowed, until someone fixes it",
        befalls=throughout("AuthorizationError", "publish"),
        advanced=False,
        queued=True,
    ),
    ExpectFault(
        name="basic: expect: duplicates",
        happens="EventBridge Scheduler invokes three times for each window, and one process answers",
        invocations=3,
        advanced=False,
    ),
    ExpectFault(
        name="basic: expect: SNS's answer is lost",
        happens="every fifth notification is published, but the response is lost",
        befalls=at_first("unanswered", "publish"),
        advanced=False,
        repeats=BASIC_FORGETS,
    ),
)
