"""A Lambda function with its log group and role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.dead_letter_queue import DeadLetterQueue
from components.handlers_layer import ARCHITECTURE, RUNTIME, HandlersLayer
from components.packaging import handlers_archive
from components.roles import function_role, role_policy
from components.statements import Allow

RETRIES = 2  # Lambda: the most for an asynchronous event, after one and two more minutes
OLDEST_EVENT_SECONDS = 6 * 3600  # Lambda: the longest that a throttled event may wait


@dataclass(frozen=True, kw_only=True)
class FunctionDefaults:
    """What all functions of a region have in common."""

    layer: HandlersLayer
    log_retention_days: int


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """What a function runs, with which rights.

    `handler` is the entry as Lambda names it, `package.module.function`; its module is the service in metrics and logs.
    `environment` are variables beside those of the metrics, `files` texts that are put beside the code, by name.
    `allow` is all that the role may do but logging. `failed_events` receives an asynchronous event, whole, after its
    last attempt. `role` is one that had to be made before the function; by default the function has one of its own.
    """

    handler: str
    description: str
    defaults: FunctionDefaults
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    allow: Sequence[Allow] = ()
    failed_events: DeadLetterQueue | None = None
    role: aws.iam.Role | None = None
    timeout_seconds: int = 30
    memory_megabytes: int = 256


class HandlerFunction(pulumi.ComponentResource):
    """A Lambda function out of handlers/, its log group and its role.

    Makes: log group, role unless one is given, role policy, function; with `failed_events` the on-failure destination.
    Guarantees: the log group exists before the first line is logged and keeps its retention; the role may write to that
    group and do what `allow` says, nothing else.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    invoke_arn: pulumi.Output[str]
    """As API Gateway names the function."""
    log_group_name: pulumi.Output[str]
    ready: list[pulumi.Resource]
    """What a caller has to depend on whose events the function keeps when it fails at them."""

    def __init__(self, name: str, args: FunctionArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:HandlerFunction", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        days = args.defaults.log_retention_days
        logs = aws.cloudwatch.LogGroup(f"{name}-logs", retention_in_days=days, opts=child)
        role = args.role or function_role(f"{name}-role", parent=self)
        log = Allow(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[pulumi.Output.concat(logs.arn, ":*")]
        )
        send_failures = [args.failed_events.allow_send()] if args.failed_events else []
        permissions = role_policy(f"{name}-policy", role, [log, *args.allow, *send_failures], parent=self)
        function = aws.lambda_.Function(
            f"{name}-function",
            description=args.description,
            handler=args.handler,
            code=handlers_archive(args.files, bytecode=args.defaults.layer.bytecode),
            layers=[args.defaults.layer.arn],
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
            # So whatever needs the function's name or ARN waits for its permissions as well. Lambda checks that the
            # role may read a queue, or send failures, before it accepts a mapping or a destination.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permissions]),
        )
        self.name, self.arn, self.invoke_arn = function.name, function.arn, function.invoke_arn
        self.log_group_name = logs.name
        self.ready = []
        if args.failed_events is not None:
            self.ready.append(
                aws.lambda_.FunctionEventInvokeConfig(
                    f"{name}-on-failure",
                    function_name=self.name,
                    maximum_retry_attempts=RETRIES,
                    maximum_event_age_in_seconds=OLDEST_EVENT_SECONDS,
                    destination_config={"on_failure": {"destination": args.failed_events.arn}},
                    opts=child,
                )
            )
        self.register_outputs({"name": self.name})
