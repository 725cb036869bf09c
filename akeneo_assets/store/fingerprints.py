"""The fingerprint of all that decides what a record is mapped to: an unchanged one saves mapping the record again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

CHANGED: Final = "value changed"
REMAPPED: Final = "mapping changed"
RESTRUCTURED: Final = "structure changed"


@dataclass(frozen=True, slots=True)
class SourceFingerprint:
    """What a record was mapped from.

    Attributes:
        content: Fingerprint of the record in Akeneo, or of its whole product tree; empty when only part of it was
            delivered, so that it is mapped again.
        rules: Fingerprint of the mapping file and of the code that applies it.
        structure: Fingerprint of Akeneo's structure.
        pending_reason: Why the record still has to be sent although this content was mapped; None when it was
            delivered.
    """

    content: str
    rules: str
    structure: str
    pending_reason: str | None = None

    def pending(self, reason: str) -> SourceFingerprint:
        """Return the fingerprint of a record that was mapped and not delivered yet: it is mapped again.

        Args:
            reason: Why it has to be sent; it stays the reason as long as the content is the same.
        """
        return replace(self, pending_reason=reason)

    def incomplete(self) -> SourceFingerprint:
        """Return the fingerprint of a record that was delivered in part: it is mapped again, as one that changed."""
        return replace(self, content="", pending_reason=None)

    def reason_since(self, before: SourceFingerprint | None) -> str:
        """Return why a record may map to something else than before.

        Args:
            before: What it was mapped from the last time; None when that is not known.
        """
        if before is not None and before.rules != self.rules:
            return REMAPPED
        if before is None or not before.content or before.content != self.content:
            return CHANGED
        if before.structure != self.structure:
            return RESTRUCTURED
        return before.pending_reason or CHANGED
