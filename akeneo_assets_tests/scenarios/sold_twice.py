"""Checks after every write that iPaaS.com accepts that nothing is for sale twice."""

from __future__ import annotations

from collections import Counter

from akeneo_assets.sandbox.ipaas.outcome import Written
from akeneo_assets.sandbox.ipaas.state import IpaasState


def watch_what_is_for_sale(ipaas: IpaasState) -> list[str]:
    """Return a list that gets an entry whenever a write offers something for sale a second time.

    A record is for sale while it is active and its status is Active. No two of them may have the same SKU or belong to
    the same record in Akeneo. A record that belongs to none was left behind by a move.

    Args:
        ipaas: The iPaaS.com with the records.
    """
    found: list[str] = []
    record = ipaas.record

    def watched(action: str, written: Written) -> None:
        record(action, written)
        found.extend(f"after {action} of {written.table} {written.record['id']}: {each}" for each in _twice(ipaas))

    ipaas.record = watched  # type: ignore[method-assign]
    return found


def _twice(ipaas: IpaasState) -> list[str]:
    products = ipaas.products()
    variants = [variant for product in products if product["status"] == "Active" for variant in product["variants"]]
    for_sale = [each for each in (*products, *variants) if each["status"] == "Active"]
    skus = Counter(each["sku"] for each in for_sale)
    keys = Counter(link["external_id"] for each in for_sale for link in each["external_ids"])
    orphans = [f"{each['sku']} belongs to no record" for each in for_sale if not each["external_ids"]]
    return [*orphans, *(f"{name} twice" for counted in (skus, keys) for name, count in counted.items() if count > 1)]
