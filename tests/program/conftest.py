"""Run the program to completion under mocks and hand back what it registered.

Tests then assert on plain data; none needs `apply` or `@pulumi.runtime.test`.
"""

from __future__ import annotations

import asyncio
import io
import json
import runpy
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pytest
from pulumi.runtime import mocks, rpc

from components.settings import Settings
from tests.examples import as_config

PROGRAM = Path(__file__).resolve().parents[2] / "__main__.py"
PROJECT, STACK = "file-notifications", "dev"
ACCOUNT, REGION = "111122223333", "eu-west-1"


def every_recipient(partition: str) -> list[dict[str, Any]]:
    """Rules that between them notify every kind of recipient, one of them twice, about every kind of event."""
    return [
        {"name": "invoices", "prefix": "invoices/", "to": ["ann@example.com", "+84901234567"]},
        {
            "name": "everything",
            "events": ["created", "removed", "restored"],
            "to": [
                "ann@example.com",
                "https://hooks.example.com/files?from=s3",
                f"arn:{partition}:sqs:{REGION}:{ACCOUNT}:file-events",
                f"arn:{partition}:lambda:{REGION}:{ACCOUNT}:function:index-files",
            ],
        },
    ]


ON_FINDINGS = {"name": "broken", "events": ["broken"], "to": ["ann@example.com"]}
"""A rule for which process may publish as well."""

KMS_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
EXISTING: list[Any] = [
    "invoices-of-another-team",
    {"name": "scans", "prefix": "incoming/", "kmsKeyArn": KMS_KEY},
    {"name": "scans", "prefix": "archive/"},
]
"""Two buckets that other programs made, one of them watched below two prefixes."""

WEBHOOKS = {
    "alerts": "https://hooks.slack.com/services/T0/B0/a-slack-secret",
    "ops": "https://default0.00.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0/"
    "triggers/manual/paths/invoke?api-version=1&sig=a-teams-secret",
    "games": "https://discord.com/api/webhooks/1/a-discord-secret",
    "sales": "https://chat.googleapis.com/v1/spaces/0/messages?key=a-key&token=a-google-secret",
}
"""A channel of each chat service."""
SECRETS = {"channels"}
"""The settings that are secret, unless a test says otherwise."""
CHAT = {
    "channels": WEBHOOKS,
    "alarmChannels": ["ops"],
    "rules": [
        {"name": "invoices", "prefix": "invoices/", "to": ["ann@example.com", *map("channel:{}".format, WEBHOOKS)]}
    ],
}
EXPECTING: list[dict[str, Any]] = [
    {
        "name": "invoices",
        "prefix": "invoices/",
        "to": ["ann@example.com"],
        "expect": {"by": "06:00", "timeZone": "Europe/Berlin", "days": ["mon", "fri"]},
    },
    {
        "name": "a feed with a long name as long as names may be ok",
        "to": ["ann@example.com"],
        "expect": {"every": "1h"},
    },
]
"""Rules that say what has to arrive by when, in both ways."""

EVERYTHING: dict[str, Any] = {
    "mode": "advanced",
    "emails": ["ann@example.com"],
    "rules": [*every_recipient("aws"), ON_FINDINGS, EXPECTING[1], {"name": "chat", "to": ["channel:alerts"]}],
    "channels": WEBHOOKS,
    "alarmChannels": ["ops"],
    "existingBuckets": EXISTING,
    "scan": "strict",
    "signIn": {"saml": {"metadataUrl": "https://acme.example.com/metadata"}, "groups": {"File-Admins": "admins"}},
}
"""All that one region may have at once."""

# What every whole-program rule is checked against: between them they hold every setting that changes what is made.
CONFIGS: dict[str, dict[str, Any]] = {
    "unprotected": {"emails": ["ann@example.com"], "protectData": False, "logRetentionDays": 30},
    "china": {"rules": every_recipient("aws-cn"), "alarmEmails": ["ops@example.com"], "partition": "aws-cn"},
    "advanced": {"mode": "advanced", "emails": ["ann@example.com"], "rules": every_recipient("aws")},
    "regions": {
        "mode": "advanced",
        "emails": ["ann@example.com"],
        "rules": [*every_recipient("aws"), ON_FINDINGS, {"name": "chat", "to": ["channel:alerts"]}],
        "channels": WEBHOOKS,
        "replicaRegions": ["us-east-1", "ap-east-1"],
    },
    "chat": {"emails": ["ann@example.com"], **CHAT},
    "scanned": {
        "mode": "advanced",
        "emails": ["ann@example.com"],
        "replicaRegions": ["us-east-1"],
        "existingBuckets": EXISTING,
        "scan": "strict",
    },
    "everything": EVERYTHING,
    "existing": {"emails": ["ann@example.com"], "existingBuckets": EXISTING},
    "existing advanced": {"mode": "advanced", "emails": ["ann@example.com"], "existingBuckets": EXISTING},
    "expecting": {"emails": ["ann@example.com"], "rules": EXPECTING, "existingBuckets": EXISTING},
    "expecting advanced": {
        "mode": "advanced",
        "emails": ["ann@example.com"],
        "rules": EXPECTING,
        "replicaRegions": ["us-east-1"],
    },
}


