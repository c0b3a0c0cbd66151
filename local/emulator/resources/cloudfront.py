"""CloudFront distributions, and what they consist of.

The emulator's speaks plain HTTP on this machine only. So two things differ: viewers are never redirected to https, and
an origin that is the emulator itself is reached on its port, without TLS.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore import xform_name

from local.emulator.aws import Aws
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, chosen, pascal
from local.emulator.resources.strict import known

_HOSTED_ZONE = "Z2FDTNDATAQYW2"  # of all distributions, everywhere
_SECURITY_HEADERS = frozenset(
    {
        "contentSecurityPolicy", "contentTypeOptions", "frameOptions", "referrerPolicy", "strictTransportSecurity",
        "xssProtection",
    }
)  # fmt: skip
_ORIGIN = frozenset({"customOriginConfig", "domainName", "originAccessControlId", "originId", "originPath"})
_CUSTOM_ORIGIN = frozenset({"httpPort", "httpsPort", "originProtocolPolicy", "originSslProtocols"})
_BEHAVIOR = frozenset(
    {
        "allowedMethods", "cachePolicyId", "cachedMethods", "compress", "functionAssociations",
        "originRequestPolicyId", "pathPattern", "responseHeadersPolicyId", "targetOriginId", "viewerProtocolPolicy",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Configuration(Kind):
    """A type that is one configuration, changed and deleted by its latest ETag. `noun` is its name in the API."""

    pulumi_type: str
    service: str = "cloudfront"
    accepts: frozenset[str]
    auto_name: AutoName
    noun: str
    config: Callable[[Inputs], Any]

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = self._call(aws, "create", **{f"{self.noun}Config": self.config(inputs)})
        identity = answer[self.noun]["Id"]
        path = xform_name(self.noun, "-")
        return Made(identity, inputs, {"arn": f"arn:aws:cloudfront:::{path}/{identity}"})

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        changed = {f"{self.noun}Config": self.config(inputs)}
        self._call(aws, "update", Id=made.id, IfMatch=self._etag(aws, made), **changed)

    def delete(self, aws: Aws, made: Made) -> None:
        self._call(aws, "delete", Id=made.id, IfMatch=self._etag(aws, made))

    def _etag(self, aws: Aws, made: Made) -> str:
        return str(self._call(aws, "get", Id=made.id)["ETag"])

    def _call(self, aws: Aws, verb: str, **parameters: Any) -> Any:
        return getattr(aws.cloudfront, f"{verb}_{xform_name(self.noun)}")(**parameters)


def _headers(inputs: Inputs) -> dict[str, Any]:
    headers = known(inputs.get("securityHeadersConfig", {}), _SECURITY_HEADERS, "securityHeadersConfig")
    return {
        "Name": inputs["name"],
        "Comment": inputs.get("comment", ""),
        "SecurityHeadersConfig": pascal(headers, xssProtection="XSSProtection"),
    }


_ORIGIN_ACCESS_CONTROL = Configuration(
    pulumi_type="aws:cloudfront/originAccessControl:OriginAccessControl",
    accepts=frozenset({"name", "description", "originAccessControlOriginType", "signingBehavior", "signingProtocol"}),
    auto_name=AutoName("name", 64),
    noun="OriginAccessControl",
    config=lambda inputs: pascal({"description": "", **inputs}),
)
_RESPONSE_HEADERS_POLICY = Configuration(
    pulumi_type="aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
    accepts=frozenset({"name", "comment", "securityHeadersConfig"}),
    auto_name=AutoName("name", 128),
    noun="ResponseHeadersPolicy",
    config=_headers,
)


class Function(Kind):
    pulumi_type = "aws:cloudfront/function:Function"
    service = "cloudfront"
    accepts = frozenset({"name", "code", "comment", "publish", "runtime"})
    replaces = frozenset({"name"})
    auto_name = AutoName("name", 64)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.cloudfront.create_function(Name=inputs["name"], **self._config(inputs))
        self._publish(aws, inputs, answer["ETag"])
        return Made(inputs["name"], inputs, {"arn": answer["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]})

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        aws.cloudfront.update_function(Name=made.id, IfMatch=self._etag(aws, made), **self._config(inputs))
        self._publish(aws, inputs, self._etag(aws, made))

    def delete(self, aws: Aws, made: Made) -> None:
        aws.cloudfront.delete_function(Name=made.id, IfMatch=self._etag(aws, made))

    def _etag(self, aws: Aws, made: Made) -> str:
        return aws.cloudfront.describe_function(Name=made.id, Stage="DEVELOPMENT")["ETag"]

    def _publish(self, aws: Aws, inputs: Inputs, etag: str) -> None:
        if inputs.get("publish", True):
            aws.cloudfront.publish_function(Name=inputs["name"], IfMatch=etag)

    def _config(self, inputs: Inputs) -> dict[str, Any]:
        config = {"Comment": inputs.get("comment", ""), "Runtime": inputs["runtime"]}
        return {"FunctionConfig": config, "FunctionCode": inputs["code"].encode()}


class Distribution(Kind):
    pulumi_type = "aws:cloudfront/distribution:Distribution"
    service = "cloudfront"
    accepts = frozenset(
        {
            "comment", "defaultCacheBehavior", "defaultRootObject", "enabled", "httpVersion", "isIpv6Enabled",
            "orderedCacheBehaviors", "origins", "priceClass", "restrictions", "viewerCertificate",
        }
    )  # fmt: skip

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        config = self._config(aws, inputs, secrets.token_hex(16))
        made = aws.cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
        outputs = {"arn": made["ARN"], "domainName": made["DomainName"], "hostedZoneId": _HOSTED_ZONE}
        return Made(made["Id"], inputs, outputs)

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        self._change(aws, made, inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        """CloudFront deletes only a disabled distribution."""
        etag = self._change(aws, made, {**made.inputs, "enabled": False})
        aws.cloudfront.delete_distribution(Id=made.id, IfMatch=etag)

    def _change(self, aws: Aws, made: Made, inputs: Inputs) -> str:
        current = aws.cloudfront.get_distribution_config(Id=made.id)
        config = self._config(aws, inputs, current["DistributionConfig"]["CallerReference"])
        answer = aws.cloudfront.update_distribution(Id=made.id, IfMatch=current["ETag"], DistributionConfig=config)
        return answer["ETag"]

    def _config(self, aws: Aws, inputs: Inputs, reference: str) -> Any:
        countries = known(inputs["restrictions"], {"geoRestriction"}, "restrictions")["geoRestriction"]
        countries = known(countries, {"restrictionType", "locations"}, "geoRestriction")
        certificate = known(inputs["viewerCertificate"], {"cloudfrontDefaultCertificate"}, "viewerCertificate")
        optional = chosen(
            inputs, DefaultRootObject="defaultRootObject", HttpVersion="httpVersion", PriceClass="priceClass"
        )
        return {
            "CallerReference": reference,
            "Comment": inputs.get("comment", ""),
            "Enabled": inputs["enabled"],
            "IsIPV6Enabled": inputs.get("isIpv6Enabled", False),
            **optional,
            "Origins": _listed([_origin(aws, origin) for origin in inputs["origins"]]),
            "DefaultCacheBehavior": _behavior(inputs["defaultCacheBehavior"]),
            "CacheBehaviors": _listed([_behavior(behavior) for behavior in inputs.get("orderedCacheBehaviors", [])]),
            "Restrictions": {
                "GeoRestriction": {
                    "RestrictionType": countries["restrictionType"],
                    **_listed(countries.get("locations", [])),
                }
            },
            "ViewerCertificate": {
                "CloudFrontDefaultCertificate": certificate.get("cloudfrontDefaultCertificate", False)
            },
        }


def _origin(aws: Aws, origin: Mapping[str, Any]) -> dict[str, Any]:
    known(origin, _ORIGIN, f"the origin {origin.get('originId')!r}")
    config: dict[str, Any] = {"S3OriginConfig": {"OriginAccessIdentity": ""}}
    if "customOriginConfig" in origin:
        config = {"CustomOriginConfig": _custom_origin(origin["customOriginConfig"])}
    name = origin["domainName"]
    if name == urlsplit(aws.endpoint).netloc:
        name, _, port = name.partition(":")
        config["CustomOriginConfig"] |= {"HTTPPort": int(port), "OriginProtocolPolicy": "http-only"}
    return {
        "Id": origin["originId"],
        "DomainName": name,
        "OriginPath": origin.get("originPath", ""),
        "OriginAccessControlId": origin.get("originAccessControlId", ""),
        "CustomHeaders": {"Quantity": 0},
        **config,
    }


def _custom_origin(config: Mapping[str, Any]) -> dict[str, Any]:
    known(config, _CUSTOM_ORIGIN, "customOriginConfig")
    return {
        "HTTPPort": config["httpPort"],
        "HTTPSPort": config["httpsPort"],
        "OriginProtocolPolicy": config["originProtocolPolicy"],
        "OriginSslProtocols": _listed(config["originSslProtocols"]),
    }


def _behavior(behavior: Mapping[str, Any]) -> dict[str, Any]:
    known(behavior, _BEHAVIOR, f"the cache behavior for {behavior.get('pathPattern', 'everything else')}")
    functions = [
        {"FunctionARN": function["functionArn"], "EventType": function["eventType"]}
        for function in behavior.get("functionAssociations", [])
    ]
    return {
        **chosen(
            behavior,
            PathPattern="pathPattern",
            CachePolicyId="cachePolicyId",
            OriginRequestPolicyId="originRequestPolicyId",
            ResponseHeadersPolicyId="responseHeadersPolicyId",
        ),
        "TargetOriginId": behavior["targetOriginId"],
        "ViewerProtocolPolicy": "allow-all",  # whatever the program says: there is no https to redirect to
        "AllowedMethods": {
            **_listed(behavior["allowedMethods"]),
            "CachedMethods": _listed(behavior["cachedMethods"]),
        },
        "Compress": behavior.get("compress", False),
        "FunctionAssociations": _listed(functions),
    }


def _listed(items: Sequence[Any]) -> dict[str, Any]:
    """A list as CloudFront takes it."""
    return {"Quantity": len(items), "Items": list(items)} if items else {"Quantity": 0}


KINDS = (_ORIGIN_ACCESS_CONTROL, _RESPONSE_HEADERS_POLICY, Function(), Distribution())
