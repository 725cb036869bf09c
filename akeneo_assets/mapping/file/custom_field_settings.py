"""The custom field settings of the mapping file."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, StringConstraints, Tag

from akeneo_assets.mapping.file.sources import AnyCode, AnySource, FileModel, Source
from akeneo_assets.mapping.reading import CollectionForm


class GroupChoice(FileModel):
    """All attributes of an attribute group."""

    group: AnyCode
    """The code of the attribute group."""


def _choice_tag(value: object) -> str:
    return "=group" if isinstance(value, (dict, GroupChoice)) else "=attribute"


AttributeChoice: TypeAlias = Annotated[
    Annotated[AnyCode, Tag("=attribute")] | Annotated[GroupChoice, Tag("=group")], Discriminator(_choice_tag)
]


class CustomFields(FileModel):
    """The custom fields of an object."""

    fields: dict[Annotated[str, StringConstraints(min_length=1)], Source | None] = Field(default_factory=dict)
    """Custom field to its source; null turns a line of the default mapping off."""
    attributes: tuple[AttributeChoice, ...] = ()
    """Attributes to send under their own names: codes, patterns such as `care_*`, and groups."""
    all: bool = False
    """Send all attributes that are not mapped elsewhere."""
    exclude: tuple[AttributeChoice, ...] = ()
    """Codes, patterns and groups to leave out of `attributes` and `all`."""
    names: Literal["code", "label"] = "code"
    """Name these custom fields by the code or the label of the attribute."""
    collection: CollectionForm = "joined"
    """How lists are sent, unless a line sets its own."""

    @cached_property
    def sources(self) -> dict[str, AnySource]:
        """The lines of ``fields`` that null does not turn off."""
        return {name: source for name, source in self.fields.items() if source is not None}

    @cached_property
    def named_attributes(self) -> frozenset[str]:
        """The attributes that are chosen by code."""
        return frozenset(choice for choice in self.attributes if isinstance(choice, str) and not is_pattern(choice))

    @cached_property
    def chooses_nothing(self) -> bool:
        """Whether custom fields come only from ``fields``."""
        return not (self.all or self.attributes)

    def chooses(self, code: str, group: str | None) -> bool:
        """Return whether the attribute with this code and group becomes a custom field."""
        return (self.all or _is_among(self.attributes, code, group)) and not _is_among(self.exclude, code, group)


def is_pattern(text: str) -> bool:
    """Return whether a choice of attributes is a pattern such as ``care_*``."""
    return any(sign in text for sign in "*?[")


def _is_among(choices: tuple[str | GroupChoice, ...], code: str, group: str | None) -> bool:
    return any(
        choice.group == group if isinstance(choice, GroupChoice) else choice == code or fnmatchcase(code, choice)
        for choice in choices
    )
