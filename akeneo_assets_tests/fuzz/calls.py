"""Every call of both clients with changed responses."""

from __future__ import annotations

import logging
import random
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from typing_extensions import Self

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.endpoints import ENDPOINTS
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.ipaas.client import IpaasClient
from akeneo_assets.sandbox.akeneo import AkeneoState
from akeneo_assets.sandbox.catalogue.records import Record, dated, labels, product
from akeneo_assets_tests.fuzz.mutations import MUTATIONS, Mutation
from akeneo_assets_tests.fuzz.network import SECRETS, Network, akeneo_client, ipaas_client, network
from akeneo_assets_tests.fuzz.wire import Good, Sent
from akeneo_assets_tests.http.local_tokens import LocalTokenStore
from akeneo_assets_tests.scenarios.small_world import small_records

_MORE: Final = 130
_CODES: Final[dict[str, tuple[str, ...]]] = {
    "attributes/{}/options": ("color",),
    "families/{}/variants": ("clothing",),
    "reference-entities/{}/attributes": ("designers",),
    "reference-entities/{}/attributes/{}/options": ("designers", "styles"),
    "reference-entities/{}/records": ("designers",),
    "asset-families/{}/attributes": ("product_pictures",),
    "asset-families/{}/assets": ("product_pictures",),
}
_ENDS_BY_ITSELF: Final = ("opaque_search_after", "none")
"""Lists that contain nothing that would reveal a missing page."""

_PRODUCT: Final = {
    "name": "A product",
    "type": "Physical",
    "status": "Active",
    "default_price": 1,
    "tracking_method": "Product",
}

Clients = tuple[AkeneoClient, IpaasClient]


@dataclass(frozen=True)
class Operation:
    """One call.

    Attributes:
        name: Its name in the figures.
        call: The call.
        is_list: Whether it returns records, of which none may be missing.
        ends_by_itself: Whether only the server knows how long the list is.
        host: The host whose responses are changed.
        writes: Whether the call writes.
    """

    name: str
    call: Callable[[Clients, list[Damage]], Any]
    host: str
    is_list: bool = False
    ends_by_itself: bool = False


