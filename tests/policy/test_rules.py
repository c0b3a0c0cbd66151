"""Each rule is seen to find what it is there for."""

from __future__ import annotations

import inspect
import json

import pytest

from policy.rules import RESOURCE_RULES, STACK_RULES, access, data, failures
from policy.rules.resource import UNKNOWN, Resource

ACCOUNT = "111122223333"
QUEUE_ARN = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:notifications"

BUCKET, QUEUE, TOPIC = data.BUCKET, data.QUEUE, data.TOPIC
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
EVENT_TARGET = failures.EVENT_TARGET
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
PARAMETER = "aws:ssm/parameter:Parameter"
PERMISSION = "aws:lambda/permission:Permission"
ROLE = "aws:iam/role:Role"
TABLE = "aws:dynamodb/table:Table"
ALARM, FUNCTION, ON_FAILURE, SUBSCRIPTION = (
    failures.ALARM,
    failures.FUNCTION,
    failures.ON_FAILURE,
    failures.SUBSCRIPTION,
)


def made(type_, name="it", *, of=None, **properties):
    """A resource; `of` maps its properties to the resources that they are made of."""
    references = {key: frozenset(one.urn for one in others) for key, others in (of or {}).items()}
    return Resource(type=type_, name=name, urn=f"urn::{type_}::{name}", properties=properties, references=references)


def allowing(**statement):
    """A queue's policy that lets the topic's service in, with what is to be different."""
    condition = {"ArnLike": {"aws:SourceArn": QUEUE_ARN}}
    whole = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE_ARN,
        "Condition": condition,
        **statement,
    }
    return made("aws:sqs/queuePolicy:QueuePolicy", policy=json.dumps({"Statement": [whole]}))


def showing(least):
    """A distribution with a certificate of its own, and the least version of TLS."""
    certificate = {"acmCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/1"}
    shown = {**certificate, **({"minimumProtocolVersion": least} if least else {})}
    return made(DISTRIBUTION, defaultCacheBehavior={"viewerProtocolPolicy": "https-only"}, viewerCertificate=shown)


def trusting(**statement):
    whole = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
        **statement,
    }
    return made(ROLE, assumeRolePolicy=json.dumps({"Statement": [whole]}))


def behaving(**behavior):
    origin = {"originId": "api", "customOriginConfig": {"originProtocolPolicy": "https-only"}}
    return made(DISTRIBUTION, defaultCacheBehavior=behavior, origins=[origin])


def for_cloudfront(arn):
    return allowing(Principal={"Service": "cloudfront.amazonaws.com"}, Condition={"ArnLike": {"aws:SourceArn": arn}})


