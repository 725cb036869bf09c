"""Choose one of an attribute's entries by channel and locale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from akeneo_assets.mapping.shapes import as_list

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.selection import Selection

_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})


class EntryChooser:
    """Chooses entries for one channel and a list of preferred locales.

    Args:
        selection: Channel and locales.
    """

    def __init__(self, selection: Selection) -> None:
        self._channel = selection.channel
        self._ranks: dict[str | None, int] = {locale: rank for rank, locale in enumerate(selection.locales)}
        self._ranks[None] = len(self._ranks)

    def choose(self, entries: Any, *, any_locale: bool = False) -> JsonObject | None:
        """Return the best entry with a value: own channel before no channel, preferred locales before no locale.

        Args:
            entries: The entries of one attribute. An attribute that is not localizable may still have entries
                with a locale: Akeneo adds converted measurements that way. The channel is ``scope`` in products
                and ``channel`` in records of reference entities.
            any_locale: Fall back to any other locale, the first by code.
        """
        best: tuple[bool, int, str] | None = None
        chosen = None
        for entry in as_list(entries):
            if not isinstance(entry, dict) or entry.get("data") in _EMPTY:
                continue
            locale = entry.get("locale")
            scope = entry.get("scope") if "scope" in entry else entry.get("channel")
            if (scope is not None and scope != self._channel) or not (locale is None or isinstance(locale, str)):
                continue
            rank = self._ranks.get(locale, len(self._ranks) if any_locale else None)
            if rank is None:
                continue
            order = (scope is None, rank, locale or "")
            if best is None or order < best:
                best, chosen = order, entry
        return chosen

    def reason(self, entry: JsonObject) -> str:
        """Return why ``entry`` was chosen: ``own locale``, ``fallback 1``, ``no locale`` or ``any locale``."""
        locale = entry.get("locale")
        rank = self._ranks.get(locale)
        if locale is None:
            return "no locale"
        if rank is None:
            return "any locale"
        return f"fallback {rank}" if rank else "own locale"
