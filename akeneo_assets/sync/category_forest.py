"""Finds the tree and the depth of each category, and orphans and cycles among the categories above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Place:
    """The position of a category in its tree.

    Attributes:
        root: Code of the tree; None if no root can be reached.
        depth: 0 for a root. Categories are delivered in this order.
        problem: Why the category cannot be sent, as ``(code, message)``; None if it can.
    """

    root: str | None
    depth: int
    problem: tuple[str, str] | None = None


class CategoryForest:
    """All known categories, by their parents.

    Args:
        parents: Category code → code of its parent, None for a root.
    """

    def __init__(self, parents: Mapping[str, str | None]) -> None:
        self._parents = parents

    @cached_property
    def places(self) -> dict[str, Place]:
        """The place of every category, found without recursion because trees may be deep and may contain cycles."""
        places: dict[str, Place] = {}
        for start in self._parents:
            path: list[str] = []
            code = start
            while code not in places and code not in path:
                path.append(code)
                parent = self._parents[code]
                if parent is None:
                    places[code] = Place(root=code, depth=0)
                elif parent not in self._parents:
                    places[code] = Place(root=None, depth=0, problem=_orphan(code, parent))
                else:
                    code = parent
            if code not in places:
                cycle = path[path.index(code) :]
                for member in cycle:
                    places[member] = Place(root=None, depth=0, problem=_cycle(cycle))
            for below in reversed(path):
                if below not in places:
                    places[below] = _below(below, self._parents[below], places)
        return places

    def ancestors(self, code: str) -> list[str]:
        """Codes from the root down to the parent of ``code``; stops where the chain breaks."""
        chain: list[str] = []
        parent = self._parents.get(code)
        while parent is not None and parent in self._parents and parent not in chain:
            chain.append(parent)
            parent = self._parents[parent]
        return chain[::-1]


def _below(code: str, parent: str | None, places: Mapping[str, Place]) -> Place:
    above = places[str(parent)]
    if above.problem is None:
        return Place(root=above.root, depth=above.depth + 1)
    message = f"Category '{code}' is blocked: its parent '{parent}' cannot be sent. Fix the parent first."
    return Place(root=None, depth=above.depth + 1, problem=("parent_not_sent", message))


def _orphan(code: str, parent: str) -> tuple[str, str]:
    message = (
        f"Category '{code}' has the parent '{parent}', which Akeneo does not list. "
        "Give the connection permission to see it, or give the category another parent."
    )
    return "missing_parent", message


def _cycle(members: list[str]) -> tuple[str, str]:
    start = members.index(min(members))
    ring = [*members[start:], *members[:start], members[start]]
    return "cycle", f"These categories form a cycle: {' → '.join(ring)}. Correct the parent of one of them in Akeneo."
