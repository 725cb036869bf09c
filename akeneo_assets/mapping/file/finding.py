"""Findings: errors and warnings about a mapping file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.mapping.file.place import Place, place_text

SETTING: Final = "AKENEO_ASSETS_MAPPING"

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """An error or warning about a mapping file.

    Args:
        place: Its path in the file, e.g. ``product.custom_fields.attributes[2]``; None for the whole file.
        message: What is wrong.
        fix: How to fix it.
        severity: ``error``: nothing is sent until it is fixed; ``warning``: only some fields or records are affected.
        line: Its line in the file, if known.
    """

    place: str | None
    message: str
    fix: str
    severity: Severity = "error"
    line: int | None = None

    @classmethod
    def at(cls, place: Place, message: str, fix: str, severity: Severity = "error") -> Finding:
        """Return a finding at a path in the file."""
        return cls(place_text(place), message, fix, severity)

    def __str__(self) -> str:
        """Return the finding as one line."""
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{'' if self.place is None else f'{self.place}: '}{self.message} {self.fix}"


class MappingFileError(ConfigurationError):
    """A mapping file cannot be loaded.

    Args:
        path: The file.
        findings: All errors in it.
    """

    def __init__(self, path: str | Path, findings: Sequence[Finding]) -> None:
        lines = "\n  ".join(map(str, findings))
        super().__init__(f"The mapping file {path} is invalid:\n  {lines}", settings=(SETTING,))
        self.findings = tuple(findings)
