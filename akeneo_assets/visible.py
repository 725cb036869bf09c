"""Texts of servers, made harmless for terminals and logs."""

from __future__ import annotations

import re
from typing import Final

_OBEYED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and line feed, the characters that turn the direction of text, and lone surrogates."""


def visible(text: str, *, line: bool = False) -> str:
    r"""Return ``text`` with everything that a terminal would obey written out, as ``\u001b`` for an escape.

    Args:
        text: The text; JSON stays the same document.
        line: Whether line feeds and tabs are written out, too.
    """
    shown = _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return shown.replace("\n", "\\n").replace("\t", "\\t") if line else shown
