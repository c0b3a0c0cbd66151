"""The policy pack: pulumi preview --policy-pack policy."""

from pulumi_policy import EnforcementLevel, PolicyPack

# Pulumi runs this folder by itself, so the package is found beside this file, not below the repository.
from rules.pack import policies  # type: ignore[import-not-found]

PolicyPack("file-notifications", policies=policies(), enforcement_level=EnforcementLevel.MANDATORY)
