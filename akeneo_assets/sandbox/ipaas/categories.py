"""Categories and their tree."""

from __future__ import annotations

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas.catalog_bodies import CategoryBody
from akeneo_assets.sandbox.ipaas.custom_fields import CustomFields
from akeneo_assets.sandbox.ipaas.errors import RefusedError, not_found
from akeneo_assets.sandbox.ipaas.identifiers import CATEGORY, Sequence
from akeneo_assets.sandbox.ipaas.links import Links
from akeneo_assets.sandbox.ipaas.merging import merged
from akeneo_assets.sandbox.ipaas.outcome import Written, same_content
from akeneo_assets.sandbox.ipaas.switches import Switches
from akeneo_assets.sandbox.shelf import Shelf


class Categories:
    """All categories.

    Args:
        shelf: Stores them, by id.
        sequence: Assigns ids to them.
        links: Their external ids.
        custom_fields: The definitions of custom fields.
        switches: What empties fields where a PUT merges.

    Attributes:
        put_merges: Whether a PUT keeps the fields that it does not contain.
    """

    def __init__(
        self, shelf: Shelf, sequence: Sequence, links: Links, custom_fields: CustomFields, switches: Switches
    ) -> None:
        self._shelf = shelf
        self._sequence = sequence
        self._links = links
        self._custom_fields = custom_fields
        self._switches = switches
        self.put_merges = False

    def has(self, category_id: str) -> bool:
        """Return whether there is an active category with this id."""
        return bool(self._shelf.get(category_id, {}).get("active"))

    def holds(self, category_id: str) -> bool:
        """Return whether there is a category with this id, active or not."""
        return category_id in self._shelf

    def name(self, category_id: str) -> str:
        """Return the name of a category."""
        return str(self._shelf[category_id]["name"])

    def get(self, category_id: str) -> JsonObject:
        """Return an active category.

        Raises:
            RefusedError: There is none.
        """
        if not self.has(category_id):
            raise not_found(CATEGORY, category_id)
        return self._present(self._shelf[category_id])

    def active(self) -> list[JsonObject]:
        """Return all active categories in the order of their creation."""
        return [self._present(stored) for stored in self._shelf.values() if stored["active"]]

    def hits(self, name: str | None) -> list[JsonObject]:
        """Return the active categories as lists show them, or only those with this name."""
        return [
            {"id": stored["id"], "name": stored["name"]}
            for stored in self._shelf.values()
            if stored["active"] and name in {None, stored["name"]}
        ]

    def save(self, body: CategoryBody, category_id: str | None = None) -> Written:
        """Create a category, or replace the category ``category_id``.

        Raises:
            RefusedError: The parent does not exist or is below the category, or another rule is broken.
        """
        before = None if category_id is None else self.get(category_id)
        if body.id is not None and body.id != category_id:
            raise RefusedError("VALD-1025", "The id is given by the server.")
        document = body.model_dump(exclude_none=True, exclude={"id", "tracking_guid"})
        external_ids = document.pop("external_ids")
        document["custom_fields"] = self._custom_fields.accepted(CATEGORY, document["custom_fields"])
        if before is not None and self.put_merges:
            document = merged(document, body, before, self._switches)
        self._links.check(CATEGORY, external_ids, {category_id} if category_id else set())
        if "parent_id" in document:
            self._check_parent(document["parent_id"], category_id)
            document["parent_id"] = self._shelf[document["parent_id"]]["id"]
        document["id"] = before["id"] if before else self._sequence.take(CATEGORY)
        self._shelf[str(document["id"])] = {**document, "active": True}
        self._links.link(CATEGORY, str(document["id"]), external_ids)
        record = self.get(str(document["id"]))
        return Written(CATEGORY, record, changed=before is None or not same_content(before, record))

    def _check_parent(self, parent_id: str, category_id: str | None) -> None:
        if not self.has(parent_id):
            raise RefusedError("VALD-1038", f"The parent category with Id {parent_id} does not exist.")
        ancestor: str | None = parent_id
        while ancestor is not None:
            if ancestor == category_id:
                raise RefusedError("VALD-1025", "A category cannot be its own ancestor.")
            above = self._shelf[ancestor].get("parent_id")
            ancestor = None if above is None else str(above)

    def set_active(self, category_id: str, *, active: bool) -> JsonObject:
        """Deactivate or reactivate a category and return it.

        Raises:
            RefusedError: There is none.
        """
        if category_id not in self._shelf:
            raise not_found(CATEGORY, category_id)
        stored = {**self._shelf[category_id], "active": active}
        self._shelf[category_id] = stored
        return self._present(stored)

    def _present(self, stored: JsonObject) -> JsonObject:
        record = {name: value for name, value in stored.items() if name != "active"}
        record["external_ids"] = self._links.of(CATEGORY, str(stored["id"]))
        return record
