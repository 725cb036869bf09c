"""The initial catalogue of the local Akeneo: a sample written by hand, or a generated one of any size."""

from __future__ import annotations

from collections.abc import Iterator

from akeneo_assets.sandbox.catalogue.bundles import bundles
from akeneo_assets.sandbox.catalogue.categories import categories
from akeneo_assets.sandbox.catalogue.clothing import CLOTHING
from akeneo_assets.sandbox.catalogue.furniture import FURNITURE
from akeneo_assets.sandbox.catalogue.generator import generated
from akeneo_assets.sandbox.catalogue.records import Record
from akeneo_assets.sandbox.catalogue.simple_products import simple_products
from akeneo_assets.sandbox.catalogue.structure import structure
from akeneo_assets.sandbox.catalogue.trees import records_of
from akeneo_assets.sandbox.catalogue_choice import CatalogueChoice, Generated


def catalogue_records(choice: CatalogueChoice) -> Iterator[Record]:
    """Yield the records of a catalogue as they are stored, structure first."""
    if choice == "empty":
        return
    yield from structure(choice.families if isinstance(choice, Generated) else 0)
    yield from categories()
    if choice == "sample":
        for number, tree in enumerate((*CLOTHING, *FURNITURE)):
            yield from records_of(tree, minutes=10 * number)
        yield from simple_products(minutes=1_000)
        yield from bundles(minutes=2_000)
    else:
        yield from generated(choice)
