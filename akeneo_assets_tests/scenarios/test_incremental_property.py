"""Whatever is edited, whenever it is polled, whatever is killed: iPaaS.com becomes what a full load would make it.

The suite runs a fixed number of examples; ``HYPOTHESIS_PROFILE=long`` (``make property``) runs many more.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, event, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sync.engine import Engine
from akeneo_assets_tests.scenarios.moving import MAKE_MOVES, MOVES, document_of, free_values, save, uuid_of
from akeneo_assets_tests.scenarios.polling import (
    LONGER_THAN_A_LEASE,
    Calls,
    Clock,
    Killed,
    Polled,
    poll,
    poll_steps,
    remap,
    remap_steps,
)
from akeneo_assets_tests.scenarios.small_world import (
    BUNDLES,
    ROOTS,
    SIMPLE,
    SUB_MODELS,
    VARIANTS,
    SmallWorld,
    loaded_state,
)
from akeneo_assets_tests.scenarios.sold_twice import watch_what_is_for_sale
from akeneo_assets_tests.scenarios.world import World, is_as_a_full_load

_UNHURRIED: Final = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
settings.register_profile(
    "suite",
    _UNHURRIED,
    max_examples=4,
    stateful_step_count=12,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
settings.register_profile("long", _UNHURRIED, max_examples=400, stateful_step_count=30)
_PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE", "suite")

_POLLS_TO_REST: Final = 4
_LONGEST_LAG: Final = 240.0
_STEPS_OF_A_POLL: Final = 40
_CLOCK_ERRORS: Final = (-3600.0, -600.0, 0.0, 600.0, 3600.0)

_SIMPLE_FAMILIES = ("accessories", "home_textiles", "tableware", None)
_LEAVES = ("hats", "mugs", "women_shirts", "evergreen_basics")
# What may be moved, and below what: none of them ever comes below itself.
_MOVED = ("hats", "mugs", "women_tops", "evergreen")
_PARENTS = ("accessories", "kitchen", "clothing_men", "collections", "master")
_TEXTS = ("Alpha", "Beta", None)
_SIZES = ("xs", "l")
_COLORS = ("navy", "forest")


def _text(data: str | None) -> list[JsonObject]:
    return [value(data, locale="de_DE")]


def _members(world: World, names: Sequence[str]) -> JsonObject:
    keys = (uuid_of(world, name) for name in names if name not in ROOTS)
    return {
        "products": sorted(key for key in keys if key is not None),
        "product_models": sorted(name for name in names if name in ROOTS),
        "groups": [],
    }


def _quantities(world: World, counts: Mapping[str, int]) -> JsonObject:
    keys = {uuid_of(world, name): count for name, count in sorted(counts.items())}
    return {
        "products": [{"uuid": key, "quantity": count} for key, count in keys.items() if key is not None],
        "product_models": [],
    }


_EDITS: Final[Mapping[str, st.SearchStrategy[tuple[Any, ...]]]] = {
    "product_name": st.tuples(st.sampled_from((*SIMPLE, *BUNDLES)), st.sampled_from(_TEXTS)),
    "enabled": st.tuples(st.sampled_from((*SIMPLE, *VARIANTS)), st.booleans()),
    "family": st.tuples(st.sampled_from(SIMPLE), st.sampled_from(_SIMPLE_FAMILIES)),
    "categories": st.tuples(
        st.sampled_from((*SIMPLE, *VARIANTS)), st.lists(st.sampled_from(_LEAVES), unique=True, max_size=2)
    ),
    "model_categories": st.tuples(
        st.sampled_from((*ROOTS, *SUB_MODELS)), st.lists(st.sampled_from(_LEAVES), unique=True, max_size=2)
    ),
    "association": st.tuples(
        st.sampled_from((*SIMPLE, *VARIANTS)),
        st.lists(st.sampled_from((*SIMPLE, *ROOTS)), unique=True, max_size=2),
    ),
    "model_association": st.tuples(
        st.sampled_from((*ROOTS, *SUB_MODELS)), st.lists(st.sampled_from(SIMPLE), unique=True, max_size=2)
    ),
    "quantity": st.tuples(
        st.sampled_from(BUNDLES),
        st.dictionaries(st.sampled_from((*SIMPLE, *VARIANTS)), st.integers(1, 3), max_size=3),
    ),
    "model_name": st.tuples(st.sampled_from(ROOTS), st.sampled_from(_TEXTS)),
    "tagline": st.tuples(st.sampled_from(SUB_MODELS), st.sampled_from(_TEXTS)),
    "stock": st.tuples(st.sampled_from(VARIANTS), st.sampled_from((5, 6, None))),
    "category_label": st.tuples(st.sampled_from((*_MOVED, "master")), st.sampled_from(("Alpha", "Beta"))),
    "category_move": st.tuples(st.sampled_from(_MOVED), st.sampled_from(_PARENTS)),
    "new_category": st.tuples(st.sampled_from(("new_a", "new_b")), st.sampled_from((*_PARENTS, None))),
    "option_label": st.tuples(st.sampled_from(("white", "sage", "sand")), st.sampled_from(("Alpha", "Beta"))),
    "new_product": st.tuples(st.sampled_from(("mug-new", "hat-new")), st.sampled_from(_SIMPLE_FAMILIES)),
    "new_variant": st.tuples(st.sampled_from(SUB_MODELS), st.sampled_from(_SIZES)),
    "new_sofa": st.tuples(st.sampled_from(_COLORS)),
    "new_model": st.tuples(st.sampled_from(("shirt-new", "jacket-new")), st.sampled_from(_COLORS)),
    **MOVES,
}


def _option_label(world: World, code: str, text: str) -> None:
    # The code keeps labels of one model apart: equal ones are another story.
    world.edit.save_option("color", code, {"labels": {"de_DE": f"{text} {code}"}})


def _family(world: World, name: str, family: str | None) -> None:
    document = document_of(world, name)
    if document is not None and document["parent"] is None:
        save(world, name, {"family": family})


def _new_product(world: World, name: str, family: str | None) -> None:
    save(world, name, {"family": family}, create=True)


def _new_variant(world: World, parent: str, size: str) -> None:
    if size in free_values(world, parent):
        above = {"family": "clothing", "parent": parent}
        save(world, f"{parent}-{size}", {**above, "values": {"size": [value(size)]}}, create=True)


def _new_sofa(world: World, color: str) -> None:
    if color in free_values(world, "fjord-sofa"):
        above = {"family": "sofas", "parent": "fjord-sofa"}
        save(world, f"fjord-sofa-{color}", {**above, "values": {"color": [value(color)]}}, create=True)


def _new_model(world: World, code: str, color: str) -> None:
    model = {"family": "clothing", "family_variant": "clothing_color_size"}
    world.edit.save_model(code, model)
    world.edit.save_model(f"{code}-{color}", {**model, "parent": code, "values": {"color": [value(color)]}})
    for size in ("s", "m"):
        _new_variant(world, f"{code}-{color}", size)


_MAKE: Final[Mapping[str, Callable[..., object]]] = {
    "product_name": lambda world, name, text: save(world, name, {"values": {"name": _text(text)}}),
    "enabled": lambda world, name, enabled: save(world, name, {"enabled": enabled}),
    "family": _family,
    "categories": lambda world, name, codes: save(world, name, {"categories": sorted(codes)}),
    "model_categories": lambda world, code, codes: world.edit.save_model(code, {"categories": sorted(codes)}),
    "association": lambda world, name, others: save(
        world, name, {"associations": {"accessories": _members(world, others)}}
    ),
    "model_association": lambda world, code, others: world.edit.save_model(
        code, {"associations": {"accessories": _members(world, others)}}
    ),
    "quantity": lambda world, name, counts: save(
        world, name, {"quantified_associations": {"PRODUCTSET": _quantities(world, counts)}}
    ),
    "model_name": lambda world, code, text: world.edit.save_model(code, {"values": {"name": _text(text)}}),
    "tagline": lambda world, code, text: world.edit.save_model(
        code, {"values": {"tagline": [value(text, scope="ecommerce")]}}
    ),
    "stock": lambda world, name, count: save(world, name, {"values": {"stock_quantity": [value(count)]}}),
    "category_label": lambda world, code, text: world.edit.save_category(code, {"labels": {"de_DE": text}}),
    "category_move": lambda world, code, parent: world.edit.save_category(code, {"parent": parent}),
    "new_category": lambda world, code, parent: world.edit.save_category(code, {"parent": parent}),
    "option_label": _option_label,
    "new_product": _new_product,
    "new_variant": _new_variant,
    "new_sofa": _new_sofa,
    "new_model": _new_model,
    **MAKE_MOVES,
}

_AN_EDIT: Final[st.SearchStrategy[tuple[str, tuple[Any, ...]]]] = st.sampled_from(sorted(_EDITS)).flatmap(
    lambda kind: st.tuples(st.just(kind), _EDITS[kind])
)


class Incremental(RuleBasedStateMachine):
    """Edits, polls, kills and time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self._cleanup = ExitStack()
        self.clock = Clock()
        self._cleanup.enter_context(pytest.MonkeyPatch.context()).setattr(time, "time", self.clock)
        folder = Path(self._cleanup.enter_context(tempfile.TemporaryDirectory()))
        shutil.copytree(loaded_state(), folder, dirs_exist_ok=True)
        self.world = self._cleanup.enter_context(SmallWorld(folder, self.clock))
        self._sold_twice = watch_what_is_for_sale(self.world.ipaas)

    @initialize(put_merges=st.booleans())
    def some_time_later(self, put_merges: bool) -> None:
        self.world.ipaas.put_merges = put_merges
        self.clock.pass_time(3600.0)

    @invariant()
    def nothing_was_for_sale_twice(self) -> None:
        assert self._sold_twice == []

    @rule(edit=_AN_EDIT)
    def edit(self, edit: tuple[str, tuple[Any, ...]]) -> None:
        self._edit(edit)

    @rule(edits=st.lists(_AN_EDIT, min_size=2, max_size=4))
    def several_edits(self, edits: list[tuple[str, tuple[Any, ...]]]) -> None:
        for each in edits:
            self._edit(each)

    @rule(seconds=st.sampled_from((0.0, 20.0, _LONGEST_LAG)))
    def index_lags(self, seconds: float) -> None:
        self.world.sandbox.akeneo.switches.index_lag_seconds = seconds

    @rule(seconds=st.sampled_from((1.0, 30.0, 400.0, 4000.0)))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_time(seconds)

    @rule(seconds=st.sampled_from(_CLOCK_ERRORS))
    def our_clock_jumps(self, seconds: float) -> None:
        self.clock.wrong_by = seconds

    @rule()
    def poll(self) -> None:
        poll(self._engine())

    @rule()
    def read_the_structure(self) -> None:
        remap(self._engine())

    @rule(at=st.integers(1, 40), edit=_AN_EDIT, structure=st.booleans())
    def poll_while_an_edit_is_made(self, at: int, edit: tuple[str, tuple[Any, ...]], structure: bool) -> None:
        engine = self._engine()
        calls = Calls()
        calls.act(at, lambda: self._edit(edit))
        with calls.watching(engine, database=False):
            self._run(engine, structure=structure)
        if calls.count < at:
            self._edit(edit)

    @rule(at=st.integers(1, 120), structure=st.booleans())
    def poll_that_is_killed(self, at: int, structure: bool) -> None:
        engine = self._engine()
        calls = Calls()
        calls.kill(at)
        with calls.watching(engine), suppress(Killed):
            self._run(engine, structure=structure)
        event(f"killed: {calls.count >= at}")
        self.clock.pass_time(LONGER_THAN_A_LEASE)

    @rule(after=st.integers(1, 12), structure=st.booleans())
    def poll_that_ends_between_two_steps(self, after: int, structure: bool) -> None:
        steps = (remap_steps if structure else poll_steps)(self._engine(), Polled())
        for _ in range(after):
            next(steps, None)

    @rule()
    def two_polls_at_the_same_time(self) -> None:
        errors: list[BaseException] = []

        def work() -> None:
            try:
                poll(engines.pop())
            except BaseException as error:  # noqa: BLE001 - it is raised below
                errors.append(error)

        engines = [self._engine(), self._engine()]
        threads = [threading.Thread(target=work) for _ in engines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for error in errors:
            raise error

    @rule(turns=st.lists(st.sampled_from((0, 1)), max_size=24), apart=st.sampled_from((-600.0, 600.0)))
    def two_processes_take_turns(self, turns: list[int], apart: float) -> None:
        first = self.clock.wrong_by
        processes = [(poll_steps(self._engine(), Polled()), first + error) for error in (0.0, apart)]
        for turn in (*turns, *[0] * _STEPS_OF_A_POLL, *[1] * _STEPS_OF_A_POLL):
            steps, self.clock.wrong_by = processes[turn]
            next(steps, None)
        self.clock.wrong_by = first

    def teardown(self) -> None:
        with self._cleanup:
            if self.clock.ahead:
                self._comes_to_rest()

    def _comes_to_rest(self) -> None:
        self.clock.wrong_by = 0.0
        self.clock.pass_time(_LONGEST_LAG + 1)
        for _ in range(_POLLS_TO_REST):
            poll(self._engine())
            # Longer than anything that failed for a moment waits.
            self.clock.pass_time(60.0)
        remap(self._engine())
        poll(self._engine())
        assert is_as_a_full_load(self.world)
        assert self._sold_twice == []
        self.world.written()
        again = poll(self._engine())
        assert not again.work
        assert not remap(self._engine()).remapped
        assert self.world.written() == []

    def _edit(self, edit: tuple[str, tuple[Any, ...]]) -> None:
        kind, arguments = edit
        _MAKE[kind](self.world, *arguments)

    def _run(self, engine: Engine, *, structure: bool) -> None:
        note(f"{'remap' if structure else 'poll'}")
        (remap if structure else poll)(engine)

    def _engine(self) -> Engine:
        return self.world.engine()


TestIncremental = Incremental.TestCase
TestIncremental.settings = settings.get_profile(_PROFILE)
