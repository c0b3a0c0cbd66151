"""The whole system: the only place that reads settings.mode."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.failure_alarms import FailureAlarms
from components.settings import Settings
from components.upload_pipeline import UploadPipeline


class FileNotifications(pulumi.ComponentResource):
    """Files land in a bucket; the right people hear about it.

    Makes: an upload pipeline, and the alarms on what can fail in it.
    Guarantees: `outputs` is all that the operator's commands need.
    """

    outputs: dict[str, pulumi.Input[str]]

    def __init__(self, name: str, settings: Settings, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:FileNotifications", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        pipeline = UploadPipeline(name, settings, opts=child)
        alarms = FailureAlarms(
            f"{name}-alarms",
            emails=settings.failure_emails,
            failed_events=pipeline.failed_events,
            topic=pipeline.topic,
            notify=pipeline.notify,
            opts=child,
        )
        self.outputs = {
            "mode": settings.mode,
            "region": aws.get_region_output().region,
            "bucketName": pipeline.bucket.bucket_name,
            "topicArn": pipeline.topic.arn,
            "failedEventsQueueUrl": pipeline.failed_events.url,
            "undeliveredQueueUrl": pipeline.topic.undelivered.url,
            "notifyFunctionName": pipeline.notify.function_name,
            "alarmTopicArn": alarms.arn,
        }
        self.register_outputs(self.outputs)
