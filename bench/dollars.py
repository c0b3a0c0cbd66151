"""What a million uploads cost by the calls that were counted.

Prices and assumptions are those of `python -m ops cost`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from bench.played import Counts
from ops.cost import prices
from ops.cost.model import DIGEST_SECONDS, NOTIFY_SECONDS, PROCESS_SECONDS_A_FILE
from ops.cost.prices import Price

MILLION = 1_000_000
MEGABYTES = {"notify": 256, "process": 512, "digest": 256}
LAMBDA_LOG_BYTES = 300  # START, END and REPORT, for every invocation
_GB = 1024**3

_CALLS: Mapping[str, Price] = {
    "sns.Publish": prices.PUBLISH,
    "s3.GetObject": prices.OBJECT_READ,
    "sqs.SendMessage": prices.QUEUE_REQUEST,
    "sqs.ReceiveMessage": prices.QUEUE_REQUEST,
    "sqs.DeleteMessageBatch": prices.QUEUE_REQUEST,
    "dynamodb.UpdateItem": prices.WRITE,
    "dynamodb.PutItem": prices.WRITE,
    "dynamodb.GetItem": prices.READ,
}
"""Every call that may be counted: one without a price would look free. DynamoDB's are paid by the unit, see below."""


def lines(counts: Counts, mode: str, *, slower: float = 1.0) -> dict[str, float]:
    """Dollars for a million uploads, line by line.

    `slower` is how much longer the function takes than ours in this mode. Raises KeyError for a call that has no price.
    """
    units: dict[Price, float] = {}
    for name, number in counts.calls.items():
        price = _CALLS[name]
        if not name.startswith("dynamodb."):
            units[price] = units.get(price, 0) + number
    units[prices.EMAIL] = counts.mails
    units[prices.WRITE] = counts.write_units
    units[prices.READ] = counts.read_units
    units[prices.QUEUE_REQUEST] = units.get(prices.QUEUE_REQUEST, 0) + counts.polled + counts.delivered
    invocations = sum(counts.invocations.values())
    units[prices.INVOCATION] = invocations
    units[prices.LOGS] = (counts.log_bytes + LAMBDA_LOG_BYTES * invocations) / _GB
    seconds = {
        "notify": counts.invocations["notify"] * NOTIFY_SECONDS[mode] * slower,
        "process": counts.calls["s3.GetObject"] * PROCESS_SECONDS_A_FILE,
        "digest": counts.invocations["digest"] * DIGEST_SECONDS,
    }
    units[prices.COMPUTE] = sum(busy * MEGABYTES[who] / 1024 for who, busy in seconds.items())
    found: defaultdict[str, float] = defaultdict(float)
    for price, amount in units.items():
        found[price.unit] += price.of(amount) * MILLION / counts.uploads
    return dict(found)


def together(counts: Counts, mode: str, *, slower: float = 1.0) -> float:
    """Dollars for a million uploads."""
    return sum(lines(counts, mode, slower=slower).values())
