"""The estimate: what is counted, by which settings, and the source of each price."""

from __future__ import annotations

import re

import pytest

from domain.expectations import Expectation
from domain.recipients import PROTOCOLS
from domain.rules import Rule
from ops.cost import prices
from ops.cost.assumptions import assumptions
from ops.cost.model import DELIVERIES, Plan, after_free_tier, lines
from ops.cost.prices import Price
from tests.ops.parts import EVERY_FILE

MILLION = 1_000_000


def plan(mode="advanced", rules=(EVERY_FILE,), uploads=MILLION, **changes):
    digests = {"process_megabytes": 512, "mails_per_minute": 5, "digest_minutes": 5} if mode == "advanced" else {}
    return Plan(**{"mode": mode, "rules": rules, "uploads": uploads, "notify_megabytes": 256, **digests, **changes})


def bill(chosen):
    return {line.name: line for line in lines(chosen)}


def mails(chosen):
    return bill(chosen)["mails"].units


def total(chosen):
    return sum(line.a_million(chosen.uploads) for line in lines(chosen))


def rule(name, delivery, *to):
    return Rule(name=name, to=to or ("ann@example.com",), delivery=delivery)


def test_basic_mode_sends_a_mail_a_file_and_address():
    two = Rule(name="every file", to=("ann@example.com", "bob@example.com"))

    assert mails(plan("basic", (two,))) == 2 * MILLION
    assert bill(plan("basic", (two,)))["mails"].a_month == pytest.approx(40.0)


def test_a_storm_all_month_long_is_a_digest_every_few_minutes():
    assert mails(plan(digest_minutes=5)) == 30 * 24 * 12


def test_few_uploads_get_a_mail_each():
    assert mails(plan(uploads=20_000)) == 20_000


def test_the_share_of_digests_can_be_given():
    assert mails(plan(uploads=1000, digests=0.5)) == 500 + 500


@pytest.mark.parametrize(("delivery", "count"), [("immediate", MILLION), ("digest", 8640), ("auto", 8640)])
def test_a_rule_may_decide_for_itself(delivery, count):
    assert mails(plan(rules=(rule("a", delivery),))) == count


def test_an_address_in_two_rules_gets_one_mail_a_file_and_a_digest_of_each():
    assert mails(plan(rules=(rule("a", "auto"), rule("b", "auto")), digests=0)) == MILLION
    assert mails(plan(rules=(rule("a", "auto"), rule("b", "digest")), digests=1)) == 2 * 8640


def test_rules_that_match_less_send_less():
    assert mails(plan("basic", matched_share=0.25)) == MILLION / 4


def test_rules_on_removals_only_cost_an_upload_nothing():
    removals = Rule(name="removals", to=("ann@example.com", "+84901234567"), events=("removed", "restored"))

    assert mails(plan("basic", rules=(EVERY_FILE, removals))) == MILLION
    assert bill(plan(rules=(removals,)))["catalogue, writes"].units == 4 * MILLION
    assert "mails" not in bill(plan(rules=(removals,)))
    assert plan(rules=(removals,)).unpriced == {}


def test_advanced_mode_uses_five_write_units_per_upload():
    assert bill(plan(digests=0))["catalogue, writes"].units == 5 * MILLION
    assert bill(plan(rules=(rule("a", "digest"),)))["catalogue, writes"].units == 4 * MILLION


def asking(*events, to="arn:aws:sqs:eu-west-1:111122223333:jobs", **changes):
    return Rule(**{"name": "findings", "to": (to,), "events": events, **changes})


def test_a_rule_of_systems_on_findings_costs_a_publish_a_write_and_a_delivery_a_file():
    without, with_it = bill(plan(digests=0)), bill(plan(rules=(EVERY_FILE, asking("processed")), digests=0))

    more = {name: line.units - (without[name].units if name in without else 0) for name, line in with_it.items()}
    assert {name: units for name, units in more.items() if units} == {
        "notifications published": MILLION,
        "catalogue, writes": MILLION,
        "recipients' queues": MILLION,
    }


def test_a_rule_of_people_on_findings_is_counted_by_the_storm_guard_as_well():
    rules = (EVERY_FILE, asking("processed", to="ann@example.com"))

    assert bill(plan(rules=rules, digests=0))["catalogue, writes"].units == 7 * MILLION
    assert mails(plan(rules=rules, digests=0)) == 2 * MILLION
    assert mails(plan(rules=rules, digests=1)) == 2 * 8640


def test_one_file_in_a_hundred_is_taken_to_be_broken():
    broken = plan(rules=(EVERY_FILE, asking("broken", to="bob@example.com")), digests=0)

    assert mails(broken) == MILLION + MILLION / 100
    assert any("1% of the files are broken" in text for text in assumptions(broken))


def test_an_address_gets_a_mail_for_each_event_of_a_file():
    one_rule = Rule(name="all", to=("ann@example.com",), events=("created", "processed"))

    assert mails(plan(rules=(one_rule,), digests=0)) == 2 * MILLION
    assert mails(plan(rules=(one_rule,), digests=1)) == 8640


def test_a_stormy_minute_is_counted_until_it_is_known_to_be_one():
    minutes = 30 * 24 * 60

    assert bill(plan(mails_per_minute=5))["catalogue, writes"].units == 4 * MILLION + 6 * minutes


