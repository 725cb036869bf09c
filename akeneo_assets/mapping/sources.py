"""The sources that a line of the mapping file can name.

Adding a type of source means adding a model with its own key to :data:`Source` and its case to
:func:`akeneo_assets.mapping.rules.evaluate`.
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
from akeneo_assets.mapping.mistakes import MistakeError
from akeneo_assets.mapping.reading import CollectionForm, Form, Reading


def _scalar(value: object) -> object:
    """Check that the JSON encoder can write ``value``: it knows no larger integers, no NaN and no infinity."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise MistakeError(
        "must be a text, a number or true or false", "Put quotes around a text that looks like something else."
    )


Scalar: TypeAlias = Annotated[bool | int | float | str, BeforeValidator(_scalar)]


def _text(value: object) -> object:
    """Turn what YAML reads as a number or a truth value back into the text that stood there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


Code: TypeAlias = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^[A-Za-z0-9_]+$")]
AnyCode: TypeAlias = Annotated[str, BeforeValidator(_text), StringConstraints(min_length=1)]
# An attribute's code, `$` and the name of a property of the record, or `attribute.attribute of its records`.
FieldName: TypeAlias = Annotated[
    str, BeforeValidator(_text), StringConstraints(pattern=r"^(\$?[A-Za-z0-9_]+|[A-Za-z0-9_]+\.[A-Za-z0-9_]+)$")
]
Codes: TypeAlias = tuple[AnyCode, ...]


class FileModel(BaseModel):
    """A part of the mapping file; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldSource(FileModel):
    """The value of an attribute or a property; ``default`` where it has none.

    Args:
        field: The attribute, ``$property`` or ``attribute.attribute of its records``.
        default: For records without a value.
        form: What is shown of the value.
        unit: The unit of a measurement.
        currency: The currency of a price.
        locale: The only locale to take.
        channel: The channel to take.
        collection: How a custom field carries several members.
    """

    field: FieldName
    default: Scalar | None = None
    form: Form | None = None
    unit: AnyCode | None = None
    currency: AnyCode | None = None
    locale: AnyCode | None = None
    channel: AnyCode | None = None
    collection: CollectionForm | None = None

    @property
    def name(self) -> str:
        """What is read, for messages."""
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
            raise MistakeError(f"{self.field} is a property, which takes no {', '.join(sorted(details))}", "Remove it.")
        return self


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

    @cached_property
    def reading(self) -> Reading | None:
        """How the attribute is read: by its codes; None for a property."""
        return None if self.lookup.startswith("$") else replace(Reading.of(self.lookup), form="code")


def _compilable(value: str) -> str:
    compile_formula(value)
    return value


FormulaText: TypeAlias = Annotated[str, StringConstraints(min_length=1), AfterValidator(_compilable)]


class FormulaSource(FileModel):
    """The result of a formula; ``default`` where it has none or fails.

    Args:
        formula: A Jinja expression; see :mod:`akeneo_assets.mapping.formulas`.
        default: For records without a result.
        collection: How a custom field carries the members of a list.
    """

    formula: FormulaText
    default: Scalar | None = None
    collection: CollectionForm | None = None

    @property
    def name(self) -> str:
        """What is calculated, for messages."""
        return f"the formula `{self.formula}`"

    @cached_property
    def compiled(self) -> Formula:
        """The formula, ready to be carried out."""
        return compile_formula(self.formula)


AnySource: TypeAlias = FieldSource | StaticSource | LookupSource | FormulaSource
TAG = "="
"""What the tags of alternatives begin with, so that they can be told from the steps of a place in the file."""

_MODELS = (FieldSource, StaticSource, LookupSource, FormulaSource)
SOURCE_KEYS = ("field", "static", "lookup", "formula")
"""The key by which each of the models is recognised."""


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
