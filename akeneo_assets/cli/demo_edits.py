"""The edits that the demo makes in the local Akeneo after the full load, with a check that each is in iPaaS.com."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sandbox.server import Sandbox

_LOCALE: Final = "de_DE"
"""The first locale of the sample's first channel, which is the one that is sent."""


@dataclass(frozen=True)
class Edit:
    """One edit.

    Attributes:
        title: What an editor did.
        make: Makes the edit.
        has_arrived: Whether the edit is in iPaaS.com.
        changes_structure: Whether the edit changes the structure, which is read on a schedule of its own.
    """

    title: str
    make: Callable[[Sandbox], object]
    has_arrived: Callable[[Sandbox], bool]
    changes_structure: bool = False


def _by_sku(records: Sequence[Mapping[str, Any]], sku: str) -> Mapping[str, Any]:
    return next((record for record in records if record["sku"] == sku), {})


def _product(sandbox: Sandbox, sku: str) -> Mapping[str, Any]:
    return _by_sku(sandbox.ipaas.products(), sku)


def _category(sandbox: Sandbox, code: str) -> Mapping[str, Any]:
    return next((each for each in sandbox.ipaas.categories() if each.get("description") == code), {})


def _labels(product: Mapping[str, Any], option: int) -> set[str]:
    return {each["value"] for each in product["options"][option]["values"]}


EDITS: Final[tuple[Edit, ...]] = (
    Edit(
        "a product renamed",
        lambda box: box.akeneo.edit.save_product(
            "straw-hat", {"values": {"name": [value("Sonnenhut aus Stroh", locale=_LOCALE)]}}
        ),
        lambda box: _product(box, "straw-hat")["name"] == "Sonnenhut aus Stroh",
    ),
    Edit(
        "a product model renamed",
        lambda box: box.akeneo.edit.save_model(
            "linen-shirt", {"values": {"name": [value("Leinenhemd Classic", locale=_LOCALE)]}}
        ),
        lambda box: _product(box, "linen-shirt")["name"] == "Leinenhemd Classic",
    ),
    Edit(
        "an option label changed",
        lambda box: box.akeneo.edit.save_option("color", "sage", {"labels": {_LOCALE: "Salbeigrün"}}),
        lambda box: "Salbeigrün" in _labels(_product(box, "linen-shirt"), 0),
        changes_structure=True,
    ),
    Edit(
        "a category moved",
        lambda box: box.akeneo.edit.save_category("sofas", {"parent": "furniture"}),
        lambda box: _category(box, "sofas")["parent_id"] == _category(box, "furniture")["id"],
    ),
    Edit(
        "a bundle's quantity changed",
        lambda box: box.akeneo.edit.save_product(
            "tableware-for-two",
            {
                "quantified_associations": {
                    "PRODUCTSET": {
                        "products": [{"uuid": box.akeneo.product_uuid("dinner-plate-white"), "quantity": 4}],
                        "product_models": [],
                    }
                }
            },
        ),
        lambda box: [each["quantity"] for each in _product(box, "tableware-for-two")["kit"]["components"]] == [4],
    ),
    Edit(
        "an association removed",
        lambda box: box.akeneo.edit.save_product(
            "straw-hat",
            {"associations": {"accessories": {"products": [], "product_models": [], "groups": []}}},
        ),
        lambda box: not _product(box, "straw-hat").get("related_products"),
    ),
    Edit(
        "a new product",
        lambda box: box.akeneo.edit.save_product(
            "enamel-mug",
            {
                "family": "tableware",
                "values": {"sku": [value("enamel-mug")], "name": [value("Emaillebecher", locale=_LOCALE)]},
            },
        ),
        lambda box: _product(box, "enamel-mug").get("name") == "Emaillebecher",
    ),
)
