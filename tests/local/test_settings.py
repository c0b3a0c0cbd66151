"""Settings as users write them after --set reach the program."""

import json

import pytest

from local.settings import AWS_ONLY, SettingError, changed, config, parse, region, with_defaults


def test_a_value_stays_as_it_is_written():
    assert parse(["mode=advanced", 'emails=["a@b.c"]', "mailsPerMinute=5", "x=a=b"]) == {
        "mode": "advanced",
        "emails": '["a@b.c"]',
        "mailsPerMinute": "5",
        "x": "a=b",
    }


def test_the_last_of_two_values_counts():
    assert parse(["mode=basic", "mode=advanced"]) == {"mode": "advanced"}


def test_the_projects_own_name_may_be_written():
    assert parse(["file-notifications:mode=basic"]) == {"mode": "basic"}


def test_a_pair_without_an_equals_sign_is_an_error_that_shows_one():
    with pytest.raises(SettingError, match=r"'mode' has no '='; write --set key=value"):
        parse(["mode"])


@pytest.mark.parametrize("pair", ["=x", "aws:profile=x", "other:mode=basic"])
def test_a_key_that_would_not_be_read_is_an_error(pair):
    with pytest.raises(SettingError, match="is not read locally"):
        parse([pair])


def test_no_setting_is_required():
    assert json.loads(with_defaults({})["emails"]) == ["you@example.com"]


@pytest.mark.parametrize("key", ["emails", "rules"])
def test_settings_that_name_recipients_get_no_default_one(key):
    assert with_defaults({key: "[]"}) == {key: "[]"}


def test_the_region_is_a_setting_like_with_pulumi():
    assert region(parse(["aws:region=ap-southeast-1"])) == "ap-southeast-1"
    assert region({}) == "us-east-1"


def test_a_region_that_cannot_be_one_is_an_error():
    with pytest.raises(SettingError, match="aws:region is 'moon'"):
        region({"aws:region": "moon"})


def test_a_setting_that_is_taken_back_is_no_longer_handed_to_the_program():
    assert changed({"mode": "basic", "emails": "[]", "colour": "red"}, {"colour": None}) == {
        "mode": "basic",
        "emails": "[]",
    }


def test_without_its_recipients_a_stack_has_the_default_one_again():
    assert changed({"emails": '["a@b.c"]'}, {"emails": None}) == with_defaults({})


def test_a_setting_that_is_not_set_cannot_be_taken_back():
    with pytest.raises(SettingError, match="color is not set; these settings are: colour, emails"):
        changed({"emails": "[]", "colour": "red"}, {"color": None})


@pytest.mark.parametrize("key", AWS_ONLY)
def test_a_setting_that_only_aws_can_play_is_an_error_that_says_why(key):
    with pytest.raises(SettingError, match=f"^{key} is not for a local stack: "):
        config(parse([f'{key}={{"name": "files.example.com"}}']))


@pytest.mark.parametrize("key", AWS_ONLY)
def test_such_a_setting_can_be_taken_back_on_a_running_stack(key):
    assert config(parse([f"{key}={{}}"])) == {f"file-notifications:{key}": "{}"}


def test_settings_that_are_not_named_stay():
    assert changed({"mode": "basic", "emails": "[]"}, {"mode": "advanced"}) == {"mode": "advanced", "emails": "[]"}


def test_a_running_stack_cannot_move_to_another_region():
    with pytest.raises(SettingError, match="cannot move to another region"):
        changed({}, {"aws:region": "eu-west-1"})


def test_the_program_sees_full_keys():
    assert config({"mode": "basic", "aws:region": "eu-west-1"}) == {
        "file-notifications:mode": "basic",
        "aws:region": "eu-west-1",
    }
