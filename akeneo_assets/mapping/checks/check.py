"""Check a mapping file against the structure of the catalogue, and report mismatches with their fix."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from akeneo_assets.mapping.catalogue.attribute_types import BOOLEAN, PRICE_TYPES, REFERENCE_ENTITY_TYPES
from akeneo_assets.mapping.catalogue.selection import select
from akeneo_assets.mapping.checks.attributes import (
    attribute_findings,
    form_findings,
    reading_findings,
    selection_findings,
)
from akeneo_assets.mapping.checks.codes import missing, unknown
from akeneo_assets.mapping.checks.families import family_findings
from akeneo_assets.mapping.file.custom_field_settings import GroupChoice, is_pattern
from akeneo_assets.mapping.file.finding import Finding
from akeneo_assets.mapping.file.mapping_file import ObjectRules
from akeneo_assets.mapping.file.sources import FieldSource, FormulaSource, LookupSource

if TYPE_CHECKING:
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.checks.codes import Deleted
    from akeneo_assets.mapping.file.mapping_file import MappingFile
    from akeneo_assets.mapping.file.place import Place


def check(
    mapping: MappingFile,
    structure: Structure,
    *,
    deleted: Deleted | None = None,
    categories: Collection[str] | None = None,
    category_attributes: Collection[str] | None = None,
) -> list[Finding]:
    """Return everything in ``mapping`` that does not match ``structure``.

    An error is certainly a mistake. A warning affects only some fields or records; all others can be sent. Types of
    category attributes are not checked, because Akeneo does not list them.

    Args:
        mapping: The mapping file.
        structure: The structure of the catalogue.
        deleted: Keys that were deleted in Akeneo, by kind; using one is only a warning.
        categories: The codes of all categories; without them, categories in the filter are not checked.
        category_attributes: The attributes that categories have values for; without them, category attributes are not
            checked.
    """
    once = deleted or {}
    return [
        *_settings(mapping, structure, once),
        *_filter(mapping, structure, categories, once),
        *_sources(mapping, structure, once),
        *_category_attributes(mapping, structure, category_attributes),
        *_choices(mapping, structure),
        *family_findings(mapping, structure),
    ]


def _settings(mapping: MappingFile, structure: Structure, deleted: Deleted) -> Iterator[Finding]:
    settings = mapping.settings
    if settings.channel is not None and settings.channel not in structure.channels:
        yield unknown(("settings", "channel"), "channel", settings.channel, structure.channels)
    else:
        yield from _channel(mapping, structure)
    for family, unit in settings.units.items():
        place = ("settings", "units", family)
        if family not in structure.measurement_families:
            yield unknown(place, "measurement family", family, structure.measurement_families)
        elif unit not in structure.measurement_families[family]:
            yield unknown(
                place, "unit", unit, structure.measurement_families[family], f" in the measurement family {family}"
            )
    if settings.price_attribute is not None:
        at = ("settings", "price_attribute")
        yield from attribute_findings(
            at, settings.price_attribute, PRICE_TYPES, "a price or number", structure, deleted
        )
    for name in ("bundle_association_types", "related_association_types"):
        for index, code in enumerate(getattr(settings, name) or ()):
            if code not in structure.association_types:
                once = deleted.get("association_type", ())
                yield missing(("settings", name, index), "association type", code, structure.association_types, once)


def _channel(mapping: MappingFile, structure: Structure) -> Iterator[Finding]:
    settings, code = mapping.settings, select(mapping.settings, structure).channel
    if code is None:
        return
    channel = structure.channels[code]
    places: list[tuple[Place, str | None]] = [(("settings", "locale"), settings.locale)]
    places += [
        (("settings", "locale_fallbacks", index), locale) for index, locale in enumerate(settings.locale_fallbacks)
    ]
    for place, locale in places:
        if locale is not None and locale not in channel.locales:
            yield unknown(place, "locale", locale, channel.locales, f" in the channel {code}")
    if settings.currency is not None and settings.currency not in channel.currencies:
        place = ("settings", "currency")
        yield unknown(place, "currency", settings.currency, channel.currencies, f" in the channel {code}")


def _filter(
    mapping: MappingFile, structure: Structure, categories: Collection[str] | None, deleted: Deleted
) -> Iterator[Finding]:
    wanted = mapping.filter
    for name in ("families", "exclude_families"):
        for index, code in enumerate(getattr(wanted, name) or ()):
            if code not in structure.families:
                yield missing(("filter", name, index), "family", code, structure.families, deleted.get("family", ()))
    for index, code in enumerate(wanted.categories or ()):
        if categories is not None and code not in categories:
            once = deleted.get("category", ())
            yield missing(("filter", "categories", index), "category", code, categories, once)
    if wanted.completeness is None:
        return
    code = wanted.completeness.channel or select(mapping.settings, structure).channel or ""
    place = ("filter", "completeness")
    if code not in structure.channels:
        yield unknown((*place, "channel"), "channel", code, structure.channels)
    elif (locale := wanted.completeness.locale) is not None and locale not in structure.channels[code].locales:
        known = structure.channels[code].locales
        yield unknown((*place, "locale"), "locale", locale, known, f" in the channel {code}")


def _sources(mapping: MappingFile, structure: Structure, deleted: Deleted) -> Iterator[Finding]:
    channel = select(mapping.settings, structure).channel
    for named in mapping.names():
        if named.place[0] != "category" and named.reading is not None:
            yield from reading_findings(named, named.reading, structure, channel, deleted)
    for place, rules, source, _ in mapping.sources():
        if isinstance(source, FieldSource) and source.reading is not None and place[0] != "category":
            yield from form_findings(place, source.reading, structure)
        elif isinstance(source, LookupSource):
            yield from _table(place, source, structure)
        elif isinstance(source, FormulaSource):
            fields = rules.custom_fields if isinstance(rules, ObjectRules) else None
            known = set() if fields is None else {*fields.sources, *fields.named_attributes}
            for name in sorted(source.compiled.names.custom_fields - known):
                yield unknown(place, "custom field", name, known)
            if source.compiled.names.of_parent and place[0] in {"product", "product_model", "category", "unit"}:
                yield Finding.at(
                    place, "`parent(…)` has no value here: only variants have a parent.", "Remove it.", "warning"
                )
            if "price" in source.compiled.names.variables and mapping.settings.price_attribute is None:
                yield Finding.at(
                    place,
                    "`price` stands for the attribute in settings.price_attribute, which is not set.",
                    "Set it, or write value('price') for an attribute with the code price.",
                )


def _category_attributes(
    mapping: MappingFile, structure: Structure, known: Collection[str] | None
) -> Iterator[Finding]:
    channel = select(mapping.settings, structure).channel
    for named in mapping.names():
        if named.place[0] == "category" and named.reading is not None:
            yield from selection_findings(named.place, named.reading, structure, channel)
            if known is not None and named.name not in known:
                where = " with a value in any category"
                yield unknown(named.place, "attribute", named.name, known, where, severity="warning")


def _table(place: Place, source: LookupSource, structure: Structure) -> Iterator[Finding]:
    """Yield the codes of a lookup table that do not exist; each part of "a, b" is checked."""
    found = _choosable(source, structure)
    if found is None:
        return
    what, where, known = found
    for line in source.table:
        for code in line.split(", "):
            if code not in known:
                yield unknown((*place, "table", line), what, code, known, where, severity="warning")


def _choosable(source: LookupSource, structure: Structure) -> tuple[str, str, list[str]] | None:
    """Return the kind of codes in a lookup table, and all codes that exist; None if they are unknown."""
    if source.lookup == "$family":
        return "family", "", sorted(structure.families)
    attribute = structure.attributes.get(source.lookup)
    if source.lookup == "$enabled" or (attribute is not None and attribute.type == BOOLEAN):
        return "value", f" of {source.lookup}", ["false", "true"]
    if attribute is None:
        return None
    where = f" of the attribute {source.lookup}"
    if attribute.type in REFERENCE_ENTITY_TYPES:
        records = structure.records.get(attribute.reference_entity or "")
        return None if records is None else ("record", where, sorted(each.code for each in records.values()))
    options = structure.options.get(source.lookup)
    return None if options is None else ("option", where, sorted(each.code for each in options.values()))


def _choices(mapping: MappingFile, structure: Structure) -> Iterator[Finding]:
    groups = sorted({attribute.group for attribute in structure.attributes.values() if attribute.group})
    for place, rules in mapping.field_rules():
        if not isinstance(rules, ObjectRules) or place[0] == "category":
            continue
        for name in ("attributes", "exclude"):
            for index, choice in enumerate(getattr(rules.custom_fields, name)):
                at = (*place, "custom_fields", name, index)
                if isinstance(choice, GroupChoice):
                    if choice.group not in groups:
                        yield unknown(at, "attribute group", choice.group, groups)
                elif is_pattern(choice):
                    if not any(fnmatchcase(code, choice) for code in structure.attributes):
                        yield Finding.at(at, f"No attribute matches {choice}.", "Correct or remove it.", "warning")
                elif name == "exclude" and choice not in structure.attributes:
                    yield unknown(at, "attribute", choice, structure.attributes, severity="warning")
