"""The whole program, deployed onto a local AWS emulator that enforces IAM, over TLS; and people who use it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import boto3
import httpx
from botocore import UNSIGNED
from botocore.config import Config

from local import people, settings
from local.emulator.server import Emulator
from local.stack import Stack, running
from tests.e2e.stack import logged, wait_until

PASSWORD = "Correct-horse-9"
EVERYONE = "everyone@example.com"
THEIRS = "bucket-of-another-team"
RULES = [
    {"name": "alpha", "prefix": "digests/", "to": ["alpha@example.com"], "delivery": "digest"},
    {"name": "beta", "prefix": "digests/", "to": ["beta@example.com"], "delivery": "digest"},
    {"name": "expected", "prefix": "never/", "to": ["alpha@example.com"], "expect": {"by": "06:00"}},
    {"name": "gamma", "prefix": "findings/", "events": ["broken"], "to": ["gamma@example.com"]},
    {"name": "chat", "prefix": "chat/", "to": ["channel:alerts"]},
]
_DENIALS = ("AccessDenied", "AuthorizationError", "not authorized")

_numbers = count(1)


@dataclass
class Enforced:
    """A running stack. Its own `aws` is the account's root, which no policy holds back; functions have their roles."""

    stack: Stack
    http: httpx.Client
    token: str

    @property
    def outputs(self) -> Mapping[str, Any]:
        return self.stack.outputs

    @property
    def aws(self) -> Any:
        return self.stack.aws

    @property
    def bucket(self) -> str:
        return str(self.outputs["bucketName"])

    def unique(self, folder: str = "incoming") -> str:
        """A key that nobody else uses."""
        return f"{folder}/permission-{next(_numbers):03}.txt"

    def client(self, service: str, **credentials: str) -> Any:
        """A client with other credentials: with these credentials, or unsigned without any."""
        signing: dict[str, Any] = {} if credentials else {"signature_version": UNSIGNED}
        return boto3.session.Session(region_name=self.aws.region).client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.aws.endpoint,
            verify=str(self.aws.certificate),
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **signing),
            **credentials,
        )

    def as_root(self, service: str) -> Any:
        return self.client(service, aws_access_key_id="test", aws_secret_access_key="test")

    def as_role(self, part: str, service: str) -> Any:
        """A client that may do what the role with this in its name may."""
        credentials = self.as_root("sts").assume_role(RoleArn=self.role(part)["Arn"], RoleSessionName="trial")[
            "Credentials"
        ]
        return self.client(
            service,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    def role(self, part: str) -> dict[str, Any]:
        (found,) = [one for one in self.aws.iam.list_roles()["Roles"] if f"-{part}-" in one["RoleName"]]
        return dict(found)

    def call(self, method: str, path: str, *, token: str | None = None, **options: Any) -> httpx.Response:
        """One request of the API, in Maria's name unless another token, or none, is given."""
        shown = self.token if token is None else token
        headers = {"Authorization": f"Bearer {shown}"} if shown else {}
        return self.http.request(method, f"{self.outputs['apiUrl']}{path}", headers=headers, **options)

    def form(self, name: str) -> dict[str, Any]:
        answer = self.call("POST", "/uploads", json={"name": name, "size": 5, "contentType": "text/plain"})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def send(self, form: Mapping[str, Any], **changed: str) -> httpx.Response:
        fields = {**form["fields"], **changed}
        return self.http.post(form["url"], data=fields, files={"file": ("file", b"hello", "text/plain")})

    def invoke(self, output: str, event: object) -> Any:
        """A function's answer, or its error."""
        name = self.outputs[output] if output in self.outputs else self._function(output)
        answer = self.aws.lambda_.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        return json.loads(answer["Payload"].read() or b"null")

    def _function(self, part: str) -> str:
        names = [one["FunctionName"] for one in self.aws.lambda_.list_functions()["Functions"]]
        (found,) = [name for name in names if f"-{part}-" in name]
        return str(found)

    def refused(self, part: str, about: str) -> list[str]:
        """The lines of a function's log that report a refused action, of those invocations that were about this.

        What an earlier exercise left under way is retried beside them, and refused something else.
        """
        requests = {entry["request_id"] for entry in logged(self.aws, part, about)}
        lines = [json.dumps(entry) for request in sorted(requests) for entry in logged(self.aws, part, request)]
        return [line for line in lines if any(word in line for word in _DENIALS)]

    def denials(self, part: str) -> int:
        """How many lines of a function's log report a refused action: for functions that nothing else invokes."""
        return len(self.denied(part))

    def denied(self, part: str) -> list[str]:
        logs = self.aws.logs
        (group,) = [
            one["logGroupName"]
            for one in logs.describe_log_groups()["logGroups"]
            if f"-{part}-logs-" in one["logGroupName"]
        ]
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        lines = [event["message"] for page in pages for event in page["events"]]
        return [line for line in lines if any(word in line for word in _DENIALS)]

    def processed(self, file_id: str, status: str = "processed") -> dict[str, Any]:
        """The item, once it has this status."""
        table = self.outputs["tableName"]

        def look() -> dict[str, Any] | None:
            item = self.aws.dynamodb.get_item(TableName=table, Key={"id": {"S": file_id}}).get("Item", {})
            return item if item.get("status", {}).get("S") == status else None

        return dict(wait_until(look, f"{file_id} is not {status}") or {})


def switch_off_schedules(aws: Any) -> None:
    """Nothing but an exercise sends a digest."""
    for listed in aws.scheduler.list_schedules()["Schedules"]:
        schedule = aws.scheduler.get_schedule(Name=listed["Name"])
        names = ("Name", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target")
        aws.scheduler.update_schedule(**{name: schedule[name] for name in names if name in schedule}, State="DISABLED")


@contextmanager
def enforced() -> Iterator[Enforced]:
    """The stack in mode advanced with all that the emulator has, and Maria signed in."""
    wanted = {
        "mode": "advanced",
        "protectData": "false",
        "mailsPerMinute": "300",
        "scan": "on",
        "existingBuckets": json.dumps([THEIRS]),
        "emails": json.dumps([EVERYONE]),
        "rules": json.dumps(RULES),
        "channels": json.dumps({"alerts": "https://hooks.slack.com/services/T0/B0/any"}),
    }
    emulator = Emulator(0, enforce_iam=True)
    with ExitStack() as ending:
        stack = ending.enter_context(
            running(settings.with_defaults(wanted), emulator=emulator, ready_file=None, buckets=[THEIRS])
        )
        switch_off_schedules(stack.aws)
        trusted = ssl.create_default_context(cafile=emulator.certificate)
        http = ending.enter_context(httpx.Client(timeout=30, verify=trusted, trust_env=False))
        people.add_person(stack.aws, stack.outputs["userPoolId"], "maria", PASSWORD, ["admins"])
        tokens = people.sign_in(http, people.Client.of_page(stack.outputs), "maria", PASSWORD)
        yield Enforced(stack, http, tokens.access)
