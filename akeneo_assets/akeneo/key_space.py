"""Guess which keys a sorted list has at some positions, from the first keys and a later one.

A guess only decides where a piece of a list begins, so a wrong one costs time, but no record.
"""

from __future__ import annotations

import string
from bisect import bisect_left
from collections.abc import Sequence


def guessed_keys(first_keys: Sequence[str], later_key: str, position: int, count: int, number: int) -> list[str]:
    """Return this many keys in equal distances, as if all keys were as dense as the known ones; fewer if they end.

    Args:
        first_keys: The first keys of the list.
        later_key: A key behind them.
        position: The position of this key.
        count: The number of records of the list.
        number: How many keys.
    """
    space = _KeySpace([*first_keys, later_key])
    first, later = space.number(first_keys[0]), space.number(later_key)
    places = (first + (later - first) * count * each // (position * (number + 1)) for each in range(1, number + 1))
    return [space.key(place) for place in places if place < space.size]


class _KeySpace:
    """Keys as numbers whose digits are the characters that a key may have at each place, in their order."""

    def __init__(self, keys: Sequence[str]) -> None:
        lowered = [key.lower() for key in keys]
        length = max(map(len, lowered))
        self._alphabets = [_alphabet({key[place] for key in lowered if len(key) > place}) for place in range(length)]
        self.size = 1
        for alphabet in self._alphabets:
            self.size *= len(alphabet)

    def number(self, key: str) -> int:
        """Return the number of one of the keys; a key that ends has the first character at all further places."""
        number, characters = 0, key.lower()
        for place, alphabet in enumerate(self._alphabets):
            digit = bisect_left(alphabet, characters[place]) if place < len(characters) else 0
            number = number * len(alphabet) + digit
        return number

    def key(self, number: int) -> str:
        """Return the key of a number, which may belong to no record."""
        characters = []
        for alphabet in reversed(self._alphabets):
            number, digit = divmod(number, len(alphabet))
            characters.append(alphabet[digit])
        return "".join(reversed(characters))


def _alphabet(seen: set[str]) -> list[str]:
    """Return which characters other keys may have at a place where some were seen, in their order."""
    if seen <= set(string.digits):
        # A number that was constant so far may have other leading digits later.
        return list(string.digits)
    if len(seen) == 1 or not seen <= {*string.digits, *string.ascii_lowercase}:
        return sorted(seen)
    digits = "" if seen.isdisjoint(string.digits) else string.digits
    return list(digits + string.ascii_lowercase)
