"""The whole system: the only place that reads settings.mode."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.catalogue import Catalogue
from components.failure_alarms import FailureAlarms
from components.files_api import FilesApi
from components.monitoring import Monitoring
from components.settings import Settings
from components.upload_pipeline import UploadPipeline
from components.user_pool import UserPool
from components.web_app import WebApp
from components.work_queue import WorkQueue


class FileNotifications(pulumi.ComponentResource):
    """Files land in a bucket; the right people hear about it.

    Makes: an upload pipeline and the alarms on what can fail in it; in advanced mode also the catalogue, and the
    sign-in, the API, the page and the monitoring.
    Guarantees: `outputs` is all that the operator's commands need.
    """

    outputs: dict[str, pulumi.Input[str]]

    def __init__(self, name: str, settings: Settings, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:FileNotifications", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        catalogue = None
        if settings.mode == "advanced":
            catalogue = Catalogue(f"{name}-catalogue", protect=settings.protect_data, opts=child)
        pipeline = UploadPipeline(name, settings, catalogue=catalogue, opts=child)
        alarms = FailureAlarms(
            f"{name}-alarms",
            emails=settings.failure_emails,
            dead_letters=pipeline.dead_letters,
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
        if catalogue is not None:
            self.outputs["tableName"] = catalogue.table_name
        if pipeline.work is not None:
            self.outputs["workQueueUrl"] = pipeline.work.work.url
            self.outputs["workDeadLettersUrl"] = pipeline.work.work.dead_letters.url
        if catalogue is not None and pipeline.work is not None and pipeline.digest is not None:
            api, web = self._web(name, settings, pipeline, catalogue, pipeline.work)
            self.outputs |= web
            self.outputs["dashboardUrl"] = Monitoring(
                f"{name}-monitoring",
                pipeline=pipeline,
                work=pipeline.work,
                digest=pipeline.digest,
                api=api,
                failures=alarms,
                digest_minutes=settings.digest_minutes,
                opts=child,
            ).url
            self.outputs["digestQueueUrl"] = pipeline.digest.waiting.url
            self.outputs["digestDeadLettersUrl"] = pipeline.digest.waiting.dead_letters.url
            self.outputs["digestFunctionName"] = pipeline.digest.function.function_name
        self.register_outputs(self.outputs)

    def _web(
        self, name: str, settings: Settings, pipeline: UploadPipeline, catalogue: Catalogue, work: WorkQueue
    ) -> tuple[FilesApi, dict[str, pulumi.Input[str]]]:
        """Sign-in, API and page, and where they are."""
        child = pulumi.ResourceOptions(parent=self)
        users = UserPool(f"{name}-users", protect=settings.protect_data, opts=child)
        api = FilesApi(
            f"{name}-api",
            users=users,
            bucket=pipeline.bucket,
            catalogue=catalogue,
            work=work.work,
            layer=pipeline.layer,
            log_retention_days=settings.log_retention_days,
            max_upload_megabytes=settings.max_upload_megabytes,
            web_origins=settings.web_origins,
            opts=child,
        )
        web = WebApp(
            f"{name}-web",
            api=api,
            users=users,
            uploads=pipeline.bucket,
            max_upload_megabytes=settings.max_upload_megabytes,
            web_origins=settings.web_origins,
            opts=child,
        )
        return api, {
            "apiUrl": api.url,
            "webUrl": web.url,
            "userPoolId": users.pool_id,
            "userPoolClientId": web.client_id,
            "signInUrl": users.sign_in_url,
        }
