"""Imports go one way, from layer to layer, without circular imports.

Every import statement counts, wherever it stands: at the top, in a function, and in ``if TYPE_CHECKING``.
Two things do not count:

* Importing ``a.b.c`` also runs ``a/b/__init__.py``. No module can avoid that, so only imports that name the
  package itself count as imports of the package.
* Modules that are found by their name at run time: Alembic loads migrations, Dagster loads ``definitions``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

import akeneo_assets

_PACKAGE: Final = "akeneo_assets"
_BASICS: Final = frozenset({"documents", "errors", "metrics", "objects", "visible"})

MAY_IMPORT: Final[Mapping[str, frozenset[str]]] = {
    "akeneo_assets": frozenset({"build", "component", "subscription"}),
    "cli": _BASICS
    | {"akeneo", "assets", "automation", "definitions", "http", "mapping", "resources", "sandbox", "settings"}
    | {"build", "dagster_history", "probe", "run_tags", "store", "subscription", "sync"},
    "dagster_history": frozenset({"http", "store"}),
    "definitions": frozenset({"build", "subscription"}),
    "component": _BASICS | {"assets", "build", "settings", "subscription"},
    "build": frozenset({"assets", "automation", "resources", "subscription"}),
    "automation": _BASICS | {"alerts", "assets", "http", "probe", "resources", "settings", "store", "sync"},
    "assets": _BASICS | {"http", "mapping", "resources", "run_tags", "settings", "store", "subscription", "sync"},
    "resources": _BASICS | {"http", "run_tags", "settings", "subscription", "sync"},
    "subscription": frozenset({"errors", "settings"}),
    "probe": _BASICS | {"akeneo", "http", "ipaas", "mapping", "settings", "store", "sync"},
    "sync": _BASICS | {"akeneo", "http", "ipaas", "mapping", "settings", "store"},
    "akeneo": _BASICS | {"http"},
    "ipaas": _BASICS | {"http"},
    "store": _BASICS | {"http"},
    "mapping": _BASICS | {"settings"},
    "http": _BASICS,
    "alerts": frozenset({"errors", "settings"}),
    "sandbox": frozenset({"documents"}),
    "settings": frozenset({"errors"}),
    "errors": frozenset({"visible"}),
    "documents": frozenset(),
    "json_logs": frozenset(),
    "metrics": frozenset(),
    "objects": frozenset(),
    "visible": frozenset(),
    "run_tags": frozenset(),
}
"""Which other folders and top-level modules each folder or top-level module may import."""

FOLDERS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "alerts": {
        "senders": frozenset({""}),
        "": frozenset(),
    },
    "mapping": {
        "checks": frozenset({"record", "catalogue", "file", "formulas", ""}),
        "record": frozenset({"catalogue", "file", "formulas", ""}),
        "catalogue": frozenset({"file", "formulas", ""}),
        "file": frozenset({"formulas", ""}),
        "formulas": frozenset({""}),
        "": frozenset(),
    },
    "sync": {
        "inspect": frozenset({"engine", "deliver", "plan", "read", ""}),
        "id_migration": frozenset({"engine", ""}),
        "connect": frozenset({"engine", ""}),
        "programme": frozenset({"agenda", ""}),
        "engine": frozenset({"agenda", "steps", "plan", "read", ""}),
        "steps": frozenset({"deliver", "plan", "read", ""}),
        "agenda": frozenset({"read", ""}),
        "plan": frozenset({"read", ""}),
        "deliver": frozenset({""}),
        "read": frozenset({""}),
        "": frozenset(),
    },
}
"""Which other folders each folder inside a layer may import; an empty name stands for the modules next to them."""

ONLY_IN: Final[Mapping[str, frozenset[str]]] = {
    "dagster": frozenset(
        {"assets", "automation", "build", "cli", "component", "dagster_history", "definitions", "resources"}
    ),
    "sqlalchemy": frozenset({"dagster_history", "store"}),
    "alembic": frozenset({"store"}),
    "sqlite3": frozenset({"dagster_history", "store", "sandbox"}),
    "requests": frozenset({"akeneo", "alerts", "http", "ipaas", "probe"}),
    "urllib3": frozenset({"http"}),
    "starlette": frozenset({"sandbox"}),
    "uvicorn": frozenset({"sandbox"}),
    "opentelemetry": frozenset({"metrics"}),
    "jinja2": frozenset({"mapping"}),
    "akeneo_assets_tests": frozenset(),
    "benchmarks": frozenset(),
}
"""The only folders that may import some libraries; all others may be imported everywhere."""


def imported(source: str, modules: Iterable[str]) -> Iterator[str]:
    """Yield the modules that ``source`` imports: the submodule for ``from package import submodule``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports are not used"
            package = str(node.module)
            for name in node.names:
                submodule = f"{package}.{name.name}"
                yield submodule if submodule in modules else package


