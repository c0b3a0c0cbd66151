"""On AWS, too, forms and links lead to the one host of the bucket that the page's policy allows."""

import boto3
import pytest

from handlers.api import _SIGNING

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-1", "us-gov-west-1")


@pytest.fixture(params=REGIONS)
def region(request) -> str:
    return request.param


@pytest.fixture
def s3(region, monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    session = boto3.Session(aws_access_key_id="ASIAEXAMPLE", aws_secret_access_key="x", region_name=region)
    return session.client("s3", config=_SIGNING)


def test_a_form_is_sent_to_the_buckets_regional_host(s3, region):
    assert s3.generate_presigned_post("uploads", "k")["url"] == f"https://uploads.s3.{region}.amazonaws.com/"


def test_a_link_leads_to_the_buckets_regional_host(s3, region):
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "uploads", "Key": "k"})
    assert link.startswith(f"https://uploads.s3.{region}.amazonaws.com/k?")


def test_what_is_signed_includes_the_type_of_the_upload(s3):
    form = s3.generate_presigned_post("uploads", "k", Fields={"Content-Type": "a/b"})
    assert form["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
