"""Full loads with changed responses: the state they leave, and whether an undisturbed load corrects it."""

from __future__ import annotations

import random
import tempfile
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import orjson

from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.sandbox.akeneo import AkeneoState
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS, IPAAS_CREDENTIALS
from akeneo_assets.settings import Settings
from akeneo_assets.store.store import Store
from akeneo_assets.sync import programme
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.results import StepResult
from akeneo_assets_tests.batches import EnginePartitions, steps_of
from akeneo_assets_tests.fuzz.calls import Figures, LogLines
from akeneo_assets_tests.fuzz.mutations import DETECTABLE, MUTATIONS
from akeneo_assets_tests.fuzz.network import (
    AKENEO_URL,
    IPAAS_URL,
    SECRETS,
    Network,
    akeneo_client,
    ipaas_client,
    network,
)
from akeneo_assets_tests.fuzz.wire import Good, Sent
from akeneo_assets_tests.scenarios.small_world import small_records
from akeneo_assets_tests.scenarios.world import content_of

_SHARE: Final = 0.3
_MOST_REQUESTS: Final = 3_000
_UNDISTURBED: Final = 3


class SyncFuzzer:
    """Runs full loads with changed responses.

    Args:
        figures: Counts the outcomes.
    """

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._expected: dict[str, bytes] | None = None

    def play(self, seed: str) -> None:
        """Run a disturbed load.

        Half of the loads are disturbed by all kinds of changes. The others are not disturbed by changes of values:
        after them, the state must be correct, and undisturbed loads must complete it.

        Args:
            seed: Determines everything.
        """
        is_wild = random.Random(seed).random() < 0.5
        if self._expected is None:
            with _world(_unchanged) as (world, engine):
                _load(engine, _raise)
                self._expected = _by_sku(world)
        problems: list[str] = []
        secrets = set(SECRETS)
        asked: Counter[str] = Counter()
        is_disturbed = True

        def change(sent: Sent, good: Good) -> bytes:
            secrets.update(_tokens_of(sent, good))
            # The change of a request does not depend on the order in which threads send theirs.
            name = f"{sent.method} {sent.host}{sent.target.partition('?')[0]} {zlib.crc32(sent.body)}"
            asked[name] += 1
            chance = random.Random(f"{seed} {name} {asked[name]}")
            if not is_disturbed or chance.random() > _SHARE:
                return good.raw()
            mutation = chance.choice(MUTATIONS if is_wild else DETECTABLE)
            self._figures.by_mutation[mutation.name] += 1
            return mutation.play(chance, sent, good)

        def caught(error: Exception) -> None:
            text = "".join(traceback.format_exception(error))
            self._figures.outcomes[f"step: {type(error).__name__}"] += 1
            if not isinstance(error, AkeneoAssetsError):
                problems.append(text[-3_000:])
            texts.append(text + getattr(error, "detail", ""))

        texts: list[str] = []
        with LogLines() as lines, _world(change) as (world, engine):
            results = _load(engine, caught)
            self._figures.outcomes["step: right result"] += len(results)
            texts += [problem.message for result in results for problem in result.problems]
            if not is_wild:
                problems += _falsehoods(world, engine)
            is_disturbed = False
            texts += lines
            problems += [f"the secret {secret} is shown" for secret in secrets for text in texts if secret in text]
            problems += [f"a request to {host}" for host in world.wire.foreign]
            if not is_wild:
                problems += self._after(world, engine, caught)
        self._figures.failures += [f"seed {seed}: load: {problem}" for problem in problems]

    def _after(self, world: Network, engine: Engine, caught: Callable[[Exception], None]) -> list[str]:
        """Load without disturbance until everything is delivered, and return what is wrong."""
        expected = self._expected or {}
        found: dict[str, bytes] = {}
        for _ in range(_UNDISTURBED):
            engine.store.work.retry_now()
            _load(engine, caught)
            found = _by_sku(world)
            if all(found.get(sku) == document for sku, document in expected.items()):
                break
        different = (sku for sku, document in expected.items() if found.get(sku) != document)
        return [
            *_falsehoods(world, engine),
            *(f"{sku} is {found.get(sku)!r:.1500} and not {expected[sku]!r:.1500}" for sku in different),
        ]


