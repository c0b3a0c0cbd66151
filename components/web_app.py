"""The web interface: static files behind CloudFront, with the API on the same origin."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from components.files_api import STAGE, FilesApi
from components.settings import SettingsError
from components.statements import policy, refuse_plain_http
from components.upload_bucket import UploadBucket
from components.user_pool import UserPool

DIST = Path(__file__).resolve().parents[1] / "web" / "dist"

# CloudFront's managed policies, the same in every account.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # forwards Authorization

NEVER_STALE = "no-cache"  # asks each time: these names stay while their contents change
FOR_EVER = "public, max-age=31536000, immutable"  # names with a hash of the contents

# Every path except a built file's is index.html, which knows the routes; a dot in it does not make it a file. In a
# function and not as an error page: that would also replace the API's own 403 and 404.
PAGES = """\
function handler(event) {
  var request = event.request;
  if (!/^\\/(assets\\/.|config\\.json$)/.test(request.uri)) request.uri = '/index.html';
  return request;
}
"""


class WebApp(pulumi.ComponentResource):
    """The page and all it needs to sign in, call the API and upload.

    Makes: private bucket with the built files and config.json, CloudFront with origin access control and security
    headers, `/v1/*` to the API, the page's sign-in client (code + PKCE, no secret), CORS on the upload bucket.
    Guarantees: the files can be read through CloudFront only; nothing runs on the page that was not built with it.
    """

    url: pulumi.Output[str]
    client_id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        api: FilesApi,
        users: UserPool,
        uploads: UploadBucket,
        max_upload_megabytes: int,
        web_origins: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:WebApp", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._name, self._child = name, child
        files = built_files()
        site = self._private_bucket()
        distribution = self._distribution(site, api, users, uploads)
        self.url = pulumi.Output.concat("https://", distribution.domain_name)
        aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=site.bucket,
            policy=policy(
                refuse_plain_http("s3:*", site.arn, pulumi.Output.concat(site.arn, "/*")),
                {
                    "Sid": "AllowCloudFront",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudfront.amazonaws.com"},
                    "Action": "s3:GetObject",
                    "Resource": pulumi.Output.concat(site.arn, "/*"),
                    # The distribution's ARN names the account; CloudFront is not documented to send aws:SourceAccount.
                    "Condition": {"ArnLike": {"aws:SourceArn": distribution.arn}},
                },
            ),
            opts=child,
        )
        aws.s3.BucketCorsConfiguration(
            f"{name}-uploads-cors",
            bucket=uploads.bucket_name,
            cors_rules=[
                {
                    "allowed_methods": ["POST"],
                    "allowed_origins": [self.url, *web_origins],
                    "allowed_headers": ["*"],
                    "expose_headers": ["ETag", "x-amz-error-code"],  # why S3 refused, for the page to say
                    "max_age_seconds": 3600,
                }
            ],
            opts=child,
        )
        client = aws.cognito.UserPoolClient(
            f"{name}-client",
            user_pool_id=users.pool_id,
            generate_secret=False,
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_scopes=users.scopes.apply(lambda scopes: ["openid", "email", *scopes]),
            supported_identity_providers=["COGNITO"],
            callback_urls=[pulumi.Output.concat(self.url, "/signed-in")],
            logout_urls=[pulumi.Output.concat(self.url, "/")],
            explicit_auth_flows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            access_token_validity=60,
            id_token_validity=60,
            refresh_token_validity=12,
            token_validity_units={"access_token": "minutes", "id_token": "minutes", "refresh_token": "hours"},
            opts=child,
        )
        self.client_id = client.id
        for path, file in files.items():
            self._object(path, site, source=pulumi.FileAsset(os.path.relpath(file)))
        self._object(
            "config.json",
            site,
            content=pulumi.Output.json_dumps(
                {
                    "apiUrl": f"/{STAGE}",
                    "region": aws.get_region_output().region,
                    "maxUploadMegabytes": max_upload_megabytes,
                    "signIn": {
                        "clientId": self.client_id,
                        "authorizeUrl": pulumi.Output.concat(users.sign_in_url, "/oauth2/authorize"),
                        "tokenUrl": pulumi.Output.concat(users.sign_in_url, "/oauth2/token"),
                        "logoutUrl": pulumi.Output.concat(users.sign_in_url, "/logout"),
                    },
                }
            ),
        )
        self.register_outputs({"url": self.url})

    def _private_bucket(self) -> aws.s3.Bucket:
        # Nothing in it but what is built from the repository: deleting it loses nothing.
        site = aws.s3.Bucket(f"{self._name}-site", force_destroy=True, opts=self._child)
        aws.s3.BucketPublicAccessBlock(
            f"{self._name}-private",
            bucket=site.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child,
        )
        aws.s3.BucketOwnershipControls(
            f"{self._name}-ownership",
            bucket=site.bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._child,
        )
        return site

    def _distribution(
        self, site: aws.s3.Bucket, api: FilesApi, users: UserPool, uploads: UploadBucket
    ) -> aws.cloudfront.Distribution:
        access = aws.cloudfront.OriginAccessControl(
            f"{self._name}-access",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child,
        )
        headers = aws.cloudfront.ResponseHeadersPolicy(
            f"{self._name}-headers",
            security_headers_config={
                "content_security_policy": {
                    "content_security_policy": content_security_policy(
                        sign_in=users.sign_in_url, uploads=pulumi.Output.concat("https://", uploads.host)
                    ),
                    "override": True,
                },
                "strict_transport_security": {
                    "access_control_max_age_sec": 31_536_000,
                    "include_subdomains": True,
                    "override": True,
                },
                "content_type_options": {"override": True},
                "frame_options": {"frame_option": "DENY", "override": True},
                "referrer_policy": {"referrer_policy": "no-referrer", "override": True},
            },
            opts=self._child,
        )
        pages = aws.cloudfront.Function(
            f"{self._name}-pages", runtime="cloudfront-js-2.0", code=PAGES, publish=True, opts=self._child
        )
        origins: list[aws.cloudfront.DistributionOriginArgsDict] = [
            {
                "origin_id": "site",
                "domain_name": site.bucket_regional_domain_name,
                "origin_access_control_id": access.id,
            },
            {
                "origin_id": "api",
                "domain_name": api.url.apply(lambda url: urlsplit(url).netloc),
                "origin_path": api.url.apply(lambda url: urlsplit(url).path.removesuffix(f"/{STAGE}")),
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
            "response_headers_policy_id": headers.id,
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
            f"{self._name}-distribution",
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
            viewer_certificate={"cloudfront_default_certificate": True},
            opts=self._child,
        )

    def _object(self, path: str, site: aws.s3.Bucket, **body: Any) -> None:
        aws.s3.BucketObjectv2(
            f"{self._name}-{path}",
            bucket=site.bucket,
            key=path,
            content_type=mimetypes.guess_type(path)[0] or "application/octet-stream",
            cache_control=FOR_EVER if path.startswith("assets/") else NEVER_STALE,
            opts=self._child,
            **body,
        )


def built_files(dist: Path | None = None) -> dict[str, Path]:
    """What `make web` has built, by its path on the site. Raises SettingsError if it has not been built."""
    dist = dist or DIST
    if not (dist / "index.html").is_file():
        raise SettingsError("the web interface has not been built, and mode advanced deploys it:\n  make web")
    return {path.relative_to(dist).as_posix(): path for path in sorted(dist.rglob("*")) if path.is_file()}


def content_security_policy(*, sign_in: pulumi.Output[str], uploads: pulumi.Output[str]) -> pulumi.Output[str]:
    """Only what was built runs; the page talks to its own origin, the sign-in and the upload bucket."""
    return pulumi.Output.concat(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ",
        sign_in,
        " ",
        uploads,
        "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; ",
        "require-trusted-types-for 'script'; trusted-types 'none'",
    )
