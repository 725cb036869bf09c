"""Check the syntax tree of a formula, and rewrite it to the safe subset that is evaluated."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from jinja2 import nodes

from akeneo_assets.mapping.formulas.functions import COMPARE, FUNCTIONS, SLICE
from akeneo_assets.mapping.formulas.limits import MAX_DEPTH, FormulaError
from akeneo_assets.mapping.formulas.patterns import compile_pattern
from akeneo_assets.mapping.formulas.record import (
    ATTRIBUTE_FUNCTIONS,
    KINDS,
    PATTERN_FUNCTIONS,
    RECORD_FUNCTIONS,
    RecordFunctions,
)
from akeneo_assets.mapping.reading import Form, Reading

TESTS: Final = frozenset({"none", "string", "number", "boolean", "true", "false"})
_PASSED: Final = (
    *(nodes.And, nodes.Or, nodes.Not),
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos),
    *(nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair),
)
_WORDS: Final = {nodes.Pow: "**", nodes.TemplateData: "a template"}
SIGNATURES: Final = {
    **{name: inspect.signature(function) for name, function in FUNCTIONS.items()},
    **{name: inspect.signature(getattr(RecordFunctions, name)) for name in RECORD_FUNCTIONS},
}


@dataclass
class Names:
    """The names that a formula uses.

    Attributes:
        variables: Properties and attributes; the index is their number in the tree.
        readings: Attributes read with ``value``, ``label``, ``labels`` and ``unit``.
        of_parent: Attributes read with ``parent``.
        functions: The functions that it calls.
        custom_fields: The custom fields read with ``custom_field``.
    """

    variables: list[str] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    of_parent: list[Reading] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    custom_fields: set[str] = field(default_factory=set)

    def variable(self, name: str) -> nodes.Name:
        """Return the node of a variable; it is numbered, so that a code cannot clash with other names."""
        if "__" in {name[:2], name.partition(".")[2][:2]}:
            raise FormulaError(f"uses {name}; names that begin with __ are not allowed")
        if name not in self.variables:
            self.variables.append(name)
        return nodes.Name(f"v{self.variables.index(name)}", "load")


def rewritten(node: nodes.Expr, names: Names, depth: int = 0) -> nodes.Expr:
    """Check an expression and return the expression to evaluate.

    Raises:
        FormulaError: It contains something that is not supported.
    """
    if depth > MAX_DEPTH:
        raise FormulaError(f"is nested more than {MAX_DEPTH} levels deep", "Split it, e.g. with custom_field(…).")
    if (rewrite := _REWRITTEN.get(type(node))) is not None:
        return rewrite(node, names, depth)
    if not isinstance(node, _PASSED):
        raise FormulaError(f"contains {_WORDS.get(type(node), type(node).__name__)}, which is not supported")
    for name, child in list(node.iter_fields()):
        if isinstance(child, (nodes.Expr, nodes.Helper)):
            setattr(node, name, rewritten(child, names, depth + 1))  # type: ignore[arg-type]  # a helper of an expression
        elif isinstance(child, list):
            setattr(node, name, [rewritten(each, names, depth + 1) for each in child])
    return node


def _name(node: Any, names: Names, _: int) -> nodes.Expr:
    return names.variable(node.name)


def _attribute(node: Any, names: Names, depth: int) -> nodes.Expr:
    if isinstance(node.node, nodes.Name):
        return names.variable(f"{node.node.name}.{node.attr}")
    return nodes.Getitem(rewritten(node.node, names, depth + 1), nodes.Const(node.attr), "load")


def _item(node: Any, names: Names, depth: int) -> nodes.Expr:
    whole = rewritten(node.node, names, depth + 1)
    if not isinstance(node.arg, nodes.Slice):
        return nodes.Getitem(whole, rewritten(node.arg, names, depth + 1), "load")
    bounds = [
        nodes.Const(None) if each is None else rewritten(each, names, depth + 1)
        for each in (node.arg.start, node.arg.stop, node.arg.step)
    ]
    return _call(SLICE, [whole, *bounds], names)


def _const(node: Any, names: Names, _: int) -> nodes.Expr:
    return _call("number", [nodes.Const(str(node.value))], names) if isinstance(node.value, float) else node


def _concat(node: Any, names: Names, depth: int) -> nodes.Expr:
    return _call("concat", [rewritten(each, names, depth + 1) for each in node.nodes], names)


def _filter(node: Any, names: Names, depth: int) -> nodes.Expr:
    return _called(node.name, [node.node, *node.args], node, names, depth)


def _function(node: Any, names: Names, depth: int) -> nodes.Expr:
    if not isinstance(node.node, nodes.Name):
        raise FormulaError("calls something that is not a function", "Call only documented functions.")
    return _called(node.node.name, node.args, node, names, depth)


def _test(node: Any, names: Names, depth: int) -> nodes.Expr:
    if node.name not in TESTS or node.args:
        raise FormulaError(f"contains `is {node.name}`, which is not supported", _suggestion(node.name, TESTS))
    node.node = rewritten(node.node, names, depth + 1)
    return nodes.Test(*(getattr(node, name) for name in node.fields))


def _condition(node: Any, names: Names, depth: int) -> nodes.Expr:
    otherwise = nodes.Const(None) if node.expr2 is None else node.expr2
    return nodes.CondExpr(*(rewritten(each, names, depth + 1) for each in (node.test, node.expr1, otherwise)))


def _compare(node: Any, names: Names, depth: int) -> nodes.Expr:
    """Rewrite a chain of comparisons to one call of a function that handles missing values.

    Separate comparisons joined by `and` would contain each operand twice, and nesting would double them each time.
    """
    arguments = [rewritten(node.expr, names, depth + 1)]
    for operand in node.ops:
        arguments += [nodes.Const(operand.op), rewritten(operand.expr, names, depth + 1)]
    return _call(COMPARE, arguments, names)


_REWRITTEN: Final[dict[type[nodes.Node], Callable[[Any, Names, int], nodes.Expr]]] = {
    nodes.Name: _name,
    nodes.Getattr: _attribute,
    nodes.Getitem: _item,
    nodes.Const: _const,
    nodes.Compare: _compare,
    nodes.Concat: _concat,
    nodes.Filter: _filter,
    nodes.Call: _function,
    nodes.Test: _test,
    nodes.CondExpr: _condition,
}


def _called(name: str, arguments: list[nodes.Expr], node: Any, names: Names, depth: int) -> nodes.Expr:
    if name not in SIGNATURES:
        raise FormulaError(f"calls the unknown function {name}", _suggestion(name, SIGNATURES))
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise FormulaError(f"calls {name}(…) with `*` or `**`; pass its arguments one by one")
    keywords = {each.key: each.value for each in node.kwargs}
    _note(name, _bound(name, arguments, keywords), names)
    for keyword in node.kwargs:
        keyword.value = rewritten(keyword.value, names, depth + 1)
    return _call(name, [rewritten(each, names, depth + 1) for each in arguments], names, node.kwargs)


def _call(
    name: str, arguments: list[nodes.Expr], names: Names, keywords: list[nodes.Keyword] | None = None
) -> nodes.Expr:
    names.functions.add(name)
    return nodes.Call(nodes.Name(f"f_{name}", "load"), arguments, keywords or [], None, None)


def _bound(name: str, arguments: list[nodes.Expr], keywords: dict[str, nodes.Expr]) -> dict[str, object]:
    signature = SIGNATURES[name]
    own = (None,) if "self" in signature.parameters else ()
    try:
        return dict(signature.bind(*own, *arguments, **keywords).arguments)
    except TypeError as error:
        parameters = ", ".join(each for each in signature.parameters if each != "self")
        raise FormulaError(f"calls {name}({parameters}) with wrong arguments: {error}") from error


def _note(name: str, arguments: dict[str, object], names: Names) -> None:
    """Record the codes in a function call; they must be literals, to be checked before any record is mapped."""
    if name in PATTERN_FUNCTIONS:
        patterns = arguments.get("patterns", (arguments.get("pattern"),))
        for pattern in patterns if isinstance(patterns, tuple) else ():
            compile_pattern(_constant(name, pattern))
    elif name == "custom_field":
        names.custom_fields.add(_constant(name, arguments["name"]))
    elif name == "ipaas_id":
        if (kind := _constant(name, arguments["kind"])) not in KINDS:
            raise FormulaError(f"calls {name}(…) with the unknown kind {kind}", _suggestion(kind, KINDS))
    elif name in ATTRIBUTE_FUNCTIONS:
        reading = Reading.of(_constant(name, arguments["code"]))
        extra = {"locale": "locale", "channel": "channel", "target": "unit"}
        details = {extra[key]: _constant(name, node) for key, node in arguments.items() if key in extra}
        form: Form | None = "label" if name in {"label", "labels"} else None
        full = Reading(reading.attribute, reading.record_attribute, form, **details)
        (names.of_parent if name == "parent" else names.readings).append(full)


def _constant(name: str, node: object) -> str:
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and node.value:
        return node.value
    raise FormulaError(f"must pass codes, names and patterns to {name}(…) as text in quotes")


def _suggestion(name: str, known: Iterable[str]) -> str:
    if close := get_close_matches(name, list(known), n=1):
        return f"Did you mean {close[0]}?"
    return f"Choose one of {', '.join(sorted(known))}."
