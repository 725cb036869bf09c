"""Prepares payloads: references that iPaaS.com can resolve, custom fields, locations, and emptied fields."""

from __future__ import annotations

from collections.abc import Iterator

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.store.records import LedgerEntry
from akeneo_assets.sync.custom_fields import CustomFieldDefinitions
from akeneo_assets.sync.deliver.composer import Composed, Composer, references_of
from akeneo_assets.sync.deliver.emptying import with_emptied_fields
from akeneo_assets.sync.deliver.locations import Locations
from akeneo_assets.sync.destination import Capabilities
from akeneo_assets.sync.results import StepResult


class Payloads:
    """Prepares the payloads of one delivery. Thread-safe.

    Args:
        composer: Replaces references with ids.
        custom_fields: The custom fields that iPaaS.com knows.
        locations: The stock locations that iPaaS.com knows.
        capabilities: What empties a field.
        guess: Whether related products may be sent although it is not known whether they exist.
    """

    def __init__(
        self,
        composer: Composer,
        custom_fields: CustomFieldDefinitions,
        locations: Locations,
        capabilities: Capabilities,
        *,
        guess: bool,
    ) -> None:
        self._composer = composer
        self._custom_fields = custom_fields
        self._locations = locations
        self._capabilities = capabilities
        self._guess = guess

    def compositions(self, mapped: MappedRecord) -> Iterator[Composed]:
        """Yield payloads to try one after the other, as long as they refer to records that iPaaS.com does not know.

        Related products are optional: the last payload leaves them out, and their links are sent later.
        """
        composed = self._composer.compose(mapped, guess=self._guess)
        yield composed
        if composed.guesses:
            self._guess = False
            composed = self._composer.compose(mapped, guess=False)
            yield composed
        self._composer.targets.reload(references_of(mapped))
        latest = self._composer.compose(mapped, guess=False)
        if latest.payload != composed.payload:
            yield latest
        if latest.has_related:
            yield self._composer.compose(mapped, guess=False, related=False)

    def emptied(
        self, mapped: MappedRecord, payload: JsonObject, composed: Composed, entry: LedgerEntry | None
    ) -> JsonObject:
        """Return a payload that explicitly empties each field that was accepted before and is no longer sent.

        Args:
            mapped: The record.
            payload: Its payload. The payloads of its variants are not changed.
            composed: The composed record that the payload comes from. What keeps its value is added to it.
            entry: The ledger entry of the record, or of the record whose place it takes over.
        """
        result, kept = with_emptied_fields(payload, entry, self._capabilities)
        composed.kept.setdefault((mapped.kind, mapped.key), {}).update(kept)
        return result

    def prepared(self, mapped: MappedRecord, payload: JsonObject, composed: Composed, result: StepResult) -> JsonObject:
        """Return a payload with the ids of locations, and without custom fields that iPaaS.com does not define.

        A custom field that could not be defined just now gets a link, so that the record is sent again with it.

        Args:
            mapped: The record.
            payload: What is sent.
            composed: The composed record that the payload comes from. Links for deferred custom fields are added to it.
            result: Receives a warning for each part that was left out.
        """
        if not self._composer.stores_related and any(each.related for each in (mapped, *mapped.variants)):
            result.warnings[
                "related products were left out, because iPaaS.com does not store them, as the last probe found out."
            ] += 1
        for name in sorted(name for kept in composed.kept.values() for name in kept):
            result.warnings[
                f"{name} keeps its last value, because iPaaS.com does not empty it, as the last probe found out."
            ] += 1
        placed, missing = self._locations.prepare(payload)
        for name in missing:
            result.warnings[f"stock was left out, because iPaaS.com has no location '{name}'. Create it there."] += 1
        prepared = self._custom_fields.prepare(mapped.kind, placed)
        for name in sorted(prepared.undefined):
            result.warnings[
                f"custom field '{name}' was left out, because iPaaS.com has no definition of it. Define it there."
            ] += 1
        for deferred in sorted(prepared.deferred, key=lambda each: each.link.target_key):
            composed.links[mapped.kind, mapped.key].append(deferred.link)
            message = (
                f"The record was sent without the custom field '{deferred.name}', because iPaaS.com could not define "
                "the field just now. The record is sent again with the field as soon as that works."
            )
            result.add_problem(mapped.kind, mapped.key, "custom_field_deferred", message)
        return prepared.payload
