"""Which channel, locales and currency values are taken in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akeneo_assets.mapping.structure import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akeneo_assets.mapping.file_settings import MappingSettings
    from akeneo_assets.mapping.structure import Structure


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a value is taken.

    Args:
        channel: The channel.
        locales: The locales in the order of preference.
        currency: The currency of prices.
        units: The unit of measurements, by measurement family; others keep their own.
        links: Files and images by their link, not by their code.
    """

    channel: str | None
    locales: tuple[str, ...]
    currency: str | None
    units: Mapping[str, str] = field(default_factory=dict)
    links: bool = False

    def label(self, labels: Mapping[str, str], code: str) -> str:
        """Return the label in the first locale that has one, else the code."""
        return next((labels[locale] for locale in self.locales if labels.get(locale)), code)

    def any_label(self, labels: Mapping[str, str], code: str) -> str:
        """Return the label in the first locale that has one, else in any locale, else the code."""
        return self.label(labels, "") or next((labels[locale] for locale in sorted(labels) if labels[locale]), code)


def select(settings: MappingSettings, structure: Structure) -> Selection:
    """Fill what the mapping file leaves open from the catalogue: its first channel, that channel's first locale."""
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
