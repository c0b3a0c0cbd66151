"""Users who may sign in, so that the page can be tried at once, and signing in as a browser does."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from local.emulator.aws import Aws
from local.emulator.errors import LocalError

PEOPLE = {"reader": "readers", "editor": "editors", "admin": "admins"}
"""Users of a local stack, and the group of each."""
PASSWORD = "Try-it-out-1"  # noqa: S105 - of stacks on this machine
EVERYTHING = "openid email files/read files/write"
"""The scopes that the page asks for."""


@dataclass(frozen=True)
class Client:
    """A client of a user pool, and the address that it redirects users to."""

    id: str
    callback: str
    sign_in: str

    @classmethod
    def of_page(cls, outputs: Mapping[str, Any]) -> Client:
        return cls(outputs["userPoolClientId"], f"{outputs['webUrl']}/signed-in", outputs["signInUrl"])


@dataclass(frozen=True)
class Tokens:
    access: str
    id: str
    refresh: str


def add_people(aws: Aws, outputs: Mapping[str, Any]) -> None:
    """Add PEOPLE to a stack's pool, in those of their groups that its settings name."""
    for name, group in PEOPLE.items():
        groups = [group] if group in outputs["access"] else []
        add_person(aws, outputs["userPoolId"], name, PASSWORD, groups)


def add_person(aws: Aws, pool: str, name: str, password: str, groups: Iterable[str] = ()) -> None:
    """Add a user whose password is set already. An existing one stays as it is."""
    attributes: Any = [{"Name": "email", "Value": f"{name}@example.com"}, {"Name": "email_verified", "Value": "true"}]
    try:
        aws.cognito.admin_create_user(
            UserPoolId=pool, Username=name, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
    except aws.cognito.exceptions.UsernameExistsException:
        return
    aws.cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
    for group in groups:
        aws.cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=group)


def access_token(outputs: Mapping[str, Any], name: str) -> str:
    """An access token of one of PEOPLE. Raises LocalError."""
    if "userPoolId" not in outputs:
        raise LocalError(
            "the stack is in mode basic, which has no API; switch it first:\n  python -m local set mode advanced"
        )
    if name not in PEOPLE:
        raise LocalError(f"{name!r} is no user of every local stack; use one of {', '.join(PEOPLE)}")
    with httpx.Client() as http:
        return sign_in(http, Client.of_page(outputs), name, PASSWORD).access


def sign_in(http: httpx.Client, client: Client, name: str, password: str, *, scope: str = EVERYTHING) -> Tokens:
    """Through the hosted page: authorize with a challenge, fill in the form, redeem the code with the verifier.

    Raises ValueError if the page does not lead back to the application.
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(8)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    page = http.get(
        f"{client.sign_in}/oauth2/authorize",
        params={
            "client_id": client.id,
            "redirect_uri": client.callback,
            "response_type": "code",
            "scope": scope,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        },
    )
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    form = {field: html.unescape(value) for field, value in fields.items()}
    redirect = http.post(f"{client.sign_in}/login", data={**form, "username": name, "password": password})
    location = httpx.URL(redirect.headers.get("location", ""))
    if str(location.copy_with(query=None)) != client.callback or location.params.get("state") != state:
        raise ValueError(
            f"signing in did not lead back to {client.callback}: {redirect.status_code} {redirect.text[:500]}"
        )
    tokens = http.post(
        f"{client.sign_in}/oauth2/token",
        data={
            "grant_type": "authorization_code",
            "client_id": client.id,
            "code": location.params["code"],
            "redirect_uri": client.callback,
            "code_verifier": verifier,
        },
    ).json()
    return Tokens(tokens["access_token"], tokens.get("id_token", ""), tokens["refresh_token"])
