"""Limits of a formula, so that none can run forever or fill the memory."""

from __future__ import annotations

from typing import Final

from akeneo_assets.mapping.mistakes import MistakeError

MAX_FORMULA: Final = 2_000
"""Characters of a formula."""
MAX_DEPTH: Final = 50
"""How deep expressions may be nested."""
MAX_TEXT: Final = 100_000
"""Characters of any text that a formula makes."""
MAX_MEMBERS: Final = 10_000
"""Members of any list that a formula makes."""
MAX_STEPS: Final = 300_000
"""Steps that all patterns of one formula may take for one record."""


class FormulaError(MistakeError):
    """A formula is wrong, or fails on a record; the message says why."""


class NoValueError(Exception):
    """A calculation lacks one of its values, so that the formula has none."""


class Steps:
    """Counts the steps of one evaluation."""

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Take ``steps`` from what is left.

        Raises:
            FormulaError: There are not so many left.
        """
        self._left -= steps
        if self._left < 0:
            raise FormulaError("its patterns take too many steps on this text")


def bounded(text: str) -> str:
    """Return ``text`` unless it is too long.

    Raises:
        FormulaError: It is.
    """
    if len(text) > MAX_TEXT:
        raise FormulaError(f"makes a text of more than {MAX_TEXT:,} characters")
    return text


def bounded_list(members: list[object]) -> list[object]:
    """Return ``members`` unless they are too many.

    Raises:
        FormulaError: They are.
    """
    if len(members) > MAX_MEMBERS:
        raise FormulaError(f"makes a list of more than {MAX_MEMBERS:,} members")
    return members
