"""Keeping secrets out of messages and of answers that are quoted, and so out of whatever is logged of them.

Two nets: the exact secrets of this process, wherever they appear, and the places where secrets of anybody stand
(headers, tokens in JSON, passwords in forms and addresses).
"""

from __future__ import annotations

import bisect
import json
import re
import threading
import traceback
from urllib.parse import quote, quote_plus

MASK = "***"
_SUMMARY_CHARACTERS = 200
SHORTEST_SECRET = 4
"""A shorter registered secret is not searched for: masking every "a" would hide the text, and not the secret."""

_NAME = r"[\w-]*(?:token|password|passwd|secret|api[_-]?key)"
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # A header in JSON, or as Python writes it.
        (r"""(["']authorization["']\s*:\s*)(["'])(?:\\.|(?!\2)[^\\])*(?:\2|\\?$)""", rf"\1\2{MASK}\2"),
        (r"(authorization\s*[:=]\s*)[^\r\n]+", rf"\1{MASK}"),
        (r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", rf"\1 {MASK}"),
        # A secret in JSON, also cut off in the middle or as Python writes it.
        (rf"""((["']){_NAME}\2\s*:\s*)(["'])(?:\\.|(?!\3)[^\\])*(?:\3|\\?$)""", rf"\1\3{MASK}\3"),
        (rf"""((["']){_NAME}\2\s*:\s*)[\w.+-]+""", rf"\1{MASK}"),
        # A secret in a query or a form.
        # Only where a word begins: from each of its parts on, a long word would be searched again.
        (rf"(?<![\w-])({_NAME}=)[^&\s\"'<>]+", rf"\1{MASK}"),
        # The credentials of an address.
        (r"(\w://)[^/\s@]+@", rf"\1{MASK}@"),
    )
)


class _Registry:
    """The secrets of this process, in each spelling in which JSON, forms, addresses and Python write them.

    They are looked for one by one: a daemon gets new tokens all the time, and a pattern of all of them would have to be
    compiled again for each.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spellings: set[str] = set()
        self._longest_first: list[str] = []
        self.longest = 0

    def add(self, secret: str) -> None:
        spellings = {
            secret,
            quote(secret),
            quote(secret, safe=""),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            repr(secret)[1:-1],
        }
        with self._lock:
            for spelling in spellings - self._spellings:
                self._spellings.add(spelling)
                bisect.insort(self._longest_first, spelling, key=lambda each: -len(each))
                self.longest = max(self.longest, len(spelling))

    def mask(self, text: str) -> str:
        with self._lock:
            for spelling in self._longest_first:
                text = text.replace(spelling, MASK)
        return text


_registry = _Registry()


def register_secret(value: str) -> None:
    """Hide ``value`` in this process from now on."""
    if len(value) >= SHORTEST_SECRET:
        _registry.add(value)


def redact(text: str) -> str:
    """Return ``text`` with every secret replaced by ``***``."""
    text = _registry.mask(text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def summary_of(error: BaseException) -> str:
    """Return the kind of an error, and the first line of its text without secrets."""
    said = next(iter(beginning(str(error).strip(), _SUMMARY_CHARACTERS).splitlines()), "")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def traceback_of(error: BaseException) -> str:
    """Return the traceback of an error without secrets."""
    return redact("".join(traceback.format_exception(type(error), error, error.__traceback__)))


def beginning(text: str | bytes, characters: int) -> str:
    """Return the beginning of ``text`` without secrets; the cost does not grow with the length of the text.

    Args:
        text: A text, or the UTF-8 of one.
        characters: How many characters to return at most. Fewer come back where long secrets were replaced.
    """
    longest = _registry.longest
    size = characters + 4 * longest
    if isinstance(text, bytes):
        # No character takes more than four bytes.
        text = text[: 4 * size + 4].decode(errors="replace")
    shown = redact(text[:size])
    if len(text) > size:
        # A secret that was cut in half is not recognised. What is left of it is shorter than the longest secret.
        shown = shown[: max(0, len(shown) - longest)]
    return shown[:characters]
