"""AWS's addresses of a stack's resources become addresses on this machine; other texts stay."""

import pytest

from local.emulator.hosts import addresses, reachable
from local.emulator.resources.kind import Made

ENDPOINT = "http://127.0.0.1:4577"
MADE = [
    ("aws:cognito/userPoolDomain:UserPoolDomain", "eu-west-1", Made("files-abc", {"domain": "files-abc"})),
    (
        "aws:cloudfront/distribution:Distribution",
        "eu-west-1",
        Made("E123", {}, {"domainName": "d111abc.cloudfront.net"}),
    ),
    (
        "aws:s3/bucket:Bucket",
        "eu-west-1",
        Made(
            "uploads-1a2b",
            {},
            {
                "bucketDomainName": "uploads-1a2b.s3.amazonaws.com",
                "bucketRegionalDomainName": "uploads-1a2b.s3.eu-west-1.amazonaws.com",
            },
        ),
    ),
    ("aws:sqs/queue:Queue", "eu-west-1", Made("https://sqs.eu-west-1.amazonaws.com/000000000000/queue")),
]
KNOWN = addresses(ENDPOINT, MADE)


@pytest.mark.parametrize(
    ("on_aws", "local"),
    [
        (
            "https://files-abc.auth.eu-west-1.amazoncognito.com/oauth2/authorize?x=1",
            "http://localhost:4577/oauth2/authorize?x=1",
        ),
        ("https://d111abc.cloudfront.net", "http://d111abc.cloudfront.localhost:4577"),
        ("https://d111abc.cloudfront.net/signed-in", "http://d111abc.cloudfront.localhost:4577/signed-in"),
        ("https://uploads-1a2b.s3.eu-west-1.amazonaws.com", f"{ENDPOINT}/uploads-1a2b"),
        ("https://uploads-1a2b.s3.eu-west-1.amazonaws.com/a/b.txt", f"{ENDPOINT}/uploads-1a2b/a/b.txt"),
        ("https://uploads-1a2b.s3.amazonaws.com/", f"{ENDPOINT}/uploads-1a2b/"),
    ],
)
def test_an_address_of_the_stack_is_local(on_aws, local):
    assert reachable(on_aws, KNOWN) == local


@pytest.mark.parametrize(
    "text",
    [
        "https://someone-else.auth.eu-west-1.amazoncognito.com/",
        "https://d999zzz.cloudfront.net/hook",
        "https://uploads-1a2b-not.s3.eu-west-1.amazonaws.com/",
        "https://uploads-1a2b.s3.us-east-1.amazonaws.com/",
        "https://d111abc.cloudfront.net.evil.example.com/",
        "https://d111abc.cloudfront.net:8443/",
        "https://xd111abc.cloudfront.net/",
        "http://d111abc.cloudfront.net/",
        "https://eu-west-1.console.aws.amazon.com/s3/object/uploads-1a2b",
        "arn:aws:s3:::uploads-1a2b",
    ],
)
def test_an_address_of_no_resource_of_the_stack_stays(text):
    assert reachable(text, KNOWN) == text


@pytest.mark.parametrize("name", ["uploads-1a2b.s3.eu-west-1.amazonaws.com", "d111abc.cloudfront.net"])
def test_a_host_name_without_a_scheme_is_a_name_and_stays(name):
    assert reachable(name, KNOWN) == name


def test_a_text_with_several_addresses_has_all_replaced():
    policy = (
        "connect-src 'self' https://files-abc.auth.eu-west-1.amazoncognito.com "
        "https://uploads-1a2b.s3.eu-west-1.amazonaws.com; base-uri 'none'"
    )
    assert reachable(policy, KNOWN) == (
        f"connect-src 'self' http://localhost:4577 {ENDPOINT}/uploads-1a2b; base-uri 'none'"
    )


def test_texts_at_any_depth_are_replaced_and_other_values_stay():
    value = {
        "rules": [{"allowedOrigins": ["https://d111abc.cloudfront.net", "https://intranet.example.com"], "age": 5}],
        "enabled": True,
        "nothing": None,
    }
    assert reachable(value, KNOWN) == {
        "rules": [
            {
                "allowedOrigins": ["http://d111abc.cloudfront.localhost:4577", "https://intranet.example.com"],
                "age": 5,
            }
        ],
        "enabled": True,
        "nothing": None,
    }


def test_a_second_replacement_changes_nothing():
    replaced = reachable("https://d111abc.cloudfront.net/ https://uploads-1a2b.s3.amazonaws.com/", KNOWN)
    assert reachable(replaced, KNOWN) == replaced


def test_three_origins_on_aws_are_three_locally():
    origins = {address.removeprefix("http://").partition("/")[0] for address in KNOWN.values()}
    assert len(origins) == 3


def test_a_stack_without_addresses_changes_nothing():
    assert reachable(["https://d111abc.cloudfront.net"], addresses(ENDPOINT, MADE[3:])) == [
        "https://d111abc.cloudfront.net"
    ]
