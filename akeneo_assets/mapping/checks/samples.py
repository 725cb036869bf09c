"""Test the formulas of a mapping file on sample records before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.file.finding import Finding
from akeneo_assets.mapping.file.sources import FormulaSource
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.mapping.record.record_view import Warnings
from akeneo_assets.mapping.record.rules import evaluate

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.mapping_file import MappingFile
    from akeneo_assets.mapping.file.place import Place
    from akeneo_assets.mapping.plain import ValueType
    from akeneo_assets.mapping.record.mapped_record import RecordKind
    from akeneo_assets.mapping.record.record_view import RecordView

Samples: TypeAlias = Mapping["RecordKind", Iterable["JsonObject"]]

_KINDS: Final[Mapping[str, tuple[RecordKind, ...]]] = {
    "category": ("category",),
    "product": ("product",),
    "product_model": ("product_model",),
    "variant": ("variant",),
    "kit": ("product", "variant"),
    "inventory": ("product", "variant"),
    "unit": ("product", "product_model"),
    "alternate_id": ("product", "product_model", "variant"),
}


def try_formulas(mapping: MappingFile, structure: Structure, documents: Samples) -> list[Finding]:
    """Evaluate every formula on sample records, and return those that fail or have a result of the wrong type.

    Args:
        mapping: The mapping file.
        structure: The structure of the catalogue.
        documents: Sample records by kind; a few of each family are enough.

    Returns:
        An error for each formula that fails on all samples, and a warning for each that fails on some.
    """
    mapper = Mapper(mapping, structure, "UUID")
    views = {kind: list(_views(mapper, kind, samples)) for kind, samples in documents.items()}
    findings: list[Finding] = []
    for place, _, source, value_type in mapping.sources():
        if isinstance(source, FormulaSource):
            tried = [each for kind in _KINDS.get(str(place[0]), ()) for each in views.get(kind, ())]
            findings += _tried(place, source, value_type, tried)
    return findings


def _views(mapper: Mapper, kind: RecordKind, samples: Iterable[JsonObject]) -> Iterator[tuple[str, RecordView]]:
    for document in samples:
        try:
            view = mapper.view(kind, document)
        except RecordError:
            # A record without a key is never sent.
            continue
        yield str(view.property("sku", None, "") or view.property("code", None, "")), view


def _tried(
    place: Place, source: FormulaSource, value_type: ValueType | None, views: list[tuple[str, RecordView]]
) -> Iterator[Finding]:
    failures: dict[str, list[str]] = {}
    for key, view in views:
        view.warnings = Warnings()
        evaluate(source, value_type, view, "")
        for warning in view.warnings.sorted():
            if warning.attribute is None:
                failures.setdefault(warning.reason, []).append(key)
    for reason, keys in failures.items():
        yield Finding.at(
            place,
            f"On {len(keys)} of {len(views)} sample records (e.g. {keys[0]}), {reason}.",
            "Correct the formula `" + source.formula + "`, e.g. with coalesce(…), number(…) or text(…).",
            "error" if len(keys) == len(views) else "warning",
        )
