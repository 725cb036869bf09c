"""A running sandbox with the state of one subscription, and the commands, called on the engine directly."""

from __future__ import annotations

import atexit
import copy
import functools
import itertools
import shutil
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from akeneo_assets.akeneo.search import Search
from akeneo_assets.documents import JsonObject, canonical_bytes, fingerprint
from akeneo_assets.sandbox.akeneo.database import KEY_FIELDS
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.state import IpaasState, JournalEntry
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.settings import Settings
from akeneo_assets.sync import programme
from akeneo_assets.sync.batches import Phase, batch_of
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.partition_keys import changes_key, family_key
from akeneo_assets.sync.results import Problem, RecordsResult, StepResult
from akeneo_assets_tests.batches import EnginePartitions, Step, steps_of
from akeneo_assets_tests.state import put_empty_state

_DATES = frozenset({"created", "updated"})
_IDS = frozenset({"id", "category_id", "parent_id", "related_id"})


class World:
    """The sandbox and one state database; every engine is a separate run.

    Args:
        sandbox: A running one.
        folder: Where the state is kept.

    Attributes:
        variables: Additional environment variables.
    """

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.edit = sandbox.akeneo.edit
        self.ipaas = sandbox.ipaas
        self._folder = folder
        self._numbers = itertools.count()
        self._cleanup = ExitStack()
        self._seen = 0
        self.variables: dict[str, str] = {}
        self.forget()

    def forget(self) -> None:
        """Delete the state: the next engine starts with an empty database."""
        path = self._folder / f"state-{next(self._numbers)}.db"
        put_empty_state(path)
        self.database_url = f"sqlite:///{path}"

    def environment(self) -> dict[str, str]:
        """The variables of the settings."""
        return {
            **self.sandbox.environment(),
            "AKENEO_ASSETS_DATABASE_URL": self.database_url,
            # The budget is shared by all engines: several loads in a minute must not wait for each other.
            "AKENEO_API_THROTTLE_LIMIT": "1000",
            "AKENEO_API_THROTTLE_SECONDS": "1",
            "IPAAS_API_THROTTLE_LIMIT": "1000",
            "IPAAS_API_THROTTLE_SECONDS": "1",
            **self.variables,
        }

    def engine(self, **settings: Any) -> Engine:
        """Return the engine of a new run."""
        values = {name.lower(): value for name, value in self.environment().items()} | settings
        engine = connect(_settings(*sorted(values.items())), run_id=uuid.uuid4().hex)
        self._cleanup.callback(engine.close)
        return engine

    def close(self) -> None:
        """Close all engines."""
        self._cleanup.close()

    def written(self) -> list[JournalEntry]:
        """Return the writes that iPaaS.com accepted since the last call."""
        start, self._seen = self._seen, len(self.ipaas.journal)
        return self.ipaas.journal[start:]

    def uuid(self, identifier: str) -> str:
        """Return the uuid of a product."""
        return self.sandbox.akeneo.product_uuid(identifier)

    def product(self, sku: str) -> JsonObject:
        """Return the one active product of iPaaS.com with this SKU."""
        (found,) = (product for product in self.ipaas.products() if product["sku"] == sku)
        return found

    def variant(self, sku: str) -> JsonObject:
        """Return the one active variant of iPaaS.com with this SKU."""
        (found,) = (variant for variant in self.ipaas.variants() if variant["sku"] == sku)
        return found

    def skus(self) -> list[str]:
        """Return the SKUs of all active products and variants, sorted."""
        return sorted(record["sku"] for record in (*self.ipaas.products(), *self.ipaas.variants()))

    def category(self, code: str) -> JsonObject:
        """Return the one active category of iPaaS.com for this code."""
        (found,) = (category for category in self.ipaas.categories() if category["description"] == code)
        return found

    def content(self) -> JsonObject:
        """Return the whole content of iPaaS.com in a fixed order, without the ids that it assigned."""
        return content_of(self.ipaas)

    def waiting_links(self) -> list[tuple[str, str, str]]:
        """Return the waiting links: key of the record, relation, key of the target."""
        engine = self.engine()
        frame = engine.store.reports.waiting_links()
        return sorted(zip(frame["key"], frame["relation"], frame["target_key"], strict=True))


@functools.cache
def _settings(*values: tuple[str, Any]) -> Settings:
    """Read the settings once; they are the same for each engine."""
    return Settings.from_environment(_env_file=None, **dict(values))


def content_of(ipaas: IpaasState) -> JsonObject:
    """Return the whole content of an iPaaS.com in a fixed order, without the ids that it assigned."""
    categories = ipaas.categories()
    code_of = {category["id"]: category["description"] for category in categories}
    tree = [{**category, "parent": code_of.get(category.get("parent_id"))} for category in categories]
    return {"categories": _without_ids(tree), "products": _without_ids(ipaas.products())}


