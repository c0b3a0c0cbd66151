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
from components.subscribed_queue import SubscribedQueue, SubscribedQueueArgs
from domain.topology import BATCH_SIZE, BATCH_WINDOW_SECONDS, WORK_DEAD_LETTERS, WORK_FILTER, FailureQueue

TIMEOUT_SECONDS = 900  # four of the largest files (5 GiB) at 25 MB/s: ten in one batch are read in three receives
VISIBILITY_PER_TIMEOUT = 6
"""AWS: at least six function timeouts, and the batching window beside them.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""
MAX_CONCURRENCY = 5  # a new account may run ten functions at once: half stays for notifying people


class FileProcessing(pulumi.ComponentResource):
    """Every created file is read once and described in the catalogue.

    Makes: work queue with its dead-letter queue and subscription, the process function, the event source mapping; with
    `scans` also the malware scan, whose results come by the same queue.
    Guarantees: visibility is VISIBILITY_PER_TIMEOUT function timeouts and the batching window; only what failed is
    retried, and sooner.
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
        scans: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:FileProcessing", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
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
        self.function = HandlerFunction(
            f"{name}-process",
            FunctionArgs(
                handler="handlers.process.handler",
                description="Reads each file once: checksum, real type, facts",
                defaults=intake.function_defaults,
                environment={
                    "TABLE_NAME": catalogue.name,
                    "QUEUE_URL": self.queue.url,
                    **({"SCANNED_BUCKET": bucket.name} if bucket else {}),
                },
                allow=[
                    *intake.allow_read(),
                    catalogue.allow_write(),
                    self.queue.allow_poll(),
                    self.queue.allow_change_visibility(),
                    *([self.queue.allow_send()] if self.scan else []),  # to look for the result later
                ],
                timeout_seconds=TIMEOUT_SECONDS,
                memory_megabytes=512,
            ),
            opts=child,
        )
        aws.lambda_.EventSourceMapping(
            f"{name}-process-mapping",
            event_source_arn=self.queue.arn,
            function_name=self.function.name,
            batch_size=BATCH_SIZE,
            maximum_batching_window_in_seconds=BATCH_WINDOW_SECONDS,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": MAX_CONCURRENCY},
            # Lambda checks that the role may read the queue before it accepts the mapping.
            opts=pulumi.ResourceOptions(parent=self, depends_on=self.function.ready),
        )
        self.register_outputs({"queue_url": self.queue.url})