@dataclass(frozen=True)
class Registered:
    type: str
    name: str
    urn: str
    parent: str
    custom: bool
    protect: bool
    retain_on_delete: bool
    depends_on: frozenset[str]
    references: Mapping[str, frozenset[str]]
    """The resources that each input is made of."""
    inputs: Mapping[str, Any]
    provider: str = ""
    """The URN of the explicit provider; empty for the default one."""
    ignored: frozenset[str] = frozenset()
    """The inputs whose changes, as a refresh finds them, are left alone."""

    @property
    def kind(self) -> str:
        """The last part of the type: `Queue`. Two services have functions; Lambda's is the one that is meant."""
        return "EdgeFunction" if self.type.startswith("aws:cloudfront/function") else self.type.split(":")[-1]


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, with the resource that carries it. `identity` policies belong to a role."""

    resource: Registered
    identity: bool
    content: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        return self.content["Effect"] == "Allow"

    @property
    def actions(self) -> list[str]:
        return as_list(self.content["Action"])

    @property
    def services(self) -> list[str]:
        """The services that the statement is about, where it names any."""
        principal = self.content.get("Principal")
        return as_list(principal["Service"]) if isinstance(principal, Mapping) and "Service" in principal else []


@dataclass
class Deployment:
    resources: list[Registered] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    exports: dict[str, Any] = field(default_factory=dict)

    def of(self, type_: str) -> list[Registered]:
        """All resources of a type, by its last part: `of("Queue")`."""
        return [r for r in self.resources if r.kind == type_]

    def the(self, type_: str) -> Registered:
        """The only resource of a type."""
        (found,) = self.of(type_)
        return found

    def named(self, name: str) -> Registered:
        (found,) = [r for r in self.resources if r.name == f"{PROJECT}-{name}"]
        return found

    def beside(self, other: Registered, type_: str) -> Registered:
        """The only resource of a type that has the same parent."""
        (found,) = [r for r in self.of(type_) if r.parent == other.parent]
        return found

    @property
    def regions(self) -> dict[str, Deployment]:
        """What AWS has in each region, the primary one first, with its exports."""
        urns = {"": REGION} | {r.urn: r.inputs["region"] for r in self.resources if r.type == "pulumi:providers:aws"}
        exports = {REGION: self.exports, **self.exports.get("regions", {})}
        return {
            region: Deployment(
                resources=[r for r in self.resources if r.custom and r.kind != "aws" and r.provider == urn],
                exports=exports.get(region, {}),
            )
            for urn, region in urns.items()
        }

    @property
    def names(self) -> set[str]:
        return {r.urn for r in self.resources}

    @property
    def comparable(self) -> dict[str, dict[str, Any]]:
        """The inputs of all resources but for files, of which each run makes objects of its own."""
        files = pulumi.Asset | pulumi.Archive
        return {
            r.urn: {name: value for name, value in r.inputs.items() if not isinstance(value, files)}
            for r in self.resources
        }

    def changed(self, later: Deployment) -> set[str]:
        """The names of the resources that are in both, and have other inputs in the later one."""
        before, after = self.comparable, later.comparable
        return {r.name for r in self.resources if r.urn in after and before[r.urn] != after[r.urn]}

    @property
    def components(self) -> list[Registered]:
        return [r for r in self.resources if not r.custom]

    def comes_before(self, earlier: Registered, later: Registered) -> bool:
        """Whether the engine makes `earlier` first: `later` depends on it, directly or through others."""
        by_urn = {r.urn: r for r in self.resources}
        seen, waiting = set[str](), [later]
        while waiting:
            for urn in waiting.pop().depends_on - seen:
                seen.add(urn)
                waiting.append(by_urn[urn])
        return earlier.urn in seen

    def statements(self) -> list[Statement]:
        """Every statement of every policy, except who may assume a role."""
        found = []
        for resource in self.resources:
            text = resource.inputs.get("policy")
            if isinstance(text, str) and resource.custom:
                identity = ":iam/" in resource.type
                found += [Statement(resource, identity, content) for content in json.loads(text)["Statement"]]
        return found

    def variables(self, function: Registered) -> Mapping[str, str]:
        return function.inputs["environment"]["variables"]


class AbsentError(grpc.RpcError):
    """The provider's answer for a data source that finds nothing, as the engine passes it on."""

    def code(self):
        return grpc.StatusCode.UNKNOWN

    def details(self):
        return "couldn't find resource"


