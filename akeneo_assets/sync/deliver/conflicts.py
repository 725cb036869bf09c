"""Resolves the conflict when iPaaS.com refuses a SKU or an external id because another record has it.

:data:`RESOLUTIONS` decides by the owner of the other record. Conflicts are resolved if a record has moved, was created
again in Akeneo, or exchanged SKUs with another one, but not if two records both keep the same SKU.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.mapped_record import RecordKind
from akeneo_assets.objects import KINDS
from akeneo_assets.store.store import Store
from akeneo_assets.sync.deliver.places import Places
from akeneo_assets.sync.deliver.tracking import TrackedClients
from akeneo_assets.sync.destination import Deactivated, Destination, ErrorCode, IpaasError, Linked

Owner: TypeAlias = Literal["itself", "former id", "gone", "leaving", "staying", "none"]
"""The Akeneo record that the iPaaS.com record with the SKU or external id belongs to.

``itself``: the record that is sent. ``former id``: the same record, under its id in the other id format. ``gone``: one
that Akeneo no longer has. ``leaving``: one that gets another SKU. ``staying``: one that keeps it. ``none``: no record.
"""

Resolution: TypeAlias = Literal["adopt", "release", "give up SKU", "conflict"]
"""``adopt``: send the record as an update of the existing one. ``release``: release the existing one, see
:mod:`akeneo_assets.sync.deliver.places`. ``give up SKU``: send the other record first, or give it a temporary SKU.
``conflict``: a user has to decide."""

RESOLUTIONS: Final[Mapping[tuple[Owner, bool], Resolution]] = {
    ("itself", True): "adopt",
    ("itself", False): "release",
    ("former id", True): "adopt",
    ("former id", False): "release",
    ("gone", True): "adopt",
    ("gone", False): "release",
    ("leaving", True): "give up SKU",
    ("leaving", False): "give up SKU",
    ("staying", True): "conflict",
    ("staying", False): "conflict",
    ("none", True): "adopt",
    ("none", False): "conflict",
}
"""Owner, and whether the record can be sent as the existing one (same kind and product, no other id) → what to do."""

CONFLICTS_A_RECORD: Final = 4
"""Conflicts that are resolved for one record before it fails: its external id, its SKU, and one more of each."""

OwnerOf: TypeAlias = Callable[[str, str, str], Owner]
"""Returns the owner of a SKU, given the kind and key of the record that has it, and the SKU. It may ask Akeneo."""

Aliases: TypeAlias = Callable[[str], Collection[str]]
"""Returns the other ids that a product has in Akeneo, by its key."""


class MustWaitError(Exception):
    """The record can be sent as soon as another record has its new SKU.

    Attributes:
        key: Key of the other record.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class Candidate:
    """A record that is sent, alone or with its product.

    Attributes:
        kind: Destination kind.
        key: Its key.
        sku: The SKU that it gets.
        ipaas_id: Its id in iPaaS.com; None if it has none.
        product_id: For a variant, the id of its product; None if that does not exist yet.
    """

    kind: RecordKind
    key: str
    sku: str | None
    ipaas_id: str | None = None
    product_id: str | None = None


@dataclass(frozen=True)
class Adopted:
    """A record that is sent as an update of an existing one.

    Attributes:
        candidate: The record.
        ipaas_id: Id of the existing record.
        is_active: Whether the existing record is active.
        former_key: Key of the Akeneo record that the existing one belonged to, if that is another one.
    """

    candidate: Candidate
    ipaas_id: str
    is_active: bool
    former_key: str | None


@dataclass(frozen=True)
class _ConflictingRecord:
    """The iPaaS.com record that has the SKU or external id."""

    kind: RecordKind
    ipaas_id: str
    product_id: str | None
    is_active: bool = True


