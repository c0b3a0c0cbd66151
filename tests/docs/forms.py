"""Whether a command can be run as it is written, as far as that can be known without running it.

Each check returns what is wrong; none is found for a command that is right. A program that is not in PROGRAMS is not
known: nobody checks it, so it is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import botocore.session
import click
from botocore import xform_name

from local.__main__ import cli as local
from ops.__main__ import cli as ops
from tests.docs.pages import ROOT, Command

Check = Callable[[Command], list[str]]

# `pulumi COMMAND --help` of 3.2xx: what is used of it.
_STACK = {"--stack"}
PULUMI = {
    ("cancel",): _STACK | {"--yes"},
    ("config", "get"): _STACK | {"--path"},
    ("config", "rm"): _STACK | {"--path"},
    ("config", "set"): _STACK | {"--path", "--plaintext", "--secret", "--type"},
    ("destroy",): _STACK | {"--exclude-protected", "--refresh", "--yes"},
    ("import",): _STACK | {"--file", "--generate-code", "--protect"},
    ("install",): set[str](),
    ("login",): {"--local"},
    ("preview",): _STACK | {"--diff", "--import-file", "--policy-pack", "--policy-pack-config", "--refresh"},
    ("refresh",): _STACK | {"--expect-no-changes", "--preview-only"},
    ("stack", "init"): set[str](),
    ("stack", "output"): _STACK | {"--json"},
    ("stack", "rm"): _STACK | {"--force", "--preserve-config", "--yes"},
    ("stack", "select"): set[str](),
    ("state", "unprotect"): _STACK | {"--yes"},
    ("up",): _STACK | {"--diff", "--parallel", "--policy-pack", "--policy-pack-config", "--refresh", "--yes"},
}
"""There is no --skip-preview and no --ignore-protect, on purpose: they delete what is protected, or let go of it."""

# What the AWS CLI has beside the services' own operations.
AWS = {
    ("configure", "list-profiles"): set[str](),
    ("logs", "tail"): {"--since", "--follow"},
    ("s3", "cp"): {"--recursive"},
    ("sso", "login"): set[str](),
}
AWS_EVERYWHERE = {"--query", "--output", "--region", "--endpoint-url", "--profile"}

GH = {("variable", "set"): {"--body", "--env"}, ("api",): {"--jq"}}

TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)


def options(words: Iterable[str]) -> list[str]:
    return [word.partition("=")[0] for word in words if word.startswith("--")]


def of_click(group: click.Group, name: str, words: list[str]) -> list[str]:
    """Have a command's own parser read the words, which checks names, values and what is missing."""
    if words in ([], ["--help"]):
        return []
    command: click.Command = group
    try:
        while isinstance(command, click.Group):
            name, command, words = command.resolve_command(click.Context(command, info_name=name), words)
        command.make_context(name, list(words))
    except click.exceptions.Exit:  # --help
        return []
    except click.UsageError as error:
        return [error.format_message()]
    return []


def of_python(command: Command) -> list[str]:
    """`python -m local`, `python -m ops`, and the making of an environment."""
    words = list(command.words[1:])
    match words:
        case ["-m", "ops", *rest]:
            return of_click(ops, "python -m ops", rest)
        case ["-m", "local", *rest]:
            return of_click(local, "python -m local", rest)
        case ["-m", "venv", _]:
            return []
        case ["-m", "pip", "install", "--require-hashes", "-r", file]:
            return [] if (ROOT / file).is_file() else [f"there is no {file}"]
    return ["python does not run this here"]


def of_table(known: dict[tuple[str, ...], set[str]], command: Command, everywhere: Iterable[str] = ()) -> list[str]:
    words = command.words[1:]
    found = next((path for path in (words[:2], words[:1]) if path in known), None)
    if found is None:
        return [f"{command.words[0]} {' '.join(words[:2])} is not in the table of what is known to exist"]
    return [f"{option} is not known" for option in options(words) if option not in {*known[found], *everywhere}]


def of_pulumi(command: Command) -> list[str]:
    return of_table(PULUMI, command)


def of_aws(command: Command) -> list[str]:
    """By botocore's models, which the AWS CLI is made of."""
    path = command.words[1:3]
    if path in AWS:
        return of_table(AWS, command, AWS_EVERYWHERE)
    service, operation = path
    session = botocore.session.get_session()
    if service not in session.get_available_services():
        return [f"there is no service {service}"]
    model = session.get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        return [f"{service} has no {operation}"]
    shape = model.operation_model(names[operation]).input_shape
    members = {} if shape is None else shape.members
    known = {f"--{xform_name(name, '-')}" for name in members}
    known |= {f"--no-{xform_name(name, '-')}" for name, of in members.items() if of.type_name == "boolean"}
    needed = {f"--{xform_name(name, '-')}" for name in (shape.required_members if shape else ())}
    given = options(command.words)
    return [
        *(f"{option} is not known" for option in given if option not in known | AWS_EVERYWHERE),
        *(f"{option} is missing" for option in sorted(needed.difference(given))),
    ]


def of_make(command: Command) -> list[str]:
    return [f"there is no target {word}" for word in command.words[1:] if "=" not in word and word not in TARGETS]


def of_paths(command: Command) -> list[str]:
    """A program that is given a path of the repository first, and perhaps a new one after it."""
    return [] if (ROOT / command.folder / command.words[1]).exists() else [f"there is no {command.words[1]}"]


def of_export(command: Command) -> list[str]:
    """The one variable that the AWS CLI gets here."""
    (assigned,) = command.words[1:]
    return [] if assigned == "AWS_REGION=OUTPUT" else [f"nothing here reads {assigned}"]


PROGRAMS: dict[str, Check] = {
    "python": of_python,
    "python3": of_python,
    ".venv/bin/python": of_python,
    "policy/.venv/bin/python": of_python,
    "pulumi": of_pulumi,
    "aws": of_aws,
    "make": of_make,
    "gh": lambda command: of_table(GH, command),
    ".venv/bin/pytest": of_paths,
    "cd": of_paths,
    "export": of_export,
    "cp": of_paths,
    "source": lambda command: [] if command.words[1:] == (".venv/bin/activate",) else ["not our environment"],
}


def faults(command: Command) -> list[str]:
    """What is wrong with a command."""
    check = PROGRAMS.get(command.words[0])
    if check is None:
        return [f"nothing checks {command.words[0]}: add it to PROGRAMS in {__name__}, with a check"]
    return check(command)