class FakeAws(mocks.Mocks):
    def __init__(self, partition: str, *, preview: bool) -> None:
        self.partition, self.preview = partition, preview
        self.regions: dict[str, str] = {}

    def region(self, provider: str | None) -> str:
        """Where a provider works, by its reference (`urn::id`)."""
        return self.regions.get((provider or "").rpartition("::")[0].rpartition("::")[2], REGION)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ == "pulumi:providers:aws":
            self.regions[args.name] = args.inputs["region"]
        region = self.region(args.provider)
        if self.preview:  # as the engine does: nothing is computed before the update
            return "", args.inputs
        service = args.typ.split(":")[1].split("/")[0]
        there = "" if service in {"cloudfront", "iam"} else region  # those two are global
        arn = f"arn:{self.partition}:{service}:{there}:{ACCOUNT}:{args.name}"
        if args.typ == "aws:s3/bucket:Bucket":
            arn = f"arn:{self.partition}:s3:::{args.name}"
        if args.typ == "aws:cloudwatch/eventRule:EventRule":
            arn = f"arn:{self.partition}:events:{region}:{ACCOUNT}:rule/{args.name}"
        computed = {
            "name": args.name,
            "bucket": args.name,
            "url": f"https://sqs/{ACCOUNT}/{args.name}",
            "invokeArn": f"arn:{self.partition}:apigateway:{region}:lambda:path/functions/{arn}/invocations",
            "executionArn": f"arn:{self.partition}:execute-api:{region}:{ACCOUNT}:{args.name}",
            "invokeUrl": f"https://abc123.execute-api.{region}.amazonaws.com/v1",
            "bucketRegionalDomainName": f"{args.name}.s3.{region}.amazonaws.com",
            "domainName": "d111abc.cloudfront.net",
            "createDate": "2026-11-20T00:00:00Z",
        }
        return f"{args.name}-id", {**computed, **args.inputs, "arn": arn}

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:  # type: ignore[override]
        bucket = args.args.get("bucket")
        if bucket == "no-such-bucket":
            raise AbsentError
        answers = {
            "aws:s3/getBucket:getBucket": {
                "id": bucket,
                "bucket": bucket,
                "arn": f"arn:{self.partition}:s3:::{bucket}",
                "bucketRegion": "us-east-1" if bucket == "in-virginia" else REGION,
            },
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
            "aws:index/getRegion:getRegion": {"region": self.region(args.provider)},
            "aws:index/getPartition:getPartition": {"partition": self.partition},
            "aws:sqs/getQueue:getQueue": {
                "url": f"https://sqs/{ACCOUNT}/{args.args.get('name')}",
                "arn": f"arn:{self.partition}:sqs:{args.args.get('region')}:{ACCOUNT}:{args.args.get('name')}",
            },
        }
        return answers[args.token]  # camelCase, and a plain dict


