"""Rules as people write them in the config: what is accepted, and what is reported."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from components.rule_settings import MAX_RULES, parse_rules
from domain.rules import rules_of
from tests.domain.s3_events import json_values
from tests.examples import a_rule

keys_of_rules = ["name", "to", "prefix", "suffix", "minBytes", "maxBytes", "events", "delivery", "prefiks"]
rules_as_written = st.lists(st.dictionaries(st.sampled_from(keys_of_rules), json_values, max_size=4), max_size=2)


def test_a_rule_needs_only_a_name_and_a_recipient():
    assert parse_rules([{"name": "r", "to": ["ann@example.com"]}]) == ((a_rule(name="r"),), [])


def test_a_size_may_be_written_with_a_point_as_json_libraries_do():
    (rule,), problems = parse_rules([{"name": "r", "to": ["a@b.co"], "maxBytes": 1024.0}])

    assert (rule.max_bytes, problems) == (1024, [])


def test_names_that_differ_only_in_case_are_one_name():
    _, problems = parse_rules([{"name": name, "to": ["ann@example.com"]} for name in ("Invoices", "invoices")])

    assert [problem.what for problem in problems] == [
        "rules[1].name is 'invoices', which another rule is called; names are unique"
    ]


def test_as_many_rules_as_fit_into_a_filter_policy_are_accepted():
    rules, problems = parse_rules([{"name": f"rule {n}", "to": ["a@b.co"]} for n in range(MAX_RULES)])

    assert (len(rules), problems) == (MAX_RULES, [])


def test_a_wrong_rule_does_not_hide_the_others_problems():
    rules, problems = parse_rules([{"name": ""}, {"name": "fine", "to": ["a@b.co"]}, {"to": ["no-address"]}])

    assert [rule.name for rule in rules] == ["fine"]
    assert [problem.what.split()[0].rstrip(":") for problem in problems] == [
        "rules[0].name",
        "rules[0].to",
        "rules[2].name",
        "rules[2].to[0]",
    ]


@given(st.lists(json_values) | rules_as_written)
def test_whatever_is_written_is_a_rule_or_a_problem(value):
    rules, problems = parse_rules(value)

    assert len(rules) + len(problems) >= len(value)


@given(rules_as_written)
def test_what_is_accepted_is_accepted_again_as_it_is_shipped(value):
    rules, _ = parse_rules(value)

    assert rules_of(json.loads(json.dumps([rule.as_json() for rule in rules]))) == rules
