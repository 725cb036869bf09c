"""Formula functions that do not need the record. Each can be written as ``f(x)`` or ``x|f``."""

from __future__ import annotations

import json as json_library
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from html import unescape
from operator import ge, gt, le, lt
from typing import Any, Final, Literal

import orjson

from akeneo_assets.documents import canonical_bytes
from akeneo_assets.mapping.formulas.limits import MAX_TEXT, FormulaError, NoValueError, bounded, bounded_list
from akeneo_assets.mapping.numbers import as_decimal, json_number, number_text
from akeneo_assets.mapping.plain import TRUTH_LABELS

_ARITHMETIC: Final = Context(prec=40, Emax=200, Emin=-200)
_MAX_DIGITS: Final = 12
_OPERATIONS: Final[Mapping[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": _ARITHMETIC.add,
    "-": _ARITHMETIC.subtract,
    "*": _ARITHMETIC.multiply,
    "/": _ARITHMETIC.divide,
    "//": _ARITHMETIC.divide_int,
    "%": _ARITHMETIC.remainder,
}
_ORDERS: Final = {"lt": lt, "lteq": le, "gt": gt, "gteq": ge}
_COMMENT: Final = "<!--"
_TAG: Final = re.compile(
    _COMMENT + r"""|</?[a-z](?:[^<>"']|"[^"<]*"|'[^'<]*')*>|<[a-z/!?][^<>]*>""",
    re.IGNORECASE,
)
"""A tag; its quoted values may contain `>`. A search for its end stops at the next `<`, which keeps it linear."""
COMPARE: Final = "0compare"
"""The internal function for comparisons; formulas cannot call it, because its name starts with a digit."""
SLICE: Final = "0slice"
"""The internal function for slices such as ``text[0:5]``."""


def calculate(operator: str, left: Any, right: Any) -> Any:
    """Return the result of ``left operator right``; numbers are exact decimals, and ``+`` also joins text or lists.

    Raises:
        NoValueError: An operand has no value.
        FormulaError: The operands are not numbers, and not both text or both lists.
    """
    if operator == "+":
        if isinstance(left, str) and isinstance(right, str):
            return bounded(left + right)
        if isinstance(left, list) and isinstance(right, list):
            return bounded_list(left + right)
    return _OPERATIONS[operator](_operand(left, operator), _operand(right, operator))


def compare(left: Any, *pairs: Any) -> bool:
    """Return the result of a chain of comparisons such as ``1 < price < 20``.

    Args:
        left: The first operand.
        pairs: Alternately, an operator (as Jinja names it) and the operand after it.

    Raises:
        NoValueError: An operand of ``<``, ``<=``, ``>`` or ``>=`` is None; ``in`` returns False for None instead.
        FormulaError: The operands cannot be compared.
    """
    for operator, right in zip(pairs[::2], pairs[1::2], strict=True):
        if not _holds(operator, left, right):
            return False
        left = right
    return True


def _holds(operator: str, left: Any, right: Any) -> bool:
    if operator in {"eq", "ne"}:
        return (left == right) is (operator == "eq")
    if operator in {"in", "notin"}:
        return _is_in(left, right) is (operator == "in")
    if left is None or right is None:
        raise NoValueError
    numbers = all(isinstance(each, (int, Decimal)) for each in (left, right))
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        raise FormulaError("compares values of different types: only two numbers or two texts can be compared")
    return bool(_ORDERS[operator](left, right))


def _is_in(member: Any, whole: Any) -> bool:
    if isinstance(whole, str):
        return isinstance(member, str) and member in whole
    if whole is None or isinstance(whole, (list, tuple, dict)):
        return whole is not None and member in whole
    raise FormulaError("uses `in` with something that is neither text nor a list")


def sliced(value: Any, start: Any, stop: Any, step: Any) -> Any:
    """Return ``value[start:stop:step]`` of text or a list; None for None."""
    if value is None:
        return None
    if not isinstance(value, (str, list, tuple)):
        raise FormulaError("slices something that is neither text nor a list")
    return value[slice(*(None if each is None else int(each) for each in (start, stop, step)))]


def negated(operator: str, value: Any) -> Decimal:
    """Return ``-value`` or ``+value``."""
    signed: Decimal = calculate(operator, Decimal(0), value)
    return signed


def _operand(value: Any, operator: str) -> Decimal:
    if value is None:
        raise NoValueError
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise FormulaError(f"uses {operator} with a value that is not a number; use number(…), or join text with ~")
    return Decimal(value)


def text(value: Any) -> str:
    """Format any value as text: None as empty text, Yes or No, plain numbers, lists joined by ", ", tables as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return TRUTH_LABELS[value]
    if isinstance(value, (int, Decimal)):
        return bounded(number_text(Decimal(value)))
    if isinstance(value, (list, tuple)) and not any(isinstance(each, (list, tuple, dict)) for each in value):
        return join(list(value))
    return bounded(value) if isinstance(value, str) else json(value)


def concat(*values: Any) -> str:
    """Join all values as text, like ``~``."""
    return _joined([text(value) for value in values], "")


def number(value: Any) -> Decimal | None:
    """Convert text to a number; None if it is not numeric."""
    return Decimal(value) if isinstance(value, (int, Decimal)) else as_decimal(value)


def coalesce(*values: Any) -> Any:
    """Return the first value that is neither None nor empty."""
    return next((value for value in values if value is not None and value not in ("", [], {})), None)


def substring(value: Any, start: int, length: int | None = None) -> str:
    """Return ``length`` characters of text from ``start``, which counts from 0, or from the end if negative."""
    whole, begin = text(value), int(start)
    begin = max(0, len(whole) + begin) if begin < 0 else begin
    return whole[begin:] if length is None else whole[begin : begin + max(0, int(length))]


def replace(value: Any, old: str, new: str) -> str:
    """Replace all occurrences of ``old`` in text with ``new``."""
    whole = text(value)
    if not old:
        raise FormulaError("calls replace(…) without a text to replace")
    if len(whole) + whole.count(old) * (len(new) - len(old)) > MAX_TEXT:
        raise FormulaError(f"creates text of more than {MAX_TEXT:,} characters")
    return whole.replace(old, new)


def split(value: Any, separator: str = ",") -> list[object]:
    """Split text, and trim white space around the parts."""
    if not separator:
        raise FormulaError("calls split(…) with an empty separator")
    whole = text(value)
    if whole.count(separator) >= MAX_TEXT // 10:
        raise FormulaError("splits text into too many parts")
    return [part.strip() for part in whole.split(separator)] if whole else []


def join(values: Any, separator: str = ", ") -> str:
    """Join the members of a list as text; empty members are left out."""
    if not isinstance(values, (list, tuple)):
        return text(values)
    return _joined([each for each in map(text, values) if each], separator)


def _joined(texts: list[str], separator: str) -> str:
    if sum(map(len, texts)) + len(separator) * len(texts) > MAX_TEXT + len(separator):
        raise FormulaError(f"creates text of more than {MAX_TEXT:,} characters")
    return separator.join(texts)


def json(value: Any) -> str:
    """Format a value as JSON."""
    return bounded(canonical_bytes(plain_json(value)).decode())


def from_json(value: Any) -> Any:
    """Parse JSON text; None if it is not valid JSON."""
    if not isinstance(value, str):
        return None
    try:
        orjson.loads(bounded(value))  # rejects incomplete characters such as "\\ud800", which cannot be encoded
        return json_library.loads(value, parse_float=_exact_number, parse_int=_exact_number)
    except (json_library.JSONDecodeError, RecursionError):
        return None


def _exact_number(written: str) -> Decimal:
    """Parse a number in JSON with a limit on its digits: 1e999999999 would fill the memory when formatted."""
    found = as_decimal(written)
    if found is None:
        raise FormulaError("parses JSON with a number that has too many digits")
    return found


def plain_json(value: Any) -> Any:
    """Return a formula's value as a JSON value; decimals become the nearest JSON number."""
    if isinstance(value, Decimal):
        return json_number(value)
    if isinstance(value, (list, tuple)):
        return [plain_json(each) for each in value]
    if isinstance(value, dict):
        return {text(key): plain_json(each) for key, each in value.items()}
    return value


def upper(value: Any) -> str:
    """Convert text to upper case."""
    return text(value).upper()


def lower(value: Any) -> str:
    """Convert text to lower case."""
    return text(value).lower()


def capitalize(value: Any) -> str:
    """Convert the first letter of text to upper case."""
    whole = text(value)
    return whole[:1].upper() + whole[1:]


def trim(value: Any) -> str:
    """Remove white space around text, and replace each run of white space inside with one space."""
    return " ".join(text(value).split())


def striptags(value: Any) -> str:
    """Return the text content of HTML in a single pass; Python's parser can take hours for some texts."""
    whole, parts, at = text(value), [], 0
    while (tag := _TAG.search(whole, at)) is not None:
        parts.append(whole[at : tag.start()])
        at = tag.end()
        if tag.group() == _COMMENT:
            end = whole.find("-->", at)
            at = len(whole) if end < 0 else end + len("-->")
    return trim(unescape(" ".join([*parts, whole[at:]])))


def length(value: Any) -> int:
    """Return the number of characters of text, or of members of a list."""
    return len(value) if isinstance(value, (list, tuple, dict)) else len(text(value))


def first(value: Any) -> Any:
    """Return the first member of a list, or the first character of text."""
    return value[0] if isinstance(value, (list, tuple, str)) and value else None


def last(value: Any) -> Any:
    """Return the last member of a list, or the last character of text."""
    return value[-1] if isinstance(value, (list, tuple, str)) and value else None


def rounded(value: Any, digits: int = 0, method: Literal["half_up", "up", "down"] = "half_up") -> Decimal:
    """Round a number to ``digits`` decimal places."""
    if not 0 <= int(digits) <= _MAX_DIGITS:
        raise FormulaError(f"calls round(…) with digits outside 0 to {_MAX_DIGITS}")
    modes = {"half_up": ROUND_HALF_UP, "up": "ROUND_CEILING", "down": "ROUND_FLOOR"}
    if method not in modes:
        raise FormulaError(f"calls round(…) with an unknown method; use one of {', '.join(modes)}")
    step = Decimal(1).scaleb(-int(digits))
    return _operand(value, "round").quantize(step, rounding=modes[method], context=_ARITHMETIC)


def absolute(value: Any) -> Decimal:
    """Return the absolute value of a number."""
    return abs(_operand(value, "abs"))


def starts_with(value: Any, beginning: str) -> bool:
    """Return whether text starts with ``beginning``."""
    return text(value).startswith(beginning)


def ends_with(value: Any, end: str) -> bool:
    """Return whether text ends with ``end``."""
    return text(value).endswith(end)


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": absolute,
    "capitalize": capitalize,
    "coalesce": coalesce,
    "concat": concat,
    "ends_with": ends_with,
    "first": first,
    "from_json": from_json,
    "join": join,
    "json": json,
    "last": last,
    "length": length,
    "lower": lower,
    "number": number,
    "replace": replace,
    "round": rounded,
    "split": split,
    "starts_with": starts_with,
    "striptags": striptags,
    "substring": substring,
    "text": text,
    "trim": trim,
    "upper": upper,
}
