"""What the engine refuses before anything is created, and what stays when AWS refuses."""

import threading

import pulumi
import pytest
from botocore.exceptions import ClientError

from local.emulator.engine.state import DeploymentError, RefusedError
from tests.local.world import NOTE, RememberedKind, Thing, actions


def test_a_name_too_long_for_its_suffix_is_an_error_that_says_how_long_it_may_be(small_world):
    with pytest.raises(RefusedError, match="'a-very-long-name' is longer than the 12 characters"):
        small_world.apply(lambda: Thing("a-very-long-name"))

    assert small_world.kind.calls == []


def test_an_unknown_type_is_named_before_anything_is_created(small_world):
    with pytest.raises(RefusedError, match=f"{NOTE}::b has a type that is not known locally"):
        small_world.apply(lambda: (Thing("a", name="a"), Thing("b", type_=NOTE)))

    assert small_world.kind.calls == []


def test_a_property_that_would_be_ignored_is_named_before_anything_is_created(small_world):
    with pytest.raises(RefusedError, match="Thing::a uses weight, which is not honoured locally"):
        small_world.apply(lambda: Thing("a", name="a", weight=3))

    assert small_world.kind.calls == []


def test_a_resource_option_that_would_be_ignored_is_named(small_world):
    with pytest.raises(RefusedError, match="Thing::a uses replaceOnChanges, which is not honoured locally"):
        small_world.apply(lambda: Thing("a", name="a", opts=pulumi.ResourceOptions(replace_on_changes=["colour"])))


def test_changes_deep_in_a_property_cannot_be_ignored(small_world):
    with pytest.raises(RefusedError, match=r"Thing::a uses ignoreChanges of tags\.\*, which is not honoured locally"):
        small_world.apply(lambda: Thing("a", name="a", opts=pulumi.ResourceOptions(ignore_changes=["tags.*"])))


def test_an_unknown_function_is_named_before_anything_is_created(small_world):
    def program():
        Thing("a", name="a")
        pulumi.runtime.invoke("test:index:getThing", {})

    with pytest.raises(RefusedError, match="the program calls test:index:getThing"):
        small_world.apply(program)

    assert small_world.kind.calls == []


def test_every_problem_is_reported_at_once(small_world):
    with pytest.raises(RefusedError) as refused:
        small_world.apply(lambda: (Thing("a", weight=3), Thing("b", type_=NOTE)))

    assert len(refused.value.problems) == 2


def test_two_resources_with_one_urn_are_refused(small_world):
    with pytest.raises(RefusedError, match="two resources have the same URN"):
        small_world.apply(lambda: (Thing("a", name="a"), Thing("a", name="b")))


@pytest.mark.parametrize(
    ("later", "what"),
    [(lambda: None, "deleted"), (lambda: Thing("a", name="a", size=2), "replaced")],
)
def test_a_protected_resource_is_neither_deleted_nor_replaced(small_world, later, what):
    protected = pulumi.ResourceOptions(protect=True)
    small_world.apply(lambda: (Thing("a", name="a", size=1, opts=protected), Thing("b", name="b")))

    with pytest.raises(RefusedError, match=f"Thing 'a' cannot be {what}.* because it is protected"):
        small_world.apply(later)

    assert small_world.kind.calls == []
    assert small_world.stored() == ["a", "b"]


def test_protection_that_is_removed_counts_from_the_next_deployment(small_world):
    small_world.apply(lambda: Thing("a", name="a", opts=pulumi.ResourceOptions(protect=True)))

    small_world.apply(lambda: Thing("a", name="a"))
    small_world.apply(lambda: None)

    assert small_world.kind.calls == ["delete a"]


def test_a_retained_resource_leaves_the_stack_but_not_the_aws(small_world):
    small_world.apply(lambda: Thing("a", name="a", opts=pulumi.ResourceOptions(retain_on_delete=True)))

    deployment = small_world.apply(lambda: None)

    assert small_world.kind.calls == []
    assert actions(deployment) == {"a": "left"}
    assert small_world.stored() == []


def test_a_failure_names_the_resource_and_gives_the_reason_of_aws(small_world):
    small_world.kind.refuses = {"create b"}

    with pytest.raises(DeploymentError, match=r"(?s)Thing::b.*CreateThing.*one too many"):
        small_world.apply(lambda: Thing("b", name="b"))


def test_after_a_failure_no_further_step_begins(small_world, monkeypatch):
    begun, noticed = threading.Event(), threading.Event()

    class NoticedError(Exception):
        def __str__(self):  # asked for when the engine takes note of it
            noticed.set()
            return "no"

    def create(aws, inputs):
        if inputs["name"] == "failing":
            begun.wait(10)
            raise NoticedError
        begun.set()
        noticed.wait(10)
        return RememberedKind.create(small_world.kind, aws, inputs)

    def program():
        Thing("failing", name="failing")
        slow = Thing("slow", name="slow")
        Thing("late", name="late", holds=slow.arn)

    monkeypatch.setattr(small_world.kind, "create", create)
    with pytest.raises(DeploymentError, match="NoticedError: no"):
        small_world.apply(program)

    assert small_world.stored() == ["slow"]


def test_completed_steps_stay_after_a_failure_and_the_next_deployment_continues(small_world):
    def program():
        a = Thing("a", name="a")
        b = Thing("b", name="b", holds=a.arn)
        Thing("c", name="c", holds=b.arn)

    small_world.kind.refuses = {"create b"}
    with pytest.raises(DeploymentError):
        small_world.apply(program)
    assert small_world.kind.calls == ["create a", "create b"]
    assert small_world.stored() == ["a"]

    small_world.kind.refuses = set()
    small_world.apply(program)

    assert small_world.kind.calls == ["create b", "create c"]


def test_a_replaced_resource_whose_deletion_failed_is_deleted_by_the_next_deployment(small_world):
    small_world.apply(lambda: Thing("a", size=1))
    (old,) = small_world.stored()
    small_world.kind.refuses = {f"delete {old}"}
    with pytest.raises(DeploymentError):
        small_world.apply(lambda: Thing("a", size=2))

    small_world.kind.refuses = set()
    small_world.apply(lambda: Thing("a", size=2))

    assert small_world.kind.calls == [f"delete {old}"]


@pytest.mark.parametrize(
    "code",
    [
        "NoSuchBucket",
        "NotFound",
        "AWS.SimpleQueueService.NonExistentQueue",
        "ResourceNotFoundException",
        "QueueDoesNotExist",
    ],
)
def test_a_resource_that_does_not_exist_counts_as_deleted(small_world, monkeypatch, code):
    def absent(aws, made):
        raise ClientError({"Error": {"Code": code, "Message": "who?"}}, "DeleteThing")

    small_world.apply(lambda: Thing("a", name="a"))
    monkeypatch.setattr(small_world.kind, "delete", absent)

    assert actions(small_world.apply(lambda: None)) == {"a": "deleted"}


def test_a_run_error_of_the_program_arrives_as_it_is_and_changes_nothing(small_world):
    def program():
        Thing("a", name="a")
        raise pulumi.RunError("mode is 'advance'")

    with pytest.raises(pulumi.RunError, match=r"^mode is 'advance'$"):
        small_world.apply(program)

    assert small_world.kind.calls == []


def test_a_resource_declared_inside_apply_is_an_error_because_no_preview_shows_it(small_world):
    def program():
        a = Thing("a", name="a")
        a.arn.apply(lambda _: Thing("hidden", name="hidden"))

    with pytest.raises(DeploymentError, match=r"(?s)Thing::hidden.*inside an apply"):
        small_world.apply(program)

    assert small_world.stored() == ["a"]
