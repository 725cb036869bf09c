"""The error of an invalid value in a mapping file."""

from __future__ import annotations


class InvalidValueError(ValueError):
    """A part of a mapping file is invalid.

    Args:
        message: What is wrong.
        fix: How to fix it.
    """

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.fix = fix
