"""What every command has in common: how it is told which stack is meant, how it speaks, how it fails."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click

from ops.choice import READY_FILE, choose
from ops.errors import CANNOT_RUN, OpsError
from ops.screen import Screen
from ops.stack import Stack

Body = Callable[..., int]
"""A command's body: (stack, screen, **options) → exit code. Raises OpsError if it cannot run."""

SHOW_TRACEBACK = "OPS_TRACEBACK"
INTERRUPTED = 130  # as a shell says it of a command that Ctrl-C ended


class StackCommand(click.Command):
    """A command with the options that choose a stack.

    `--local` may be followed by a ready file, which is told from an argument of the command by its name: it ends in
    .json.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, with_ready_file(args))


def with_ready_file(args: Sequence[str]) -> list[str]:
    """`--local` with its file, or with the usual one, as one word."""
    words: list[str] = []
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return [*words, word, *rest]
        if word == "--local":
            named = bool(rest) and rest[0].endswith(".json") and not rest[0].startswith("-")
            word = f"--local={rest.pop(0) if named else READY_FILE}"
        words.append(word)
    return words


_PATH = click.Path(dir_okay=False, path_type=Path)
_REGION = click.Option(
    ["--region"], metavar="REGION", help="One region of a stack that has several. Default: one after the other."
)
_OPTIONS = (
    click.Option(["--stack"], metavar="NAME", help="A deployed stack, by its Pulumi name. Default: the selected one."),
    click.Option(
        ["--outputs"], metavar="FILE", type=_PATH, help="What `pulumi stack output --json` printed, in a file."
    ),
    click.Option(
        ["--local", "ready_file"],
        metavar="[READY_FILE]",
        type=_PATH,
        help="The stack of `python -m local up`; a ready file ends in .json. Default if one is running.",
    ),
    click.Option(["--json", "as_json"], is_flag=True, help="One JSON document on standard output, for programs."),
)


def on_a_stack(name: str | None = None, *, by_region: bool = False) -> Callable[[Body], click.Command]:
    """Makes a body a command: chooses the stack, says which, and turns whatever fails into one message.

    A body that is `by_region` gets the part of the stack in one region, and runs for each or for the one that is named.
    """

    def decorate(body: Body) -> click.Command:
        @functools.wraps(body)
        def run(
            stack: str | None,
            outputs: Path | None,
            ready_file: Path | None,
            as_json: bool,
            region: str | None = None,
            **options: Any,
        ) -> NoReturn:
            screen = Screen(as_json)
            with one_message(screen):
                chosen = choose(stack=stack, outputs=outputs, ready_file=ready_file)
                if stack is None and outputs is None and ready_file is None:
                    screen.note(f"on {chosen.where}")
                parts = [chosen] if not by_region or len(chosen.parts) == 1 else [*chosen.parts.values()]
                if region is not None:
                    parts = [chosen.in_region(region)]
                code = _each(body, parts, screen, options)
            sys.exit(code)

        command = click.command(name, cls=StackCommand)(run)
        command.params += (
            [_REGION, *_OPTIONS] if by_region else _OPTIONS
        )  # after the command's own: they are the same everywhere
        return command

    return decorate


def _each(body: Body, parts: Sequence[Stack], screen: Screen, options: dict[str, Any]) -> int:
    """Run the body on each part. Returns the gravest exit code; programs get one document."""
    if len(parts) > 1:
        screen = replace(screen, results=[])
    code = 0
    for part in parts:
        if len(parts) > 1:
            screen.say((f"\n{part.region}" if part is not parts[0] else part.region, "bold underline"))
        with _refusals(part):
            code = max(code, body(part, screen, **options))
    if screen.as_json and screen.results:
        schema = screen.results[0]["schema"]
        regions = {part.region: result for part, result in zip(parts, screen.results, strict=True)}
        click.echo(json.dumps({"schema": schema, "regions": regions}, indent=2, default=str))
    return code


@contextmanager
def one_message(screen: Screen) -> Iterator[None]:
    """An error is one message; with --json, one document on standard output, where the result would have been."""
    try:
        yield
    except OpsError as error:
        _end(screen, error)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nstopped; what was done until then stays done", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException:
        raise
    except Exception as fault:
        if os.environ.get(SHOW_TRACEBACK):
            raise
        shown = f"{type(fault).__name__}: {fault}"
        _end(
            screen,
            OpsError(
                f"a fault in the command itself: {shown}; where it is shows the same command with",
                f"{SHOW_TRACEBACK}=1",
            ),
        )


def _end(screen: Screen, error: OpsError) -> NoReturn:
    if not screen.as_json:
        raise error
    click.echo(json.dumps(error.as_json(), indent=2))
    sys.exit(CANNOT_RUN)


@contextmanager
def _refusals(stack: Stack) -> Iterator[None]:
    """What AWS refuses, in words. Whatever a command can go on without, it catches before."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _of_aws(error, stack) from error
    except BotoCoreError as error:
        raise _of_botocore(error, stack) from error


def _of_aws(error: Any, stack: Stack) -> OpsError:
    from ops import aws

    asked, said = error.operation_name, error.response.get("Error", {}).get("Message") or aws.code(error)
    if aws.is_unknown_caller(error):
        return OpsError(f"AWS does not accept these credentials ({said}); sign in again, for example:", "aws sso login")
    if aws.is_denied(error):
        return OpsError(f"{asked} is not allowed to you: {said}; who you are says:", "aws sts get-caller-identity")
    if aws.is_absent(error):
        return OpsError(
            f"{asked}: {said}. Part of {stack.where} is missing; what it is says:", stack.ops_command("doctor")
        )
    return OpsError(f"{asked} failed: {said}")


def _of_botocore(error: Any, stack: Stack) -> OpsError:
    from botocore import exceptions

    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return OpsError("there are no AWS credentials; sign in, or name a profile in AWS_PROFILE:", "aws sso login")
    if isinstance(error, exceptions.ProfileNotFound):
        return OpsError(f"{error}; those that there are:", "aws configure list-profiles")
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError) and stack.is_local:
        return OpsError(f"{stack.where} does not answer any more; start it again:", stack.deploy_command)
    return OpsError(f"AWS in {stack.region} cannot be reached: {error}")
