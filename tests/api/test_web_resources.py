"""The types behind API and page against the embedded AWS, each through a small program."""

import json
from urllib.parse import urlsplit

import httpx
import pulumi
import pulumi_aws as aws
import pytest
from botocore.exceptions import ClientError

from local.emulator.engine import Engine
from local.emulator.engine.state import DeploymentError
from tests.api.people import refusal


class World:
    """An engine on the stack's own AWS, with a program that can be exchanged; what it made goes at the end."""

    def __init__(self, stack):
        self.aws = stack.aws
        self.program = lambda: None
        self.engine = Engine(self._run, stack.aws)

    def apply(self, program):
        """Returns what became of each resource, and the outputs."""
        self.program = program
        deployment = self.engine.apply({})
        return {change.name: change.action for change in deployment.changes}, deployment.outputs

    def _run(self):
        self.program()


@pytest.fixture
def world(stack):
    world = World(stack)
    yield world
    world.apply(lambda: None)


@pytest.fixture
def queue(stack, unique):
    """The integration URI of a queue that takes every message."""
    url = stack.aws.sqs.create_queue(QueueName=f"{unique}-queue")["QueueUrl"]
    yield f"arn:aws:apigateway:us-east-1:sqs:path/000000000000/{unique}-queue"
    stack.aws.sqs.delete_queue(QueueUrl=url)


def document(uri: str, *paths: str, **more) -> str:
    """A contract whose paths take messages from anybody."""
    integration = {
        "type": "aws",
        "httpMethod": "POST",
        "uri": uri,
        "requestTemplates": {"application/json": "Action=SendMessage&MessageBody=hello"},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": '{"sent": true}'}}},
    }
    operation = {"responses": {"200": {"description": "Sent."}}, "x-amazon-apigateway-integration": integration}
    refusals = {
        "DEFAULT_4XX": {
            "responseTemplates": {
                "application/json": '{"error":{"code":"refused","message":$context.error.messageString}}'
            }
        }
    }
    return json.dumps(
        {
            "openapi": "3.0.3",
            "info": {"title": "A test", "version": "1"},
            "paths": {path: {"post": operation} for path in paths},
            "x-amazon-apigateway-gateway-responses": refusals,
            **more,
        }
    )


def api(body: str, settings=None):
    """A program that deploys a contract."""

    def program():
        rest = aws.apigateway.RestApi("rest", body=body)
        deployment = aws.apigateway.Deployment("deployment", rest_api=rest.id, triggers={"body": body})
        stage = aws.apigateway.Stage("stage", rest_api=rest.id, deployment=deployment.id, stage_name="v1")
        if settings:
            aws.apigateway.MethodSettings(
                "limits", rest_api=rest.id, stage_name=stage.stage_name, method_path="*/*", settings=settings
            )
        pulumi.export("id", rest.id)
        pulumi.export("url", stage.invoke_url)

    return program


def sent(http, outputs, path: str) -> httpx.Response:
    return http.post(f"{outputs['url']}{path}", json={})


def test_a_contract_is_deployed(world, http, queue):
    _, outputs = world.apply(api(document(queue, "/first")))

    answer = sent(http, outputs, "/first")

    assert (answer.status_code, answer.json()) == (200, {"sent": True})


def test_a_changed_contract_is_imported_again_under_the_same_id(world, http, queue):
    _, before = world.apply(api(document(queue, "/first", "/first/{id}/deep")))

    actions, after = world.apply(api(document(queue, "/second", "/first/{id}")))

    assert actions == {"rest": "updated", "deployment": "replaced", "stage": "updated"}
    assert after == before
    assert sent(http, after, "/second").status_code == sent(http, after, "/first/5").status_code == 200
    refusal(sent(http, after, "/first"), 403)
    refusal(sent(http, after, "/first/5/deep"), 403)


def test_a_changed_contract_leaves_nothing_of_the_old_one_behind(world, queue):
    schemas = {"schemas": {"Old": {"type": "object"}}}
    validators = {"x-amazon-apigateway-request-validators": {"old": {"validateRequestBody": True}}}
    world.apply(api(document(queue, "/first", components=schemas, **validators)))

    _, outputs = world.apply(api(document(queue, "/second", **{"x-amazon-apigateway-gateway-responses": {}})))

    client, rest = world.aws.apigateway, outputs["id"]
    assert sorted(one["path"] for one in client.get_resources(restApiId=rest)["items"]) == ["/", "/second"]
    assert client.get_models(restApiId=rest)["items"] == client.get_request_validators(restApiId=rest)["items"] == []
    assert all(one["defaultResponse"] for one in client.get_gateway_responses(restApiId=rest)["items"])


def test_an_unchanged_contract_is_left_alone(world, queue):
    world.apply(api(document(queue, "/first")))

    actions, _ = world.apply(api(document(queue, "/first")))

    assert actions == {}


