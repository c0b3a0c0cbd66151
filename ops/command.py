"""What every command has in common: the options that choose a stack, its output, its errors."""

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

from ops.choice import choose
from ops.errors import CANNOT_RUN, OpsError
from ops.screen import Screen
from ops.stack import Stack

Body = Callable[..., int]
"""A command's body: (stack, screen, **options) → exit code. Raises OpsError if it cannot run."""

SHOW_TRACEBACK = "OPS_TRACEBACK"
INTERRUPTED = 130  # the exit code that shells give a command ended by Ctrl-C

_PATH = click.Path(dir_okay=False, path_type=Path)
_REGION = click.Option(
    ["--region"], metavar="REGION", help="One region of a stack that has several. Default: all of them in turn."
)
_OPTIONS = (
    click.Option(["--stack"], metavar="NAME", help="A deployed stack, by its Pulumi name. Default: the selected one."),
    click.Option(
        ["--outputs"], metavar="FILE", type=_PATH, help="A file with what `pulumi stack output --json` prints."
    ),
    click.Option(
        ["--ready-file"],
        metavar="FILE",
        type=_PATH,
        help="The ready file of a stack that `python -m local up` runs. Default: .local/stack.json, while one runs.",
    ),
    click.Option(["--json", "as_json"], is_flag=True, help="One JSON document on standard output, for programs."),
)


def on_a_stack(name: str | None = None, *, by_region: bool = False) -> Callable[[Body], click.Command]:
    """A decorator that turns a body into a command: it chooses the stack and turns every failure into one message.

    A body that is `by_region` gets the stack's part in one region, and runs for each region or for the one named.
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

        command = click.command(name)(run)
        command.params += (
            [_REGION, *_OPTIONS] if by_region else _OPTIONS
        )  # after the command's own: they are the same everywhere
        return command

    return decorate


def _each(body: Body, parts: Sequence[Stack], screen: Screen, options: dict[str, Any]) -> int:
    """Run the body on each part. Returns the most severe exit code; programs get one document."""
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
    """Turn an error into one message; with --json, into one document on standard output, in the result's place."""
    try:
        yield
    except OpsError as error:
        _end(screen, error)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\ninterrupted; completed steps are not rolled back", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException:
        raise
    except Exception as error:
        if os.environ.get(SHOW_TRACEBACK):
            raise
        message = f"internal error: {type(error).__name__}: {error}; for a traceback run the command again with"
        _end(screen, OpsError(message, f"{SHOW_TRACEBACK}=1"))


def _end(screen: Screen, error: OpsError) -> NoReturn:
    if not screen.as_json:
        raise error
    click.echo(json.dumps(error.as_json(), indent=2))
    sys.exit(CANNOT_RUN)


@contextmanager
def _refusals(stack: Stack) -> Iterator[None]:
    """Turn AWS's errors into messages. A command catches those that it can continue after."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _of_aws(error, stack) from error
    except BotoCoreError as error:
        raise _of_botocore(error, stack) from error


def _of_aws(error: Any, stack: Stack) -> OpsError:
    from ops import aws

    operation, message = error.operation_name, aws.message(error)
    if aws.is_unknown_caller(error):
        return OpsError(
            f"AWS does not accept these credentials ({message}); sign in again, for example:", "aws sso login"
        )
    if aws.is_denied(error):
        return OpsError(
            f"you are not allowed to call {operation}: {message}; to see your identity:", "aws sts get-caller-identity"
        )
    if aws.is_absent(error):
        return OpsError(
            f"{operation}: {message}. A part of {stack.where} is missing; to see which:", stack.ops_command("doctor")
        )
    return OpsError(f"{operation} failed: {message}")


def _of_botocore(error: Any, stack: Stack) -> OpsError:
    from botocore import exceptions

    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return OpsError("no AWS credentials were found; sign in, or set AWS_PROFILE:", "aws sso login")
    if isinstance(error, exceptions.ProfileNotFound):
        return OpsError(f"{error}; to list the profiles:", "aws configure list-profiles")
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError) and stack.is_local:
        return OpsError(f"{stack.where} no longer answers; start it again:", stack.deploy_command)
    return OpsError(f"AWS in {stack.region} cannot be reached: {error}")
