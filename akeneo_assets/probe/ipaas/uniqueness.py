"""Facts about what has to be unique in iPaaS.com."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.probe.facts import Fact, Found, as_assumed, handled, not_handled
from akeneo_assets.probe.ipaas.conversation import Answer
from akeneo_assets.probe.ipaas.creating import Writing, known_as, sku_of


def _repeated(context: Writing) -> Found:
    context.record("product")
    answer = context.noted(context.own.create_product(context.own.product("product")))
    return _uniqueness(answer, "The same create", "If the response to a create is lost, the record is looked up")


def _same_sku(context: Writing) -> Found:
    sku = sku_of(context.record("product"))
    answer = context.noted(context.own.create_product(context.own.product("same-sku", sku=sku)))
    return _uniqueness(answer, "The SKU of a product", "A record is looked up before it is created")


def _sku_of_variant(context: Writing) -> Found:
    sku = sku_of(context.record("variant"))
    answer = context.noted(context.own.create_product(context.own.product("sku-of-variant", sku=sku)))
    return replace(
        _uniqueness(answer, "The SKU of a variant", "A product may have the SKU of a variant"), capabilities={}
    )


def _same_external_id(context: Writing) -> Found:
    context.record("product")
    external_ids = context.own.external_ids(context.own.name("product"))
    document = context.own.product("same-external-id", external_ids=external_ids)
    answer = context.noted(context.own.create_product(document))
    return _uniqueness(answer, "The external id of a product", "A record is looked up before it is created")


def _uniqueness(answer: Answer, what: str, instead: str) -> Found:
    if answer.is_good:
        return handled(f"{what} is accepted twice. {instead}.", refuses_duplicates=False)
    if answer.code not in ErrorCode.DUPLICATES:
        return not_handled(f"{what} is refused with an unknown code: {answer}.", known_as(answer, ErrorCode.NOT_UNIQUE))
    return as_assumed(f"{what} is refused: {answer}.", refuses_duplicates=True)


FACTS: Final = (
    Fact(
        "ipaas.write.repeated",
        "A create that is repeated is refused",
        "assumed",
        "lost responses",
        "records are looked up before a create",
        _repeated,
    ),
    Fact(
        "ipaas.write.same_sku",
        "A SKU is unique",
        "confirmed",
        "existing records",
        "records are looked up before a create",
        _same_sku,
    ),
    Fact(
        "ipaas.write.same_external_id",
        "An external id is unique",
        "confirmed",
        "existing records",
        "records are looked up before a create",
        _same_external_id,
    ),
    Fact(
        "ipaas.write.sku_of_variant",
        "Products and variants share one set of SKUs",
        "assumed",
        "records that move",
        "a product may have the SKU of a variant",
        _sku_of_variant,
    ),
)
"""In the order in which they are tested: later ones use what earlier ones found or made."""
