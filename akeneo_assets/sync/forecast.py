"""Forecasts a full load: how many requests each side receives, and how long they take at the throttle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from akeneo_assets.akeneo.pagination import PAGE_SIZE
from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.settings import Settings

_LEVELS_OF_A_TREE: Final = 4
"""Categories are read level by level. The depth of a tree is not known before."""
_LISTS_OF_A_FAMILY: Final = 2
"""Product models and products; the last page of each is only partly filled."""
_LISTS_WITHOUT_A_FAMILY: Final = 2

_MINUTE: Final = 60.0
_HOUR: Final = 3_600.0


@dataclass(frozen=True)
class Forecast:
    """What is ahead.

    Attributes:
        records: How many records are read, or are planned to be sent.
        akeneo: Requests to Akeneo; 0 if nothing has to be read.
        ipaas: Requests to iPaaS.com.
    """

    records: int
    akeneo: int
    ipaas: int

    def sentence(self, settings: Settings) -> str:
        """Return the forecast in words, with the times at the present throttle of each side."""
        akeneo = _time(self.akeneo, settings.akeneo_api_throttle_limit, settings.akeneo_api_throttle_seconds)
        ipaas = _time(self.ipaas, settings.ipaas_api_throttle_limit, settings.ipaas_api_throttle_seconds)
        reads = f"{self.akeneo:,} requests to Akeneo ({akeneo}) and " if self.akeneo else ""
        return f"{self.records:,} records; about {reads}{self.ipaas:,} requests to iPaaS.com ({ipaas})"


def of_first_load(
    *, categories: int, models: int, products: int, variants: int, trees: int, families: int, structure_requests: int
) -> Forecast:
    """Forecast the load into an empty iPaaS.com from the size of the catalogue.

    Args:
        categories: How many categories Akeneo lists.
        models: How many product models.
        products: How many products, variants included.
        variants: How many of the products are variants. Each is sent with its product model.
        trees: How many category trees.
        families: How many families.
        structure_requests: How many requests the structure takes.
    """
    lists = (categories, models, products)
    begun = _LEVELS_OF_A_TREE * trees + _LISTS_OF_A_FAMILY * families + _LISTS_WITHOUT_A_FAMILY
    reads = structure_requests + begun + sum(count // PAGE_SIZE for count in lists)
    return Forecast(sum(lists), reads, sum(lists) - variants)


def of_plan(counts: Mapping[str, Mapping[str, int]]) -> Forecast:
    """Forecast the sync of a plan that was just made, so nothing has to be read.

    Args:
        counts: Object → outcome → number of records, as a dry run counts them.
    """
    due = {name: (counts[name]["created"], counts[name]["updated"]) for name in OBJECTS}
    # Each record with links is also planned as another object.
    records = sum(sum(due[name]) for name in OBJECTS if name != "related_products")
    return Forecast(records, 0, sum(requests_of(name, *due[name]) for name in OBJECTS))


def requests_of(object_name: ObjectName, created: int, updated: int) -> int:
    """Return about how many requests iPaaS.com receives for one object of a plan.

    New variants are sent with their models, and new links with their records. The few links that close a ring need a
    second request, which is not counted.

    Args:
        object_name: The object.
        created: Records that are planned to be created.
        updated: Records that are planned to be updated.
    """
    return updated if object_name in {"variants", "related_products"} else created + updated


def _time(requests: int, limit: int, window_seconds: float) -> str:
    seconds = requests / limit * window_seconds
    rate = f"at {limit:,} in {window_seconds:g} s"
    if seconds < _MINUTE:
        return f"less than a minute {rate}"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:,.0f} minutes {rate}"
    return f"{seconds / _HOUR:,.0f} hours {rate}"
