"""The roles of code review: cd bootstrap && pulumi up."""

import pulumi

# Pulumi runs this folder by itself, so the package is found beside this file, not below the repository.
from roles.review_roles import ReviewRoles, Settings  # type: ignore[import-not-found]

roles = ReviewRoles("review-file-notifications", Settings.from_config(pulumi.Config()))
pulumi.export("previewRoleArn", roles.preview.arn)
pulumi.export("deployRoleArns", {environment: role.arn for environment, role in roles.deploy.items()})
