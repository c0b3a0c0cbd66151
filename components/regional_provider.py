"""The stack's AWS provider, for another region."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

import pulumi
import pulumi_aws as aws

_SECRET = ("access_key", "secret_key", "token")
_NUMBERS = ("max_retries", "token_bucket_rate_limiter_capacity")


def regional_provider(name: str, region: str, *, parent: pulumi.Resource) -> aws.Provider:
    """A provider for `region`, with whatever else the stack's `aws:…` config says.

    Pulumi hands that config to its default provider only: without it this one would work in another account, or leave
    out the tags. Environment variables reach both.
    """
    return aws.Provider(name, region=region, **configured(), opts=pulumi.ResourceOptions(parent=parent))


def configured() -> dict[str, Any]:
    """The stack's `aws:…` config, all but the region, as arguments of a provider."""
    config = pulumi.Config("aws")
    found: dict[str, Any] = {}
    for argument in inspect.signature(aws.ProviderArgs).parameters:
        key = re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), argument)
        if argument in _SECRET:
            value: Any = config.get_secret(key)
        else:
            value = _read(argument, config.get(key))
        if argument != "region" and value is not None:
            found[argument] = value
    return found


def _read(argument: str, text: str | None) -> Any:
    """Lists, objects and flags are JSON in the config; a name that looks like a number stays a name."""
    try:
        value = json.loads(text or "null")
    except ValueError:
        return text
    return value if value is None or isinstance(value, list | dict | bool) or argument in _NUMBERS else text
