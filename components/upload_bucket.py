"""The bucket that files land in."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.statements import Allow, policy, refuse_plain_http

ABANDONED_UPLOAD_DAYS = 7
OLD_VERSION_DAYS = 30


class UploadBucket(pulumi.ComponentResource):
    """A private, versioned bucket.

    Makes: bucket, public access block, ownership, encryption, versioning, lifecycle, TLS-only policy.
    Guarantees: nothing in it is public; parts of abandoned uploads go after 7 days, replaced and deleted versions
    after 30. While `protect` is true, neither an update nor a destroy deletes it; otherwise it goes with all it holds.
    """

    bucket: aws.s3.Bucket
    bucket_name: pulumi.Output[str]
    arn: pulumi.Output[str]
    host: pulumi.Output[str]
    """Where browsers reach the bucket."""

    def __init__(self, name: str, *, protect: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:UploadBucket", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(
            f"{name}-bucket",
            force_destroy=not protect,
            # Both: protection only guards through the preview, which people can skip.
            opts=pulumi.ResourceOptions(parent=self, protect=protect, retain_on_delete=protect),
        )
        self.bucket_name, self.arn = self.bucket.bucket, self.bucket.arn
        self.host = self.bucket.bucket_regional_domain_name
        private = aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=self.bucket_name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=self.bucket_name,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=self.bucket_name,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=child,
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=self.bucket_name,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=self.bucket_name,
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
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=self.bucket_name,
            policy=policy(refuse_plain_http("s3:*", self.arn, pulumi.Output.concat(self.arn, "/*"))),
            # A policy written while the block is being written may be refused.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[private]),
        )
        self.register_outputs({"bucket_name": self.bucket_name})

    def allow_read(self) -> Allow:
        """To read every version, and to be told "not found" of what is gone: without ListBucket S3 says "denied"."""
        return Allow(
            actions=["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"],
            resources=[self.arn, pulumi.Output.concat(self.arn, "/*")],
        )

    def allow_delete(self) -> Allow:
        """To hide an object behind a delete marker; its versions stay."""
        return Allow(actions=["s3:DeleteObject"], resources=[pulumi.Output.concat(self.arn, "/*")])
