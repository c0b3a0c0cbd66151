"""A bucket that is reachable by nothing but what its policy names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.statements import policy, refuse_plain_http


class PrivateBucket(pulumi.ComponentResource):
    """A private, encrypted bucket.

    Makes: bucket, public access block, ownership, encryption; the policy when `write_policy` is called.
    Guarantees: nothing in it can be made public, and nothing reaches it without TLS or encrypted with an uploader's own
    key. While `protect` is true, neither an update nor a destroy deletes it; otherwise it goes with all it holds.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    domain_name: pulumi.Output[str]
    """Of the bucket in its region."""

    def __init__(self, name: str, *, protect: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:PrivateBucket", name, None, opts)
        # A bucket that outlives the stack with people's files must not lose its guards.
        child = pulumi.ResourceOptions(parent=self, retain_on_delete=protect)
        self._retain_guards = protect
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            force_destroy=not protect,
            # Both: protection only guards through the preview, which people can skip.
            opts=pulumi.ResourceOptions(parent=self, protect=protect, retain_on_delete=protect),
        )
        self.name, self.arn, self.domain_name = bucket.bucket, bucket.arn, bucket.bucket_regional_domain_name
        self._policy_name = f"{name}-policy"
        self._block = aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=self.name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership", bucket=self.name, rule={"object_ownership": "BucketOwnerEnforced"}, opts=child
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=self.name,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"},
                    # Our functions could not read what an uploader encrypts with a key of their own. It is S3's default
                    # in new buckets as well, but unless it is set, versions of the provider report it as a change to
                    # undo, each time: https://github.com/cloudposse/terraform-aws-s3-bucket/issues/287
                    "blocked_encryption_types": ["SSE-C"],
                    "bucket_key_enabled": False,
                }
            ],
            opts=child,
        )
        self.register_outputs({"name": self.name})

    def write_policy(self, *statements: Mapping[str, Any]) -> None:
        """Write the bucket's one policy: TLS only, and these statements, which may name what is made of the bucket."""
        everything = (self.arn, pulumi.Output.concat(self.arn, "/*"))
        aws.s3.BucketPolicy(
            self._policy_name,
            bucket=self.name,
            policy=policy(refuse_plain_http("s3:*", *everything), *statements),
            # A policy written while the block is being written may be refused.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._block], retain_on_delete=self._retain_guards),
        )
