"""The web interface: what `make web` has built, and what it needs to sign in, call the API and upload."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
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
    """`files` are the built ones, by their path on the site; `buckets` our own of all regions; `providers` are who may
    say that somebody is signed in, by their names in the pool.

    The page shows the files of all; uploads go to the first, the primary one. Without any there are no uploads.
    """

    settings: Settings
    files: Mapping[str, Path]
    users: UserPool
    api: FilesApi
    buckets: Sequence[UploadBucket]
    providers: Sequence[pulumi.Input[str]]


class WebApp(pulumi.ComponentResource):
    """The page.

    Makes: its distribution with the built files and config.json, its sign-in client, CORS on the upload buckets.
    Guarantees: what is deployed is what was built; a browser asks for files again when their contents change.
    """

    url: pulumi.Output[str]
    domain_target: pulumi.Output[str]
    """What the DNS record of a name of one's own points to."""
    client_id: pulumi.Output[str]

    def __init__(self, name: str, args: WebAppArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:WebApp", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        site = SiteDistribution(
            name,
            SiteDistributionArgs(
                api_url=args.api.url,
                connects_to=[args.users.sign_in_url, *(bucket.url for bucket in args.buckets[:1])],
                # With a slash: where the bucket is a part of the path, a source without covers nothing below it.
                shows=[pulumi.Output.concat(bucket.url, "/") for bucket in args.buckets],
                domain=args.settings.web_domain,
            ),
            opts=child,
        )
        self.url, self.domain_target = site.url, site.domain_name
        self.client_id = SignInClient(
            name, users=args.users, page_url=self.url, providers=args.providers, opts=child
        ).id
        for bucket in args.buckets:
            # Forms and the start and end of uploads in parts; parts; to abort an upload.
            uploads = ["POST", "PUT", "DELETE"] if bucket is args.buckets[0] else []
            bucket.open_to_pages([self.url, *args.settings.web_origins], methods=["GET", *uploads])
        contents: dict[str, dict[str, Any]] = {path: {"source": file_asset(file)} for path, file in args.files.items()}
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

    def _config(self, args: WebAppArgs) -> dict[str, Any]:
        """What the page reads before it starts."""
        sign_in = args.users.sign_in_url
        return {
            "apiUrl": f"/{STAGE}",
            "region": aws.get_region_output().region,
            "maxUploadMegabytes": args.settings.max_upload_megabytes if args.buckets else 0,
            "signIn": {
                "clientId": self.client_id,
                "authorizeUrl": pulumi.Output.concat(sign_in, "/oauth2/authorize"),
                "tokenUrl": pulumi.Output.concat(sign_in, "/oauth2/token"),
                "logoutUrl": pulumi.Output.concat(sign_in, "/logout"),
            },
        }


def built_files() -> dict[str, Path]:
    """What `make web` has built, by its path on the site. Raises SettingsError if it has not been built."""
    if not (DIST / "index.html").is_file():
        raise SettingsError("the web interface has not been built, and mode advanced deploys it:\n  make web")
    return {path.relative_to(DIST).as_posix(): path for path in sorted(DIST.rglob("*")) if path.is_file()}
