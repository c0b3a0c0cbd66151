"""The person who makes a request, as the gateway's authorizer found them in the access token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Person:
    """`name` is the pool's user name, `groups` are those of the token, `sub` is the pool's id, which nobody has again.

    `address` is the IP address from which API Gateway was called: through the page it is CloudFront's. `forwarded_for`
    are the addresses before that one as the request's header names them: CloudFront adds who called it, but a caller of
    the API's own address may write anything. `request` is API Gateway's id of the request.
    """

    name: str
    groups: frozenset[str] = frozenset()
    address: str = ""
    forwarded_for: str = ""
    sub: str = ""
    request: str = ""


def person_of(event: Mapping[str, Any]) -> Person:
    """The signed-in person of a request.

    The authorizer hands claims on as texts. REST APIs join several groups by commas, HTTP APIs and emulators write them
    in brackets, with spaces between: no group in the settings has a name with any of these.
    """
    context = event["requestContext"]
    claims, headers = context["authorizer"]["claims"], event.get("headers") or {}
    groups = frozenset(filter(None, re.split(r"[\[\], ]", str(claims.get("cognito:groups", "")))))
    return Person(
        name=str(claims["username"]),
        groups=groups,
        address=str(context["identity"]["sourceIp"]),
        forwarded_for=next((str(value) for name, value in headers.items() if name.lower() == "x-forwarded-for"), ""),
        sub=str(claims.get("sub", "")),
        request=str(context.get("requestId", "")),
    )
