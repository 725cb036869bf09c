"""What to do when iPaaS.com refuses a SKU or an external id because another record has it.

A table decides, by whose record that is. A record that has moved, was created again in Akeneo or exchanged its SKU with
another one is no conflict. Two records that both keep the same SKU are one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from akeneo_assets.errors import RecordError
from akeneo_assets.ipaas.client import Deactivated, IpaasClient, Linked
from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.ipaas.errors import IpaasError
from akeneo_assets.mapping.record.mapped_record import RecordKind
from akeneo_assets.store.store import Store
from akeneo_assets.sync.objects import EXTERNAL_ID_TABLES
from akeneo_assets.sync.places import Places
from akeneo_assets.sync.tracking import TrackedClients

Owner: TypeAlias = Literal["itself", "former id", "gone", "leaving", "staying", "nobody"]
"""Whose record holds the SKU or external id.

``itself``: the record that is sent. ``former id``: likewise, under its id in the other id format. ``gone``: one that
Akeneo no longer has. ``leaving``: one that gets another SKU. ``staying``: one that keeps it. ``nobody``: none at all.
"""

Resolution: TypeAlias = Literal["adopt", "release", "give up SKU", "conflict"]
"""``adopt``: the record goes on as the one that is there. ``release``: what is there is left behind, see
:mod:`akeneo_assets.sync.places`. ``give up SKU``: the other record goes first, or gets a temporary SKU. ``conflict``: a
person has to decide."""

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
    ("nobody", True): "adopt",
    ("nobody", False): "conflict",
}
"""Owner, and whether the record can go on there (same kind, same product, and no other place) → what to do."""

CONFLICTS_A_RECORD: Final = 4
"""Conflicts that are resolved for one record before it fails: its external id, its SKU, and one more of each."""

OwnerOf: TypeAlias = Callable[[str, str, str], Owner]
"""Tells whose record of Akeneo holds a SKU: by kind and key of that record, and the SKU. It may ask Akeneo."""

Aliases: TypeAlias = Callable[[str], Collection[str]]
"""Returns the other ids that a product has in Akeneo, by its key."""


class WaitsError(Exception):
    """The record can go as soon as another one has got its new SKU.

    Attributes:
        key: Key of the other one.
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
        ipaas_id: Its place, None when it has none.
        product_id: For a variant, the id of its product; None when that is not there yet.
    """

    kind: RecordKind
    key: str
    sku: str | None
    ipaas_id: str | None = None
    product_id: str | None = None


@dataclass(frozen=True)
class Adopted:
    """A record that goes on as one that is there already.

    Attributes:
        candidate: The record.
        ipaas_id: Id of the one that is there.
        is_active: Whether that one is not deactivated.
        former_key: Key of the record that lived there, when it is another one.
    """

    candidate: Candidate
    ipaas_id: str
    is_active: bool
    former_key: str | None


@dataclass(frozen=True)
class _Holder:
    """The record that is in the way."""

    kind: RecordKind
    ipaas_id: str
    product_id: str | None
    is_active: bool = True


class Conflicts:
    """Resolves conflicts.

    Args:
        store: The state.
        clients: Give each record an iPaaS.com client.
        places: Releases places.
        owner_of: Tells whose record of Akeneo holds a SKU.
        aliases: Tells the other ids of a product.
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
        """Clear the way for the records that iPaaS.com has refused.

        Args:
            candidates: The records of the refused request.
            refusal: What iPaaS.com said.
            may_wait: Whether a record that gets another SKU itself can be waited for; else it gets a temporary SKU.

        Returns:
            A record that goes on as one that is there; None when the request can be sent again as it is.

        Raises:
            WaitsError: Another record has to be sent first.
            RecordError: Two records claim the same place; or nothing is found that is in the way.
        """
        for candidate in self._likely_first(candidates, refusal):
            for holder, external_id in self._in_the_way(candidate, refusal, alone=len(candidates) == 1):
                return self._clear(candidate, holder, external_id, may_wait=may_wait)
        place = (candidates[0].kind, candidates[0].key)
        if place in self._unexplained:
            raise refusal
        # Another record may have given up its SKU since the refusal; that is found out once.
        self._unexplained.add(place)
        return None

    def _likely_first(self, candidates: Sequence[Candidate], refusal: IpaasError) -> list[Candidate]:
        """Put the records first that the refusal means, as far as it says so: each look costs requests."""
        if len(candidates) == 1:
            return list(candidates)
        message = str(refusal)
        named = self._skus_of(self._client(candidates[0]), refusal.existing_id)
        return sorted(
            candidates,
            key=lambda each: not (each.sku in named or each.key in message or (each.sku or each.key) in message),
        )

    def _skus_of(self, client: IpaasClient, ipaas_id: str | None) -> set[str | None]:
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

    def _clear(
        self, candidate: Candidate, holder: _Holder, external_id: str | None, *, may_wait: bool
    ) -> Adopted | None:
        kind = holder.kind if external_id is None else self._kind_of(holder, external_id)
        owner = self._owner(candidate, kind, external_id)
        fits = (
            candidate.ipaas_id in {None, holder.ipaas_id}
            and EXTERNAL_ID_TABLES[holder.kind] == EXTERNAL_ID_TABLES[candidate.kind]
            and (candidate.kind != "variant" or holder.product_id == candidate.product_id)
            and (owner != "gone" or kind == candidate.kind)
        )
        resolution = RESOLUTIONS[owner, fits]
        if resolution == "adopt":
            former = external_id if external_id not in {None, candidate.key} else None
            if former is not None:
                # Before the write: where a write merges, it may not change the external id.
                table = EXTERNAL_ID_TABLES[candidate.kind]
                self._client(candidate).link(table, candidate.key, holder.ipaas_id)
            return Adopted(candidate, holder.ipaas_id, holder.is_active, former)
        if resolution == "release":
            if not holder.is_active:
                self._client(candidate).reactivate(holder.kind, holder.ipaas_id)
            stays = owner == "itself" and kind == candidate.kind
            self._places.release(kind, holder.ipaas_id, holder.product_id, external_id, stays=stays)
            return None
        if resolution == "give up SKU":
            if may_wait:
                raise WaitsError(str(external_id))
            self._places.give_up_sku(kind, holder.ipaas_id)
            return None
        raise _conflict(candidate, holder, external_id)

    def _owner(self, candidate: Candidate, kind: str, external_id: str | None) -> Owner:
        if external_id is None:
            return "nobody"
        if external_id == candidate.key:
            return "itself"
        is_product = candidate.kind in {"product", "variant"} and kind != "product_model"
        if is_product and external_id in self._aliases(candidate.key):
            return "former id"
        return self._owner_of(kind, external_id, str(candidate.sku))

    def _kind_of(self, holder: _Holder, external_id: str) -> str:
        """Return the destination kind of the record of Akeneo that lives in a record of iPaaS.com."""
        if holder.kind != "product":
            return holder.kind
        for entry in self._store.ledger.holding(holder.ipaas_id):
            if entry.key == external_id:
                return entry.kind
        return "product_model" if self._store.mirror.existing("product_model", [external_id]) else "product"

    def _in_the_way(
        self, candidate: Candidate, refusal: IpaasError, *, alone: bool
    ) -> Iterator[tuple[_Holder, str | None]]:
        """Yield the records that hold the external id or the SKU of a candidate, with their external ids."""
        client = self._client(candidate)
        linked = client.find_external(EXTERNAL_ID_TABLES[candidate.kind], candidate.key)
        if linked is not None and (isinstance(linked, Deactivated) or linked.ipaas_id != candidate.ipaas_id):
            yield _linked(client, candidate, linked), candidate.key
        if candidate.sku is None or candidate.kind == "category":
            return
        for holder in self._with_sku(client, candidate, candidate.sku, refusal, alone=alone):
            is_other = (holder.kind == "variant") != (candidate.kind == "variant")
            if is_other or not holder.is_active or holder.ipaas_id != candidate.ipaas_id:
                yield holder, client.external_id(EXTERNAL_ID_TABLES[holder.kind], holder.ipaas_id)

    def _with_sku(
        self, client: IpaasClient, candidate: Candidate, sku: str, refusal: IpaasError, *, alone: bool
    ) -> Iterator[_Holder]:
        for hit in client.find_products(sku):
            yield _Holder("product", str(hit["id"]), None)
        for hit in client.find_variants(sku):
            variant = client.get_variant(str(hit["id"]))
            yield _Holder("variant", str(hit["id"]), str(variant.get("parent_id")))
        if refusal.code != ErrorCode.INACTIVE_HOLDS_VALUE or refusal.existing_id is None:
            return
        # No search finds a deactivated record, only the refusal names it. A product model comes with the SKUs of its
        # variants, so there it has to be clear which one is meant.
        if alone or sku in str(refusal) or sku in self._skus_of(client, refusal.existing_id):
            yield _Holder(candidate.kind, refusal.existing_id, candidate.product_id, is_active=False)

    def _client(self, candidate: Candidate) -> IpaasClient:
        return self._clients.of(candidate.kind, candidate.key)


