"""A fact that this project relies on, and what a probe finds out about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

from akeneo_assets.errors import AccessDeniedError, ConfigurationError, RecordError, TransientError
from akeneo_assets.ipaas.endpoints import Source

Verdict: TypeAlias = Literal["as assumed", "handled", "not handled", "not testable"]
"""``handled``: the server differs, and records are still synced correctly. ``not handled``: something will go wrong."""

MARKS: Final[Mapping[Verdict, str]] = {"as assumed": "✔", "handled": "≠", "not handled": "✘", "not testable": "?"}

_UNEXPECTED: Final = (AttributeError, LookupError, TypeError, ValueError)
"""What a test raises if a response does not have the form that it expects."""

_Context = TypeVar("_Context")


class NotTestableError(Exception):
    """A fact cannot be tested here; the message says why."""


@dataclass(frozen=True)
class Found:
    """What was found out about a fact.

    Attributes:
        verdict: Whether it is as assumed.
        text: What was seen.
        capabilities: What the engine can rely on from now on.
        profile: The part of an API profile that corrects the difference: section → names.
    """

    verdict: Verdict
    text: str
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)


def as_assumed(text: str, **capabilities: Any) -> Found:
    """Return that a fact is as assumed."""
    return Found("as assumed", text, capabilities)


def handled(text: str, **capabilities: Any) -> Found:
    """Return that a server differs, and that this is handled."""
    return Found("handled", text, capabilities)


def not_handled(text: str, profile: Mapping[str, Any] | None = None, **capabilities: Any) -> Found:
    """Return that a server differs, and that this is not handled, perhaps until a profile corrects it."""
    return Found("not handled", text, capabilities, profile or {})


@dataclass(frozen=True)
class Fact(Generic[_Context]):
    """A fact.

    Attributes:
        key: Its name.
        assumed: What is assumed.
        source: Where that comes from.
        used_by: What depends on it.
        otherwise: What goes wrong, or what is done instead, if it is different.
        test: Finds out.
    """

    key: str
    assumed: str
    source: Source
    used_by: str
    otherwise: str
    test: Callable[[_Context], Found]


@dataclass(frozen=True)
class Result:
    """A fact, and what was found out about it.

    Attributes:
        fact: The fact.
        found: What was found out.
        answers: The HTTP statuses and error codes of the responses that it got, each once.
        is_earlier: Whether an interrupted probe found it out.
        is_outage: Whether it could not be tested because the server did not respond.
    """

    fact: Fact[Any]
    found: Found
    answers: tuple[str, ...] = ()
    is_earlier: bool = False
    is_outage: bool = False


def examine(
    facts: Iterable[Fact[_Context]], context: _Context, *, failures: int = 0, answers: Sequence[str] = ()
) -> Iterator[Result]:
    """Test facts in their order.

    Args:
        facts: The facts.
        context: What their tests share.
        failures: How many facts may fail in a row because the server does not respond.
        answers: A list to which the context appends the status and error code of each response.

    Raises:
        TransientError: The server cannot be reached.
    """
    failed = 0
    for fact in facts:
        start = len(answers)
        try:
            found = fact.test(context)
            failed = 0
        except (NotTestableError, RecordError, AccessDeniedError, ConfigurationError) as error:
            found = Found("not testable", str(error))
        except TransientError as error:
            failed += 1
            if failed > failures:
                raise
            found = Found("not testable", str(error))
        except _UNEXPECTED as error:
            found = Found("not testable", f"A response has an unexpected form ({type(error).__name__}: {error}).")
        yield Result(fact, found, tuple(dict.fromkeys(answers[start:])), is_outage=failed > 0)
