"""The ``search`` parameter of Akeneo's lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from typing import Literal, TypeAlias

import orjson

from akeneo_assets.akeneo.endpoints import ENDPOINTS
from akeneo_assets.documents import JsonObject

Operator: TypeAlias = Literal[
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "BETWEEN",
    "NOT BETWEEN",
    "SINCE LAST N DAYS",
    "IN",
    "NOT IN",
    "IN CHILDREN",
    "NOT IN CHILDREN",
    "IN OR UNCLASSIFIED",
    "UNCLASSIFIED",
    "EMPTY",
    "NOT EMPTY",
    "STARTS WITH",
    "CONTAINS",
    "DOES NOT CONTAIN",
]
SearchValue: TypeAlias = "str | int | float | bool | Sequence[str] | None"


@dataclass(frozen=True)
class Criterion:
    """One condition on one property.

    Args:
        property: A property or the code of an attribute.
        operator: Akeneo's operator; each property supports only some.
        value: The value to compare with; None for operators without a value.
        locale: For a localizable attribute.
        scope: For a scopable attribute.
    """

    property: str
    operator: Operator
    value: SearchValue = None
    locale: str | None = None
    scope: str | None = None

    def document(self) -> JsonObject:
        """Return the condition in the format of the API."""
        optional = {"value": self.value, "locale": self.locale, "scope": self.scope}
        return {
            "operator": self.operator,
            **{name: given for name, given in optional.items() if given is not None},
        }


class Search:
    """Conditions that must all be met; immutable.

    Args:
        criteria: The conditions.
    """

    def __init__(self, *criteria: Criterion) -> None:
        self.criteria = criteria

    def where(
        self,
        name: str,
        operator: Operator,
        value: SearchValue = None,
        *,
        locale: str | None = None,
        scope: str | None = None,
    ) -> Search:
        """Return a search with one more condition; see :class:`Criterion`."""
        return Search(*self.criteria, Criterion(name, operator, value, locale, scope))

    def updated_after(self, endpoint: str, moment: datetime, server_zone: tzinfo = timezone.utc) -> Search:
        """Return a search for records updated in a later second than ``moment``; supported by all lists with dates."""
        return self.where("updated", ">", date_text(endpoint, moment, server_zone))

    def __str__(self) -> str:
        """Return the value of the ``search`` parameter, not URL-encoded."""
        document: dict[str, list[JsonObject]] = {}
        for criterion in self.criteria:
            document.setdefault(criterion.property, []).append(criterion.document())
        return orjson.dumps(document).decode()


def date_text(endpoint: str, moment: datetime, server_zone: tzinfo = timezone.utc) -> str:
    """Return ``moment`` in the date format of this list's search; Akeneo rejects the other format.

    Raises:
        ValueError: ``moment`` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    if ENDPOINTS[endpoint].dates == "local":
        return moment.astimezone(server_zone).strftime("%Y-%m-%d %H:%M:%S")
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
