"""Dates as Akeneo writes and reads them; internally they are whole seconds since the epoch."""

from __future__ import annotations

import re
from datetime import date, datetime, time, tzinfo

_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
_OFFSET = re.compile(r"(Z|[+-]\d{2}:\d{2})$")


def shown(moment: int, zone: tzinfo) -> str:
    """Return ``moment`` in the server's zone, e.g. ``2018-01-11T14:49:20+01:00``."""
    return datetime.fromtimestamp(moment, zone).isoformat()


def midnight(day: str, zone: tzinfo) -> str:
    """Return the value of a date attribute: ``day`` (``2018-01-11``) at midnight in the server's zone."""
    return datetime.combine(date.fromisoformat(day), time(), zone).isoformat()


def local_moment(text: object, zone: tzinfo) -> int | None:
    """Return the moment of ``YYYY-MM-DD hh:mm:ss`` in the server's zone, or None for any other text."""
    if not isinstance(text, str) or not _LOCAL.fullmatch(text):
        return None
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())
    except ValueError:
        return None


def iso_moment(text: object) -> int | None:
    """Return the moment of an ISO 8601 text with an offset, or None for any other text."""
    if not isinstance(text, str) or "T" not in text or not _OFFSET.search(text):
        return None
    try:
        # Python 3.10 does not read the Z.
        return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())
    except ValueError:
        return None
