"""The page under a name of one's own: what CloudFront, sign-in, uploads and mails make of it."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from components.site_distribution import pages_code
from components.web_domain_settings import CERTIFICATE_EXAMPLE, WebDomain
from tests.program.conftest import CONFIGS, run_once, strings
from tests.program.problems import one_problem, problems_of, repaired

NAME = "files.example.com"
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d-0000-4444-8888-0123456789ab"
DOMAIN = {"name": NAME, "certificateArn": CERTIFICATE}
ELSEWHERE = CERTIFICATE.replace("us-east-1", "eu-west-1")
CLOUDFRONTS = "d111abc.cloudfront.net"
WRONG_NAME = "use a host name in lower case, without scheme, port, path or wildcard"
# What may differ: the name is in what serves the page, lets it sign in and upload, and links to it.
WITH_THE_NAME = {
    "BucketCorsConfiguration", "Distribution", "EdgeFunction", "Function", "ResponseHeadersPolicy", "UserPoolClient",
}  # fmt: skip


@pytest.fixture(scope="module")
def named():
    return run_once(**CONFIGS["regions"], webDomain=DOMAIN)


@pytest.fixture(scope="module")
def unnamed():
    return run_once(**CONFIGS["regions"])


def test_cloudfront_answers_to_the_name_with_its_certificate(named):
    distribution = named.the("Distribution").inputs

    assert distribution["aliases"] == [NAME]
    assert distribution["viewerCertificate"] == {
        "acmCertificateArn": CERTIFICATE,
        "sslSupportMethod": "sni-only",
        "minimumProtocolVersion": "TLSv1.2_2021",
    }


def test_sign_in_returns_to_the_name_and_nowhere_else(named):
    client = named.the("UserPoolClient").inputs

    assert client["callbackUrls"] == [f"https://{NAME}/signed-in"]
    assert client["logoutUrls"] == [f"https://{NAME}/"]


def test_buckets_of_all_regions_let_pages_of_the_name_upload_and_download(named):
    cors = named.of("BucketCorsConfiguration")

    assert len(cors) == 3
    assert all(rule["allowedOrigins"] == [f"https://{NAME}"] for one in cors for rule in one.inputs["corsRules"])


def test_mails_of_all_regions_link_to_the_name(named):
    pages = {f.inputs["environment"]["variables"].get("PAGE_URL") for f in named.of("Function")}

    assert pages - {None} == {f"https://{NAME}"}


def test_the_outputs_say_where_the_page_is_and_what_its_dns_record_points_to(named):
    assert named.exports["webUrl"] == f"https://{NAME}"
    assert named.exports["webDomainTarget"] == CLOUDFRONTS


def test_cloudfronts_own_name_is_in_nothing_that_people_or_browsers_get(named):
    """Of what the program makes; the distribution and its output have it."""
    assert [r.name for r in named.resources for text in strings(r.inputs) if CLOUDFRONTS in text] == []


def test_what_lies_below_a_name_of_ones_own_may_still_be_without_tls(named, unnamed):
    def subdomains(deployment):
        headers = deployment.the("ResponseHeadersPolicy").inputs["securityHeadersConfig"]
        return headers["strictTransportSecurity"]["includeSubdomains"]

    assert (subdomains(named), subdomains(unnamed)) == (False, True)


def test_a_name_that_comes_changes_what_has_it_and_adds_nothing(named, unnamed):
    before, after = unnamed.comparable, named.comparable

    assert before.keys() == after.keys()
    assert {r.kind for r in named.resources if before[r.urn] != after[r.urn]} == WITH_THE_NAME


def test_without_a_name_there_is_none(unnamed):
    distribution = unnamed.the("Distribution").inputs

    assert "aliases" not in distribution
    assert distribution["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}
    assert "webDomainTarget" not in unnamed.exports


@pytest.fixture
def answered():
    """answered(domain, host, uri) runs the function in front of the page's files as CloudFront does."""
    node = shutil.which("node")

    def run(domain, host, uri, query=None):
        event = {"request": {"uri": uri, "headers": {"host": {"value": host}}, "querystring": query or {}}}
        program = f"{pages_code(domain)}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
        done = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return run


OWN = WebDomain(name=NAME, certificate_arn=CERTIFICATE)


