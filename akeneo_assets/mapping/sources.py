"""The sources that a line of the mapping file can name.

Adding a type of source means adding a model with its own key to :data:`Source` and its case to
:func:`akeneo_assets.mapping.rules.evaluate`.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag

ValueType: TypeAlias = Literal["text", "number", "boolean"]


def _scalar(value: object) -> object:
    """Check that the JSON encoder can write ``value``: it knows no larger integers, no NaN and no infinity."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError("must be a text, a number or true or false; put quotes around a text that looks like another.")


Scalar: TypeAlias = Annotated[bool | int | float | str, BeforeValidator(_scalar)]


def _text(value: object) -> object:
    """Turn what YAML reads as a number or a truth value back into the text that stood there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


Code: TypeAlias = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^[A-Za-z0-9_]+$")]
AnyCode: TypeAlias = Annotated[str, BeforeValidator(_text), StringConstraints(min_length=1)]
# An attribute's code, or `$` and the name of a property of the record.
FieldName: TypeAlias = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^\$?[A-Za-z0-9_]+$")]
Codes: TypeAlias = tuple[AnyCode, ...]


class FileModel(BaseModel):
    """A part of the mapping file; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldSource(FileModel):
    """The value of an attribute or a property; ``default`` where it has none."""

    field: FieldName
    default: Scalar | None = None

    @property
    def name(self) -> str:
        """What is read."""
        return self.field


class StaticSource(FileModel):
    """Always the same value."""

    static: Scalar

    @property
    def name(self) -> None:
        """Nothing is read."""
        return


class LookupSource(FileModel):
    """The value that ``table`` has for a field; ``default`` where the table has none."""

    lookup: FieldName
    table: dict[AnyCode, Scalar] = Field(min_length=1)
    default: Scalar | None = None

    @property
    def name(self) -> str:
        """What is looked up."""
        return self.lookup


AnySource: TypeAlias = FieldSource | StaticSource | LookupSource
SOURCE_KEYS = ("field", "static", "lookup")


def _spelled_out(value: object) -> object:
    return {"field": value} if isinstance(value, (str, int)) else value


def _source_key(value: object) -> str | None:
    if isinstance(value, dict):
        return next((key for key in SOURCE_KEYS if key in value), None)
    return next((key for key in SOURCE_KEYS if hasattr(value, key)), None)


Source: TypeAlias = Annotated[
    Annotated[FieldSource, Tag("field")]
    | Annotated[StaticSource, Tag("static")]
    | Annotated[LookupSource, Tag("lookup")],
    Discriminator(
        _source_key,
        custom_error_type="source",
        custom_error_message=(
            "must be the code of an attribute, a $property, or one of "
            "{field: …, default: …}, {static: …}, {lookup: …, table: {…}}"
        ),
    ),
    BeforeValidator(_spelled_out),
]
