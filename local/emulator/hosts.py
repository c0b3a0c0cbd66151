"""Addresses of a stack's resources on this machine.

Programs assemble AWS's host names themselves: `https://<prefix>.auth.<region>.amazoncognito.com`. In every text that
goes into a resource, and in every output, those addresses are replaced by the emulator's, so that a browser on this
machine gets from the page to the sign-in, the API and the bucket.

Rules: only addresses of this stack's resources are replaced, and only whole ones, scheme included. A real service that
the settings name stays what it is; a host name without `https://` is a name, not an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from local.emulator.resources.kind import Made

_NOT_THE_END = r"(?![\w.:-])"  # a longer name, or one with a port, is another host


def addresses(endpoint: str, made: Iterable[tuple[str, str, Made]]) -> dict[str, str]:
    """AWS's addresses of resources, each with the one on this machine. `made` is (Pulumi type, region, resource).

    Three hosts on AWS are three origins here, so that a page's policy that forgets one fails here as well. Browsers
    take every name below `localhost` for this machine, and its pages for as safe as any with TLS.
    """
    scheme, port = urlsplit(endpoint).scheme, urlsplit(endpoint).port
    known: dict[str, str] = {}
    for type_, region, resource in made:
        if type_ == "aws:cognito/userPoolDomain:UserPoolDomain":
            known[f"https://{resource.inputs['domain']}.auth.{region}.amazoncognito.com"] = (
                f"{scheme}://localhost:{port}"
            )
        elif type_ == "aws:cloudfront/distribution:Distribution":
            domain = resource.outputs["domainName"]
            known[f"https://{domain}"] = f"{scheme}://{domain.partition('.')[0]}.cloudfront.localhost:{port}"
        elif type_ == "aws:s3/bucket:Bucket":
            for name in ("bucketDomainName", "bucketRegionalDomainName"):
                known[f"https://{resource.outputs[name]}"] = f"{endpoint}/{resource.id}"
    return known


def reachable(value: Any, known: Mapping[str, str]) -> Any:
    """The same value with every known address replaced, in texts at any depth."""
    if not known:
        return value
    pattern = re.compile(f"({'|'.join(map(re.escape, known))}){_NOT_THE_END}")
    return _replaced(value, pattern, known)


def _replaced(value: Any, pattern: re.Pattern[str], known: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(lambda match: known[match[1]], value)
    if isinstance(value, Mapping):
        return {name: _replaced(item, pattern, known) for name, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, pattern, known) for item in value]
    return value
