"""The permissions to read, and to make and remove, each type of resource that the program deploys.

Source: AWS's Service Authorization Reference for names and resources. The calls are those in the source of
terraform-provider-aws (internal/service), with the arguments that the program sets: what is never set is never changed.
Every physical name begins with the program's name, because Pulumi makes it of the resource's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NAME = "file-notifications-*"

ROLE = f"iam::{{account}}:role/{NAME}"
FUNCTION = f"lambda:*:{{account}}:function:{NAME}"

_BUCKET = f"s3:::{NAME}"
_SITE_FILES = "s3:::file-notifications-web-site-*/*"
_FILES = f"s3:::{NAME}/*"
_TOPIC = f"sns:*:{{account}}:{NAME}"
_QUEUE = f"sqs:*:{{account}}:{NAME}"
_PARAMETER = f"ssm:*:{{account}}:parameter/{NAME}"
_LAYER = f"lambda:*:{{account}}:layer:{NAME}"
_MAPPING = "lambda:*:{account}:event-source-mapping:*"
_ALARM = f"cloudwatch:*:{{account}}:alarm:{NAME}"
_DASHBOARD = f"cloudwatch::{{account}}:dashboard/{NAME}"
_LOGS = f"logs:*:{{account}}:log-group:{NAME}"
_EVENT_RULE = f"events:*:{{account}}:rule/{NAME}"
_TABLE = f"dynamodb:*:{{account}}:table/{NAME}"
_POOL = "cognito-idp:*:{account}:userpool/*"
_API = "apigateway:*::/restapis"
_SCHEDULE = f"scheduler:*:{{account}}:schedule/default/{NAME}"
_CLOUDFRONT = "cloudfront::{account}:"
_SCAN_PLAN = "guardduty:*:{account}:malware-protection-plan/*"

ANY = "*"
"""For actions that AWS authorizes on no resource: where nothing is named yet, or where a list is searched."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """Actions by the resource that they are on: an ARN after its partition, or ANY."""

    reads: Mapping[str, str]
    writes: Mapping[str, str]


def _needs(on: str, service: str, reads: str, writes: str, **others: Mapping[str, str]) -> Needs:
    """`reads` and `writes` are actions of the service on one resource; `others` adds actions on other resources."""

    def named(actions: str) -> str:
        return " ".join(f"{service}:{action}" for action in actions.split())

    return Needs(
        reads={on: named(reads), **others.get("also_reads", {})},
        writes={on: named(writes), **others.get("also_writes", {})},
    )


_API_NEEDS = _needs(f"{_API}/*", "apigateway", "GET", "POST PUT PATCH DELETE")
_API_TAGS = {"apigateway:*::/tags/*": "apigateway:PUT apigateway:DELETE"}

BY_TYPE: Mapping[str, Needs] = {
    "aws:apigateway/deployment:Deployment": _API_NEEDS,
    "aws:apigateway/methodSettings:MethodSettings": _API_NEEDS,
    "aws:apigateway/restApi:RestApi": _needs(
        _API,
        "apigateway",
        "",
        "POST",
        also_reads=_API_NEEDS.reads,
        also_writes={**_API_NEEDS.writes, **_API_TAGS},
    ),
    "aws:apigateway/stage:Stage": _needs(
        f"{_API}/*", "apigateway", "GET", "POST PUT PATCH DELETE", also_writes=_API_TAGS
    ),
    "aws:cloudfront/distribution:Distribution": _needs(
        f"{_CLOUDFRONT}distribution/*",
        "cloudfront",
        "GetDistribution ListTagsForResource",
        "UpdateDistribution DeleteDistribution TagResource UntagResource",
        also_writes={ANY: "cloudfront:CreateDistribution"},
    ),
    "aws:cloudfront/function:Function": _needs(
        f"{_CLOUDFRONT}function/{NAME}",
        "cloudfront",
        "DescribeFunction GetFunction ListTagsForResource",
        "UpdateFunction PublishFunction DeleteFunction TagResource UntagResource",
        also_writes={ANY: "cloudfront:CreateFunction"},
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": _needs(
        f"{_CLOUDFRONT}origin-access-control/*",
        "cloudfront",
        "GetOriginAccessControl",
        "UpdateOriginAccessControl DeleteOriginAccessControl",
        also_writes={ANY: "cloudfront:CreateOriginAccessControl"},
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _needs(
        f"{_CLOUDFRONT}response-headers-policy/*",
        "cloudfront",
        "GetResponseHeadersPolicy",
        "UpdateResponseHeadersPolicy DeleteResponseHeadersPolicy",
        also_writes={ANY: "cloudfront:CreateResponseHeadersPolicy"},
    ),
    "aws:cloudwatch/dashboard:Dashboard": _needs(
        _DASHBOARD, "cloudwatch", "GetDashboard", "PutDashboard DeleteDashboards"
    ),
    "aws:cloudwatch/eventRule:EventRule": _needs(
        _EVENT_RULE, "events", "DescribeRule ListTagsForResource", "PutRule DeleteRule TagResource UntagResource"
    ),
    "aws:cloudwatch/eventTarget:EventTarget": _needs(
        _EVENT_RULE, "events", "ListTargetsByRule", "PutTargets RemoveTargets"
    ),
    "aws:cloudwatch/logGroup:LogGroup": _needs(
        _LOGS,
        "logs",
        "ListTagsForResource",
        "CreateLogGroup DeleteLogGroup PutRetentionPolicy TagResource UntagResource",
        also_reads={ANY: "logs:DescribeLogGroups"},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _needs(
        _ALARM,
        "cloudwatch",
        "ListTagsForResource",
        "PutMetricAlarm DeleteAlarms TagResource UntagResource",
        also_reads={"cloudwatch:*:{account}:alarm:*": "cloudwatch:DescribeAlarms"},
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": _needs(
        ANY, "logs", "DescribeQueryDefinitions", "PutQueryDefinition DeleteQueryDefinition"
    ),
    "aws:cognito/identityProvider:IdentityProvider": _needs(
        _POOL,
        "cognito-idp",
        "DescribeIdentityProvider",
        "CreateIdentityProvider UpdateIdentityProvider DeleteIdentityProvider",
    ),
    "aws:cognito/resourceServer:ResourceServer": _needs(
        _POOL, "cognito-idp", "DescribeResourceServer", "CreateResourceServer UpdateResourceServer DeleteResourceServer"
    ),
    "aws:cognito/userGroup:UserGroup": _needs(_POOL, "cognito-idp", "GetGroup", "CreateGroup DeleteGroup"),
    "aws:cognito/userPool:UserPool": _needs(
        _POOL,
        "cognito-idp",
        "DescribeUserPool GetUserPoolMfaConfig",
        "UpdateUserPool SetUserPoolMfaConfig DeleteUserPool TagResource UntagResource",
        also_writes={ANY: "cognito-idp:CreateUserPool"},
    ),
    "aws:cognito/userPoolClient:UserPoolClient": _needs(
        _POOL, "cognito-idp", "DescribeUserPoolClient", "CreateUserPoolClient UpdateUserPoolClient DeleteUserPoolClient"
    ),
    "aws:cognito/userPoolDomain:UserPoolDomain": _needs(
        _POOL,
        "cognito-idp",
        "",
        "CreateUserPoolDomain UpdateUserPoolDomain DeleteUserPoolDomain",
        also_reads={ANY: "cognito-idp:DescribeUserPoolDomain"},
    ),
    "aws:dynamodb/table:Table": _needs(
        _TABLE,
        "dynamodb",
        "DescribeTable DescribeContinuousBackups DescribeTimeToLive ListTagsOfResource",
        "CreateTable UpdateTable DeleteTable UpdateContinuousBackups UpdateTimeToLive TagResource UntagResource",
    ),
    "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan": _needs(
        _SCAN_PLAN,
        "guardduty",
        "GetMalwareProtectionPlan ListTagsForResource",
        "UpdateMalwareProtectionPlan DeleteMalwareProtectionPlan TagResource UntagResource",
        also_writes={ANY: "guardduty:CreateMalwareProtectionPlan"},
    ),
    "aws:iam/role:Role": _needs(
        ROLE,
        "iam",
        "GetRole GetRolePolicy ListRolePolicies ListAttachedRolePolicies",
        "CreateRole UpdateRoleDescription UpdateAssumeRolePolicy DeleteRole ListInstanceProfilesForRole TagRole "
        "UntagRole PutRolePermissionsBoundary DeleteRolePermissionsBoundary",
    ),
    "aws:iam/rolePolicy:RolePolicy": _needs(ROLE, "iam", "GetRolePolicy", "PutRolePolicy DeleteRolePolicy"),
    "aws:lambda/eventSourceMapping:EventSourceMapping": _needs(
        _MAPPING,
        "lambda",
        "ListTags",
        "TagResource UntagResource",  # and MAPPING_CHANGES
        also_reads={ANY: "lambda:GetEventSourceMapping"},
    ),
    "aws:lambda/function:Function": _needs(
        FUNCTION,
        "lambda",
        # GetFunction leaves the tags out for anyone who may not ListTags:
        # https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
        "GetFunction GetFunctionCodeSigningConfig ListVersionsByFunction ListTags",
        "CreateFunction UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction TagResource UntagResource",
        also_writes={f"{_LAYER}:*": "lambda:GetLayerVersion"},
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": _needs(
        FUNCTION,
        "lambda",
        "GetFunctionEventInvokeConfig",
        "PutFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig",
    ),
    "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": _needs(
        FUNCTION, "lambda", "GetFunctionRecursionConfig", "PutFunctionRecursionConfig"
    ),
    "aws:lambda/layerVersion:LayerVersion": _needs(
        f"{_LAYER}:*",
        "lambda",
        "GetLayerVersion",
        "DeleteLayerVersion",
        also_writes={_LAYER: "lambda:PublishLayerVersion"},
    ),
    "aws:lambda/permission:Permission": _needs(FUNCTION, "lambda", "GetPolicy", "AddPermission RemovePermission"),
    "aws:s3/bucket:Bucket": _needs(
        _BUCKET,
        "s3",
        # A bucket is read whole, also what has a type of its own here.
        "ListBucket GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLogging "
        "GetBucketObjectLockConfiguration GetBucketPolicy GetBucketRequestPayment GetBucketTagging "
        "GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration GetLifecycleConfiguration "
        "GetReplicationConfiguration ListTagsForResource",
        "CreateBucket DeleteBucket PutBucketTagging TagResource UntagResource ListBucketVersions",
        also_writes={_FILES: "s3:DeleteObject s3:DeleteObjectVersion"},  # with protectData false
    ),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _needs(_BUCKET, "s3", "GetBucketCORS", "PutBucketCORS"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _needs(
        _BUCKET, "s3", "GetLifecycleConfiguration", "PutLifecycleConfiguration"
    ),
    "aws:s3/bucketNotification:BucketNotification": _needs(
        _BUCKET, "s3", "GetBucketNotification", "PutBucketNotification"
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": _needs(
        _SITE_FILES,
        "s3",
        "GetObject GetObjectTagging",
        "PutObject DeleteObject PutObjectTagging DeleteObjectTagging",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _needs(
        _BUCKET, "s3", "GetBucketOwnershipControls", "PutBucketOwnershipControls"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _needs(_BUCKET, "s3", "GetBucketPolicy", "PutBucketPolicy DeleteBucketPolicy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _needs(
        _BUCKET, "s3", "GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _needs(
        _BUCKET, "s3", "GetEncryptionConfiguration", "PutEncryptionConfiguration"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _needs(_BUCKET, "s3", "GetBucketVersioning", "PutBucketVersioning"),
    "aws:scheduler/schedule:Schedule": _needs(
        _SCHEDULE, "scheduler", "GetSchedule", "CreateSchedule UpdateSchedule DeleteSchedule"
    ),
    "aws:ssm/parameter:Parameter": _needs(
        _PARAMETER,
        "ssm",
        # A refresh reads the value as well: the webhooks of chat channels. Who may preview has the stack's secrets.
        "GetParameter ListTagsForResource",
        "PutParameter DeleteParameter AddTagsToResource RemoveTagsFromResource",
        also_reads={ANY: "ssm:DescribeParameters"},
    ),
    "aws:sns/topic:Topic": _needs(
        _TOPIC,
        "sns",
        "GetTopicAttributes ListTagsForResource",
        "CreateTopic SetTopicAttributes DeleteTopic TagResource UntagResource",
    ),
    "aws:sns/topicPolicy:TopicPolicy": _needs(_TOPIC, "sns", "GetTopicAttributes", "SetTopicAttributes"),
    "aws:sns/topicSubscription:TopicSubscription": _needs(
        _TOPIC,
        "sns",
        "",
        "Subscribe",
        also_reads={ANY: "sns:GetSubscriptionAttributes"},
        also_writes={ANY: "sns:SetSubscriptionAttributes sns:Unsubscribe"},
    ),
    "aws:sqs/queue:Queue": _needs(
        _QUEUE,
        "sqs",
        "GetQueueAttributes ListQueueTags",
        "CreateQueue SetQueueAttributes DeleteQueue TagQueue UntagQueue",
    ),
    "aws:sqs/queuePolicy:QueuePolicy": _needs(_QUEUE, "sqs", "GetQueueAttributes", "SetQueueAttributes"),
}

MAPPING_CHANGES = tuple(f"lambda:{verb}EventSourceMapping" for verb in ("Create", "Update", "Delete"))
"""Writes to event source mappings, whose ids AWS chooses: they are ours by their function. Reads take no condition.

https://docs.aws.amazon.com/lambda/latest/dg/permissions-user-function.html
"""

SEVERAL_REGIONS: Mapping[str, Needs] = {
    "aws:dynamodb/tableReplica:TableReplica": _needs(
        _TABLE,
        "dynamodb",
        "DescribeTable DescribeContinuousBackups ListTagsOfResource",
        "CreateTableReplica DeleteTableReplica UpdateTable UpdateContinuousBackups TagResource UntagResource "
        # AWS fills a new replica with the rights of the role that makes it.
        "Scan Query GetItem PutItem UpdateItem DeleteItem BatchWriteItem",
    ),
}
