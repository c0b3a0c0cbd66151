"""python -m local: the same program on a local AWS emulator, on this machine only."""

from __future__ import annotations

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during the imports is silent, too

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from local import control, ready_file, settings
from local.emulator.aws import Aws, forget_real_accounts
from local.emulator.errors import LocalError
from local.emulator.server import Emulator, PortInUseError
from local.progress import until_stopped
from local.upload import key_of
from local.upload import upload as upload_file

if TYPE_CHECKING:
    from local.stack import Stack

stack_options = (
    click.option("--mode", help="basic or advanced. Short for --set mode=…"),
    click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting. Lists and objects as JSON."),
    click.option("--port", type=click.IntRange(0, 65535), help="Port of the emulator. 0: any free port."),
)
ready_file_option = click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=ready_file.DEFAULT,
    help="JSON file that describes the running stack. Default: .local/stack.json",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Run file notifications on a local AWS emulator, on this machine only."""
    forget_real_accounts()
    gc.set_threshold(50_000)  # a deployment makes many long-lived objects: scanning them costs a tenth of its time


def with_stack_options(command: Any) -> Any:
    for option in reversed(stack_options):
        command = option(command)
    return command


@cli.command()
@with_stack_options
@click.option(
    "--bucket",
    "buckets",
    multiple=True,
    metavar="NAME",
    help="A bucket that the program does not make, with another program's notification. May be repeated.",
)
@ready_file_option
def up(mode: str | None, pairs: tuple[str, ...], port: int | None, buckets: tuple[str, ...], ready_file: Path) -> None:
    """Start the emulator, deploy the program, and serve until stopped."""
    with one_message(), until_stopped() as progress:
        free = unused(ready_file)
        chosen = chosen_settings(mode, pairs)
        emulator = new_emulator(port, chosen)
        from local.stack import running  # late: importing Pulumi takes a second, which wrong options need not wait for

        with running(
            chosen,
            emulator=emulator,
            ready_file=free,
            buckets=buckets,
            report=progress.step,
            check=progress.check,
        ) as stack:
            progress.ready()
            introduce(stack, free)
            stack.serve()


@cli.command("set")
@click.argument("words", nargs=-1, required=True, metavar="KEY VALUE [KEY VALUE]...")
@ready_file_option
def set_(words: tuple[str, ...], ready_file: Path) -> None:
    """Change settings of the running stack. Stored data stays; only the difference is deployed."""
    with one_message():
        if len(words) % 2:
            raise settings.SettingError(f"{words[-1]!r} has no value; write:\n  python -m local set mode advanced")
        apply_settings(stack_at(ready_file), dict(zip(words[::2], words[1::2], strict=True)))


@cli.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY [KEY]...")
@ready_file_option
def unset(keys: tuple[str, ...], ready_file: Path) -> None:
    """Reset settings of the running stack, as `pulumi config rm` does."""
    with one_message():
        apply_settings(stack_at(ready_file), dict.fromkeys(keys))


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="Object key. Default: the file's name.")
@click.option("--bucket", metavar="NAME", help="Another bucket than the stack's own.")
@ready_file_option
def upload(file: Path, key: str | None, bucket: str | None, ready_file: Path) -> None:
    """Upload a file to the running stack's bucket."""
    with one_message():
        chosen = key_of(file, key)
        ready = stack_at(ready_file)
        address = upload_file(ready, file, chosen, bucket)
        click.echo(f"uploaded to {address}; the mail arrives at {ready.mailbox}")


@cli.command()
@click.argument("name")
@ready_file_option
def token(name: str, ready_file: Path) -> None:
    """Print an access token of reader, editor or admin, for the API."""
    with one_message():
        from local.people import access_token

        click.echo(access_token(stack_at(ready_file).outputs, name))


@cli.command()
@with_stack_options
@click.option("--keep", is_flag=True, help="Keep the stack running afterwards, until stopped.")
@click.option("--then-advanced", is_flag=True, help="Switch the stack to mode advanced afterwards, and go on.")
def demo(mode: str | None, pairs: tuple[str, ...], port: int | None, keep: bool, then_advanced: bool) -> None:
    """Start, deploy, upload a file and read the mail, once. Exit code 0 only if every step succeeded."""
    with one_message(), until_stopped() as progress:
        chosen = chosen_settings(mode, pairs)
        free = unused(ready_file.DEFAULT) if keep else None
        emulator = new_emulator(port, chosen)
        from local.demo import run_demo
        from local.stack import running

        with running(chosen, emulator=emulator, ready_file=free, report=progress.step, check=progress.check) as stack:
            progress.ready()
            run_demo(stack)
            if then_advanced:
                progress.step("switching to mode advanced")
                stack.deploy({**chosen, "mode": "advanced"})
                progress.done()
                run_demo(stack)
            if free is not None:
                introduce(stack, free)
                stack.serve()


