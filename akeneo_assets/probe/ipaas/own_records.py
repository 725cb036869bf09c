"""The records that a probe makes. Each is remembered before it is made, and disabled and unlinked at the end."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError
from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.ipaas.responses import is_usable_id
from akeneo_assets.probe.facts import NotTestableError
from akeneo_assets.probe.ipaas.conversation import Answer, Conversation
from akeneo_assets.store.probe_records import ProbeRecord, ProbeRecords
from akeneo_assets.sync.deliver.released_records import DISABLED, without_references, writable

PREFIX: Final = "akeneo-assets-probe"
"""The beginning of every SKU, name and external id that a probe makes."""

_NOT_FOUND: Final = 404
_PRODUCT: Final = "product"
_VARIANT: Final = "product variant"
_CATEGORY: Final = "product category"


class OwnRecords:
    """Makes records, and cleans them up.

    Args:
        talk: Sends the requests.
        records: Remembers the records.
        subscription_id: The subscription that external ids belong to, as a text or a number.
        token: Part of all names, so that no two probes make the same record.
        living: Returns the tokens of the probes that run now. Records of the others are cleaned up, too.
    """

    def __init__(
        self,
        talk: Conversation,
        records: ProbeRecords,
        subscription_id: str | int,
        token: str,
        living: Callable[[], set[str]],
    ) -> None:
        self._talk = talk
        self._records = records
        self._subscription_id = subscription_id
        self._token = token
        self._living = living
        self._unlinked: set[tuple[str, str]] = set()

    def name(self, what: str) -> str:
        """Return the SKU, name or external id of one of this probe's records."""
        return f"{PREFIX}-{self._token}-{what}"

    def external_ids(self, external_id: str) -> list[JsonObject]:
        """Return the external ids of a record in a request."""
        return [{"system_id": self._subscription_id, "external_id": external_id}]

    def create_category(self, what: str, **fields: object) -> Answer:
        """Create a category."""
        name = self.name(what)
        self._records.intend(ProbeRecord(name, "category"))
        document = {"name": name, "description": name, "external_ids": self.external_ids(name), **fields}
        return self._talk.ask(endpoints.CREATE_CATEGORY, document=document)

    def create_product(self, document: JsonObject) -> Answer:
        """Create a product with its variants."""
        self._records.intend(ProbeRecord(document["sku"], "product"))
        for variant in document.get("variants", ()):
            self._records.intend(ProbeRecord(variant["sku"], "variant"))
        return self._talk.ask(endpoints.CREATE_PRODUCT, document=document)

    def product(self, what: str, **fields: object) -> JsonObject:
        """Return the document of a product."""
        name = self.name(what)
        return {
            "sku": name,
            "name": name,
            "type": "Physical",
            "tracking_method": "Product",
            "status": "Active",
            "default_price": 1,
            "description": "A test of akeneo_assets",
            "external_ids": self.external_ids(name),
            "categories": [],
            "custom_fields": [],
            **fields,
        }

    def clean_up(self) -> list[str]:
        """Disable and unlink all records that this probe and killed ones made, but not those of other running probes.

        Returns:
            What could not be cleaned up, and why. The next probe tries it again.

        Raises:
            TransientError: iPaaS.com cannot be reached.
        """
        release = {"product": self._release, "variant": self._release_variant, "category": self._release_category}
        problems = []
        for record in without_those_of(self._records, self._living() - {self._token}):
            try:
                found = release[record.kind](record.sku)
            except (RecordError, NotTestableError) as error:
                found = [str(error)]
            problems += [f"{record.kind} {record.sku}: {problem}" for problem in found]
            if not found:
                self._records.forget(record)
        return problems

    def _release(self, sku: str) -> list[str]:
        problems: list[str] = []
        for product_id in self._found(_PRODUCT, sku, endpoints.FIND_PRODUCTS, {"Sku": sku}):
            read = self._talk.ask(endpoints.GET_PRODUCT, product_id)
            if read.is_good and is_ours(read.record, "sku"):
                problems += self._disable(product_id, read)
            elif not read.is_missing:
                problems.append(f"the record with the id {product_id} has another SKU, so it was left as it is")
        self._unlink(_PRODUCT, sku)
        return problems

    def _disable(self, product_id: object, read: Answer) -> list[str]:
        body = without_references(writable(read.record))
        variants = [{**each, "status": DISABLED} for each in body.get("variants", ())]
        body |= {"status": DISABLED, **({"variants": variants} if "variants" in body else {})}
        # First, because it is found by its SKU until it is disabled.
        records = [(_PRODUCT, product_id), *((_VARIANT, each["id"]) for each in variants)]
        for table, record_id in records:
            linked = self._talk.ask(endpoints.EXTERNAL_ID, record_id, self._subscription_id, table)
            if linked.is_good and linked.document:
                self._unlink(table, str(linked.document))
        written = self._talk.ask(endpoints.REPLACE_PRODUCT, product_id, document=body)
        if written.code in ErrorCode.DUPLICATES:
            # Two records got the same SKU while one of them was deactivated.
            body["sku"] = f"{body['sku']}-{product_id}"
            written = self._talk.ask(endpoints.REPLACE_PRODUCT, product_id, document=body)
        if written.is_good:
            return []
        removed = self._talk.ask(endpoints.DEACTIVATE_PRODUCT, product_id)
        return [] if removed.is_good else [f"it could not be disabled: {written}"]

    def _release_variant(self, sku: str) -> list[str]:
        """Unlink a variant: it is disabled with its product, which does not show it if it was deactivated."""
        self._unlink(_VARIANT, sku)
        return []

    def _release_category(self, name: str) -> list[str]:
        problems = []
        for category_id in self._found(_CATEGORY, name, endpoints.LIST_CATEGORIES, {"Name": name}):
            read = self._talk.ask(endpoints.GET_CATEGORY, category_id)
            if read.is_missing:
                continue
            if not is_ours(read.record, "name"):
                problems.append(f"the record with the id {category_id} has another name, so it was left as it is")
                continue
            removed = self._talk.ask(endpoints.DEACTIVATE_CATEGORY, category_id)
            if not (removed.is_good or removed.is_missing):
                problems.append(f"it could not be deactivated: {removed}")
        self._unlink(_CATEGORY, name)
        return problems

    def _found(self, table: str, name: str, search: endpoints.Endpoint, field: JsonObject) -> list[object]:
        """Return the ids of all active records with this name or external id.

        Raises:
            NotTestableError: It is not certain that there are no others.
        """
        hits = self._talk.ask(search, params={"action": "equals", **field}).records
        found: dict[str, object] = {
            str(each["id"]): each["id"] for each in hits if name in {each.get("sku"), each.get("name")}
        }
        linked = self.look_up(table, name)
        if linked.is_missing:
            self._unlinked.add((table, name))
        if linked.is_good and is_usable_id(text := str(linked.document)) and ":" not in text:
            found.setdefault(text, text)
        if hits and not found:
            raise NotTestableError(f"The search does not find it, but {len(hits)} other records.")
        return list(found.values())

    def look_up(self, table: str, external_id: str) -> Answer:
        """Look up an external id."""
        return self._talk.ask(endpoints.FIND_EXTERNAL, document=self._key(table, external_id))

    def link(self, table: str, external_id: str, record_id: object) -> Answer:
        """Give a record an external id."""
        document = {**self._key(table, external_id), "internal_id": record_id}
        return self._talk.ask(endpoints.LINK_EXTERNAL, document=document)

    def unlink(self, table: str, external_id: str) -> Answer:
        """Remove an external id from its record."""
        return self._talk.ask(endpoints.UNLINK_EXTERNAL, document=self._key(table, external_id))

    def _unlink(self, table: str, external_id: str) -> None:
        if (table, external_id) in self._unlinked:
            return
        answer = self.unlink(table, external_id)
        if not (answer.is_good or answer.response.status == _NOT_FOUND):
            raise RecordError(f"It could not be unlinked: {answer}.", code=answer.code or ErrorCode.NOT_FOUND)
        self._unlinked.add((table, external_id))

    def _key(self, table: str, external_id: str) -> JsonObject:
        return {"table_name": table, "system_id": self._subscription_id, "external_id": external_id}


def without_those_of(records: ProbeRecords, living: Collection[str]) -> list[ProbeRecord]:
    """Return the records that are not cleaned up, without those of some probes.

    Args:
        records: All records.
        living: The tokens of these probes.
    """
    mine = tuple(f"{PREFIX}-{token}-" for token in living)
    return [each for each in records.left() if not each.sku.startswith(mine)]


def is_ours(record: JsonObject, field: str) -> bool:
    """Whether a probe made a record."""
    return str(record.get(field, "")).startswith(PREFIX)
