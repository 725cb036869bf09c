"""Composes the JSON for iPaaS.com from a mapped record: resolves its references and collects its links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.record.mapped_record import LookedUp, MappedRecord, Reference
from akeneo_assets.objects import SOURCES
from akeneo_assets.store.links import FORMULA, identity_of
from akeneo_assets.store.records import RELATED, RELATED_PRODUCTS, Link, Target, not_stored
from akeneo_assets.store.store import Store

FindSkus: TypeAlias = Callable[[Sequence[str]], Mapping[str, str]]
"""Returns the SKUs that these products will have, by key. Products that Akeneo does not list are left out."""


class Targets:
    """The known iPaaS.com records that references point to.

    They are loaded from the ledger in pages and updated after each delivery, so that a link to a record that was just
    sent can be sent too. Threads share them: single reads and writes of a dict need no lock.

    Args:
        store: The state.
        find_skus: Returns the SKUs of products that are not in iPaaS.com yet; None if they are not needed.
    """

    def __init__(self, store: Store, find_skus: FindSkus | None = None) -> None:
        self._store = store
        self._find_skus = find_skus
        self._targets: dict[Reference, Target] = {}
        self._keys: dict[str, str | None] = {}
        self._skus: dict[str, str] = {}

    def load(self, references: Iterable[Reference]) -> None:
        """Look up all ``references`` with one query for each kind."""
        references = list(references)
        self._load_identifiers({each.key for each in references if each.by == "identifier"})
        wanted: dict[str, set[str]] = {}
        for reference in references:
            resolved = self.resolve(reference)
            if resolved is not None:
                wanted.setdefault(resolved.kind, set()).add(resolved.key)
        for kind in SOURCES:
            if keys := wanted.get(kind):
                found = self._store.ledger.targets(kind, sorted(keys))
                self._targets.update({Reference(kind, key): target for key, target in found.items()})
                if kind == "product" and self._find_skus is not None and (absent := sorted(keys - found.keys())):
                    self._skus.update(self._find_skus(absent))

    def resolve(self, reference: Reference) -> Reference | None:
        """Turn a reference by identifier into one by key; None if the mirror does not know the identifier."""
        if reference.by == "key":
            return reference
        key = self._keys.get(reference.key)
        return None if key is None else Reference(reference.kind, key)

    def find(self, reference: Reference) -> Target | None:
        """Return the iPaaS.com record that ``reference`` points to; None if it does not exist yet."""
        resolved = self.resolve(reference)
        return None if resolved is None else self._targets.get(resolved)

    def sku(self, reference: Reference) -> str | None:
        """Return the SKU of a product or model that is not in iPaaS.com yet; None if it is not known."""
        if reference.kind == "product_model" or reference.by == "identifier":
            return reference.key
        return self._skus.get(reference.key)

    def reload(self, references: Iterable[Reference]) -> None:
        """Look up all ``references`` again, because another run may have changed their targets."""
        references = list(references)
        for reference in references:
            self.remove(self.resolve(reference) or reference)
        self.load(references)

    def remove(self, reference: Reference) -> None:
        """Remove a record that has left its place."""
        self._targets.pop(reference, None)

    def add(self, reference: Reference, target: Target) -> None:
        """Add a record that was just delivered."""
        self._targets[reference] = target

    def _load_identifiers(self, identifiers: set[str]) -> None:
        unknown = sorted(identifiers - self._keys.keys())
        if unknown:
            found = self._store.mirror.keys_of_identifiers(unknown)
            self._keys.update({identifier: found.get(identifier) for identifier in unknown})


@dataclass
class Composed:
    """A payload and what is missing from it.

    Attributes:
        payload: The payload to send.
        links: All links, including those that cannot be sent yet, by kind and key of the record that has them.
        kept: The fields that iPaaS.com does not empty, with their last values, by kind and key of their record.
        guesses: How many related products are sent by their SKU although it is not known whether they exist.
    """

    payload: JsonObject
    links: dict[tuple[str, str], list[Link]] = field(default_factory=dict)
    kept: dict[tuple[str, str], JsonObject] = field(default_factory=dict)
    guesses: int = 0

    @property
    def has_related(self) -> bool:
        """Whether any related product is sent."""
        variants = self.payload.get("variants", ())
        return any(record.get(RELATED_PRODUCTS) for record in (self.payload, *variants))


@dataclass(frozen=True)
class Composer:
    """Composes payloads.

    Args:
        targets: Known iPaaS.com records.
        system_id: The subscription that the external ids belong to.
        skip_related_prerequisite: Send a related product by its SKU even if it is not known to exist.
        stores_related: Whether iPaaS.com stores related products. If not, none is sent.
    """

    targets: Targets
    system_id: str
    skip_related_prerequisite: bool
    stores_related: bool

    def compose(self, mapped: MappedRecord, *, guess: bool = True, related: bool = True) -> Composed:
        """Compose a record with all its children.

        A category is composed without a parent that is not known; its caller has to block it.

        Args:
            mapped: The record.
            guess: Send unknown related products by their SKU, if the settings allow it.
            related: Send related products. If False, their links are kept until a target is written again.
        """
        composed = Composed({**mapped.payload, "external_ids": [self._external_id(mapped.key)]})
        links: list[Link] = []
        composed.links[mapped.kind, mapped.key] = links
        payload = composed.payload
        links.extend(map(self._formula_link, mapped.looked_up))
        if mapped.kind == "category":
            if mapped.parent is not None and (parent := self.targets.find(mapped.parent)) is not None:
                payload["parent_id"] = parent.ipaas_id
                links.append(self._link("parent", mapped.parent, parent))
            return composed
        payload["categories"] = list(self._categories(mapped, links))
        if self.stores_related:
            payload[RELATED_PRODUCTS] = list(self._related(mapped, composed, links, guess=guess, related=related))
        elif mapped.related:
            links.append(not_stored(RELATED_PRODUCTS))
        if mapped.kit is not None:
            payload["kit"] = {**mapped.kit, "components": list(self._components(mapped, links))}
        if mapped.kind == "product_model":
            children = [self.compose(variant, guess=guess, related=related) for variant in mapped.variants]
            payload["variants"] = [child.payload for child in children]
            for child in children:
                composed.links.update(child.links)
                composed.guesses += child.guesses
        return composed

    def _external_id(self, key: str) -> JsonObject:
        return {"system_id": self.system_id, "external_id": key}

    def _categories(self, mapped: MappedRecord, links: list[Link]) -> Iterator[JsonObject]:
        for reference in mapped.categories:
            target = self.targets.find(reference)
            links.append(self._link("category", reference, target))
            if target is not None:
                yield {"id": target.ipaas_id}

    def _components(self, mapped: MappedRecord, links: list[Link]) -> Iterator[JsonObject]:
        for component in mapped.components:
            target = self.targets.find(component.target)
            links.append(self._link("component", component.target, target))
            if target is not None:
                yield {"sku": target.sku, "quantity": component.quantity}

    def _related(
        self, mapped: MappedRecord, composed: Composed, links: list[Link], *, guess: bool, related: bool
    ) -> Iterator[JsonObject]:
        for link in mapped.related:
            target = self.targets.find(link.target)
            if not related:
                links.append(replace(self._link(RELATED, link.target, None), declined=target is not None))
                continue
            links.append(self._link(RELATED, link.target, target))
            if target is not None:
                yield {
                    "related_id": target.ipaas_id,
                    "related_sku": target.sku,
                    "is_variant": target.is_variant,
                    "related_type": link.related_type,
                }
            elif guess and self.skip_related_prerequisite and (sku := self.targets.sku(link.target)) is not None:
                composed.guesses += 1
                yield {"related_sku": sku, "related_type": link.related_type}

    def _formula_link(self, looked_up: LookedUp) -> Link:
        target = self.targets.find(looked_up.target)
        if target is None or target.ipaas_id != looked_up.ipaas_id:
            # The id that the formula used is the one that is sent. If it is outdated, the record is mapped again.
            return replace(self._link(FORMULA, looked_up.target, None), sent_as=looked_up.ipaas_id)
        return self._link(FORMULA, looked_up.target, target)

    def _link(self, relation: str, reference: Reference, target: Target | None) -> Link:
        resolved = self.targets.resolve(reference) or reference
        return Link(relation, resolved.kind, resolved.key, None if target is None else identity_of(target))


def references_of(mapped: MappedRecord) -> Iterator[Reference]:
    """Yield every reference of a record and of its variants."""
    if mapped.parent is not None:
        yield mapped.parent
    yield from mapped.categories
    yield from (component.target for component in mapped.components)
    yield from (link.target for link in mapped.related)
    yield from (each.target for each in mapped.looked_up)
    for variant in mapped.variants:
        yield from references_of(variant)
