"""Everything that is looked at, in the order of an upload's way."""

from __future__ import annotations

from ops.doctor import advanced, functions, people, queues, uploads
from ops.doctor.finding import Check

CHECKS = (
    Check(id="bucket", title="the bucket is there, in the stack's region", find=uploads.bucket),
    Check(
        id="notification", title="the bucket hands every event to notify, and to nobody else", find=uploads.notification
    ),
    Check(id="permission", title="S3 may invoke notify", find=uploads.permission),
    Check(id="functions", title="the functions are there and ready", find=functions.existing),
    Check(id="switched-off", title="no function is switched off", find=functions.switched_off),
    Check(
        id="quota",
        title="the account may run enough functions at a time",
        find=functions.quota,
        not_local="the embedded AWS runs as many functions as the machine bears, and lets events wait",
    ),
    Check(id="on-failure", title="events that fail are kept", find=functions.on_failure),
    Check(id="failing", title="the last thing that each function did was no failure", find=functions.failing),
    Check(id="topic", title="the topic is there", find=people.topic),
    Check(id="rules", title="the rules can be read", find=people.rules),
    Check(
        id="subscriptions", title="everybody whom a rule names is subscribed and has confirmed", find=people.subscribed
    ),
    Check(
        id="own-queues",
        title="the stack's queues are subscribed, what cannot be delivered is kept",
        find=people.own_queues,
    ),
    Check(id="alarms", title="somebody hears about failures", find=people.alarms),
    Check(id="queues", title="every queue is there", find=queues.existing),
    Check(id="queue-policies", title="who has to write to a queue may", find=queues.policies),
    Check(id="redrive", title="what always fails leaves its queue", find=queues.redrive),
    Check(id="table", title="the catalogue is there", find=advanced.table, only_advanced=True),
    Check(id="mapping", title="the work queue is read", find=advanced.mapping, only_advanced=True),
    Check(id="schedule", title="digests are sent", find=advanced.schedule, only_advanced=True),
    Check(id="kept", title="no failure waits to be looked at", find=queues.dead_letters),
)