def _unchanged(_: Sent, good: Good) -> bytes:
    return good.raw()


def _raise(error: Exception) -> None:
    raise error


class _world:  # noqa: N801  (reads as the function that it is)
    """A small Akeneo, an empty iPaaS.com, and an engine without state."""

    def __init__(self, change: Callable[[Sent, Good], bytes]) -> None:
        self._change = change
        self._cleanup = ExitStack()

    def __enter__(self) -> tuple[Network, Engine]:
        folder = Path(self._cleanup.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        akeneo = AkeneoState(None, "empty")
        akeneo.database.load(small_records())
        akeneo.index.rebuild()
        world = self._cleanup.enter_context(network(akeneo))
        world.wire.reset(self._change)
        world.wire.most = _MOST_REQUESTS
        values = {name.lower(): value for name, value in {**AKENEO_CREDENTIALS, **IPAAS_CREDENTIALS}.items()}
        settings = Settings.from_environment(
            _env_file=None, akeneo_api_url=AKENEO_URL, ipaas_api_url=IPAAS_URL, **values
        )
        store = Store.open(f"sqlite:///{folder / 'state.db'}")
        statistics = RequestStatistics()
        engine = Engine(
            settings,
            store,
            akeneo_client(store.tokens, statistics),
            ipaas_client(store.tokens, statistics),
            load_mapping(None),
            statistics,
            run_id="fuzz",
        )
        self._cleanup.callback(engine.close)
        return world, engine

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()


def _load(engine: Engine, caught: Callable[[Exception], None]) -> list[StepResult]:
    """Load everything, even if parts fail."""
    results: list[StepResult] = []

    def step(call: Callable[[], Any]) -> Any:
        try:
            result = call()
        except Exception as error:  # noqa: BLE001  (that there is none is what is shown)
            caught(error)
            return None
        if isinstance(result, StepResult):
            results.append(result)
        return result

    step(engine.log_in)
    for phase in programme.full(_Partitions(engine, step), engine.store.plan.partitions):
        for batch in phase.batches:
            for each in steps_of(engine, batch):
                step(each)
    return results


class _Partitions(EnginePartitions):
    """The partitions of an engine; none if the request fails."""

    def __init__(self, engine: Engine, step: Callable[[Callable[[], Any]], Any]) -> None:
        super().__init__(engine)
        self._step = step

    def trees(self) -> Sequence[str]:
        return self._step(super().trees) or ()

    def families(self) -> Sequence[str]:
        return self._step(super().families) or ()


def _falsehoods(world: Network, engine: Engine) -> Iterator[str]:
    """Yield errors in the ledger, and duplicates in iPaaS.com."""
    ipaas = world.ipaas
    real = {str(record["id"]) for record in (*ipaas.products(), *ipaas.variants(), *ipaas.categories())}
    for frame in engine.store.reports.ledger_frames():
        for row in frame.to_dict("records"):
            given = row["ipaas_id"]
            if isinstance(given, str) and given not in real:
                yield f"the ledger has the id {given!r} for {row['kind']} {row['key']}, which nothing has"
    skus = Counter(record["sku"] for record in (*ipaas.products(), *ipaas.variants()))
    yield from (f"{count} records have the SKU {sku}" for sku, count in skus.items() if count > 1)


def _by_sku(world: Network) -> dict[str, bytes]:
    content = content_of(world.ipaas)
    return {product["sku"]: orjson.dumps(product, option=orjson.OPT_SORT_KEYS) for product in content["products"]}


def _tokens_of(sent: Sent, good: Good) -> set[str]:
    if "oauth" not in sent.target and "/sso/" not in sent.target:
        return set()
    document = orjson.loads(good.body or b"null")
    given = document if isinstance(document, dict) else {}
    return {str(given[name]) for name in ("access_token", "refresh_token") if given.get(name)}
