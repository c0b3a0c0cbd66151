"""All faults, one after the other."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from local.emulator.aws import forget_real_accounts
from local.emulator.server import Emulator
from tests.faults import (
    announcing_table,
    digest_table,
    expect_table,
    faults_of_chat,
    notify_table,
    process_table,
    scan_table,
)
from tests.faults.faults_of_chat import ChatFault
from tests.faults.faults_of_digest import DigestFault
from tests.faults.faults_of_expect import ExpectFault
from tests.faults.faults_of_notify import BETWEEN, Fault, evenly
from tests.faults.faults_of_process import ProcessFault
from tests.faults.interference import nothing
from tests.faults.notify_world import READ_TIMEOUT_SECONDS, connecting, notify_world
from tests.faults.outages import Frozen, Restarted, server
from tests.faults.tally import Tally

AnyFault = Fault | DigestFault | ProcessFault | ExpectFault | ChatFault

FROZEN = Fault(
    name="AWS does not answer",
    happens="the emulator is frozen; requests sent meanwhile are carried out later",
    deliver=evenly,
    repeats=BETWEEN,
)
RESTARTED = Fault(
    name="AWS restarts",
    happens="the emulator is stopped and started again in between",
    deliver=evenly,
    repeats=BETWEEN,
)
ALL: tuple[AnyFault, ...] = (
    *notify_table.ALL,
    FROZEN,
    RESTARTED,
    *digest_table.ALL,
    *process_table.ALL,
    *expect_table.ALL,
    *announcing_table.ALL,
    *scan_table.ALL,
    *faults_of_chat.ALL,
)

_names = (f"fault-{number}" for number in count(1))


@dataclass(frozen=True)
class Result:
    fault: AnyFault
    tally: Tally

    @property
    def verdict(self) -> str:
        """What is wrong; empty if it is as docs/guarantees.md says."""
        found = self.tally
        wrong = []
        if found.lost or found.silent:
            wrong.append(f"{found.lost} lost, {found.silent} silent")
        if found.notified_again and not self.fault.repeats:
            wrong.append(f"{found.notified_again} notified again, which no guarantee allows")
        if bool(found.queued) < getattr(self.fault, "queued", False):
            wrong.append("no failure queue got anything: the fault was none")
        if found.notified_once + found.notified_again != found.events:
            wrong.append("not all were notified after the replay")
        if not found.accidents and getattr(self.fault, "befalls", nothing) is not nothing:
            wrong.append("no request was disturbed")
        return "; ".join(wrong)


def run(fault: AnyFault, emulator: Emulator, events: int) -> Result:
    """`events` of them through one fault."""
    name, connect = next(_names), connecting(emulator.endpoint)
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(fault, Fault):
            return Result(fault, _notify(fault, emulator, name, Path(folder), events))
        return Result(fault, fault.run(connect, emulator, name, events))


def _notify(fault: Fault, emulator: Emulator, name: str, folder: Path, events: int) -> Tally:
    middle = events * 2  # of about four requests an event
    with contextlib.ExitStack() as ending:
        endpoint = emulator.endpoint
        if fault is FROZEN:
            frozen = Frozen(emulator.process_group, begins=middle)
            ending.callback(frozen.thaw)
            fault = replace(fault, befalls=frozen)
        elif fault is RESTARTED:
            restarting = ending.enter_context(server(folder))
            endpoint, fault = restarting.endpoint, replace(fault, befalls=Restarted(restarting, begins=middle))
        # A machine that is gone does not answer at all.
        timeout = 3 if fault.name in (FROZEN.name, RESTARTED.name) else READ_TIMEOUT_SECONDS
        connect = connecting(endpoint, read_timeout=timeout)
        world = ending.enter_context(notify_world(connect, name, folder, advanced=fault.advanced))
        return fault.run(world, events)


@contextlib.contextmanager
def started_emulator() -> Iterator[Emulator]:
    with Emulator(0) as emulator:
        emulator.start()
        emulator.wait_until_healthy()
        yield emulator


def tally_of(name: str, events: int) -> Tally:
    """The outcome of the events in one fault, on an emulator of its own."""
    forget_real_accounts()
    (fault,) = [one for one in ALL if one.name == name]
    with started_emulator() as emulator:
        return run(fault, emulator, events).tally
