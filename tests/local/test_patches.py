"""Patches rely on private names: when one of them moves, the emulator reports it instead of losing events silently."""

from types import ModuleType

import pytest

from local.emulator.patches import WRITTEN_FOR, MovedError, require


@pytest.fixture
def module():
    def deliver(topic, message):
        pass

    service = ModuleType("service")
    service.deliver = deliver
    service.workers = {}
    return service


def test_names_that_have_not_moved_are_accepted(module):
    require(module, deliver="topic message", workers="")


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ({"publish": "topic"}, r"service\.publish\(topic\)"),
        ({"deliver": "topic message subject"}, r"service\.deliver\(topic, message, subject\)"),
        ({"pool": ""}, r"service\.pool"),
    ],
    ids=["missing function", "other parameters", "missing variable"],
)
def test_a_name_that_has_moved_is_an_error_with_the_version_that_has_it(module, names, missing):
    with pytest.raises(MovedError, match=rf"has no {missing}; the patches are written for {WRITTEN_FOR}"):
        require(module, **names)
