"""Resource types that the emulator knows. A new one is an entry of KINDS in its service's module."""

from __future__ import annotations

from local.emulator.resources import (
    apigateway,
    cloudfront,
    cloudwatch,
    cognito,
    dynamodb,
    eventbridge,
    guardduty,
    iam,
    lambda_,
    s3,
    scheduler,
    sns,
    sqs,
    ssm,
)
from local.emulator.resources.kind import Kind

TABLE: dict[str, Kind] = {
    kind.pulumi_type: kind
    for module in (
        apigateway,
        cloudfront,
        cloudwatch,
        cognito,
        dynamodb,
        eventbridge,
        guardduty,
        iam,
        lambda_,
        s3,
        scheduler,
        sns,
        sqs,
        ssm,
    )
    for kind in module.KINDS
}
"""Every resource type by its Pulumi token; a program that uses another one is refused before anything is created."""
