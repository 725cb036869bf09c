"""Sends a record: creates it, replaces it, or finds the existing one, so that it is never created twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AkeneoAssetsError, MalformedResponseError, TransientError
from akeneo_assets.mapping.record.mapped_record import RecordKind
from akeneo_assets.objects import KINDS
from akeneo_assets.sync.deliver.child_ids import children_of, ids_of, with_ids
from akeneo_assets.sync.deliver.released_records import with_destination_variants, writable
from akeneo_assets.sync.deliver.tracking import TrackedClients
from akeneo_assets.sync.destination import Deactivated, Destination, ErrorCode, IpaasError, Linked, is_usable_id
from akeneo_assets.sync.results import Outcome

How = Literal["created", "updated", "adopted", "reactivated"]

_CREATE_ATTEMPTS: Final = 3


@dataclass(frozen=True)
class RecordPlace:
    """What is known about a record in iPaaS.com.

    Attributes:
        ipaas_id: Its id; None if it is not known.
        children: Ids of its children, as :func:`akeneo_assets.sync.deliver.child_ids.ids_of` collects them.
        product_id: For a variant, the id of its product.
    """

    ipaas_id: str | None = None
    children: JsonObject | None = None
    product_id: str | None = None


@dataclass(frozen=True)
class Sent:
    """An accepted record."""

    ipaas_id: str
    children: JsonObject
    request: JsonObject
    response: JsonObject
    how: How

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes that the record counts as. An adopted or reactivated record also counts as updated."""
        return (self.how,) if self.how in {"created", "updated"} else ("updated", self.how)


@dataclass(frozen=True)
class _Calls:
    """The client's calls for one kind."""

    create: Callable[[JsonObject], JsonObject]
    replace: Callable[[str, JsonObject], JsonObject]
    get: Callable[[str], JsonObject]


@dataclass(frozen=True)
class Adoption:
    """How to send a record as an update of an existing one.

    Attributes:
        payload: The payload to send.
        children: Ids of the existing children.
        how: How the write is counted.
    """

    payload: JsonObject
    children: JsonObject
    how: How


class _AlreadyExistsError(Exception):
    """The record that was about to be created already exists."""

    def __init__(self, located: Linked | Deactivated) -> None:
        super().__init__()
        self.located = located


class Sender:
    """Sends records of every kind.

    Args:
        clients: Gives each record an iPaaS.com client.
    """

    def __init__(self, clients: TrackedClients) -> None:
        self._clients = clients

    def send(
        self,
        kind: RecordKind,
        key: str,
        sku: str | None,
        payload: JsonObject,
        destination: RecordPlace,
        how: How = "updated",
    ) -> Sent:
        """Send a record to iPaaS.com.

        Args:
            kind: Destination kind.
            key: The record's key, which is its external id.
            sku: Its SKU, used to find it if its external id is not known in iPaaS.com.
            payload: The composed payload without ids.
            destination: What is known about it in iPaaS.com.
            how: How a replacement is counted.

        Raises:
            RecordError: iPaaS.com refused it; with one of ``ErrorCode.DUPLICATES`` when another record has its SKU or
                external id.
            TransientError: It could not be sent now; a later try may succeed.
        """
        calls = _calls(self._clients.of(kind, key), kind, destination.product_id)
        if destination.ipaas_id is not None:
            try:
                sent = _replaced(calls, destination.ipaas_id, payload, destination.children or {}, how)
                return self._linked(kind, key, sent)
            except IpaasError as error:
                if error.code != ErrorCode.NOT_FOUND:
                    raise
            located = self._locate(kind, key, sku)
        else:
            located = None
            if self._clients.client.capabilities.refuses_duplicates is False:
                located = self._locate(kind, key, sku)
            if located is None:
                try:
                    return self._create(calls, kind, key, sku, payload)
                except _AlreadyExistsError as found:
                    located = found.located
        if located is None:
            return self._create(calls, kind, key, sku, payload)
        is_active = isinstance(located, Linked)
        adopted = self.adopt(kind, key, payload, located.ipaas_id, destination.product_id, is_active=is_active)
        sent = _replaced(calls, located.ipaas_id, adopted.payload, adopted.children, adopted.how)
        return self._linked(kind, key, sent)

    def adopt(
        self, kind: RecordKind, key: str, payload: JsonObject, ipaas_id: str, product_id: str | None, *, is_active: bool
    ) -> Adoption:
        """Prepare to send a record as an update of one that is already in iPaaS.com.

        Variants that iPaaS.com has and the payload does not are kept, because nothing is deleted.

        Args:
            kind: Destination kind.
            key: The record's key.
            payload: The composed payload without ids.
            ipaas_id: Id of the existing record.
            product_id: For a variant, the id of its product.
            is_active: Whether the existing record is active. If not, it is reactivated.
        """
        client = self._clients.of(kind, key)
        get = partial(_calls(client, kind, product_id).get, ipaas_id)
        record = _if_readable(get) if is_active else None
        if record is None:
            # Not every look-up says that a record is deactivated; but then it cannot be read.
            is_active = False
            client.reactivate(kind, ipaas_id)
            record = get()
        how: How = "adopted" if is_active else "reactivated"
        if "variants" in payload:
            payload = with_destination_variants(payload, map(writable, record.get("variants") or ()))
        return Adoption(payload, ids_of(record), how)

    def _create(self, calls: _Calls, kind: RecordKind, key: str, sku: str | None, payload: JsonObject) -> Sent:
        """Create the record.

        iPaaS.com keeps SKUs and external ids unique, so a create that is refused as a duplicate shows that the record
        exists. This is cheaper than a search before every create.

        Raises:
            _AlreadyExistsError: The response to a create was lost, and the record exists.
        """
        for attempt in range(1, _CREATE_ATTEMPTS + 1):
            try:
                return self._linked(kind, key, _written(calls.create, payload, "created"))
            except TransientError as error:
                if not error.possibly_stored or attempt == _CREATE_ATTEMPTS:
                    raise
                if (located := self._locate(kind, key, sku)) is not None:
                    raise _AlreadyExistsError(located) from error
        raise AssertionError("the last attempt returns or raises")

    def _linked(self, kind: RecordKind, key: str, sent: Sent) -> Sent:
        """Link a record and its variants, if a write does not give them the external ids that it contains."""
        client = self._clients.of(kind, key)
        if client.capabilities.links_on_write is False:
            for table, external_id, record in _unlinked(kind, sent):
                client.link(table, external_id, str(record["id"]))
        return sent

    def _locate(self, kind: RecordKind, key: str, sku: str | None) -> Linked | Deactivated | None:
        """Find the record by its external id, or by its SKU among the records without an external id."""
        client, table = self._clients.of(kind, key), KINDS[kind].external_id_table
        linked = client.find_external(table, key)
        if linked is not None or sku is None or kind == "category":
            return linked
        find = client.find_variants if kind == "variant" else client.find_products
        for hit in find(sku):
            ipaas_id = str(hit["id"])
            if client.external_id(table, ipaas_id) is None:
                return Linked(ipaas_id)
        return None


