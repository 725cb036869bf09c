"""The channel, locales, currency and units in which values are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akeneo_assets.mapping.catalogue.structure import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.settings import MappingSettings


@dataclass(frozen=True, slots=True)
class Selection:
    """How values are read.

    Args:
        channel: The channel.
        locales: The locales in order of preference.
        currency: The currency of prices.
        units: The unit of measurements, by measurement family; others keep their own.
        links: Whether files and images are sent as links instead of codes.
    """

    channel: str | None
    locales: tuple[str, ...]
    currency: str | None
    units: Mapping[str, str] = field(default_factory=dict)
    links: bool = False

    def label(self, labels: Mapping[str, str], code: str) -> str:
        """Return the label in the first locale that has one, or else the code."""
        return next((labels[locale] for locale in self.locales if labels.get(locale)), code)

    def any_label(self, labels: Mapping[str, str], code: str) -> str:
        """Return the label in the first locale that has one, or else in any locale, or else the code."""
        return self.label(labels, "") or next((labels[locale] for locale in sorted(labels) if labels[locale]), code)


def select(settings: MappingSettings, structure: Structure) -> Selection:
    """Return the selection; unset settings default to the first channel and its first locale and currency."""
    code = settings.channel or min(structure.channels, default=None)
    channel = structure.channels.get(code or "", Channel(code or ""))
    locale = settings.locale or next(iter(channel.locales), None)
    chain = (locale, *settings.locale_fallbacks) if locale else settings.locale_fallbacks
    return Selection(
        channel=code,
        locales=tuple(dict.fromkeys(chain)),
        currency=settings.currency or next(iter(channel.currencies), None),
        units=settings.units,
        links=settings.media == "link",
    )
