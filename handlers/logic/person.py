"""The person who makes a request, as the gateway's authorizer found them in the access token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Person:
    """`name` is the pool's user name, `groups` are those of the token, `address` is the IP address they call from."""

    name: str
    groups: frozenset[str] = frozenset()
    address: str = ""


def person_of(event: Mapping[str, Any]) -> Person:
    """The signed-in person of a request.

    The authorizer hands claims on as texts. REST APIs join several groups by commas, HTTP APIs and emulators write them
    in brackets, with spaces between: no group in the settings has a name with any of these.
    """
    context = event["requestContext"]
    claims = context["authorizer"]["claims"]
    groups = frozenset(filter(None, re.split(r"[\[\], ]", str(claims.get("cognito:groups", "")))))
    return Person(name=str(claims["username"]), groups=groups, address=str(context["identity"]["sourceIp"]))
