"""What is uploaded to Lambda: its hash moves when the code does, and only then."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pulumi
import pytest

from components.packaging import REQUIREMENTS, PackagingError, handlers_archive, layer_archive
from tests.program.conftest import zipped

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("domain", "handlers")
SOURCES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
ON_LAMBDA = {"boto3", "botocore", "urllib3"}  # part of the runtime: botocore sends its requests by urllib3


def hashed(archive):
    return hashlib.sha256(zipped(archive)).hexdigest()


@pytest.fixture
def checkout(tmp_path):
    """checkout("name") is a copy of what functions run in a folder of that name."""

    def copy(name):
        for package in PACKAGES:
            shutil.copytree(ROOT / package, tmp_path / name / package, ignore=shutil.ignore_patterns("*.pyc"))
        return tmp_path / name

    return copy


@pytest.fixture
def distribution(tmp_path, monkeypatch):
    """distribution(**files) installs a distribution called invented, of which those files are the content."""

    def install(*, purelib="true", name="invented", files):
        info = f"{name}-1.0.dist-info"
        content = {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: {purelib}\nTag: py3-none-any\n",
            f"{info}/INSTALLER": "pip\n",
            f"{info}/REQUESTED": "",
            **files,
        }
        site = tmp_path / "site"
        for path, text in content.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(text)
        (site / info / "RECORD").write_text("".join(f"{path},,\n" for path in [*content, f"{info}/RECORD"]))
        monkeypatch.syspath_prepend(str(site))
        return name

    return install


def imported(path):
    """The top-level packages that a module imports when it runs, type checking aside."""
    found = set()

    def visit(node):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text()))
    return found


def test_the_same_handlers_give_the_same_hash_wherever_the_checkout_lies(checkout):
    here, there = checkout("a"), checkout("some where/else")

    assert hashed(handlers_archive({}, here)) == hashed(handlers_archive({}, there))


def test_the_same_handlers_give_the_same_hash_from_every_working_directory(checkout, monkeypatch, tmp_path):
    root = checkout("a")
    expected = hashed(handlers_archive({}, root))
    monkeypatch.chdir(tmp_path)

    assert hashed(handlers_archive({}, root)) == expected


def test_when_the_files_were_written_does_not_change_the_hash(checkout):
    root = checkout("a")
    expected = hashed(handlers_archive({}, root))
    for path in root.rglob("*.py"):
        os.utime(path, (0, 0))

    assert hashed(handlers_archive({}, root)) == expected


def test_running_the_handlers_does_not_change_the_hash(checkout):
    root = checkout("a")
    expected = hashed(handlers_archive({}, root))
    (root / "__pycache__").mkdir()
    (root / "__pycache__" / "notify.cpython-313.pyc").write_bytes(b"bytecode")
    (root / "notify.pyc").write_bytes(b"bytecode")

    assert hashed(handlers_archive({}, root)) == expected


def test_the_order_in_which_the_file_system_lists_files_does_not_change_the_hash(checkout, monkeypatch):
    root = checkout("a")
    listed = sorted(root.rglob("*.py"))
    hashes = set()

    for order in (listed, listed[::-1]):
        monkeypatch.setattr(Path, "rglob", lambda *_, order=order: iter(order))
        hashes.add(hashed(handlers_archive({}, root)))

    assert len(hashes) == 1


def test_the_order_in_which_extra_texts_are_given_does_not_change_the_hash(checkout):
    root = checkout("a")

    one, other = (handlers_archive(extra, root) for extra in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}))

    assert hashed(one) == hashed(other)


def test_a_changed_line_changes_the_hash(checkout):
    root = checkout("a")
    before = hashed(handlers_archive({}, root))
    notify = root / "handlers" / "notify.py"
    notify.write_text(notify.read_text() + "\n# changed\n")

    assert hashed(handlers_archive({}, root)) != before


def test_a_changed_rule_changes_the_hash():
    assert hashed(handlers_archive({"rules.json": "[]"})) != hashed(handlers_archive({"rules.json": "[1]"}))


def test_the_archive_holds_the_sources_and_the_extra_texts_and_nothing_else():
    names = set(handlers_archive({"rules.json": "[]"}).assets)

    assert names == {path.relative_to(ROOT).as_posix() for path in SOURCES} | {"rules.json"}


def test_what_is_kept_in_the_state_names_no_folder_of_this_machine():
    paths = [asset.path for asset in handlers_archive({}).assets.values()]
    paths += [asset.path for asset in layer_archive().assets.values()]

    assert [path for path in paths if Path(path).is_absolute()] == []


def test_the_layer_lies_where_lambda_looks_for_packages():
    assert {name.split("/")[0] for name in layer_archive().assets} == {"python"}


def test_the_layer_is_the_same_every_time():
    assert list(layer_archive().assets) == list(layer_archive().assets)
    assert hashed(layer_archive(["jmespath"])) == hashed(layer_archive(["jmespath"]))


def test_the_layer_does_not_depend_on_the_order_of_its_requirements():
    assert list(layer_archive(REQUIREMENTS[::-1]).assets) == list(layer_archive().assets)


def test_nothing_in_the_layer_differs_from_machine_to_machine():
    volatile = re.compile(r"__pycache__|\.py[cdo]$|\.so$|/(RECORD|INSTALLER|REQUESTED|direct_url\.json)$|\.\.")

    assert [name for name in layer_archive().assets if volatile.search(name)] == []


def test_everything_in_the_layer_is_on_disk():
    assert [asset.path for asset in layer_archive().assets.values() if not Path(asset.path).is_file()] == []


def test_the_layer_carries_the_licence_of_every_package():
    names = layer_archive().assets

    licensed = {re.split(r"-\d", name.split("/")[1])[0] for name in names if ".dist-info/" in name}

    assert licensed == {requirement.replace("-", "_") for requirement in REQUIREMENTS}


def test_the_layer_stays_well_below_what_lambda_unpacks():
    assert sum(Path(asset.path).stat().st_size for asset in layer_archive().assets.values()) < 50 * 2**20


def test_a_distribution_is_taken_without_bytecode_installers_notes_and_programs(distribution):
    name = distribution(
        files={
            "invented/__init__.py": "",
            "invented/data.json": "{}",
            "invented/__pycache__/__init__.cpython-313.pyc": "bytecode",
            "invented-1.0.dist-info/licenses/LICENSE.txt": "MIT",
            "../bin/invented": "#!/bin/python",
        }
    )

    assert set(layer_archive([name]).assets) == {
        "python/invented/__init__.py",
        "python/invented/data.json",
        "python/invented-1.0.dist-info/licenses/LICENSE.txt",
    }


def test_a_distribution_compiled_for_this_machine_is_refused(distribution):
    name = distribution(purelib="false", files={"invented/fast.so": ""})

    with pytest.raises(PackagingError, match=r"^invented is compiled for this machine"):
        layer_archive([name])


def test_a_distribution_that_is_not_installed_is_refused_with_the_command_that_installs_it():
    with pytest.raises(PackagingError, match=r"^not-there is not installed.*: pulumi install$"):
        layer_archive(["not-there"])


def test_a_distribution_whose_files_are_not_known_is_refused(distribution, tmp_path):
    name = distribution(files={"invented/__init__.py": ""})
    (tmp_path / "site" / "invented-1.0.dist-info" / "RECORD").unlink()

    with pytest.raises(PackagingError, match="invented"):
        layer_archive([name])


def test_the_cli_shows_a_packaging_problem_without_a_traceback():
    assert issubclass(PackagingError, pulumi.RunError)


def test_everything_that_the_handlers_import_is_on_lambda_or_in_the_layer():
    in_the_layer = {name.split("/")[1].removesuffix(".py") for name in layer_archive().assets}
    needed = set().union(*(imported(path) for path in SOURCES))

    assert needed - sys.stdlib_module_names - ON_LAMBDA - set(PACKAGES) <= in_the_layer


def test_everything_that_the_layers_packages_need_is_in_the_layer_too():
    needed = {
        re.split(r"[^A-Za-z0-9_.-]", requirement)[0]
        for name in REQUIREMENTS
        for requirement in importlib.metadata.requires(name) or ()
        if "extra ==" not in requirement
    }

    assert {name.replace("_", "-").lower() for name in needed} <= set(REQUIREMENTS)


def test_the_entry_starts_with_nothing_but_the_archives_and_the_runtime(tmp_path):
    for archive, folder in ((handlers_archive({"rules.json": "[]"}), "code"), (layer_archive(), "layer")):
        zipfile.ZipFile(io.BytesIO(zipped(archive))).extractall(tmp_path / folder)
    (tmp_path / "runtime").mkdir()
    for name in ("boto3", "botocore", "s3transfer", "urllib3", "dateutil", "jmespath", "six"):
        file = Path(importlib.import_module(name).__file__)
        source = file.parent if file.name == "__init__.py" else file
        (tmp_path / "runtime" / source.name).symlink_to(source)
    search = [str(tmp_path / folder) for folder in ("code", "layer/python", "runtime")]
    program = (
        f"import sys; sys.path[:0] = {search!r}; import handlers.notify, grapheme; print(handlers.notify.__file__)"
    )

    started = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)

    assert started.stderr == ""
    assert started.stdout.strip() == str(tmp_path / "code" / "handlers" / "notify.py")


@pytest.mark.parametrize("depth", ["link", "deeper/still/link"])
def test_a_checkout_that_is_reached_through_a_link_is_read_from_the_folder_as_typed(monkeypatch, tmp_path, depth):
    typed = tmp_path / depth
    typed.parent.mkdir(parents=True, exist_ok=True)
    typed.symlink_to(ROOT)
    monkeypatch.setattr(pulumi, "get_root_directory", lambda: str(typed))

    paths = [asset.path for archive in (handlers_archive({}), layer_archive()) for asset in archive.assets.values()]

    # As the engine reads them: joined to the folder as typed, and then cleaned without a look at the disk.
    assert [path for path in paths if not os.path.isfile(os.path.normpath(os.path.join(typed, path)))] == []  # noqa: PTH113, PTH118
