"""Constructors of catalogue records, which fill in what Akeneo would.

A catalogue is a stream of :class:`Record` in which each record comes after those it refers to. Records are as Akeneo
*stores* them: a variant has only the values of its own level, dates are seconds since the epoch, and associations
refer to products by uuid.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

from akeneo_assets.documents import JsonObject

LOCALES = ("en_US", "fr_FR", "de_DE")

# Any fixed value will do: uuids must be the same on every machine and in every run.
_UUID_NAMESPACE = uuid.UUID("5f0c7a1e-8d1b-4c43-9a53-6f6b1d0e2a77")

EPOCH_OF_CATALOGUE = int(datetime(2026, 1, 12, 8, 0, tzinfo=timezone.utc).timestamp())
"""When the oldest record of a catalogue was created, in seconds since the epoch."""


class Record(NamedTuple):
    """One stored record: its kind (``product``, ``family_variant`` ...) and its document."""

    kind: str
    document: JsonObject


def product_uuid(name: str) -> str:
    """Return the uuid that the product called ``name`` has in every catalogue."""
    return str(uuid.uuid5(_UUID_NAMESPACE, name))


def labels(*texts: str) -> dict[str, str]:
    """Return a label map; ``texts`` are English, French and German; the last ones can be left out."""
    return dict(zip(LOCALES, texts, strict=False))


def value(data: Any, *, locale: str | None = None, scope: str | None = None) -> JsonObject:
    """Return one entry of a product value."""
    return {"locale": locale, "scope": scope, "data": data}


def localized(*texts: str) -> list[JsonObject]:
    """Return the entries of a localizable text; the order of ``texts`` is that of :func:`labels`."""
    return [value(text, locale=locale) for locale, text in labels(*texts).items()]


def prices(euros: float, dollars: float | None = None) -> list[JsonObject]:
    """Return the entry of a price collection; without ``dollars``, only a price in euros."""
    amounts = [{"amount": f"{euros:.2f}", "currency": "EUR"}]
    if dollars is not None:
        amounts.append({"amount": f"{dollars:.2f}", "currency": "USD"})
    return [value(amounts)]


def metric(amount: float, unit: str) -> list[JsonObject]:
    """Return the entry of a metric, its amount as Akeneo writes it: a text with four decimals."""
    return [value({"amount": f"{amount:.4f}", "unit": unit})]


def dated(document: JsonObject, minutes: int) -> JsonObject:
    """Return ``document`` with the dates of a record created ``minutes`` after the oldest record."""
    moment = EPOCH_OF_CATALOGUE + 60 * minutes
    return document | {"created": moment, "updated": moment}


def product(
    name: str,
    *,
    identifier: str | None = None,
    family: str | None,
    values: Mapping[str, list[JsonObject]],
    categories: Sequence[str] = (),
    parent: str | None = None,
    enabled: bool = True,
    associations: Mapping[str, JsonObject] | None = None,
    quantified_associations: Mapping[str, JsonObject] | None = None,
) -> JsonObject:
    """Return a product.

    Args:
        name: Determines its uuid; also its identifier, unless that is given.
        identifier: The main identifier; an empty text for a product without one.
        family: Code of the family, or None.
        values: Values of the product's own level, by attribute.
        categories: Codes of its own categories.
        parent: Code of the model directly above a variant.
        enabled: Whether the product is on sale.
        associations: Own members by simple association type.
        quantified_associations: Own members by quantified association type.
    """
    main_identifier = name if identifier is None else identifier
    identifier_value = {"sku": [value(main_identifier)]} if main_identifier else {}
    return {
        "uuid": product_uuid(name),
        "enabled": enabled,
        "family": family,
        "categories": sorted(categories),
        "groups": [],
        "parent": parent,
        "values": identifier_value | dict(values),
        "associations": dict(associations or {}),
        "quantified_associations": dict(quantified_associations or {}),
    }


def product_model(
    code: str,
    *,
    family: str,
    family_variant: str,
    values: Mapping[str, list[JsonObject]],
    categories: Sequence[str] = (),
    parent: str | None = None,
    associations: Mapping[str, JsonObject] | None = None,
) -> JsonObject:
    """Return a product model; ``parent`` is the root model of a sub model."""
    return {
        "code": code,
        "family": family,
        "family_variant": family_variant,
        "parent": parent,
        "categories": sorted(categories),
        "values": dict(values),
        "associations": dict(associations or {}),
        "quantified_associations": {},
    }


def members(*, products: Sequence[str] = (), models: Sequence[str] = ()) -> JsonObject:
    """Return the members of a simple association; ``products`` are names as in :func:`product`."""
    return {"products": sorted(map(product_uuid, products)), "product_models": sorted(models), "groups": []}


def quantities(*, products: Mapping[str, int] | None = None, models: Mapping[str, int] | None = None) -> JsonObject:
    """Return the members of a quantified association with their quantities, by product name and by model code."""
    return {
        "products": [
            {"uuid": product_uuid(name), "quantity": quantity} for name, quantity in sorted((products or {}).items())
        ],
        "product_models": [
            {"identifier": code, "quantity": quantity} for code, quantity in sorted((models or {}).items())
        ],
    }
