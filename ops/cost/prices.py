"""List prices of us-east-1 in US dollars, without any free tier, each with where and when it was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """`dollars` for `per` units of `unit`. `read` is the date of the source."""

    dollars: float
    per: int
    unit: str
    source: str
    read: str

    def of(self, units: float) -> float:
        return units * self.dollars / self.per

    def __str__(self) -> str:
        per = {1: "", 100_000: "100,000 ", 1_000_000: "1 M "}[self.per]
        return f"${self.dollars:.10f}".rstrip("0").ljust(len("$0.00"), "0") + f" / {per}{self.unit}"


_MILLION = 1_000_000
_SNS = ("https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/", "2026-06")
_SQS = ("https://cloudburn.io/blog/amazon-sqs-pricing", "2026-03")
_LAMBDA = ("https://cloudchipr.com/blog/aws-lambda-pricing", "2024")
_DYNAMODB = ("https://airbyte.com/data-engineering-resources/dynamodb-pricing", "2025-07")
_CLOUDWATCH = ("https://cloudburn.io/blog/amazon-cloudwatch-pricing", "2026-02")
_S3 = ("AWS's list price, not looked up again: https://aws.amazon.com/s3/pricing/", "2026-11")

EMAIL = Price(2.00, 100_000, "mails", *_SNS)
PUBLISH = Price(0.50, _MILLION, "publishes", *_SNS)
WEBHOOK = Price(0.60, _MILLION, "deliveries", *_SNS)
QUEUE_REQUEST = Price(0.40, _MILLION, "requests", *_SQS)
INVOCATION = Price(0.20, _MILLION, "invocations", *_LAMBDA)
COMPUTE = Price(0.0000133334, 1, "GB-s", *_LAMBDA)
WRITE = Price(0.625, _MILLION, "writes", *_DYNAMODB)
READ = Price(0.125, _MILLION, "reads", *_DYNAMODB)
LOGS = Price(0.50, 1, "GB", *_CLOUDWATCH)
ALARM = Price(0.10, 1, "alarm metric", *_CLOUDWATCH)
METRIC = Price(0.30, 1, "metric", *_CLOUDWATCH)
DASHBOARD = Price(3.00, 1, "dashboard", *_CLOUDWATCH)
OBJECT_READ = Price(0.40, _MILLION, "requests", *_S3)
