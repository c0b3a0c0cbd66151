"""The roles that workflows of one repository assume with GitHub's identity tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from .permissions import NAME
from .policies import (
    LONGEST,
    MAX_POLICIES,
    Account,
    Granted,
    compact,
    deploy_policy,
    part,
    parts,
    preview_policy,
)

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
BRANCH = "main"
LONGEST_ENVIRONMENT = 23  # IAM: 64 characters for the name of its role, of which 33 come before it and 8 after it
_BOUNDARY = r"arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+"
_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_RECIPIENT = (
    r"arn:[a-z-]+:(sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+"
    r"|lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)?)"
)


class SettingsError(pulumi.RunError):
    """The configuration has a problem. The CLI prints the text as it is, without a traceback."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """For whom the roles are; Pulumi.yaml describes the keys."""

    repository: str
    owner_id: str = ""
    repository_id: str = ""
    environments: Sequence[str] = ("dev", "prod")
    provider_arn: str = ""
    granted: Granted = field(default_factory=Granted)

    @classmethod
    def from_config(cls, config: pulumi.Config) -> Settings:
        """Read and check the stack's config. Raises SettingsError."""
        repository = config.get("repository") or ""
        if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", repository):
            raise SettingsError(
                f"repository is {repository!r}; use owner/name:\n  pulumi config set repository owner/name"
            )
        ids = {key: config.get(key) or "" for key in ("ownerId", "repositoryId")}
        for key, value in ids.items():
            if not re.fullmatch(r"[0-9]+" if any(ids.values()) else "", value):
                raise SettingsError(
                    f"{key} is {value!r}; use the number that GitHub gave, of owner and repository both:\n"
                    f"  gh api repos/{repository} --jq '{{ownerId: .owner.id, repositoryId: .id}}'\n"
                    f"  pulumi config set {key} 1234567"
                )
        environments = _items(
            config,
            "environments",
            rf"[A-Za-z0-9_-]{{1,{LONGEST_ENVIRONMENT}}}",
            f"the name of an environment, up to {LONGEST_ENVIRONMENT} letters, digits, dashes and underscores",
            "dev",
        ) or list(cls.environments)
        recipients = _items(
            config,
            "recipients",
            _RECIPIENT,
            "the ARN of a queue, a function or an alias, as rules name it",
            "arn:aws:sqs:eu-west-1:111122223333:audit",
        )
        existing_buckets = _items(config, "existingBuckets", _BUCKET, "the name of a bucket", "my-bucket")
        boundary = config.get("permissionsBoundary") or ""
        if boundary and not re.fullmatch(_BOUNDARY, boundary):
            raise SettingsError(
                f"permissionsBoundary is {boundary!r}; use the ARN of a managed policy:\n"
                "  pulumi config set permissionsBoundary arn:aws:iam::111122223333:policy/boundary"
            )
        granted = Granted(
            several_regions=config.get_bool("severalRegions") or False,
            existing_buckets=tuple(existing_buckets),
            recipients=tuple(recipients),
            permissions_boundary=boundary,
        )
        if (needed := len(parts(deploy_policy(LONGEST, granted)))) > MAX_POLICIES:
            more = "recipients" if len(recipients) > len(existing_buckets) else "existingBuckets"
            raise SettingsError(
                f"recipients are {len(recipients)} and existingBuckets {len(existing_buckets)}, which need {needed} "
                f"policies; IAM attaches up to {MAX_POLICIES} to a role. Name fewer: let rules name a queue or a "
                "function that passes events on, or deploy some stacks by hand:\n"
                f"  pulumi config rm --path '{more}[{len(config.get_object(more, [])) - 1}]'"
            )
        return cls(
            repository=repository,
            owner_id=ids["ownerId"],
            repository_id=ids["repositoryId"],
            environments=tuple(environments),
            provider_arn=config.get("providerArn") or "",
            granted=granted,
        )

    def subjects(self, of: str) -> list[str]:
        """What GitHub's tokens say of runs `of` a kind, such as `pull_request`.

        With names alone, or with the ids that never change, by when the repository was made, renamed or opted in:
        https://docs.github.com/en/actions/reference/security/oidc
        """
        owner, name = self.repository.split("/")
        by_id = [f"repo:{owner}@{self.owner_id}/{name}@{self.repository_id}:{of}"] if self.owner_id else []
        return [f"repo:{self.repository}:{of}", *by_id]


