"""python -m local: the same program on an embedded AWS, on this machine only."""

from __future__ import annotations

import gc
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from local import control, ready_file, settings
from local.emulator.aws import forget_real_accounts
from local.emulator.errors import LocalError
from local.emulator.server import Emulator

if TYPE_CHECKING:
    from local.stack import Stack

INTERRUPTED = 130  # as a shell says it of a command that Ctrl-C ended

stack_options = (
    click.option("--mode", help="basic or advanced; short for --set mode=…"),
    click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting; lists and objects as JSON."),
    click.option("--port", type=click.IntRange(0, 65535), help="The emulator's port; 0 for any free one."),
)
ready_file_option = click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=ready_file.DEFAULT,
    help="Where the running stack is described, as JSON. Default: .local/stack.json",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """File notifications on an embedded AWS, on this machine only."""
    forget_real_accounts()
    gc.set_threshold(50_000)  # a deployment makes many objects that live: looking through them costs a tenth


def with_stack_options(command: Any) -> Any:
    for option in reversed(stack_options):
        command = option(command)
    return command


@cli.command()
@with_stack_options
@ready_file_option
def up(mode: str | None, pairs: tuple[str, ...], port: int | None, ready_file: Path) -> None:
    """Start an AWS, deploy the program, and serve until stopped."""
    with one_message(), until_stopped() as progress:
        free = unused(ready_file)
        chosen = chosen_settings(mode, pairs)
        emulator = Emulator(port, region=settings.region(chosen))
        from local.stack import running  # imports Pulumi: a second, which whoever is mistaken need not wait

        with running(chosen, emulator=emulator, ready_file=free, tell=progress.tell) as stack:
            progress.ready()
            introduce(stack, free)
            stack.serve(progress.check_stopped)


@cli.command("set")
@click.argument("words", nargs=-1, required=True, metavar="KEY VALUE [KEY VALUE]...")
@ready_file_option
def set_(words: tuple[str, ...], ready_file: Path) -> None:
    """Change settings of the running stack: what is stored stays, only the difference is made."""
    with one_message():
        if len(words) % 2:
            raise settings.SettingError(f"{words[-1]!r} has no value; write:\n  python -m local set mode advanced")
        wanted = dict(zip(words[::2], words[1::2], strict=True))
        answer = control.change(stack_at(ready_file), wanted)
        report(answer)


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="The key to store it under; the file's name if left out.")
@ready_file_option
def upload(file: Path, key: str | None, ready_file: Path) -> None:
    """Upload a file to the running stack's bucket."""
    with one_message():
        ready = stack_at(ready_file)
        from boto3.exceptions import Boto3Error

        from local.emulator.aws import Aws

        bucket = ready.outputs["bucketName"]
        try:
            Aws(ready.endpoint, ready.region).s3.upload_file(str(file), bucket, key or file.name)
        except Boto3Error as error:
            raise LocalError(str(error)) from error
        click.echo(f"uploaded to s3://{bucket}/{key or file.name}; the mail comes to {ready.mailbox}")


@cli.command()
@with_stack_options
@click.option("--keep", is_flag=True, help="Keep the stack running afterwards, until stopped.")
def demo(mode: str | None, pairs: tuple[str, ...], port: int | None, keep: bool) -> None:
    """The whole story once: start, deploy, upload a file, read the mail. Exit code 0 only if it really happened."""
    with one_message(), until_stopped() as progress:
        chosen = chosen_settings(mode, pairs)
        free = unused(ready_file.DEFAULT) if keep else None
        emulator = Emulator(port, region=settings.region(chosen))
        from local.demo import tell_story
        from local.stack import running

        with running(chosen, emulator=emulator, ready_file=free, tell=progress.tell) as stack:
            progress.ready()
            tell_story(stack)
            if free is not None:
                introduce(stack, free)
                stack.serve(progress.check_stopped)


def chosen_settings(mode: str | None, pairs: tuple[str, ...]) -> dict[str, str]:
    """What the options say, with a newcomer's defaults. Raises SettingError."""
    chosen = settings.parse(pairs)
    if mode is not None and chosen.get("mode", mode) != mode:
        raise settings.SettingError(f"mode is given twice: {mode!r} and {chosen['mode']!r}; leave one of them out")
    return settings.with_defaults(chosen if mode is None else {**chosen, "mode": mode})


