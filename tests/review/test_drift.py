"""The weekly comparison of AWS with what was deployed: what it runs, with which role, and what it says."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.review.test_workflows import BASH, ROOT, WORKFLOWS, jobs, read

DRIFT = jobs("drift")
FAKE = """\
#!/bin/sh
echo "$@" >> "$CALLS"
[ "$1" = login ] || echo "the report"
[ "$1" = login ] || exit "$CODE"
"""


def script_of(job):
    (step,) = [step for step in DRIFT[job]["steps"] if "run" in step]
    return step


@pytest.fixture
def compared(tmp_path):
    """compared(7, BACKEND="s3://state") runs the comparison with a Pulumi that ends with that code, as GitHub would.

    Returns whether the job is green, the calls of Pulumi, and the run's summary.
    """

    def run(code, **env):
        step = script_of("compare")
        pulumi, calls, summary = tmp_path / "bin/pulumi", tmp_path / "calls", tmp_path / "summary"
        pulumi.parent.mkdir()
        pulumi.write_text(FAKE)
        pulumi.chmod(0o755)
        given = {"STACK": "acme/prod", "BACKEND": "", "PULUMI_ACCESS_TOKEN": "", "PULUMI_CONFIG_PASSPHRASE": ""} | env
        assert set(given) == set(step["env"])
        done = subprocess.run(
            [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            env={
                "PATH": f"{pulumi.parent}:{os.environ['PATH']}",
                "CALLS": str(calls),
                "CODE": str(code),
                "GITHUB_STEP_SUMMARY": str(summary),
                **given,
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done, calls.read_text().splitlines(), summary.read_text()

    return run


def test_it_runs_by_itself_and_by_hand_and_on_main_alone():
    workflow = read(WORKFLOWS["drift"])
    triggers = workflow[True]  # YAML reads "on" as true

    assert set(triggers) == {"schedule", "workflow_dispatch"}
    assert DRIFT["stacks"]["if"] == "github.ref == 'refs/heads/main'"
    assert DRIFT["compare"]["needs"] == "stacks"


def test_it_compares_and_changes_neither_aws_nor_the_state(compared):
    _, calls, _ = compared(0)
    words = [call.split() for call in calls]

    assert [call[0] for call in words] == ["login", "refresh"]
    assert {"--preview-only", "--expect-no-changes", "--non-interactive"} <= set(words[1])
    assert "--yes" not in words[1]
    assert words[1][-2:] == ["--stack", "acme/prod"]


def test_no_value_of_a_property_gets_into_the_report(compared):
    _, calls, _ = compared(7)

    assert "--diff" not in calls[1].split()
    assert "--suppress-outputs" in calls[1].split()


def test_a_state_that_is_kept_elsewhere_is_found_there(compared):
    assert compared(0, BACKEND="s3://acme-state?region=eu-west-1")[1][0].endswith("s3://acme-state?region=eu-west-1")


def test_without_drift_the_run_is_green_and_says_so(compared):
    done, _, summary = compared(0)

    assert done.returncode == 0
    assert summary.startswith("No drift in acme/prod.")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (7, "acme/prod has drifted: AWS differs from what was deployed, see docs/how-to/drift.md."),
        (3, "acme/prod could not be compared: pulumi refresh ended with 3."),
        (255, "acme/prod could not be compared: pulumi refresh ended with 255."),
    ],
)
def test_drift_and_a_comparison_that_failed_are_told_apart_and_both_fail_with_the_report(compared, code, said):
    """7 is what Pulumi 3.226.1 and later end with if changes were found: https://www.pulumi.com/docs/iac/cli/exit-codes/."""
    done, _, summary = compared(code)

    assert done.returncode == 1
    assert f"::error title=Drift::{said}" in done.stdout
    assert summary.startswith(said)
    assert "the report" in summary


@pytest.mark.parametrize(
    ("roles", "names"),
    [
        ({"DEV_ROLE": "arn:dev", "PROD_ROLE": "arn:prod"}, '["dev","prod"]'),
        ({"DEV_ROLE": "", "PROD_ROLE": "arn:prod"}, '["prod"]'),
        ({"DEV_ROLE": "", "PROD_ROLE": ""}, "[]"),
    ],
)
def test_the_stacks_with_a_role_are_compared(tmp_path, roles, names):
    output, summary = tmp_path / "output", tmp_path / "summary"
    subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", script_of("stacks")["run"]],
        env={"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), **roles},
        check=True,
    )

    assert output.read_text() == f"names={names}\n"
    assert summary.exists() == (names == "[]")


def test_it_assumes_the_preview_role_of_the_stack_and_no_other():
    roles = re.findall(r"vars\.(AWS_\w+)", WORKFLOWS["drift"].read_text())

    assert set(roles) == {"AWS_PREVIEW_ROLE_ARN_DEV", "AWS_PREVIEW_ROLE_ARN_PROD"}


def test_pulumi_is_of_the_version_that_deploys():
    (given,) = [
        step["with"] for step in DRIFT["compare"]["steps"] if step.get("uses", "").startswith("pulumi/actions@")
    ]

    assert f"\npulumi=={given['pulumi-version']} " in (ROOT / "requirements.txt").read_text()
    assert "command" not in given  # which would run the program, or write the state