@dataclass
class Figures:
    """The results.

    Attributes:
        outcomes: The number of calls by outcome.
        by_mutation: The number of changed responses by kind of change.
        failures: Violations, with the seed that shows them.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    by_mutation: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def responses(self) -> int:
        """How many responses were changed."""
        return self.by_mutation.total()


class CallFuzzer:
    """Makes single calls with changed responses; a context manager.

    Args:
        figures: Counts the outcomes.
    """

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        akeneo = AkeneoState(None, "empty")
        akeneo.database.load(_records())
        akeneo.index.rebuild()
        self._network: Network = self._cleanup.enter_context(network(akeneo))
        self._fill()
        self._network.wire.remembers = True
        clients = self._clients()
        for client in clients:
            client.log_in()
        self._tokens = [dict(store._tokens) for store in self._stores]
        self._operations = list(_operations(clients))
        self._expected = {each.name: _plain(each.call(clients, [])) for each in self._operations}
        self._lines = self._cleanup.enter_context(LogLines())
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def play(self, seed: str) -> None:  # noqa: C901  (one play, step by step)
        """Make one call, with one or all responses changed.

        Args:
            seed: Determines everything.
        """
        chance = random.Random(seed)
        operation = chance.choice(self._operations)
        mutation = chance.choice(MUTATIONS)
        # All responses of this host after the first changed one, or only that one.
        first, every = chance.choice((0, 0, 0, 1, 2, 3)), chance.random() < 0.5
        count = 0

        def change(sent: Sent, good: Good) -> bytes:
            nonlocal count
            if sent.host != operation.host:
                return good.raw()
            number, count = count, count + 1
            if number == first or (every and number > first):
                self._figures.by_mutation[mutation.name] += 1
                return mutation.play(chance, sent, good)
            return good.raw()

        clients = self._clients(logged_in=chance.random() < 0.8 and not operation.name.startswith("log in"))
        self._lines.clear()
        self._network.wire.reset(change)
        texts: list[str] = []
        damaged: list[Damage] = []
        try:
            result = _plain(operation.call(clients, damaged))
        except AkeneoAssetsError as error:
            outcome = type(error).__name__
            texts = [str(error), error.detail, "".join(traceback.format_exception(error))]
        except Exception as error:  # noqa: BLE001  (that there is none is what is shown)
            outcome = f"UNTYPED {type(error).__name__}"
            self._fail(seed, operation, mutation, "".join(traceback.format_exception(error))[-3_000:])
        else:
            outcome = "right result"
            if damaged:
                outcome = "right result, damaged records reported"
            if problem := self._wrong(operation, mutation, result, damaged):
                self._fail(seed, operation, mutation, problem)
        finally:
            for client in clients:
                client.close()
        self._figures.outcomes[outcome] += 1
        texts += self._lines
        secrets = self._secrets()
        for text in texts:
            if shown := [secret for secret in secrets if secret in text]:
                self._fail(seed, operation, mutation, f"the secret {shown} in {text[:2_000]}")
        if self._network.wire.foreign:
            self._fail(seed, operation, mutation, f"requests to {self._network.wire.foreign}")

    def _wrong(self, operation: Operation, mutation: Mutation, result: Any, damaged: list[Damage]) -> str | None:
        expected = self._expected[operation.name]
        if not operation.is_list:
            return f"{result!r:.500} instead of {expected!r:.500}" if mutation.keeps and result != expected else None
        may_be_short = mutation.empties or (operation.ends_by_itself and mutation.name in _LIST_CHANGES)
        if len(result) + len(damaged) < len(expected) and not may_be_short:
            return f"{len(result)} records of {len(expected)}, and {len(damaged)} damaged"
        if mutation.keeps and not damaged and not may_be_short and _sorted(result) != _sorted(expected):
            return "other records than there are"
        return None

    def _fail(self, seed: str, operation: Operation, mutation: Mutation, problem: str) -> None:
        self._figures.failures.append(f"seed {seed}: {operation.name} with {mutation.name}: {problem}")

    def _clients(self, *, logged_in: bool = False) -> Clients:
        statistics = RequestStatistics()
        self._stores = LocalTokenStore(), LocalTokenStore()
        if logged_in:
            for store, tokens in zip(self._stores, self._tokens, strict=True):
                store._tokens.update(tokens)
        return akeneo_client(self._stores[0], statistics), ipaas_client(self._stores[1], statistics)

    def _secrets(self) -> set[str]:
        tokens = [token for store in self._stores for token in store._tokens.values()]
        given = {*SECRETS, *(token.access_token for token in tokens), *(str(token.refresh_token) for token in tokens)}
        # A server that issues "x" as a token has no secret to reveal.
        return {secret for secret in given if len(secret) > 10}

    def _fill(self) -> None:
        _, ipaas = self._clients()
        for number in range(_MORE):
            ipaas.create_category({"name": f"Category {number}", "description": str(number)})
            ipaas.create_custom_field({"name": f"Field {number}", "table_name": "product"})
            ipaas.create_product(_PRODUCT | {"sku": f"S{number}"})


class LogLines(logging.Handler):
    """A context manager that collects what is logged, at every level."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def __enter__(self) -> list[str]:
        logger = logging.getLogger()
        self._level_before = logger.level
        logger.addHandler(self)
        logger.setLevel(logging.DEBUG)
        return self.lines

    def __exit__(self, *_: object) -> None:
        logger = logging.getLogger()
        logger.removeHandler(self)
        logger.setLevel(self._level_before)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


_LIST_CHANGES: Final = ("another link", "an empty page before the end", "a key less")


