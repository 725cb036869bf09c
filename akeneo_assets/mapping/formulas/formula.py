"""Formulas: compiled when the mapping file is loaded, and evaluated for each record."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ContextDecorator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.environment import TemplateExpression
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from akeneo_assets.mapping.formulas.functions import (
    COMPARE,
    FUNCTIONS,
    SLICE,
    calculate,
    compare,
    json,
    negated,
    sliced,
    text,
)
from akeneo_assets.mapping.formulas.limits import MAX_FORMULA, FormulaError, NoValueError
from akeneo_assets.mapping.formulas.record import RECORD_FUNCTIONS, FormulaRecord, RecordFunctions
from akeneo_assets.mapping.formulas.syntax import TESTS, Names, rewritten
from akeneo_assets.mapping.numbers import as_decimal, json_number
from akeneo_assets.mapping.plain import Value
from akeneo_assets.mapping.reading import Reading


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja without access to Python attributes or methods, and with decimals as numbers."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})
    intercepted_unops = frozenset({"+", "-"})

    def call_binop(self, _context: object, operator: str, left: Any, right: Any) -> Any:
        return calculate(operator, left, right)

    def call_unop(self, _context: object, operator: str, arg: Any) -> Any:
        return negated(operator, arg)

    def call(self, _context: object, function: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> Any:
        # Only documented functions get here, so Jinja's checks, which cost more than most functions, are skipped.
        return function(*arguments, **keywords)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, (list, tuple, str)) and isinstance(argument, (int, Decimal)):
            return obj[int(argument)] if -len(obj) <= argument < len(obj) else None
        return obj.get(argument) if isinstance(obj, dict) else None

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)


def _environment() -> _Environment:
    environment = _Environment(optimized=False)
    environment.globals.clear()
    environment.filters.clear()
    environment.tests = {name: test for name, test in environment.tests.items() if name in TESTS}
    return environment


_JINJA: Final = _environment()


class _FormulaErrors(ContextDecorator):
    """Turns any error in a formula into :class:`FormulaError`, so that only this field is left out.

    This is a class because ``@contextmanager`` would take as long as a short formula.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is None or isinstance(error, FormulaError):
            return
        if isinstance(error, ArithmeticError):
            raise FormulaError("divides by zero or exceeds the range of numbers") from error
        if isinstance(error, (TypeError, ValueError, LookupError, RecursionError)):
            raise FormulaError(f"fails: {error}") from error


_FORMULA_ERRORS: Final = _FormulaErrors()


@dataclass(frozen=True)
class Formula:
    """A compiled formula.

    Args:
        source: Its text.
        names: The attributes, properties, functions and custom fields that it uses.
    """

    source: str
    names: Names
    _expression: TemplateExpression = field(repr=False, compare=False)

    @cached_property
    def _pure(self) -> dict[str, Callable[..., Any]]:
        known: dict[str, Callable[..., Any]] = {**FUNCTIONS, COMPARE: compare, SLICE: sliced}
        return {f"f_{name}": known[name] for name in self.names.functions if name in known}

    @cached_property
    def _of_record(self) -> list[str]:
        return [name for name in RECORD_FUNCTIONS if name in self.names.functions]

    @cached_property
    def _variables(self) -> list[tuple[str, str, Reading]]:
        return [(f"v{number}", name, Reading.of(name)) for number, name in enumerate(self.names.variables)]

    def evaluate(self, view: FormulaRecord, destination: str) -> Any:
        """Return the result for one record: text, exact decimal, boolean, list, dict or None.

        Raises:
            FormulaError: The formula fails on this record.
        """
        functions = RecordFunctions(view, destination)
        context: dict[str, Any] = dict(self._pure)
        for name in self._of_record:
            context[f"f_{name}"] = getattr(functions, name)
        for place, name, reading in self._variables:
            context[place] = functions.variable(name, reading)
        try:
            with _FORMULA_ERRORS:
                return self._expression(context)
        except NoValueError:
            return None


@lru_cache(maxsize=1_000)
def compile_formula(source: str) -> Formula:
    """Compile a formula.

    Raises:
        FormulaError: It is not an expression, or contains something that is not supported.
    """
    if len(source) > MAX_FORMULA:
        raise FormulaError(
            f"is longer than {MAX_FORMULA:,} characters ({len(source):,})", "Split it, e.g. with custom_field(…)."
        )
    names = Names()
    try:
        # Keep backslashes as they are: in Jinja's string literals, the \b of a pattern would be a control character.
        parser = Parser(_JINJA, source.replace("\\", "\\\\"), state="variable")
        expression = parser.parse_expression()
        if not parser.stream.eos:
            raise FormulaError(f"continues after its end at `{parser.stream.current}`")
        expression = rewritten(expression, names)
        expression.set_environment(_JINJA)
        result = nodes.Assign(nodes.Name("result", "store"), expression, lineno=1)
        template = _JINJA.from_string(nodes.Template([result], lineno=1))
    except TemplateSyntaxError as error:
        raise FormulaError(f"is not an expression: {error.message}") from error
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise FormulaError("is nested too deeply", "Split it, e.g. with custom_field(…).") from error
    return Formula(source, names, TemplateExpression(template, undefined_to_none=True))


@_FORMULA_ERRORS
def plain_result(result: Any) -> Value | None:
    """Return the result of a formula as a plain value; None for blank text and empty lists.

    Raises:
        FormulaError: It is too long or nested too deeply.
    """
    if isinstance(result, bool):
        return result
    if isinstance(result, (int, Decimal)):
        number = as_decimal(str(result))
        return None if number is None else json_number(number)
    written = json(result) if isinstance(result, dict) and result else text(result or None)
    return written if written.strip() else None


@_FORMULA_ERRORS
def members_of(result: Any) -> list[str] | None:
    """Return the members of a formula's list as text; None if the result is not a list.

    Raises:
        FormulaError: A member is too long or nested too deeply.
    """
    return [each for each in map(text, result) if each] if isinstance(result, (list, tuple)) else None
