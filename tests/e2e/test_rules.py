"""Rules decide who is notified about a file, and in which form."""

import json


def test_a_prefix_and_a_suffix_choose(stack, unique):
    keys = [f"invoices/{unique}.pdf", f"invoices/{unique}.txt", f"other/{unique}.pdf"]
    for key in keys:
        stack.upload(key)

    stack.wait_for_mails(unique, count=3)
    stack.wait_for_mails(unique, to="invoices@example.com", count=2)
    stack.settle(*keys)
    assert len(stack.mails(unique, to="invoices@example.com")) == 2
    assert stack.mails(f"other/{unique}", to="invoices@example.com") == []


def test_a_person_in_two_rules_gets_one_mail_that_names_both(stack, unique):
    stack.upload(f"invoices/{unique}.pdf")

    (mail,) = stack.wait_for_mails(unique, to="invoices@example.com")
    stack.settle(f"invoices/{unique}.pdf")
    assert len(stack.mails(unique, to="invoices@example.com")) == 1
    assert '"invoices"' in mail.body
    assert '"all invoices"' in mail.body


def test_sizes_choose_with_both_ends_included(stack, unique):
    sizes = {f"sized/{unique}-{size}": size for size in (999, 1000, 2000, 2001)}
    for key, size in sizes.items():
        stack.upload(key, b"x" * size)

    stack.wait_for_mails(unique, to="sized@example.com", count=2)
    stack.settle(*sizes)
    subjects = sorted(mail.subject.split()[0] for mail in stack.mails(unique, to="sized@example.com"))
    assert subjects == [f"{unique}-1000", f"{unique}-2000"]


def test_a_telephone_gets_a_short_text(stack, unique):
    stack.upload(f"invoices/{unique}.pdf")

    (text,) = stack.wait_for_mails(unique, to="+84901234567")
    assert text.subject == ""
    assert text.body == f"{unique}.pdf arrived (5 bytes)"


def test_a_queue_gets_one_payload_for_each_event(stack, unique):
    version = stack.upload(f"systems/{unique}", b"hello")

    (message,) = stack.messages(stack.queue, unique)
    payload = json.loads(message)
    assert (payload["schema"], payload["event"]) == ("file-notifications/upload/1", "created")
    assert payload["rules"] == ["every file", "systems"]
    assert (payload["file"]["key"], payload["file"]["size"]) == (f"systems/{unique}", 5)
    assert payload["file"]["versionId"] == version


def test_a_function_gets_the_same_payload(stack, unique):
    stack.upload(f"systems/{unique}")

    (noted,) = stack.messages(stack.notes, unique)
    assert json.loads(noted)["file"]["key"] == f"systems/{unique}"


def test_systems_get_nothing_about_other_files(stack, unique):
    stack.upload(f"elsewhere/{unique}")
    stack.upload(f"systems/{unique}-last")

    stack.wait_for_mails(unique, count=2)
    (message,) = stack.messages(stack.queue, unique)
    assert json.loads(message)["file"]["key"] == f"systems/{unique}-last"


def test_changed_rules_reach_the_running_stack_and_what_is_stored_stays(stack, unique):
    stack.upload(f"before/{unique}")
    address = f"{unique}@example.com"

    said = stack.set(rules=[*stack.rules, {"name": unique, "prefix": f"later/{unique}", "to": [address]}])
    stack.upload(f"later/{unique}")

    stack.wait_for_mails(f"later/{unique}", to=address)
    assert "created  TopicSubscription" in said
    assert "deleted" not in said
    assert stack.aws.s3.get_object(Bucket=stack.bucket, Key=f"before/{unique}")["Body"].read() == b"hello"


def test_an_alias_of_a_function_gets_the_payload_until_its_rule_is_gone(stack, unique):
    version = stack.aws.lambda_.publish_version(FunctionName="index-files")["Version"]
    alias = stack.aws.lambda_.create_alias(FunctionName="index-files", Name=unique, FunctionVersion=version)["AliasArn"]
    stack.set(rules=[*stack.rules, {"name": unique, "prefix": f"alias/{unique}", "to": [alias]}])
    stack.upload(f"alias/{unique}")

    (noted,) = stack.messages(stack.notes, unique)
    said = stack.set(rules=stack.rules)

    assert json.loads(noted)["rules"] == ["every file", unique]
    assert "deleted  TopicSubscription" in said
    assert "deleted  Permission" in said