class Conflicts:
    """Resolves conflicts.

    Args:
        store: The state.
        clients: Gives each record an iPaaS.com client.
        places: Releases places.
        owner_of: Returns the owner of a SKU.
        aliases: Returns the other ids of a product.
    """

    def __init__(
        self,
        store: Store,
        clients: TrackedClients,
        places: Places,
        *,
        owner_of: OwnerOf,
        aliases: Aliases,
    ) -> None:
        self._store = store
        self._clients = clients
        self._places = places
        self._owner_of = owner_of
        self._aliases = aliases
        self._unexplained: set[tuple[str, str]] = set()

    def resolve(self, candidates: Sequence[Candidate], refusal: IpaasError, *, may_wait: bool) -> Adopted | None:
        """Resolve the conflict of a request that iPaaS.com has refused.

        Args:
            candidates: The records of the refused request.
            refusal: The error from iPaaS.com.
            may_wait: Whether to wait for a record that is about to get another SKU. If not, it gets a temporary SKU.

        Returns:
            A record to send as an update of an existing one; None if the request can be sent again unchanged.

        Raises:
            MustWaitError: Another record has to be sent first.
            RecordError: Two records claim the same place, or no record with the SKU or external id was found.
        """
        for candidate in self._mentioned_first(candidates, refusal):
            for existing, external_id in self._conflicting(candidate, refusal, alone=len(candidates) == 1):
                return self._resolve_one(candidate, existing, external_id, may_wait=may_wait)
        place = (candidates[0].kind, candidates[0].key)
        if place in self._unexplained:
            raise refusal
        # Another record may have given up its SKU since the refusal, so the request is repeated once.
        self._unexplained.add(place)
        return None

    def _mentioned_first(self, candidates: Sequence[Candidate], refusal: IpaasError) -> list[Candidate]:
        """Put the records that the refusal mentions first, because checking each record costs requests."""
        if len(candidates) == 1:
            return list(candidates)
        message = str(refusal)
        named = self._skus_of(self._client(candidates[0]), refusal.existing_id)
        return sorted(
            candidates,
            key=lambda each: not (each.sku in named or each.key in message or (each.sku or each.key) in message),
        )

    def _skus_of(self, client: Destination, ipaas_id: str | None) -> set[str | None]:
        if ipaas_id is None:
            return set()
        if known := {entry.sku for entry in self._store.ledger.holding(ipaas_id)}:
            return known
        for get in (client.get_variant, client.get_product):
            try:
                return {get(ipaas_id).get("sku")}
            except IpaasError as error:
                if error.code != ErrorCode.NOT_FOUND:
                    raise
        return set()

    def _resolve_one(
        self, candidate: Candidate, existing: _ConflictingRecord, external_id: str | None, *, may_wait: bool
    ) -> Adopted | None:
        kind = existing.kind if external_id is None else self._kind_of(existing, external_id)
        owner = self._owner(candidate, kind, external_id)
        fits = (
            candidate.ipaas_id in {None, existing.ipaas_id}
            and KINDS[existing.kind].external_id_table == KINDS[candidate.kind].external_id_table
            and (candidate.kind != "variant" or existing.product_id == candidate.product_id)
            and (owner != "gone" or kind == candidate.kind)
        )
        resolution = RESOLUTIONS[owner, fits]
        if resolution == "adopt":
            former = external_id if external_id not in {None, candidate.key} else None
            if former is not None:
                # Before the write, because a write that merges may not change the external id.
                table = KINDS[candidate.kind].external_id_table
                self._client(candidate).link(table, candidate.key, existing.ipaas_id)
            return Adopted(candidate, existing.ipaas_id, existing.is_active, former)
        if resolution == "release":
            if not existing.is_active:
                self._client(candidate).reactivate(existing.kind, existing.ipaas_id)
            moves_within_kind = owner == "itself" and kind == candidate.kind
            self._places.release(
                kind, existing.ipaas_id, existing.product_id, external_id, moves_within_kind=moves_within_kind
            )
            return None
        if resolution == "give up SKU":
            if may_wait:
                raise MustWaitError(str(external_id))
            self._places.give_up_sku(kind, existing.ipaas_id)
            return None
        raise _conflict(candidate, existing, external_id)

    def _owner(self, candidate: Candidate, kind: str, external_id: str | None) -> Owner:
        if external_id is None:
            return "none"
        if external_id == candidate.key:
            return "itself"
        is_product = candidate.kind in {"product", "variant"} and kind != "product_model"
        if is_product and external_id in self._aliases(candidate.key):
            return "former id"
        return self._owner_of(kind, external_id, str(candidate.sku))

    def _kind_of(self, existing: _ConflictingRecord, external_id: str) -> str:
        """Return the destination kind of the Akeneo record that an iPaaS.com record belongs to."""
        if existing.kind != "product":
            return existing.kind
        for entry in self._store.ledger.holding(existing.ipaas_id):
            if entry.key == external_id:
                return entry.kind
        return "product_model" if self._store.mirror.existing("product_model", [external_id]) else "product"

    def _conflicting(
        self, candidate: Candidate, refusal: IpaasError, *, alone: bool
    ) -> Iterator[tuple[_ConflictingRecord, str | None]]:
        """Yield the records that have the external id or the SKU of a candidate, with their external ids."""
        client = self._client(candidate)
        linked = client.find_external(KINDS[candidate.kind].external_id_table, candidate.key)
        if linked is not None and (isinstance(linked, Deactivated) or linked.ipaas_id != candidate.ipaas_id):
            yield _linked(client, candidate, linked), candidate.key
        if candidate.sku is None or candidate.kind == "category":
            return
        for existing in self._with_sku(client, candidate, candidate.sku, refusal, alone=alone):
            is_other = (existing.kind == "variant") != (candidate.kind == "variant")
            if is_other or not existing.is_active or existing.ipaas_id != candidate.ipaas_id:
                yield existing, client.external_id(KINDS[existing.kind].external_id_table, existing.ipaas_id)

    def _with_sku(
        self, client: Destination, candidate: Candidate, sku: str, refusal: IpaasError, *, alone: bool
    ) -> Iterator[_ConflictingRecord]:
        for hit in client.find_products(sku):
            yield _ConflictingRecord("product", str(hit["id"]), None)
        for hit in client.find_variants(sku):
            variant = client.get_variant(str(hit["id"]))
            yield _ConflictingRecord("variant", str(hit["id"]), str(variant.get("parent_id")))
        if refusal.code != ErrorCode.INACTIVE_HOLDS_VALUE or refusal.existing_id is None:
            return
        # Searches do not find deactivated records; only the refusal names them. A product model is sent with the SKUs
        # of its variants, so it has to be clear which SKU was refused.
        if alone or sku in str(refusal) or sku in self._skus_of(client, refusal.existing_id):
            yield _ConflictingRecord(candidate.kind, refusal.existing_id, candidate.product_id, is_active=False)

    def _client(self, candidate: Candidate) -> Destination:
        return self._clients.of(candidate.kind, candidate.key)


