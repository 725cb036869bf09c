"""Send one record: create it, replace it, or find the one that is already there. Never a second create."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError, TransientError
from akeneo_assets.ipaas.client import Deactivated, IpaasClient, Linked
from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.ipaas.errors import IpaasError
from akeneo_assets.mapping.records import RecordKind
from akeneo_assets.sync.children import ids_of, with_ids
from akeneo_assets.sync.external_id_formats import former_format
from akeneo_assets.sync.objects import EXTERNAL_ID_TABLES

How = Literal["created", "updated", "adopted", "reactivated"]

_CREATE_ATTEMPTS: Final = 3


@dataclass(frozen=True)
class Destination:
    """What is known of a record's place in iPaaS.com.

    Attributes:
        ipaas_id: Its id, None when it is not known.
        children: Ids of its children, as :func:`akeneo_assets.sync.children.ids_of` collects them.
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
    answer: JsonObject
    how: How


@dataclass(frozen=True)
class _Calls:
    """The client's calls for one kind."""

    create: Callable[[JsonObject], JsonObject]
    replace: Callable[[str, JsonObject], JsonObject]
    get: Callable[[str], JsonObject]


class _FoundError(Exception):
    """The record that was about to be created is there."""


class Sender:
    """Sends records of every kind.

    Args:
        client: The iPaaS.com client.
        run_id: Ties the requests of a run together in the vendor's log, together with the record's key.
    """

    def __init__(self, client: IpaasClient, run_id: str) -> None:
        self._client = client
        self._run_id = run_id

    def send(self, kind: RecordKind, key: str, sku: str | None, payload: JsonObject, destination: Destination) -> Sent:
        """Bring a record to iPaaS.com.

        Args:
            kind: Destination kind.
            key: The record's key, which is its external id.
            sku: Its SKU, the last way to find it.
            payload: The composed payload without ids.
            destination: What is known of it.

        Raises:
            RecordError: iPaaS.com refused it, or two different records claim to be it.
            TransientError: It may go later.
        """
        calls = self._calls(kind, self._tracking_guid(kind, key), destination.product_id)
        refusal: IpaasError | None = None
        if destination.ipaas_id is not None:
            try:
                return self._replace(calls, destination.ipaas_id, payload, destination.children or {}, "updated")
            except IpaasError as error:
                if error.code != ErrorCode.NOT_FOUND:
                    raise
        else:
            try:
                return self._create(calls, kind, key, sku, payload)
            except _FoundError:
                pass
            except IpaasError as error:
                if error.code not in ErrorCode.DUPLICATES:
                    raise
                refusal = error
        located = self._locate(kind, key, sku) or _inactive(kind, refusal, sku)
        if located is not None:
            return self._adopt(calls, kind, key, payload, located)
        if refusal is not None:
            raise refusal
        return self._create(calls, kind, key, sku, payload)

    def reactivate_variants(self, keys: Iterable[str]) -> bool:
        """Reactivate those of these variants that are deactivated in iPaaS.com; tell whether there were any.

        A write of a whole product neither takes the id of a deactivated variant nor its SKU without the id.
        """
        found = False
        for key in keys:
            guid = self._tracking_guid("variant", key)
            located = self._client.find_external(EXTERNAL_ID_TABLES["variant"], key, tracking_guid=guid)
            if isinstance(located, Deactivated):
                self._client.reactivate("variant", located.ipaas_id, tracking_guid=guid)
                found = True
        return found

    def _create(self, calls: _Calls, kind: RecordKind, key: str, sku: str | None, payload: JsonObject) -> Sent:
        """Create the record.

        iPaaS.com keeps SKUs and external ids unique, so a create that is refused as a duplicate tells more cheaply
        than a search before every create that the record exists.

        Raises:
            _FoundError: The answer to a create was lost, and the record is there.
        """
        for attempt in range(1, _CREATE_ATTEMPTS + 1):
            try:
                return self._sent(calls.create(payload), "created")
            except TransientError as error:
                if not error.possibly_stored or attempt == _CREATE_ATTEMPTS:
                    raise
                if self._locate(kind, key, sku) is not None:
                    raise _FoundError from error
        raise AssertionError("the last attempt returns or raises")

    def _adopt(
        self, calls: _Calls, kind: RecordKind, key: str, payload: JsonObject, located: Linked | Deactivated
    ) -> Sent:
        how: How = "adopted"
        if isinstance(located, Deactivated):
            self._client.reactivate(kind, located.ipaas_id, tracking_guid=self._tracking_guid(kind, key))
            how = "reactivated"
        children = ids_of(calls.get(located.ipaas_id))
        return self._replace(calls, located.ipaas_id, payload, children, how)

    def _replace(self, calls: _Calls, ipaas_id: str, payload: JsonObject, children: JsonObject, how: How) -> Sent:
        return self._sent(calls.replace(ipaas_id, {"id": ipaas_id, **with_ids(payload, children)}), how)

    def _locate(self, kind: RecordKind, key: str, sku: str | None) -> Linked | Deactivated | None:
        """Find the record by its external id, then by its SKU.

        Raises:
            RecordError: Two different records claim to be it, or its SKU belongs to another record of Akeneo.
        """
        guid = self._tracking_guid(kind, key)
        linked = self._client.find_external(EXTERNAL_ID_TABLES[kind], key, tracking_guid=guid)
        same_sku: list[str] = []
        if sku is not None and kind != "category":
            find = self._client.find_variants if kind == "variant" else self._client.find_products
            same_sku = [str(hit["id"]) for hit in find(sku, tracking_guid=guid)]
        candidates = {*same_sku, *([linked.ipaas_id] if linked is not None else [])}
        if len(candidates) > 1:
            raise RecordError(
                f"Several records of iPaaS.com could be {kind} '{key}': ids {', '.join(sorted(candidates))} "
                f"(external id '{key}', SKU '{sku}'). Merge or rename them in iPaaS.com, then retry.",
                code="ambiguous_destination",
            )
        if linked is not None or not same_sku:
            return linked
        owner = self._client.external_id(EXTERNAL_ID_TABLES[kind], same_sku[0], tracking_guid=guid)
        if owner is not None and owner != key:
            raise RecordError(
                f"The SKU '{sku}' of {kind} '{key}' belongs to record {same_sku[0]} of iPaaS.com, which is linked to "
                f"'{owner}'. Give one of the two another SKU in Akeneo, or correct the link in iPaaS.com."
                f"{former_format(key, owner)}",
                code="sku_taken",
            )
        return Linked(same_sku[0])

    def _calls(self, kind: RecordKind, guid: str, product_id: str | None) -> _Calls:
        client = self._client
        if kind == "category":
            return _Calls(
                create=lambda payload: client.create_category(payload, tracking_guid=guid),
                replace=lambda ipaas_id, payload: client.replace_category(ipaas_id, payload, tracking_guid=guid),
                get=lambda ipaas_id: client.get_category(ipaas_id, tracking_guid=guid),
            )
        if kind == "variant":
            product = str(product_id)
            return _Calls(
                create=lambda payload: client.save_variant(product, payload, tracking_guid=guid),
                replace=lambda _, payload: client.save_variant(product, payload, tracking_guid=guid),
                get=lambda ipaas_id: client.get_variant(ipaas_id, tracking_guid=guid),
            )
        return _Calls(
            create=lambda payload: client.create_product(payload, tracking_guid=guid),
            replace=lambda ipaas_id, payload: client.replace_product(ipaas_id, payload, tracking_guid=guid),
            get=lambda ipaas_id: client.get_product(ipaas_id, tracking_guid=guid),
        )

    def _tracking_guid(self, kind: RecordKind, key: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._run_id}/{kind}/{key}"))

    @staticmethod
    def _sent(answer: JsonObject, how: How) -> Sent:
        return Sent(str(answer["id"]), ids_of(answer), answer, how)


def _inactive(kind: RecordKind, refusal: IpaasError | None, sku: str | None) -> Deactivated | None:
    """Return the deactivated record that holds this very SKU: no search finds it, only the refusal names it.

    A product model comes with the SKUs of its variants, so there the refusal has to say which one it means.
    """
    if refusal is None or refusal.code != ErrorCode.INACTIVE_HOLDS_VALUE or refusal.existing_id is None:
        return None
    is_meant = kind in {"product", "variant"} or (sku is not None and sku in str(refusal))
    return Deactivated(refusal.existing_id) if is_meant else None
