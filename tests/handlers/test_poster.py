"""Posting to chat services at their pace, over the answers that they document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from domain.channels import ChannelError, Webhook
from handlers.data.web import Answer, NoAnswerError
from handlers.logic.chat_messages import ChatMessage
from handlers.logic.poster import (
    DOWN_SECONDS,
    MOST_DOWN_SECONDS,
    SECONDS_BETWEEN_MESSAGES,
    NotPostedError,
    Poster,
    PutOffError,
)

URL = "https://hooks.slack.com/services/T0/B0/secret"
NEW_URL = "https://hooks.slack.com/services/T0/B0/renewed"
MESSAGE = ChatMessage(title="a.pdf arrived")
OK, GONE, DOWN = Answer(status=200), Answer(status=404, reason="no_service"), Answer(status=503)


@dataclass
class World:
    """A poster with a clock of its own, and services that give the next of `answers` to each request."""

    answers: list[Answer | Exception] = field(default_factory=list)
    now: float = 1000.0
    deadline: float = 1150.0
    posted: list[tuple[float, str]] = field(default_factory=list)
    urls: dict[str, str] = field(
        default_factory=lambda: {"alerts": URL, "ops": "https://hooks.slack.com/services/T0/B0/o"}
    )
    kept: dict[str, str] = field(default_factory=dict)
    unreadable: Exception | None = None

    def __post_init__(self) -> None:
        self.poster = Poster(webhooks=self, post=self.post, clock=lambda: self.now, pause=self.pause)

    def of(self, channel: str) -> Webhook:
        if self.unreadable:
            raise self.unreadable
        return Webhook(service="slack", url=self.kept.setdefault(channel, self.urls[channel]))

    def replaced(self, channel: str, used: Webhook) -> Webhook | None:
        self.kept[channel] = self.urls[channel]
        return self.of(channel) if self.urls[channel] != used.url else None

    def post(self, url: str, _: object) -> Answer:
        self.posted.append((self.now, url))
        answer = self.answers.pop(0) if self.answers else OK
        if isinstance(answer, Exception):
            self.now += 13
            raise answer
        return answer

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def send(self, channel: str = "alerts") -> None:
        self.poster.send(channel, MESSAGE, lambda: self.deadline - self.now)

    def refused(self, channel: str = "alerts") -> NotPostedError:
        with pytest.raises(NotPostedError) as raised:
            self.send(channel)
        return raised.value


@pytest.fixture
def world() -> Callable[..., World]:
    return lambda *answers: World(answers=list(answers))


def test_messages_to_one_channel_keep_half_of_its_pace_as_two_functions_may_run(world):
    it = world()

    for _ in range(5):
        it.send()

    assert SECONDS_BETWEEN_MESSAGES == 2
    assert [at for at, _ in it.posted] == [1000, 1002, 1004, 1006, 1008]


def test_channels_do_not_wait_for_each_other(world):
    it = world()

    it.send("alerts")
    it.send("ops")

    assert [at for at, _ in it.posted] == [1000, 1000]


def test_a_short_wait_that_the_service_asks_for_is_waited_and_the_message_is_posted(world):
    it = world(Answer(status=429, wait=7))

    it.send()

    assert [at for at, _ in it.posted] == [1000, 1007]


def test_a_long_wait_is_left_to_the_queue_and_the_channel_is_left_alone_until_then(world):
    it = world(Answer(status=429, wait=120))

    assert it.refused().wait == 120
    assert it.refused().wait == 120
    assert len(it.posted) == 1
    it.now += 120
    it.deadline += 120
    it.send()
    assert len(it.posted) == 2


def test_a_service_that_limits_the_rate_again_and_again_is_not_asked_forever(world):
    it = world(*[Answer(status=429, wait=5)] * 3)

    assert "limits the rate" in str(it.refused())
    assert len(it.posted) == 3


def test_no_wait_is_begun_that_the_function_would_not_survive(world):
    it = world(Answer(status=429, wait=20))
    it.deadline = it.now + 30

    assert it.refused().wait == 20


def test_a_turn_that_the_function_would_not_live_to_see_is_left_to_the_queue(world):
    it = world()
    it.send()
    it.deadline = it.now + 16

    assert "no time is left" in str(it.refused())


@pytest.mark.parametrize("failure", [DOWN, NoAnswerError("ReadTimeoutError")], ids=["503", "no answer"])
def test_a_service_that_fails_is_asked_once_for_all_messages_of_a_batch(world, failure):
    it = world(failure)

    it.refused()
    it.refused()

    assert len(it.posted) == 1


def test_a_channel_that_keeps_failing_is_left_alone_twice_as_long_each_time(world):
    it = world(*[DOWN] * 8)

    waits = []
    for _ in range(8):
        waits.append(it.refused().wait)
        it.now += waits[-1]
        it.deadline = it.now + 150

    assert waits == [15, 30, 60, 120, 240, 480, 600, 600]
    assert (DOWN_SECONDS, MOST_DOWN_SECONDS) == (15, 600)


def test_a_channel_that_works_again_is_as_good_as_new(world):
    it = world(DOWN, DOWN, OK, DOWN)
    for _ in range(2):
        it.now += it.refused().wait
        it.deadline = it.now + 150
    it.send()

    assert it.refused().wait == 15


def test_what_was_not_even_tried_is_told_apart_from_what_failed(world):
    it = world(DOWN)

    assert not isinstance(it.refused(), PutOffError)
    assert isinstance(it.refused(), PutOffError)


def test_the_channels_of_other_services_are_posted_to_meanwhile(world):
    it = world(DOWN)
    it.refused("alerts")

    it.send("ops")

    assert len(it.posted) == 2


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_webhook_that_is_no_longer_valid_is_read_again_and_the_new_one_is_used_at_once(world, status):
    it = world(OK, Answer(status=status))
    it.send()
    it.urls["alerts"] = NEW_URL

    it.send()

    assert [url for _, url in it.posted] == [URL, URL, NEW_URL]


def test_a_webhook_that_was_not_replaced_is_said_to_be_no_longer_valid(world):
    failure = world(GONE).refused()

    assert str(failure) == "the webhook is no longer valid: the service answers 404 no_service"


def test_a_message_that_the_service_refuses_does_not_keep_others_back(world):
    it = world(Answer(status=400, reason="invalid_payload"))

    assert str(it.refused()) == "the service refuses the message: 400 invalid_payload"
    it.send()
    assert len(it.posted) == 2


def test_a_redirect_is_a_refusal(world):
    assert str(world(Answer(status=302)).refused()) == "the service refuses the message: 302"


def test_a_channel_without_a_webhook_says_so(world):
    it = world()
    it.unreadable = ChannelError("the parameter store has no webhook of channel alerts")

    assert "its webhook cannot be read" in str(it.refused())


@pytest.mark.parametrize("answer", [GONE, DOWN, Answer(status=400), NoAnswerError("x"), Answer(status=429, wait=99)])
def test_no_failure_has_the_url_in_it(world, answer):
    failure = world(answer).refused()

    assert "secret" not in f"{failure} {failure!r} {failure.__cause__} {failure.__context__!r}"
