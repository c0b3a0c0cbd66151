"""The commands for people, on a running stack."""

from tests.examples import as_config


def refused(answer, *parts: str) -> None:
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    for part in parts:
        assert part in answer.stderr


def test_the_ready_file_says_where_everything_is(stack):
    ready = stack.ready

    assert ready.endpoint.startswith("http://127.0.0.1:")
    assert ready.region == "us-east-1"
    assert ready.outputs["mode"] == "basic"
    assert ready.mailbox.startswith("http://127.0.0.1:")
    assert set(ready.control) == {"url", "token"}


def test_up_prints_what_is_where_and_what_to_do(stack):
    for part in (stack.ready.mailbox, stack.ready.endpoint, "python -m local upload", "s3 cp", "Ctrl-C"):
        assert part in stack.said()


def test_a_second_stack_does_not_take_the_place_of_a_running_one(stack):
    refused(stack.local("up", "--port", "0"), "a stack is running already", "--ready-file second.json")


def test_a_file_is_uploaded_under_its_name_or_another(stack, unique, tmp_path):
    (tmp_path / f"{unique}.txt").write_text("hello")

    answer = stack.local("upload", str(tmp_path / f"{unique}.txt"))

    assert answer.returncode == 0
    stack.wait_for_mails(f"{unique}.txt")


def test_set_says_what_it_did_and_then_has_nothing_to_do(stack):
    first, second = stack.set(logRetentionDays=30), stack.set(logRetentionDays=30)

    assert "updated  LogGroup" in first
    assert "(retentionInDays)" in first
    assert second == "nothing to change\n"


def test_settings_that_are_refused_leave_the_running_stack_as_it_is(stack):
    before = stack.ready

    refused(stack.local("set", "modee", "advanced"), "modee is not a setting; did you mean mode?")

    assert stack.ready == before


def test_a_recipient_that_does_not_exist_is_refused_with_the_commands_that_help(stack):
    rules = [*stack.rules, {"name": "gone", "to": [stack.aws.arn("sqs", "gone")]}]

    answer = stack.local("set", "rules", as_config(rules))

    refused(answer, "there is no queue 'gone'", "sqs create-queue --queue-name gone")


def test_a_running_stack_stays_in_its_region(stack):
    refused(stack.local("set", "aws:region", "eu-west-1"), "a running stack cannot move to another region")
