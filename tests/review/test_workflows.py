"""The workflows of code review: what runs, with which rights, and when the gate opens.

`make workflows` finds faults in how they are written; these tests are about what they are for.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = {path.stem: path for path in (ROOT / ".github/workflows").glob("*.yml")}
ACTION = ROOT / ".github/actions/pulumi/action.yml"
FILES = [*WORKFLOWS.values(), ACTION]
BASH = shutil.which("bash")


def read(path):
    return yaml.safe_load(path.read_text())


def jobs(workflow):
    return read(WORKFLOWS[workflow])["jobs"]


def steps(path):
    content = read(path)
    jobs = content["jobs"].values() if "jobs" in content else [content["runs"]]
    return [step for job in jobs for step in job.get("steps", [])]


def scripts():
    return [(path.name, step["run"]) for path in FILES for step in steps(path) if "run" in step]


def script(job):
    """The one script of a job of the review, and a way to run it: as GitHub does, with `-e`."""
    (step,) = [step for step in jobs("review")[job]["steps"] if "run" in step]

    def run(folder, **env):
        assert set(env) == set(step["env"])
        output, summary = folder / "output", folder / "summary"
        files = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
        done = subprocess.run(
            [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            env={"PATH": os.environ["PATH"], **files, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr
        lines = output.read_text().splitlines() if output.exists() else []
        return done, dict(line.split("=", 1) for line in lines)

    return run


@pytest.fixture
def stacks(tmp_path):
    """stacks(FROM="a/fork") → the outputs of the job that chooses the stacks, and what it says."""
    defaults = {
        "ACTOR": "ann",
        "FROM": "acme/files",
        "HERE": "acme/files",
        "DEV_ROLE": "arn:aws:iam::111122223333:role/preview",
        "PROD_ROLE": "arn:aws:iam::444455556666:role/preview",
    }

    def choose(**changed):
        done, outputs = script("stacks")(tmp_path, **(defaults | changed))
        assert done.returncode == 0
        return outputs, done.stdout

    return choose


@pytest.fixture
def gate(tmp_path):
    """gate(PREVIEW="failure") → whether the change may go in, and what the gate says."""
    green = {"CHECK": "success", "STACKS": "success", "PREVIEW": "success", "REASON": ""}

    def ask(**changed):
        done, _ = script("gate")(tmp_path, **(green | changed))
        return done.returncode == 0, done.stdout

    return ask


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_by_a_commit_with_its_version_beside_it(path):
    used = [line.split("uses:")[1].strip() for line in path.read_text().splitlines() if "uses:" in line]

    loose = [
        name for name in used if not name.startswith("./") and not re.fullmatch(r"\S+@[0-9a-f]{40} # v[\d.]+", name)
    ]

    assert used
    assert loose == []


def test_one_action_is_pinned_to_one_commit_everywhere():
    used = {
        line.split("uses:")[1].strip() for path in FILES for line in path.read_text().splitlines() if "uses:" in line
    }

    assert len({name.split("@")[0] for name in used}) == len(used)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_has_no_rights_but_those_that_a_job_asks_for(workflow):
    assert read(WORKFLOWS[workflow])["permissions"] == {}


def test_only_what_talks_to_aws_gets_a_token_for_it_and_only_the_preview_writes():
    rights = {(w, name): job.get("permissions", {}) for w in WORKFLOWS for name, job in jobs(w).items()}

    assert {job for job, given in rights.items() if "id-token" in given} == {
        ("review", "preview"),
        ("deploy", "dev"),
        ("deploy", "prod"),
        ("drift", "compare"),
    }
    assert {(job, right) for job, given in rights.items() for right in given if given[right] == "write"} == {
        (("review", "preview"), "id-token"),
        (("review", "preview"), "pull-requests"),
        (("deploy", "dev"), "id-token"),
        (("deploy", "prod"), "id-token"),
        (("drift", "compare"), "id-token"),
    }


def test_no_checkout_leaves_its_token_behind():
    checkouts = [step for path in FILES for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]

    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_nothing_that_others_write_is_pasted_into_a_script():
    assert [(name, text) for name, text in scripts() if "${{" in text] == []


@pytest.mark.parametrize("text", [pytest.param(text, id=f"{name}-{n}") for n, (name, text) in enumerate(scripts())])
def test_every_script_is_free_of_common_faults(text):
    shellcheck = Path(sys.executable).with_name("shellcheck")
    found = subprocess.run([shellcheck, "--shell=bash", "-"], input=text, text=True, capture_output=True, check=False)

    assert found.stdout == ""


def test_the_check_is_what_developers_run():
    assert [step["run"] for step in steps(WORKFLOWS["check"]) if "run" in step][-1] == ".ci/run"


def test_the_workflows_check_themselves():
    (recipe,) = re.findall(r"^check:.*\n\t(.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert "workflows" in recipe.split()


def test_nothing_is_previewed_or_deployed_before_it_is_checked():
    assert "check" in jobs("review")["preview"]["needs"]
    assert jobs("deploy")["dev"]["needs"] == "check"
    assert jobs("deploy")["prod"]["needs"] == "dev"


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_deployments_of_one_stack_wait_for_one_another_and_are_never_cancelled(stack):
    """Of one, not of all: while prod waits for its reviewers, dev goes on."""
    assert jobs("deploy")[stack]["concurrency"] == {"group": f"deploy-{stack}", "cancel-in-progress": False}
    assert "concurrency" not in read(WORKFLOWS["deploy"])


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_each_stack_is_deployed_in_its_own_environment_with_that_ones_role(stack):
    job = jobs("deploy")[stack]
    (given,) = [step["with"] for step in job["steps"] if step["uses"].endswith("/pulumi")]

    assert (job["environment"], given["stack"], given["command"]) == (stack, stack, "up")
    assert given["role"] == "${{ vars.AWS_DEPLOY_ROLE_ARN }}"
    assert (ROOT / f"Pulumi.{stack}.yaml").exists()


def test_a_preview_only_previews():
    (given,) = [step["with"] for step in jobs("review")["preview"]["steps"] if step["uses"].endswith("/pulumi")]

    assert given["command"] == "preview"
    assert "DEPLOY" not in str(given)


def test_pulumi_is_of_the_version_that_the_program_is_locked_to():
    (given,) = [step["with"] for step in steps(ACTION) if step.get("uses", "").startswith("pulumi/actions@")]

    assert f"\npulumi=={given['pulumi-version']} " in (ROOT / "requirements.txt").read_text()


def test_the_policy_pack_is_checked_in_previews_and_deployments():
    (given,) = [step["with"] for step in steps(ACTION) if step.get("uses", "").startswith("pulumi/actions@")]

    assert (ROOT / given["policyPacks"] / "PulumiPolicy.yaml").exists()


def test_python_is_of_the_oldest_version_that_is_promised():
    promised = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    used = {s["with"]["python-version"] for path in FILES for s in steps(path) if "python-version" in s.get("with", {})}

    assert {f">={version}" for version in used} == {promised}


def test_a_pull_request_from_here_is_previewed_for_every_stack_with_a_role(stacks):
    assert stacks()[0] == {"names": '["dev","prod"]', "reason": ""}
    assert stacks(PROD_ROLE="")[0] == {"names": '["dev"]', "reason": ""}
    assert stacks(DEV_ROLE="")[0] == {"names": '["prod"]', "reason": ""}


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"FROM": "eve/files"}, "fork"),
        ({"ACTOR": "dependabot[bot]"}, "Dependabot"),
        ({"DEV_ROLE": "", "PROD_ROLE": ""}, "not set"),
    ],
)
def test_without_credentials_there_is_no_preview_and_the_reason_is_said(stacks, changed, word):
    outputs, said = stacks(**changed)

    assert outputs["names"] == "[]"
    assert word in outputs["reason"]
    assert f"::notification title=No preview::{outputs['reason']}" in said


def test_who_counts_is_who_started_the_run():
    (step,) = [step for step in jobs("review")["stacks"]["steps"] if "run" in step]

    # Not who opened the pull request: that stays Dependabot after a commit on top, which the reason advises.
    assert step["env"]["ACTOR"] == "${{ github.actor }}"


def test_the_name_of_a_fork_cannot_become_a_command(stacks, tmp_path):
    outputs, _ = stacks(FROM=f'$(touch {tmp_path}/here)`touch {tmp_path}/here`"; touch {tmp_path}/here; #')

    assert outputs["names"] == "[]"
    assert not (tmp_path / "here").exists()


def test_the_gate_opens_when_all_is_green(gate):
    assert gate() == (True, "")


def test_the_gate_opens_without_a_preview_if_there_is_a_reason_and_says_it(gate):
    opened, said = gate(PREVIEW="skipped", REASON="a fork gets no credentials")

    assert opened
    assert "a fork gets no credentials" in said


@pytest.mark.parametrize(
    "changed",
    [
        *({job: result} for job in ("CHECK", "STACKS", "PREVIEW") for result in ("failure", "cancelled", "skipped")),
        {"PREVIEW": "failure", "REASON": "a fork gets no credentials"},
        {"PREVIEW": "skipped", "REASON": "a fork gets no credentials", "CHECK": "failure"},
    ],
    ids=str,
)
def test_the_gate_stays_shut_and_says_what_is_missing(gate, changed):
    opened, said = gate(**changed)

    assert not opened
    assert said.startswith("::error::")


def test_the_gate_speaks_whatever_became_of_the_others():
    gate = jobs("review")["gate"]

    assert gate["if"] == "always()"
    assert set(gate["needs"]) == set(jobs("review")) - {"gate"}


def test_the_guide_names_every_variable_and_secret_that_has_to_be_set():
    guide = (ROOT / "docs/how-to/code-review.md").read_text()
    used = {name for path in FILES for name in re.findall(r"(?:vars|secrets)\.([A-Z_]+)", path.read_text())}

    assert used
    assert [name for name in sorted(used) if name not in guide] == []


def test_the_guide_names_every_setting_of_the_bootstrap_program():
    guide = (ROOT / "docs/how-to/code-review.md").read_text()

    assert [key for key in read(ROOT / "bootstrap/Pulumi.yaml")["config"] if key not in guide] == []
