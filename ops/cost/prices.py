"""List prices of us-east-1 in US dollars, before the free tier, each with its source.

AWS's price pages fill in most rates by a script, from AWS's public price list. The numbers were compared with stored
copies of that list and of the pages, never with the live ones. Where us-east-1's own entry was not seen, `caveat` says
what was.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """AWS's price page, the day of the newest copy that shows the numbers, and what could not be verified."""

    page: str
    day: str
    caveat: str = ""


@dataclass(frozen=True, kw_only=True)
class Price:
    """`dollars` for `per` units of `unit`. `free` units a month cost nothing, once per account, as `free_unit` says."""

    dollars: float
    per: int
    unit: str
    source: Source
    free: int = 0
    free_unit: str = ""

    def of(self, units: float) -> float:
        """Dollars for so many units, without the free tier."""
        return units * self.dollars / self.per

    @property
    def free_text(self) -> str:
        """`1,000 mails`; empty if nothing is free."""
        return f"{self.free:,} {self.free_unit or self.unit}" if self.free else ""

    def __str__(self) -> str:
        per = {1: "", 100_000: "100,000 ", 1_000_000: "1 M "}[self.per]
        whole, _, cents = f"{self.dollars:.10f}".rstrip("0").partition(".")
        return f"${whole}.{cents:0<2} / {per}{self.unit}"


_MILLION = 1_000_000
_SNS = Source("https://aws.amazon.com/sns/pricing/", "2026-10-08")
_SQS = Source("https://aws.amazon.com/sqs/pricing/", "2026-10-08")
_S3 = Source("https://aws.amazon.com/s3/pricing/", "2026-10-08")
_DYNAMODB = Source("https://aws.amazon.com/dynamodb/pricing/on-demand/", "2026-10-04")
_LAMBDA = Source(
    "https://aws.amazon.com/lambda/pricing/", "2026-09-11", "arm64 as listed for eu-central-1; us-east-1 not verified"
)
_CLOUDWATCH = Source(
    "https://aws.amazon.com/cloudwatch/pricing/",
    "2026-09-29",
    "metrics as listed for us-west-1; us-east-1 not verified",
)
_EVENTBRIDGE = Source(
    "https://aws.amazon.com/eventbridge/pricing/",
    "2026-11-29",
    "pages differ on whether events of AWS services to the default bus are free: the higher is assumed, not verified",
)

_GUARDDUTY = Source(
    "https://aws.amazon.com/guardduty/pricing/",
    "2026-11-29",
    "from memory, of us-east-1 since February 2025; no copy of the page with these numbers was seen: not verified",
)

EVENT = Price(dollars=1.00, per=_MILLION, unit="events", source=_EVENTBRIDGE)
EMAIL = Price(dollars=2.00, per=100_000, unit="mails", source=_SNS, free=1000)
PUBLISH = Price(dollars=0.50, per=_MILLION, unit="publishes", source=_SNS, free=_MILLION)
WEBHOOK = Price(dollars=0.60, per=_MILLION, unit="deliveries", source=_SNS, free=100_000)
QUEUE_REQUEST = Price(dollars=0.40, per=_MILLION, unit="requests", source=_SQS, free=_MILLION, free_unit="SQS requests")
INVOCATION = Price(dollars=0.20, per=_MILLION, unit="invocations", source=_LAMBDA, free=_MILLION)
COMPUTE = Price(dollars=0.0000133334, per=1, unit="GB-s", source=_LAMBDA, free=400_000)
WRITE = Price(dollars=0.625, per=_MILLION, unit="writes", source=_DYNAMODB)
READ = Price(dollars=0.125, per=_MILLION, unit="reads", source=_DYNAMODB)
LOGS = Price(dollars=0.50, per=1, unit="GB", source=_CLOUDWATCH, free=5, free_unit="GB of logs")
ALARM = Price(dollars=0.10, per=1, unit="alarm metric", source=_CLOUDWATCH, free=10, free_unit="alarm metrics")
METRIC = Price(dollars=0.30, per=1, unit="metric", source=_CLOUDWATCH, free=10, free_unit="metrics")
DASHBOARD = Price(dollars=3.00, per=1, unit="dashboard", source=_CLOUDWATCH, free=3, free_unit="dashboards")
SCANNED_FILE = Price(dollars=215.00, per=_MILLION, unit="files", source=_GUARDDUTY, free=1000, free_unit="scans")
SCANNED_DATA = Price(dollars=0.09, per=1, unit="GB", source=_GUARDDUTY, free=1, free_unit="GB scanned")
OBJECT_TAGGED = Price(dollars=5.00, per=_MILLION, unit="tagging requests", source=_S3)
LISTING = Price(dollars=5.00, per=_MILLION, unit="lists", source=_S3)
OBJECT_READ = Price(dollars=0.40, per=_MILLION, unit="requests", source=_S3)
