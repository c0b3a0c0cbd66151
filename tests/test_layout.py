"""The layout: what each folder may import, and how large a file may grow."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = {"bench", "bootstrap", "components", "domain", "handlers", "local", "ops", "policy", "tests"}

MAY_IMPORT = {
    "domain": {"domain"},
    "handlers": {"domain", "handlers"},
    "handlers/data": {"domain", "handlers.data"},
    "handlers/inspectors": {"domain", "handlers.inspectors"},
    "handlers/logic": {"domain", "handlers.data", "handlers.inspectors", "handlers.logic"},
    "components": {"components", "domain"},
    "ops": {"domain", "handlers.data", "ops"},
    "local": {"components", "domain", "handlers.data", "local", "ops"},
    "local/emulator": {"local.emulator"},
    "policy": {"policy"},  # so that the pack can be used by itself
    "bootstrap": {"bootstrap"},  # Pulumi runs its folder by itself
}
"""What of ours the files in a folder and below may import; a folder below that has a line of its own follows that one.

`ops` and `local` read the catalogue with the functions' own code. Only tests and the benchmark, which are no part of
the product, import across folders.
"""

MAX_LINES = 300


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


PRODUCT = sources(*(folder for folder in MAY_IMPORT if "/" not in folder))
ENTRIES = [path for path in (ROOT / "handlers").glob("*.py") if path.stem != "__init__"]
"""The files directly in handlers/: Lambda's entry points, which read the environment and build clients."""
BELOW_ENTRIES = [path for path in sources("handlers") if path not in ENTRIES]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def rule_of(path: Path) -> set[str]:
    """What a file may import: the line of the innermost folder that has one."""
    folders = [folder.as_posix() for folder in path.relative_to(ROOT).parents]
    return next(MAY_IMPORT[folder] for folder in folders if folder in MAY_IMPORT)


def statements(tree: ast.AST, *, types: bool) -> Iterator[ast.AST]:
    """Every node of a module; without `types`, none that only a type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if types or not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from statements(node, types=types)


def all_imports(path: Path, *, types: bool = True) -> set[str]:
    """Every module that a file imports, relative imports made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found = set()
    for node in statements(ast.parse(path.read_text()), types=types):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *((node.module,) if node.module else ())))
            # `from handlers import notify` imports handlers.notify, which cannot be seen from here: names count as well
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def imports(path: Path) -> set[str]:
    """Those of all_imports that are ours; of a package and a module in it, the module."""
    ours = {module for module in all_imports(path) if module.split(".")[0] in OURS}
    return {module for module in ours if not any(other.startswith(f"{module}.") for other in ours)}


def is_within(module: str, allowed: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


def uses(path: Path, *names: str) -> list[str]:
    """Which of these dotted names a file mentions."""
    mentioned = {ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    return sorted(mentioned & set(names))


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_a_file_imports_only_what_its_folder_may(path):
    assert [module for module in sorted(imports(path)) if not is_within(module, rule_of(path))] == []


def test_the_program_imports_only_components():
    assert [module for module in imports(ROOT / "__main__.py") if not is_within(module, {"components"})] == []


def test_nothing_imports_an_entry():
    entries = {f"handlers.{path.stem}" for path in ENTRIES}

    assert [named(path) for path in PRODUCT if any(is_within(module, entries) for module in imports(path))] == []


def test_domain_needs_the_standard_library_only_and_graphemes_to_cut_text_between_them():
    available = {*sys.stdlib_module_names, "domain", "grapheme"}

    needed = {(named(path), module) for path in sources("domain") for module in all_imports(path, types=False)}
    assert {(path, module) for path, module in needed if module.split(".")[0] not in available} == set()


def test_only_entries_know_lambda_and_http():
    for path in BELOW_ENTRIES:
        known = {module.split(".")[0] for module in all_imports(path, types=False)}
        assert (named(path), known & {"aws_lambda_powertools", "http"}) == (named(path), set())


def test_only_entries_read_the_environment():
    for path in BELOW_ENTRIES:
        assert (named(path), uses(path, "os.environ", "os.getenv", "os.environb")) == (named(path), [])


def test_only_entries_build_clients():
    for path in BELOW_ENTRIES:
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

    assert [named(path) for path in PRODUCT if path.stem in vague] == []


def test_no_file_needs_more_than_three_hundred_lines():
    lengths = {named(path): len(path.read_text().splitlines()) for path in PRODUCT}

    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}
