"""`reconcile`, the command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime, timedelta

import click
from botocore.exceptions import BotoCoreError, ClientError

from domain.wording import human_size, visible
from ops.command import on_a_stack
from ops.errors import ATTENTION, OpsError
from ops.invocation import invoke_notify, queue_for_notify
from ops.reading.deployed import Deployed
from ops.reconcile.bucket import BucketListing
from ops.reconcile.comparison import Comparison, Difference, Kind
from ops.reconcile.events import event
from ops.screen import Screen
from ops.stack import Stack
from ops.times import Time
from ops.words import counted

SETTLED = timedelta(minutes=15)
"""By then S3 has sent an event, and Lambda has tried it three times."""

CONCURRENCY = 4
MANY = 1000
SHOWN = 20
_MEANS: dict[Kind, str] = {
    "missing": "in the bucket, not in the catalogue",
    "stale": "the catalogue shows another version, or says removed",
    "ghost": "in the catalogue, not in the bucket",
}


@on_a_stack(by_region=True)
@click.option("--prefix", default="", metavar="PREFIX", help="Only keys with this prefix.")
@click.option("--bucket", metavar="NAME", help="Only this bucket. Default: the stack's own, then each existing one.")
@click.option("--since", type=Time(), metavar="TIME", help="Only files stored since then: 2h, 7d, 2026-11-23, …")
@click.option(
    "--until", type=Time(), metavar="TIME",
    help="Only files stored until then. Default: 15 minutes ago, as later events may still be in flight.",
)  # fmt: skip
@click.option(
    "--notify", "notifying", is_flag=True,
    help="Send the missing notifications, once per file, following the rules.",
)  # fmt: skip
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Notify about at most this many files.")
@click.option("--yes", is_flag=True, help=f"Notify about more than {MANY:,} files.")
def reconcile(
    stack: Stack,
    screen: Screen,
    *,
    prefix: str,
    bucket: str | None,
    since: datetime | None,
    until: datetime | None,
    notifying: bool,
    limit: int | None,
    yes: bool,
) -> int:
    """Compare the buckets with the catalogue (mode advanced).

    Lists files that the catalogue lacks, shows in another version, or still shows after they were removed: S3's event
    never arrived, or was lost. With --notify, notify gets an event for each and does what it always does: item, rules,
    notification, processing, digests in a storm. Files older than the catalogue are missing as well: use --since.
    """
    stack.require_advanced("no catalogue")
    now = datetime.now(UTC)
    deployed = Deployed(stack)
    comparisons = [
        Comparison(
            stored=listing,
            listing=deployed.listing,
            rules=deployed.rules,
            since=since,
            until=until or now - SETTLED,
        )
        for listing in _listings(stack, bucket, prefix)
    ]
    with screen.progress("Comparing …", None) as advance:
        differences = [found for comparison in comparisons for found in comparison.differences(advance)]
    compared = sum(comparison.compared for comparison in comparisons)
    unread = [text for comparison in comparisons for text in comparison.unread]
    kinds = Counter(difference.kind for difference in differences)
    _show(screen, differences, compared, unread, kinds)
    if until is None and not compared:
        newest = stack.ops_command("reconcile", "--until", "now")
        screen.say(f"Files of the last {SETTLED // timedelta(minutes=1)} minutes are left out. → ", (newest, "cyan"))
    notified, failed = 0, list[str]()
    if notifying and differences:
        chosen = differences[:limit]
        if len(chosen) > MANY and not yes:
            raise OpsError(
                f"this would notify about {len(chosen):,} files; add --yes, or --limit {MANY} for the first of them"
            )
        notified, failed = _notify(deployed, screen, chosen, now)
    screen.result(
        "reconcile",
        {
            "compared": compared,
            **{kind: kinds[kind] for kind in _MEANS},
            "files": [difference.as_json() for difference in differences],
            "unread": unread,
            "notified": notified,
            "failed": failed,
        },
    )
    return ATTENTION if len(differences) > notified or unread else 0


def _listings(stack: Stack, bucket: str | None, prefix: str) -> list[BucketListing]:
    """What of each bucket of the region is under the prefix, and belongs to the stack. Raises OpsError."""
    own = stack.get("bucketName")
    places = [(own, "")] if own else []
    places += [(one.name, watched) for one in stack.existing for watched in one.prefixes]
    names = sorted({name for name, _ in places})
    if bucket is not None and bucket not in names:
        raise OpsError(f"{stack.where} has no bucket {bucket}; it has {', '.join(names)}")
    listings = []
    for name, watched in places:
        narrower = max(prefix, watched, key=len)
        if bucket in (None, name) and narrower.startswith(prefix) and narrower.startswith(watched):
            listings.append(BucketListing(s3=stack.aws.s3, bucket=name, prefix=narrower))
    return listings


def _notify(
    deployed: Deployed, screen: Screen, differences: Sequence[Difference], now: datetime
) -> tuple[int, list[str]]:
    """Invoke notify for each. Returns the number of successes, and the reason of each failure."""
    notified, failed, queued = 0, list[str](), 0
    with screen.progress("Notifying …", len(differences)) as advance, ThreadPoolExecutor(CONCURRENCY) as pool:
        try:
            tasks = [pool.submit(_notify_one, deployed.stack, difference, now) for difference in differences]
            for done in as_completed(tasks):
                reason, is_queued = done.result()
                notified, failed = (notified, [*failed, reason]) if reason else (notified + 1, failed)
                queued += is_queued
                advance()
        except BaseException:
            pool.shutdown(cancel_futures=True)  # or thousands would still run before the command ends
            raise
    screen.mark("attention" if failed else "fine", f"notified about {counted(notified, 'file')}")
    for reason in dict.fromkeys(failed):
        screen.say(f"    {counted(failed.count(reason), 'file')}: {reason}")
    if queued:
        screen.say(
            f"    Lambda retries {counted(queued, 'file')} three times; events that then fail go to failed-events."
        )
    if lost := len(failed) - queued:
        screen.say(
            f"    Lambda did not accept {counted(lost, 'file')}: run this command again, which finds them again."
        )
    return notified, failed


def _notify_one(stack: Stack, difference: Difference, now: datetime) -> tuple[str, bool]:
    """Invoke notify for one. Returns why it failed, if it did, and whether Lambda then has the event and retries it.

    The item may be written by then: another run would not find the difference again.
    """
    made = event(difference, region=stack.region, now=now)
    try:
        reason = invoke_notify(stack, made)
    except (ClientError, BotoCoreError) as error:
        reason = str(error)
    if not reason:
        return "", False
    try:
        queue_for_notify(stack, made)
    except (ClientError, BotoCoreError) as error:
        return f"{reason}; and Lambda did not accept it for a retry: {error}", False
    return reason, True


def _show(
    screen: Screen, differences: Sequence[Difference], compared: int, unread: Sequence[str], kinds: Counter[Kind]
) -> None:
    several = len({difference.bucket for difference in differences}) > 1
    for difference in differences[:SHOWN]:
        size = f"  {human_size(difference.stored.size)}" if difference.stored else ""
        time = f"{difference.time:%Y-%m-%d %H:%M:%S} UTC"
        screen.say(
            (f"{difference.kind:<8}", "bold"),
            f"{f'{difference.bucket}/' if several else ''}{visible(difference.key)}{size}  {time}",
        )
    if len(differences) > SHOWN:
        screen.say(f"… and {len(differences) - SHOWN:,} more (use --json for all of them)")
    for text in unread:
        screen.mark("attention", "not compared: ", visible(text))
    by_kind = ", ".join(f"{kinds[kind]:,} {kind} ({means})" for kind, means in _MEANS.items() if kinds[kind])
    files = counted(compared, "file")
    if by_kind:
        screen.mark("attention", f"{files} compared: {by_kind}")
    else:
        screen.mark("fine", f"{files} compared: no difference")
