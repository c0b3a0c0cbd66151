"""The page's own domain, as people write it in config: each problem with the command that fixes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.reader import ItemReader, Problem, set_to

KEY = "webDomain"
EXAMPLE = "files.example.com"
CERTIFICATE_EXAMPLE = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
_CERTIFICATE = re.compile(r"arn:aws:acm:us-east-1:[0-9]{12}:certificate/[A-Za-z0-9-]+")


@dataclass(frozen=True, kw_only=True)
class WebDomain:
    """A host name for the page, and the certificate that CloudFront shows for it."""

    name: str
    certificate_arn: str


def parse_web_domain(item: Mapping[str, Any]) -> tuple[WebDomain | None, list[Problem]]:
    """Read {name, certificateArn}. Returns None without any; with every problem found."""
    if not item:
        return None, []
    reader = _DomainReader(item, KEY)
    name, certificate = reader.name(), reader.certificate()
    reader.refuse_unknown(f"a setting of {KEY}")
    return (None if reader.problems else WebDomain(name=name, certificate_arn=certificate)), reader.problems


class _DomainReader(ItemReader):
    def name(self) -> str:
        """The host name, in lower case as browsers and CloudFront compare it."""
        value, path = self.value("name"), self.path("name")
        if isinstance(value, str) and _NAME.fullmatch(value):
            return value
        meant = re.sub(r"^[a-z]+://|^\*\.", "", str(value).strip().lower())
        meant = re.sub(r"\.?([/:].*)?$", "", meant)
        expected = "use a host name in lower case, without scheme, port, path or wildcard"
        self.wrong(path, value, expected, meant if _NAME.fullmatch(meant) else EXAMPLE)
        return ""

    def certificate(self) -> str:
        """The certificate's ARN."""
        value, path = self.value("certificateArn"), self.path("certificateArn")
        if isinstance(value, str) and _CERTIFICATE.fullmatch(value):
            return value
        region = re.match(r"arn:[a-z-]+:acm:([a-z0-9-]+):", str(value))
        if region and region[1] != "us-east-1":
            what = f"{path} is {value!r}, in {region[1]}; CloudFront takes certificates of us-east-1 only"
            self.problems.append(Problem(what, set_to(path, CERTIFICATE_EXAMPLE)))
        else:
            self.wrong(path, value, "use the ARN of an ACM certificate in us-east-1", CERTIFICATE_EXAMPLE)
        return ""