def chosen_settings(mode: str | None, pairs: tuple[str, ...]) -> dict[str, str]:
    """The settings of the options, with defaults for what is not set. Raises SettingError."""
    chosen = settings.parse(pairs)
    if mode is not None and chosen.get("mode", mode) != mode:
        raise settings.SettingError(f"mode is given twice: {mode!r} and {chosen['mode']!r}; leave one of them out")
    return settings.with_defaults(chosen if mode is None else {**chosen, "mode": mode})


def new_emulator(port: int | None, chosen: Mapping[str, str]) -> Emulator:
    """An emulator that is not yet started. Raises SettingError, or LocalError if the port is in use."""
    try:
        return Emulator(port, region=settings.region(chosen))
    except PortInUseError as error:
        raise LocalError(f"{error}:\n  python -m local up --port 0") from error


def unused(path: Path) -> Path:
    """The path, if it describes no stack that still runs. Raises LocalError."""
    ready_file.writable(path)
    if path.exists() and control.runs(ready_file.read(path)):
        raise ready_file.ReadyFileError(
            f"a stack is running already, at {ready_file.read(path).endpoint} ({path}); stop it, or name "
            "another ready file:\n  python -m local up --port 0 --ready-file second.json"
        )
    return path


def stack_at(path: Path) -> ready_file.Ready:
    """The stack that the ready file describes, if it runs. Raises LocalError."""
    ready = ready_file.read(path)
    if not control.runs(ready):
        raise control.NotRunningError(f"the stack of {path} no longer runs; start it again:\n  python -m local up")
    return ready


def introduce(stack: Stack, path: Path) -> None:
    """Print the addresses, and what to do next."""
    ready = stack.ready
    existing = [watched["name"] for watched in ready.outputs.get("existingBuckets", ())]
    bucket = ready.outputs.get("bucketName") or next(iter(existing), "")
    suffix = "" if path == ready_file.DEFAULT else f" --ready-file {path}"
    upload_to = "" if "bucketName" in ready.outputs else f" --bucket {bucket}"
    aws = (
        f"AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws --endpoint-url {ready.endpoint} --region {ready.region}"
    )
    click.echo()
    introduce_page(stack.aws, ready.outputs)
    if "webUrl" in ready.outputs:
        bearer = f"Authorization: Bearer $(python -m local token reader{suffix})"
        show("API", f'curl -H "{bearer}" {ready.outputs["webUrl"]}/v1/files')
    for name, value in (
        ("Mailbox", ready.mailbox),
        ("AWS", f"{ready.endpoint} ({ready.region}, any credentials)"),
        ("Bucket", bucket),
        ("Ready file", str(path)),
        ("Upload", f"python -m local upload README.md{upload_to}{suffix}"),
        ("  or", f"{aws} s3 cp README.md s3://{bucket}/"),
        (
            "Change",
            f"python -m local set{suffix} {'digestMinutes 1' if 'webUrl' in ready.outputs else 'mode advanced'}",
        ),
        ("Stop", "Ctrl-C; all data is deleted"),
    ):
        show(name, value)
    for level, text in stack.diagnostics:
        click.echo(f"\n{level}: {text}")


def introduce_page(aws: Aws, outputs: Mapping[str, Any]) -> None:
    """Print where the page is, and add the users who can sign in there. Mode basic has no page."""
    from local.people import PASSWORD, PEOPLE, add_people

    if "userPoolId" in outputs:
        add_people(aws, outputs)
        show("Page", f"{outputs['webUrl']}/ (sign in as {', '.join(PEOPLE)} with {PASSWORD})")


def show(name: str, value: str) -> None:
    click.echo(f"  {click.style(f'{name:12}', bold=True)}{value}")


def apply_settings(ready: ready_file.Ready, wanted: Mapping[str, str | None]) -> None:
    """Change a running stack's settings and print what that did; a page that is new is introduced."""
    answer = control.change(ready, wanted)
    report(answer)
    if answer["outputs"].get("userPoolId") != ready.outputs.get("userPoolId"):
        click.echo()
        introduce_page(Aws(ready.endpoint, ready.region), answer["outputs"])


def report(answer: Any) -> None:
    """Print what a change of settings did."""
    for change in answer["changes"]:
        why = f" ({', '.join(change['properties'])})" if change["properties"] else ""
        click.echo(f"{change['action']:9}{change['type'].rpartition(':')[2]:32}{change['name']}{why}")
    if not answer["changes"]:
        click.echo("nothing to change")
    for level, text in answer["diagnostics"]:
        click.echo(f"\n{level}: {text}")


@contextmanager
def one_message() -> Iterator[None]:
    """Anything that the user can fix is one message and exit code 1."""
    try:
        yield
    except LocalError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    cli(prog_name="python -m local")
