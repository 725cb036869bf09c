"""The whole sample catalogue as it is mapped: one readable file for each object.

``python -m akeneo_assets_tests.mapping.golden`` rewrites the files; review the differences before you commit them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import yaml

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.record.mapped_record import MappedRecord, Reference
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.sandbox.akeneo.bodies import Bodies
from akeneo_assets.sandbox.akeneo.database import KEY_FIELDS, key_of
from akeneo_assets.sandbox.akeneo.state import AkeneoState
from akeneo_assets.sandbox.akeneo.view import View

FOLDER: Final = Path(__file__).parent
REGENERATE: Final = "python -m akeneo_assets_tests.mapping.golden"

Name: TypeAlias = Literal["default", "rich"]
NAMES: Final[tuple[Name, ...]] = ("default", "rich")
OBJECTS: Final = ("categories", "product_models", "variants", "products", "bundles")
_Dumper: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Catalogue:
    """The sample catalogue as Akeneo's API shows it."""

    def __init__(self) -> None:
        state = AkeneoState(catalogue="sample")
        database = state.database
        bodies = Bodies(state, View(completenesses=True, asset_share_links=True), origin="https://akeneo.example")
        self.structure = Structure.from_documents(
            {kind: [(key_of(kind, each), each) for each in database.all(kind)] for kind in KEY_FIELDS}
        )
        self.categories = sorted(database.all("category"), key=lambda each: str(each["code"]))
        self.models = [body for code in database.keys("product_model") if (body := bodies.model(code)) is not None]
        self.products = [
            body for uuid in database.keys("product") if (body := bodies.product(uuid, "uuid")) is not None
        ]

    @property
    def category_parents(self) -> dict[str, str | None]:
        """The parent of each category."""
        return {str(each["code"]): each["parent"] for each in self.categories}

    def mapper(self, name: Name) -> Mapper:
        """Return the mapping of the default file, or of the rich one next to this module."""
        mapping = load_mapping(FOLDER / "rich.yaml" if name == "rich" else None)
        return Mapper(mapping, self.structure, "UUID", category_parents=self.category_parents)

    def trees(self) -> Iterator[tuple[JsonObject, list[JsonObject], list[JsonObject]]]:
        """Yield root model, sub models and variants of each tree."""
        for root in self.models:
            if root["parent"] is None:
                below = [model for model in self.models if model["parent"] == root["code"]]
                codes = {root["code"], *(model["code"] for model in below)}
                yield root, below, [product for product in self.products if product["parent"] in codes]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Return the sample catalogue."""
    return Catalogue()


@lru_cache(maxsize=2)
def mapped(name: Name) -> dict[str, JsonObject]:
    """Return all objects of the sample catalogue as readable documents, by file."""
    sample = catalogue()
    mapper = sample.mapper(name)
    files: dict[str, JsonObject] = {each: {} for each in OBJECTS}
    for category in sample.categories:
        _add(files["categories"], mapper.category(category))
    for root, models, variants in sample.trees():
        tree = mapper.tree(root, models, variants)
        _add(files["product_models"], tree)
        for variant in tree.variants:
            _add(files["variants"], variant)
    for product in sample.products:
        if product["parent"] is None:
            kind = "bundles" if mapper.is_bundle(product) else "products"
            try:
                _add(files[kind], mapper.product(product))
            except RecordError as error:
                files[kind][str(product["uuid"])] = {"left out": f"{error.code}: {error}"}
    return {kind: dict(sorted(records.items())) for kind, records in files.items()}


def stored(name: Name, kind: str) -> Any:
    """Return the golden documents of one object."""
    return yaml.load((FOLDER / name / f"{kind}.yaml").read_text(encoding="utf-8"), Loader=_Loader)


def write(name: Name) -> None:
    """Write all files of one mapping."""
    for kind, records in mapped(name).items():
        path = FOLDER / name / f"{kind}.yaml"
        path.parent.mkdir(exist_ok=True)
        text = yaml.dump(
            records, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None
        )
        path.write_text(text, encoding="utf-8")


def _add(records: JsonObject, record: MappedRecord) -> None:
    records[record.sku or record.key] = _readable(record)


def _readable(record: MappedRecord) -> JsonObject:
    custom = {each["custom_field_name"]: each["value"] for each in record.payload.get("custom_fields", ())}
    document: JsonObject = {"key": record.key, **record.payload, "custom_fields": custom}
    document["parent"] = record.parent and _name(record.parent)
    document["categories"] = [_name(each) for each in record.categories]
    document["kit"] = record.kit
    document["components"] = {_name(each.target): each.quantity for each in record.components}
    document["related_products"] = [f"{each.related_type}: {_name(each.target)}" for each in record.related]
    document["variants"] = [each.sku for each in record.variants]
    document["warnings"] = [f"{each.field}: {each.reason}" for each in record.warnings]
    document["problems"] = [f"{each.key}: {each.code}: {each.message}" for each in record.blocked_variants]
    return {field: value for field, value in document.items() if value not in (None, [], {})}


def _name(reference: Reference) -> str:
    return f"{reference.kind} {reference.key}" if reference.by == "key" else f"{reference.kind} called {reference.key}"
