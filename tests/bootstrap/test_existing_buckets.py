"""Buckets that stacks watch and did not make: the roles may look them up, and nothing else."""

from __future__ import annotations

import pulumi
import pytest

from bootstrap.roles.review_roles import Settings, SettingsError
from tests.bootstrap.test_roles import DEPLOY, PREVIEW, THEIRS, allowed, set_config
from tests.program.conftest import own_loop


@pytest.mark.parametrize("policy", [DEPLOY, PREVIEW], ids=["deploy", "preview"])
def test_a_bucket_of_another_program_is_looked_up_and_nothing_else(policy):
    on_it = {action for action, on in allowed(policy) if THEIRS in on}

    assert on_it == {"s3:GetBucketLocation", "s3:ListBucket"}


def test_what_is_no_name_of_a_bucket_is_refused():
    with own_loop():
        set_config({"repository": "acme/files", "existingBuckets": ["arn:aws:s3:::theirs"]})

        with pytest.raises(SettingsError, match=r"existingBuckets\[0\] is 'arn:aws:s3:::theirs'; use the name"):
            Settings.from_config(pulumi.Config())