def _records() -> Iterator[Record]:
    yield from small_records()
    for number in range(_MORE):
        yield Record("product", dated(product(f"light-{number:03}", family=None, values={}), number))
        category = {"code": f"light_{number:03}", "parent": None, "labels": labels("Light")}
        yield Record("category", dated(category, number))


def _operations(clients: Clients) -> Iterator[Operation]:
    _, ipaas = clients
    for path, endpoint in ENDPOINTS.items():
        codes = _CODES.get(path, ())
        ends = endpoint.pagination in _ENDS_BY_ITSELF

        def listed(c: Clients, damaged: list[Damage], path: str = path, codes: tuple[str, ...] = codes) -> Any:
            return [record for page in c[0].list(path, codes=codes, damaged=damaged.append) for record in page]

        def plainly(c: Clients, _: list[Damage], path: str = path, codes: tuple[str, ...] = codes) -> Any:
            return [record for page in c[0].list(path, codes=codes) for record in page]

        yield Operation(f"list {path}", listed, "akeneo.example", is_list=True, ends_by_itself=ends)
        yield Operation(f"list {path} plainly", plainly, "akeneo.example", is_list=True, ends_by_itself=ends)
        if endpoint.pagination in {"page", "search_after"}:
            yield Operation(f"count {path}", _counting(path, codes), "akeneo.example")
    yield Operation("system information", lambda c, _: c[0].system_information(), "akeneo.example")
    yield Operation("version", lambda c, _: c[0].is_before(7), "akeneo.example")
    yield Operation("log in to Akeneo", lambda c, _: c[0].log_in(), "akeneo.example")
    yield Operation("log in to iPaaS.com", lambda c, _: c[1].log_in(), "ipaas.example")

    def of_ipaas(name: str, call: Callable[[IpaasClient], Any], *, is_list: bool = False) -> Operation:
        return Operation(name, lambda c, _: call(c[1]), "ipaas.example", is_list=is_list)

    product_of_ours = ipaas.find_products("S1")[0]["id"]
    category = ipaas.create_category({"name": "Known", "description": "known"})["id"]
    ipaas.link("product", "known", product_of_ours)
    document = ipaas.get_product(product_of_ours)
    yield of_ipaas("products", lambda c: [each for page in c.products() for each in page], is_list=True)
    yield of_ipaas("custom fields", lambda c: c.list_custom_fields("product"), is_list=True)
    yield of_ipaas("get category", lambda c: c.get_category(category))
    yield of_ipaas("get product", lambda c: c.get_product(product_of_ours))
    yield of_ipaas("find products", lambda c: c.find_products("S1"))
    yield of_ipaas("find variants", lambda c: c.find_variants("S1"))
    yield of_ipaas("find location", lambda c: c.find_location("Main"))
    yield of_ipaas("find external", lambda c: c.find_external("product", "known"))
    yield of_ipaas("find no external", lambda c: c.find_external("product", "unknown"))
    yield of_ipaas("external id", lambda c: c.external_id("product", product_of_ours))
    yield of_ipaas("create product", lambda c: c.create_product(_PRODUCT | {"sku": "NEW"}))
    yield of_ipaas("replace product", lambda c: c.replace_product(product_of_ours, document))
    yield of_ipaas("create category", lambda c: c.create_category({"name": "New", "description": "new"}))
    yield of_ipaas("create location", lambda c: c.create_location({"name": "New"}))
    yield of_ipaas(
        "create custom field",
        lambda c: c.create_custom_field({"name": "New", "table_name": "product"}),
    )
    yield of_ipaas("link", lambda c: c.link("product", "known", product_of_ours))
    yield of_ipaas("unlink", lambda c: c.unlink("product", "unknown"))


def _counting(path: str, codes: tuple[str, ...]) -> Callable[[Clients, list[Damage]], Any]:
    return lambda clients, _: clients[0].count(path, codes=codes)


def _plain(result: Any) -> Any:
    return orjson.loads(orjson.dumps(result))


def _sorted(records: Any) -> list[bytes]:
    return sorted(map(orjson.dumps, records))