def test_a_contract_that_is_not_understood_makes_no_api(world, queue):
    with pytest.raises(DeploymentError, match="uses callbacks"):
        world.apply(api(document(queue, "/first").replace('"responses"', '"callbacks": {}, "responses"', 1)))

    names = [one["name"] for one in world.aws.apigateway.get_rest_apis(limit=500)["items"]]
    assert not [name for name in names if name.startswith("rest-")]


def test_more_requests_than_the_limit_are_refused(world, http, queue):
    limits = {"throttling_burst_limit": 2, "throttling_rate_limit": 0.001}
    _, outputs = world.apply(api(document(queue, "/first"), limits))

    answers = [sent(http, outputs, "/first") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refusal(answers[2], 429)


def test_a_new_deployment_keeps_the_limits(world, http, queue):
    limits = {"throttling_burst_limit": 1, "throttling_rate_limit": 0.001}
    world.apply(api(document(queue, "/first"), limits))

    _, outputs = world.apply(api(document(queue, "/second"), limits))

    assert [sent(http, outputs, "/second").status_code for _ in range(2)] == [200, 429]


def test_a_limit_that_is_taken_back_limits_no_more(world, http, queue):
    world.apply(api(document(queue, "/first"), {"throttling_burst_limit": 1, "throttling_rate_limit": 0.001}))

    _, outputs = world.apply(api(document(queue, "/first")))

    assert [sent(http, outputs, "/first").status_code for _ in range(3)] == [200, 200, 200]


def test_settings_that_do_nothing_here_are_refused(world, queue):
    with pytest.raises(DeploymentError, match="metricsEnabled"):
        world.apply(api(document(queue, "/first"), {"metrics_enabled": True}))


EVERYTHING = "function handler(event) { return event.request; }"
NOTHING = "function handler(event) { return {statusCode: 418}; }"


def site(text: str = "hello", *, code: str = EVERYTHING, frames: str = "DENY", comment: str = "A test"):
    """A program that puts a page behind CloudFront, and says where it is in a file of its own."""

    def program():
        bucket = aws.s3.Bucket("site", force_destroy=True)
        access = aws.cloudfront.OriginAccessControl(
            "access", origin_access_control_origin_type="s3", signing_behavior="always", signing_protocol="sigv4"
        )
        headers = aws.cloudfront.ResponseHeadersPolicy(
            "headers", security_headers_config={"frame_options": {"frame_option": frames, "override": True}}
        )
        function = aws.cloudfront.Function("function", runtime="cloudfront-js-2.0", code=code)
        distribution = aws.cloudfront.Distribution(
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
        account = aws.get_caller_identity_output().account_id
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
        aws.s3.BucketPolicy("policy", bucket=bucket.bucket, policy=policy)
        aws.s3.BucketObjectv2("index", bucket=bucket.bucket, key="index.html", content=text, content_type="text/html")
        url = pulumi.Output.concat("https://", distribution.domain_name, "/")
        aws.s3.BucketObjectv2("where", bucket=bucket.bucket, key="where.txt", content=url)
        pulumi.export("url", url)

    return program


@pytest.fixture
def fetch(http, stack):
    """fetch(url) as a browser does, for whom every name below localhost is this machine."""

    def get(url: str, path: str = "") -> httpx.Response:
        address = urlsplit(url)
        return http.get(f"{stack.ready.endpoint}{address.path}{path}", headers={"Host": address.netloc})

    return get


def test_a_page_is_served_over_plain_http_from_a_private_bucket(world, fetch):
    _, outputs = world.apply(site())

    answer = fetch(outputs["url"])

    assert (answer.status_code, answer.text) == (200, "hello")
    assert answer.headers["content-type"].startswith("text/html")


def test_what_is_made_and_what_is_told_name_the_same_address(world, fetch):
    _, outputs = world.apply(site())
    assert fetch(outputs["url"], "where.txt").text == outputs["url"]


def test_a_policy_that_names_another_distribution_lets_nobody_in(world, fetch, stack):
    _, outputs = world.apply(site())
    (bucket,) = [one for one in world.engine.target.state.resources.values() if one.name == "site"]
    policy = stack.aws.s3.get_bucket_policy(Bucket=bucket.made.id)["Policy"].replace("distribution/", "distribution/X")

    stack.aws.s3.put_bucket_policy(Bucket=bucket.made.id, Policy=policy)

    assert fetch(outputs["url"]).status_code == 403


def test_a_policy_that_names_another_account_lets_nobody_in(world, fetch, stack):
    _, outputs = world.apply(site())
    (bucket,) = [one for one in world.engine.target.state.resources.values() if one.name == "site"]
    policy = json.loads(stack.aws.s3.get_bucket_policy(Bucket=bucket.made.id)["Policy"])
    policy["Statement"][0]["Condition"]["StringEquals"]["aws:SourceAccount"] = "111111111111"

    stack.aws.s3.put_bucket_policy(Bucket=bucket.made.id, Policy=json.dumps(policy))

    assert fetch(outputs["url"]).status_code == 403


def test_a_changed_file_is_served_at_once(world, fetch):
    world.apply(site("before"))

    actions, outputs = world.apply(site("after"))

    assert actions == {"index": "updated"}
    assert fetch(outputs["url"]).text == "after"


def test_a_changed_function_is_published(world, fetch):
    world.apply(site())

    actions, outputs = world.apply(site(code=NOTHING))

    assert actions == {"function": "updated"}
    assert fetch(outputs["url"]).status_code == 418


def test_changed_headers_are_sent(world, fetch):
    world.apply(site())

    actions, outputs = world.apply(site(frames="SAMEORIGIN"))

    assert actions == {"headers": "updated"}
    assert fetch(outputs["url"]).headers["x-frame-options"] == "SAMEORIGIN"


def test_a_changed_distribution_keeps_its_address(world):
    _, before = world.apply(site())

    actions, after = world.apply(site(comment="Another"))

    assert actions == {"distribution": "updated"}
    assert after == before


def test_what_is_taken_out_of_the_program_is_gone(world, stack):
    _, outputs = world.apply(site())
    label = urlsplit(outputs["url"]).hostname.partition(".")[0]

    world.apply(lambda: None)

    names = [one["DomainName"] for one in stack.aws.cloudfront.list_distributions()["DistributionList"]["Items"]]
    assert not [name for name in names if name.startswith(label)]


def users(*, minimum: int | None = None, callback: str = "https://a.example.com/", logout: list[str] | None = None):
    def program():
        policy = {"minimum_length": minimum} if minimum else None
        pool = aws.cognito.UserPool("pool", password_policy=policy, mfa_configuration="OFF")
        aws.cognito.UserPoolDomain("domain", user_pool_id=pool.id, domain=pool.id.apply(lambda name: name[-9:].lower()))
        server = aws.cognito.ResourceServer(
            "scopes",
            user_pool_id=pool.id,
            identifier="files",
            name="Files",
            scopes=[{"scope_name": "read", "scope_description": "Read"}],
        )
        client = aws.cognito.UserPoolClient(
            "client",
            user_pool_id=pool.id,
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_scopes=server.scope_identifiers,
            callback_urls=[callback],
            logout_urls=logout,
        )
        pulumi.export("pool", pool.id)
        pulumi.export("client", client.id)

    return program


def test_a_pools_rules_return_to_the_default_when_the_program_stops_saying_them(world):
    world.apply(users(minimum=14))

    actions, outputs = world.apply(users())

    pool = world.aws.cognito.describe_user_pool(UserPoolId=outputs["pool"])["UserPool"]
    assert actions == {"pool": "updated"}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 8


def test_a_clients_addresses_change_in_place(world):
    _, before = world.apply(users(logout=["https://a.example.com/"]))

    actions, after = world.apply(users(callback="https://b.example.com/"))

    client = world.aws.cognito.describe_user_pool_client(UserPoolId=after["pool"], ClientId=after["client"])
    assert actions == {"client": "updated"}
    assert after == before
    assert client["UserPoolClient"]["CallbackURLs"] == ["https://b.example.com/"]
    assert client["UserPoolClient"]["AllowedOAuthScopes"] == ["files/read"]
    assert not client["UserPoolClient"].get("LogoutURLs")


def test_a_pool_goes_with_its_domain(world):
    _, outputs = world.apply(users())

    world.apply(lambda: None)

    with pytest.raises(ClientError, match="ResourceNotFound"):
        world.aws.cognito.describe_user_pool(UserPoolId=outputs["pool"])


def test_a_buckets_rules_for_other_pages_are_written_and_removed(world, unique):
    def with_rules():
        bucket = aws.s3.Bucket("bucket", bucket=name)
        rule = {"allowed_methods": ["GET"], "allowed_origins": ["https://a.example.com"], "max_age_seconds": 5}
        aws.s3.BucketCorsConfiguration("rules", bucket=bucket.bucket, cors_rules=[rule])

    name = f"{unique}-with-rules"
    world.apply(with_rules)
    (rule,) = world.aws.s3.get_bucket_cors(Bucket=name)["CORSRules"]
    assert rule == {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example.com"], "MaxAgeSeconds": 5}

    world.apply(lambda: aws.s3.Bucket("bucket", bucket=name))
    with pytest.raises(ClientError, match="NoSuchCORSConfiguration"):
        world.aws.s3.get_bucket_cors(Bucket=name)


def test_the_program_deployed_again_with_the_same_settings_changes_nothing(stack):
    said = stack.set(maxUploadMegabytes=10).splitlines()
    # A function's code is read from this folder, where somebody may be editing it.
    assert [line for line in said if not line.endswith("(code)")] in ([], ["nothing to change"])
