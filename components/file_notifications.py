"""The whole system: the only place that reads settings.mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pulumi

from components.catalogue import Catalogue
from components.catalogue_replica import CatalogueReplica
from components.failure_alarms import FailureAlarms
from components.files_api import FilesApi
from components.monitoring import Monitoring
from components.regional_provider import regional_provider
from components.settings import Settings
from components.upload_pipeline import UploadPipeline, name_in
from components.user_pool import UserPool
from components.web_app import WebApp


class FileNotifications(pulumi.ComponentResource):
    """Files land in a bucket; the right people hear about it.

    Makes: an upload pipeline and the alarms on what can fail in it; in advanced mode also the catalogue, and the
    sign-in, the API, the page and the monitoring. For each further region a provider, a replica of the catalogue, and a
    pipeline with its alarms and monitoring; sign-in, API and page are in the stack's own region, and for all of them.
    Guarantees: `outputs` is all that the operator's commands need. A region that comes or goes changes nothing of the
    others but what the API may reach, and whose notifications the queues of recipients take.
    """

    outputs: dict[str, Any]

    def __init__(self, name: str, settings: Settings, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:FileNotifications", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        if settings.mode == "basic":
            pipeline = UploadPipeline(name, settings, catalogue=None, opts=child)
            self.outputs = self._operated(name, settings, pipeline, child) | {"region": pipeline.region}
        else:
            for rule in settings.all_rules:
                if rule.delivery == "immediate" and rule.notifies_people:
                    pulumi.warn(
                        f"rule {rule.name!r} has delivery immediate: also in a storm it mails every file at once, and "
                        "above 10 mails a second SNS suspends an address",
                        self,
                    )
            # Mails lead to a page that needs the pipelines' buckets: its address is known once they are made.
            later: tuple[pulumi.Output[str], Callable[[pulumi.Output[str]], None]] = pulumi.deferred_output()
            page_url, page_is_at = later
            try:
                self.outputs = self._advanced(name, settings, page_url)
                page_is_at(pulumi.Output.from_input(self.outputs["webUrl"]))
            except BaseException:
                page_is_at(pulumi.Output.from_input(""))  # whoever waits for it would wait for ever, and hide the error
                raise
        self.outputs["mode"] = settings.mode
        self.register_outputs(self.outputs)

    def _advanced(self, name: str, settings: Settings, page_url: pulumi.Output[str]) -> dict[str, Any]:
        """Everything that advanced mode makes, and where it is."""
        child = pulumi.ResourceOptions(parent=self)
        catalogue = Catalogue(f"{name}-catalogue", protect=settings.protect_data, opts=child)
        pipeline = UploadPipeline(name, settings, catalogue=catalogue, page_url=page_url, opts=child)
        further = {
            region: self._further(name, region, settings, home=pipeline, catalogue=catalogue, page_url=page_url)
            for region in settings.replica_regions
        }
        api, web = self._web(name, settings, [pipeline, *(one for one, _ in further.values())], catalogue)
        outputs: dict[str, Any] = {**self._operated(name, settings, pipeline, child, api=api)}
        outputs |= {"region": pipeline.region, "tableName": catalogue.table_name, **web}
        if further:
            outputs["regions"] = {
                region: self._operated(name_in(name, region), settings, one, there)
                for region, (one, there) in further.items()
            }
        return outputs

    def _further(
        self,
        name: str,
        region: str,
        settings: Settings,
        *,
        home: UploadPipeline,
        catalogue: Catalogue,
        page_url: pulumi.Output[str],
    ) -> tuple[UploadPipeline, pulumi.ResourceOptions]:
        """The pipeline of a further region, and how more is put there."""
        here = name_in(name, region)
        provider = regional_provider(f"{here}-provider", region, parent=self)
        child = pulumi.ResourceOptions(parent=self, providers=[provider])
        replica = CatalogueReplica(f"{here}-catalogue", catalogue=catalogue, protect=settings.protect_data, opts=child)
        pipeline = UploadPipeline(here, settings, catalogue=replica, page_url=page_url, home=home, opts=child)
        return pipeline, child

    def _operated(
        self,
        name: str,
        settings: Settings,
        pipeline: UploadPipeline,
        opts: pulumi.ResourceOptions,
        *,
        api: FilesApi | None = None,
    ) -> dict[str, pulumi.Input[str]]:
        """A region's alarms and monitoring, which see nothing of any other; and where everything is there."""
        alarms = FailureAlarms(
            f"{name}-alarms",
            emails=settings.failure_emails,
            dead_letters=pipeline.dead_letters,
            notify=pipeline.notify,
            opts=opts,
        )
        outputs = {**pipeline.outputs, "alarmTopicArn": alarms.arn}
        if pipeline.work is not None and pipeline.digest is not None:
            outputs["dashboardUrl"] = Monitoring(
                f"{name}-monitoring",
                pipeline=pipeline,
                work=pipeline.work,
                digest=pipeline.digest,
                api=api,
                failures=alarms,
                digest_minutes=settings.digest_minutes,
                dashboard_name=f"{name}-{pulumi.get_stack()}",
                opts=opts,
            ).url
        return outputs

    def _web(
        self, name: str, settings: Settings, pipelines: Sequence[UploadPipeline], catalogue: Catalogue
    ) -> tuple[FilesApi, dict[str, pulumi.Input[str]]]:
        """Sign-in, API and page, and where they are. The first pipeline is the one that the page uploads to."""
        child = pulumi.ResourceOptions(parent=self)
        home = pipelines[0]
        users = UserPool(f"{name}-users", protect=settings.protect_data, opts=child)
        api = FilesApi(
            f"{name}-api",
            users=users,
            pipelines=pipelines,
            catalogue=catalogue,
            layer=home.layer,
            log_retention_days=settings.log_retention_days,
            max_upload_megabytes=settings.max_upload_megabytes,
            web_origins=settings.web_origins,
            opts=child,
        )
        web = WebApp(
            f"{name}-web",
            api=api,
            users=users,
            uploads=home.bucket,
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
