"""Dollars are the counted calls times the operator's price list."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.dollars import lines, together
from bench.played import Counts, even
from ops.cost import prices
from ops.cost.model import NOTIFY_SECONDS

NOTIFIED = Counts(uploads=10, calls=Counter({"sns.Publish": 10}), mails=10, invocations=Counter(notify=10))


def test_a_mail_and_a_publish_for_each_file_cost_their_list_price():
    found = lines(NOTIFIED, "basic")

    assert found["mails"] == pytest.approx(20.00)
    assert found["publishes"] == pytest.approx(0.50)
    assert found["invocations"] == pytest.approx(0.20)
    assert found["GB-s"] == pytest.approx(prices.COMPUTE.of(NOTIFY_SECONDS["basic"] * 0.25) * 1_000_000)


def test_writes_and_reads_are_paid_by_the_unit_and_not_by_the_call():
    counts = Counts(uploads=2, calls=Counter({"dynamodb.UpdateItem": 8, "dynamodb.GetItem": 2}), write_units=10)
    counts.read_units = 1.0

    found = lines(counts, "advanced")

    assert found["writes"] == pytest.approx(prices.WRITE.of(5) * 1_000_000)
    assert found["reads"] == pytest.approx(prices.READ.of(0.5) * 1_000_000)


def test_what_lambda_and_sns_ask_of_a_queue_is_paid_like_what_a_function_asks():
    counts = Counts(uploads=10, calls=Counter({"sqs.SendMessage": 10}), polled=4, delivered=10)

    assert lines(counts, "advanced")["requests"] == pytest.approx(prices.QUEUE_REQUEST.of(2.4) * 1_000_000)


def test_requests_to_s3_and_to_sqs_are_both_paid():
    counts = Counts(uploads=10, calls=Counter({"s3.GetObject": 10, "sqs.ReceiveMessage": 5}))

    both = prices.OBJECT_READ.of(1) + prices.QUEUE_REQUEST.of(0.5)
    assert lines(counts, "advanced")["requests"] == pytest.approx(both * 1_000_000)


def test_a_call_without_a_price_is_refused():
    with pytest.raises(KeyError, match=r"kms\.Decrypt"):
        lines(Counts(uploads=1, calls=Counter({"kms.Decrypt": 1})), "basic")


def test_together_is_the_sum_of_the_lines():
    assert together(NOTIFIED, "basic") == pytest.approx(sum(lines(NOTIFIED, "basic").values()))


def test_an_even_pace_has_so_many_uploads_a_minute():
    times = even(23, 120, start=600.0)

    assert len(times) == 46
    assert times[0] == 600.0
    assert len([time for time in times if time < 660]) == 23