def is_as_a_full_load(world: World) -> bool:
    """Assert that iPaaS.com contains what a full load into an empty one creates, apart from remnants.

    A remnant is a record that was released, or one whose record of Akeneo was deleted. If no write can empty a custom
    field where a PUT merges, those that a full load does not fill are left out.
    """
    found, wanted = _living(world, world.content()), _living(world, content_of_a_full_load(world))
    if world.ipaas.put_merges and not world.ipaas.switches.custom_fields_emptied_by:
        names = {_name_of(record): _fields(record) for record in _records(wanted)}
        for record in _records(found):
            kept = names.get(_name_of(record), set())
            record["custom_fields"] = [each for each in record["custom_fields"] if each["custom_field_name"] in kept]
    assert found == wanted
    return True


def _living(world: World, content: JsonObject) -> JsonObject:
    def lives(record: JsonObject) -> bool:
        akeneo = world.sandbox.akeneo
        linked = [each["external_id"] for each in record["external_ids"]]
        is_product = any(akeneo.database.uuid_of(key) is not None for key in linked)
        return is_product or any(akeneo.database.get("product_model", key) is not None for key in linked)

    products = []
    for product in filter(lives, content["products"]):
        variants = sorted(filter(lives, product["variants"]), key=_name_of)
        products.append({**product, "variants": variants, "options": _options(product, variants)})
    return {"categories": content["categories"], "products": sorted(products, key=_name_of)}


def _records(content: JsonObject) -> list[JsonObject]:
    return [record for product in content["products"] for record in (product, *product["variants"])]


def _name_of(record: JsonObject) -> str:
    return str(record["external_ids"])


def _fields(record: JsonObject) -> set[str]:
    return {each["custom_field_name"] for each in record["custom_fields"]}


def _options(product: JsonObject, variants: list[JsonObject]) -> Any:
    used = {(each["option_name"], each["value"]) for variant in variants for each in variant.get("options", ())}
    return sorted(
        {
            (option["option_name"], each["value"])
            for option in product.get("options", ())
            for each in option["values"]
            if (option["option_name"], each["value"]) in used
        }
    )


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_ids(content) for name, content in value.items() if name not in _IDS}
    if isinstance(value, list):
        return sorted((_without_ids(item) for item in value), key=canonical_bytes)
    return value


@dataclass
class Loaded:
    """The results of a load, by object."""

    planned: dict[str, StepResult] = field(default_factory=dict)
    delivered: dict[str, StepResult] = field(default_factory=dict)

    def run(self, engine: Engine, *phases: Phase) -> Loaded:
        """Do what the runs of these phases do, and count the results of the records."""
        for phase in phases:
            for batch in phase.batches:
                for step in steps_of(engine, batch):
                    self.add(step)
        return self

    def add(self, step: Step) -> None:
        """Take a step, and count the results of the records."""
        result = step()
        noted = {"catalog": self.planned, "ipaas": self.delivered}.get(step.layer)
        if noted is not None:
            noted.setdefault(step.name, StepResult()).add(result)

    @property
    def problems(self) -> dict[str, Problem]:
        """What needs attention, by key."""
        return problems_of([*self.planned.values(), *self.delivered.values()])

    def delivered_count(self, *outcomes: str) -> int:
        """Return the number of delivered records with these outcomes."""
        return sum(
            result.counts[name] for result in self.delivered.values() for name in result.counts if name in outcomes
        )


def problems_of(results: Iterable[StepResult]) -> dict[str, Problem]:
    """Return what needs attention, by key."""
    return {problem.key: problem for result in results for problem in result.problems}


def full_load(engine: Engine) -> Loaded:
    """Do what ``akeneo-assets sync full`` does, phase by phase."""
    engine.log_in()
    loaded = Loaded()
    for phase in programme.full(EnginePartitions(engine), engine.store.plan.partitions):
        loaded.run(engine, phase)
    return loaded


def dry_run(engine: Engine) -> None:
    """Do what ``akeneo-assets sync full --dry-run`` does."""
    engine.log_in()
    for phase in programme.full(EnginePartitions(engine), engine.store.plan.partitions):
        Loaded().run(engine, replace(phase, batches=tuple(each.without_delivery() for each in phase.batches)))


def content_of_a_full_load(world: World) -> JsonObject:
    """Return what a full load of the same Akeneo creates in an empty iPaaS.com; the world is not changed.

    The same catalogue and mapping give the same content, so each is loaded once per process.
    """
    key = _catalogue(world)
    if key not in _contents:
        _contents[key] = _loaded_at_once(world)
    return copy.deepcopy(_contents[key])


