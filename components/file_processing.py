"""Reading each file, apart from notifying about it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.catalogue_replica import RegionalCatalogue
from components.dead_letter_queue import DeadLetterQueue
from components.handler_function import FunctionArgs, HandlerFunction
from components.intake import Intake
from components.malware_scan import MalwareScan
from components.settings import Settings
from components.subscribed_queue import SubscribedQueue, SubscribedQueueArgs
from domain.topology import BATCH_SIZE, BATCH_WINDOW_SECONDS, WORK_DEAD_LETTERS, WORK_FILTER, FailureQueue

TIMEOUT_SECONDS = 900  # four of the largest files (5 GiB) at 25 MB/s: ten in one batch are read in three receives
VISIBILITY_PER_TIMEOUT = 6
"""AWS: at least six function timeouts, and the batching window beside them.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""
MAX_CONCURRENCY = 5  # a new account may run ten functions at once: half stays for notifying people


class FileProcessing(pulumi.ComponentResource):
    """Every created file is read once and described in the catalogue; what is found is announced if a rule asks for it.

    Makes: work queue with its dead-letter queue and subscription; with `scans` also the malware scan, whose results
    come by the same queue; with `read_files` the process function and the event source mapping.
    Guarantees: visibility is VISIBILITY_PER_TIMEOUT function timeouts and the batching window; only what failed is
    retried, and sooner. The function may publish only if a rule asks for what it finds.
    """

    intake: Intake
    queue: SubscribedQueue
    function: HandlerFunction
    failure_queues: Mapping[FailureQueue, DeadLetterQueue]
    scan: MalwareScan | None

    def __init__(
        self,
        name: str,
        *,
        intake: Intake,
        catalogue: RegionalCatalogue,
        scans: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:FileProcessing", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._name, self._catalogue = name, catalogue
        self.intake = intake
        bucket = intake.bucket if scans else None
        self.scan = MalwareScan(f"{name}-scan", bucket=bucket, opts=child) if bucket else None
        self.queue = SubscribedQueue(
            f"{name}-work",
            SubscribedQueueArgs(
                topic=intake.topic,
                filter_policy=WORK_FILTER,
                visibility_timeout_seconds=VISIBILITY_PER_TIMEOUT * TIMEOUT_SECONDS + BATCH_WINDOW_SECONDS,
                sender=self.scan.sender if self.scan else None,
            ),
            opts=child,
        )
        if self.scan:
            self.scan.deliver(self.queue)
        self.failure_queues = {WORK_DEAD_LETTERS: self.queue.dead_letters}
        self.register_outputs({"queue_url": self.queue.url})

    def read_files(self, settings: Settings, page_url: pulumi.Input[str]) -> None:
        """Make the function that reads the files, and let the queue invoke it. Notifications link to `page_url`."""
        announces = bool(settings.findings)
        environment = {"TABLE_NAME": self._catalogue.name, "QUEUE_URL": self.queue.url}
        if self.scan:
            environment["SCANNED_BUCKET"] = self.scan.bucket_name
        announcing: Mapping[str, pulumi.Input[str]] = {
            "TOPIC_ARN": self.intake.topic.arn,
            "MAILS_PER_MINUTE": str(settings.mails_per_minute),
            "PAGE_URL": page_url,
        }
        self.function = HandlerFunction(
            f"{self._name}-process",
            FunctionArgs(
                handler="handlers.process.handler",
                description="Reads each file once: checksum, real type, facts",
                defaults=self.intake.function_defaults,
                environment={**environment, **(announcing if announces else {})},
                files=self.intake.rules if announces else {},
                allow=[
                    *self.intake.allow_read(),
                    self._catalogue.allow_write(),
                    self.queue.allow_poll(),
                    self.queue.allow_change_visibility(),
                    *([self.queue.allow_send()] if self.scan else []),  # to look for the result later
                    *([self.intake.topic.allow_publish()] if announces else []),
                ],
                timeout_seconds=TIMEOUT_SECONDS,
                memory_megabytes=512,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.lambda_.EventSourceMapping(
            f"{self._name}-process-mapping",
            event_source_arn=self.queue.arn,
            function_name=self.function.name,
            batch_size=BATCH_SIZE,
            maximum_batching_window_in_seconds=BATCH_WINDOW_SECONDS,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": MAX_CONCURRENCY},
            opts=pulumi.ResourceOptions(parent=self),
        )