class RecordingMonitor(mocks.MockMonitor):
    """Sees what `Mocks` does not: parents, dependencies, protection, finished components."""

    def __init__(self, fake: FakeAws) -> None:
        super().__init__(fake)
        self.deployment = Deployment()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name of the call
        reply = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self.deployment.resources.append(
                Registered(
                    type=request.type,
                    name=request.name,
                    urn=reply.urn,
                    parent=request.parent,
                    custom=request.custom,
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    depends_on=frozenset(request.dependencies),
                    references={name: frozenset(of.urns) for name, of in request.propertyDependencies.items()},
                    inputs=rpc.deserialize_properties(request.object),
                    provider=request.provider.rpartition("::")[0],
                    ignored=frozenset(request.ignoreChanges),
                )
            )
        return reply

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the name of the call
        self.deployment.finished.add(request.urn)
        return super().RegisterResourceOutputs(request)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def strings(value: object) -> Iterator[str]:
    """Every text inside an input, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def zipped(archive: pulumi.AssetArchive) -> bytes:
    """The archive as the engine would pack it: in its order, with one fixed time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, asset in archive.assets.items():
            content = Path(asset.path).read_bytes() if isinstance(asset, pulumi.FileAsset) else asset.text.encode()
            file.writestr(zipfile.ZipInfo(name, (1990, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()


@contextmanager
def own_loop() -> Iterator[None]:
    """Nothing of one run may resolve inside the next."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    sys.tracebacklimit = 10  # Pulumi takes a trace for each resource; the frames of pytest in it only cost time
    try:
        yield
    finally:
        del sys.tracebacklimit
        for task in asyncio.all_tasks(loop):
            task.cancel()
        pulumi.runtime.reset_options()
        pulumi.runtime.set_all_config({}, [])
        asyncio.set_event_loop(None)
        loop.close()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the marks
def pytest_collection_modifyitems(items):
    """The tests of a file share most of its deployments: another process would run the program again for each."""
    for item in items:
        deploys = {"deploy", "basic", "advanced"} & set(getattr(item, "fixturenames", ()))
        if "/program/" in item.nodeid and deploys and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(Path(item.path).stem))


@pytest.fixture(autouse=True)
def strict_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An f-string of an output raises, instead of writing a warning into a resource."""
    monkeypatch.setenv("PULUMI_ERROR_OUTPUT_STRING", "true")
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)


def set_config(stack: str, config: Mapping[str, object], secrets: Sequence[str] = ()) -> None:
    """`secrets` are the keys that hold anything encrypted."""
    given = {f"{PROJECT}:{key}": as_config(value) for key, value in config.items()}
    pulumi.runtime.reset_options(project=PROJECT, stack=stack)
    pulumi.runtime.set_all_config(given, [f"{PROJECT}:{key}" for key in (*secrets, *SECRETS)])


def run(
    *, preview: bool = False, partition: str = "aws", stack: str = STACK, secrets: Sequence[str] = (), **config: object
) -> Deployment:
    with own_loop():
        set_config(stack, config, secrets)
        monitor = RecordingMonitor(FakeAws(partition, preview=preview))
        pulumi.runtime.set_mocks(monitor.mocks, project=PROJECT, stack=stack, preview=preview, monitor=monitor)

        @pulumi.runtime.test
        def settle() -> pulumi.Output[None]:
            runpy.run_path(str(PROGRAM))
            exported = pulumi.runtime.get_root_resource().outputs
            return pulumi.Output.all(**exported).apply(monitor.deployment.exports.update)

        settle()
        return monitor.deployment


@cache
def _run_once(arguments: str) -> Deployment:
    return run(**json.loads(arguments))


def run_once(**arguments: object) -> Deployment:
    """As run, but the same arguments give the same deployment: read it, do not change it, tests share it."""
    return _run_once(json.dumps(arguments, sort_keys=True))


Deploy = Callable[..., Deployment]


@pytest.fixture
def deploy() -> Deploy:
    """deploy(emails=["a@b.c"]) runs __main__.py with that config; preview=True runs a preview."""
    return run_once


# Where tests are distributed by group, one process runs each configuration.
@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CONFIGS])
def config(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each of CONFIGS in turn."""
    return CONFIGS[request.param]


@pytest.fixture
def deployed(config: dict[str, Any]) -> Deployment:
    """What the program registers, for each of CONFIGS."""
    return run_once(**config)


@pytest.fixture
def basic() -> Deployment:
    """What the program registers in mode basic, with recipients of every kind."""
    return run_once(emails=["ann@example.com"], rules=every_recipient("aws"))


@pytest.fixture
def advanced() -> Deployment:
    """The same in mode advanced."""
    return run_once(**CONFIGS["advanced"])


@pytest.fixture
def read() -> Iterator[Callable[..., Settings]]:
    """read(emails=["a@b.c"]) gives the Settings that this config stands for."""

    def read_settings(*, primary: str = REGION, secrets: Sequence[str] = (), **config: object) -> Settings:
        set_config(STACK, config, secrets)
        return Settings.from_config(pulumi.Config(), primary=lambda: primary)

    with own_loop():
        yield read_settings
