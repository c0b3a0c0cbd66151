"""One run from its first process to its last."""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench import crowd, dollars, pages, starts, tls
from bench.figures import MODES, Cost, Figures, Mode
from bench.function import RULES, Function, unpack
from bench.memory import Watch
from bench.played import DIGEST_SECONDS, Counts, Player, even
from components.settings import Settings
from domain.rules import Rule
from local.emulator.aws import Aws
from local.emulator.server import Emulator
from local.stack import Stack, running

START = 1_795_000_200.0  # the beginning of a minute, 2026-11-18
EVEN = 23  # uploads a minute: a million a month
OURS, THEIRS = "ours@example.com", "naive@example.com"
FEW, MANY = 1_000, 100_000

# How much is done.
COLD_ROUNDS = 12
WARM_EVENTS = 150
ALONE_EVENTS = 600
TURNS = 10
BASIC_WARM_UP = 40
BASIC_FILES = 75
BURST_WARM_UP = 40
BURST_FILES = 96
STORM = 300
EVEN_MINUTES = 15
CALM = 40

ASKING = Rule(name="findings", to=("arn:aws:sqs:us-east-1:000000000000:findings",), events=("processed", "broken"))

Say = Callable[[str], object]


def measure(say: Say) -> Figures:
    """Everything, in one run. Takes minutes; `say` is given what is being done."""
    load, _, _ = os.getloadavg()
    say("a crowd, basic mode")
    basic, memory, in_basic = _basic()
    say("a crowd and a burst, advanced mode")
    advanced, mails, in_advanced = _advanced()
    with tempfile.TemporaryDirectory(prefix="file-notifications-bench-") as name:
        folder = Path(name)
        with Emulator(0) as emulator:
            emulator.start()
            emulator.wait_until_healthy()
            aws = Aws(emulator.endpoint)
            with tls.in_front_of(emulator.endpoint, folder) as secure:
                world = _World(aws, folder, secure, {"basic": in_basic, "advanced": in_advanced})
                say("cold starts and warm events")
                timed = _timed(world)
                hundred_rules, ten_records = _more_at_once(world)
                say("calls, write units and dollars")
                ours, naive = _counted(world, timed["warm"], mails_in_storm=mails[0] / mails[1])
            say(f"pages of {FEW:,} and {MANY:,} files")
            listed = _listed(aws)
    return Figures(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}, load {load:.1f} from other work when it began",
        throughput={"basic": 1 / basic.ratio, "advanced": 1 / advanced.ratio},
        cold=timed["cold"],
        cold_with_bytecode=timed["cold with bytecode"],
        warm=timed["warm"],
        alone=timed["alone"],
        ours=ours,
        naive=naive,
        burst_mails=mails,
        hundred_rules=hundred_rules,
        ten_records=ten_records,
        pages=listed,
        memory=memory,
    )


Deployed = Mapping[Mode, Mapping[str, Mapping[str, str]]]
"""By mode and module: the environment that the program gives a function."""


class _World:
    """The functions and what they call, with nobody subscribed."""

    def __init__(self, aws: Aws, folder: Path, secure: Mapping[str, str], deployed: Deployed) -> None:
        self.aws, self.folder, self._deployed = aws, folder, deployed
        self.topic = aws.sns.create_topic(Name="bench-notifications")["TopicArn"]
        self._environment = starts.environment(TOPIC_ARN=self.topic, **secure)
        self._here = {"TOPIC_ARN": self.topic, "TABLE_NAME": "our-files"}
        pages.our_table(aws, "our-files")
        self._naive_advanced = {
            "TABLE_NAME": crowd.naive_table(aws),
            "QUEUE_URL": aws.sqs.create_queue(QueueName="naive-work")["QueueUrl"],
        }

    def unpacked(
        self, name: str, *, bytecode: bool = False, rules: int = 1, more: Sequence[Rule] = ()
    ) -> dict[str, Function]:
        """All functions, in a folder of their own. `more` are rules beside those that every upload matches."""
        folder = self.folder / name
        folder.mkdir()
        written = [replace(RULES[0], name=f"rule {number}") for number in range(rules)]
        return unpack(folder, self._environment, bytecode=bytecode, rules=[*written, *more])

    def ours(self, functions: Mapping[str, Function], name: str, mode: Mode, **more: str) -> Function:
        """One of our functions with the environment that the program gave it, but for what is here."""
        given = self._deployed[mode][functions[name].module]
        here = {key: value for key, value in self._here.items() if key in given}
        return functions[name].lacking(*self._here).having(**{**given, **here, **more})

    def pair(self, functions: Mapping[str, Function], mode: Mode) -> tuple[Function, Function]:
        """What S3 invokes: ours and the naive one."""
        naive = functions[f"naive-{mode}"]
        naive = naive.having(**self._naive_advanced) if mode == "advanced" else naive
        return self.ours(functions, "notify", mode), naive


