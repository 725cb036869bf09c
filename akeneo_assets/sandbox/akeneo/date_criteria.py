"""Conditions on the dates of records, in the syntax for products and in that for other records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Final, TypeAlias

from akeneo_assets.sandbox.akeneo.dates import iso_moment, local_moment
from akeneo_assets.sandbox.akeneo.errors import unprocessable
from akeneo_assets.sandbox.akeneo.search import Criterion, unsupported

MomentTest: TypeAlias = Callable[[int], bool]
Reader: TypeAlias = Callable[[object], "int | None"]

LOCAL_FORMAT: Final = "yyyy-mm-dd H:i:s"
ISO_FORMAT: Final = "yyyy-mm-ddTHH:mm:ssZ"

_DAY_SECONDS = 86_400

_COMPARISONS: Final[dict[str, Callable[[int, int], bool]]] = {
    "=": lambda moment, bound: moment == bound,
    "!=": lambda moment, bound: moment != bound,
    "<": lambda moment, bound: moment < bound,
    ">": lambda moment, bound: moment > bound,
}


def local_date_test(criterion: Criterion, zone: tzinfo, now: float) -> MomentTest:
    """Return the test of a criterion on products or models, whose dates carry no offset.

    Raises:
        ApiError: The operator or the date is wrong.
    """
    return _date_test(criterion, lambda text: local_moment(text, zone), LOCAL_FORMAT, now)


def iso_date_test(criterion: Criterion, now: float) -> MomentTest:
    """Return the test of a criterion on any other records, whose dates are ISO 8601 with an offset.

    Raises:
        ApiError: The operator or the date is wrong.
    """
    return _date_test(criterion, iso_moment, ISO_FORMAT, now)


def _date_test(criterion: Criterion, read: Reader, form: str, now: float) -> MomentTest:
    def moment(value: object) -> int:
        result = read(value)
        if result is None:
            raise unprocessable(
                f'Property "{criterion.property}" expects a string with the format "{form}" as data, "{value}" given.'
            )
        return result

    operator, value = criterion.operator, criterion.value
    if compare := _COMPARISONS.get(operator):
        bound = moment(value)
        return lambda found: compare(found, bound)
    if operator in {"BETWEEN", "NOT BETWEEN"}:
        if not isinstance(value, tuple) or len(value) != 2:
            raise unprocessable(f'Property "{criterion.property}" should contain 2 strings with the format "{form}".')
        first, last = map(moment, value)
        is_wanted = operator == "BETWEEN"
        return lambda found: (first <= found <= last) is is_wanted
    if operator == "SINCE LAST N DAYS":
        if isinstance(value, bool) or not isinstance(value, int):
            raise unprocessable(f'Property "{criterion.property}" expects a numeric as data, "{value}" given.')
        since = now - value * _DAY_SECONDS
        return lambda found: found > since
    raise unsupported(criterion)
