"""`cost`, the command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click
from rich.table import Table

from domain.counters import RECEIVED
from ops.command import on_a_stack
from ops.cost.assumptions import assumptions
from ops.cost.model import Line, Plan, after_free_tier, lines
from ops.errors import OpsError
from ops.reading.deployed import Deployed
from ops.screen import Screen
from ops.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef

T = TypeVar("T")

DEFAULT_UPLOADS = 1_000_000
_MEASURED_DAYS = 30
_SHARE = click.FloatRange(0, 1)


class LineDocument(TypedDict):
    """A line of the bill for programs, in dollars without the free tier."""

    name: str
    perMillionUploads: float
    perMonth: float
    unitsPerMonth: float
    freeUnitsPerMonth: int
    price: str
    source: str
    day: str
    caveat: str


@on_a_stack()
@click.option(
    "--uploads-per-month", "uploads", metavar="N", type=click.IntRange(1),
    help=f"Default: those of the last {_MEASURED_DAYS} days, as counted by CloudWatch, or 1,000,000.",
)  # fmt: skip
@click.option(
    "--digests", metavar="SHARE", type=_SHARE,
    help="Share of files (0 to 1) in digests. Default: as if uploads were spread evenly over the month.",
)  # fmt: skip
@click.option(
    "--matched-share", metavar="SHARE", type=_SHARE, default=1.0, show_default=True,
    help="Share of uploads (0 to 1) that a rule matches.",
)  # fmt: skip
def cost(stack: Stack, screen: Screen, uploads: int | None, digests: float | None, matched_share: float) -> int:
    """Estimate what uploads cost with this stack's settings.

    Per million uploads and per month, line by line, with the free tier. Computed from the calls that are made, not read
    from a bill. Every price has its source.
    """
    deployed = Deployed(stack)
    measured = None if uploads else _measured(deployed)
    plan = _plan(deployed, uploads or measured or DEFAULT_UPLOADS, digests, matched_share)
    bill = lines(plan)
    counted = f"the events of the last {_MEASURED_DAYS} days"
    origin = "given" if uploads else counted if measured else "assumed"
    _show(screen, deployed, plan, bill, origin)
    screen.result(
        "cost",
        {
            "stack": deployed.name,
            "currency": "USD",
            "uploadsPerMonth": plan.uploads,
            "uploadsAre": origin,
            "digestShare": plan.digest_share,
            "lines": [_line(line, plan) for line in bill],
            "perMillionUploads": round(sum(line.a_million(plan.uploads) for line in bill), 4),
            "perMonth": round(sum(line.a_month for line in bill), 4),
            "perMonthAfterFreeTier": round(after_free_tier(bill), 4),
            "assumptions": _assumptions(stack, plan),
        },
    )
    return 0


def _plan(deployed: Deployed, uploads: int, digests: float | None, matched_share: float) -> Plan:
    """The settings as deployed. Raises OpsError if a part that has one of them does not exist."""
    stack, notify = deployed.stack, _existing(deployed, deployed.notify, "notify function")
    common = Plan(
        mode=stack.mode,
        rules=deployed.rules,
        uploads=uploads,
        notify_megabytes=notify.memory_megabytes,
        matched_share=matched_share,
        alarms=_alarms(stack),
        dashboards=1 if stack.get("dashboardUrl") else 0,
        from_existing=1.0 if stack.existing else 0.0,
        scanned_share=1.0 if stack.malware_scan else 0.0,
    )
    if not stack.is_advanced:
        return common
    interval = _existing(deployed, deployed.digest_interval, "schedule of digests")
    return replace(
        common,
        process_megabytes=_existing(deployed, deployed.process, "process function").memory_megabytes,
        mails_per_minute=int(_existing(deployed, notify.environment.get("MAILS_PER_MINUTE"), "setting of notify")),
        digest_minutes=round(interval.total_seconds() / 60),
        digests=digests,
    )


def _existing(deployed: Deployed, part: T | None, name: str) -> T:
    if part is None:
        raise OpsError(f"{deployed.stack.where} has no {name}; repair it:", deployed.stack.repair_command)
    return part


def _alarms(stack: Stack) -> int:
    """The number of metrics that alarms of this stack's alarm topic watch: CloudWatch bills by them."""
    pages = stack.aws.cloudwatch.get_paginator("describe_alarms").paginate()
    topic = stack["alarmTopicArn"]
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"] if topic in alarm["AlarmActions"]]
    return sum(_watched(alarm) for alarm in alarms)


