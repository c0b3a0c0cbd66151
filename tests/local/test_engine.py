"""The engine makes the difference between the declared and the stored resources, and nothing else."""

import asyncio

import pulumi

from tests.local.world import THING, House, Thing, actions


def test_everything_is_created_the_first_time_after_what_it_depends_on(small_world):
    def program():
        a = Thing("a", name="a")
        b = Thing("b", name="b", holds=a.arn)
        pulumi.export("arn", b.arn)

    deployment = small_world.apply(program)

    assert small_world.kind.calls == ["create a", "create b"]
    assert actions(deployment) == {"a": "created", "b": "created"}
    assert deployment.outputs == {"arn": "arn:us-east-1:b"}


def test_an_unchanged_program_changes_nothing(small_world):
    def program():
        Thing("a", name="a", size=3, colour=pulumi.Output.secret("red"))

    small_world.apply(program)

    assert small_world.apply(program).changes == []
    assert small_world.kind.calls == []


def test_only_what_has_changed_is_updated(small_world):
    small_world.apply(lambda: (Thing("a", name="a", colour="red"), Thing("b", name="b")))

    deployment = small_world.apply(lambda: (Thing("a", name="a", colour="blue"), Thing("b", name="b")))

    assert small_world.kind.calls == ["update a"]
    (change,) = deployment.changes
    assert (change.action, change.properties) == ("updated", ("colour",))


def test_a_property_that_the_program_drops_is_a_change(small_world):
    small_world.apply(lambda: Thing("a", name="a", colour="red"))

    assert actions(small_world.apply(lambda: Thing("a", name="a"))) == {"a": "updated"}


def test_a_property_whose_changes_are_ignored_stays_as_it_was_made(small_world):
    def painted(colour):
        return lambda: Thing("a", name="a", colour=colour, opts=pulumi.ResourceOptions(ignore_changes=["colour"]))

    small_world.apply(painted("red"))

    assert small_world.apply(painted("blue")).changes == []


def test_what_is_no_longer_declared_is_deleted_before_what_it_depended_on(small_world):
    def everything():
        a = Thing("a", name="a")
        b = Thing("b", name="b", holds=a.arn)
        Thing("c", name="c", holds=b.arn)

    small_world.apply(everything)

    deployment = small_world.apply(lambda: None)

    assert small_world.kind.calls == ["delete c", "delete b", "delete a"]
    assert actions(deployment) == {"a": "deleted", "b": "deleted", "c": "deleted"}
    assert small_world.stored() == []


def test_a_resource_that_came_to_depend_on_a_newer_one_is_deleted_before_it(small_world):
    def later():
        b = Thing("b", name="b")
        Thing("a", name="a", holds=b.arn)

    small_world.apply(lambda: Thing("a", name="a"))
    small_world.apply(later)

    small_world.apply(lambda: None)

    assert small_world.kind.calls == ["delete a", "delete b"]


def test_the_replacement_is_created_before_the_old_resource_is_deleted(small_world):
    def program(size):
        a = Thing("a", size=size)
        Thing("b", name="b", holds=a.arn)

    small_world.apply(lambda: program(1))
    (old,) = [name for name in small_world.stored() if name != "b"]

    deployment = small_world.apply(lambda: program(2))

    (new,) = [name for name in small_world.stored() if name != "b"]
    assert new != old
    assert small_world.kind.calls == [f"create {new}", "update b", f"delete {old}"]
    assert actions(deployment) == {"a": "replaced", "b": "updated"}


def test_a_resource_with_a_fixed_name_is_deleted_before_its_replacement_is_created(small_world):
    small_world.apply(lambda: Thing("a", name="a", size=1))

    small_world.apply(lambda: Thing("a", name="a", size=2))

    assert small_world.kind.calls == ["delete a", "create a"]


def test_delete_before_replace_is_honoured(small_world):
    opts = pulumi.ResourceOptions(delete_before_replace=True)
    small_world.apply(lambda: Thing("a", size=1, opts=opts))
    (old,) = small_world.stored()

    small_world.apply(lambda: Thing("a", size=2, opts=opts))

    assert small_world.kind.calls == [f"delete {old}", f"create {small_world.stored()[0]}"]


def test_an_automatic_name_is_the_logical_name_with_seven_digits_and_stays(small_world):
    small_world.apply(lambda: Thing("lamp", colour="red"))
    (name,) = small_world.stored()

    small_world.apply(lambda: Thing("lamp", colour="blue"))

    assert small_world.stored() == [name]
    assert name.startswith("lamp-")
    assert len(name) == len("lamp-") + 7


def test_the_same_name_under_parents_of_different_types_is_fine(small_world):
    def program():
        Thing("a", name="a")
        Thing("a", name="b", opts=pulumi.ResourceOptions(parent=House("h")))

    small_world.apply(program)

    assert [urn.split("::")[2] for urn in small_world.engine.target.state.resources] == [
        THING,
        f"test:index:House${THING}",
    ]


def test_the_program_reads_its_settings_and_logs_for_the_user(small_world):
    seen = {}

    def program():
        seen["mode"] = pulumi.Config().get("mode")
        pulumi.warn("mind the gap")

    deployment = small_world.apply(program, mode="advanced")

    assert seen == {"mode": "advanced"}
    assert deployment.diagnostics == [("warning", "mind the gap")]


def test_one_run_leaves_nothing_behind_for_the_next(small_world):
    seen = []

    def program():
        seen.append(pulumi.Config().get("mode"))
        pulumi.export(f"run{len(seen)}", len(seen))

    small_world.apply(program, mode="advanced")
    outputs = small_world.apply(program).outputs

    assert seen == ["advanced", "advanced", None, None]
    assert outputs == {"run4": 4}


def test_numbers_reach_the_provider_as_whole_numbers(small_world):
    small_world.apply(lambda: Thing("a", name="a", size=3))

    (stored,) = small_world.engine.target.state.resources.values()
    assert repr(stored.made.inputs["size"]) == "3"


def test_an_explicit_provider_sends_its_resources_to_its_region(small_world):
    class Provider(pulumi.ProviderResource):
        def __init__(self):
            super().__init__("aws", "elsewhere", {"region": "eu-west-1"})

    class Remote(pulumi.CustomResource):
        arn: pulumi.Output[str]

        def __init__(self, name: str, opts: pulumi.ResourceOptions):
            super().__init__("aws:test/thing:Thing", name, {"name": name, "arn": None}, opts)

    def program():
        pulumi.export("arn", Remote("a", pulumi.ResourceOptions(provider=Provider())).arn)

    small_world.engine.target.kinds["aws:test/thing:Thing"] = small_world.kind

    assert small_world.apply(program).outputs == {"arn": "arn:eu-west-1:a"}


def test_every_event_loop_of_a_run_is_closed(small_world, monkeypatch):
    """One that is left to the garbage collector may print a traceback, whenever it is collected."""
    loops, new_event_loop = [], asyncio.new_event_loop
    monkeypatch.setattr(asyncio, "new_event_loop", lambda: loops.append(new_event_loop()) or loops[-1])

    small_world.apply(lambda: [Thing(name, name=name) for name in "abc"])

    assert len(loops) > 2  # one for each run, and those of its threads
    assert all(loop.is_closed() for loop in loops)
