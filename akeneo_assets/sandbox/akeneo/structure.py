"""The structure of the catalogue, prepared for the look-ups of every request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from akeneo_assets.documents import JsonObject

ByCode: TypeAlias = dict[str, JsonObject]

_MAIN_IDENTIFIER = "pim_catalog_identifier"


@dataclass(frozen=True)
class Structure:
    """One snapshot of the structure records."""

    KINDS: ClassVar[tuple[str, ...]] = (
        "attribute",
        "attribute_group",
        "attribute_option",
        "family",
        "family_variant",
        "association_type",
        "channel",
        "locale",
        "currency",
        "measurement_family",
        "reference_entity_record",
        "asset_attribute",
        "asset",
        "category",
    )

    attributes: ByCode
    attribute_groups: ByCode
    families: ByCode
    channels: ByCode
    association_types: ByCode
    measurement_families: ByCode
    options: dict[str, ByCode]
    """Options by attribute, then by code in lower case, because products may contain the code in another case."""
    records: dict[str, set[str]]
    """Codes of the records by reference entity."""
    assets: dict[str, ByCode]
    """Assets by asset family, then by code."""
    media_file_attributes: dict[str, list[str]]
    """Codes of the file attributes of an asset family."""
    categories: ByCode
    category_children: dict[str | None, list[str]]
    """Codes of the subcategories of each category, in order; the roots are under None."""
    locales: frozenset[str]
    """Codes of the activated locales."""
    currencies: frozenset[str]
    """Codes of the activated currencies."""
    identifier_attribute: str

    @classmethod
    def of(cls, documents: Mapping[str, list[JsonObject]]) -> Structure:
        """Prepare the records of :attr:`KINDS`."""
        options: defaultdict[str, ByCode] = defaultdict(dict)
        for option in documents["attribute_option"]:
            options[option["attribute"]][option["code"].lower()] = option
        records: defaultdict[str, set[str]] = defaultdict(set)
        for record in documents["reference_entity_record"]:
            records[record["entity"]].add(record["code"])
        assets: defaultdict[str, ByCode] = defaultdict(dict)
        for asset in documents["asset"]:
            assets[asset["family"]][asset["code"]] = asset
        media_files: defaultdict[str, list[str]] = defaultdict(list)
        for asset_attribute in documents["asset_attribute"]:
            if asset_attribute["type"] == "media_file":
                media_files[asset_attribute["family"]].append(asset_attribute["code"])
        children: defaultdict[str | None, list[str]] = defaultdict(list)
        for category in documents["category"]:
            children[category["parent"]].append(category["code"])
        attributes = _by_code(documents["attribute"])
        main = (code for code, attribute in attributes.items() if attribute["type"] == _MAIN_IDENTIFIER)
        return cls(
            attributes=attributes,
            attribute_groups=_by_code(documents["attribute_group"]),
            families=_by_code(documents["family"]),
            channels=_by_code(documents["channel"]),
            association_types=_by_code(documents["association_type"]),
            measurement_families=_by_code(documents["measurement_family"]),
            options=dict(options),
            records=dict(records),
            assets=dict(assets),
            media_file_attributes=dict(media_files),
            categories=_by_code(documents["category"]),
            category_children=dict(children),
            locales=frozenset(locale["code"] for locale in documents["locale"] if locale["enabled"]),
            currencies=frozenset(currency["code"] for currency in documents["currency"] if currency["enabled"]),
            identifier_attribute=next(main, "sku"),
        )

    def association_codes(self, *, quantified: bool) -> list[str]:
        """Return the codes of the simple or of the quantified association types, sorted."""
        types = self.association_types.values()
        return sorted(document["code"] for document in types if document["is_quantified"] is quantified)

    def below(self, category: str) -> list[str]:
        """Return the codes of all descendants of a category in tree order."""
        found: dict[str, None] = {}
        pending = list(reversed(self.category_children.get(category, [])))
        while pending:
            code = pending.pop()
            # A damaged tree may contain a cycle.
            if code not in found and code != category:
                found[code] = None
                pending.extend(reversed(self.category_children.get(code, [])))
        return list(found)

    def tree_order(self) -> list[str]:
        """Return the codes of all categories, every parent before its children unless the tree is damaged."""
        roots = self.category_children.get(None, [])
        order = dict.fromkeys(code for root in roots for code in (root, *self.below(root)))
        return list(order | dict.fromkeys(self.categories))


def _by_code(documents: Iterable[JsonObject]) -> ByCode:
    return {document["code"]: document for document in documents}
