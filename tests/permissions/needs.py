"""What each role is allowed, and what fails without it.

`exercise` shows it on the emulator. Where that does not enforce a permission, `source` is where AWS documents the
need, and a test of the program keeps the statement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.permissions import exercises
from tests.permissions.enforced import Enforced

Exercise = Callable[[Enforced], str]

_LOGS = "docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"
_SCANNER = "docs.aws.amazon.com/guardduty/latest/ug/malware-protection-s3-iam-policy-prerequisite.html"
_MAPPING = "docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"


@dataclass(frozen=True, kw_only=True)
class Need:
    """`role` is the part of its name between the project and Pulumi's suffix."""

    role: str
    action: str
    fails: str
    exercise: Exercise | None = None
    source: str = ""


def _logs(role: str) -> tuple[Need, Need]:
    return (
        Need(role=role, action="logs:CreateLogStream", fails="nothing is logged", source=_LOGS),
        Need(role=role, action="logs:PutLogEvents", fails="nothing is logged", source=_LOGS),
    )


def _key(role: str) -> Need:
    """For existing buckets with a key of their own; the emulator's KMS refuses nobody."""
    source = "docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"
    fails = "files of an existing bucket with a KMS key cannot be read"
    return Need(role=role, action="kms:Decrypt", fails=fails, source=source)


def _scanner(fails: str, *actions: str) -> tuple[Need, ...]:
    """GuardDuty's own role: the emulator scans without one."""
    return tuple(Need(role="scan-role", action=action, fails=fails, source=_SCANNER) for action in actions)


NOTIFY, PROCESS, DIGEST, API = "notify-role", "process-role", "digest-role", "api-role"
CHAT = "chat-role"
EXPECT = "expect-role"

