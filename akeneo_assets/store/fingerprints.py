"""The fingerprint of everything that a mapped record depends on; if it is unchanged, the record is not mapped again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

CHANGED: Final = "value changed"
REMAPPED: Final = "mapping changed"
RESTRUCTURED: Final = "structure changed"


@dataclass(frozen=True, slots=True)
class SourceFingerprint:
    """The inputs that a record was mapped from.

    Attributes:
        content: Fingerprint of the record in Akeneo, or of its whole product tree; empty if only a part of it was
            delivered, so that it is mapped again.
        rules: Fingerprint of the mapping file and of the code that applies it.
        structure: Fingerprint of Akeneo's structure.
        pending_reason: Why the record still has to be sent after this content was mapped; None if it was delivered.
    """

    content: str
    rules: str
    structure: str
    pending_reason: str | None = None

    def pending(self, reason: str) -> SourceFingerprint:
        """Return the fingerprint of a record that was mapped but not delivered yet, so that it is mapped again.

        Args:
            reason: Why it has to be sent; the reason remains as long as the content is the same.
        """
        return replace(self, pending_reason=reason)

    def incomplete(self) -> SourceFingerprint:
        """Return the fingerprint of a partly delivered record, which is mapped again like a changed one."""
        return replace(self, content="", pending_reason=None)

    def reason_since(self, before: SourceFingerprint | None) -> str:
        """Return why a record may be mapped differently than before.

        Args:
            before: The fingerprint from the last time; None if unknown.
        """
        if before is not None and before.rules != self.rules:
            return REMAPPED
        if before is None or not before.content or before.content != self.content:
            return CHANGED
        if before.structure != self.structure:
            return RESTRUCTURED
        return before.pending_reason or CHANGED
