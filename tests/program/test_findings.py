"""Rules that ask for what is found in files: what they add to the program."""

from __future__ import annotations

import json

import pytest

from domain.rules import Rule, rules_of
from tests.program.conftest import run
from tests.program.test_functions import role_statements, texts_beside

PROCESS = {"file-notifications-process-function", "file-notifications-process-policy"}
PUBLISHING = {"TOPIC_ARN", "MAILS_PER_MINUTE", "PAGE_URL"}


def with_rule(*events, **config):
    """The advanced stack with a rule on these events."""
    rule = {"name": "findings", "events": list(events), "to": ["ann@example.com"]}
    return run(mode="advanced", emails=["ann@example.com"], rules=[rule], **config)


@pytest.fixture(scope="module")
def silent():
    """No rule asks for a finding."""
    return with_rule("created")


@pytest.fixture(scope="module")
def with_broken():
    return with_rule("broken", "processed")


def test_such_a_rule_changes_only_the_process_function_and_what_it_may_do(silent, with_broken):
    assert silent.changed(with_broken) == PROCESS
    assert with_broken.names == silent.names


def test_process_may_publish_only_if_a_rule_asks_for_what_it_finds(silent, with_broken):
    def publishes(deployment):
        statements = role_statements(deployment, deployment.named("process-function"))
        return [s.content["Resource"] for s in statements if "sns:Publish" in s.actions]

    assert publishes(silent) == []
    assert publishes(with_broken) == [[with_broken.exports["topicArn"]]]


def test_process_gets_the_rules_and_where_to_publish_only_if_one_asks_for_what_it_finds(silent, with_broken):
    process = with_broken.named("process-function")

    assert PUBLISHING.isdisjoint(silent.variables(silent.named("process-function")))
    assert texts_beside(silent.named("process-function")) == {}
    assert set(with_broken.variables(process)) >= PUBLISHING
    assert with_broken.variables(process)["PAGE_URL"] == with_broken.exports["webUrl"]
    (shipped,) = texts_beside(process).values()
    assert rules_of(json.loads(shipped))[-1] == Rule(
        name="findings", to=("ann@example.com",), events=("processed", "broken")
    )


def test_in_each_region_process_publishes_to_that_regions_topic():
    regions = with_rule("broken", replicaRegions=["us-east-1"]).regions

    for part in regions.values():
        (process,) = [f for f in part.of("Function") if f.name.endswith("process-function")]
        assert part.variables(process)["TOPIC_ARN"] == part.exports["topicArn"]


def test_the_bucket_sends_no_other_events_for_such_rules(silent, with_broken):
    assert with_broken.the("BucketNotification").inputs == silent.the("BucketNotification").inputs
