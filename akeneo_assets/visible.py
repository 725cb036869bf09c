"""Escape control characters in text from servers, for terminals and logs."""

from __future__ import annotations

import re
from typing import Final

_OBEYED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters except tab and line feed, characters that change the text direction, and lone surrogates."""


def visible(text: str, *, line: bool = False) -> str:
    r"""Return ``text`` with all control characters escaped, e.g. ``\u001b`` for an escape.

    Args:
        text: The text. JSON remains equivalent.
        line: Whether to escape line feeds and tabs, too.
    """
    shown = _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return shown.replace("\n", "\\n").replace("\t", "\\t") if line else shown
