"""Facts about Akeneo's version, clock and permissions."""

from __future__ import annotations

from functools import partial
from typing import Final

import requests

from akeneo_assets.akeneo.endpoints import ENDPOINTS, PRODUCTS_UUID
from akeneo_assets.akeneo.server_clock import TOLERANCE_SECONDS
from akeneo_assets.probe.akeneo.reading import Reading, refusal
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled

_LISTS: Final = (
    "product-models",
    "categories",
    "families",
    "attributes",
    "association-types",
    "channels",
    "locales",
    "currencies",
)
"""The lists that every load reads, besides the products."""


def _version(context: Reading) -> Found:
    system = context.akeneo.system_information()
    version, edition = str(system["version"]), str(system["edition"])
    if not version:
        return handled("It reports no version, so it is older than 6.0.", version="older than 6.0")
    return as_assumed(f"Version {version}, edition {edition or 'unknown'}.", version=version, edition=edition)


def _clock(context: Reading) -> Found:
    context.akeneo.now()
    skew = context.akeneo.clock.skew_seconds
    if skew is None:
        return handled("Its responses contain no usable Date header, so this machine's clock is used.")
    text = f"It is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} this machine's clock."
    return as_assumed(text) if abs(skew) <= TOLERANCE_SECONDS else handled(text)


def _list(endpoint: str, context: Reading) -> Found:
    chosen = context.products if endpoint == PRODUCTS_UUID else endpoint
    response = context.ask(chosen, limit=1, with_count="true")
    if response.status == requests.codes.ok:
        return as_assumed(f"It contains {response.document.get('items_count', 'an unknown number of')} records.")
    if response.status == requests.codes.forbidden:
        permission = ENDPOINTS[chosen].permission
        return not_handled(
            f'The permission is missing. Enable "{permission}" for the role of this connection in System > Roles > '
            "Web API permissions."
        )
    if chosen == PRODUCTS_UUID:
        return not_handled(f"{refusal(response)}. Before 7.0, set AKENEO_PRODUCT_ID_FORMAT to Identifier.")
    return not_handled(f"Akeneo responded with {refusal(response)}.")


def _optional(endpoint: str, context: Reading) -> Found:
    response = context.ask(endpoint)
    if response.status == requests.codes.ok:
        return as_assumed("It can be read.")
    if response.status == requests.codes.not_found:
        return handled("This edition does not have it.")
    if response.status == requests.codes.forbidden:
        return handled(f'The permission "{ENDPOINTS[endpoint].permission}" is missing.')
    return not_handled(f"Akeneo responded with {refusal(response)}.")


def _index(_: Reading) -> Found:
    raise NotTestableError("Only an edit would show how soon a search finds it. Each read repeats the last minutes.")


FACTS: Final = (
    Fact(
        "akeneo.version",
        "Akeneo reports its version and edition",
        "confirmed",
        "the choice of filters that older versions do not have",
        "It is treated as older than 6.0.",
        _version,
    ),
    Fact(
        "akeneo.clock",
        "its clock agrees with this machine's within a minute",
        "assumed",
        "how much of the recent past a read of changes repeats",
        "Reads use Akeneo's own time. No edit is lost.",
        _clock,
    ),
    *(
        Fact(
            f"akeneo.lists.{endpoint}",
            f"this connection may read the list {endpoint}",
            "confirmed",
            "every load",
            "A load fails until the permission is given.",
            partial(_list, endpoint),
        )
        for endpoint in (PRODUCTS_UUID, *_LISTS)
    ),
    *(
        Fact(
            f"akeneo.lists.{endpoint}",
            f"this connection may read {endpoint}, if the edition has them",
            "confirmed",
            f"attributes whose values are {what}",
            "Such values are sent as codes.",
            partial(_optional, endpoint),
        )
        for endpoint, what in (
            ("reference-entities", "records of reference entities"),
            ("measurement-families", "measurements"),
        )
    ),
    Fact(
        "akeneo.index",
        "a search finds an edit within a minute",
        "assumed",
        "reading changes",
        "An edit that the index shows later is found by the overlap of the next reads, or the weekly read.",
        _index,
    ),
)
