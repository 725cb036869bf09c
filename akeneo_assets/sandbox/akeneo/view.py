"""The parts of a product or model that a request asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from akeneo_assets.sandbox.akeneo.errors import listed, unprocessable
from akeneo_assets.sandbox.akeneo.structure import Structure


@dataclass(frozen=True)
class View:
    """The parameters that shape a body.

    Args:
        scope: Only values of this channel and values without a channel.
        locales: Only values of these locales and values without a locale.
        attributes: Only these attributes.
        attribute_options: Add ``linked_data`` to select values.
        asset_share_links: Add ``linked_data`` to asset collections.
        completenesses: Add ``completenesses``.
        quality_scores: Add ``quality_scores``.
        root_parent: Add ``root_parent``.
    """

    scope: str | None = None
    locales: frozenset[str] | None = None
    attributes: frozenset[str] | None = None
    attribute_options: bool = False
    asset_share_links: bool = False
    completenesses: bool = False
    quality_scores: bool = False
    root_parent: bool = False


def read_view(query: Mapping[str, str], structure: Structure) -> View:
    """Read and check the parameters that shape bodies.

    A ``scope`` without ``locales`` keeps only the channel's locales.

    Raises:
        ApiError: A channel, locale or attribute does not exist; a single such code fails the whole request.
    """
    scope = query.get("scope")
    if scope is not None and scope not in structure.channels:
        raise unprocessable(f'Scope "{scope}" does not exist.')
    locales = _codes(query.get("locales"))
    _check_locales(locales or (), scope, structure)
    if locales is None and scope is not None:
        locales = structure.channels[scope]["locales"]
    attributes = _codes(query.get("attributes"))
    unknown = [code for code in attributes or () if code not in structure.attributes]
    if unknown:
        raise unprocessable(listed("Attribute", "Attributes", unknown, "does not exist.", "do not exist."))
    return View(
        scope=scope,
        locales=None if locales is None else frozenset(locales),
        attributes=None if attributes is None else frozenset(attributes),
        attribute_options=query.get("with_attribute_options") == "true",
        asset_share_links=query.get("with_asset_share_links") == "true",
        completenesses=query.get("with_completenesses") == "true",
        quality_scores=query.get("with_quality_scores") == "true",
        root_parent=query.get("with_root_parent") == "true",
    )


def _codes(text: str | None) -> list[str] | None:
    return None if text is None else text.split(",")


def _check_locales(locales: Iterable[str], scope: str | None, structure: Structure) -> None:
    inactive = [code for code in locales if code not in structure.locales]
    if inactive:
        raise unprocessable(
            listed(
                "Locale",
                "Locales",
                inactive,
                "does not exist or is not activated.",
                "do not exist or are not activated.",
            )
        )
    active = structure.channels[scope]["locales"] if scope else list(locales)
    foreign = [code for code in locales if code not in active]
    if foreign:
        ending = f'activated for the scope "{scope}".'
        raise unprocessable(listed("Locale", "Locales", foreign, f"is not {ending}", f"are not {ending}"))