def unused(path: Path) -> Path:
    """The path, if no stack that still runs is described there. Raises LocalError."""
    ready_file.writable(path)
    if path.exists() and control.runs(ready_file.read(path)):
        raise ready_file.ReadyFileError(
            f"a stack is running already, at {ready_file.read(path).endpoint} ({path}); stop it, or describe this one "
            "in another file:\n  python -m local up --port 0 --ready-file second.json"
        )
    return path


def stack_at(path: Path) -> ready_file.Ready:
    """What runs. Raises LocalError."""
    ready = ready_file.read(path)
    if not control.runs(ready):
        raise control.NotRunningError(
            f"the stack of {path} does not run any more; start it again:\n  python -m local up"
        )
    return ready


def introduce(stack: Stack, path: Path) -> None:
    """Say what is where, and what to do next."""
    from local.people import NAME, PASSWORD, add_person

    ready = stack.ready
    bucket = ready.outputs.get("bucketName", "")
    suffix = "" if path == ready_file.DEFAULT else f" --ready-file {path}"
    aws = (
        f"AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws --endpoint-url {ready.endpoint} --region {ready.region}"
    )
    page: tuple[tuple[str, str], ...] = ()
    if "userPoolId" in ready.outputs:
        add_person(stack.aws, ready.outputs["userPoolId"], NAME, PASSWORD)
        page = (("Page", f"{ready.outputs['webUrl']}/ (sign in as {NAME} with {PASSWORD})"),)
    click.echo()
    for name, value in (
        *page,
        ("Mailbox", ready.mailbox),
        ("AWS", f"{ready.endpoint} ({ready.region}, any credentials)"),
        ("Bucket", bucket),
        ("Ready file", str(path)),
        ("Upload", f"python -m local upload README.md{suffix}"),
        ("  or", f"{aws} s3 cp README.md s3://{bucket}/"),
        ("Change", f"python -m local set{suffix} mode advanced"),
        ("Stop", "Ctrl-C; nothing is kept"),
    ):
        click.echo(f"  {click.style(f'{name:12}', bold=True)}{value}")
    for level, text in stack.diagnostics:
        click.echo(f"\n{level}: {text}")


def report(answer: Any) -> None:
    """Say what `set` did."""
    for change in answer["changes"]:
        why = f" ({', '.join(change['properties'])})" if change["properties"] else ""
        click.echo(f"{change['action']:9}{change['type'].rpartition(':')[2]:32}{change['name']}{why}")
    if not answer["changes"]:
        click.echo("nothing to change")
    for level, text in answer["diagnostics"]:
        click.echo(f"\n{level}: {text}")


@contextmanager
def one_message() -> Iterator[None]:
    """Whatever a person can put right is one message and exit code 1."""
    try:
        yield
    except LocalError as error:
        raise click.ClickException(str(error)) from error


class Progress:
    """Says what is being done and how long it took, and knows whether somebody wants it to end."""

    def __init__(self) -> None:
        self.is_ready = False
        self.is_stopping = False
        self._began = time.monotonic()
        self._step: tuple[str, float] | None = None

    def tell(self, step: str) -> None:
        self._finish()
        self._step = (step, time.monotonic())
        click.echo(f"  {step} … ", nl=False)
        sys.stdout.flush()

    def ready(self) -> None:
        self._finish()
        self.is_ready = True
        click.echo(click.style(f"✔ ready in {time.monotonic() - self._began:.1f} s", fg="green", bold=True))

    def stop(self, *_: object) -> None:
        """A signal has come. The first one ends what is being done; others must not disturb the cleaning up."""
        if not self.is_stopping:
            self.is_stopping = True
            raise KeyboardInterrupt

    def check_stopped(self) -> None:
        """Python drops an exception that a signal raises in the middle of a destructor: so it is raised again here."""
        if self.is_stopping:
            raise KeyboardInterrupt

    def _finish(self) -> None:
        self.check_stopped()
        if self._step is not None:
            click.echo(f"{time.monotonic() - self._step[1]:.1f} s")


@contextmanager
def until_stopped() -> Iterator[Progress]:
    """Ctrl-C, SIGTERM and a closed terminal end the block in an orderly way: exit code 0 if it was ready by then."""
    progress = Progress()
    before = {one: signal.signal(one, progress.stop) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield progress
    except KeyboardInterrupt:
        click.echo("\nstopped; nothing is left running")
        sys.exit(0 if progress.is_ready else INTERRUPTED)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


if __name__ == "__main__":
    cli(prog_name="python -m local")
