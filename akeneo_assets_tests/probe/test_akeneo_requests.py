"""Every filter, parameter and list that a sync asks Akeneo for has a fact."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import akeneo_assets
from akeneo_assets.akeneo.endpoints import ENDPOINTS, PRODUCTS_UUID
from akeneo_assets.probe.akeneo import dates, options
from akeneo_assets.probe.akeneo.filters import FILTERS
from akeneo_assets.probe.akeneo.lists import LISTS

_ROOT: Final = Path(akeneo_assets.__file__).parent
_CHOSEN_AT_RUN_TIME: Final = "akeneo_assets/sync/read/record_pages.py"
"""The module that searches for chosen records. The names of its properties are in what it yields."""


@cache
def nodes() -> tuple[tuple[str, ast.AST], ...]:
    """Return the syntax of all modules that may search or set parameters, with the name of each file."""
    files = (path for folder in ("akeneo", "cli", "mapping", "sync") for path in sorted((_ROOT / folder).rglob("*.py")))
    texts = {str(path.relative_to(_ROOT.parent)): path.read_text("utf-8") for path in files}
    return tuple(
        (file, node)
        for file, text in texts.items()
        if ".where(" in text or '"with_' in text
        for node in ast.walk(ast.parse(text))
    )


def searches() -> Iterator[tuple[str, str, str]]:
    """Yield the file, property and operator of each search; the property is empty if it is chosen at run time."""
    for file, node in nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "where":
            name, operator = node.args[:2]
            assert isinstance(operator, ast.Constant), file
            yield file, str(name.value) if isinstance(name, ast.Constant) else "", str(operator.value)


def test_each_filter_has_a_fact() -> None:
    known = {(each.field, each.operator) for each in FILTERS} | {("updated", ">")}
    found = list(searches())

    assert {(name, operator) for _, name, operator in found if name} <= known
    assert {file for file, name, _ in found if not name} == {_CHOSEN_AT_RUN_TIME}
    chosen = {
        node.value.elts[0].value
        for file, node in nodes()
        if file == _CHOSEN_AT_RUN_TIME and isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple)
        if isinstance(node.value.elts[0], ast.Constant)
    }
    assert chosen == {"code", "identifier", "uuid"}
    assert {(name, "IN") for name in chosen} <= known


def test_each_fact_about_a_filter_is_about_one_that_is_sent() -> None:
    sent = {(name, operator) for _, name, operator in searches() if name}
    chosen = {(name, operator) for name in ("code", "identifier", "uuid", "parent") for operator in ("IN", "=")}

    assert {(each.field, each.operator) for each in FILTERS} <= sent | chosen


def test_each_parameter_has_a_fact() -> None:
    sent = {
        node.value
        for file, node in nodes()
        if file.split("/")[1] in {"akeneo", "mapping", "sync"}
        and isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("with_")
    }
    tested = {fact.key.split(".")[2] for fact in options.FACTS}

    assert sent == tested - {"attributes"} | {"with_count"}


def test_each_list_has_a_fact() -> None:
    assert {each.endpoint for each in LISTS} == ENDPOINTS.keys() - {PRODUCTS_UUID}


def test_each_list_with_changes_has_a_fact() -> None:
    assert {fact.key.split(".")[2] for fact in dates.FACTS if fact.key.startswith("akeneo.updated.")} >= {
        "categories",
        "product-models",
        "products",
    }