def _items(config: pulumi.Config, key: str, pattern: str, expected: str, example: str) -> list[str]:
    """A list of texts of one form; empty if it is not set. Raises SettingsError for the first of another."""
    items = config.get_object(key, [])
    for index, item in enumerate(items):
        if not re.fullmatch(pattern, str(item)):
            raise SettingsError(
                f"{key}[{index}] is {item!r}; use {expected}:\n  pulumi config set --path '{key}[{index}]' {example}"
            )
    return list(items)


class ReviewRoles(pulumi.ComponentResource):
    """What a repository's workflows may do in this account.

    Makes: GitHub's identity provider unless the account has it; a role for previews and one for each environment.
    Guarantees: previews read, and are for pull requests and main of the repository; a deployment manages what is called
    file-notifications, and is for a job in its environment. A name that does not begin so keeps the roles themselves
    out of what a deployment manages: none can change its own. With a permissions boundary these roles have it, and a
    deployment gives it to every role that it makes, and can neither leave it out nor remove it.
    """

    preview: aws.iam.Role
    deploy: dict[str, aws.iam.Role]

    def __init__(self, name: str, settings: Settings, *, opts: pulumi.ResourceOptions | None = None) -> None:
        if name.startswith(NAME.removesuffix("*")):
            raise ValueError(f"{name!r} begins as what a deployment manages: it could change its own role")
        super().__init__("file-notifications:bootstrap:ReviewRoles", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self._granted = settings.granted
        provider = pulumi.Output.from_input(settings.provider_arn)
        if not settings.provider_arn:
            provider = aws.iam.OpenIdConnectProvider(
                f"{name}-provider", url=f"https://{ISSUER}", client_id_lists=[AUDIENCE], opts=self._child
            ).arn
        self._account = pulumi.Output.all(
            partition=aws.get_partition_output().partition, number=aws.get_caller_identity_output().account_id
        ).apply(lambda found: Account(**found))
        self.preview = self._role(
            f"{name}-preview",
            "Previews file notifications on pull requests, and looks for drift",
            provider=provider,
            # On main it compares AWS with what was deployed; a pull request previews what it would change.
            subjects=[*settings.subjects("pull_request"), *settings.subjects(f"ref:refs/heads/{BRANCH}")],
            may=preview_policy,
        )
        self.deploy = {
            environment: self._role(
                f"{name}-deploy-{environment}",
                f"Deploys file notifications to {environment}",
                provider=provider,
                subjects=settings.subjects(f"environment:{environment}"),
                may=deploy_policy,
            )
            for environment in settings.environments
        }
        self.register_outputs({"preview": self.preview.arn})

    def _role(
        self,
        name: str,
        description: str,
        *,
        provider: pulumi.Output[str],
        subjects: Sequence[str],
        may: Callable[[Account, Granted], dict[str, Any]],
    ) -> aws.iam.Role:
        role = aws.iam.Role(
            name,
            description=description,
            max_session_duration=3600,
            permissions_boundary=self._granted.permissions_boundary or None,
            assume_role_policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "sts:AssumeRoleWithWebIdentity",
                            "Principal": {"Federated": provider},
                            "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subjects}},
                        }
                    ],
                }
            ),
            opts=self._child,
        )
        # How many there are is known before the account is: its number has the same length everywhere.
        for index, some in enumerate(parts(may(LONGEST, self._granted))):

            def document(account: Account, some: slice = some) -> str:
                return compact(part(may(account, self._granted), some))

            policy = aws.iam.Policy(f"{name}-{index}", policy=self._account.apply(document), opts=self._child)
            aws.iam.RolePolicyAttachment(f"{name}-{index}", role=role.name, policy_arn=policy.arn, opts=self._child)
        return role
