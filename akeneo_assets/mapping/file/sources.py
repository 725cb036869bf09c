"""The sources that a line of the mapping file can have.

To add a type of source, add a model with its own key to :data:`Source` and handle it in
:func:`akeneo_assets.mapping.record.rules.evaluate`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import Annotated, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from akeneo_assets.mapping.formulas.formula import Formula, compile_formula
from akeneo_assets.mapping.invalid_value import InvalidValueError
from akeneo_assets.mapping.reading import CollectionForm, Form, Reading


def _scalar(value: object) -> object:
    """Check that the JSON encoder can write ``value``: larger integers, NaN and infinity are not supported."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise InvalidValueError(
        "must be text, a number, true or false", "Put text in quotes if YAML could read it as something else."
    )


Scalar: TypeAlias = Annotated[bool | int | float | str, BeforeValidator(_scalar)]


def _text(value: object) -> object:
    """Convert a number or boolean that YAML has read back to the text in the file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


Code: TypeAlias = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^[A-Za-z0-9_]+$")]
AnyCode: TypeAlias = Annotated[str, BeforeValidator(_text), StringConstraints(min_length=1)]
# The code of an attribute, a `$property` of the record, or `attribute.record_attribute`.
FieldName: TypeAlias = Annotated[
    str, BeforeValidator(_text), StringConstraints(pattern=r"^(\$?[A-Za-z0-9_]+|[A-Za-z0-9_]+\.[A-Za-z0-9_]+)$")
]
Codes: TypeAlias = tuple[AnyCode, ...]


class FileModel(BaseModel):
    """A part of the mapping file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class FieldSource(FileModel):
    """The value of an attribute or property, or ``default`` if it has none."""

    field: FieldName
    """The code of an attribute, a `$property`, or `attribute.record_attribute`."""
    default: Scalar | None = None
    """What to send for a record without a value."""
    form: Form | None = None
    """Which form of the value to send, such as its code, label or link."""
    unit: AnyCode | None = None
    """The unit to convert a measurement to."""
    currency: AnyCode | None = None
    """The currency of a price; default: that of the settings."""
    locale: AnyCode | None = None
    """The only locale to read; no fallbacks are tried."""
    channel: AnyCode | None = None
    """The channel to read; default: that of the settings."""
    collection: CollectionForm | None = None
    """How a custom field shows a list: joined, numbered or as JSON."""

    @property
    def name(self) -> str:
        """The name of the source in messages."""
        return self.field

    @cached_property
    def reading(self) -> Reading | None:
        """How the attribute is read; None for a property."""
        if self.field.startswith("$"):
            return None
        return replace(
            Reading.of(self.field),
            form=self.form,
            unit=self.unit,
            currency=self.currency,
            locale=self.locale,
            channel=self.channel,
        )

    @model_validator(mode="after")
    def _property_without_details(self) -> FieldSource:
        details = self.model_fields_set - {"field", "default"}
        if self.field.startswith("$") and details:
            raise InvalidValueError(f"the property {self.field} cannot have {', '.join(sorted(details))}", "Remove it.")
        return self


class StaticSource(FileModel):
    """Always the same value."""

    static: Scalar
    """Text, a number, true or false."""

    @property
    def name(self) -> None:
        """A static value has no name."""
        return


class LookupSource(FileModel):
    """The entry of ``table`` for the value of a field, or ``default`` if there is none."""

    lookup: FieldName
    """The attribute or `$property` whose value is looked up; options and records by code."""
    table: dict[AnyCode, Scalar] = Field(min_length=1)
    """Value in Akeneo to value in iPaaS.com."""
    default: Scalar | None = None
    """What to send for a value that is not in the table."""

    @property
    def name(self) -> str:
        """The name of the source in messages."""
        return self.lookup

    @cached_property
    def reading(self) -> Reading | None:
        """How the attribute is read: as codes; None for a property."""
        return None if self.lookup.startswith("$") else replace(Reading.of(self.lookup), form="code")


def _compilable(value: str) -> str:
    compile_formula(value)
    return value


FormulaText: TypeAlias = Annotated[str, StringConstraints(min_length=1), AfterValidator(_compilable)]


class FormulaSource(FileModel):
    """The result of a formula, or ``default`` if it has none or fails."""

    formula: FormulaText
    """A Jinja expression; the end of the default mapping file lists syntax and functions."""
    default: Scalar | None = None
    """What to send for a record without a result."""
    collection: CollectionForm | None = None
    """How a custom field shows a list: joined, numbered or as JSON."""

    @property
    def name(self) -> str:
        """The name of the source in messages."""
        return f"the formula `{self.formula}`"

    @cached_property
    def compiled(self) -> Formula:
        """The compiled formula."""
        return compile_formula(self.formula)


AnySource: TypeAlias = FieldSource | StaticSource | LookupSource | FormulaSource
TAG = "="
"""The prefix of tags of alternatives, which distinguishes them from the steps of a path in the file."""

_MODELS = (FieldSource, StaticSource, LookupSource, FormulaSource)
SOURCE_KEYS = ("field", "static", "lookup", "formula")
"""The key that identifies each model, in the same order."""


def _spelled_out(value: object) -> object:
    return {"field": value} if isinstance(value, (str, int)) else value


def _source_key(value: object) -> str | None:
    if isinstance(value, dict):
        return next((TAG + key for key in SOURCE_KEYS if key in value), None)
    return next((TAG + key for key, model in zip(SOURCE_KEYS, _MODELS, strict=True) if isinstance(value, model)), None)


Source: TypeAlias = Annotated[
    Annotated[FieldSource, Tag("=field")]
    | Annotated[StaticSource, Tag("=static")]
    | Annotated[LookupSource, Tag("=lookup")]
    | Annotated[FormulaSource, Tag("=formula")],
    Discriminator(
        _source_key,
        custom_error_type="source",
        custom_error_message=(
            "must be the code of an attribute, a $property, or one of "
            "{field: …, default: …}, {static: …}, {lookup: …, table: {…}}, {formula: …}"
        ),
    ),
    BeforeValidator(_spelled_out),
]
