"""Share links: the public URLs of asset files, if sharing is enabled; SaaS only.

Akeneo shows them in the bodies of assets and, with ``with_asset_share_links``, next to the values of products. Its
documentation does not say how long one is valid; in its examples they have no signature.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.structure import Structure
from akeneo_assets.sandbox.akeneo.switches import Switches

_HOST: Final = "https://assets.akeneo.example"


def share_link(asset: JsonObject, attribute: str, file_code: str, switches: Switches) -> str | None:
    """Return the public URL of a file of an asset; None if nothing is shared.

    Args:
        asset: The stored asset.
        attribute: Code of the media file attribute.
        file_code: Code of the file.
        switches: Whether files are shared, and whether URLs are signed.
    """
    if switches.edition != "Serenity" or switches.asset_sharing == "off":
        return None
    extension = file_code.rpartition(".")[2]
    address = f"{_HOST}/{asset['family']}/{attribute}/{asset['code']}.{extension}"
    return f"{address}?signature={uuid.uuid4().hex}" if switches.asset_sharing == "signed" else address


def linked_assets(family: str, codes: list[str], structure: Structure, switches: Switches) -> JsonObject:
    """Return the ``linked_data`` of a value with assets: the share links of each."""
    assets = structure.assets[family]
    return {code: {"share_links": list(_links(assets[code], structure, switches))} for code in codes}


def _links(asset: JsonObject, structure: Structure, switches: Switches) -> Iterator[JsonObject]:
    for attribute in structure.media_file_attributes.get(asset["family"], ()):
        for entry in asset["values"].get(attribute, ()):
            address = share_link(asset, attribute, entry["data"], switches)
            if address is not None:
                yield {
                    "attribute": attribute,
                    "scope": entry["channel"],
                    "locale": entry["locale"],
                    "_links": {"self": {"href": address}},
                }
