"""The bucket that files are uploaded to."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.private_bucket import PrivateBucket
from components.statements import Allow

ABANDONED_UPLOAD_DAYS = 7
OLD_VERSION_DAYS = 30


class UploadBucket(pulumi.ComponentResource):
    """A private, versioned bucket.

    Makes: a private bucket with its policy, versioning, lifecycle.
    Guarantees: parts of abandoned uploads go after ABANDONED_UPLOAD_DAYS, replaced and deleted versions after
    OLD_VERSION_DAYS. While `protect` is true, neither an update nor a destroy deletes it; if it outlives the stack, it
    stays private, versioned and under its lifecycle.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    """Where browsers upload to and download from."""
    ready: list[pulumi.Resource]
    """What the first event has to wait for: without versioning it would name no version."""

    def __init__(self, name: str, *, protect: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:UploadBucket", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._prefix = name
        retained = pulumi.ResourceOptions(parent=self, retain_on_delete=protect)
        bucket = PrivateBucket(name, protect=protect, opts=child)
        bucket.write_policy()
        self.name, self.arn = bucket.name, bucket.arn
        self.url = pulumi.Output.concat("https://", bucket.domain_name)
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=self.name,
            versioning_configuration={"status": "Enabled"},
            opts=retained,
        )
        self.ready = [versioning]
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=self.name,
            rules=[
                {
                    "id": "abandoned-uploads",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": ABANDONED_UPLOAD_DAYS},
                },
                {
                    "id": "old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrent_version_expiration": {"noncurrent_days": OLD_VERSION_DAYS},
                    "expiration": {"expired_object_delete_marker": True},
                },
            ],
            # S3 refuses rules on old versions before there can be any.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning], retain_on_delete=protect),
        )
        self.register_outputs({"name": self.name})

    def open_to_pages(self, origins: Sequence[pulumi.Input[str]], *, methods: Sequence[str]) -> None:
        """Let pages of these origins use signed links and forms, and read the responses."""
        aws.s3.BucketCorsConfiguration(
            f"{self._prefix}-cors",
            bucket=self.name,
            cors_rules=[
                {
                    "allowed_methods": methods,
                    "allowed_origins": origins,
                    "allowed_headers": ["*"],
                    "expose_headers": ["ETag", "x-amz-error-code"],  # why S3 refused, for the page to say
                    "max_age_seconds": 3600,
                }
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def allow_read(self) -> Allow:
        """To read every version. Without ListBucket S3 answers "denied" instead of "not found" for what is gone."""
        return Allow(
            actions=["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"],
            resources=[self.arn, pulumi.Output.concat(self.arn, "/*")],
        )

    def allow_list_versions(self) -> Allow:
        """To see which versions there are, not to read any."""
        return Allow(actions=["s3:ListBucketVersions"], resources=[self.arn])

    def allow_delete(self) -> Allow:
        """To hide an object behind a delete marker; its versions stay."""
        return Allow(actions=["s3:DeleteObject"], resources=[pulumi.Output.concat(self.arn, "/*")])

    def allow_upload(self, prefix: str) -> Allow:
        """To write objects below a prefix, also in parts; to see and drop the parts of an unfinished upload."""
        return Allow(
            actions=["s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
            resources=[pulumi.Output.concat(self.arn, f"/{prefix}/*")],
        )
