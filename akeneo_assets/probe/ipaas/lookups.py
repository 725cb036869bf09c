"""Facts about look-ups, names and errors of iPaaS.com. Nothing is written."""

from __future__ import annotations

import re
import uuid
from functools import partial
from typing import Final

from akeneo_assets.http.responses import shown
from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.endpoints import Endpoint
from akeneo_assets.ipaas.errors import code_of, message_of
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled
from akeneo_assets.probe.ipaas.conversation import Answer
from akeneo_assets.probe.ipaas.reading import WRONG_SYSTEM, Reading

_CODE: Final = re.compile(r"[A-Z]{4}-\d{4}")


_NOT_LINKED: Final = (404, 204)


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _error_names(context: Reading) -> Found:
    answer = context.talk.ask(endpoints.GET_PRODUCT, "x")
    document = answer.document
    if answer.is_good:
        return not_handled("A product with the id x was returned.")
    if code_of(document, context.talk.api.profile) is None:
        coded = [name for name, value in document.items() if _is_code(value)] if isinstance(document, dict) else []
        profile = {"fields": {"code": coded[0]}} if len(coded) == 1 else {}
        return not_handled(f"No error code was found in {answer}: {shown(document)}.", profile)
    names = ", ".join(sorted(document)) if isinstance(document, dict) else type(document).__name__
    if message_of(document) is None:
        return handled(f"There is a code, but no message, in: {names}.")
    return as_assumed(f"Code and message were found in: {names}.")


def _is_not_linked(answer: Answer) -> bool:
    return answer.response.status in _NOT_LINKED and (answer.code is None or answer.is_missing)


def _not_linked(context: Reading) -> Found:
    key = {
        "table_name": "product",
        "system_id": context.settings.ipaas_subscription_id,
        "external_id": f"akeneo-assets-{uuid.uuid4()}",
    }
    answer = context.talk.ask(endpoints.FIND_EXTERNAL, document=key)
    if _is_not_linked(answer):
        return as_assumed(f"{answer}.")
    if key["system_id"].isdecimal():
        number = context.talk.ask(endpoints.FIND_EXTERNAL, document={**key, "system_id": int(key["system_id"])})
        if _is_not_linked(number):
            return handled("Ids have to be numbers in a request.", ids="number")
    if answer.code in WRONG_SYSTEM:
        return not_handled(f"{answer}. Correct IPAAS_SUBSCRIPTION_ID.")
    return not_handled(f"An external id that nothing has is answered with {answer}.")


def _no_external_id(context: Reading) -> Found:
    answer = context.talk.ask(
        endpoints.EXTERNAL_ID, context.unused_id(), context.settings.ipaas_subscription_id, "product"
    )
    if _is_not_linked(answer):
        return as_assumed(f"{answer}.")
    return not_handled(f"A record without an external id is answered with {answer}.")


def _table(table: str, context: Reading) -> Found:
    answer = context.talk.ask(endpoints.MISSING_EXTERNAL, context.settings.ipaas_subscription_id, table)
    return as_assumed("It is accepted.") if answer.is_good else not_handled(f"It was refused: {answer}.")


def _fields(endpoint: Endpoint, needed: tuple[str, ...], context: Reading) -> Found:
    records = context.first_page(endpoint).records
    if not records:
        raise NotTestableError("There is none yet.")
    missing = [name for name in needed if not all(isinstance(each.get(name), str) for each in records)]
    if missing:
        return not_handled(f"There is no text in {' and '.join(missing)}; the fields are {', '.join(records[0])}.")
    return as_assumed(f"All {len(records)} have {' and '.join(needed)}.")


FACTS: Final = (
    Fact(
        "ipaas.error_names",
        "Errors have a code and a message under known names",
        "assumed",
        "what is done about an error",
        "every error is final",
        _error_names,
    ),
    Fact(
        "ipaas.not_linked",
        "The look-up of an unknown external id is 404",
        "confirmed",
        "existing records",
        "a record is not created",
        _not_linked,
    ),
    Fact(
        "ipaas.no_external_id",
        "The external id of a record without one is 404",
        "confirmed",
        "conflicts",
        "conflicts are not resolved",
        _no_external_id,
    ),
    *(
        Fact(
            f"ipaas.table.{table.replace(' ', '_')}",
            f"There are external ids of the table '{table}'",
            "confirmed",
            "links of these records",
            "they are not found",
            partial(_table, table),
        )
        for table in ("product variant", "product category")
    ),
    Fact(
        "ipaas.custom_field.names",
        "Definitions of custom fields have name and table_name",
        "2019",
        "custom fields",
        "they are left out",
        partial(_fields, endpoints.LIST_CUSTOM_FIELDS, ("name", "table_name")),
    ),
    Fact(
        "ipaas.location.names",
        "Stock locations have a name",
        "confirmed",
        "stock",
        "it is left out",
        partial(_fields, endpoints.FIND_LOCATIONS, ("name",)),
    ),
)
"""In the order in which they are tested: later ones use what earlier ones found or made."""