def _timed(world: _World) -> dict[str, dict[Mode, float]]:
    plain, fast = world.unpacked("plain"), world.unpacked("fast", bytecode=True)
    found: dict[str, dict[Mode, float]] = {"cold": {}, "cold with bytecode": {}, "warm": {}, "alone": {}}
    for mode in MODES:
        ours, naive = world.pair(plain, mode)
        found["cold"][mode] = starts.cold(ours, naive, rounds=COLD_ROUNDS).ratio
        found["cold with bytecode"][mode] = starts.cold(world.pair(fast, mode)[0], naive, rounds=COLD_ROUNDS).ratio
        found["warm"][mode] = starts.warm(ours, naive, events=WARM_EVENTS).ratio
        found["alone"][mode] = starts.alone(ours, naive, events=ALONE_EVENTS, start=START).ratio
    return found


def _more_at_once(world: _World) -> tuple[float, float]:
    """Warm events of ours: one that matches a hundred rules, and one of ten records, each ÷ one of one."""
    one = world.ours(world.unpacked("one"), "notify", "basic")
    many = world.ours(world.unpacked("many", rules=100), "notify", "basic")
    return (
        starts.warm(many, one, events=WARM_EVENTS).ratio,
        starts.warm(one, one, events=WARM_EVENTS // 5, records=10).ratio,
    )


def _counted(
    world: _World, warm: Mapping[Mode, float], *, mails_in_storm: float
) -> tuple[dict[str, Cost], dict[Mode, Cost]]:
    functions = {
        name: one.having(AWS_ENDPOINT_URL=world.aws.endpoint)  # not timed: without TLS it is over sooner
        for name, one in world.unpacked("counted").items()
    }
    paces = {
        "calm": (even(4, CALM * 15, start=START), 0),
        # How it begins, with some mails at once and a first digest, is not the month's pace.
        "even": (even(EVEN, EVEN_MINUTES * 60, start=START + 86_400), int(EVEN * DIGEST_SECONDS / 60)),
        "storm": (even(1000, STORM * 60 / 1000, start=START + 2 * 86_400), 0),
    }
    naive: dict[Mode, Cost] = {}
    ours: dict[str, Cost] = {}
    for mode in MODES:
        notify, theirs = world.pair(functions, mode)
        plain = _player(world, f"naive-{mode}", theirs)
        naive[mode] = _cost(plain.play(paces["calm"][0]), mode, slower=1 / warm[mode])
        if mode == "basic":
            ours["basic"] = _cost(_player(world, "our-basic", notify).play(paces["calm"][0]), mode)
    for name, (times, warm_up) in paces.items():
        queue = world.aws.sqs.create_queue(QueueName=f"digest-{name}")["QueueUrl"]
        player = _player(world, f"our-{name}", world.pair(functions, "advanced")[0])
        player.process = world.ours(functions, "process", "advanced")
        player.digest = world.ours(functions, "digest", "advanced", QUEUE_URL=queue)
        player.digest_queue = queue
        counts = player.play(times, warm_up=warm_up)
        if name == "storm":  # fewer than 1,000 are played, with as many first mails and digests
            counts.mails = mails_in_storm * counts.uploads
        ours[name] = _cost(counts, "advanced")
    ours["announced"] = _announced(world, even(4, CALM * 15, start=START + 3 * 86_400))
    return ours, naive


def _announced(world: _World, times: Sequence[float]) -> Cost:
    """A mail a file, and a rule of a queue on what is found: the function gets what the program adds for it."""
    functions = {
        name: one.having(AWS_ENDPOINT_URL=world.aws.endpoint)
        for name, one in world.unpacked("announcing", more=[ASKING]).items()
    }
    player = _player(world, "our-announced", world.pair(functions, "advanced")[0])
    player.process = world.ours(
        functions,
        "process",
        "advanced",
        TOPIC_ARN=world.topic,
        MAILS_PER_MINUTE=str(Settings.mails_per_minute),
        PAGE_URL="https://d111abc.cloudfront.net",
    )
    return _cost(player.play(times), "advanced")


def _player(world: _World, bucket: str, notify: Function) -> Player:
    world.aws.s3.create_bucket(Bucket=bucket)
    return Player(aws=world.aws, bucket=bucket, notify=notify)


def _cost(counts: Counts, mode: Mode, *, slower: float = 1.0) -> Cost:
    return Cost(
        calls=counts.calls_each,
        write_units=counts.write_units_each,
        dollars=dollars.together(counts, mode, slower=slower),
    )


def _listed(aws: Aws) -> dict[int, tuple[tuple[int, int], tuple[int, int]]]:
    newest = datetime(2026, 11, 20, 12, tzinfo=UTC)
    found = {}
    for files in (FEW, MANY):
        table = pages.our_table(aws, f"listed-{files}")
        pages.fill(aws, table, files, newest=newest)
        first, deep = pages.first_and_deep(aws, table, newest=newest, deep=files - 200)
        found[files] = ((first.requests, first.items), (deep.requests, deep.items))
    return found


def _basic() -> tuple[starts.Pair, tuple[float, float, float], Mapping[str, Mapping[str, str]]]:
    settings = {"emails": json.dumps([OURS])}
    with running(settings, emulator=_roomy(), ready_file=None) as stack:
        ours, naive = crowd.our_target(stack), crowd.naive_target(stack.aws, "basic", THEIRS)
        for one in (ours, naive):
            one.upload(BASIC_WARM_UP)
        with Watch(stack.emulator.process_group) as watch:
            pair = crowd.rates(ours, naive, rounds=TURNS, files=BASIC_FILES)
        before = watch.first or 1.0
        memory = (TURNS * BASIC_FILES, watch.peak / before, watch.last / before)
        return pair, memory, _environments(stack)


def _advanced() -> tuple[starts.Pair, tuple[int, int], Mapping[str, Mapping[str, str]]]:
    settings = {"emails": json.dumps([OURS]), "mode": "advanced"}
    with running(settings, emulator=_roomy(), ready_file=None) as stack:
        ours, naive = crowd.our_target(stack), crowd.naive_target(stack.aws, "advanced", THEIRS)
        for one in (ours, naive):
            one.upload(BURST_WARM_UP)
        pair = crowd.rates(ours, naive, rounds=TURNS, files=BURST_FILES)
        _send_digests(stack)
        to = [message.to for message in stack.mailbox.messages() if "Subscription" not in message.subject]
        return pair, (to.count(OURS), to.count(THEIRS)), _environments(stack)


def _environments(stack: Stack) -> dict[str, Mapping[str, str]]:
    """By module, what the program has put into the functions' environments."""
    listed = stack.aws.lambda_.list_functions()["Functions"]
    return {one["Handler"].removesuffix(".handler"): one.get("Environment", {}).get("Variables", {}) for one in listed}


def _send_digests(stack: Stack) -> None:
    """Let the digest function run until nothing waits."""
    deadline = time.monotonic() + crowd.PATIENCE_SECONDS
    while crowd.messages(stack.aws, stack.outputs["digestQueueUrl"]):
        stack.aws.lambda_.invoke(FunctionName=stack.outputs["digestFunctionName"])
        if time.monotonic() > deadline:
            raise crowd.NeverNotifiedError("the digest queue does not empty")
    time.sleep(1)  # the last mail is on its way


def _roomy() -> Emulator:
    """Room for the warm functions of both systems, or each turn would begin with cold starts."""
    emulator = Emulator(0)
    emulator.workers = 20
    return emulator