def _linked(client: Destination, candidate: Candidate, linked: Linked | Deactivated) -> _ConflictingRecord:
    is_active = isinstance(linked, Linked)
    product_id = candidate.product_id
    if candidate.kind == "variant" and is_active:
        product_id = str(client.get_variant(linked.ipaas_id).get("parent_id"))
    return _ConflictingRecord(candidate.kind, linked.ipaas_id, product_id, is_active)


def _conflict(candidate: Candidate, existing: _ConflictingRecord, external_id: str | None) -> RecordError:
    name = candidate.kind.replace("_", " ")
    taken = (
        f"The SKU '{candidate.sku}' of {name} '{candidate.key}' is used by "
        f"{existing.kind} {existing.ipaas_id} in iPaaS.com"
    )
    if external_id is None and candidate.ipaas_id is not None:
        return RecordError(
            f"{taken}, which has no external id. This record already has the id {candidate.ipaas_id} in iPaaS.com. "
            "Merge the two in iPaaS.com, or change the SKU of one of them there, then retry.",
            code="ambiguous_destination",
        )
    if external_id is None:
        return RecordError(
            f"{taken}, which is not linked to any Akeneo record. Change its SKU in iPaaS.com, then retry.",
            code="sku_taken",
        )
    return RecordError(
        f"{taken}. That record is linked to '{external_id}', which Akeneo still lists with this SKU. "
        "Give one of the two another SKU in Akeneo.",
        code="sku_taken",
    )
