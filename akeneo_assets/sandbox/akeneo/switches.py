"""How the server behaves where real ones differ: by edition, by configuration, or because of a bug."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from akeneo_assets.sandbox.akeneo.pagination import MAXIMUM_LIMIT, PAGE_WALL, NextLinks


def _known_zone(name: str | None) -> str | None:
    try:
        ZoneInfo(name or "UTC")
    except ZoneInfoNotFoundError:
        raise ValueError("must be a time zone such as Europe/Paris") from None
    return name


class Switches(BaseModel):
    """Behaviour that a test or another process can change at any time."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    edition: Literal["CE", "EE", "GE", "Serenity"] = Field("Serenity", description="As in system-information.")
    version: str = Field("20260601000000", description="As in system-information.")
    loses_authorization: bool = Field(
        False, description="Whether the web server in front removes the Authorization header, as Apache may."
    )
    reference_entities: bool = Field(
        True, description="Whether the edition has reference entities and assets; if not, their lists respond with 404."
    )
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "UTC", description="Time zone of dates without an offset, and of all dates in responses."
    )
    search_zone: Annotated[str | None, AfterValidator(_known_zone)] = Field(
        None, description="Time zone of dates in searches for products and models, if it is not that of responses."
    )
    token_seconds: int = Field(3600, ge=0, description="Lifetime of access tokens.")
    index_lag_seconds: float = Field(0, ge=0, description="Time from an edit until searches find it.")
    category_order: Literal["children_first", "tree", "shuffled"] = Field(
        "children_first", description="Order of the list of categories; only some versions list them by tree."
    )
    list_order: Literal["key", "shuffled"] = Field("key", description="Order of products and product models.")
    maximum_limit: int = Field(
        MAXIMUM_LIMIT, ge=1, description="The largest page of products and product models; larger ones are refused."
    )
    page_wall: int = Field(PAGE_WALL, ge=1, description="The last product or model that is returned by page number.")
    next_links: NextLinks = Field("full_pages", description="Which pages have a link to the next one.")
    complete_links: bool = Field(False, description="Whether links repeat the parameters that Akeneo leaves out.")
    refused_filters: frozenset[str] = Field(
        frozenset(), description="Filters that this version does not support, e.g. `products-uuid parent IN`."
    )
    deep_parents: bool = Field(True, description="Whether a search for `parent =` finds more than the next level.")
    ignored_parameters: frozenset[str] = Field(
        frozenset(), description="Query parameters that this version does not know, and therefore ignores."
    )
    public_url: str | None = Field(None, description="Origin in links; empty = that of the request.")
    largest_product_page: int = Field(
        100, ge=1, le=100, description="Larger pages of products and models fail with 500, as if memory ran out."
    )
    record_page_size: int = Field(100, ge=1, description="Page size of reference entities and asset families.")
    asset_sharing: Literal["off", "on", "signed"] = Field(
        "on", description="Share links of asset files: none, permanent ones, or new ones in every response."
    )
    quantified_model_key: Literal["identifier", "code"] = Field(
        "identifier", description="Key of models in quantified associations; Akeneo's own examples disagree."
    )
    lists_for_empty_maps: bool = Field(False, description="Respond with [] instead of an empty {}.")
    numeric_codes_as_integers: bool = Field(
        False, description='Respond with the number 2026 instead of the code "2026".'
    )

    def is_before(self, major: int) -> bool:
        """Whether the version is older than this one; SaaS, whose versions are dates, never is."""
        number, dot, _ = self.version.partition(".")
        return bool(dot) and int(number) < major

    @property
    def encrypts_cursors(self) -> bool:
        """Whether only the server can create cursors of products and models."""
        return self.is_before(6)

    @property
    def zone(self) -> ZoneInfo:
        """The server's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def zone_of_searches(self) -> ZoneInfo:
        """The time zone of dates in searches."""
        return ZoneInfo(self.search_zone or self.time_zone)
