from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from akeneo_assets.sync.deliver.bundle_order import waves

_BUNDLES = st.sampled_from("abcdef")


def test_a_bundle_is_sent_after_its_components() -> None:
    assert waves({"home": {"sofa set", "dining set", "lamp"}, "sofa set": {"cushion"}, "dining set": set()}) == [
        ["dining set", "sofa set"],
        ["home"],
    ]


def test_bundles_that_contain_each_other_are_sent_last_and_together() -> None:
    assert waves({"a": {"b"}, "b": {"a"}, "c": {"a"}, "d": set()}) == [["c", "d"], ["a", "b"]]


def test_a_bundle_that_contains_itself_does_not_count_as_a_cycle() -> None:
    assert waves({"a": {"a"}}) == [["a"]]
    assert waves({}) == []


@given(st.dictionaries(_BUNDLES, st.sets(_BUNDLES)))
def test_every_bundle_is_sent_once(components: dict[str, set[str]]) -> None:
    order = [key for wave in waves(components) for key in wave]
    assert sorted(order) == sorted(components)


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda pair: pair[0] > pair[1])))
def test_without_a_cycle_every_component_is_sent_first(pairs: set[tuple[int, int]]) -> None:
    components = {str(number): {str(low) for high, low in pairs if high == number} for number in range(7)}
    place = {key: number for number, wave in enumerate(waves(components)) for key in wave}
    assert all(place[held] < place[key] for key, contained in components.items() for held in contained)
