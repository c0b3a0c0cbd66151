"""The audit log: a log group of CloudWatch, to which one line at a time is written and confirmed."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from domain.audit import AUDIT_STREAM

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


class UnrecordedError(RuntimeError):
    """The audit log did not take a line. Raised, so that the act does not happen."""


@dataclass(frozen=True)
class AuditLog:
    """Writes to one log group, which the program has made; its stream is made with the first line."""

    client: CloudWatchLogsClient
    log_group: str
    clock: Callable[[], float] = time.time

    def write(self, line: str) -> None:
        """Returns when CloudWatch has the line. Raises UnrecordedError if it does not take it."""
        try:
            self._put(line)
        except (ClientError, BotoCoreError) as error:
            raise UnrecordedError(f"the audit log {self.log_group} did not take a line: {error}") from error

    def _put(self, line: str) -> None:
        try:
            self._put_once(line)
        except self.client.exceptions.ResourceNotFoundException:
            with suppress(self.client.exceptions.ResourceAlreadyExistsException):  # another invocation was first
                self.client.create_log_stream(logGroupName=self.log_group, logStreamName=AUDIT_STREAM)
            self._put_once(line)

    def _put_once(self, line: str) -> None:
        answer = self.client.put_log_events(
            logGroupName=self.log_group,
            logStreamName=AUDIT_STREAM,
            logEvents=[{"timestamp": int(self.clock() * 1000), "message": line}],
        )
        # A success with rejected lines: their time is too far from CloudWatch's.
        if rejected := answer.get("rejectedLogEventsInfo"):
            raise UnrecordedError(f"the audit log {self.log_group} rejected a line: {rejected}")
