"""CloudFront in front of the page's files and the API: one origin for browsers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from components.files_api import STAGE
from components.private_bucket import PrivateBucket
from components.web_domain_settings import WebDomain

# CloudFront's managed policies, the same in every account.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # forwards Authorization

MINIMUM_TLS = "TLSv1.2_2021"
"""Of browsers, for a name of one's own; for CloudFront's own names CloudFront decides."""

# Every path except a built file's is index.html, which knows the routes; a dot in it does not make it a file. In a
# function and not as an error page: that would also replace the API's own 403 and 404.
PAGES = """\
function handler(event) {
  var request = event.request;
%s\
  if (!/^\\/(assets\\/.|config\\.json$)/.test(request.uri)) request.uri = '/index.html';
  return request;
}
"""

# With a name of one's own the page is there only: sign-in returns there. Older links, in mails, lead there too. Not for
# good (301): a browser would still go there when the name is given up.
TO_DOMAIN = """\
  if (request.headers.host.value !== '{name}') {{
    var query = Object.keys(request.querystring).map(function (key) {{
      return key + '=' + request.querystring[key].value;
    }}).join('&');
    var location = 'https://{name}' + request.uri + (query ? '?' + query : '');
    return {{ statusCode: 302, statusDescription: 'Found', headers: {{ location: {{ value: location }} }} }};
  }}
"""


@dataclass(frozen=True, kw_only=True)
class SiteDistributionArgs:
    """`api_url` ends in the API's stage. Beside its own origin, the page may call `connects_to`, and show what is below
    `shows`: images and texts. `domain` is a name of one's own; without, the page has CloudFront's."""

    api_url: pulumi.Output[str]
    connects_to: Sequence[pulumi.Output[str]]
    shows: Sequence[pulumi.Output[str]]
    domain: WebDomain | None


class SiteDistribution(pulumi.ComponentResource):
    """Where the page is, without its files.

    Makes: a private bucket for the files, CloudFront with origin access control and security headers, the API's stage
    as a path beside the files.
    Guarantees: the files can be read through CloudFront only; nothing runs on the page that was not built with it.
    """

    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    domain_name: pulumi.Output[str]
    """CloudFront's own name, to which the DNS record of another has to point."""
    bucket: PrivateBucket

    def __init__(self, name: str, args: SiteDistributionArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:SiteDistribution", name, None, opts)
        # Nothing in it but what is built from the repository: deleting it loses nothing.
        self.bucket = PrivateBucket(f"{name}-site", protect=False, opts=pulumi.ResourceOptions(parent=self))
        distribution = self._distribution(name, args)
        self.arn, self.domain_name = distribution.arn, distribution.domain_name
        self.url = pulumi.Output.concat("https://", args.domain.name if args.domain else self.domain_name)
        self.bucket.write_policy(
            {
                "Sid": "AllowCloudFront",
                "Effect": "Allow",
                "Principal": {"Service": "cloudfront.amazonaws.com"},
                "Action": "s3:GetObject",
                "Resource": pulumi.Output.concat(self.bucket.arn, "/*"),
                # The distribution's ARN names the account; CloudFront is not documented to send aws:SourceAccount.
                "Condition": {"ArnLike": {"aws:SourceArn": self.arn}},
            }
        )
        self.register_outputs({"url": self.url})

    def _distribution(self, name: str, args: SiteDistributionArgs) -> aws.cloudfront.Distribution:
        child = pulumi.ResourceOptions(parent=self)
        access = aws.cloudfront.OriginAccessControl(
            f"{name}-access",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=child,
        )
        pages = aws.cloudfront.Function(
            f"{name}-pages", runtime="cloudfront-js-2.0", code=pages_code(args.domain), publish=True, opts=child
        )
        origins: list[aws.cloudfront.DistributionOriginArgsDict] = [
            {
                "origin_id": "site",
                "domain_name": self.bucket.domain_name,
                "origin_access_control_id": access.id,
            },
            {
                "origin_id": "api",
                "domain_name": args.api_url.apply(lambda url: urlsplit(url).netloc),
                "origin_path": args.api_url.apply(lambda url: urlsplit(url).path.removesuffix(f"/{STAGE}")),
                "custom_origin_config": {
                    "http_port": 80,
                    "https_port": 443,
                    "origin_protocol_policy": "https-only",
                    "origin_ssl_protocols": ["TLSv1.2"],
                },
            },
        ]
        every: dict[str, Any] = {
            "viewer_protocol_policy": "redirect-to-https",
            "compress": True,
            "response_headers_policy_id": self._headers(name, args).id,
            "cached_methods": ["GET", "HEAD"],
        }
        to_site: Any = {
            **every,
            "target_origin_id": "site",
            "allowed_methods": ["GET", "HEAD"],
            "cache_policy_id": CACHING_OPTIMIZED,
            "function_associations": [{"event_type": "viewer-request", "function_arn": pages.arn}],
        }
        to_api: Any = {
            **every,
            "path_pattern": f"/{STAGE}/*",
            "target_origin_id": "api",
            "allowed_methods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
            "cache_policy_id": CACHING_DISABLED,
            "origin_request_policy_id": ALL_VIEWER_EXCEPT_HOST,
        }
        return aws.cloudfront.Distribution(
            f"{name}-distribution",
            comment="File notifications",
            enabled=True,
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class="PriceClass_100",
            default_root_object="index.html",
            origins=origins,
            default_cache_behavior=to_site,
            ordered_cache_behaviors=[to_api],
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            opts=child,
            **_named(args.domain),
        )

    def _headers(self, name: str, args: SiteDistributionArgs) -> aws.cloudfront.ResponseHeadersPolicy:
        return aws.cloudfront.ResponseHeadersPolicy(
            f"{name}-headers",
            security_headers_config={
                "content_security_policy": {
                    "content_security_policy": content_security_policy(connects_to=args.connects_to, shows=args.shows),
                    "override": True,
                },
                "strict_transport_security": {
                    "access_control_max_age_sec": 31_536_000,
                    # Of a company's own name, others may still serve what lies below it without TLS.
                    "include_subdomains": args.domain is None,
                    "override": True,
                },
                "content_type_options": {"override": True},
                "frame_options": {"frame_option": "DENY", "override": True},
                "referrer_policy": {"referrer_policy": "no-referrer", "override": True},
            },
            opts=pulumi.ResourceOptions(parent=self),
        )


def pages_code(domain: WebDomain | None) -> str:
    """The function in front of the page's files."""
    return PAGES % (TO_DOMAIN.format(name=domain.name) if domain else "")


def _named(domain: WebDomain | None) -> dict[str, Any]:
    """The names that CloudFront answers to, and with which certificate."""
    if domain is None:
        return {"viewer_certificate": {"cloudfront_default_certificate": True}}
    certificate = {
        "acm_certificate_arn": domain.certificate_arn,
        "ssl_support_method": "sni-only",
        "minimum_protocol_version": MINIMUM_TLS,
    }
    return {"aliases": [domain.name], "viewer_certificate": certificate}


def content_security_policy(
    *, connects_to: Sequence[pulumi.Output[str]], shows: Sequence[pulumi.Output[str]]
) -> pulumi.Output[str]:
    """Only what was built runs; the page calls its own origin and these. It shows uploads as images, never framed."""
    return pulumi.Output.concat(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'",
        *(part for origin in shows for part in (" ", origin)),
        "; connect-src 'self'",
        *(part for origin in (*connects_to, *shows) for part in (" ", origin)),
        "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; ",
        "require-trusted-types-for 'script'; trusted-types 'none'",
    )