BUCKET_ARN = "arn:aws:s3:::bucket"
THIS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
OF_ONE_RESOURCE = {
    access.names_every_action: (
        [allowing()],
        [allowing(Action="sqs:*"), allowing(Action=["sqs:SendMessage", "*"]), allowing(Action="sqs:Send*")],
    ),
    access.names_every_resource: (
        [allowing(), allowing(Resource=[f"{QUEUE_ARN}", "arn:aws:s3:::bucket/*"])],
        [allowing(Resource="*"), allowing(Resource=[QUEUE_ARN, "arn:aws:sqs:eu-west-1:111122223333:*"])],
    ),
    access.allows_only_what_it_names: (
        [allowing(), allowing(Effect="Deny", NotAction="sqs:SendMessage")],
        [allowing(NotAction="sqs:SendMessage"), allowing(NotResource=QUEUE_ARN), allowing(NotPrincipal={"AWS": "1"})],
    ),
    access.allows_no_anonymous_access: (
        [allowing(), allowing(Effect="Deny", Principal="*"), trusting()],
        [allowing(Principal="*"), allowing(Principal={"AWS": "*"}), trusting(Principal={"AWS": ["*"]})],
    ),
    access.allows_services_for_one_source: (
        [
            allowing(),
            for_cloudfront(f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"),
            allowing(Condition={**THIS_ACCOUNT, "ArnLike": {"aws:SourceArn": BUCKET_ARN}}),
            allowing(Condition={"ArnLike": {"aws:SourceArn": [QUEUE_ARN, f"{QUEUE_ARN}-2"]}}),
        ],
        [
            for_cloudfront("arn:aws:cloudfront:::distribution/E1"),
            for_cloudfront("arn:aws:s3:::bucket"),
            allowing(Condition={"ArnLike": {"aws:SourceArn": BUCKET_ARN}}),
            allowing(Condition={"ArnLike": {"aws:SourceArn": [QUEUE_ARN, BUCKET_ARN]}}),
            allowing(Condition={}),
            allowing(Condition=THIS_ACCOUNT),
            allowing(Condition={**THIS_ACCOUNT, "ArnLike": {"aws:SourceArn": "*"}}),
            allowing(Condition={**THIS_ACCOUNT, "ArnLike": {"aws:SourceArn": [QUEUE_ARN, "*"]}}),
            allowing(Condition={**THIS_ACCOUNT, "ArnNotLike": {"aws:SourceArn": QUEUE_ARN}}),
            allowing(Condition={**THIS_ACCOUNT, "ArnLikeIfExists": {"aws:SourceArn": QUEUE_ARN}}),
        ],
    ),
    access.lets_functions_be_invoked_by_one_source: (
        [made(PERMISSION, sourceArn=QUEUE_ARN), made(PERMISSION, sourceArn=BUCKET_ARN, sourceAccount=ACCOUNT)],
        [made(PERMISSION, sourceArn=BUCKET_ARN), made(PERMISSION, sourceAccount=ACCOUNT)],
    ),
    access.lets_roles_be_assumed_from_this_account: (
        [
            trusting(),
            trusting(Principal={"Service": "scheduler.amazonaws.com"}, Condition=THIS_ACCOUNT),
            trusting(Principal={"Service": "malware-protection-plan.guardduty.amazonaws.com"}),
            trusting(Principal={"AWS": ACCOUNT}, Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::1:role/a"}}),
        ],
        [
            trusting(Action=["sts:AssumeRole", "sts:TagSession"]),
            trusting(Principal={"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}),
            trusting(Principal={"Service": "scheduler.amazonaws.com"}),
            *(
                trusting(
                    Principal={"Service": "scheduler.amazonaws.com"}, Condition={test: {"aws:SourceAccount": ACCOUNT}}
                )
                for test in ("StringEqualsIfExists", "StringNotEquals")
            ),
            trusting(Principal={"AWS": ACCOUNT}),
        ],
    ),
    access.gives_roles_written_policies_only: (
        [made(ROLE, managedPolicyArns=[])],
        [
            made(ROLE, managedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
            made(ROLE, inlinePolicies=[{"name": "a", "policy": "{}"}]),
            made("aws:iam/rolePolicyAttachment:RolePolicyAttachment"),
        ],
    ),
    data.encrypts_queues: (
        [made(QUEUE, sqsManagedSseEnabled=True), made(QUEUE, kmsMasterKeyId="alias/aws/sqs")],
        [made(QUEUE), made(QUEUE, sqsManagedSseEnabled=False)],
    ),
    data.recovers_tables: (
        [made(TABLE, pointInTimeRecovery={"enabled": True})],
        [made(TABLE), made(TABLE, pointInTimeRecovery={"enabled": False})],
    ),
    data.encrypts_parameters: (
        [made(PARAMETER, type="SecureString")],
        [made(PARAMETER, type="String"), made(PARAMETER, type="StringList")],
    ),
    data.serves_pages_over_tls: (
        [
            behaving(viewerProtocolPolicy="redirect-to-https"),
            behaving(viewerProtocolPolicy="https-only"),
            showing("TLSv1.2_2021"),
        ],
        [
            showing("TLSv1.1_2016"),
            showing(None),
            behaving(viewerProtocolPolicy="allow-all"),
            made(DISTRIBUTION, origins=[{"customOriginConfig": {"originProtocolPolicy": "match-viewer"}}]),
        ],
    ),
    failures.keeps_events_that_rules_cannot_deliver: (
        [made(EVENT_TARGET, deadLetterConfig={"arn": QUEUE_ARN})],
        [made(EVENT_TARGET)],
    ),
    failures.lets_logs_expire: (
        [made(LOG_GROUP, retentionInDays=14)],
        [made(LOG_GROUP), made(LOG_GROUP, retentionInDays=0)],
    ),
    failures.gives_back_single_messages: (
        [made(MAPPING, functionResponseTypes=["ReportBatchItemFailures"])],
        [made(MAPPING), made(MAPPING, functionResponseTypes=[])],
    ),
    failures.notifies_of_alarms: (
        [made(ALARM, alarmActions=["arn"], okActions=["arn"])],
        [made(ALARM), made(ALARM, alarmActions=["arn"], okActions=[])],
    ),
}

REFUSED = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:*",
    "Resource": [QUEUE_ARN],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def refusing(kind, policy_type, property_, **changes):
    """Something with its policy, which refuses plain http but for the changes."""
    guarded = made(kind)
    document = json.dumps({"Statement": [{**REFUSED, **changes}]})
    return [guarded, made(policy_type, of={property_: [guarded]}, policy=document)]


def refusing_queue(**changes):
    return refusing(QUEUE, "aws:sqs/queuePolicy:QueuePolicy", "queueUrl", **changes)


def refusing_bucket(*resources):
    return refusing(BUCKET, "aws:s3/bucketPolicy:BucketPolicy", "bucket", Action="s3:*", Resource=list(resources))


def guarded(policy_type, **properties):
    bucket = made(BUCKET)
    return [bucket, made(policy_type, of={"bucket": [bucket]}, **properties)]


SWITCHES = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
LAST = made(QUEUE, "last", messageRetentionSeconds=14 * 86_400)
SHORT = made(QUEUE, "last", messageRetentionSeconds=345_600)
NOTIFICATIONS, ALARMS = made(TOPIC, "notifications", kmsMasterKeyId="alias/aws/sns"), made(TOPIC, "alarms")
SPEAKING = made(ALARM, of={"alarmActions": [ALARMS]})
GROUP, NOTIFY, ANOTHER = made(LOG_GROUP), made(FUNCTION), made(FUNCTION, "another")
INVOKED = made(PERMISSION, of={"function": [NOTIFY]}, principal="s3.amazonaws.com")


def first(behind):
    return made(QUEUE, "first", of={"redrivePolicy": [behind]}, redrivePolicy="{}")


def logging(name, group):
    return made(FUNCTION, name, of={"loggingConfig": [group]})


OF_A_STACK = {
    data.keeps_buckets_private: (
        [guarded(BLOCK, **SWITCHES)],
        [[made(BUCKET)], guarded(BLOCK), *(guarded(BLOCK, **{**SWITCHES, name: False}) for name in SWITCHES)],
    ),
    data.writes_to_its_own_buckets: (
        [guarded(NOTIFICATION, bucket="files")],
        [[made(NOTIFICATION, bucket="bucket-of-another-team")], [made(BUCKET), made(NOTIFICATION, bucket="other")]],
    ),
    data.owns_what_is_uploaded: (
        [guarded(OWNERSHIP, rule={"objectOwnership": "BucketOwnerEnforced"})],
        [[made(BUCKET)], guarded(OWNERSHIP, rule={"objectOwnership": "ObjectWriter"})],
    ),
    data.refuses_plain_http: (
        [
            refusing_queue(),
            refusing_bucket("arn:aws:s3:::files", "arn:aws:s3:::files/*"),
            refusing(TOPIC, "aws:sns/topicPolicy:TopicPolicy", "arn", Action="sns:Publish"),
        ],
        [
            [made(QUEUE)],
            [made(TOPIC)],
            [made(BUCKET)],
            refusing_queue(Effect="Allow"),
            refusing_queue(Action="sqs:SendMessage"),
            refusing_queue(Principal={"AWS": ACCOUNT}),
            refusing_queue(Condition={"Bool": {"aws:SecureTransport": "true"}}),
            refusing_bucket("arn:aws:s3:::files"),
        ],
    ),
    data.encrypts_topics: (
        [[NOTIFICATIONS], [ALARMS, SPEAKING]],
        [[ALARMS], [made(TOPIC, "notifications", kmsMasterKeyId="")]],
    ),
    failures.keeps_what_queues_give_up: ([[first(LAST), LAST]], [[made(QUEUE)], [LAST]]),
    failures.keeps_what_topics_cannot_deliver: (
        [
            [NOTIFICATIONS, made(SUBSCRIPTION, of={"topic": [NOTIFICATIONS]}, redrivePolicy="{}")],
            [ALARMS, SPEAKING, made(SUBSCRIPTION, of={"topic": [ALARMS]})],
        ],
        [[NOTIFICATIONS, made(SUBSCRIPTION, of={"topic": [NOTIFICATIONS]})], [made(SUBSCRIPTION, redrivePolicy="")]],
    ),
    failures.keeps_events_that_functions_fail: (
        [
            [
                NOTIFY,
                INVOKED,
                made(ON_FAILURE, of={"functionName": [NOTIFY]}, destinationConfig={"onFailure": {"a": "b"}}),
            ],
            [NOTIFY, made(PERMISSION, of={"function": [NOTIFY]}, principal="apigateway.amazonaws.com")],
        ],
        [
            [NOTIFY, INVOKED],
            [NOTIFY, INVOKED, made(ON_FAILURE, of={"functionName": [NOTIFY]}, maximumRetryAttempts=0)],
            [
                NOTIFY,
                INVOKED,
                made(ON_FAILURE, of={"functionName": [ANOTHER]}, destinationConfig={"onFailure": {"a": "b"}}),
            ],
        ],
    ),
    failures.keeps_failures_fourteen_days: (
        [[first(LAST), LAST], [made(QUEUE, messageRetentionSeconds=60)]],
        [[first(SHORT), SHORT], [made(ON_FAILURE, of={"destinationConfig": [SHORT]}), SHORT]],
    ),
    failures.watches_dead_letter_queues: (
        [[first(LAST), LAST, made(ALARM, of={"dimensions": [LAST]})]],
        [[first(LAST), LAST], [first(LAST), LAST, made(ALARM, of={"dimensions": [first(LAST)]})]],
    ),
    failures.logs_each_function_into_a_group_of_its_own: (
        [[GROUP, logging("a", GROUP)]],
        [[GROUP, made(FUNCTION)], [GROUP, logging("a", GROUP), logging("b", GROUP)]],
    ),
}


def cases(table, *, kept):
    return [
        pytest.param(rule, one, id=f"{rule.__name__}-{number}")
        for rule, examples in table.items()
        for number, one in enumerate(examples[0 if kept else 1])
    ]


@pytest.mark.parametrize(("rule", "resource"), cases(OF_ONE_RESOURCE, kept=False))
def test_a_resource_that_breaks_the_rule_is_found(rule, resource):
    assert list(rule(resource))


@pytest.mark.parametrize(("rule", "resource"), cases(OF_ONE_RESOURCE, kept=True))
def test_a_resource_that_keeps_the_rule_is_left_alone(rule, resource):
    assert list(rule(resource)) == []


@pytest.mark.parametrize(("rule", "stack"), cases(OF_A_STACK, kept=False))
def test_a_stack_that_breaks_the_rule_is_found(rule, stack):
    assert list(rule(stack))


@pytest.mark.parametrize(("rule", "stack"), cases(OF_A_STACK, kept=True))
def test_a_stack_that_keeps_the_rule_is_left_alone(rule, stack):
    assert list(rule(stack)) == []


@pytest.mark.parametrize(("rule", "resource"), cases(OF_ONE_RESOURCE, kept=True))
def test_what_is_not_known_yet_breaks_no_rule(rule, resource):
    unknown = made(resource.type, **dict.fromkeys(resource.properties, UNKNOWN))

    assert list(rule(unknown)) == []


def test_every_rule_is_checked_by_the_pack_and_seen_to_break():
    assert set(RESOURCE_RULES) == set(OF_ONE_RESOURCE)
    assert set(STACK_RULES) == set(OF_A_STACK)


def test_every_function_of_the_rules_files_that_is_a_rule_is_listed():
    written = {
        function
        for module in (access, data, failures)
        for name, function in inspect.getmembers(module, inspect.isgeneratorfunction)
        if not name.startswith("_")
    }

    assert written == {*RESOURCE_RULES, *STACK_RULES}
