"""The page comes through CloudFront, with the API on its own origin, and says where everything is on this machine."""

import re
from urllib.parse import urlsplit

import pytest

from tests.api.people import refusal


def csp(answer) -> dict[str, list[str]]:
    """The content security policy by directive."""
    parts = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    return {name: sources for name, *sources in parts}


@pytest.fixture
def config(page):
    return page.get("/config.json").json()


def test_the_root_is_the_page(page):
    answer = page.get("/")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "<title>" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/files",
        "/files/0123456789abcdef0123456789abcdef",
        "/signed-in",
        "/overview",
        "/files/report.pdf",
        "/config.json/more",
        "/assets/",
    ],
)
def test_every_route_of_the_page_is_the_page(page, path):
    assert page.get(path).text == page.get("/").text


def test_what_the_page_loads_is_there(page):
    paths = re.findall(r'(?:src|href)="(/[^"]+)"', page.get("/").text)

    assert len(paths) >= 2
    assert {path: page.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_names_with_a_hash_are_cached_forever_and_the_page_never(page):
    (script, *_) = re.findall(r'src="(/assets/[^"]+)"', page.get("/").text)

    assert "immutable" in page.get(script).headers["cache-control"]
    assert page.get("/").headers["cache-control"] == page.get("/config.json").headers["cache-control"] == "no-cache"


def test_a_missing_file_is_not_the_page(page):
    assert page.get("/assets/missing.js").status_code in (403, 404)


def test_the_bucket_behind_it_is_not_to_be_read_without_cloudfront(stack):
    policies = [
        stack.aws.s3.get_bucket_policy(Bucket=bucket["Name"])["Policy"]
        for bucket in stack.aws.s3.list_buckets()["Buckets"]
        if "-web-site-" in bucket["Name"]
    ]
    assert len(policies) == 1
    assert '"cloudfront.amazonaws.com"' in policies[0]


def test_the_api_is_on_the_pages_own_origin(page, tokens):
    answer = page.call("GET", "/v1/files", headers={"Authorization": f"Bearer {tokens.access}"})

    assert answer.status_code == 200
    assert "files" in answer.json()


def test_refusals_of_the_api_are_not_hidden_behind_the_page(page, tokens):
    headers = {"Authorization": f"Bearer {tokens.access}"}

    refusal(page.get("/v1/files"), 401)
    refusal(page.call("GET", f"/v1/files/{'0' * 32}", headers=headers), 404)
    refusal(page.call("GET", "/v1/nothing", headers=headers), 404)


def test_query_and_method_reach_the_api(page, tokens, unique):
    headers = {"Authorization": f"Bearer {tokens.access}"}

    assert page.call("GET", f"/v1/files?prefix={unique}%2F&limit=1", headers=headers).json() == {"files": []}
    assert page.call("DELETE", f"/v1/files/{'0' * 32}", headers=headers).status_code == 404


def test_nothing_but_what_was_built_runs_on_the_page(page):
    policy = csp(page.get("/"))

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["style-src"] == ["'self'"]
    assert "unsafe" not in page.get("/").headers["content-security-policy"]


def test_an_upload_is_an_image_on_the_page_or_nothing(page, stack):
    policy = csp(page.get("/"))

    assert policy["img-src"] == ["'self'", f"{stack.ready.endpoint}/{stack.bucket}/"]
    assert {"frame-src", "child-src", "object-src", "media-src"}.isdisjoint(policy)


def test_the_page_may_talk_to_its_origin_the_sign_in_and_the_bucket(page, stack):
    bucket = f"{stack.ready.endpoint}/{stack.bucket}"
    assert csp(page.get("/"))["connect-src"] == ["'self'", stack.outputs["signInUrl"], bucket, f"{bucket}/"]


def test_a_form_is_sent_to_where_the_page_may_talk(page, maria, unique):
    assert maria.ask_to_upload(f"{unique}.txt")["url"] in csp(page.get("/"))["connect-src"]


@pytest.mark.parametrize(
    ("header", "value"),
    [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "no-referrer")],
)
def test_the_page_is_sent_with_security_headers(page, header, value):
    assert page.get("/").headers[header] == value


def test_the_page_gets_its_local_addresses(config, stack):
    sign_in = stack.outputs["signInUrl"]

    assert config["apiUrl"] == "/v1"
    assert config["maxUploadMegabytes"] == 10
    assert config["signIn"] == {
        "clientId": stack.outputs["userPoolClientId"],
        "authorizeUrl": f"{sign_in}/oauth2/authorize",
        "tokenUrl": f"{sign_in}/oauth2/token",
        "logoutUrl": f"{sign_in}/logout",
    }


def test_no_output_and_no_file_names_a_host_of_aws_that_is_not_there(page, stack):
    outputs = {name: value for name, value in stack.outputs.items() if name != "dashboardUrl"}  # only AWS has a console
    addresses = re.findall(r"https?://[^\s\"']+", f"{outputs} {page.get('/config.json').text}")

    assert addresses
    assert {urlsplit(address).hostname.rpartition(".")[2] for address in addresses} <= {"localhost", "1"}


def test_signing_out_leads_back_to_the_page(http, page, config):
    back = {"client_id": config["signIn"]["clientId"], "logout_uri": f"{page.origin}/"}
    answer = http.get(config["signIn"]["logoutUrl"], params=back)
    assert (answer.status_code, answer.headers["location"]) == (302, f"{page.origin}/")


@pytest.mark.parametrize("changed", [{"redirect_uri": "https://evil.example.com/"}, {"client_id": "another"}])
def test_the_sign_in_leads_nowhere_else(http, page, config, changed):
    wanted = {
        "client_id": config["signIn"]["clientId"],
        "redirect_uri": f"{page.origin}/signed-in",
        "response_type": "code",
        **changed,
    }
    assert http.get(config["signIn"]["authorizeUrl"], params=wanted).status_code == 400
