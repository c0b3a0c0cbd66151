"""Functions that read a queue: numbers that have to agree, and messages that are retried alone."""

from __future__ import annotations

import json

import pytest

from domain.topology import BATCH_SIZE, BATCH_WINDOW_SECONDS
from tests.program.conftest import CONFIGS, Deployment, run_once


@pytest.fixture(params=[pytest.param("everything", marks=pytest.mark.xdist_group("everything"))])
def consuming(request: pytest.FixtureRequest) -> Deployment:
    """A stack in which the chat function reads a queue as well."""
    return run_once(**CONFIGS[request.param])


def ends(deployment, mapping):
    """The queue that a mapping reads, and the function that gets its messages."""
    (queue,) = [q for q in deployment.of("Queue") if mapping.inputs["eventSourceArn"].endswith(f":{q.name}")]
    (function,) = [f for f in deployment.of("Function") if mapping.inputs["functionName"] == f.name]
    return queue, function


def test_a_message_stays_hidden_for_six_attempts_of_the_function_that_reads_it(consuming):
    for mapping in consuming.of("EventSourceMapping"):
        queue, function = ends(consuming, mapping)
        window = mapping.inputs.get("maximumBatchingWindowInSeconds", 0)

        assert queue.inputs["visibilityTimeoutSeconds"] >= 6 * function.inputs["timeout"]
        assert queue.inputs["visibilityTimeoutSeconds"] > function.inputs["timeout"] + window


def test_a_message_of_the_digest_queue_stays_hidden_for_longer_than_a_digest_can_take(advanced):
    (queue,) = [q for q in advanced.of("Queue") if "digest" in q.name and "dead-letters" not in q.name]
    (function,) = [f for f in advanced.of("Function") if f.inputs["handler"] == "handlers.digest.handler"]

    assert queue.inputs["visibilityTimeoutSeconds"] > function.inputs["timeout"]


def test_files_are_read_in_the_batches_that_the_estimate_of_costs_assumes(advanced):
    (mapping,) = advanced.of("EventSourceMapping")

    assert mapping.inputs["batchSize"] == BATCH_SIZE
    assert mapping.inputs["maximumBatchingWindowInSeconds"] == BATCH_WINDOW_SECONDS


def test_a_function_may_read_its_queue_before_it_receives_messages(consuming):
    for mapping in consuming.of("EventSourceMapping"):
        queue, function = ends(consuming, mapping)
        policies = [
            s.resource
            for s in consuming.statements()
            if s.identity and "sqs:ReceiveMessage" in s.actions and s.content["Resource"][0].endswith(f":{queue.name}")
        ]

        assert any(consuming.comes_before(policy, mapping) for policy in policies)
        assert consuming.comes_before(function, mapping)


def test_a_message_is_received_at_least_five_times(advanced):
    tries = [
        json.loads(q.inputs["redrivePolicy"])["maxReceiveCount"]
        for q in advanced.of("Queue")
        if "redrivePolicy" in q.inputs
    ]

    assert tries
    assert min(tries) >= 5


def test_no_message_waits_longer_than_its_dead_letter_queue_would_keep_it(advanced):
    """SQS counts from when a message was sent, also after it became a dead letter; 14 days are the most."""
    for queue in advanced.of("Queue"):
        if "redrivePolicy" in queue.inputs:
            target = json.loads(queue.inputs["redrivePolicy"])["deadLetterTargetArn"]
            (dead_letters,) = [q for q in advanced.of("Queue") if target.endswith(f":{q.name}")]

            assert (
                queue.inputs["messageRetentionSeconds"] <= dead_letters.inputs["messageRetentionSeconds"] == 1_209_600
            )


def test_new_accounts_can_run_all_consumers_and_still_notify_people(advanced):
    taken = sum(m.inputs["scalingConfig"]["maximumConcurrency"] for m in advanced.of("EventSourceMapping"))

    assert taken <= 5


def test_every_queue_of_ours_gets_the_payload_itself(advanced):
    ours = {r.name for r in advanced.of("Queue")}
    subscribed = [s for s in advanced.of("TopicSubscription") if s.inputs["endpoint"].split(":")[-1] in ours]

    assert subscribed
    assert all(s.inputs["rawMessageDelivery"] is True for s in subscribed)


def test_sns_may_send_to_a_queue_of_ours_before_it_is_subscribed(advanced):
    for subscription in advanced.of("TopicSubscription"):
        for policy in advanced.of("QueuePolicy"):
            if policy.inputs["queueUrl"].split("/")[-1] == subscription.inputs["endpoint"].split(":")[-1]:
                assert advanced.comes_before(policy, subscription)


def test_a_digest_that_fails_is_left_to_the_next_one(advanced):
    """Neither the schedule nor Lambda retries it beside the next one."""
    (schedule,) = advanced.of("Schedule")
    (once,) = [c for c in advanced.of("FunctionEventInvokeConfig") if "digest" in c.inputs["functionName"]]

    assert schedule.inputs["target"]["retryPolicy"]["maximumRetryAttempts"] == 0
    assert once.inputs["maximumRetryAttempts"] == 0
    assert advanced.comes_before(once, schedule)
