"""CloudFront: what is in front of the page and the API.

The embedded one speaks plain HTTP on this machine only, and says so in two places: viewers are never sent to https, and
an origin that is the embedded AWS itself is reached on its port, without TLS.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

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


class OriginAccessControl(Kind):
    pulumi_type = "aws:cloudfront/originAccessControl:OriginAccessControl"
    accepts = frozenset({"name", "description", "originAccessControlOriginType", "signingBehavior", "signingProtocol"})
    auto_name: ClassVar = AutoName("name", 64)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.cloudfront.create_origin_access_control(OriginAccessControlConfig=self._config(inputs))
        made = answer["OriginAccessControl"]["Id"]
        return Made(made, inputs, {"arn": f"arn:aws:cloudfront:::origin-access-control/{made}"})

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        aws.cloudfront.update_origin_access_control(
            Id=made.id, IfMatch=self._etag(aws, made), OriginAccessControlConfig=self._config(inputs)
        )
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.cloudfront.delete_origin_access_control(Id=made.id, IfMatch=self._etag(aws, made))

    def _etag(self, aws: Aws, made: Made) -> str:
        return aws.cloudfront.get_origin_access_control(Id=made.id)["ETag"]

    def _config(self, inputs: Inputs) -> Any:
        return pascal({"description": "", **inputs})


class ResponseHeadersPolicy(Kind):
    pulumi_type = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
    accepts = frozenset({"name", "comment", "securityHeadersConfig"})
    auto_name: ClassVar = AutoName("name", 128)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=self._config(inputs))
        made = answer["ResponseHeadersPolicy"]["Id"]
        return Made(made, inputs, {"arn": f"arn:aws:cloudfront:::response-headers-policy/{made}"})

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        aws.cloudfront.update_response_headers_policy(
            Id=made.id, IfMatch=self._etag(aws, made), ResponseHeadersPolicyConfig=self._config(inputs)
        )
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.cloudfront.delete_response_headers_policy(Id=made.id, IfMatch=self._etag(aws, made))

    def _etag(self, aws: Aws, made: Made) -> str:
        return aws.cloudfront.get_response_headers_policy(Id=made.id)["ETag"]

    def _config(self, inputs: Inputs) -> Any:
        headers = known(inputs.get("securityHeadersConfig", {}), _SECURITY_HEADERS, "securityHeadersConfig")
        return {
            "Name": inputs["name"],
            "Comment": inputs.get("comment", ""),
            "SecurityHeadersConfig": pascal(headers, xssProtection="XSSProtection"),
        }


class Function(Kind):
    pulumi_type = "aws:cloudfront/function:Function"
    accepts = frozenset({"name", "code", "comment", "publish", "runtime"})
    replaces = frozenset({"name"})
    auto_name: ClassVar = AutoName("name", 64)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.cloudfront.create_function(Name=inputs["name"], **self._config(inputs))
        self._publish(aws, inputs, answer["ETag"])
        return Made(inputs["name"], inputs, {"arn": answer["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]})

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        aws.cloudfront.update_function(Name=made.id, IfMatch=self._etag(aws, made), **self._config(inputs))
        self._publish(aws, inputs, self._etag(aws, made))
        return Made(made.id, inputs, made.outputs)

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

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        self._change(aws, made, inputs)
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        """CloudFront deletes only what has been disabled before."""
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
        given = chosen(
            inputs, DefaultRootObject="defaultRootObject", HttpVersion="httpVersion", PriceClass="priceClass"
        )
        return {
            "CallerReference": reference,
            "Comment": inputs.get("comment", ""),
            "Enabled": inputs["enabled"],
            "IsIPV6Enabled": inputs.get("isIpv6Enabled", False),
            **given,
            "Origins": _listed([_origin(aws, one) for one in inputs["origins"]]),
            "DefaultCacheBehavior": _behavior(inputs["defaultCacheBehavior"]),
            "CacheBehaviors": _listed([_behavior(one) for one in inputs.get("orderedCacheBehaviors", [])]),
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
        {"FunctionARN": one["functionArn"], "EventType": one["eventType"]}
        for one in behavior.get("functionAssociations", [])
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
        "ViewerProtocolPolicy": "allow-all",  # whatever the program says: there is no https to send viewers to
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


KINDS = (OriginAccessControl(), ResponseHeadersPolicy(), Function(), Distribution())
