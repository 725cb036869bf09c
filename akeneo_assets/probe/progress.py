"""Stores each fact that a probe tests, so that the next probe can go on where an interrupted one stopped."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from akeneo_assets.documents import JsonObject, fingerprint
from akeneo_assets.probe.facts import Fact, Found, Result, examine
from akeneo_assets.store.probe_runs import Interrupted, ProbeRuns

_Context = TypeVar("_Context")

_REPEATED: Final = "not handled"
"""Facts with this verdict are tested again: what they tell to correct may be corrected by now."""


class Progress:
    """The results of a probe that is running, and those of the interrupted one that it continues.

    Args:
        runs: Stores the results.
        token: The probe.
        interrupted: The interrupted probe, if there is one.

    Attributes:
        notes: What else to store, besides the results.
        since: When the interrupted probe began, in epoch seconds; None without one.
    """

    def __init__(self, runs: ProbeRuns, token: str, interrupted: Interrupted | None) -> None:
        results = {} if interrupted is None else interrupted.results
        self._runs = runs
        self._facts: dict[str, JsonObject] = dict(results.get("facts", {}))
        self.token = token
        self.notes: dict[str, Any] = dict(results.get("notes", {}))
        self.since = None if interrupted is None or not self._facts else interrupted.started_at

    def knows(self, facts: Sequence[Fact[Any]]) -> bool:
        """Whether all of these facts were found out before."""
        return all(fact.key in self._facts for fact in facts)

    def examine(
        self, facts: Sequence[Fact[_Context]], context: _Context, answers: Sequence[str], *, failures: int = 0
    ) -> Iterator[Result]:
        """Test facts in their order, and store what is found out. Facts that were found out before are not tested.

        Args:
            facts: The facts.
            context: What their tests share.
            answers: A list to which the context appends the status and error code of each response.
            failures: How many facts may fail in a row because the server does not respond.

        Raises:
            TransientError: The server cannot be reached.
        """
        known = {fact.key: self._facts[fact.key] for fact in facts if fact.key in self._facts}
        new = examine([fact for fact in facts if fact.key not in known], context, failures=failures, answers=answers)
        for fact in facts:
            if fact.key in known:
                document = known[fact.key]
                found, seen = Found(**document["found"]), tuple(document["answers"])
                yield Result(fact, found, seen, is_earlier=True)
            else:
                result = next(new)
                self._keep(result)
                yield result

    def forget(self, facts: Sequence[Fact[Any]]) -> None:
        """Test facts again that were found out before."""
        for fact in facts:
            self._facts.pop(fact.key, None)

    def finish(self, facts: Sequence[Fact[Any]]) -> None:
        """Forget the results, unless an interrupted probe tested others besides these facts."""
        if self._facts.keys() <= {fact.key for fact in facts}:
            self._runs.finish(self.token)

    def _keep(self, result: Result) -> None:
        if result.is_outage or result.found.verdict == _REPEATED:
            return
        found = result.found
        self._facts[result.fact.key] = {
            "found": {
                "verdict": found.verdict,
                "text": found.text,
                "capabilities": dict(found.capabilities),
                "profile": dict(found.profile),
            },
            "answers": list(result.answers),
        }
        self._runs.save(self.token, {"facts": self._facts, "notes": self.notes})


@contextmanager
def begun(runs: ProbeRuns, side: str, *basis: object, again: bool) -> Iterator[Progress]:
    """Begin a probe, or continue the interrupted one.

    Args:
        runs: Stores the results.
        side: ``akeneo`` or ``ipaas``.
        basis: What the results depend on: versions, addresses and settings, without secrets.
        again: Start from the beginning.
    """
    token = secrets.token_hex(4)
    with runs.held(token, side, fingerprint(*basis), again=again) as interrupted:
        yield Progress(runs, token, interrupted)
