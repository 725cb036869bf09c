"""Map the custom fields of a record."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from akeneo_assets.documents import canonical_bytes
from akeneo_assets.mapping.file.sources import FieldSource, FormulaSource
from akeneo_assets.mapping.formulas.formula import members_of, plain_result
from akeneo_assets.mapping.formulas.limits import FormulaError
from akeneo_assets.mapping.reading import CollectionForm, Reading
from akeneo_assets.mapping.record.explain import Explained, explained
from akeneo_assets.mapping.record.options import distinct_texts
from akeneo_assets.mapping.record.record_view import RecordView, capture_warnings
from akeneo_assets.mapping.record.rules import calculated, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.selection import Selection
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.custom_field_settings import CustomFields
    from akeneo_assets.mapping.file.sources import AnySource
    from akeneo_assets.mapping.plain import Value


class CustomFieldMapper:
    """Maps the custom fields of one object.

    Args:
        settings: The custom field settings of the mapping file.
        structure: The structure of the catalogue, for groups and labels of attributes.
        selection: The locales of labels.
    """

    def __init__(self, settings: CustomFields, structure: Structure, selection: Selection) -> None:
        self._settings = settings
        self._attributes = structure.attributes
        self._names: dict[str, str] = {}
        if settings.names == "label":
            self._names = distinct_texts(
                {code: selection.label(each.labels, code) for code, each in structure.attributes.items()}
            )
        # Bounded, because records may contain any number of unknown codes.
        self._chooses = lru_cache(maxsize=10_000)(self._is_chosen)

    def open(self, view: RecordView) -> None:
        """Make the custom fields of a record available to its formulas."""
        view.custom_field = _Others(self._settings, view)

    def fields(self, view: RecordView, elsewhere: AbstractSet[str]) -> list[JsonObject]:
        """Return the custom fields, sorted by name; empty ones are left out, because iPaaS.com rejects them.

        Args:
            view: The record.
            elsewhere: Attributes that are mapped elsewhere; they are repeated only if the file names their code.
        """
        values: dict[str, Value | None] = {}
        for name, source in self._lines(view, elsewhere):
            values.update(self._filled(name, source, view))
        return [
            {"custom_field_name": name, "value": value} for name, value in sorted(values.items()) if value is not None
        ]

    def chosen(self, view: RecordView, elsewhere: AbstractSet[str]) -> Iterator[tuple[str, str]]:
        """Yield the name and code of each attribute that becomes a custom field of its own."""
        settings = self._settings
        if settings.chooses_nothing:
            return
        for code in sorted(view.attributes()):
            if self._chooses(code) and (code not in elsewhere or code in settings.named_attributes):
                yield self._names.get(code, code), code

    def explain(self, view: RecordView, elsewhere: AbstractSet[str]) -> Iterator[Explained]:
        """Yield an explanation of each custom field, and of lines that fill none; the last line of a name wins."""
        found: dict[str, Explained] = {}
        for name, source in self._lines(view, elsewhere):
            with capture_warnings(view) as warnings:
                values = self._filled(name, source, view)
            for filled, value in values.items():
                found[filled] = explained(f"custom_fields.{filled}", source, value, warnings, view)
            if not values and name not in found:
                found[name] = explained(f"custom_fields.{name}", source, None, warnings, view)
        yield from found.values()

    def _lines(self, view: RecordView, elsewhere: AbstractSet[str]) -> Iterator[tuple[str, AnySource | Reading]]:
        """Yield the name and source of each line; if several fill the same custom field, the last one wins."""
        for name, code in self.chosen(view, elsewhere):
            yield name, Reading(code)
        yield from self._settings.sources.items()

    def _filled(self, name: str, source: AnySource | Reading, view: RecordView) -> dict[str, Value | None]:
        """Return the custom fields that a line fills; none if its attribute has no value, so that other lines may."""
        collection = self._settings.collection
        if isinstance(source, Reading):
            return dict(_attribute(name, source, collection, view))
        if isinstance(source, FieldSource) and source.reading is not None:
            found = _attribute(name, source.reading, source.collection or collection, view)
            return dict(found or ({} if source.default is None else {name: source.default}))
        if isinstance(source, FormulaSource) and (source.collection or collection) != "joined":
            return _calculated(name, source, source.collection or collection, view)
        return {name: evaluate(source, None, view, f"custom_fields.{name}")}

    def _is_chosen(self, code: str) -> bool:
        attribute = self._attributes.get(code)
        return self._settings.chooses(code, attribute.group if attribute else None)


def _attribute(name: str, reading: Reading, collection: CollectionForm, view: RecordView) -> dict[str, Value]:
    """Return the custom fields that an attribute fills; none if it has no value."""
    place = f"custom_fields.{name}"
    if collection != "joined" and (members := view.members(reading, place)):
        return spread(name, members, collection)
    value = view.value(reading, None, place)
    return {} if value is None else {name: value}


def _calculated(
    name: str, source: FormulaSource, collection: CollectionForm, view: RecordView
) -> dict[str, Value | None]:
    found: list[str] | Value | None = calculated(source, view, f"custom_fields.{name}", _members_or_value)
    if isinstance(found, list):
        return dict(spread(name, found, collection))
    return {name: source.default if found is None else found}


def _members_or_value(result: Any) -> list[str] | Value | None:
    return members_of(result) or plain_result(result)


class _Others:
    """The custom fields of a record, for formulas that use them; each is evaluated once."""

    def __init__(self, settings: CustomFields, view: RecordView) -> None:
        self._settings = settings
        self._view = view
        self._open: set[str] = set()
        self._known: dict[str, Value | None] = {}

    def __call__(self, name: str) -> Value | None:
        source = self._settings.sources.get(name)
        if source is None:
            is_named = name in self._settings.named_attributes
            return self._view.value(Reading(name), None, f"custom_fields.{name}") if is_named else None
        if name in self._open:
            raise FormulaError(f"uses the custom field {name}, which depends on itself")
        if name not in self._known:
            self._open.add(name)
            try:
                self._known[name] = evaluate(source, None, self._view, f"custom_fields.{name}")
            finally:
                self._open.discard(name)
        return self._known[name]


def spread(name: str, members: list[str], collection: CollectionForm) -> dict[str, Value]:
    """Return the custom fields of a list: one for each member (numbered), or one with all members (joined or JSON)."""
    if collection == "numbered":
        return {f"{name}{number}": member for number, member in enumerate(members, start=1)}
    return {name: canonical_bytes(members).decode() if collection == "json" else ", ".join(members)}
