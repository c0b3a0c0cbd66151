"""A newcomer's walk: what the pages have one type on a local stack is typed on one, page by page, in their order.

A command whose line says `# refused` has to be refused. What needs a cloud is checked for its form in test_commands.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from domain.channels import SERVICES
from local.__main__ import cli as local
from ops.__main__ import cli as ops
from ops.errors import CANNOT_RUN
from tests.docs.pages import Command, blocks
from tests.e2e.stack import Stack, running

pytestmark = pytest.mark.xdist_group("docs")  # they share a stack

AS_IT_WAS = {
    "mode": "advanced",
    "emails": ["ann@example.com"],
    "rules": [],
    "protectData": "true",
    "channels": {"alerts": SERVICES["slack"].example},
    "alarmChannels": ["alerts"],
    "scan": "off",
    "access": [],
}
NOT_HERE = {
    "confirm": "on a local stack everyone is confirmed at once; tests/ops/test_users_and_confirm.py has a mail's link",
}
LOOKS = ("status", "doctor", "cost", "replay")
"""Commands that find the same on every page: nothing has failed on this stack."""

CHANGES = ("set", "upload")
"""What is run of `python -m local`: `up` and `demo` serve until stopped, and are run in tests/local."""


class Walk:
    """A stack, and what has been typed on it so far."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.typed = set[tuple[str, ...]]()
        self.changed = set[str]()
        self.people = self.users()

    def begin(self) -> None:
        """Undo what the page before has set, as far as it matters to another page."""
        if self.changed:
            self.stack.set(**{key: AS_IT_WAS[key] for key in self.changed})
            self.changed.clear()
        for user in self.users() - self.people:  # several pages add the same person
            self.stack.aws.cognito.admin_delete_user(UserPoolId=self.stack.outputs["userPoolId"], Username=user)

    def users(self) -> set[str]:
        listed = self.stack.aws.cognito.list_users(UserPoolId=self.stack.outputs["userPoolId"])["Users"]
        return {user["Username"] for user in listed}

    def type(self, command: Command) -> None:
        """Run one command, and agree where a terminal would be asked. What only looks is run for one page only."""
        _, _, program, *words = command.words
        if "--region" in words:  # this stack is in one region only; tests/api/test_regions.py has one in two
            words[words.index("--region") + 1] = self.stack.ready.region
        ready_file = str(self.stack._ready_file)
        if program == "local":
            self.changed |= AS_IT_WAS.keys() & set(words)
            answer = CliRunner().invoke(local, [*words, "--ready-file", ready_file])
            assert (answer.exit_code != 0) == (command.comment == "refused"), f"{command}\n{answer.output}"
        elif command.words not in self.typed:
            if words[0] in LOOKS:
                self.typed.add(command.words)
            agreed = ["--yes"] if words[:2] == ["users", "remove"] else []
            answer = CliRunner().invoke(ops, [*words, *agreed, "--ready-file", ready_file])
            assert answer.exit_code != CANNOT_RUN, f"{command}\n{answer.output}"
            assert answer.exception is None or isinstance(answer.exception, SystemExit), f"{command}\n{answer.output}"


@pytest.fixture(scope="module")
def walk(tmp_path_factory) -> Iterator[Walk]:
    environment = dict(os.environ)
    try:
        with running(Stack(tmp_path_factory.mktemp("docs"), "--bucket", "their-bucket", **AS_IT_WAS)) as stack:
            yield Walk(stack)
    finally:
        os.environ.clear()  # the commands take the person's AWS out of it
        os.environ.update(environment)


def to_type() -> dict[str, list[Command]]:
    """What can be typed on a local stack, by page."""
    found: dict[str, list[Command]] = {}
    for block in blocks("sh"):
        for command in block.commands:
            match command.words:
                case ["python", "-m", "local", verb, *_] if verb in CHANGES:
                    found.setdefault(block.page, []).append(command)
                case ["python", "-m", "ops", verb, *_] if verb not in NOT_HERE:
                    found.setdefault(block.page, []).append(command)
    return found


@pytest.mark.parametrize("page", sorted(to_type()))
def test_what_a_page_has_one_type_works_on_a_local_stack(page, walk):
    walk.begin()

    for command in to_type()[page]:
        walk.type(command)
