"""Facts about Akeneo's lists: each that a sync reads, with the permissions of this connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import requests

from akeneo_assets.akeneo.endpoints import ENDPOINTS, PRODUCTS, PRODUCTS_UUID
from akeneo_assets.akeneo.permissions import NO_OWNER, how_to_grant, permission_for
from akeneo_assets.http.responses import ApiResponse
from akeneo_assets.mapping.catalogue.attribute_types import (
    ASSET_COLLECTION,
    OPTION_TYPES,
    RECORD_OPTION_TYPES,
    REFERENCE_ENTITY_TYPES,
)
from akeneo_assets.probe.akeneo.reading import ForbiddenListError, Reading
from akeneo_assets.probe.akeneo.responses import records_of, refusal
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled


def _no_owner(_: Reading) -> tuple[str, ...]:
    return ()


def _family(context: Reading) -> tuple[str, ...]:
    models = context.some("product-models")
    codes = [model.get("family") for model in models] or [
        each["code"] for each in records_of(context.first("families"))
    ]
    if codes and codes[0] is not None:
        return (str(codes[0]),)
    raise NotTestableError("There are no families.")


def _select(context: Reading) -> tuple[str, ...]:
    return (str(context.of_types(*sorted(OPTION_TYPES))[0]["code"]),)


def _referred(context: Reading, *types: str) -> tuple[str, ...]:
    for attribute in context.of_types(*types):
        if name := attribute.get("reference_data_name"):
            return (str(name),)
    raise NotTestableError("The attributes do not say what their values refer to.")


def _entity(context: Reading) -> tuple[str, ...]:
    return _referred(context, *sorted(REFERENCE_ENTITY_TYPES))


def _record_options(context: Reading) -> tuple[str, ...]:
    entity = _entity(context)
    for attribute in records_of(context.first("reference-entities/{}/attributes", entity)):
        if attribute["type"] in RECORD_OPTION_TYPES:
            return (*entity, str(attribute["code"]))
    raise NotTestableError("The first reference entity has no attribute with options.")


def _asset_family(context: Reading) -> tuple[str, ...]:
    return _referred(context, ASSET_COLLECTION)


@dataclass(frozen=True)
class List:
    """A list that a sync reads.

    Args:
        name: Its name in the key of the fact.
        title: What it contains, in the plural.
        endpoint: Its path.
        used_by: What depends on it.
        owners: Returns the codes of a record that owns such a list.
        is_vital: Whether a sync fails if this Akeneo does not have the list.
    """

    name: str
    title: str
    endpoint: str
    used_by: str = "every load"
    owners: Callable[[Reading], tuple[str, ...]] = _no_owner
    is_vital: bool = True

    @property
    def otherwise(self) -> str:
        """What goes wrong, or is done instead, if it cannot be read."""
        is_always_read = self.owners in {_no_owner, _family}
        forbidden = (
            f"{'A load' if is_always_read else 'A load whose mapping needs it'} fails until the permission is given."
        )
        return forbidden if self.is_vital else f"{forbidden} If Akeneo does not have the list, codes are sent instead."

    def response(self, context: Reading) -> ApiResponse:
        """Return the response to the request for the first page.

        Raises:
            ForbiddenListError: The connection may not read it.
            NotTestableError: The catalogue has no such list, or none is known.
        """
        endpoint = context.endpoint(self.endpoint)
        try:
            owners = self.owners(context)
        except NotTestableError as error:
            context.first(endpoint, [NO_OWNER] * endpoint.count("{}"))
            raise NotTestableError(str(error)) from error
        return context.first(endpoint, owners)


_RECORDS: Final = "labels and attributes of the records that values refer to"
_ASSETS: Final = "labels and links of the assets that values refer to"

LISTS: Final = (
    List("products", "products", "products"),
    List("product-models", "product models", "product-models"),
    List("categories", "categories", "categories"),
    List("families", "families", "families"),
    List("family-variants", "family variants", "families/{}/variants", "variants", _family),
    List("attributes", "attributes", "attributes"),
    List("attribute-options", "options of attributes", "attributes/{}/options", "labels of options", _select, False),
    List("association-types", "association types", "association-types"),
    List("channels", "channels", "channels"),
    List("measurement-families", "measurement families", "measurement-families", "units", is_vital=False),
    List("records", "records of reference entities", "reference-entities/{}/records", _RECORDS, _entity, False),
    List(
        "record-attributes",
        "attributes of reference entities",
        "reference-entities/{}/attributes",
        _RECORDS,
        _entity,
        False,
    ),
    List(
        "record-options",
        "options of reference entities",
        "reference-entities/{}/attributes/{}/options",
        _RECORDS,
        _record_options,
        False,
    ),
    List("assets", "assets", "asset-families/{}/assets", _ASSETS, _asset_family, False),
    List(
        "asset-attributes",
        "attributes of asset families",
        "asset-families/{}/attributes",
        _ASSETS,
        _asset_family,
        False,
    ),
)
"""The lists that a sync reads, some of them only if the mapping needs them."""


def _readable(tested: List, context: Reading) -> Found:
    endpoint = context.endpoint(tested.endpoint)
    try:
        response = tested.response(context)
    except ForbiddenListError as error:
        permission = permission_for(ENDPOINTS[endpoint], str(error))
        return not_handled(f"The permission is missing. {how_to_grant(permission)}")
    if response.status == requests.codes.ok:
        return as_assumed(f"There are {_number(context, endpoint, response)}.")
    if response.status == requests.codes.not_found and not tested.is_vital:
        return handled("This Akeneo does not have them. Codes are sent instead.")
    if endpoint == PRODUCTS_UUID:
        return not_handled(f"{refusal(response)}. Before 7.0, set AKENEO_PRODUCT_ID_FORMAT to Identifier.")
    return not_handled(f"Akeneo responded with {refusal(response)}.")


def _number(context: Reading, endpoint: str, response: ApiResponse) -> str:
    listed = records_of(response)
    if ENDPOINTS[endpoint].pagination == "search_after":
        count = context.count(endpoint)
    else:
        count = response.document.get("items_count") if isinstance(response.document, dict) else len(listed)
    return str(count) if isinstance(count, int) else f"at least {len(listed)}"


def _other_products(context: Reading) -> Found:
    other = PRODUCTS if context.products == PRODUCTS_UUID else PRODUCTS_UUID
    response = context.ask(other, limit=1, with_count=True)
    if response.status != requests.codes.ok:
        return handled(f"Akeneo responded with {refusal(response)}. Keep AKENEO_PRODUCT_ID_FORMAT as it is.")
    counts = {endpoint: context.count(endpoint) for endpoint in (other, context.products)}
    return as_assumed(", ".join(f"{endpoint}: {count}" for endpoint, count in sorted(counts.items())) + ".")


FACTS: Final = (
    *(
        Fact(
            f"akeneo.lists.{each.name}",
            f"This connection may read {each.title}",
            "confirmed",
            each.used_by,
            each.otherwise,
            partial(_readable, each),
        )
        for each in LISTS
    ),
    Fact(
        "akeneo.lists.other-products",
        "Products can be listed by uuid and by identifier",
        "confirmed",
        "a change of AKENEO_PRODUCT_ID_FORMAT",
        "This setting cannot be changed.",
        _other_products,
    ),
)
