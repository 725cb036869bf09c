"""The parts of Akeneo's structure that the mapping needs, built from the documents of the mirror."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from akeneo_assets.documents import fingerprint
from akeneo_assets.mapping.catalogue.asset_links import MediaLink, media_links
from akeneo_assets.mapping.catalogue.attribute_types import (
    ASSET_COLLECTION,
    IDENTIFIER,
    OPTION_TYPES,
    REFERENCE_ENTITY_TYPES,
)
from akeneo_assets.mapping.catalogue.measurements import Unit, units_of
from akeneo_assets.mapping.shapes import as_codes, as_list, as_map, as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject

Labels: TypeAlias = dict[str, str]
Documents: TypeAlias = Mapping[str, Iterable[tuple[str, "JsonObject"]]]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A product attribute.

    Args:
        code: Its code.
        type: Its type, as Akeneo names it.
        labels: By locale.
        reference_entity: The reference entity, or asset family, that its values link to.
        group: Its attribute group.
        measurement_family: The measurement family of a measurement.
        columns: The columns of a table, in order.
    """

    code: str
    type: str
    labels: Labels = field(default_factory=dict)
    reference_entity: str | None = None
    group: str | None = None
    measurement_family: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a value can link to: an option of an attribute, a record of a reference entity, or an asset.

    Args:
        code: Its code.
        labels: By locale.
        sort_order: Its position among the others.
        values: The entries of each attribute of a record.
    """

    code: str
    labels: Labels = field(default_factory=dict)
    sort_order: int = 0
    values: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordAttribute:
    """An attribute of the records of a reference entity.

    Args:
        type: Its type, e.g. ``single_option``; these names differ from the types of product attributes.
        entity: The reference entity that its values link to.
    """

    type: str
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class AssociationType:
    """An association type."""

    code: str
    labels: Labels = field(default_factory=dict)
    quantified: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel with its active locales and currencies."""

    code: str
    locales: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure of one catalogue.

    Args:
        attributes: By code.
        options: By attribute, then by case-folded code: Akeneo ignores the case of codes, and a product may spell a
            code differently from the list of options.
        records: Records by reference entity, then by case-folded code.
        assets: Assets by asset family, then by case-folded code.
        media_links: The attributes of asset families that hold links, by asset family.
        label_attributes: The label attribute of each family, by family.
        axes: The axes of all levels, in level order, by family variant; the codes of family variants are unique.
        association_types: By code.
        channels: By code.
        identifier_attribute: The main identifier.
        measurement_families: Units by measurement family, then by code.
        families: The attributes of each family; used only by checks.
        with_variants: The families that have family variants; used only by checks.
        record_attributes: The attributes of reference entities by code, as far as they were read.
        record_options: The options of those attributes by ``<entity>/<attribute>``, then by case-folded code.
    """

    attributes: dict[str, Attribute] = field(default_factory=dict)
    options: dict[str, dict[str, Choice]] = field(default_factory=dict)
    records: dict[str, dict[str, Choice]] = field(default_factory=dict)
    assets: dict[str, dict[str, Choice]] = field(default_factory=dict)
    media_links: dict[str, tuple[MediaLink, ...]] = field(default_factory=dict)
    label_attributes: dict[str, str] = field(default_factory=dict)
    axes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    association_types: dict[str, AssociationType] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    identifier_attribute: str | None = None
    measurement_families: dict[str, dict[str, Unit]] = field(default_factory=dict)
    families: dict[str, tuple[str, ...]] = field(default_factory=dict)
    with_variants: tuple[str, ...] = ()
    record_attributes: dict[str, dict[str, RecordAttribute]] = field(default_factory=dict)
    record_options: dict[str, dict[str, Choice]] = field(default_factory=dict)

    @classmethod
    def from_documents(cls, documents: Documents) -> Structure:
        """Build the structure.

        Args:
            documents: Pairs of key and document by source kind, as ``mirror.all_documents`` yields them. The keys
                include the owner of a document, such as the reference entity of a record. Other kinds are ignored;
                missing kinds are empty.
        """
        attributes = list(_documents(documents, "attribute"))
        families = list(_documents(documents, "family"))
        family_variants = list(_documents(documents, "family_variant"))
        return cls(
            attributes={
                code: Attribute(
                    code,
                    as_text(body.get("type")) or "",
                    labels_of(body),
                    as_text(body.get("reference_data_name")),
                    as_text(body.get("group")),
                    as_text(body.get("metric_family")),
                    tuple(str(as_map(column).get("code")) for column in as_list(body.get("table_configuration"))),
                )
                for code, body in attributes
            },
            options=_choices(_documents(documents, "attribute_option"), _option),
            records=_choices(_documents(documents, "reference_entity_record"), _record),
            assets=_choices(_documents(documents, "asset"), _record),
            media_links=media_links(_documents(documents, "asset_attribute")),
            label_attributes={
                code: label for code, body in families if (label := as_text(body.get("attribute_as_label")))
            },
            axes={key.partition("/")[2]: _axes(body) for key, body in family_variants},
            association_types={
                code: AssociationType(code, labels_of(body), body.get("is_quantified") is True)
                for code, body in _documents(documents, "association_type")
            },
            channels={
                code: Channel(code, as_codes(body.get("locales")), as_codes(body.get("currencies")))
                for code, body in _documents(documents, "channel")
            },
            identifier_attribute=_identifier_attribute(attributes),
            measurement_families={code: units_of(body) for code, body in _documents(documents, "measurement_family")},
            record_attributes=_record_attributes(_documents(documents, "reference_entity_attribute")),
            record_options=_choices(_documents(documents, "reference_entity_attribute_option"), _option),
            with_variants=tuple(sorted({key.partition("/")[0] for key, _ in family_variants})),
            families={code: tuple(sorted(as_codes(body.get("attributes")))) for code, body in families},
        )

    @property
    def fingerprint(self) -> str:
        """A fingerprint of everything that mapped records may depend on."""
        return fingerprint(replace(self, families={}, with_variants=()))

    def lacks(self, document: JsonObject) -> bool:
        """Return whether a product or product model uses something unknown, and so is newer than this structure.

        Args:
            document: The record. Options and records are checked only if their list was read.
        """
        family, family_variant = as_text(document.get("family")), as_text(document.get("family_variant"))
        if (family and family not in self.families) or (family_variant and family_variant not in self.axes):
            return True
        if not self.association_types.keys() >= as_map(document.get("associations")).keys():
            return True
        values = as_map(document.get("values"))
        return any(self._lacks_value(code, as_list(entries)) for code, entries in values.items())

    def _lacks_value(self, code: str, entries: Iterable[object]) -> bool:
        attribute = self.attributes.get(code)
        if attribute is None:
            return True
        if attribute.type in REFERENCE_ENTITY_TYPES:
            choices = self.records.get(attribute.reference_entity or "")
        elif attribute.type == ASSET_COLLECTION:
            choices = self.assets.get(attribute.reference_entity or "")
        else:
            choices = self.options.get(code)
            if choices is None and attribute.type in OPTION_TYPES and any(code in axes for axes in self.axes.values()):
                choices = {}  # the first option of an axis
        if choices is None:
            return False
        data = (as_map(entry).get("data") for entry in entries)
        named = (each for value in data for each in (as_list(value) if isinstance(value, list) else [value]))
        return any(str(each).casefold() not in choices for each in named if each is not None)


def _documents(documents: Documents, kind: str) -> Iterator[tuple[str, JsonObject]]:
    return ((key, as_map(document)) for key, document in documents.get(kind, ()))


def labels_of(body: JsonObject) -> Labels:
    """Return the labels of a document by locale, without null and empty labels."""
    return {locale: label for locale, label in as_map(body.get("labels")).items() if isinstance(label, str) and label}


def _record_attributes(documents: Iterable[tuple[str, JsonObject]]) -> dict[str, dict[str, RecordAttribute]]:
    found: defaultdict[str, dict[str, RecordAttribute]] = defaultdict(dict)
    for key, body in documents:
        entity, _, code = key.partition("/")
        found[entity][code] = RecordAttribute(
            as_text(body.get("type")) or "", as_text(body.get("reference_entity_code"))
        )
    return dict(found)


def _choices(
    documents: Iterable[tuple[str, JsonObject]], read: Callable[[str, JsonObject], Choice]
) -> dict[str, dict[str, Choice]]:
    """Group choices by the owner in their keys, ``<owner>/<code>``; the owner is an attribute, entity or family."""
    choices: defaultdict[str, dict[str, Choice]] = defaultdict(dict)
    for key, body in documents:
        owner, _, code = key.rpartition("/")
        choices[owner][code.casefold()] = read(code, body)
    return dict(choices)


def _option(code: str, body: JsonObject) -> Choice:
    sort_order = body.get("sort_order")
    return Choice(code, labels_of(body), sort_order if isinstance(sort_order, int) else 0)


def _record(code: str, body: JsonObject) -> Choice:
    """Read a record; its label is a value named ``label`` with one entry for each locale."""
    values = as_map(body.get("values"))
    entries = as_list(values.get("label"))
    labels = {as_text(as_map(entry).get("locale")): as_map(entry).get("data") for entry in entries}
    return Choice(
        code, labels_of({"labels": {locale: label for locale, label in labels.items() if locale}}), values=values
    )


def _axes(body: JsonObject) -> tuple[str, ...]:
    sets = [as_map(attribute_set) for attribute_set in as_list(body.get("variant_attribute_sets"))]
    sets.sort(key=lambda attribute_set: as_text(attribute_set.get("level")) or "")
    return tuple(dict.fromkeys(code for attribute_set in sets for code in as_codes(attribute_set.get("axes"))))


def _identifier_attribute(attributes: list[tuple[str, JsonObject]]) -> str | None:
    """Return the main identifier: the flagged one, or the only one in versions without this flag."""
    identifiers = sorted(
        (body.get("is_main_identifier") is not True, code)
        for code, body in attributes
        if body.get("type") == IDENTIFIER
    )
    return identifiers[0][1] if identifiers else None
