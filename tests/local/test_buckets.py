"""S3 buckets and their settings on the emulator, each through a small program."""

import pulumi
import pulumi_aws
import pytest
from botocore.exceptions import ClientError

from local.emulator.engine.state import DeploymentError


def test_a_bucket_that_may_be_destroyed_is_deleted_with_its_content(world, aws):
    def program():
        bucket = pulumi_aws.s3.Bucket("b", force_destroy=True)
        pulumi_aws.s3.BucketVersioning("v", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
        pulumi.export("name", bucket.bucket)

    name = world.apply(program).outputs["name"]
    for _ in range(2):
        aws.s3.put_object(Bucket=name, Key="a", Body=b"x")
    aws.s3.delete_object(Bucket=name, Key="a")
    aws.s3.put_object(Bucket=name, Key="control\x01", Body=b"x")  # XML, which names what to delete, has no such key
    aws.s3.create_multipart_upload(Bucket=name, Key="abandoned")

    world.apply(lambda: None)

    assert name not in [bucket["Name"] for bucket in aws.s3.list_buckets()["Buckets"]]


def test_a_bucket_with_files_is_not_deleted_without_force_destroy(world, aws):
    def program():
        pulumi.export("name", pulumi_aws.s3.Bucket("b").bucket)

    name = world.apply(program).outputs["name"]
    aws.s3.put_object(Bucket=name, Key="a", Body=b"x")

    with pytest.raises(DeploymentError, match="BucketNotEmpty"):
        world.apply(lambda: None)

    aws.s3.delete_object(Bucket=name, Key="a")


def test_all_settings_of_a_bucket_are_written(world, aws):
    def program():
        bucket = pulumi_aws.s3.Bucket("b", force_destroy=True)
        versioning = pulumi_aws.s3.BucketVersioning(
            "v", bucket=bucket.id, versioning_configuration={"status": "Enabled"}
        )
        pulumi_aws.s3.BucketServerSideEncryptionConfiguration(
            "e",
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"},
                    "blocked_encryption_types": ["SSE-C"],
                }
            ],
        )
        pulumi_aws.s3.BucketLifecycleConfiguration(
            "l",
            bucket=bucket.id,
            rules=[
                {
                    "id": "old",
                    "status": "Enabled",
                    "filter": {"prefix": "a/"},
                    "noncurrent_version_expiration": {"noncurrent_days": 30},
                }
            ],
            opts=pulumi.ResourceOptions(depends_on=[versioning]),
        )
        pulumi_aws.s3.BucketOwnershipControls("o", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"})
        pulumi_aws.s3.BucketPublicAccessBlock("p", bucket=bucket.id, block_public_acls=True)
        pulumi.export("name", bucket.id)

    name = world.apply(program).outputs["name"]

    assert aws.s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    encryption = aws.s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    (rule,) = aws.s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert (rule["ID"], rule["NoncurrentVersionExpiration"]) == ("old", {"NoncurrentDays": 30})
    block = aws.s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert (block["BlockPublicAcls"], block["BlockPublicPolicy"]) == (True, False)
    owner = aws.s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert owner == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_a_notification_is_written_with_its_filter_and_removed(world, aws):
    def program(*, notifies: bool = True):
        bucket = pulumi_aws.s3.Bucket("b")
        queue = pulumi_aws.sqs.Queue("q")
        pulumi.export("name", bucket.id)
        if notifies:
            pulumi_aws.s3.BucketNotification(
                "n",
                bucket=bucket.id,
                queues=[{"id": "all", "queue_arn": queue.arn, "events": ["s3:ObjectCreated:*"], "filter_prefix": "a/"}],
            )

    name = world.apply(program).outputs["name"]
    (target,) = aws.s3.get_bucket_notification_configuration(Bucket=name)["QueueConfigurations"]
    assert (target["Id"], target["Events"]) == ("all", ["s3:ObjectCreated:*"])
    assert [(rule["Name"].lower(), rule["Value"]) for rule in target["Filter"]["Key"]["FilterRules"]] == [
        ("prefix", "a/")
    ]

    world.apply(lambda: program(notifies=False))

    assert "QueueConfigurations" not in aws.s3.get_bucket_notification_configuration(Bucket=name)


def test_cors_rules_of_a_bucket_are_written_and_removed(world, unique):
    def with_rules():
        bucket = pulumi_aws.s3.Bucket("bucket", bucket=name)
        rule = {"allowed_methods": ["GET"], "allowed_origins": ["https://a.example.com"], "max_age_seconds": 5}
        pulumi_aws.s3.BucketCorsConfiguration("rules", bucket=bucket.bucket, cors_rules=[rule])

    name = f"{unique}-with-rules"
    world.apply(with_rules)
    (rule,) = world.aws.s3.get_bucket_cors(Bucket=name)["CORSRules"]
    assert rule == {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example.com"], "MaxAgeSeconds": 5}

    world.apply(lambda: pulumi_aws.s3.Bucket("bucket", bucket=name))
    with pytest.raises(ClientError, match="NoSuchCORSConfiguration"):
        world.aws.s3.get_bucket_cors(Bucket=name)