def _name(path: Path, folder: Path) -> str:
    return ".".join((_PACKAGE, *path.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__")


def _layer(module: str) -> str:
    """Return the folder of a module, or the name of a module next to the folders."""
    return module.split(".")[1] if "." in module else module


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """The imports of every module of the package."""
    folder = Path(akeneo_assets.__file__).parent
    sources = {_name(path, folder): path.read_text("utf-8") for path in sorted(folder.rglob("*.py"))}
    return {module: set(imported(source, sources)) for module, source in sources.items()}


def test_each_layer_imports_only_what_it_may(imports: dict[str, set[str]]) -> None:
    wrong = [
        f"{module} imports {name}"
        for module, names in imports.items()
        for name in sorted(names)
        if name.partition(".")[0] == _PACKAGE and _layer(name) not in {_layer(module), *MAY_IMPORT[_layer(module)]}
    ]
    assert wrong == []


def _folder_of(module: str) -> str:
    """Return the folder of a module inside its layer; empty for a module next to these folders."""
    _, layer, *below = module.split(".")
    return below[0] if below and below[0] in FOLDERS[layer] else ""


@pytest.mark.parametrize("layer", FOLDERS)
def test_each_folder_inside_a_layer_imports_only_what_it_may(imports: dict[str, set[str]], layer: str) -> None:
    inside = {module: names for module, names in imports.items() if f"{module}.".startswith(f"{_PACKAGE}.{layer}.")}
    assert {_folder_of(module) for module in inside} == set(FOLDERS[layer])
    wrong = [
        f"{module} imports {name}"
        for module, names in inside.items()
        for name in sorted(names & inside.keys())
        if _folder_of(name) not in {_folder_of(module), *FOLDERS[layer][_folder_of(module)]}
    ]
    assert wrong == []


def test_libraries_stay_in_their_layers(imports: dict[str, set[str]]) -> None:
    wrong = [
        f"{module} imports {name}"
        for module, names in imports.items()
        for name in sorted(names)
        if _layer(module) not in ONLY_IN.get(name.partition(".")[0], {_layer(module)})
    ]
    assert wrong == []


def test_sync_uses_its_destination_through_a_protocol(imports: dict[str, set[str]]) -> None:
    knowing = {module for module, names in imports.items() if any(_layer(name) == "ipaas" for name in names)}
    assert {module for module in knowing if _layer(module) == "sync"} == {
        "akeneo_assets.sync.connect",
        "akeneo_assets.sync.destination",
    }


@pytest.mark.parametrize("level", ["layers", "modules"])
def test_there_are_no_circular_imports(imports: dict[str, set[str]], level: str) -> None:
    try:
        TopologicalSorter(MAY_IMPORT if level == "layers" else FOLDERS.get(level, imports)).prepare()
    except CycleError as error:
        pytest.fail("each imports the next: " + ", ".join(reversed(error.args[1])))


@pytest.mark.parametrize(
    "source",
    [
        "import a.b",
        "from a import b",
        "from a.b import name",
        "def function() -> None:\n    from a.b import name",
        "if TYPE_CHECKING:\n    from a.b import name",
    ],
)
def test_every_import_counts(source: str) -> None:
    assert list(imported(source, {"a", "a.b"})) == ["a.b"]
