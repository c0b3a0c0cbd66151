"""Where the parts of a region are, as outputs."""

from __future__ import annotations

from collections.abc import Mapping

from components.chat import Chat
from components.dead_letter_queue import DeadLetterQueue
from components.failure_alarms import FailureAlarms
from components.intake import Intake
from components.notifier import Notifier
from components.outputs import Outputs
from domain.topology import FailureQueue


def located(intake: Intake, notifier: Notifier, alarms: FailureAlarms, chat: Chat | None) -> Outputs:
    """Where the parts of a region are, in both modes."""
    found: Outputs = {
        "topicArn": intake.topic.arn,
        "notifyFunctionName": notifier.function.name,
        "alarmTopicArn": alarms.arn,
    }
    if chat:
        found["chatQueueUrl"], found["chatFunctionName"] = chat.url, chat.function.name
    if intake.bucket:
        found["bucketName"] = intake.bucket.name
    if intake.existing:
        found["existingBuckets"] = [
            {"name": bucket.name, "prefixes": [*filter(None, bucket.prefixes)], "ruleName": bucket.rule_name}
            for bucket in intake.existing
        ]
    return found


def kept(queues: Mapping[FailureQueue, DeadLetterQueue]) -> Outputs:
    """Where the failures of a region are kept."""
    found: Outputs = {}
    for failed, queue in queues.items():
        found[failed.output] = queue.url
    return found
