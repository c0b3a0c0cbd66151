"""The house: which part may know which, and how large a part may grow."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = {"components", "handlers", "local", "ops", "policy", "bootstrap", "tests", "bench"}
ENTRIES = {"notify", "process", "digest", "api"}
"""The handlers' entries: they read the environment and build clients."""

MAX_LINES = 300


def sources(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(path):
    return path.relative_to(ROOT).as_posix()


def all_imports(path):
    """Every module that a file imports, relative imports made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *((node.module,) if node.module else ())))
            # `from handlers import notify` imports handlers.notify, as far as one can tell from outside
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def imports(path):
    """Those of all_imports that are ours."""
    return {name for name in all_imports(path) if name.split(".")[0] in OURS}


def entry(module):
    """Whether a module is one of the handlers' entries (or a name inside it)."""
    return module.split(".")[0] == "handlers" and module.split(".")[1:2] and module.split(".")[1] in ENTRIES


def uses(path, *names):
    """Which of these dotted names a file mentions."""
    mentioned = {ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    return sorted(mentioned & set(names))


def strays(paths, allowed):
    return [
        f"{named(path)} imports {module}" for path in paths for module in sorted(imports(path)) if not allowed(module)
    ]


def test_handlers_import_nothing_of_ours_but_handlers():
    assert strays(sources("handlers"), lambda module: module.split(".")[0] == "handlers") == []


def test_no_handlers_module_imports_an_entry():
    assert strays(sources("handlers"), lambda module: not entry(module)) == []


def test_components_import_only_components_and_the_handlers_pure_modules():
    def allowed(module):
        return module.split(".")[0] in {"components", "handlers"} and not entry(module)

    assert strays(sources("components"), allowed) == []


def test_the_program_imports_only_components():
    assert strays([ROOT / "__main__.py"], lambda module: module.split(".")[0] == "components") == []


def test_the_operators_commands_import_only_the_handlers_pure_modules():
    def allowed(module):
        return module.split(".")[0] in {"ops", "handlers"} and not entry(module)

    assert strays(sources("ops"), allowed) == []


def test_nothing_but_local_and_its_tests_imports_local():
    elsewhere = [ROOT / "__main__.py", *sources("components", "handlers", "ops")]

    assert strays(elsewhere, lambda module: module.split(".")[0] != "local") == []


def test_the_policy_pack_imports_nothing_of_ours_so_that_it_can_be_used_by_itself():
    assert strays(sources("policy"), lambda module: module.startswith("policy.rules")) == []


def test_the_bootstrap_program_imports_nothing_of_ours_because_pulumi_runs_its_folder_by_itself():
    assert strays(sources("bootstrap"), lambda module: module.startswith("bootstrap.roles")) == []


def test_nothing_but_tests_imports_the_policy_pack_or_the_bootstrap_program():
    elsewhere = [ROOT / "__main__.py", *sources("components", "handlers", "local", "ops")]

    assert strays(elsewhere, lambda module: module.split(".")[0] not in {"policy", "bootstrap"}) == []


def test_nothing_but_its_tests_imports_the_benchmark():
    elsewhere = [ROOT / "__main__.py", *sources("components", "handlers", "ops", "local")]

    assert strays(elsewhere, lambda module: module.split(".")[0] != "bench") == []


def test_only_entries_read_the_environment():
    for path in sources("handlers"):
        if path.stem not in ENTRIES:
            assert (named(path), uses(path, "os.environ", "os.getenv", "os.environb")) == (named(path), [])


def test_only_entries_build_clients():
    for path in sources("handlers"):
        if path.stem not in ENTRIES:
            built = uses(path, "boto3.client", "boto3.resource", "boto3.Session", "boto3.session.Session")
            assert (named(path), built) == (named(path), [])


def test_components_build_no_clients():
    sdks = {"boto3", "botocore"}

    assert [named(p) for p in sources("components") if sdks & {m.split(".")[0] for m in all_imports(p)}] == []


def test_no_component_exports_anything_itself():
    assert [named(path) for path in sources("components") if uses(path, "pulumi.export")] == []


def test_only_the_system_itself_reads_the_mode():
    readers = {named(path) for path in sources("components") if uses(path, "settings.mode")}

    assert readers == {"components/file_notifications.py"}


def test_no_module_is_named_after_nothing_in_particular():
    vague = {"utils", "util", "common", "helpers", "base", "manager", "misc"}

    assert [
        named(path) for path in sources("components", "handlers", "local", "ops", "policy") if path.stem in vague
    ] == []


@pytest.mark.parametrize("folder", ["components", "handlers", "local", "ops", "policy", "bootstrap"])
def test_no_file_needs_more_than_three_hundred_lines(folder):
    lengths = {named(path): len(path.read_text().splitlines()) for path in sources(folder)}

    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}
