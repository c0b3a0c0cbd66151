"""Bytecode in the archives: only where it is asked for, only where it can be read, the same on every machine."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import pytest

from components import packaging, settings
from components.bytecode import compiled
from components.packaging import handlers_archive, layer_archive

THIS_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
TAG = sys.implementation.cache_tag
SOURCES = {
    "python/one.py": "def outcome():\n    return 'published', 'late'\n",
    "python/package/two.py": "from one import outcome\n\nWORDS = ('published', outcome, 'two')\n",
}


@pytest.fixture
def sources(tmp_path):
    """Two modules as an archive names them."""
    found = {}
    for name, text in SOURCES.items():
        found[name] = tmp_path / "sources" / name
        found[name].parent.mkdir(parents=True, exist_ok=True)
        found[name].write_text(text)
    return found


def content(files):
    return {name: path.read_bytes() for name, path in files.items()}


def test_every_source_gets_bytecode_where_python_looks_for_it(sources, tmp_path):
    notes = {"python/LICENSE": tmp_path / "LICENSE"}

    assert set(compiled(sources | notes, "/opt", tmp_path / "cache")) == {
        f"python/__pycache__/one.{TAG}.pyc",
        f"python/package/__pycache__/two.{TAG}.pyc",
    }


def test_bytecode_is_the_same_whatever_was_compiled_before(sources, tmp_path):
    backwards = dict(reversed(sources.items()))
    alone = {name: compiled({name: path}, "/opt", tmp_path / name) for name, path in sources.items()}

    together = content(compiled(sources, "/opt", tmp_path / "cache"))

    assert content(compiled(backwards, "/opt", tmp_path / "other")) == together
    assert {name: data for one in alone.values() for name, data in content(one).items()} == together


def test_bytecode_moves_with_its_source(sources, tmp_path):
    before = content(compiled(sources, "/opt", tmp_path / "cache"))
    sources["python/one.py"].write_text("def outcome():\n    return 'unmatched'\n")

    after = content(compiled(sources, "/opt", tmp_path / "cache"))

    assert [name for name in before if before[name] != after[name]] == [f"python/__pycache__/one.{TAG}.pyc"]


def test_python_runs_the_bytecode_without_a_look_at_the_source(sources, tmp_path):
    made = compiled(sources, "/opt", tmp_path / "cache")
    for name, path in made.items():
        target = sources["python/one.py"].parents[1] / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    sources["python/one.py"].write_text("def outcome():\n    return 'the source'\n")

    folder = str(sources["python/one.py"].parent)
    command = f"import sys; sys.path.insert(0, {folder!r}); import one; print(one.outcome())"
    answer = subprocess.run([sys.executable, "-I", "-c", command], capture_output=True, text=True, check=True)

    assert answer.stdout == "('published', 'late')\n"


def test_tracebacks_name_the_file_where_lambda_has_it(sources, tmp_path):
    (one, _two) = compiled(sources, "/opt", tmp_path / "cache").values()

    assert b"/opt/python/one.py" in one.read_bytes()
    assert str(tmp_path).encode() not in one.read_bytes()


def test_a_source_that_cannot_be_compiled_stops_the_program(sources, tmp_path):
    sources["python/one.py"].write_text("def outcome(:\n")

    with pytest.raises(subprocess.CalledProcessError):
        compiled(sources, "/opt", tmp_path / "cache")


def test_archives_have_bytecode_only_where_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(packaging, "compiled", partial(compiled, cache=tmp_path))
    for archive in (partial(handlers_archive, {}), partial(layer_archive, ["jmespath"])):
        plain, fast = archive(), archive(bytecode=True)

        assert [name for name in plain.assets if name.endswith(".pyc")] == []
        assert [name for name in fast.assets if not name.endswith(".pyc")] == list(plain.assets)
        assert len([name for name in plain.assets if name.endswith(".py")]) == len(fast.assets) - len(plain.assets)


def test_the_setting_reaches_the_layer_and_every_function(deploy, sources, monkeypatch):
    monkeypatch.setattr(settings, "RUNTIME", THIS_PYTHON)
    monkeypatch.setattr(packaging, "compiled", lambda _sources, _shown: {"any.pyc": sources["python/one.py"]})
    deployed = deploy(emails=["a@b.co"], mode="advanced", bytecode=True)

    layers, functions = deployed.of("LayerVersion"), deployed.of("Function")

    assert (len(layers), len(functions)) == (1, 4)
    assert all("any.pyc" in one.inputs["code"].assets for one in layers + functions)


def test_another_python_than_the_functions_is_refused(read, monkeypatch):
    monkeypatch.setattr(settings, "RUNTIME", "python3.99")

    with pytest.raises(settings.SettingsError) as refused:
        read(emails=["a@b.co"], bytecode=True)

    assert str(refused.value) == (
        "the configuration has a problem:\n"
        f"  bytecode is true: the functions run on python3.99 and read only its bytecode; this is {THIS_PYTHON}\n"
        "    pulumi config set bytecode false"
    )