ALL: tuple[Need, ...] = (
    Need(role=NOTIFY, action="sns:Publish", fails="no notification is published", exercise=exercises.notify),
    Need(role=NOTIFY, action="dynamodb:UpdateItem", fails="no event can be claimed", exercise=exercises.notify),
    Need(
        role=NOTIFY,
        action="dynamodb:GetItem",
        fails="nobody knows whether the hour before ended in a storm, nor whether a file was expected earlier",
        exercise=exercises.notify_late,
    ),
    Need(
        role=NOTIFY,
        action="sqs:SendMessage",
        fails="an event that cannot be notified is lost after the third attempt",
        source="docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
    ),
    Need(
        role=NOTIFY,
        action="s3:ListBucketVersions",
        fails="in mode basic, a file that comes too late does not say by when it was expected",
        source="docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html",
    ),
    *_logs(NOTIFY),
    Need(
        role=PROCESS,
        action="s3:GetObjectVersion",
        fails="no file can be read",
        exercise=exercises.process_a_version,
    ),
    Need(
        role=PROCESS,
        action="s3:GetObject",
        fails="files that came before versioning cannot be read",
        exercise=exercises.process_no_version,
    ),
    Need(
        role=PROCESS,
        action="s3:ListBucket",
        fails="the item of a deleted file says: forbidden",
        source="docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html",
    ),
    _key(PROCESS),
    Need(role=PROCESS, action="dynamodb:GetItem", fails="no item is found", exercise=exercises.process_a_version),
    Need(
        role=PROCESS,
        action="dynamodb:UpdateItem",
        fails="no result is written",
        exercise=exercises.process_a_version,
    ),
    Need(
        role=PROCESS,
        action="sns:Publish",
        fails="what is found in files is not announced; only with a rule that asks for it",
        exercise=exercises.announce,
    ),
    Need(
        role=PROCESS,
        action="sqs:ChangeMessageVisibility",
        fails="failed messages are redelivered after the visibility timeout only",
        exercise=exercises.redeliver,
    ),
    Need(
        role=PROCESS,
        action="sqs:SendMessage",
        fails="files that stay without a result of the malware scan are not noticed",
        exercise=exercises.look_for_result_later,
    ),
    Need(role=PROCESS, action="sqs:ReceiveMessage", fails="Lambda refuses the event source mapping", source=_MAPPING),
    Need(role=PROCESS, action="sqs:DeleteMessage", fails="Lambda refuses the event source mapping", source=_MAPPING),
    Need(
        role=PROCESS,
        action="sqs:GetQueueAttributes",
        fails="Lambda refuses the event source mapping",
        source=_MAPPING,
    ),
    *_logs(PROCESS),
    Need(role=DIGEST, action="sqs:ReceiveMessage", fails="no digest is sent", exercise=exercises.send_digest),
    Need(role=DIGEST, action="sns:Publish", fails="no digest is sent", exercise=exercises.send_digest),
    Need(role=DIGEST, action="sqs:DeleteMessage", fails="digests repeat themselves", exercise=exercises.send_digest),
    Need(
        role=DIGEST,
        action="sqs:SendMessage",
        fails="a rule that was notified is notified again with the rule that was not",
        exercise=exercises.keep_for_one_rule,
    ),
    *_logs(DIGEST),
    Need(role=CHAT, action="ssm:GetParameters", fails="nothing is posted", exercise=exercises.read_webhook),
    Need(
        role=CHAT,
        action="sqs:SendMessage",
        fails="a message that one channel missed is posted to the others again",
        exercise=exercises.copy_for_channel,
    ),
    Need(
        role=CHAT,
        action="sqs:ChangeMessageVisibility",
        fails="failed messages are posted after the visibility timeout only",
        exercise=exercises.retry_post,
    ),
    Need(
        role=CHAT,
        action="sqs:DeleteMessage",
        fails="a batch whose function ends is posted again as a whole",
        exercise=exercises.delete_posted,
    ),
    Need(role=CHAT, action="sqs:ReceiveMessage", fails="Lambda refuses the event source mapping", source=_MAPPING),
    Need(role=CHAT, action="sqs:GetQueueAttributes", fails="Lambda refuses the event source mapping", source=_MAPPING),
    *_logs(CHAT),
    Need(role=API, action="dynamodb:Query", fails="files are not listed", exercise=exercises.list_files),
    Need(role=API, action="dynamodb:BatchGetItem", fails="files are not listed", exercise=exercises.list_files),
    Need(role=API, action="dynamodb:GetItem", fails="a file is not described", exercise=exercises.describe),
    Need(role=API, action="dynamodb:PutItem", fails="days are not counted", exercise=exercises.count),
    Need(role=API, action="s3:ListBucket", fails="files are not searched", exercise=exercises.search),
    Need(
        role=API,
        action="s3:GetObjectVersion",
        fails="links to files answer 403",
        exercise=exercises.download_a_version,
    ),
    Need(
        role=API,
        action="s3:GetObject",
        fails="links to files that came before versioning answer 403",
        exercise=exercises.download_no_version,
    ),
    _key(API),
    Need(role=API, action="sqs:SendMessage", fails="files are not processed again", exercise=exercises.reprocess),
    Need(role=API, action="sts:AssumeRole", fails="nobody can upload or delete", exercise=exercises.ask_to_upload),
    *_logs(API),
    Need(
        role=API,
        action="logs:CreateLogStream",
        fails="the first act of all cannot be recorded, and does not happen",
        source="docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    ),
    Need(
        role=API,
        action="logs:PutLogEvents",
        fails="no act can be recorded, and none happens",
        exercise=exercises.reprocess,
    ),
    *_logs("groups-role"),
    Need(role="api-uploader", action="s3:PutObject", fails="the bucket refuses uploads", exercise=exercises.upload),
    Need(
        role="api-uploader",
        action="s3:ListMultipartUploadParts",
        fails="an interrupted upload in parts cannot be continued",
        exercise=exercises.list_parts,
    ),
    Need(
        role="api-uploader",
        action="s3:AbortMultipartUpload",
        fails="parts of a cancelled upload stay for seven days",
        exercise=exercises.abort_parts,
    ),
    Need(role="api-remover", action="s3:DeleteObject", fails="files are not deleted", exercise=exercises.delete),
    *_scanner(
        "GuardDuty learns of no upload, and the plan is in error",
        "events:PutRule",
        "events:DeleteRule",
        "events:PutTargets",
        "events:RemoveTargets",
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "s3:PutBucketNotification",
        "s3:GetBucketNotification",
    ),
    *_scanner(
        "scanned objects are not tagged",
        "s3:PutObjectTagging",
        "s3:GetObjectTagging",
        "s3:PutObjectVersionTagging",
        "s3:GetObjectVersionTagging",
    ),
    *_scanner("GuardDuty cannot test its permissions, and the plan is in error", "s3:PutObject", "s3:ListBucket"),
    *_scanner("no object is scanned", "s3:GetObject", "s3:GetObjectVersion"),
    Need(
        role="digest-schedule-role",
        action="lambda:InvokeFunction",
        fails="no digest is sent",
        source="docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html",
    ),
    Need(role=EXPECT, action="sns:Publish", fails="nobody is notified of missing files", exercise=exercises.expect),
    Need(role=EXPECT, action="s3:ListBucketVersions", fails="nobody knows what arrived", exercise=exercises.expect),
    Need(role=EXPECT, action="dynamodb:UpdateItem", fails="no window can be claimed", exercise=exercises.expect),
    Need(
        role=EXPECT,
        action="sqs:SendMessage",
        fails="an invocation that fails three times is lost",
        source="docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
    ),
    *_logs(EXPECT),
    Need(
        role="expect-schedule-role",
        action="lambda:InvokeFunction",
        fails="nobody looks whether files have arrived",
        source="docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html",
    ),
    Need(
        role="expect-schedule-role",
        action="sqs:SendMessage",
        fails="an invocation that cannot be made is lost",
        source="docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html",
    ),
)
EXERCISED = tuple(need for need in ALL if need.exercise is not None)
