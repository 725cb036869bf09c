"""Redact secrets in messages and quoted responses, and so in logs.

Two methods are combined: the registered secrets of this process are masked wherever they appear, and patterns mask any
other secrets in typical places (headers, tokens in JSON, passwords in forms and URLs).
"""

from __future__ import annotations

import bisect
import json
import re
import threading
import traceback
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
_SUMMARY_CHARACTERS = 200
SHORTEST_SECRET = 4
"""Shorter secrets are not masked: masking every "a" would garble the text, and still not hide the secret."""

_NAME = r"[\w-]*(?:token|password|passwd|secret|api[_-]?key)"
_IS_SECRET = re.compile(_NAME, re.IGNORECASE).fullmatch
_IS_WORD = re.compile(r"[\w-]+").fullmatch
_NAMES = ("token", "password", "passwd", "secret", "api_key", "api-key", "apikey")
_PATTERNS = tuple(
    (words, tuple((re.compile(pattern, re.IGNORECASE), replacement) for pattern, replacement in patterns))
    for words, patterns in (
        (
            ("authorization",),
            (
                # A header in JSON or in Python's repr.
                (r"""(["']authorization["']\s*:\s*)(["'])(?:\\.|(?!\2)[^\\])*(?:\2|\\?$)""", rf"\1\2{MASK}\2"),
                (r"(authorization\s*[:=]\s*)[^\r\n]+", rf"\1{MASK}"),
            ),
        ),
        (("bearer", "basic"), ((r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", rf"\1 {MASK}"),)),
        (
            _NAMES,
            (
                # A secret in JSON or in Python's repr, even if it is cut off.
                (rf"""((["']){_NAME}\2\s*:\s*)(["'])(?:\\.|(?!\3)[^\\])*(?:\3|\\?$)""", rf"\1\3{MASK}\3"),
                (rf"""((["']){_NAME}\2\s*:\s*)[\w.+-]+""", rf"\1{MASK}"),
                # A secret in a query or a form. Matches start at the beginning of a word, to avoid searching long words
                # again from each position.
                (rf"(?<![\w-])({_NAME}=)[^&\s\"'<>]+", rf"\1{MASK}"),
            ),
        ),
        # Credentials in a URL.
        (("@",), ((r"(\w://)[^/\s@]+@", rf"\1{MASK}@"),)),
    )
)
"""Patterns with their replacements, after words of which every match has one: most texts have none of the words, and
looking for a word takes a hundredth of the time."""


class _Registry:
    """The secrets of this process, in all spellings used by JSON, forms, URLs and Python's repr.

    They are searched one by one: a daemon gets new tokens all the time, and a combined pattern would have to be
    compiled again for each.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spellings: set[str] = set()
        self._longest_first: dict[bool, list[str]] = {True: [], False: []}
        """Whether a spelling is a word → the spellings."""
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
                chosen = self._longest_first[_IS_WORD(spelling) is not None]
                bisect.insort(chosen, spelling, key=lambda each: -len(each))
                self.longest = max(self.longest, len(spelling))

    def mask(self, text: str, *, words: bool) -> str:
        """Mask the secrets that are words, or the others."""
        with self._lock:
            for spelling in self._longest_first[words]:
                text = text.replace(spelling, MASK)
        return text


_registry = _Registry()


def register_secret(value: str) -> None:
    """Mask ``value`` in all texts of this process from now on."""
    if len(value) >= SHORTEST_SECRET:
        _registry.add(value)


def redact(text: str) -> str:
    """Return ``text`` with every secret replaced by ``***``."""
    # A secret that is a word may be a part of a name, such as "secret", by which the patterns find other secrets. Any
    # other secret may contain a name, so it is masked before the patterns mask a part of it.
    text = _registry.mask(text, words=False)
    folded = text.casefold()
    for words, patterns in _PATTERNS:
        if any(word in folded for word in words):
            for pattern, replacement in patterns:
                text = pattern.sub(replacement, text)
    return _registry.mask(text, words=True)


def without_secrets(document: Any) -> Any:
    """Return a JSON document with every secret replaced by ``***``; it is still a document."""
    if isinstance(document, dict):
        return {
            name: MASK if isinstance(value, str) and _IS_SECRET(name) else without_secrets(value)
            for name, value in document.items()
        }
    if isinstance(document, list):
        return [without_secrets(value) for value in document]
    return redact(document) if isinstance(document, str) else document


def summary_of(error: BaseException) -> str:
    """Return the type of an error and the first line of its message, without secrets."""
    said = next(iter(beginning(str(error).strip(), _SUMMARY_CHARACTERS).splitlines()), "")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def traceback_of(error: BaseException) -> str:
    """Return the traceback of an error, without secrets."""
    return redact("".join(traceback.format_exception(type(error), error, error.__traceback__)))


def beginning(text: str | bytes, characters: int) -> str:
    """Return the beginning of ``text`` without secrets; the time does not depend on the length of the text.

    Args:
        text: Text, or UTF-8 bytes.
        characters: Maximum number of characters to return; fewer are returned if long secrets were masked.
    """
    longest = _registry.longest
    size = characters + 4 * longest
    if isinstance(text, bytes):
        # A character has at most four bytes.
        text = text[: 4 * size + 4].decode(errors="replace")
    shown = redact(text[:size])
    if len(text) > size:
        # A secret that was cut off is not recognized, so drop as many characters as the longest secret has.
        shown = shown[: max(0, len(shown) - longest)]
    return shown[:characters]
