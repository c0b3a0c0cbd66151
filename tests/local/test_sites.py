"""CloudFront distributions on the emulator, each through a small program."""

import json
from urllib.parse import urlsplit

import httpx
import pulumi
import pulumi_aws
import pytest

from tests.local.world import actions

EVERYTHING = "function handler(event) { return event.request; }"
NOTHING = "function handler(event) { return {statusCode: 418}; }"


def site(text: str = "hello", *, code: str = EVERYTHING, frames: str = "DENY", comment: str = "A test"):
    """A program that puts a page behind CloudFront, and its address into a file."""

    def program():
        bucket = pulumi_aws.s3.Bucket("site", force_destroy=True)
        access = pulumi_aws.cloudfront.OriginAccessControl(
            "access", origin_access_control_origin_type="s3", signing_behavior="always", signing_protocol="sigv4"
        )
        headers = pulumi_aws.cloudfront.ResponseHeadersPolicy(
            "headers", security_headers_config={"frame_options": {"frame_option": frames, "override": True}}
        )
        function = pulumi_aws.cloudfront.Function("function", runtime="cloudfront-js-2.0", code=code)
        distribution = pulumi_aws.cloudfront.Distribution(
            "distribution",
            comment=comment,
            enabled=True,
            default_root_object="index.html",
            origins=[
                {
                    "origin_id": "site",
                    "domain_name": bucket.bucket_regional_domain_name,
                    "origin_access_control_id": access.id,
                }
            ],
            default_cache_behavior={
                "target_origin_id": "site",
                "viewer_protocol_policy": "redirect-to-https",
                "allowed_methods": ["GET", "HEAD"],
                "cached_methods": ["GET", "HEAD"],
                "cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6",
                "response_headers_policy_id": headers.id,
                "function_associations": [{"event_type": "viewer-request", "function_arn": function.arn}],
            },
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate={"cloudfront_default_certificate": True},
        )
        account = pulumi_aws.get_caller_identity_output().account_id
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": pulumi.Output.concat(bucket.arn, "/*"),
            "Condition": {
                "StringEquals": {"aws:SourceArn": distribution.arn, "aws:SourceAccount": account},
            },
        }
        plain = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": pulumi.Output.concat(bucket.arn, "/*"),
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        policy = pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement, plain]})
        pulumi_aws.s3.BucketPolicy("policy", bucket=bucket.bucket, policy=policy)
        pulumi_aws.s3.BucketObjectv2(
            "index", bucket=bucket.bucket, key="index.html", content=text, content_type="text/html"
        )
        url = pulumi.Output.concat("https://", distribution.domain_name, "/")
        pulumi_aws.s3.BucketObjectv2("where", bucket=bucket.bucket, key="where.txt", content=url)
        pulumi.export("url", url)

    return program


@pytest.fixture
def fetch(http, aws):
    """fetch(url) as a browser does, which resolves every name below localhost to this machine."""

    def get(url: str, path: str = "") -> httpx.Response:
        address = urlsplit(url)
        return http.get(f"{aws.endpoint}{address.path}{path}", headers={"Host": address.netloc})

    return get


def test_a_page_is_served_over_plain_http_from_a_private_bucket(world, fetch):
    outputs = world.apply(site()).outputs

    answer = fetch(outputs["url"])

    assert (answer.status_code, answer.text) == (200, "hello")
    assert answer.headers["content-type"].startswith("text/html")


def test_a_resource_and_an_output_have_the_same_address(world, fetch):
    outputs = world.apply(site()).outputs
    assert fetch(outputs["url"], "where.txt").text == outputs["url"]


def test_a_policy_that_names_another_distribution_allows_nothing(world, fetch, aws):
    outputs = world.apply(site()).outputs
    (bucket,) = [made for made in world.engine.target.state.resources.values() if made.name == "site"]
    policy = aws.s3.get_bucket_policy(Bucket=bucket.made.id)["Policy"].replace("distribution/", "distribution/X")

    aws.s3.put_bucket_policy(Bucket=bucket.made.id, Policy=policy)

    assert fetch(outputs["url"]).status_code == 403


def test_a_policy_that_names_another_account_allows_nothing(world, fetch, aws):
    outputs = world.apply(site()).outputs
    (bucket,) = [made for made in world.engine.target.state.resources.values() if made.name == "site"]
    policy = json.loads(aws.s3.get_bucket_policy(Bucket=bucket.made.id)["Policy"])
    policy["Statement"][0]["Condition"]["StringEquals"]["aws:SourceAccount"] = "111111111111"

    aws.s3.put_bucket_policy(Bucket=bucket.made.id, Policy=json.dumps(policy))

    assert fetch(outputs["url"]).status_code == 403


def test_a_changed_file_is_served_at_once(world, fetch):
    world.apply(site("before"))

    deployment = world.apply(site("after"))
    outputs = deployment.outputs

    assert actions(deployment) == {"index": "updated"}
    assert fetch(outputs["url"]).text == "after"


def test_a_changed_function_is_published(world, fetch):
    world.apply(site())

    deployment = world.apply(site(code=NOTHING))
    outputs = deployment.outputs

    assert actions(deployment) == {"function": "updated"}
    assert fetch(outputs["url"]).status_code == 418


def test_changed_headers_are_sent(world, fetch):
    world.apply(site())

    deployment = world.apply(site(frames="SAMEORIGIN"))
    outputs = deployment.outputs

    assert actions(deployment) == {"headers": "updated"}
    assert fetch(outputs["url"]).headers["x-frame-options"] == "SAMEORIGIN"


def test_a_changed_distribution_keeps_its_address(world):
    before = world.apply(site()).outputs

    deployment = world.apply(site(comment="Another"))
    after = deployment.outputs

    assert actions(deployment) == {"distribution": "updated"}
    assert after == before


def test_a_distribution_that_the_program_drops_is_deleted(world, aws):
    outputs = world.apply(site()).outputs
    label = urlsplit(outputs["url"]).hostname.partition(".")[0]

    world.apply(lambda: None)

    sites = aws.cloudfront.list_distributions()["DistributionList"].get("Items", [])
    assert not [site for site in sites if site["DomainName"].startswith(label)]
