"""A company's sign-in, as people write it in config: each problem with the command that fixes it.

No message shows what is set where a secret may be, also a secret in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from components.reader import ItemReader, Problem, Reader, remove, set_to
from domain.company_groups import folded

KEY = "signIn"
METADATA, METADATA_EXAMPLE = f"{KEY}.saml.metadataUrl", "https://acme.okta.com/app/exk1a2b3c/sso/saml/metadata"
ISSUER_EXAMPLE = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"
SET_SECRET = f"pulumi config set --secret --path {KEY}.oidc.clientSecret"
"""Asks for the secret: on the command line it would stay in the shell's history."""

GROUP_CLAIM = "groups"
_DISCOVERY = "/.well-known/openid-configuration"
_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\s#]*)?")
_WORD = re.compile(r"\S{1,2048}")
# Entra ID answers for the people of every tenant under these.
_ANY_TENANT = re.compile(r"https://login\.microsoftonline\.[a-z]+/(common|organizations|consumers)(/.*)?")


@dataclass(frozen=True, kw_only=True)
class Saml:
    """A SAML identity provider, by the address of its metadata."""

    metadata_url: str


@dataclass(frozen=True, kw_only=True)
class Oidc:
    """An OpenID Connect identity provider, and what it knows us by."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """One identity provider, beside the pool's own accounts unless `own_users` is false.

    `groups` are ours by the company's, which are in the claim `group_claim`.
    """

    provider: Saml | Oidc
    groups: Mapping[str, str]
    group_claim: str
    own_users: bool


def parse_sign_in(item: Mapping[str, Any], *, is_secret: bool) -> tuple[SignIn | None, list[Problem]]:
    """Read {saml | oidc, groupClaim?, groups?, ownUsers?}. Returns None without any; with every problem found.

    `is_secret` says whether anything in it is stored encrypted: Pulumi knows no more than that.
    """
    if not item:
        return None, []
    reader = _SignInReader(item, KEY)
    own_users = reader.flag("ownUsers")
    provider = reader.provider(is_secret=is_secret, own_users=own_users)
    groups = reader.groups()
    claim = reader.word("groupClaim", "use the name of the claim that has the groups", GROUP_CLAIM, required=False)
    if claim and not groups:
        what = f"{KEY}.groupClaim is set, but {KEY}.groups names none: nobody would get a group"
        reader.problems.append(Problem(what, set_to(f"{KEY}.groups.File-Admins", "admins")))
    reader.no_others()
    if reader.problems or provider is None:
        return None, reader.problems
    found = SignIn(provider=provider, groups=groups, group_claim=claim or GROUP_CLAIM, own_users=own_users)
    return found, []


def unknown_groups(sign_in: SignIn, known: frozenset[str]) -> list[Problem]:
    """Groups of ours that no grant names: their members would get nothing."""
    reader = Reader(sign_in.groups.get, path=f"{KEY}.groups")
    names = sorted(known)
    return [
        Problem(
            f"{reader.path(theirs)} is {ours!r}, which access does not name; use one of {', '.join(names)}",
            set_to(reader.path(theirs), next((name for name in names if folded(name) == folded(ours)), names[0])),
        )
        for theirs, ours in sign_in.groups.items()
        if ours not in known
    ]


class _Fields(ItemReader):
    """Reads one object."""

    def part(self, key: str, field: str, example: str) -> Mapping[str, Any] | None:
        """An object in this one, None if there is none; `field` is one of its names."""
        value, path = self.value(key), self.path(key)
        if value is None or isinstance(value, Mapping):
            return value
        what = f"{path} is no object; it takes names with values, such as {path}.{field}"
        self.problems.append(Problem(what, f"{remove(path)} && {set_to(f'{path}.{field}', example)}"))
        return None

    def word(self, key: str, expected: str, example: str, *, required: bool = True) -> str:
        """Text without spaces; empty if nothing is set that need not be."""
        value = self.value(key)
        if isinstance(value, str) and _WORD.fullmatch(value):
            return value
        if required or value is not None:
            self.wrong(self.path(key), value, expected, example)
        return ""

    def no_others(self) -> None:
        """Note every key that was not read."""
        self.refuse_unknown(f"a setting of {self._path}")


class _SignInReader(_Fields):
    def provider(self, *, is_secret: bool, own_users: bool) -> Saml | Oidc | None:
        """The identity provider, which is complete if there are no problems."""
        saml = self.part("saml", "metadataUrl", METADATA_EXAMPLE)
        oidc = self.part("oidc", "issuer", ISSUER_EXAMPLE)
        if saml is not None and oidc is not None:
            what = f"{KEY} has saml and oidc; a stack has one identity provider"
            self.problems.append(Problem(what, remove(f"{KEY}.saml")))
        if oidc is not None:
            return self._oidc(_Fields(oidc, f"{KEY}.oidc"), is_secret=is_secret)
        if saml is not None:
            return self._saml(_Fields(saml, f"{KEY}.saml"))
        if not self.problems:
            what = f"{KEY} names no identity provider; use saml or oidc"
            if not own_users:
                what = f"{KEY}.ownUsers is false and {KEY} names no identity provider: nobody could sign in"
            self.problems.append(Problem(what, set_to(METADATA, METADATA_EXAMPLE)))
        return None

    def _saml(self, fields: _Fields) -> Saml:
        url = fields.word("metadataUrl", expected := "use the https:// address of its metadata", METADATA_EXAMPLE)
        if url and not _URL.fullmatch(url):
            fields.wrong(METADATA, url, expected, _over_https(url) or METADATA_EXAMPLE)
        fields.no_others()
        self.problems += fields.problems
        return Saml(metadata_url=url)

    def _oidc(self, fields: _Fields, *, is_secret: bool) -> Oidc:
        path = fields.path("issuer")
        expected = f"use the issuer, which is followed by {_DISCOVERY}: https://, no slash or query at its end"
        issuer = fields.word("issuer", expected, ISSUER_EXAMPLE)
        if issuer and _ANY_TENANT.fullmatch(issuer):
            fields.wrong(path, issuer, "which lets in the people of any company; name your tenant", ISSUER_EXAMPLE)
        elif issuer and issuer != (meant := _issuer(issuer)):
            fields.wrong(path, issuer, expected, meant or ISSUER_EXAMPLE)
        client = fields.word("clientId", "use the id that it knows us by", "0oa1a2b3c4d5")
        secret, at = fields.value("clientSecret"), fields.path("clientSecret")
        if not secret or not isinstance(secret, str):
            fields.problems.append(Problem(f"{at} is missing", SET_SECRET))
        elif not is_secret:
            what = f"{at} is stored in plain text, which everyone can read who reads the stack's file"
            fields.problems.append(Problem(f"{what}; have a new one made, and store it encrypted", SET_SECRET))
        fields.no_others()
        self.problems += fields.problems
        return Oidc(issuer=issuer, client_id=client, client_secret=str(secret))

    def groups(self) -> dict[str, str]:
        """Our groups by the company's."""
        given, path = self.part("groups", "File-Admins", "admins") or {}, f"{KEY}.groups"
        reader = _Fields(given, path)
        found: dict[str, str] = {}
        for theirs in given:
            ours, at = reader.value(theirs), reader.path(theirs)
            if not folded(theirs) or re.search(r'[\[\],"]', theirs):
                what = f"{at}: Cognito writes groups as a list, in which commas, brackets and quotes of a name are lost"
                reader.problems.append(Problem(what, remove(at)))
            elif not isinstance(ours, str):
                reader.wrong(at, ours, "use the name of one of our groups", "admins")
            elif any(folded(theirs) == folded(other) and ours != found[other] for other in found):
                what = f"{at} differs from another name in {path} by capitals only, which Cognito does not keep"
                reader.problems.append(Problem(what, remove(at)))
            else:
                found[theirs] = ours
        self.problems += reader.problems
        return found


def _over_https(url: str) -> str:
    """The address over TLS, empty if it is none."""
    parts = urlsplit(url)
    meant = parts._replace(scheme="https", fragment="").geturl()
    return meant if _URL.fullmatch(meant) else ""


def _issuer(url: str) -> str:
    """The issuer as Cognito takes it, empty if it is no address.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-oidc-idp.html
    """
    meant = urlsplit(url)._replace(scheme="https", query="", fragment="").geturl().rstrip("/")
    meant = meant.removesuffix(_DISCOVERY).rstrip("/")
    return meant if _URL.fullmatch(meant) else ""