def _linked(client: IpaasClient, candidate: Candidate, linked: Linked | Deactivated) -> _Holder:
    is_active = isinstance(linked, Linked)
    product_id = candidate.product_id
    if candidate.kind == "variant" and is_active:
        product_id = str(client.get_variant(linked.ipaas_id).get("parent_id"))
    return _Holder(candidate.kind, linked.ipaas_id, product_id, is_active)


def _conflict(candidate: Candidate, holder: _Holder, external_id: str | None) -> RecordError:
    name = candidate.kind.replace("_", " ")
    taken = (
        f"The SKU '{candidate.sku}' of {name} '{candidate.key}' is taken: {holder.kind} {holder.ipaas_id} of iPaaS.com"
    )
    if external_id is None and candidate.ipaas_id is not None:
        return RecordError(
            f"{taken} has it and no external id, while this record is {candidate.ipaas_id} there. "
            "Merge the two or rename one of them in iPaaS.com, then retry.",
            code="ambiguous_destination",
        )
    if external_id is None:
        return RecordError(
            f"{taken} has it, and no record of Akeneo is linked to that one. Change its SKU in iPaaS.com, then retry.",
            code="sku_taken",
        )
    return RecordError(
        f"{taken} has it. That record is linked to '{external_id}', which Akeneo still lists with this SKU. "
        "Give one of the two another SKU in Akeneo.",
        code="sku_taken",
    )
