"""What holds or carries data: private, encrypted, over TLS, and not lost by mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .resource import UNKNOWN, Resource, Violation, as_list, given, is_or_may_be, of_type, part, statements

BUCKET, QUEUE, TOPIC = "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue", "aws:sns/topic:Topic"
_SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

# Which resource carries the policy of another, by which property, and what that policy has to refuse without TLS.
_GUARDS = {
    BUCKET: ("aws:s3/bucketPolicy:BucketPolicy", "bucket", {"s3:*"}),
    QUEUE: ("aws:sqs/queuePolicy:QueuePolicy", "queueUrl", {"sqs:*"}),
    TOPIC: ("aws:sns/topicPolicy:TopicPolicy", "arn", {"sns:Publish", "sns:*"}),
}


def keeps_buckets_private(resources: Sequence[Resource]) -> Iterator[Violation]:
    """Nothing in a bucket can be made public."""
    blocks = of_type(resources, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    for bucket in of_type(resources, BUCKET):
        guarding = [block for block in blocks if block.refers_to(bucket, "bucket")]
        open_ = [name for name in _SWITCHES for block in guarding if not is_or_may_be(block.properties.get(name), True)]
        if not guarding:
            yield bucket, "it has no BucketPublicAccessBlock"
        for name in open_:
            yield bucket, f"its BucketPublicAccessBlock does not set {name}"


def writes_to_its_own_buckets(resources: Sequence[Resource]) -> Iterator[Violation]:
    """Nothing is set on, put into, or scanned and tagged in, a bucket that the stack did not make."""
    buckets = of_type(resources, BUCKET)
    for plan in of_type(resources, "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan"):
        if not any(plan.refers_to(bucket, "protectedResource") for bucket in buckets):
            yield plan, "it scans a bucket of another program, and tags what is in it"
    for resource in resources:
        is_on_a_bucket = resource.type.startswith("aws:s3/") and resource.type != BUCKET
        if not is_on_a_bucket or not given(resource.properties.get("bucket")):
            continue
        if not any(resource.refers_to(bucket, "bucket") for bucket in buckets):
            yield resource, "it is set on a bucket of another program, whose settings it would replace"


def owns_what_is_uploaded(resources: Sequence[Resource]) -> Iterator[Violation]:
    """Every object belongs to the bucket's owner; access lists have no effect."""
    controls = of_type(resources, "aws:s3/bucketOwnershipControls:BucketOwnershipControls")
    for bucket in of_type(resources, BUCKET):
        owners = [
            part(one.properties.get("rule"), "objectOwnership") for one in controls if one.refers_to(bucket, "bucket")
        ]
        if not any(is_or_may_be(owner, "BucketOwnerEnforced") for owner in owners):
            yield bucket, "its BucketOwnershipControls are not BucketOwnerEnforced"


def refuses_plain_http(resources: Sequence[Resource]) -> Iterator[Violation]:
    """Nobody reaches a bucket, a queue or a topic without TLS."""
    for kind, (policy_type, property_, actions) in _GUARDS.items():
        policies = of_type(resources, policy_type)
        for guarded in of_type(resources, kind):
            documents = [one.properties.get("policy") for one in policies if one.refers_to(guarded, property_)]
            refusals = [one for document in documents for one in statements(document) if _refuses(one, actions)]
            if kind == BUCKET:
                refusals = [one for one in refusals if any(str(r).endswith("/*") for r in as_list(one["Resource"]))]
            if not refusals and UNKNOWN not in documents:
                yield guarded, f"its policy does not refuse {min(actions)} where aws:SecureTransport is false"


def _refuses(statement: Mapping[str, Any], actions: set[str]) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        and not actions.isdisjoint(as_list(statement.get("Action")))
    )


def encrypts_queues(resource: Resource) -> Iterator[str]:
    """Messages are encrypted at rest."""
    if resource.type == QUEUE and not (
        is_or_may_be(resource.properties.get("sqsManagedSseEnabled"), True)
        or given(resource.properties.get("kmsMasterKeyId"))
    ):
        yield "it does not encrypt its messages; set sqs_managed_sse_enabled"


def alarm_topics(resources: Sequence[Resource]) -> set[str]:
    """The URNs of the topics that alarms notify."""
    alarms = of_type(resources, "aws:cloudwatch/metricAlarm:MetricAlarm")
    return {urn for alarm in alarms for urn in alarm.references.get("alarmActions", ())}


def encrypts_topics(resources: Sequence[Resource]) -> Iterator[Violation]:
    """Notifications are encrypted at rest. CloudWatch may not use the key that costs nothing, so alarms are not."""
    speaking = alarm_topics(resources)
    for topic in of_type(resources, TOPIC):
        if topic.urn not in speaking and not given(topic.properties.get("kmsMasterKeyId")):
            yield topic, "it does not encrypt its messages; set kms_master_key_id (alias/aws/sns costs nothing)"


def recovers_tables(resource: Resource) -> Iterator[str]:
    """A table can be put back to any second of the last 35 days."""
    if resource.type == "aws:dynamodb/table:Table" and not is_or_may_be(
        part(resource.properties.get("pointInTimeRecovery"), "enabled"), True
    ):
        yield "it has no point-in-time recovery"


def encrypts_parameters(resource: Resource) -> Iterator[str]:
    """What the parameter store keeps is encrypted: the webhooks of chat channels are in it."""
    if resource.type == "aws:ssm/parameter:Parameter" and not is_or_may_be(
        resource.properties.get("type"), "SecureString"
    ):
        yield "it keeps its value in plain; set type to SecureString"


def serves_pages_over_tls(resource: Resource) -> Iterator[str]:
    """CloudFront answers, and asks, over TLS only."""
    if resource.type != "aws:cloudfront/distribution:Distribution":
        return
    behaviors = [
        resource.properties.get("defaultCacheBehavior"),
        *as_list(resource.properties.get("orderedCacheBehaviors")),
    ]
    for behavior in behaviors:
        if part(behavior, "viewerProtocolPolicy") not in (UNKNOWN, "https-only", "redirect-to-https"):
            yield f"{part(behavior, 'pathPattern') or 'its default behavior'} answers without TLS"
    for origin in as_list(resource.properties.get("origins")):
        custom = part(origin, "customOriginConfig")
        if custom and not is_or_may_be(part(custom, "originProtocolPolicy"), "https-only"):
            yield f"it asks its origin {part(origin, 'originId')} without TLS"
    certificate = resource.properties.get("viewerCertificate")
    least = part(certificate, "minimumProtocolVersion")
    # Of its own names CloudFront decides, and takes no version from us.
    known = part(certificate, "acmCertificateArn") and least is not UNKNOWN
    if known and not str(least).startswith(("TLSv1.2", "TLSv1.3")):
        yield f"browsers may use {least or 'any'} for its own name; set minimum_protocol_version to TLSv1.2_2021"
