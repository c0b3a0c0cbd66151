"""The roles that workflows of one repository assume with GitHub's identity tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .permissions import NAME
from .policies import Account, deploy_policy, preview_policy

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
LONGEST_ENVIRONMENT = 23  # IAM: 64 characters for the name of its role, of which 33 come before it and 8 after it
_RECIPIENT = (
    r"arn:[a-z-]+:(sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+|lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+)"
)


class SettingsError(pulumi.RunError):
    """The configuration has a problem. The CLI prints the text as it is, without a traceback."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """For whom the roles are; Pulumi.yaml describes the keys."""

    repository: str
    environments: Sequence[str] = ("dev", "prod")
    provider_arn: str = ""
    recipients: Sequence[str] = ()
    several_regions: bool = False
    existing_buckets: Sequence[str] = ()

    @classmethod
    def from_config(cls, config: pulumi.Config) -> Settings:
        """Read and check the stack's config. Raises SettingsError."""
        repository = config.get("repository") or ""
        if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", repository):
            raise SettingsError(
                f"repository is {repository!r}; use owner/name:\n  pulumi config set repository owner/name"
            )
        environments = config.get_object("environments", list(cls.environments))
        for index, name in enumerate(environments):
            if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST_ENVIRONMENT}}}", str(name)):
                raise SettingsError(
                    f"environments[{index}] is {name!r}; use the name of an environment, up to {LONGEST_ENVIRONMENT} "
                    "letters, digits, dashes and underscores:\n"
                    f"  pulumi config set --path 'environments[{index}]' dev"
                )
        recipients = config.get_object("recipients", [])
        for index, arn in enumerate(recipients):
            if not re.fullmatch(_RECIPIENT, str(arn)):
                raise SettingsError(
                    f"recipients[{index}] is {arn!r}; use the ARN of a queue or a function:\n"
                    f"  pulumi config set --path 'recipients[{index}]' arn:aws:sqs:eu-west-1:111122223333:audit"
                )
        existing_buckets = config.get_object("existingBuckets", [])
        for index, name in enumerate(existing_buckets):
            if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", str(name)):
                raise SettingsError(
                    f"existingBuckets[{index}] is {name!r}; use the name of a bucket:\n"
                    f"  pulumi config set --path 'existingBuckets[{index}]' my-bucket"
                )
        return cls(
            repository=repository,
            environments=tuple(environments),
            provider_arn=config.get("providerArn") or "",
            recipients=tuple(recipients),
            several_regions=config.get_bool("severalRegions") or False,
            existing_buckets=tuple(existing_buckets),
        )


class ReviewRoles(pulumi.ComponentResource):
    """What a repository's workflows may do in this account.

    Makes: GitHub's identity provider unless the account has it; a role for previews and one for each environment.
    Guarantees: previews read, and are for pull requests of the repository; a deployment manages what is called
    file-notifications, and is for a job in its environment. A name that does not begin so keeps the roles themselves
    out of what a deployment manages: none can change its own.
    """

    preview: aws.iam.Role
    deploy: dict[str, aws.iam.Role]

    def __init__(self, name: str, settings: Settings, *, opts: pulumi.ResourceOptions | None = None) -> None:
        if name.startswith(NAME.removesuffix("*")):
            raise ValueError(f"{name!r} begins as what a deployment manages: it could change its own role")
        super().__init__("file-notifications:bootstrap:ReviewRoles", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        provider = pulumi.Output.from_input(settings.provider_arn)
        if not settings.provider_arn:
            provider = aws.iam.OpenIdConnectProvider(
                f"{name}-provider", url=f"https://{ISSUER}", client_id_lists=[AUDIENCE], opts=self._child
            ).arn
        account = pulumi.Output.all(
            partition=aws.get_partition_output().partition, number=aws.get_caller_identity_output().account_id
        ).apply(lambda found: Account(**found))
        repository = f"repo:{settings.repository}"
        self.preview = self._role(
            f"{name}-preview",
            "Previews file notifications on pull requests",
            provider=provider,
            subject=f"{repository}:pull_request",
            may=account.apply(
                lambda found: json.dumps(preview_policy(found, settings.recipients, settings.existing_buckets))
            ),
        )
        self.deploy = {
            environment: self._role(
                f"{name}-deploy-{environment}",
                f"Deploys file notifications to {environment}",
                provider=provider,
                subject=f"{repository}:environment:{environment}",
                may=account.apply(
                    lambda found: json.dumps(
                        deploy_policy(found, settings.recipients, settings.several_regions, settings.existing_buckets)
                    )
                ),
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
        subject: str,
        may: pulumi.Output[str],
    ) -> aws.iam.Role:
        role = aws.iam.Role(
            name,
            description=description,
            max_session_duration=3600,
            assume_role_policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "sts:AssumeRoleWithWebIdentity",
                            "Principal": {"Federated": provider},
                            "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}},
                        }
                    ],
                }
            ),
            opts=self._child,
        )
        aws.iam.RolePolicy(f"{name}-policy", role=role.name, policy=may, opts=self._child)
        return role
