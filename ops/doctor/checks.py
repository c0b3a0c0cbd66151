"""All checks, in the order of an upload's path."""

from __future__ import annotations

from ops.doctor import advanced, chat, existing, expectations, functions, queues, recipients, scans, uploads
from ops.doctor.finding import Check

CHECKS = (
    Check(id="bucket", title="the bucket exists, in the stack's region", find=uploads.bucket),
    Check(
        id="notification",
        title="the bucket sends every event to notify, and to nothing else",
        find=uploads.notification,
    ),
    Check(id="permission", title="S3 may invoke notify", find=uploads.permission),
    Check(
        id="existing-buckets",
        title="existing buckets are there, and send their events to EventBridge",
        find=existing.buckets,
    ),
    Check(
        id="existing-rules", title="the rules on existing buckets are on, and may invoke notify", find=existing.rules
    ),
    Check(id="existing-once", title="events of existing buckets come by one way", find=existing.once),
    Check(id="functions", title="the functions exist and are ready", find=functions.existing),
    Check(id="switched-off", title="no function is switched off", find=functions.switched_off),
    Check(
        id="quota",
        title="the account may run enough functions at a time",
        find=functions.quota,
        not_local="the emulator has no concurrency quota: it queues events when the machine is busy",
    ),
    Check(id="on-failure", title="failed events go to the failed-events queue", find=functions.on_failure),
    Check(id="failing", title="the latest invocation of each function succeeded", find=functions.failing),
    Check(id="topic", title="the topic exists", find=recipients.topic),
    Check(id="rules", title="the rules can be read", find=recipients.rules),
    Check(
        id="subscriptions",
        title="every recipient of a rule is subscribed and has confirmed",
        find=recipients.subscribed,
    ),
    Check(
        id="phones",
        title="phones are not kept out by the SMS sandbox",
        find=recipients.phones,
        not_local="the emulator has no SMS sandbox",
    ),
    Check(
        id="own-queues",
        title="the stack's queues are subscribed, and subscriptions have a dead-letter queue",
        find=recipients.own_queues,
    ),
    Check(id="alarms", title="alarms notify someone", find=recipients.alarms),
    Check(id="queues", title="every queue exists", find=queues.existing),
    Check(id="queue-policies", title="senders may write to their queues", find=queues.policies),
    Check(id="redrive", title="poison messages move to a dead-letter queue", find=queues.redrive),
    Check(id="table", title="the catalogue exists", find=advanced.table, only_advanced=True),
    Check(id="audit-log", title="the audit log exists", find=advanced.audit_log, only_advanced=True),
    Check(id="mapping", title="the work queue is read", find=advanced.mapping, only_advanced=True),
    Check(id="schedule", title="digests are sent", find=advanced.schedule, only_advanced=True),
    Check(id="chat-mapping", title="the chat queue is read", find=chat.mapping),
    Check(id="webhooks", title="every chat channel has its webhook", find=chat.webhooks),
    Check(id="channels", title="chat services accept messages", find=chat.accepted),
    Check(
        id="scan-plan", title="uploads are scanned for malware, if they are to be", find=scans.plan, only_advanced=True
    ),
    Check(id="scan-events", title="the malware scanner learns of uploads", find=scans.events, only_advanced=True),
    Check(id="scan-rule", title="results of malware scans are received", find=scans.rule, only_advanced=True),
    Check(id="scan-results", title="files have their malware scan's result", find=scans.results, only_advanced=True),
    Check(
        id="expectations",
        title="expected files can arrive, and somebody looks whether they have",
        find=expectations.expectations,
    ),
    Check(id="failed-messages", title="the dead-letter queues are empty", find=queues.failed_messages),
)
