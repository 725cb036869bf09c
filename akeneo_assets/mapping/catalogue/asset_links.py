"""Links to assets: the share link of the file, or else the link that a media link attribute holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akeneo_assets.mapping.shapes import as_list, as_map, as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject


@dataclass(frozen=True, slots=True)
class MediaLink:
    """An attribute of an asset family whose values are links.

    Args:
        attribute: Its code.
        prefix: Text before each value.
        suffix: Text after each value.
    """

    attribute: str
    prefix: str = ""
    suffix: str = ""


def media_links(documents: Iterable[tuple[str, JsonObject]]) -> dict[str, tuple[MediaLink, ...]]:
    """Return the link attributes of each asset family, sorted.

    Args:
        documents: Asset attributes by key, ``<family>/<attribute>``.
    """
    found: dict[str, tuple[MediaLink, ...]] = {}
    for key, body in sorted(documents, key=lambda document: document[0]):
        if body.get("type") == "media_link":
            family, _, code = key.partition("/")
            prefix, suffix = as_text(body.get("prefix")) or "", as_text(body.get("suffix")) or ""
            found[family] = (*found.get(family, ()), MediaLink(code, prefix, suffix))
    return found


def share_link(entry: JsonObject, code: str, choose: Callable[[Any], JsonObject | None]) -> str | None:
    """Return the first share link of an asset for the channel and locale.

    Only Akeneo SaaS sends share links: one for each shared file, with the channel and locale of the file.

    Args:
        entry: The entry of a product value.
        code: The code of one of its assets.
        choose: Chooses one of several entries.
    """
    links = map(as_map, as_list(as_map(as_map(entry.get("linked_data")).get(code)).get("share_links")))
    addresses = [
        {**link, "data": as_text(as_map(as_map(link.get("_links")).get("self")).get("href"))} for link in links
    ]
    chosen = choose(addresses)
    return None if chosen is None else str(chosen["data"])


def media_link(
    values: JsonObject, links: Iterable[MediaLink], choose: Callable[[Any], JsonObject | None]
) -> str | None:
    """Return the link in the first of ``links`` that has a value.

    Akeneo SaaS sends the whole URL, which for some video platforms is more than prefix, value and suffix.

    Args:
        values: The values of the asset.
        links: The link attributes of its family.
        choose: Chooses one of an attribute's entries.
    """
    for link in links:
        entry = choose(values.get(link.attribute))
        if entry is not None and (text := as_text(entry["data"])):
            whole = as_text(as_map(entry.get("linked_data")).get("full_url"))
            return whole or f"{link.prefix}{text}{link.suffix}"
    return None
