"""Facts about changing records in iPaaS.com: what a PUT keeps, and links to other records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled
from akeneo_assets.probe.ipaas.conversation import Answer
from akeneo_assets.probe.ipaas.creating import CUSTOM_FIELDS, Writing, custom_fields, sku_of, target
from akeneo_assets.sync.deliver.released_records import writable

_OPTION_VALUE_IMMUTABLE: Final = "VALD-1043"


def current(context: Writing, what: str) -> JsonObject:
    """Return a record that was made, as it is now, as a whole-record write sends it."""
    answer = context.talk.ask(endpoints.GET_PRODUCT, context.record(what)["id"])
    return writable(answer.record)


def put(context: Writing, document: JsonObject) -> Answer:
    """Write a whole product."""
    return context.noted(context.talk.ask(endpoints.REPLACE_PRODUCT, document["id"], document=document))


def _after_leaving_out(context: Writing, name: str) -> JsonObject | Found:
    """Return a product after a PUT without a field, or that the PUT was refused."""
    body = current(context, "product")
    if not body.get(name):
        raise NotTestableError(f"The product was stored without {name}.")
    answer = put(context, {field: value for field, value in body.items() if field != name})
    if not answer.is_good:
        return not_handled(f"It was refused: {answer}.")
    return current(context, "product")


def _response(context: Writing) -> Found:
    answer = put(context, current(context, "product"))
    if not answer.is_good:
        return not_handled(f"It was refused: {answer}.")
    if answer.document is None:
        return handled("The response is empty, so the record is read afterwards.")
    if isinstance(answer.document, dict) and answer.document.get("id"):
        return as_assumed(f"{answer}.")
    return not_handled(f"The response is something else: {answer}.")


def _field(context: Writing) -> Found:
    after = _after_leaving_out(context, "barcode")
    if isinstance(after, Found):
        return after
    if after.get("barcode"):
        return handled("A PUT keeps a field that it does not contain.", put="merges")
    return as_assumed("A PUT empties a field that it does not contain.", put="replaces")


def _custom_field(context: Writing) -> Found:
    if not custom_fields(context, *CUSTOM_FIELDS):
        raise NotTestableError("No custom field could be defined.")
    body = current(context, "product")
    if _named(body) != set(CUSTOM_FIELDS):
        raise NotTestableError("The product was stored without its custom fields.")
    if _empties_custom_fields(context, body, lambda _: []):
        return as_assumed("A PUT empties a custom field that it does not contain.", custom_fields_emptied_by="left_out")
    kept = "A PUT keeps a custom field that it does not contain."
    if _empties_custom_fields(context, body, lambda name: custom_fields(context, name, value=None)):
        return handled(f"{kept} A null empties it.", custom_fields_emptied_by="null")
    if _empties_custom_fields(context, body, lambda name: custom_fields(context, name, value="")):
        return handled(f"{kept} An empty text empties it.", custom_fields_emptied_by="text")
    return not_handled(f"{kept} Neither a null nor an empty text empties it.", custom_fields_emptied_by="nothing")


def _empties_custom_fields(context: Writing, body: JsonObject, emptied: Callable[[str], list[JsonObject]]) -> bool:
    """Whether a form empties one of two custom fields, and then the last one. If not, the product is restored."""
    for number, name in enumerate(CUSTOM_FIELDS, start=1):
        others = CUSTOM_FIELDS[number:]
        document = {**body, "custom_fields": [*custom_fields(context, *others), *emptied(name)]}
        is_good = put(context, document).is_good
        if not is_good or _named(current(context, "product")) != set(others):
            if is_good or number > 1:
                put(context, body)
            return False
    return True


def _named(body: JsonObject) -> set[str]:
    """Return the names of the custom fields of a record that have a value."""
    fields = body.get("custom_fields") or ()
    return {str(each.get("custom_field_name")) for each in fields if each.get("value") not in (None, "")}


def _null(context: Writing) -> Found:
    answer = put(context, {**current(context, "product"), "description": None})
    if answer.is_good and not current(context, "product").get("description"):
        return as_assumed("A null empties a field.", nulls_accepted=True, fields_emptied_by="null")
    accepted = answer.is_good
    text = "A null does not empty a field." if accepted else f"A null is refused: {answer}."
    if context.known.get("put") == "replaces":
        return handled(f"{text} Fields are left out instead.", nulls_accepted=accepted)
    answer = put(context, {**current(context, "product"), "description": ""})
    if answer.is_good and not current(context, "product").get("description"):
        text = f"{text} An empty text does, but not all fields are texts."
        return not_handled(text, nulls_accepted=accepted, fields_emptied_by="text")
    return not_handled(
        f"{text} An empty text does not empty one, either.", nulls_accepted=accepted, fields_emptied_by="nothing"
    )


def _category(context: Writing) -> Found:
    body = current(context, "product")
    category = context.record("subcategory")["id"]
    if str(category) not in _categories(body):
        raise NotTestableError("The product was stored without its category.")
    if not (answer := put(context, {**body, "categories": []})).is_good:
        return not_handled(f"It was refused: {answer}.")
    if not _categories(current(context, "product")):
        return as_assumed("A PUT removes a category.")
    answer = context.talk.ask(endpoints.UNASSIGN_CATEGORY, body["id"], category)
    if answer.is_good and not _categories(current(context, "product")):
        return handled("A PUT keeps the category, and the call that unassigns it removes it.")
    return not_handled(f"Neither a PUT nor the call that unassigns it removes a category: {answer}.")


def _categories(body: JsonObject) -> set[str]:
    return {str(each.get("id")) for each in body.get("categories") or ()}


def _related(context: Writing) -> Found:
    product, kit = context.record("product"), context.record("model")
    related = {"related_id": kit["id"], "related_sku": sku_of(kit), "is_variant": False, "related_type": "X_SELL"}
    answer = put(context, {**current(context, "product"), "related_products": [related]})
    if not answer.is_good:
        return not_handled(f"It was refused: {answer}.")
    if not current(context, "product").get("related_products"):
        text = f"The product {product['id']} was stored without its related product."
        return not_handled(text, related_products_stored=False)
    return as_assumed("It was stored.", related_products_stored=True)


def _related_target(context: Writing) -> Found:
    related = {"related_sku": context.own.name("nothing"), "related_type": "X_SELL"}
    answer = put(context, {**current(context, "product"), "related_products": [related]})
    return target(answer, "A related product that does not exist", related_targets_checked=True)


def _variant(context: Writing) -> Found:
    product_id, variant = context.record("model")["id"], context.record("variant")
    changed = {**writable(variant), "barcode": "4006381333948"}
    by_product = _save_variant(context, product_id, changed, foreign=endpoints.GET_VARIANT)
    if by_product is not None and by_product.is_good:
        return as_assumed("The id in the path is that of the product.", variant_path="product")
    by_variant = _save_variant(context, variant["id"], changed, foreign=endpoints.GET_PRODUCT)
    if by_variant is not None and by_variant.is_good:
        text = "The id in the path is that of the variant. A new variant is added with its product."
        return handled(text, variant_path="variant")
    if by_product is None or by_variant is None:
        raise NotTestableError("Another record has the same id, so a write could change it.")
    return not_handled(f"It was refused: {by_product}. Set SEND_VARIANTS_ALONE to false.")


def _save_variant(
    context: Writing, in_path: object, document: JsonObject, *, foreign: endpoints.Endpoint
) -> Answer | None:
    """Write a variant; None if the id in the path, read in the other way, is that of another record."""
    if context.talk.ask(foreign, in_path).is_good:
        return None
    return context.noted(context.talk.ask(endpoints.SAVE_VARIANT, in_path, document=document))


def _option_value(context: Writing) -> Found:
    body = current(context, "model")
    values = [value for option in body.get("options") or () for value in option.get("values") or () if value.get("id")]
    if not values:
        raise NotTestableError("Option values have no ids.")
    # The values of the last variant stay, so that only this one is refused.
    values[0]["value"] = "XS"
    for variant in body["variants"]:
        for choice in variant.get("options") or ():
            choice["value"] = "XS" if choice["value"] == "S" else choice["value"]
    answer = put(context, body)
    if answer.is_good:
        return handled("It can be changed. A new value is sent as another one.")
    if answer.code == _OPTION_VALUE_IMMUTABLE:
        return as_assumed(f"It is refused: {answer}.")
    return handled(f"It is refused with another code: {answer}.")


def _child(context: Writing) -> Found:
    body = current(context, "model")
    if not body.get("variants", [])[1:]:
        raise NotTestableError("The model was stored without its variants.")
    answer = put(context, {**body, "variants": body["variants"][:1]})
    if not answer.is_good:
        return not_handled(f"It was refused: {answer}.")
    left = current(context, "model")["variants"]
    if len(left) > 1:
        return handled("A PUT keeps a variant that it does not contain. All variants are always sent.")
    return as_assumed("A PUT removes a variant that it does not contain. All variants are always sent.")


FACTS: Final = (
    Fact(
        "ipaas.write.response",
        "The response to a PUT is the whole record",
        "assumed",
        "ids of children",
        "the record is read afterwards",
        _response,
    ),
    Fact(
        "ipaas.write.field",
        "A PUT empties a field that it does not contain",
        "assumed",
        "changes",
        "emptied fields are sent as nulls or empty texts",
        _field,
    ),
    Fact(
        "ipaas.write.custom_field",
        "A PUT empties a custom field that it does not contain",
        "assumed",
        "custom fields that Akeneo empties",
        "they are sent as nulls or empty texts; if these do not empty them, they keep their value, and a check says so",
        _custom_field,
    ),
    Fact(
        "ipaas.write.null",
        "A null empties a field",
        "assumed",
        "emptied fields",
        "they are left out or sent as empty texts; those that keep their value are named by a check",
        _null,
    ),
    Fact(
        "ipaas.write.category_removal",
        "A PUT removes a category that it does not contain",
        "assumed",
        "categories",
        "the category is unassigned with another call",
        _category,
    ),
    Fact(
        "ipaas.write.related",
        "A PUT stores related products",
        "assumed",
        "related products",
        "they are missing; a check says so, and they are sent when a later probe finds that they are stored",
        _related,
    ),
    Fact(
        "ipaas.write.related_target",
        f"A related product that does not exist is {ErrorCode.REFERENCE_MISSING}",
        "assumed",
        "SKIP_RELATED_PRODUCT_PREREQUISITE",
        "related products are sent before their targets",
        _related_target,
    ),
    Fact(
        "ipaas.write.variant",
        "PUT Variant has the id of the product in its path",
        "assumed",
        "changed variants",
        "the id of the variant is used",
        _variant,
    ),
    Fact(
        "ipaas.write.option_value",
        f"Changing an option value is {_OPTION_VALUE_IMMUTABLE}",
        "confirmed",
        "renamed options",
        "values are never changed, only added",
        _option_value,
    ),
    Fact(
        "ipaas.write.child",
        "A PUT removes a variant that it does not contain",
        "assumed",
        "variants",
        "all variants are always sent",
        _child,
    ),
)
"""In the order in which they are tested: later ones use what earlier ones found or made."""
