"""One Lambda function out of handlers/, with all it needs to run and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.dead_letter_queue import DeadLetterQueue
from components.handlers_layer import ARCHITECTURE, RUNTIME, HandlersLayer
from components.packaging import handlers_archive
from components.statements import ASSUMED_BY_LAMBDA, Allow, policy

RETRIES = 2  # Lambda: the most for an asynchronous event, after one and two more minutes
OLDEST_EVENT_SECONDS = 6 * 3600  # Lambda: the longest that a throttled event may wait


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """`handler` as Lambda names it; `files` are texts put beside the code; `allow` is the role's whole policy.

    `failed_events` is where an asynchronous event goes, whole, after its last attempt.
    """

    handler: str
    description: str
    layer: HandlersLayer
    log_retention_days: int
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    allow: Sequence[Allow] = ()
    failed_events: DeadLetterQueue | None = None
    timeout_seconds: int = 30
    memory_megabytes: int = 256


class HandlerFunction(pulumi.ComponentResource):
    """A function, its log group and its role.

    Makes: log group, role, role policy, function; with `failed_events` also the on-failure destination.
    Guarantees: the log group is there before the first line is logged and keeps its retention; the role may write to
    that group and do what `allow` says, nothing else.
    """

    function: aws.lambda_.Function
    function_name: pulumi.Output[str]
    arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    ready: list[pulumi.Resource]
    """What a caller has to depend on: before that, the function would run without its permissions."""

    def __init__(self, name: str, args: FunctionArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:HandlerFunction", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        logs = aws.cloudwatch.LogGroup(f"{name}-logs", retention_in_days=args.log_retention_days, opts=child)
        role = aws.iam.Role(f"{name}-role", assume_role_policy=pulumi.Output.json_dumps(ASSUMED_BY_LAMBDA), opts=child)
        allow = [
            Allow(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[pulumi.Output.concat(logs.arn, ":*")]
            ),
            *args.allow,
        ]
        if args.failed_events is not None:
            allow.append(args.failed_events.allow_send())
        permissions = aws.iam.RolePolicy(
            f"{name}-policy", role=role.name, policy=policy(*(one.statement() for one in allow)), opts=child
        )
        self.function = aws.lambda_.Function(
            f"{name}-function",
            description=args.description,
            handler=args.handler,
            code=handlers_archive(args.files, bytecode=args.layer.bytecode),
            layers=[args.layer.arn],
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            role=role.arn,
            timeout=args.timeout_seconds,
            memory_size=args.memory_megabytes,
            environment={
                "variables": {
                    # Namespace and service are the only dimensions: few series, and two stacks stay apart.
                    "POWERTOOLS_METRICS_NAMESPACE": f"{pulumi.get_project()}/{pulumi.get_stack()}",
                    "POWERTOOLS_SERVICE_NAME": args.handler.split(".")[1],
                    **args.environment,
                }
            },
            logging_config={"log_format": "Text", "log_group": logs.name},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permissions]),
        )
        self.function_name, self.arn, self.log_group_name = self.function.name, self.function.arn, logs.name
        self.ready = [permissions]
        if args.failed_events is not None:
            self.ready.append(
                aws.lambda_.FunctionEventInvokeConfig(
                    f"{name}-on-failure",
                    function_name=self.function_name,
                    maximum_retry_attempts=RETRIES,
                    maximum_event_age_in_seconds=OLDEST_EVENT_SECONDS,
                    destination_config={"on_failure": {"destination": args.failed_events.arn}},
                    # Lambda checks that the role may send before it accepts the destination.
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[permissions]),
                )
            )
        self.register_outputs({"function_name": self.function_name})
