"""Looking into each file, apart from telling about it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.catalogue import Catalogue
from components.catalogue_replica import CatalogueReplica
from components.handler_function import FunctionArgs, HandlerFunction
from components.handlers_layer import HandlersLayer
from components.notification_topic import NotificationTopic
from components.subscribed_queue import SubscribedQueue
from components.upload_bucket import UploadBucket

TIMEOUT_SECONDS = 900  # four of the largest files (5 GiB) at 25 MB/s: ten in one batch are read in three receives
VISIBILITY_PER_TIMEOUT = 6  # AWS: at least six function timeouts
BATCH_SIZE = 10
BATCH_WINDOW_SECONDS = 15  # docs/decisions/0019-batching-window.md
MAX_CONCURRENCY = 5  # a new account may run ten functions at once: half stays for telling people


class WorkQueue(pulumi.ComponentResource):
    """Every created file is read once and described in the catalogue.

    Makes: work queue with its dead-letter queue and subscription, the process function, the event source mapping.
    Guarantees: visibility is six function timeouts; only the messages that failed come back, and sooner.
    """

    work: SubscribedQueue
    process: HandlerFunction

    def __init__(
        self,
        name: str,
        *,
        topic: NotificationTopic,
        bucket: UploadBucket,
        catalogue: Catalogue | CatalogueReplica,
        layer: HandlersLayer,
        log_retention_days: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:WorkQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.work = SubscribedQueue(
            f"{name}-files",
            topic=topic,
            filter_policy={"kind": ["upload"], "event": ["created"]},
            visibility_timeout_seconds=VISIBILITY_PER_TIMEOUT * TIMEOUT_SECONDS,
            opts=child,
        )
        self.process = HandlerFunction(
            f"{name}-process",
            FunctionArgs(
                handler="handlers.process.handler",
                description="Reads each file once: checksum, real type, facts",
                layer=layer,
                log_retention_days=log_retention_days,
                environment={"TABLE_NAME": catalogue.table_name, "QUEUE_URL": self.work.url},
                allow=[
                    bucket.allow_read(),
                    catalogue.allow_write(),
                    self.work.allow_poll(),
                    self.work.allow_change_visibility(),
                ],
                timeout_seconds=TIMEOUT_SECONDS,
                memory_megabytes=512,
            ),
            opts=child,
        )
        aws.lambda_.EventSourceMapping(
            f"{name}-mapping",
            event_source_arn=self.work.arn,
            function_name=self.process.function_name,
            batch_size=BATCH_SIZE,
            maximum_batching_window_in_seconds=BATCH_WINDOW_SECONDS,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": MAX_CONCURRENCY},
            # Lambda checks that the role may read the queue before it accepts the mapping.
            opts=pulumi.ResourceOptions(parent=self, depends_on=self.process.ready),
        )
        self.register_outputs({"queue_url": self.work.url})
