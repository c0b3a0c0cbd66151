"""Only an access token of the stack's own pool, with the right scope, gets anywhere."""

import pytest

from components.contract import written_contract
from local.people import Client
from tests.api.people import Api, add_person, claims, forged, refusal, sign_in
from tests.e2e.stack import wait_until

OPERATIONS = [
    (method.upper(), path.replace("{id}", "0" * 32))
    for path, operations in written_contract()["paths"].items()
    for method in operations
]
REFUSED = (401, 403)


@pytest.fixture
def with_token(http, stack):
    return lambda token: Api(http, stack, token)


def test_an_access_token_with_the_scope_is_let_in(maria):
    assert maria.get("/files").status_code == 200


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_operation_is_answered_without_a_token(nobody, method, path):
    refusal(nobody.call(method, path), 401)


def test_the_refusal_says_to_sign_in(nobody):
    assert "Sign in" in refusal(nobody.get("/files"), 401)


@pytest.mark.parametrize(
    "token", ["garbage", "a.b.c", "....", "eyJhbGciOiJSUzI1NiJ9.e30.", "\x7f", "é".encode().decode("latin-1")]
)
def test_garbage_is_refused(with_token, token):
    answer = with_token("").call("GET", "/files", headers={"Authorization": f"Bearer {token}".encode("latin-1")})
    refusal(answer, 401)


def test_another_scheme_than_bearer_is_refused(nobody):
    refusal(nobody.call("GET", "/files", headers={"Authorization": "Basic bWFyaWE6cGFzc3dvcmQ="}), 401)


def test_an_expired_token_is_refused(http, stack, tokens, with_token):
    client = another_client(stack, stack.outputs["userPoolId"], AccessTokenValidity=1, units={"AccessToken": "seconds"})
    expiring = with_token(sign_in(http, client, "maria").access)

    refused = wait_until(lambda: (answer := expiring.get("/files")).status_code != 200 and answer, "still let in")

    refusal(refused, 401)
    assert "files/read" in claims(expiring.token)["scope"]


@pytest.mark.parametrize(
    "changed",
    [{"username": "somebody-else"}, {"exp": 4_000_000_000}, {"scope": "files/read files/write admin"}],
    ids=lambda changed: next(iter(changed)),
)
def test_a_token_with_changed_claims_is_refused(tokens, with_token, changed):
    refusal(with_token(forged(tokens.access, **changed)).get("/files"), 401)


def test_a_token_under_another_signature_is_refused(tokens, with_token):
    head, payload, signature = tokens.access.split(".")
    other = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    refusal(with_token(f"{head}.{payload}.{other}").get("/files"), 401)


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256"])
def test_a_token_that_wants_not_to_be_checked_is_refused(tokens, with_token, algorithm):
    head, payload, _ = forged(tokens.access, header={"alg": algorithm}).split(".")
    refusal(with_token(f"{head}.{payload}.").get("/files"), 401)


def test_a_token_of_another_pool_is_refused(http, stack, with_token):
    pool = stack.aws.cognito.create_user_pool(PoolName="elsewhere")["UserPool"]["Id"]
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
    stack.aws.cognito.create_resource_server(UserPoolId=pool, Identifier="files", Name="files", Scopes=scopes)
    add_person(stack, "maria", pool=pool)

    token = sign_in(http, another_client(stack, pool), "maria").access

    assert "files/read" in claims(token)["scope"]
    refusal(with_token(token).get("/files"), 401)


def test_an_id_token_is_not_an_access_token(tokens, with_token):
    refusal(with_token(tokens.id).get("/files"), *REFUSED)


def test_a_token_without_scopes_is_refused(http, stack, tokens, with_token):
    token = sign_in(http, Client.of_page(stack.outputs), "maria", scope="openid email").access
    refusal(with_token(token).get("/files"), *REFUSED)


def test_who_may_only_read_cannot_write(http, stack, tokens, with_token):
    reader = with_token(sign_in(http, Client.of_page(stack.outputs), "maria", scope="openid files/read").access)

    assert reader.get("/files").status_code == 200
    refusal(reader.call("POST", "/uploads", json={"name": "a", "size": 1, "contentType": "a/b"}), *REFUSED)
    refusal(reader.call("DELETE", f"/files/{'0' * 32}"), *REFUSED)
    refusal(reader.call("POST", f"/files/{'0' * 32}/reprocess"), *REFUSED)


def test_who_may_only_write_cannot_read(http, stack, tokens, with_token):
    writer = with_token(sign_in(http, Client.of_page(stack.outputs), "maria", scope="openid files/write").access)

    refusal(writer.get("/files"), *REFUSED)
    refusal(writer.get("/stats"), *REFUSED)


def test_a_token_of_a_session_that_was_renewed_is_let_in(http, stack, tokens, with_token):
    client = Client.of_page(stack.outputs)
    renewed = http.post(
        f"{client.sign_in}/oauth2/token",
        data={"grant_type": "refresh_token", "client_id": client.id, "refresh_token": tokens.refresh},
    ).json()
    assert with_token(renewed["access_token"]).get("/files").status_code == 200


def another_client(stack, pool: str, *, units=None, **validity) -> Client:
    """An application of a pool that is not the page."""
    page = Client.of_page(stack.outputs)
    made = stack.aws.cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="another",
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email", "files/read", "files/write"],
        SupportedIdentityProviders=["COGNITO"],
        CallbackURLs=[page.callback],
        TokenValidityUnits=units or {},
        **validity,
    )
    return Client(made["UserPoolClient"]["ClientId"], page.callback, page.sign_in)
