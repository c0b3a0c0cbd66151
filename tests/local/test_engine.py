"""The engine makes the difference between what is declared and what is there, and nothing more."""

import pulumi
import pytest

from tests.local.small_world import THING, House, Thing, World, actions


@pytest.fixture
def world() -> World:
    return World()


def test_everything_is_created_the_first_time_after_what_it_depends_on(world):
    def program():
        a = Thing("a", name="a")
        b = Thing("b", name="b", holds=a.arn)
        pulumi.export("arn", b.arn)

    deployment = world.apply(program)

    assert world.kind.calls == ["create a", "create b"]
    assert actions(deployment) == {"a": "created", "b": "created"}
    assert deployment.outputs == {"arn": "arn:us-east-1:b"}


def test_nothing_is_done_when_nothing_has_changed(world):
    def program():
        Thing("a", name="a", size=3, colour=pulumi.Output.secret("red"))

    world.apply(program)

    assert world.apply(program).changes == []
    assert world.kind.calls == []


def test_only_what_has_changed_is_updated(world):
    world.apply(lambda: (Thing("a", name="a", colour="red"), Thing("b", name="b")))

    deployment = world.apply(lambda: (Thing("a", name="a", colour="blue"), Thing("b", name="b")))

    assert world.kind.calls == ["update a"]
    (change,) = deployment.changes
    assert (change.action, change.properties) == ("updated", ("colour",))


def test_a_property_that_the_program_drops_is_a_change(world):
    world.apply(lambda: Thing("a", name="a", colour="red"))

    assert actions(world.apply(lambda: Thing("a", name="a"))) == {"a": "updated"}


def test_a_property_whose_changes_are_ignored_stays_as_it_was_made(world):
    def painted(colour):
        return lambda: Thing("a", name="a", colour=colour, opts=pulumi.ResourceOptions(ignore_changes=["colour"]))

    world.apply(painted("red"))

    assert world.apply(painted("blue")).changes == []


def test_what_is_no_longer_declared_is_deleted_before_what_it_depended_on(world):
    def everything():
        a = Thing("a", name="a")
        b = Thing("b", name="b", holds=a.arn)
        Thing("c", name="c", holds=b.arn)

    world.apply(everything)

    deployment = world.apply(lambda: None)

    assert world.kind.calls == ["delete c", "delete b", "delete a"]
    assert actions(deployment) == {"a": "deleted", "b": "deleted", "c": "deleted"}
    assert world.stored() == []


def test_a_resource_that_came_to_depend_on_a_newer_one_is_deleted_before_it(world):
    def later():
        b = Thing("b", name="b")
        Thing("a", name="a", holds=b.arn)

    world.apply(lambda: Thing("a", name="a"))
    world.apply(later)

    world.apply(lambda: None)

    assert world.kind.calls == ["delete a", "delete b"]


def test_the_new_one_is_there_before_the_replaced_one_goes(world):
    def program(size):
        a = Thing("a", size=size)
        Thing("b", name="b", holds=a.arn)

    world.apply(lambda: program(1))
    (old,) = [name for name in world.stored() if name != "b"]

    deployment = world.apply(lambda: program(2))

    (new,) = [name for name in world.stored() if name != "b"]
    assert new != old
    assert world.kind.calls == [f"create {new}", "update b", f"delete {old}"]
    assert actions(deployment) == {"a": "replaced", "b": "updated"}


def test_a_resource_with_a_name_of_its_own_goes_before_its_replacement_comes(world):
    world.apply(lambda: Thing("a", name="a", size=1))

    world.apply(lambda: Thing("a", name="a", size=2))

    assert world.kind.calls == ["delete a", "create a"]


def test_delete_before_replace_is_honoured(world):
    opts = pulumi.ResourceOptions(delete_before_replace=True)
    world.apply(lambda: Thing("a", size=1, opts=opts))
    (old,) = world.stored()

    world.apply(lambda: Thing("a", size=2, opts=opts))

    assert world.kind.calls == [f"delete {old}", f"create {world.stored()[0]}"]


def test_an_automatic_name_is_the_logical_name_with_seven_digits_and_stays(world):
    world.apply(lambda: Thing("lamp", colour="red"))
    (name,) = world.stored()

    world.apply(lambda: Thing("lamp", colour="blue"))

    assert world.stored() == [name]
    assert name.startswith("lamp-")
    assert len(name) == len("lamp-") + 7


def test_the_same_name_under_parents_of_different_types_is_fine(world):
    def program():
        Thing("a", name="a")
        Thing("a", name="b", opts=pulumi.ResourceOptions(parent=House("h")))

    world.apply(program)

    assert [urn.split("::")[2] for urn in world.engine.target.state.resources] == [THING, f"test:index:House${THING}"]


def test_the_program_reads_its_settings_and_says_things_to_people(world):
    seen = {}

    def program():
        seen["mode"] = pulumi.Config().get("mode")
        pulumi.warn("mind the gap")

    deployment = world.apply(program, mode="advanced")

    assert seen == {"mode": "advanced"}
    assert deployment.diagnostics == [("warning", "mind the gap")]


def test_one_run_leaves_nothing_behind_for_the_next(world):
    seen = []

    def program():
        seen.append(pulumi.Config().get("mode"))
        pulumi.export(f"run{len(seen)}", len(seen))

    world.apply(program, mode="advanced")
    outputs = world.apply(program).outputs

    assert seen == ["advanced", "advanced", None, None]
    assert outputs == {"run4": 4}


def test_numbers_reach_the_provider_as_whole_numbers(world):
    world.apply(lambda: Thing("a", name="a", size=3))

    (stored,) = world.engine.target.state.resources.values()
    assert repr(stored.made.inputs["size"]) == "3"


def test_an_explicit_provider_sends_its_resources_to_its_region(world):
    class Provider(pulumi.ProviderResource):
        def __init__(self):
            super().__init__("aws", "elsewhere", {"region": "eu-west-1"})

    class Remote(pulumi.CustomResource):
        arn: pulumi.Output[str]

        def __init__(self, name: str, opts: pulumi.ResourceOptions):
            super().__init__("aws:test/thing:Thing", name, {"name": name, "arn": None}, opts)

    def program():
        pulumi.export("arn", Remote("a", pulumi.ResourceOptions(provider=Provider())).arn)

    world.engine.target.kinds["aws:test/thing:Thing"] = world.kind

    assert world.apply(program).outputs == {"arn": "arn:eu-west-1:a"}
