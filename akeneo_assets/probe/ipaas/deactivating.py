"""Facts about deactivated, disabled and unlinked records in iPaaS.com."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.endpoints import Endpoint
from akeneo_assets.ipaas.enumerations import STATUS_OF_PREFIX, ErrorCode
from akeneo_assets.ipaas.errors import existing_id_in, message_of
from akeneo_assets.ipaas.responses import is_usable_id
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled
from akeneo_assets.probe.ipaas.changing import current, put
from akeneo_assets.probe.ipaas.conversation import Answer
from akeneo_assets.probe.ipaas.creating import Writing, created, known_as, sku_of
from akeneo_assets.sync.deliver.released_records import DISABLED

_NOT_FOUND: Final = 404


def _deactivated(context: Writing) -> Found:
    found = created(context, "deactivated", context.own.create_product(context.own.product("deactivated")))
    product_id = context.record("deactivated")["id"]
    answer = context.noted(context.talk.ask(endpoints.DEACTIVATE_PRODUCT, product_id))
    if not answer.is_good:
        context.made.pop("deactivated")
        raise NotTestableError(f"A product could not be deactivated: {answer}.")
    if context.talk.ask(endpoints.GET_PRODUCT, product_id).is_missing:
        return as_assumed(f"A deactivated product is not found. {found.text}")
    return not_handled("A deactivated product can still be read, so it is never reactivated.")


def _deactivated_lookup(context: Writing) -> Found:
    product_id = str(context.record("deactivated")["id"])
    prefix = context.talk.api.profile.deleted_prefix
    answer = context.own.look_up("product", context.own.name("deactivated"))
    text = str(answer.document)
    if answer.is_good and text == f"{prefix}{product_id}":
        return as_assumed(f"The answer is {text}.")
    if answer.is_good and text == product_id:
        return handled("The answer is the plain id. The record cannot be read, so it is reactivated.")
    if answer.is_missing:
        return handled("It is not found, and found as the record that holds the SKU.")
    marked = re.fullmatch(rf"(\D+){re.escape(product_id)}", text)
    if answer.is_good and marked:
        return not_handled(f"The answer is {text}.", {"deleted_prefix": marked[1]})
    return not_handled(f"The answer is {answer}: {text}.")


def _deactivated_sku(context: Writing) -> Found:
    record = context.record("deactivated")
    document = context.own.product("sku-of-deactivated", sku=sku_of(record))
    answer = context.noted(context.own.create_product(document))
    if answer.is_good:
        return handled("A new record may have its SKU.")
    if answer.code != ErrorCode.INACTIVE_HOLDS_VALUE:
        return not_handled(f"It is refused with another code: {answer}.", _unless_used(answer))
    if existing_id_in(message_of(answer.document) or "") != str(record["id"]):
        return not_handled(f"It is refused, but the id of the deactivated record is not in the message: {answer}.")
    return as_assumed(f"It is refused: {answer}.")


def _unless_used(answer: Answer) -> dict[str, dict[str, str]]:
    return {} if answer.code in ErrorCode.DUPLICATES else known_as(answer, ErrorCode.INACTIVE_HOLDS_VALUE)


def _reactivated(context: Writing) -> Found:
    return _reactivate(context, endpoints.REACTIVATE["product"], endpoints.GET_PRODUCT, context.record("deactivated"))


def _reactivated_child(what: str, kind: str, calls: tuple[Endpoint, Endpoint], context: Writing) -> Found:
    record = context.record(what)
    deactivate, get = calls
    answer = context.noted(context.talk.ask(deactivate, record["id"]))
    if not answer.is_good:
        raise NotTestableError(f"It could not be deactivated: {answer}.")
    return _reactivate(context, endpoints.REACTIVATE[kind], get, record)


def _reactivate(context: Writing, endpoint: Endpoint, get: Endpoint, record: JsonObject) -> Found:
    answer = context.noted(context.talk.ask(endpoint, record["id"]))
    if answer.is_good and context.talk.ask(get, record["id"]).is_good:
        return as_assumed("It can be read again.")
    if answer.has_no_endpoint or answer.is_good:
        base = endpoint.path.replace("/Reactivate", "")
        for line in (f"POST {endpoint.path}", f"{base}/Reactivate", f"POST {base}/Reactivate"):
            other = context.talk.spelled(endpoint, line)
            if other.ask(endpoint, record["id"]).is_good and context.talk.ask(get, record["id"]).is_good:
                return not_handled(f"There is no such path, but {line} works.", {"paths": {endpoint.action: line}})
    return not_handled(f"It was refused: {answer}. Reactivate records in iPaaS.com.")


def _disabled(context: Writing) -> Found:
    answer = put(context, {**current(context, "product"), "status": DISABLED, "related_products": []})
    return as_assumed("It is accepted.") if answer.is_good else not_handled(f"It was refused: {answer}.")


def _unlinked(context: Writing) -> Found:
    product = context.record("product")
    name = context.own.name("product")
    answer = context.own.unlink("product", name)
    if not answer.is_good:
        return not_handled(f"It was refused: {answer}.")
    left = context.own.look_up("product", name)
    if left.is_good and is_usable_id(str(left.document)):
        return not_handled(f"The product {product['id']} is still linked.")
    again = context.own.unlink("product", name)
    if again.is_good or again.response.status == _NOT_FOUND:
        return as_assumed(f"The product is not linked any more. Again: {again}.")
    return not_handled(f"The second time, it was refused: {again}.")


def _statuses(context: Writing) -> Found:
    if not context.refused:
        raise NotTestableError("Nothing was refused.")
    seen = ", ".join(f"{code} {status}" for code, status in sorted(context.refused.items()))
    other = {
        code[:4]: status for code, status in context.refused.items() if STATUS_OF_PREFIX.get(code[:4], status) != status
    }
    if other:
        return handled(f"The error code decides, not the status: {seen}.")
    return as_assumed(f"{seen}.")


FACTS: Final = (
    Fact(
        "ipaas.write.deactivated",
        "A deactivated product cannot be read",
        "confirmed",
        "records deactivated in iPaaS.com",
        "they stay deactivated",
        _deactivated,
    ),
    Fact(
        "ipaas.write.deactivated_lookup",
        "Its external id is answered with DELETED: and its id",
        "confirmed",
        "records deactivated in iPaaS.com",
        "they stay deactivated",
        _deactivated_lookup,
    ),
    Fact(
        "ipaas.write.deactivated_sku",
        f"Its SKU is held: a create is {ErrorCode.INACTIVE_HOLDS_VALUE} with its id",
        "confirmed",
        "records deactivated in iPaaS.com",
        "a second record is created, or the record fails",
        _deactivated_sku,
    ),
    Fact(
        "ipaas.write.reactivated",
        "PUT Reactivate makes it active again",
        "assumed",
        "records deactivated in iPaaS.com",
        "they have to be reactivated by hand",
        _reactivated,
    ),
    *(
        Fact(
            f"ipaas.write.reactivated_{kind}",
            f"{endpoints.REACTIVATE[kind].method} {endpoints.REACTIVATE[kind].path} makes a {kind} active again",
            "assumed",
            "records deactivated in iPaaS.com",
            "they have to be reactivated by hand",
            partial(_reactivated_child, what, kind, calls),
        )
        for what, kind, calls in (
            ("variant", "variant", (endpoints.DEACTIVATE_VARIANT, endpoints.GET_VARIANT)),
            ("subcategory", "category", (endpoints.DEACTIVATE_CATEGORY, endpoints.GET_CATEGORY)),
        )
    ),
    Fact("ipaas.write.disabled", "A status may be Disabled", "2019", "disabled products", "they fail", _disabled),
    Fact(
        "ipaas.write.unlinked",
        "An external id can be removed, also twice",
        "confirmed",
        "records that move",
        "they fail",
        _unlinked,
    ),
    Fact(
        "ipaas.write.statuses",
        "Error codes have their usual HTTP status",
        "assumed",
        "none: the code decides",
        "the code decides",
        _statuses,
    ),
)
"""In the order in which they are tested: later ones use what earlier ones found or made."""
