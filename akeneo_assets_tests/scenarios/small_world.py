"""A small part of the sample catalogue after a full load, created once and copied for each test that edits it."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final

import pytest

from akeneo_assets.sandbox.catalogue import catalogue_records
from akeneo_assets.sandbox.catalogue.records import Record, product_uuid
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.world import World, adopt_state, full_load

SIMPLE = ("straw-hat", "canvas-tote-navy", "tea-towel-white", "mug-white", "dinner-plate-white")
BUNDLES = ("tableware-for-two", "bed-set-white")
ROOTS = ("linen-shirt", "fjord-sofa")
SUB_MODELS = ("linen-shirt-white", "linen-shirt-sage")
VARIANTS = ("linen-shirt-white-s", "linen-shirt-white-m", "linen-shirt-sage-s", "fjord-sofa-sand", "fjord-sofa-sky")
CATEGORIES = ("hats", "mugs", "women_tops", "women_shirts", "evergreen_basics", "kitchen", "clothing_men")
_KEPT = frozenset({*SIMPLE, *BUNDLES, *ROOTS, *SUB_MODELS, *VARIANTS})
_KEPT_UUIDS: Final = frozenset(map(product_uuid, _KEPT))

# All values of a record are sent, so that every lost edit shows.
_MAPPING: Final = "\n".join(
    f"{name}:\n  custom_fields:\n    all: true" for name in ("product", "product_model", "variant")
)


@functools.cache
def loaded_state(*, shows_all: bool = True) -> Path:
    """Return the folder with the state of the sandbox and of the subscription; copy it before use.

    Args:
        shows_all: See :class:`SmallWorld`.
    """
    folder = Path(tempfile.mkdtemp(prefix="akeneo-assets-"))
    atexit.register(shutil.rmtree, folder)
    # The first test may have moved the time.
    with pytest.MonkeyPatch.context() as patch, SmallWorld(folder, Clock(), shows_all=shows_all) as world:
        patch.setattr(time, "time", Clock())
        full_load(world.engine())
    return folder


class SmallWorld:
    """A context manager: a world with all its state in one folder.

    Args:
        folder: Empty, or a copy of the state of another world.
        clock: The time of the sandbox.
        shows_all: Whether custom fields show all attributes; if not, the default mapping is used.
    """

    def __init__(self, folder: Path, clock: Clock, *, shows_all: bool = True) -> None:
        self._folder = folder
        self._clock = clock
        self._shows_all = shows_all
        self._cleanup = ExitStack()

    def __enter__(self) -> World:
        self._folder.mkdir(exist_ok=True)
        sandbox = self._cleanup.enter_context(Sandbox(self._folder, catalogue="empty"))
        akeneo = sandbox.akeneo
        if akeneo.database.is_empty:
            akeneo.database.load(small_records())
            akeneo.index.rebuild()
        akeneo.clock = self._clock.true_time
        state = self._folder / "state-0.db"
        if state.exists():
            adopt_state(state, akeneo_url=sandbox.akeneo_url, ipaas_url=sandbox.ipaas_url)
        world = World(sandbox, self._folder)
        self._cleanup.callback(world.close)
        if self._shows_all:
            mapping = self._folder / "mapping.yaml"
            mapping.write_text(_MAPPING)
            world.variables["AKENEO_ASSETS_MAPPING"] = str(mapping)
        return world

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._cleanup.close()


def small_records() -> Iterator[Record]:
    """Yield what the Akeneo of a small world contains."""
    records = list(catalogue_records("sample"))
    products = [each.document for each in records if each.kind == "product" and each.document["uuid"] in _KEPT_UUIDS]
    models = [each.document for each in records if each.kind == "product_model" and each.document["code"] in _KEPT]
    families = {document["family"] for document in (*products, *models)}
    parents = {each.document["code"]: each.document["parent"] for each in records if each.kind == "category"}
    categories = {*CATEGORIES}.union(*(document["categories"] for document in (*products, *models)))
    while missing := {parents[code] for code in categories} - categories - {None}:
        categories |= missing
    kept = {
        "product": {document["uuid"] for document in products},
        "product_model": {document["code"] for document in models},
        "family": families,
        "family_variant": {
            each.document["code"]
            for each in records
            if each.kind == "family_variant" and each.document["family"] in families
        },
        "category": categories,
    }
    for record in records:
        key = "uuid" if record.kind == "product" else "code"
        if record.kind not in kept or record.document[key] in kept[record.kind]:
            yield record
