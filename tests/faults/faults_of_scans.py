"""What may go wrong with the results of malware scans. Here "notified" means: the rule's queue got "infected"."""

from __future__ import annotations

import contextlib
import json
import random
from dataclasses import dataclass
from typing import ClassVar
from unittest import mock

import handlers.process
from domain.messages import FoundPayload, UploadPayload
from domain.rules import Rule
from handlers.data.findings import Findings
from handlers.data.items import Result
from handlers.data.scan_verdicts import ScanVerdicts
from handlers.logic.scanner import Scanner
from local.emulator.server import Emulator
from tests.advanced.uploads import TIME
from tests.examples import golden
from tests.faults.faults_of_announcing import RULE, AnnouncingFault, AnnouncingWorld
from tests.faults.faults_of_process import ProcessWorld
from tests.faults.notify_world import Connect
from tests.faults.window import waiting


@dataclass(frozen=True, kw_only=True)
class ScanFault(AnnouncingFault):
    """`count` inspected files that are infected, as GuardDuty reports it."""

    @property
    def world(self) -> type[ProcessWorld]:
        return ScanWorld if self.copies == 1 else ShuffledScans


class ScanWorld(AnnouncingWorld):
    """A rule asks for infected files; the work queue has the results of their scans."""

    rule = Rule(name=RULE.name, to=RULE.to, events=("infected",))
    version = "v1"
    copies: ClassVar[int] = 1

    def __init__(
        self, connect: Connect, emulator: Emulator, name: str, count: int, patched: contextlib.ExitStack
    ) -> None:
        super().__init__(connect, emulator, name, count, patched)
        inspecting = Findings(connect("dynamodb"), name)
        for file in self.files.values():
            assert inspecting.write(file.file_id, file.order, Result(sha256="ab" * 32).changes(TIME))
        catalogue = handlers.process._catalogue()
        scanner = Scanner(
            catalogue=catalogue,
            verdicts=ScanVerdicts(catalogue.client, name, self.interference.clock),
            announcer=handlers.process._announcer(),
            check_later=lambda _: None,
        )
        patched.enter_context(mock.patch.object(handlers.process, "_scanner", return_value=scanner))

    def deliver(self, payloads: list[UploadPayload | FoundPayload]) -> None:
        results = [json.dumps(_infected(file.bucket, file.key, self.version)) for file in self.files.values()]
        assert len(results) == len(payloads)
        many = results * self.copies
        self.queue.put_text(random.Random(7).sample(many, len(many)))  # noqa: S311 - the same in each run

    def _queued(self, url: str) -> set[str]:
        """A result names the file by its key."""
        bodies = waiting(self._emulator, url)
        return {file_id for body in bodies for file_id, file in self.files.items() if file.key in body}


class ShuffledScans(ScanWorld):
    """Each result comes three times, in any order."""

    copies = 3


def _infected(bucket: str, key: str, version: str) -> object:
    event = golden("scans/infected")
    event["detail"]["s3ObjectDetails"] |= {"bucketName": bucket, "objectKey": key, "versionId": version}
    return event
