"""Which resource policies let a service in, and which do not."""

from __future__ import annotations

import pytest

from ops.doctor.policies import allows, is_open, refuses_everything, refuses_plain_http
from tests.ops.parts import TOPIC

OURS = {
    "Effect": "Allow",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": "*",
    "Condition": {"ArnLike": {"aws:SourceArn": TOPIC}, "StringEquals": {"aws:SourceAccount": "111122223333"}},
}
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def lets_the_topic_in(policy):
    return allows(policy, service="sns.amazonaws.com", action="sqs:SendMessage", source_arn=TOPIC)


@pytest.mark.parametrize(
    "statement",
    [
        OURS,
        {**OURS, "Action": ["SQS:SendMessage", "sqs:GetQueueUrl"]},
        {**OURS, "Action": "sqs:*"},
        {**OURS, "Principal": {"Service": ["s3.amazonaws.com", "sns.amazonaws.com"]}},
        {**OURS, "Condition": {"ArnEquals": {"AWS:SourceArn": [TOPIC]}}},
        {**OURS, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*"}}},
        {**OURS, "Condition": {}},
    ],
)
def test_a_policy_for_the_topic_allows_it(statement):
    assert lets_the_topic_in({"Statement": statement})
    assert lets_the_topic_in({"Statement": [TLS_ONLY, statement]})


@pytest.mark.parametrize(
    "statement",
    [
        {**OURS, "Effect": "Deny"},
        {**OURS, "Action": "sqs:ReceiveMessage"},
        {**OURS, "Principal": {"AWS": "*"}},
        {**OURS, "Condition": {"ArnLike": {"aws:SourceArn": f"{TOPIC}-other"}}},
    ],
)
def test_a_policy_for_another_source_does_not(statement):
    assert not lets_the_topic_in({"Statement": [statement]})


def test_an_empty_policy_allows_nothing():
    assert not lets_the_topic_in({})


def test_a_policy_requires_tls_or_not():
    assert refuses_plain_http({"Statement": [OURS, TLS_ONLY]})
    assert not refuses_plain_http({"Statement": [OURS]})


def test_a_policy_without_condition_is_open():
    assert is_open({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*"}]})
    assert is_open({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:*"}]})
    assert is_open({"Statement": [{**OURS, "Condition": {}}]})
    assert not is_open({"Statement": [OURS, TLS_ONLY]})


def test_a_policy_that_denies_everybody_differs_from_one_that_requires_tls():
    assert refuses_everything({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*"}]})
    assert refuses_everything({"Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sqs:*"}]})
    assert not refuses_everything({"Statement": [TLS_ONLY]})