_contents: dict[str, JsonObject] = {}
_categories: dict[str, Path] = {}


def _catalogue(world: World, *, only: Collection[str] = tuple(KEY_FIELDS)) -> str:
    """Return the differences that a full load of these kinds may have."""
    database = world.sandbox.akeneo.database
    documents = {
        kind: sorted(
            fingerprint({name: each[name] for name in each if name not in _DATES}) for each in database.all(kind)
        )
        for kind in only
    }
    variables = {**world.variables}
    mapping = variables.pop("AKENEO_ASSETS_MAPPING", None)
    rules = None if mapping is None else Path(mapping).read_text(encoding="utf-8")
    faults = sorted(each.model_dump_json() for each in world.sandbox.akeneo_faults.armed())
    return fingerprint(documents, variables, rules, str(world.sandbox.akeneo.switches), faults)


def _loaded_at_once(world: World) -> JsonObject:
    """Load everything into an empty iPaaS.com in a single partition: faster than by family, with the same content.

    Structure and categories are loaded once for each state of them; custom fields are already defined.
    """
    with _elsewhere(world) as fresh:
        for field in world.ipaas.custom_field_records.hits(None):
            with suppress(RefusedError):
                fresh.ipaas.define_custom_fields([field["name"]], field["table_name"], field["data_type"])
        engine = world.engine()
        reader = engine._readers.records("all")
        for kind in ("product_model", "product"):
            reader.merger.read(kind, Search())
        partition = changes_key(datetime.fromtimestamp(time.time(), timezone.utc))
        Loaded().run(engine, Phase("changes", (batch_of(partition, reads=False),)))
        return content_of(fresh.ipaas)


@contextmanager
def _elsewhere(world: World) -> Iterator[Sandbox]:
    """Give the world another iPaaS.com and another state, with categories only."""
    state, variables = world.database_url, world.variables
    folder = _categories_loaded(world)
    with tempfile.TemporaryDirectory() as copied:
        shutil.copytree(folder, copied, dirs_exist_ok=True)
        with Sandbox(Path(copied), apps=("ipaas",)) as fresh:
            path = Path(copied) / "state.db"
            adopt_state(path, akeneo_url=world.sandbox.akeneo_url, ipaas_url=fresh.ipaas_url)
            world.database_url = f"sqlite:///{path}"
            world.variables = {**variables, "IPAAS_API_URL": fresh.ipaas_url}
            try:
                yield fresh
            finally:
                world.database_url, world.variables = state, variables


def _categories_loaded(world: World) -> Path:
    """Return a folder with an iPaaS.com and a state that contain the categories of this Akeneo; copy it before use."""
    key = _catalogue(world, only=KEY_FIELDS.keys() - {"product", "product_model"})
    if key not in _categories:
        folder = Path(tempfile.mkdtemp(prefix="akeneo-assets-"))
        atexit.register(shutil.rmtree, folder)
        state, variables = world.database_url, world.variables
        put_empty_state(folder / "state.db")
        with Sandbox(folder, apps=("ipaas",)) as fresh:
            world.database_url = f"sqlite:///{folder / 'state.db'}"
            world.variables = {**variables, "IPAAS_API_URL": fresh.ipaas_url}
            engine = world.engine()
            load_categories(engine)
            engine.close()
            world.database_url, world.variables = state, variables
        _categories[key] = folder
    return _categories[key]


def adopt_state(database: Path, *, akeneo_url: str, ipaas_url: str) -> None:
    """Adapt a copied state to a sandbox with other ports."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for name, url in (("akeneo_url", akeneo_url), ("ipaas_url", ipaas_url)):
            connection.execute("UPDATE identity SET value = ? WHERE name = ?", (url, name))
        # A token may belong to an earlier sandbox with the same port.
        connection.execute("DELETE FROM tokens")


def load_structure(engine: Engine) -> None:
    """Read the structure."""
    engine.log_in()
    engine.read_structure()


def load_categories(engine: Engine, *roots: str) -> Loaded:
    """Load the structure and these category trees; all by default."""
    load_structure(engine)
    return Loaded().run(engine, programme.categories(roots or engine.category_roots()))


def load_families(engine: Engine, *families: str, loaded: Loaded | None = None) -> Loaded:
    """Load these families, and the structure if it was not read yet."""
    if loaded is None:
        loaded = Loaded()
        load_structure(engine)
    for phase in programme.families(map(family_key, families), engine.store.plan.partitions):
        loaded.run(engine, phase)
    return loaded


def load_records(engine: Engine, kind: str, *ids: str, force: bool = False) -> RecordsResult:
    """Load the structure and named records."""
    load_structure(engine)
    return engine.sync_records(kind, ids, force=force)
