"""How the server behaves where real ones differ: by edition, by operator, by bug."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError:
        raise ValueError("must be a time zone such as Europe/Paris") from None
    return name


class Switches(BaseModel):
    """Behaviour that a test or another process may change at any time."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    edition: Literal["CE", "EE", "GE", "Serenity"] = Field("Serenity", description="As system-information names it.")
    version: str = Field("20260601000000", description="As system-information names it.")
    loses_authorization: bool = Field(
        False, description="Whether the web server in front removes the Authorization header, as Apache may."
    )
    reference_entities: bool = Field(
        True, description="Whether the edition has reference entities and assets; without them their lists are 404."
    )
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "UTC", description="Zone of dates without offset, and of all dates shown."
    )
    token_seconds: int = Field(3600, ge=0, description="Lifetime of access tokens.")
    index_lag_seconds: float = Field(0, ge=0, description="Time from an edit until searches know of it.")
    category_order: Literal["children_first", "tree", "shuffled"] = Field(
        "children_first", description="Order of the list of categories; only some versions list by tree."
    )
    public_url: str | None = Field(None, description="Origin in links; none = that of the request.")
    record_page_size: int = Field(100, ge=1, description="Records in a page of a reference entity or an asset family.")
    asset_sharing: Literal["off", "on", "signed"] = Field(
        "on", description="Share links of the files of assets: none, lasting ones, or others in every answer."
    )
    quantified_model_key: Literal["identifier", "code"] = Field(
        "identifier", description="Key of models in quantified associations; Akeneo's own examples disagree."
    )
    lists_for_empty_maps: bool = Field(False, description="Answer [] where an empty {} is due.")
    numeric_codes_as_integers: bool = Field(False, description='Answer 2026 where the code "2026" is due.')

    def is_before(self, major: int) -> bool:
        """Whether the version is an older one than this; SaaS, whose versions are dates, never is."""
        number, dot, _ = self.version.partition(".")
        return bool(dot) and int(number) < major

    @property
    def zone(self) -> ZoneInfo:
        """The server's time zone."""
        return ZoneInfo(self.time_zone)
