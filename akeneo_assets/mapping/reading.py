"""How a source wants an attribute to be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["code", "label", "link", "unit", "json", "text"]
CollectionForm: TypeAlias = Literal["joined", "numbered", "json"]


@dataclass(frozen=True, slots=True)
class Reading:
    """An attribute and what of it is wanted; None stands for what holds for the whole file.

    Args:
        attribute: Its code.
        record_attribute: An attribute of the records that it names, instead of their label.
        form: What is shown of the value.
        unit: The unit of a measurement.
        currency: The currency of a price.
        locale: The only locale to take.
        channel: The channel to take.
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
