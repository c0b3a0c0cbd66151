"""`cost`, the command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from domain.counters import RECEIVED
from ops.command import on_a_stack
from ops.cost.model import Line, Plan, assumptions, lines
from ops.reading.deployed import Deployed
from ops.screen import Screen
from ops.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef

DEFAULT_UPLOADS = 1_000_000
_MEASURED_DAYS = 30
_SHARE = click.FloatRange(0, 1)


@on_a_stack()
@click.option(
    "--uploads-per-month", "uploads", metavar="N", type=click.IntRange(1),
    help=f"Default: the last {_MEASURED_DAYS} days' as CloudWatch counted them, or 1,000,000.",
)  # fmt: skip
@click.option(
    "--digests", metavar="SHARE", type=_SHARE,
    help="Share of files (0 to 1) that come in digests. Default: as if uploads were spread evenly over the month.",
)  # fmt: skip
@click.option(
    "--heard", metavar="SHARE", type=_SHARE, default=1.0, show_default=True,
    help="Share of uploads (0 to 1) that a rule matches.",
)  # fmt: skip
def cost(stack: Stack, screen: Screen, uploads: int | None, digests: float | None, heard: float) -> int:
    """What uploads cost with this stack's settings.

    For a million and for a month, line by line. Computed from the calls that are made, not read from a bill. Every
    price says where it comes from.
    """
    deployed = Deployed(stack)
    measured = None if uploads else _measured(deployed)
    plan = _plan(deployed, uploads or measured or DEFAULT_UPLOADS, digests, heard)
    bill = lines(plan)
    counted = f"the events of the last {_MEASURED_DAYS} days"
    origin = "given" if uploads else counted if measured else "assumed"
    _tell(screen, deployed, plan, bill, origin)
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
            "assumptions": _assumptions(stack, plan),
        },
    )
    return 0


def _plan(deployed: Deployed, uploads: int, digests: float | None, heard: float) -> Plan:
    notify, process = deployed.notify, deployed.process if deployed.stack.is_advanced else None
    interval = deployed.digest_interval if deployed.stack.is_advanced else None
    return Plan(
        mode=deployed.stack.mode,
        rules=deployed.rules,
        uploads=uploads,
        mails_per_minute=int(notify.environment.get("MAILS_PER_MINUTE", "5")) if notify else 5,
        digest_minutes=round(interval.total_seconds() / 60) if interval else 5,
        digests=digests,
        heard=heard,
        notify_megabytes=notify.memory_megabytes if notify else 256,
        process_megabytes=process.memory_megabytes if process else 512,
        alarms=_alarms(deployed.stack),
        dashboards=1 if deployed.stack.get("dashboardUrl") else 0,
    )


def _alarms(stack: Stack) -> int:
    """How many metrics are watched by the alarms that tell this stack's alarm topic: CloudWatch bills by them."""
    pages = stack.aws.cloudwatch.get_paginator("describe_alarms").paginate()
    topic = stack["alarmTopicArn"]
    ours = [alarm for page in pages for alarm in page["MetricAlarms"] if topic in alarm["AlarmActions"]]
    return sum(_watched(alarm) for alarm in ours)


def _watched(alarm: MetricAlarmTypeDef) -> int:
    # The embedded AWS does not say what an alarm's expression is made of: there it counts as one metric.
    return sum("MetricStat" in query for query in alarm.get("Metrics", ())) or 1


def _measured(deployed: Deployed) -> int | None:
    """How many events the last month had, removals among them; None where nobody counts them."""
    if deployed.stack.is_local or deployed.notify is None:
        return None
    now = datetime.now(UTC)
    found = deployed.stack.aws.cloudwatch.get_metric_statistics(
        Namespace=deployed.notify.metrics_namespace,
        MetricName=RECEIVED,
        Dimensions=[{"Name": "service", "Value": deployed.notify.service}],
        StartTime=now - timedelta(days=_MEASURED_DAYS),
        EndTime=now,
        Period=86_400,
        Statistics=["Sum"],
    )
    return round(sum(point["Sum"] for point in found["Datapoints"])) or None


def _line(line: Line, plan: Plan) -> dict[str, Any]:
    return {
        "name": line.name,
        "perMillionUploads": round(line.a_million(plan.uploads), 4),
        "perMonth": round(line.a_month, 4),
        "unitsPerMonth": round(line.units, 2),
        "price": str(line.price),
        "source": line.price.source,
        "read": line.price.read,
    }


def _assumptions(stack: Stack, plan: Plan) -> list[str]:
    """What the bill stands on, and the regions that it leaves out."""
    further = [region for region in stack.parts if region != stack.region]
    left_out = f"Only {stack.region} is counted; alarms, metrics and uploads of {', '.join(further)} come on top."
    return [*assumptions(plan), left_out] if further else assumptions(plan)


def _tell(screen: Screen, deployed: Deployed, plan: Plan, bill: list[Line], origin: str) -> None:
    if screen.as_json:
        return
    screen.say((deployed.name, "bold"), f"  {plan.mode}   {plan.uploads:,} uploads a month ({origin})\n")
    sources = list(dict.fromkeys((line.price.source, line.price.read) for line in bill))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("line")
    table.add_column("for 1 M uploads", justify="right")
    table.add_column("a month", justify="right")
    table.add_column("price")
    for line in bill:
        price = f"{line.price} [dim]({sources.index((line.price.source, line.price.read)) + 1})[/]"
        table.add_row(line.name, _dollars(line.a_million(plan.uploads)), _dollars(line.a_month), price)
    total = sum(line.a_million(plan.uploads) for line in bill), sum(line.a_month for line in bill)
    table.add_row("[bold]together[/]", f"[bold]{_dollars(total[0])}[/]", f"[bold]{_dollars(total[1])}[/]", "")
    screen.out.print(table)
    screen.say("")
    for text in _assumptions(deployed.stack, plan):
        screen.say("· ", text)
    for number, (source, read) in enumerate(sources, 1):
        screen.say((f"({number}) {source}, {read}", "dim"))


def _dollars(amount: float) -> str:
    return "–" if not amount else f"${amount:,.2f}" if amount >= 0.005 else "< $0.01"  # noqa: PLR2004 - a cent, rounded