def test_basic_mode_pays_for_no_table_and_no_queue():
    assert {name.partition(",")[0] for name in bill(plan("basic"))} == {
        "mails", "notifications published", "notify", "logs", "metrics",
    }  # fmt: skip


def test_webhooks_and_queues_of_recipients_are_counted_and_phones_are_not():
    rules = (
        rule("a", "auto", "https://hooks.example.com/", "arn:aws:sqs:eu-west-1:111122223333:audit", "+84901234567"),
    )

    assert bill(plan(rules=rules))["webhooks"].units == MILLION
    assert bill(plan(rules=rules))["recipients' queues"].units == MILLION
    assert any("sms to 1, whose price depends on the country" in text for text in assumptions(plan(rules=rules)))


def test_fixed_lines_are_no_part_of_a_million_uploads():
    alarm = bill(plan(alarms=6))["alarms"]

    assert (alarm.a_million(MILLION), alarm.a_month) == (0.0, pytest.approx(0.60))


def test_the_readme_promises_the_same():
    """README.md, "What it costs", for a million uploads to one address."""
    assert total(plan("basic")) == pytest.approx(21.50, abs=0.05)
    assert total(plan(digests=0)) == pytest.approx(26.45, abs=0.05)
    assert total(plan(rules=(rule("a", "digest"),))) == pytest.approx(6.40, abs=0.05)


def test_every_price_cites_aws_and_a_day():
    known = [value for value in vars(prices).values() if isinstance(value, Price)]

    assert len(known) > 10
    for price in known:
        assert price.source.page.startswith("https://aws.amazon.com/")
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", price.source.day)


def test_every_protocol_that_sns_charges_for_has_a_line():
    assert {kind.price for kind in PROTOCOLS.values()} - {""} == DELIVERIES.keys()


def test_the_free_tier_is_taken_off_once_for_lines_of_one_price():
    few = plan(uploads=1000, digests=0)
    priced = {line.name: line.price for line in lines(few) if not line.price.free}

    assert after_free_tier(lines(few)) == pytest.approx(sum(bill(few)[name].a_month for name in priced))
    busy = plan("basic", uploads=2 * MILLION)
    assert total(busy) * 2 - after_free_tier(lines(busy)) == pytest.approx(
        1000 * 2 / 100_000 + 0.50 + 0.20 + bill(busy)["notify, compute"].a_month + bill(busy)["logs"].a_month
    )


def test_lines_of_one_price_share_its_free_tier():
    computing = [line for line in lines(plan(uploads=10 * MILLION, digests=0)) if line.price is prices.COMPUTE]
    units = [line.units for line in computing]

    assert max(units) < prices.COMPUTE.free < sum(units)
    assert after_free_tier(computing) == pytest.approx(prices.COMPUTE.of(sum(units) - prices.COMPUTE.free))


def test_chat_costs_an_invocation_a_message_and_the_polling_of_its_queue():
    chat = bill(plan(rules=(rule("chat", "immediate", "channel:alerts"),), uploads=1000))

    assert (chat["chat, invocations"].units, chat["chat, queue"].units) == (1000, 3000)
    assert chat["chat, polled when idle"].fixed
    assert not [name for name in bill(plan()) if name.startswith("chat")]


def test_a_rule_that_expects_files_costs_an_invocation_and_a_listing_a_window_and_an_hourly_sweep():
    expecting = bill(plan(rules=(Rule(name="daily", to=("ann@example.com",), expect=Expectation(by="06:00")),)))

    assert expecting["expectations, listing"].units == 30
    assert expecting["expectations, invocations"].units == 30 + 30 * 24
    assert not [name for name in bill(plan()) if name.startswith("expectations")]


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (prices.EMAIL, "$2.00 / 100,000 mails"),
        (prices.WRITE, "$0.625 / 1 M writes"),
        (prices.COMPUTE, "$0.0000133334 / GB-s"),
        (prices.ALARM, "$0.10 / alarm metric"),
        (prices.SCANNED_FILE, "$215.00 / 1 M files"),
    ],
)
def test_a_price_has_its_unit(price, text):
    assert str(price) == text


def test_events_of_existing_buckets_are_a_line_that_says_what_is_assumed():
    own, existing = plan(), plan(from_existing=1.0)

    extra = {line.name: line.a_million(existing.uploads) for line in lines(existing)}.keys() - {
        line.name for line in lines(own)
    }

    assert extra == {"events by EventBridge"}
    assert any("existing buckets" in text and "assumed" in text for text in assumptions(existing))
    assert not any("existing buckets" in text for text in assumptions(own))


def test_scanning_costs_more_than_mails_by_the_file_and_by_the_gigabyte():
    scanned = bill(plan(scanned_share=1.0))

    assert scanned["malware scan, files"].a_month == pytest.approx(215.0)
    assert scanned["malware scan, data"].a_month == pytest.approx(MILLION / 1024 * 0.09)
    assert any("files of 1 MB" in text for text in assumptions(plan(scanned_share=1.0)))


def test_nothing_of_a_scan_is_on_the_bill_of_a_stack_without():
    assert not [name for name in bill(plan()) if "malware" in name]
    assert not [text for text in assumptions(plan()) if "malware" in text]
