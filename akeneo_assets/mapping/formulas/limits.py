"""Limits on formulas, so that none can run forever or fill the memory."""

from __future__ import annotations

from typing import Final

from akeneo_assets.mapping.invalid_value import InvalidValueError

MAX_FORMULA: Final = 2_000
"""Maximum characters of a formula."""
MAX_DEPTH: Final = 50
"""Maximum nesting depth of expressions."""
MAX_TEXT: Final = 100_000
"""Maximum characters of any text that a formula creates."""
MAX_MEMBERS: Final = 10_000
"""Maximum members of any list that a formula creates."""
MAX_STEPS: Final = 300_000
"""Maximum steps of all patterns of one formula for one record."""


class FormulaError(InvalidValueError):
    """A formula is invalid, or fails on a record; the message completes the sentence "The formula …"."""


class NoValueError(Exception):
    """A calculation has an operand without a value, so the formula has no result."""


class Steps:
    """Counts the steps of one evaluation."""

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Use up ``steps`` of the remaining steps.

        Raises:
            FormulaError: Not enough steps remain.
        """
        self._left -= steps
        if self._left < 0:
            raise FormulaError("takes too many steps to match its patterns on this text")


def bounded(text: str) -> str:
    """Return ``text`` unless it is too long.

    Raises:
        FormulaError: The text is too long.
    """
    if len(text) > MAX_TEXT:
        raise FormulaError(f"creates text of more than {MAX_TEXT:,} characters")
    return text


def bounded_list(members: list[object]) -> list[object]:
    """Return ``members`` unless there are too many.

    Raises:
        FormulaError: There are too many members.
    """
    if len(members) > MAX_MEMBERS:
        raise FormulaError(f"creates a list of more than {MAX_MEMBERS:,} members")
    return members
