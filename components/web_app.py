"""The web interface: what `make web` has built, and what it needs to sign in, call the API and upload."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from components.files_api import STAGE, FilesApi
from components.packaging import file_asset
from components.settings import Settings, SettingsError
from components.sign_in_client import SignInClient
from components.site_distribution import SiteDistribution, SiteDistributionArgs
from components.upload_bucket import UploadBucket
from components.user_pool import UserPool

DIST = Path(__file__).resolve().parents[1] / "web" / "dist"

NEVER_STALE = "no-cache"  # asks each time: these names stay while their contents change
FOREVER = "public, max-age=31536000, immutable"  # names with a hash of the contents


@dataclass(frozen=True, kw_only=True)
class WebAppArgs:
    """`uploads` is the bucket that browsers upload to, None if they do not."""

    settings: Settings
    users: UserPool
    api: FilesApi
    uploads: UploadBucket | None


class WebApp(pulumi.ComponentResource):
    """The page.

    Makes: its distribution with the built files and config.json, its sign-in client, CORS on the upload bucket.
    Guarantees: what is deployed is what was built; a browser asks for files again when their contents change.
    """

    url: pulumi.Output[str]
    client_id: pulumi.Output[str]

    def __init__(self, name: str, args: WebAppArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:WebApp", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        files = built_files()
        site = SiteDistribution(
            name,
            SiteDistributionArgs(
                api_url=args.api.url,
                connects_to=[args.users.sign_in_url, *([args.uploads.url] if args.uploads else [])],
            ),
            opts=child,
        )
        self.url = site.url
        self.client_id = SignInClient(name, users=args.users, page_url=self.url, opts=child).id
        if args.uploads:
            self._allow_uploads(name, args.uploads, args.settings.web_origins)
        contents: dict[str, dict[str, Any]] = {path: {"source": file_asset(file)} for path, file in files.items()}
        contents["config.json"] = {"content": pulumi.Output.json_dumps(self._config(args))}
        for path, content in contents.items():
            aws.s3.BucketObjectv2(
                f"{name}-{path}",
                bucket=site.bucket.name,
                key=path,
                content_type=mimetypes.guess_type(path)[0] or "application/octet-stream",
                cache_control=FOREVER if path.startswith("assets/") else NEVER_STALE,
                opts=child,
                **content,
            )
        self.register_outputs({"url": self.url})

    def _allow_uploads(self, name: str, uploads: UploadBucket, origins: Sequence[str]) -> None:
        aws.s3.BucketCorsConfiguration(
            f"{name}-uploads-cors",
            bucket=uploads.name,
            cors_rules=[
                {
                    "allowed_methods": ["POST"],
                    "allowed_origins": [self.url, *origins],
                    "allowed_headers": ["*"],
                    "expose_headers": ["ETag", "x-amz-error-code"],  # why S3 refused, for the page to say
                    "max_age_seconds": 3600,
                }
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _config(self, args: WebAppArgs) -> dict[str, Any]:
        """What the page reads before it starts."""
        sign_in = args.users.sign_in_url
        return {
            "apiUrl": f"/{STAGE}",
            "region": aws.get_region_output().region,
            "maxUploadMegabytes": args.settings.max_upload_megabytes if args.uploads else 0,
            "signIn": {
                "clientId": self.client_id,
                "authorizeUrl": pulumi.Output.concat(sign_in, "/oauth2/authorize"),
                "tokenUrl": pulumi.Output.concat(sign_in, "/oauth2/token"),
                "logoutUrl": pulumi.Output.concat(sign_in, "/logout"),
            },
        }


def built_files(dist: Path | None = None) -> dict[str, Path]:
    """What `make web` has built, by its path on the site. Raises SettingsError if it has not been built."""
    dist = dist or DIST
    if not (dist / "index.html").is_file():
        raise SettingsError("the web interface has not been built, and mode advanced deploys it:\n  make web")
    return {path.relative_to(dist).as_posix(): path for path in sorted(dist.rglob("*")) if path.is_file()}
