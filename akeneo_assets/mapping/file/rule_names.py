"""The rule that fills each field of an object, in words."""

from __future__ import annotations

from typing import Final

from akeneo_assets.mapping.file.custom_field_settings import CustomFields
from akeneo_assets.mapping.file.mapping_file import MappingFile, ObjectRules
from akeneo_assets.mapping.file.sources import AnySource, FieldSource, FormulaSource, LookupSource

_CUSTOM_FIELD: Final = "custom_fields."


class RuleNames:
    """Names the rules of a mapping file.

    Args:
        mapping: The mapping file.
    """

    def __init__(self, mapping: MappingFile) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._custom_fields: dict[str, CustomFields] = {}
        for place, rules, source, _ in mapping.sources():
            if isinstance(rules, ObjectRules):
                prefix = _CUSTOM_FIELD if "custom_fields" in place else ""
                self._names[str(place[0]), f"{prefix}{place[-1]}"] = _name(source)
                self._custom_fields[str(place[0])] = rules.custom_fields

    def of(self, kind: str, field: str) -> str | None:
        """Return the rule that fills a field, e.g. ``property $price`` or ``attribute brand``.

        Args:
            kind: Kind of the record, e.g. ``product``.
            field: Field of its payload, e.g. ``default_price`` or ``custom_fields.brand``.

        Returns:
            The rule; None if the field follows from the record's position in the catalogue, such as its categories,
            or if several attributes may fill it.
        """
        named = self._names.get((kind, field))
        settings = self._custom_fields.get(kind)
        if named is not None or settings is None or not field.startswith(_CUSTOM_FIELD):
            return named
        code = field.removeprefix(_CUSTOM_FIELD)
        is_code = settings.names == "code" and (code in settings.named_attributes or settings.collection != "numbered")
        return f"attribute {code}" if is_code and not settings.chooses_nothing else None


def _name(source: AnySource) -> str:
    if isinstance(source, FieldSource):
        return f"{'property' if source.field.startswith('$') else 'attribute'} {source.field}"
    if isinstance(source, LookupSource):
        return f"lookup {source.lookup}"
    return f"formula {source.formula}" if isinstance(source, FormulaSource) else "static"