def _watched(alarm: MetricAlarmTypeDef) -> int:
    # The emulator does not return the metrics of an alarm's expression: there it counts as one.
    return sum("MetricStat" in query for query in alarm.get("Metrics", ())) or 1


def _measured(deployed: Deployed) -> int | None:
    """The number of events of the last month, removals included; None if CloudWatch has none."""
    if deployed.stack.is_local or deployed.notify is None:
        return None
    now = datetime.now(UTC)
    statistics = deployed.stack.aws.cloudwatch.get_metric_statistics(
        Namespace=deployed.notify.metrics_namespace,
        MetricName=RECEIVED,
        Dimensions=[{"Name": "service", "Value": deployed.notify.service}],
        StartTime=now - timedelta(days=_MEASURED_DAYS),
        EndTime=now,
        Period=86_400,
        Statistics=["Sum"],
    )
    return round(sum(point["Sum"] for point in statistics["Datapoints"])) or None


def _line(line: Line, plan: Plan) -> LineDocument:
    source = line.price.source
    return {
        "name": line.name,
        "perMillionUploads": round(line.a_million(plan.uploads), 4),
        "perMonth": round(line.a_month, 4),
        "unitsPerMonth": round(line.units, 2),
        "freeUnitsPerMonth": line.price.free,
        "price": str(line.price),
        "source": source.page,
        "day": source.day,
        "caveat": source.caveat,
    }


def _assumptions(stack: Stack, plan: Plan) -> list[str]:
    """The assumptions, and the regions that the estimate leaves out."""
    additional = [region for region in stack.parts if region != stack.region]
    left_out = f"Only {stack.region} is included; alarms, metrics and uploads of {', '.join(additional)} cost extra."
    return [*assumptions(plan), left_out] if additional else assumptions(plan)


def _show(screen: Screen, deployed: Deployed, plan: Plan, bill: Sequence[Line], origin: str) -> None:
    if screen.as_json:
        return
    screen.say((deployed.name, "bold"), f"  {plan.mode}   {plan.uploads:,} uploads a month ({origin})\n")
    sources = list(dict.fromkeys(line.price.source for line in bill))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("line")
    table.add_column("per 1 M uploads", justify="right")
    table.add_column("per month", justify="right")
    table.add_column("price")
    for line in bill:
        price = f"{line.price} [dim]({sources.index(line.price.source) + 1})[/]"
        amounts = _dollars(line.a_million(plan.uploads)), _dollars(line.a_month)
        table.add_row(line.name, *amounts, price)
    total = sum(line.a_million(plan.uploads) for line in bill), sum(line.a_month for line in bill)
    table.add_row("[bold]total[/]", f"[bold]{_dollars(total[0])}[/]", f"[bold]{_dollars(total[1])}[/]", "")
    table.add_row("after the free tier", "", _dollars(after_free_tier(bill)), "")
    screen.out.print(table)
    free = dict.fromkeys(line.price.free_text for line in bill if line.price.free)
    screen.say(f"\nFree per month and account: {', '.join(free)}.")
    for text in _assumptions(deployed.stack, plan):
        screen.say("· ", text)
    for number, source in enumerate(sources, 1):
        caveat = f" ({source.caveat})" if source.caveat else ""
        screen.say((f"({number}) {source.page}, as of {source.day}{caveat}", "dim"))


def _dollars(amount: float) -> str:
    return "–" if not amount else f"${amount:,.2f}" if amount >= 0.005 else "< $0.01"  # noqa: PLR2004 - a cent, rounded
