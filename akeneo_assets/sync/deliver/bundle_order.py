"""The order of bundles that contain each other."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter


def waves(components: Mapping[str, set[str]]) -> list[list[str]]:
    """Group bundles so that every bundle comes after the bundles it contains.

    Args:
        components: Bundle → its components. Components that are not keys themselves are ignored.

    Returns:
        Groups in order of delivery. Bundles that contain each other form one group at the end, and their links are
        repaired afterwards.
    """
    graph = {key: contained & components.keys() - {key} for key, contained in components.items()}
    ring: list[str] = []
    while True:
        sorter = TopologicalSorter(graph)
        try:
            sorter.prepare()
            break
        except CycleError as error:
            members = set(error.args[1])
            ring.extend(sorted(members))
            graph = {key: contained - members for key, contained in graph.items() if key not in members}
    groups: list[list[str]] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        groups.append(ready)
        sorter.done(*ready)
    return [*groups, ring] if ring else groups
