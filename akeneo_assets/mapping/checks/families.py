"""Find required fields that have no source in some of the families that are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from akeneo_assets.mapping.catalogue.selection import select
from akeneo_assets.mapping.checks.codes import listed
from akeneo_assets.mapping.file.finding import Finding
from akeneo_assets.mapping.file.mapping_file import ObjectRules
from akeneo_assets.mapping.file.sources import FormulaSource, LookupSource, StaticSource
from akeneo_assets.mapping.formulas.formula import plain_result
from akeneo_assets.mapping.formulas.limits import FormulaError
from akeneo_assets.mapping.record.custom_fields import CustomFieldMapper
from akeneo_assets.mapping.record.record_view import RecordView, Warnings
from akeneo_assets.mapping.record.values import ValueReader

if TYPE_CHECKING:
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.mapping_file import FieldRules, MappingFile, Rule
    from akeneo_assets.mapping.file.place import Place
    from akeneo_assets.mapping.file.sources import AnySource
    from akeneo_assets.mapping.plain import Value

_WITH_VARIANTS: Final = frozenset({"product_model", "variant"})
_ROWS: Final = frozenset({"inventory", "unit", "alternate_id"})
_PLACEHOLDERS: Final = ("text", "1")
"""Stand-ins for the properties of a record; a formula that has a result with either of them is accepted."""


def family_findings(mapping: MappingFile, structure: Structure) -> Iterator[Finding]:
    """Yield a warning for each required field that cannot have a value in some families.

    Args:
        mapping: The mapping file.
        structure: The structure of the catalogue.
    """
    wanted = mapping.filter
    sent = [
        family
        for family in sorted(structure.families)
        if (wanted.families is None or family in wanted.families) and family not in wanted.exclude_families
    ]
    for place, rules in mapping.field_rules():
        if place[0] in {"product", "kit", *_WITH_VARIANTS, *_ROWS}:
            families = [
                family for family in sent if place[0] not in _WITH_VARIANTS or family in structure.with_variants
            ]
            sources = _Sources(mapping, structure, place, rules)
            for rule in rules.active:
                without = [family for family in families if rule.required and sources.is_blocked(rule, family)]
                if without:
                    yield Finding.at(
                        (*place, rule.destination),
                        f"iPaaS.com requires {rule.destination}, but {sources.why(rule)}: {listed(without)}.",
                        "Add a default, or exclude the families in `filter`. Otherwise, their records are blocked.",
                        "warning",
                    )


class _Sources:
    """Which sources of an object can have a value for the records of a family."""

    def __init__(self, mapping: MappingFile, structure: Structure, place: Place, rules: FieldRules) -> None:
        self._structure = structure
        self._rules = rules
        self._place = place
        self._selection = select(mapping.settings, structure)
        self._price = mapping.settings.price_attribute
        self._needs_price = self._price is not None and mapping.settings.missing_price == "block"
        self._codes: dict[Place, set[str]] = {}
        for named in mapping.names():
            name = self._price if named.name == "$price" else named.name
            if name is not None and not name.startswith("$"):
                self._codes.setdefault(named.place, set()).add(name)

    def is_blocked(self, rule: Rule, family: str) -> bool:
        """Return whether a required field has no value; a row without any values is left out and blocks nothing."""
        if self._may_have_value(rule, family):
            return False
        return self._place[0] not in _ROWS or any(
            self._may_have_value(other, family)
            for other in self._rules.active
            if not isinstance(other.source, StaticSource)
        )

    def why(self, rule: Rule) -> str:
        """Return the reason why a field has no value, up to the list of families."""
        source = rule.source
        codes = listed(self._attributes((*self._place, rule.destination), source))
        if isinstance(source, FormulaSource):
            return f"its formula needs one of the attributes {codes}, and none of them is in these families"
        if source.name == "$price":
            if codes:
                return f"the price attribute {codes} is not in these families"
            return "settings.price_attribute is not set, which affects these families"
        if source.name == "$family":
            return "its lookup table has no entry for these families"
        return f"the attribute {codes} is not in these families"

    def _may_have_value(self, rule: Rule, family: str) -> bool:
        source = rule.source
        if isinstance(source, StaticSource):
            return True
        needs_price = rule.destination == "default_price" and self._needs_price and source.name == "$price"
        if source.default if needs_price else source.default is not None:
            return True
        codes = self._attributes((*self._place, rule.destination), source)
        if any(code in self._structure.families[family] or code not in self._structure.attributes for code in codes):
            return True  # an attribute that does not exist at all is reported by another check
        if isinstance(source, FormulaSource):
            return not codes or any(self._gives_something(source, family, text) for text in _PLACEHOLDERS)
        if isinstance(source, LookupSource) and source.lookup == "$family":
            return family in source.table
        # Other properties do not depend on the family: the label falls back to the identifier or code.
        return source.reading is None and source.name != "$price"

    def _attributes(self, place: Place, source: AnySource) -> set[str]:
        """Return the attributes that a source reads, directly or through other custom fields."""
        codes = set(self._codes.get(place, ()))
        fields = self._rules.custom_fields.sources if isinstance(self._rules, ObjectRules) else {}
        pending, seen = [source], set[str]()
        while pending:
            formula = pending.pop()
            names = formula.compiled.names.custom_fields if isinstance(formula, FormulaSource) else set[str]()
            for name in names - seen:
                seen.add(name)
                if name in fields:
                    codes |= self._codes.get((*self._place, "custom_fields", "fields", name), set())
                    pending.append(fields[name])
                else:
                    codes.add(name)
        return codes

    def _gives_something(self, formula: FormulaSource, family: str, placeholder: str) -> bool:
        """Return whether a formula has a result for a record without attribute values."""
        properties: dict[str, Value | None] = dict.fromkeys(self._rules.properties, placeholder)
        properties |= {"family": family, "enabled": True, "price": None}
        reader = ValueReader(self._structure, self._selection)
        view = RecordView(properties, Warnings(), reader, {}, self._price)
        view.ipaas_id = lambda _kind, _key: placeholder
        if isinstance(self._rules, ObjectRules):
            CustomFieldMapper(self._rules.custom_fields, self._structure, self._selection).open(view)
        try:
            return plain_result(formula.compiled.evaluate(view, "")) is not None
        except FormulaError:
            return True  # a failure with a placeholder proves nothing
