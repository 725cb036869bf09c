"""Facts about lists and searches of iPaaS.com. Nothing is written."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.endpoints import Endpoint
from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.ipaas.names import PAGINATION
from akeneo_assets.ipaas.responses import is_usable_id, total_pages, total_records, with_text_ids
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled
from akeneo_assets.probe.ipaas.conversation import Answer, Conversation
from akeneo_assets.probe.ipaas.own_records import is_ours
from akeneo_assets.settings import Settings

_UNUSED_NUMBER: Final = "2147483646"
"""Almost the largest number of 32 bits."""


_PAGE: Final = 100


_LARGER_PAGE: Final = 500


_FORBIDDEN: Final = 403


WRONG_SYSTEM: Final = ("VALD-1017", "VALD-1023")


_OTHER_PATHS: Final = {
    "custom_field.list": ("/products/v2/CustomFields", "/products/v2/Catalog/CustomFields"),
    "location.find": ("/products/v2/Catalog/Location", "/products/v2/Locations"),
    "category.list": ("/products/v2/Catalog/Category", "/products/v2/Categories"),
    "product.list": ("/products/v2/Catalog/Product", "/products/v2/Products"),
    "variant.find": ("/products/v2/Catalog/ProductVariants", "/products/v2/Catalog/Variants"),
}
"""Other paths that a list may have, by endpoint."""


@dataclass
class Reading:
    """What the tests of these facts share.

    Attributes:
        talk: Sends the requests.
        settings: The subscription settings.
        lists: The first page of each list, by endpoint.
    """

    talk: Conversation
    settings: Settings
    lists: dict[str, Answer] = field(default_factory=dict)

    def first_page(self, endpoint: Endpoint, *parts: str) -> Answer:
        """Return the first page of a list, which is requested once."""
        if endpoint.action not in self.lists:
            params = {} if parts else {"pageNumber": 1, "pageSize": _PAGE}
            self.lists[endpoint.action] = self.talk.ask(endpoint, *parts, params=params)
        return self.lists[endpoint.action]

    def unused_id(self) -> str:
        """Return an id that no record has: a GUID if ids are GUIDs, or else a number."""
        known = self.first_page(endpoints.LIST_PRODUCTS)
        first = known.document[0].get("id") if known.is_good and known.document else None
        return _UNUSED_NUMBER if first is None or str(first).isdecimal() else str(uuid.uuid4())


def _list(endpoint: Endpoint, context: Reading) -> Found:
    parts = [context.settings.ipaas_subscription_id, "product"] if endpoint is endpoints.MISSING_EXTERNAL else []
    answer = context.first_page(endpoint, *parts)
    if answer.is_good and isinstance(answer.document, list):
        return as_assumed(f"It returned {len(answer.document)} records.")
    if answer.code in WRONG_SYSTEM:
        return not_handled(f"{answer}. Correct IPAAS_SUBSCRIPTION_ID.")
    if answer.response.status == _FORBIDDEN:
        return not_handled(f"The permission is missing: {answer}. Grant it to the user or the API key.")
    if not answer.has_no_endpoint:
        return not_handled(f"It was refused, or is not a list: {answer}.")
    for path in _OTHER_PATHS.get(endpoint.action, ()):
        other = context.talk.spelled(endpoint, path).ask(endpoint, params={"pageNumber": 1, "pageSize": _PAGE})
        if other.is_good and isinstance(other.document, list):
            context.lists[endpoint.action] = other
            return not_handled(f"There is no such path, but {path} works.", {"paths": {endpoint.action: path}})
    return not_handled(f"There is no such path: {answer}.")


def _missing(endpoint: Endpoint, context: Reading) -> Found:
    unused = context.unused_id()
    answer = context.talk.ask(endpoint, unused)
    if answer.is_missing:
        return as_assumed(f"{answer}.")
    if answer.is_good:
        return not_handled(f"A record with the id {unused} was returned: {answer}.")
    if answer.code is not None:
        profile = {"error_codes": {ErrorCode.NOT_FOUND: answer.code}} if answer.code.startswith("NFND") else {}
        return not_handled(f"The error code is another one: {answer}.", profile)
    return not_handled(f"There is no error code, so this looks like a wrong path: {answer}.")


def _pagination(context: Reading) -> Found:
    answer = context.talk.ask(endpoints.LIST_PRODUCTS, params={"pageNumber": 1, "pageSize": 1})
    pages, total = total_pages(answer.response.headers), total_records(answer.response)
    raw = answer.response.headers.get(PAGINATION)
    if raw is not None and pages is not None:
        return as_assumed(f"It says {total} records and {pages} pages.")
    likely = [name for name in answer.response.headers if "pag" in name.casefold()]
    text = "Lists are read until an empty page, which costs one request more. Records cannot be counted."
    if raw is None and len(likely) == 1:
        return Found(
            "handled", f"The header is named {likely[0]}. {text}", profile={"headers": {PAGINATION: likely[0]}}
        )
    return handled(f"{'The header has other names: ' + raw if raw else 'There is no such header'}. {text}")


def _pages(context: Reading) -> Found:
    ids = [_ids_on_page(number, context) for number in (1, 2)]
    if not ids[0]:
        raise NotTestableError("There is no product yet.")
    # If the list changed in between, the second page may have become equal to the first.
    if ids[0] == ids[1] == _ids_on_page(1, context):
        return not_handled("The page number is ignored: the first two pages are equal.")
    if len(ids[0]) > 1:
        return handled(f"The page size is ignored: a page has {len(ids[0])} records.")
    return as_assumed("The second page is another one.")


def _ids_on_page(number: int, context: Reading) -> list[object]:
    answer = context.talk.ask(endpoints.LIST_PRODUCTS, params={"pageNumber": number, "pageSize": 1})
    return [each.get("id") for each in answer.records]


def _page_size(context: Reading) -> Found:
    if not context.first_page(endpoints.LIST_PRODUCTS).is_good:
        return not_handled(f"Pages of {_PAGE} records were refused.")
    answer = context.talk.ask(endpoints.LIST_PRODUCTS, params={"pageNumber": 1, "pageSize": _LARGER_PAGE})
    if not answer.is_good:
        return as_assumed(f"Pages of {_LARGER_PAGE} records are refused.", page_size=_PAGE)
    total, seen = total_records(answer.response), len(answer.records)
    if total is not None and seen < min(total, _LARGER_PAGE):
        return as_assumed(f"A page has at most {seen} records.", page_size=max(1, seen))
    if seen > _PAGE:
        return as_assumed(f"Pages of {_LARGER_PAGE} records are possible, too.", page_size=_LARGER_PAGE)
    raise NotTestableError("There are too few products to see the largest page.")


def _search(lists: Endpoint, find: Endpoint, name: str, our_field: str, context: Reading) -> Found:
    nothing = context.talk.ask(find, params={"action": "equals", name: f"akeneo-assets-{uuid.uuid4().hex}"})
    if not nothing.is_good:
        return not_handled(f"The search was refused: {nothing}.")
    if nothing.records:
        return not_handled("The search field is ignored: a value that nothing has finds records.")
    # Those of another probe may be deactivated at any time.
    known = [each for each in context.first_page(lists).records if not is_ours(each, our_field) and each.get(our_field)]
    if not known:
        raise NotTestableError("There is no record yet. A value that nothing has finds nothing.")
    value = str(known[0][our_field])
    hits = context.talk.ask(find, params={"action": "equals", name: value}).records
    found = [with_text_ids(each).get("id") for each in hits]
    if with_text_ids(known[0]).get("id") not in found:
        return not_handled(f"A search for the value of a listed record finds {len(hits)} records, but not this one.")
    return as_assumed(f"It finds the record, {len(hits)} in total.")


def _ids(context: Reading) -> Found:
    kinds: set[str] = set()
    for endpoint in (endpoints.LIST_PRODUCTS, endpoints.LIST_CATEGORIES, endpoints.FIND_VARIANTS):
        if (page := context.first_page(endpoint)).is_good:
            for each in page.records:
                if not is_usable_id(with_text_ids(each).get("id")):
                    return not_handled(f"A record of {endpoint.action} has no id.")
                kinds.add("texts" if isinstance(each["id"], str) else "numbers")
    if not kinds:
        raise NotTestableError("There is no record yet.")
    return as_assumed(f"They are {' and '.join(sorted(kinds))}.")


_LISTS: Final = {
    endpoints.LIST_PRODUCTS: "adopting and counting products",
    endpoints.LIST_CATEGORIES: "counting categories",
    endpoints.FIND_VARIANTS: "finding variants",
    endpoints.FIND_LOCATIONS: "stock",
    endpoints.LIST_CUSTOM_FIELDS: "custom fields",
    endpoints.MISSING_EXTERNAL: "counting links",
}


_SEARCHES: Final = (
    (endpoints.LIST_PRODUCTS, endpoints.FIND_PRODUCTS, "Sku", "sku"),
    (endpoints.FIND_VARIANTS, endpoints.FIND_VARIANTS, "Sku", "sku"),
    (endpoints.FIND_LOCATIONS, endpoints.FIND_LOCATIONS, "Name", "name"),
)


_NO_HARM: Final = "lists are read until an empty page"


FACTS: Final = (
    *(
        Fact(
            f"ipaas.{endpoint.action}",
            f"{endpoint.method} {endpoint.path} returns a list",
            endpoint.source,
            used_by,
            "set the path in an API profile",
            partial(_list, endpoint),
        )
        for endpoint, used_by in _LISTS.items()
    ),
    *(
        Fact(
            f"ipaas.{endpoint.action}.missing",
            f"{endpoint.path} of a record that does not exist is {ErrorCode.NOT_FOUND}",
            endpoint.source,
            "records that were removed in iPaaS.com",
            "such a record fails instead of being created again",
            partial(_missing, endpoint),
        )
        for endpoint in (endpoints.GET_PRODUCT, endpoints.GET_VARIANT, endpoints.GET_CATEGORY)
    ),
    Fact("ipaas.pagination", f"Lists have the header {PAGINATION}", "confirmed", "lists", _NO_HARM, _pagination),
    Fact(
        "ipaas.pages",
        "pageNumber and pageSize choose the page of a list",
        "confirmed",
        "lists",
        "a list that does not advance is an error",
        _pages,
    ),
    Fact(
        "ipaas.page_size",
        f"A page may have {_PAGE} records",
        "confirmed",
        "lists",
        "pages have the size that was found",
        _page_size,
    ),
    *(
        Fact(
            f"ipaas.{find.action}.search",
            f"action=equals&{name}= finds the records with exactly this value",
            find.source,
            "existing records",
            "a wrong record may be updated, or one is created twice",
            partial(_search, lists, find, name, our_field),
        )
        for lists, find, name, our_field in _SEARCHES
    ),
    Fact("ipaas.ids", "Ids are numbers or texts", "confirmed", "every record", "records cannot be updated", _ids),
)
"""In the order in which they are tested: later ones use what earlier ones found or made."""