def _if_readable(get: Callable[[], JsonObject]) -> JsonObject | None:
    try:
        return get()
    except IpaasError as error:
        if error.code != ErrorCode.NOT_FOUND:
            raise
        return None


def _written(write: Callable[[JsonObject], JsonObject], request: JsonObject, how: How) -> Sent:
    try:
        response = write(request)
    except AkeneoAssetsError as error:
        error.request = request
        raise
    return Sent(str(response["id"]), ids_of(response), request, response, how)


def _replaced(calls: _Calls, ipaas_id: str, payload: JsonObject, children: JsonObject, how: How) -> Sent:
    return _written(partial(calls.replace, ipaas_id), {"id": ipaas_id, **with_ids(payload, children)}, how)


def _unlinked(kind: RecordKind, sent: Sent) -> Iterator[tuple[str, str, JsonObject]]:
    """Yield table, external id and stored record of what was sent with an external id, but is stored without it."""
    stored = {str(each.get("sku")): each for each in children_of(sent.response, "variants")}
    variants = [(each, stored.get(str(each.get("sku")))) for each in sent.request.get("variants") or ()]
    pairs = [
        (KINDS[kind].external_id_table, sent.request, sent.response),
        *((KINDS["variant"].external_id_table, *pair) for pair in variants),
    ]
    for table, request, response in pairs:
        known = {str(each.get("external_id")) for each in (response or {}).get("external_ids") or ()}
        for wanted in request.get("external_ids") or ():
            if response is not None and is_usable_id(response.get("id")) and wanted["external_id"] not in known:
                yield table, wanted["external_id"], response


def _calls(client: Destination, kind: RecordKind, product_id: str | None) -> _Calls:
    if kind == "category":
        return _Calls(client.create_category, client.replace_category, client.get_category)
    if kind == "variant":
        save = partial(client.save_variant, str(product_id))
        if client.capabilities.variant_path == "variant":
            add = partial(_add_to_product, client, str(product_id))
            return _Calls(add, lambda _, payload: save(payload), client.get_variant)
        return _Calls(save, lambda _, payload: save(payload), client.get_variant)
    return _Calls(client.create_product, client.replace_product, client.get_product)


def _add_to_product(client: Destination, product_id: str, variant: JsonObject) -> JsonObject:
    """Add a variant by writing its product, and return the variant as stored."""
    product = writable(client.get_product(product_id))
    others = [each for each in product.get("variants", ()) if each["sku"] != variant["sku"]]
    stored = client.replace_product(product_id, {**product, "variants": [*others, variant]})
    for each in children_of(stored, "variants"):
        if each.get("sku") == variant["sku"] and is_usable_id(each.get("id")):
            return each
    raise MalformedResponseError(
        "iPaaS.com", "product.replace", "the new variant is not in the response", possibly_stored=True
    )
