"""`reconcile`, the command."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime, timedelta

import click
from botocore.exceptions import BotoCoreError, ClientError

from domain.wording import human_size, visible
from ops.command import on_a_stack
from ops.errors import ATTENTION, OpsError
from ops.invocation import hand_over, tell
from ops.reading.deployed import Deployed
from ops.reconcile.comparison import Comparison, Difference, Kind
from ops.reconcile.events import event
from ops.reconcile.times import Time
from ops.screen import Screen
from ops.stack import Stack
from ops.words import counted

SETTLED = timedelta(minutes=15)
"""By then S3 has handed an event over, and Lambda has tried it three times."""

AT_ONCE = 4
MANY = 1000
SHOWN = 20
_MEANS: dict[Kind, str] = {
    "missing": "in the bucket, unknown to the catalogue",
    "stale": "the catalogue shows another version, or says removed",
    "ghost": "in the catalogue, gone from the bucket",
}


@on_a_stack(by_region=True)
@click.option("--prefix", default="", metavar="PREFIX", help="Only keys that start like this.")
@click.option("--since", type=Time(), metavar="TIME", help="Only files stored since then: 2h, 7d, 2026-11-23, …")
@click.option(
    "--until", type=Time(), metavar="TIME",
    help="Only files stored until then. Default: 15 minutes ago, as later ones may still be under way.",
)  # fmt: skip
@click.option("--notify", "telling", is_flag=True, help="Tell about them after all, once, as the rules say.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Tell about at most this many.")
@click.option("--yes", is_flag=True, help=f"Tell about more than {MANY:,} files.")
def reconcile(
    stack: Stack,
    screen: Screen,
    *,
    prefix: str,
    since: datetime | None,
    until: datetime | None,
    telling: bool,
    limit: int | None,
    yes: bool,
) -> int:
    """Compare the bucket with the catalogue (mode advanced).

    Lists files that the catalogue misses, shows in another version, or still shows after they are gone: S3's event
    never came, or was lost. With --notify, notify gets an event for each and does what it always does: row, rules,
    notification, processing, digests in a storm. Files from before the catalogue are missing as well: use --since.
    """
    if not stack.is_advanced:
        raise OpsError(
            f"{stack.where} is in mode basic, which has no catalogue to compare with; change the mode:",
            stack.setting_command("mode", "advanced"),
        )
    now = datetime.now(UTC)
    deployed = Deployed(stack)
    comparison = Comparison(
        s3=stack.aws.s3,
        bucket=stack["bucketName"],
        listing=deployed.listing,
        rules=deployed.rules,
        prefix=prefix,
        since=since,
        until=until or now - SETTLED,
    )
    with screen.progress("Comparing …", None) as advance:
        found = list(comparison.differences(advance))
    kinds = Counter(one.kind for one in found)
    _tell(screen, found, comparison.compared, kinds)
    notified, failed = 0, list[str]()
    if telling and found:
        chosen = found[:limit]
        if len(chosen) > MANY and not yes:
            raise OpsError(
                f"{len(chosen):,} files would be told; if that is meant, add --yes, or --limit {MANY} for the first"
            )
        notified, failed = _notify(deployed, screen, chosen, now)
    screen.result(
        "reconcile",
        {
            "compared": comparison.compared,
            **{kind: kinds[kind] for kind in _MEANS},
            "files": [one.as_json() for one in found],
            "notified": notified,
            "failed": failed,
        },
    )
    left = len(found) - notified
    return ATTENTION if left else 0


def _notify(deployed: Deployed, screen: Screen, found: list[Difference], now: datetime) -> tuple[int, list[str]]:
    """Have notify tell each. Returns how many it has told, and why it has not told others."""
    notified, failed, left_to_lambda = 0, list[str](), 0
    with screen.progress("Telling …", len(found)) as advance, ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for done in as_completed([pool.submit(_tell_one, deployed.stack, one, now) for one in found]):
                reason, is_left = done.result()
                notified, failed = (notified, [*failed, reason]) if reason else (notified + 1, failed)
                left_to_lambda += is_left
                advance()
        except BaseException:
            pool.shutdown(cancel_futures=True)  # or thousands would still be told before the command ends
            raise
    screen.mark("attention" if failed else "fine", f"{counted(notified, 'file')} told")
    for reason in dict.fromkeys(failed):
        screen.say(f"    {counted(failed.count(reason), 'file')}: {reason}")
    if left_to_lambda:
        files = counted(left_to_lambda, "file")
        screen.say(f"    Lambda has got {files} and tries three times; what then fails is kept in failed-events.")
    if lost := len(failed) - left_to_lambda:
        screen.say(f"    Nobody has got {counted(lost, 'file')}: run this again, which finds what has no row yet.")
    return notified, failed


def _tell_one(stack: Stack, difference: Difference, now: datetime) -> tuple[str, bool]:
    """Have notify tell one. Returns why it failed, if it did, and whether Lambda then has the event and tries it again.

    The row may be written by then: another run would not find the difference any more.
    """
    made = event(difference, bucket=stack["bucketName"], region=stack.region, now=now)
    try:
        reason = tell(stack, made)
    except (ClientError, BotoCoreError) as error:
        reason = str(error)
    if not reason:
        return "", False
    try:
        hand_over(stack, made)
    except (ClientError, BotoCoreError) as error:
        return f"{reason}; and it could not be left to Lambda: {error}", False
    return reason, True


def _tell(screen: Screen, found: list[Difference], compared: int, kinds: Counter[Kind]) -> None:
    for one in found[:SHOWN]:
        size = f"  {human_size(one.stored.size)}" if one.stored else ""
        screen.say((f"{one.kind:<8}", "bold"), f"{visible(one.key)}{size}  {one.time:%Y-%m-%d %H:%M:%S} UTC")
    if len(found) > SHOWN:
        screen.say(f"… and {len(found) - SHOWN:,} more (all of them with --json)")
    said = ", ".join(f"{kinds[kind]:,} {kind} ({means})" for kind, means in _MEANS.items() if kinds[kind])
    if said:
        screen.mark("attention", f"{counted(compared, 'file')} compared: {said}")
    else:
        screen.mark("fine", f"{counted(compared, 'file')} compared: the catalogue is right about all of them")
