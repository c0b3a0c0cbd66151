"""What the engine refuses before anything is made, and what stays when AWS refuses."""

import threading

import pulumi
import pytest
from botocore.exceptions import ClientError

from local.emulator.engine.state import DeploymentError, RefusedError
from tests.local.small_world import NOTE, RememberedKind, Thing, World, actions


@pytest.fixture
def world() -> World:
    return World()


def test_a_name_too_long_for_its_suffix_is_an_error_that_says_how_long_it_may_be(world):
    with pytest.raises(RefusedError, match="'a-very-long-name' is longer than the 12 characters"):
        world.apply(lambda: Thing("a-very-long-name"))

    assert world.kind.calls == []


def test_an_unknown_type_is_named_before_anything_is_created(world):
    with pytest.raises(RefusedError, match=f"{NOTE}::b has a type that is not known locally"):
        world.apply(lambda: (Thing("a", name="a"), Thing("b", type_=NOTE)))

    assert world.kind.calls == []


def test_a_property_that_would_be_ignored_is_named_before_anything_is_created(world):
    with pytest.raises(RefusedError, match="Thing::a uses weight, which is not honoured locally"):
        world.apply(lambda: Thing("a", name="a", weight=3))

    assert world.kind.calls == []


def test_a_resource_option_that_would_be_ignored_is_named(world):
    with pytest.raises(RefusedError, match="Thing::a uses replaceOnChanges, which is not honoured locally"):
        world.apply(lambda: Thing("a", name="a", opts=pulumi.ResourceOptions(replace_on_changes=["colour"])))


def test_changes_deep_in_a_property_cannot_be_ignored(world):
    with pytest.raises(RefusedError, match=r"Thing::a uses ignoreChanges of tags\.\*, which is not honoured locally"):
        world.apply(lambda: Thing("a", name="a", opts=pulumi.ResourceOptions(ignore_changes=["tags.*"])))


def test_an_unknown_function_is_named_before_anything_is_created(world):
    def program():
        Thing("a", name="a")
        pulumi.runtime.invoke("test:index:getThing", {})

    with pytest.raises(RefusedError, match="the program calls test:index:getThing"):
        world.apply(program)

    assert world.kind.calls == []


def test_every_problem_is_reported_at_once(world):
    with pytest.raises(RefusedError) as refused:
        world.apply(lambda: (Thing("a", weight=3), Thing("b", type_=NOTE)))

    assert len(refused.value.problems) == 2


def test_two_resources_with_one_urn_are_refused(world):
    with pytest.raises(RefusedError, match="two resources have the same URN"):
        world.apply(lambda: (Thing("a", name="a"), Thing("a", name="b")))


@pytest.mark.parametrize(
    ("later", "what"),
    [(lambda: None, "deleted"), (lambda: Thing("a", name="a", size=2), "replaced")],
)
def test_a_protected_resource_is_neither_deleted_nor_replaced(world, later, what):
    protected = pulumi.ResourceOptions(protect=True)
    world.apply(lambda: (Thing("a", name="a", size=1, opts=protected), Thing("b", name="b")))

    with pytest.raises(RefusedError, match=f"Thing::a' cannot be {what}.* because it is protected"):
        world.apply(later)

    assert world.kind.calls == []
    assert world.stored() == ["a", "b"]


def test_protection_that_is_taken_off_counts_from_the_next_deployment(world):
    world.apply(lambda: Thing("a", name="a", opts=pulumi.ResourceOptions(protect=True)))

    world.apply(lambda: Thing("a", name="a"))
    world.apply(lambda: None)

    assert world.kind.calls == ["delete a"]


def test_a_retained_resource_leaves_the_stack_but_not_the_aws(world):
    world.apply(lambda: Thing("a", name="a", opts=pulumi.ResourceOptions(retain_on_delete=True)))

    deployment = world.apply(lambda: None)

    assert world.kind.calls == []
    assert actions(deployment) == {"a": "left"}
    assert world.stored() == []


def test_a_failure_names_the_resource_and_gives_the_reason_of_aws(world):
    world.kind.refuses = {"create b"}

    with pytest.raises(DeploymentError, match=r"(?s)Thing::b.*CreateThing.*one too many"):
        world.apply(lambda: Thing("b", name="b"))


def test_after_a_failure_nothing_more_is_begun(world, monkeypatch):
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
        return RememberedKind.create(world.kind, aws, inputs)

    def program():
        Thing("failing", name="failing")
        slow = Thing("slow", name="slow")
        Thing("late", name="late", holds=slow.arn)

    monkeypatch.setattr(world.kind, "create", create)
    with pytest.raises(DeploymentError, match="NoticedError: no"):
        world.apply(program)

    assert world.stored() == ["slow"]


def test_what_was_made_before_a_failure_is_kept_and_the_next_deployment_goes_on_from_there(world):
    def program():
        a = Thing("a", name="a")
        b = Thing("b", name="b", holds=a.arn)
        Thing("c", name="c", holds=b.arn)

    world.kind.refuses = {"create b"}
    with pytest.raises(DeploymentError):
        world.apply(program)
    assert world.kind.calls == ["create a", "create b"]
    assert world.stored() == ["a"]

    world.kind.refuses = set()
    world.apply(program)

    assert world.kind.calls == ["create b", "create c"]


def test_a_replaced_resource_whose_deletion_failed_is_deleted_by_the_next_deployment(world):
    world.apply(lambda: Thing("a", size=1))
    (old,) = world.stored()
    world.kind.refuses = {f"delete {old}"}
    with pytest.raises(DeploymentError):
        world.apply(lambda: Thing("a", size=2))

    world.kind.refuses = set()
    world.apply(lambda: Thing("a", size=2))

    assert world.kind.calls == [f"delete {old}"]


def test_what_is_already_gone_counts_as_deleted(world, monkeypatch):
    def gone(aws, made):
        raise ClientError({"Error": {"Code": "NoSuchThing", "Message": "who?"}}, "DeleteThing")

    world.apply(lambda: Thing("a", name="a"))
    monkeypatch.setattr(world.kind, "delete", gone)

    assert actions(world.apply(lambda: None)) == {"a": "deleted"}


def test_a_run_error_of_the_program_arrives_as_it_is_and_changes_nothing(world):
    def program():
        Thing("a", name="a")
        raise pulumi.RunError("mode is 'advance'")

    with pytest.raises(pulumi.RunError, match=r"^mode is 'advance'$"):
        world.apply(program)

    assert world.kind.calls == []


def test_a_resource_made_inside_apply_is_an_error_because_no_preview_shows_it(world):
    def program():
        a = Thing("a", name="a")
        a.arn.apply(lambda _: Thing("hidden", name="hidden"))

    with pytest.raises(DeploymentError, match=r"(?s)Thing::hidden.*inside an apply"):
        world.apply(program)

    assert world.stored() == ["a"]
