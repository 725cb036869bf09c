"""How a source reads an attribute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["code", "label", "link", "unit", "json", "text"]
CollectionForm: TypeAlias = Literal["joined", "numbered", "json"]


@dataclass(frozen=True, slots=True)
class Reading:
    """An attribute and how to read it; None stands for the settings of the mapping file.

    Args:
        attribute: Its code.
        record_attribute: An attribute of the linked records, to read instead of their label.
        form: Which form of the value to use.
        unit: The unit of a measurement.
        currency: The currency of a price.
        locale: The only locale to read.
        channel: The channel to read.
    """

    attribute: str
    record_attribute: str | None = None
    form: Form | None = None
    unit: str | None = None
    currency: str | None = None
    locale: str | None = None
    channel: str | None = None

    @classmethod
    def of(cls, name: str) -> Reading:
        """Return the reading of ``attribute`` or ``attribute.record_attribute``."""
        attribute, _, record_attribute = name.partition(".")
        return cls(attribute, record_attribute or None)
