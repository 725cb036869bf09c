from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from akeneo_assets.sync.plan.link_order import MOST_LEVELS, levels

_GRAPHS = st.integers(1, 12).flatmap(
    lambda size: st.lists(st.sets(st.integers(0, size - 1)), min_size=size, max_size=size).map(
        lambda graph: [targets - {own} for own, targets in enumerate(graph)]
    )
)


def incomplete(targets: list[set[int]], found: list[int]) -> set[int]:
    """The records that are not sent after all of their targets, so they have to be sent twice."""
    return {own for own, each in enumerate(targets) if any(found[target] >= found[own] for target in each)}


def test_a_record_is_sent_after_all_that_it_refers_to() -> None:
    assert levels([{1, 2}, {2}, set(), {0}]) == [2, 1, 0, 3]


def test_of_a_ring_one_record_is_sent_first() -> None:
    ring: list[set[int]] = [{1}, {2}, {0}]

    assert len(incomplete(ring, levels(ring))) == 1


def test_the_record_that_closes_most_rings_is_sent_first() -> None:
    star: list[set[int]] = [{3}, {3}, {3}, {0, 1, 2}, {3}]

    assert incomplete(star, levels(star)) == {3}


def test_a_bundle_waits_for_its_components_although_it_is_in_a_ring() -> None:
    # A bundle with two components that are related to it and to each other.
    links: list[set[int]] = [{1, 2}, {0, 2}, {0, 1}]

    assert 0 not in incomplete(links, levels(links, {0}))


def test_a_long_chain_is_cut() -> None:
    chain = [{number + 1} for number in range(1_000)] + [set[int]()]

    found = levels(chain)

    assert max(found) <= MOST_LEVELS
    assert len(incomplete(chain, found)) <= 1_000 / MOST_LEVELS


@given(_GRAPHS)
def test_only_records_of_the_first_level_are_sent_twice(targets: list[set[int]]) -> None:
    found = levels(targets)

    assert all(found[own] == 0 for own in incomplete(targets, found))


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] > pair[1])))
def test_without_a_ring_no_record_is_sent_twice(pairs: set[tuple[int, int]]) -> None:
    targets = [{low for high, low in pairs if high == own} for own in range(10)]

    assert incomplete(targets, levels(targets)) == set()