def test_an_older_link_leads_to_the_same_place_under_the_name(answered):
    answer = answered(OWN, CLOUDFRONTS, "/files/6f1c", {"prefix": {"value": "a%2Fb"}, "type": {"value": "pdf"}})

    assert answer["statusCode"] == 302
    assert answer["headers"]["location"]["value"] == f"https://{NAME}/files/6f1c?prefix=a%2Fb&type=pdf"


@pytest.mark.parametrize(("domain", "host"), [(OWN, NAME), (None, CLOUDFRONTS)], ids=["own", "CloudFront's"])
def test_under_the_pages_own_name_paths_are_the_page_and_files_are_files(answered, domain, host):
    assert answered(domain, host, "/files/6f1c")["uri"] == "/index.html"
    assert answered(domain, host, "/assets/app-1a2b.js")["uri"] == "/assets/app-1a2b.js"


def fixed(path, value):
    return f"set --path {path} {value}"


WRONG = [
    ({**DOMAIN, "name": None}, f"webDomain.name is missing; {WRONG_NAME}", fixed("webDomain.name", NAME)),
    ({**DOMAIN, "name": 7}, f"webDomain.name is 7; {WRONG_NAME}", fixed("webDomain.name", NAME)),
    ({**DOMAIN, "name": "files"}, f"webDomain.name is 'files'; {WRONG_NAME}", fixed("webDomain.name", NAME)),
    (
        {**DOMAIN, "name": "Share.Acme.COM"},
        f"webDomain.name is 'Share.Acme.COM'; {WRONG_NAME}",
        fixed("webDomain.name", "share.acme.com"),
    ),
    (
        {**DOMAIN, "name": "https://share.acme.com/"},
        f"webDomain.name is 'https://share.acme.com/'; {WRONG_NAME}",
        fixed("webDomain.name", "share.acme.com"),
    ),
    (
        {**DOMAIN, "name": "share.acme.com:443"},
        f"webDomain.name is 'share.acme.com:443'; {WRONG_NAME}",
        fixed("webDomain.name", "share.acme.com"),
    ),
    (
        {**DOMAIN, "name": "*.share.acme.com"},
        f"webDomain.name is '*.share.acme.com'; {WRONG_NAME}",
        fixed("webDomain.name", "share.acme.com"),
    ),
    (
        {**DOMAIN, "name": "share.acme.com."},
        f"webDomain.name is 'share.acme.com.'; {WRONG_NAME}",
        fixed("webDomain.name", "share.acme.com"),
    ),
    (
        {"name": NAME},
        "webDomain.certificateArn is missing; use the ARN of an ACM certificate in us-east-1",
        fixed("webDomain.certificateArn", CERTIFICATE_EXAMPLE),
    ),
    (
        {**DOMAIN, "certificateArn": ELSEWHERE},
        f"webDomain.certificateArn is '{ELSEWHERE}', in eu-west-1; CloudFront takes certificates of us-east-1 only",
        fixed("webDomain.certificateArn", CERTIFICATE_EXAMPLE),
    ),
    (
        {**DOMAIN, "nam": NAME},
        "webDomain.nam is not a setting of webDomain; did you mean name?",
        "rm --path webDomain.nam",
    ),
    (
        {**DOMAIN, "zone": "Z1"},
        "webDomain.zone is not a setting of webDomain; use name, certificateArn",
        "rm --path webDomain.zone",
    ),
    (
        NAME,
        "webDomain is no object; it takes names with values, such as webDomain.name",
        f"rm webDomain && pulumi config {fixed('webDomain.name', NAME)}",
    ),
]


@pytest.mark.parametrize(("domain", "what", "fix"), WRONG, ids=[what for _, what, _ in WRONG])
def test_a_wrong_domain_gets_one_message_whose_command_fixes_it(read, domain, what, fix):
    config = {"emails": ["a@b.co"], "mode": "advanced", "webDomain": domain}
    assert problems_of(read, **config) == one_problem(what, fix)
    assert what not in problems_of(read, **repaired(config, fix))


def test_a_domain_needs_the_page_of_mode_advanced(read):
    assert problems_of(read, emails=["a@b.co"], mode="basic", webDomain=DOMAIN) == one_problem(
        f"webDomain names {NAME}, which needs mode advanced", "set mode advanced"
    )
