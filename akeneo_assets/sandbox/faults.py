"""Faults: switches that make an app of the sandbox fail as real servers do."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr
from starlette.types import Scope

from akeneo_assets.sandbox.damage import damaged_body

FaultKind: TypeAlias = Literal[
    "throttle",  # 429; `retry_after` seconds in the header, as number or as HTTP date, or no header
    "server_error",  # `status` (500) with an error body of the app
    "html_error",  # `status` (502) with the HTML page of a proxy
    "truncate_body",  # the response ends in the middle of its body
    "reset_connection",  # the connection breaks and the request is not executed
    "slow",  # the response starts `seconds` later
    "late_response",  # the request is executed, then the response starts `seconds` later
    "lose_response",  # a write is executed, then the response has `status`; without one, the connection breaks
    "null_ids",  # the request is executed, and every id in its response is null
    "expire_tokens",  # every access token expires just before the request
    "refuse_refresh",  # the token route refuses the refresh token
    "wrong_date",  # the `Date` header is the text `date`, or missing without one
    "forbid",  # the permission for the request is missing (403)
    "damage",  # the response contains `record`, which cannot be written as JSON; `how` says why
]

ACTION_KEY = "sandbox.action"
"""Key of the ASGI scope that contains the name of the request's route."""


class Fault(BaseModel):
    """One fault: what goes wrong, and for which requests.

    Only requests that match ``action``, ``method`` and ``path`` count. The first ``after`` of them pass, then every
    ``every``-th fails, until ``times`` have failed.
    """

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    times: int | None = Field(1, ge=1, description="How many requests fail; empty = until it is cleared.")
    every: int = Field(1, ge=1, description="1 = every request, 2 = the first, third, fifth …")
    after: int = Field(0, ge=0, description="How many requests pass before the first one fails.")
    action: str | None = Field(None, description="Shell pattern of route names, e.g. `product.*`.")
    method: str | None = Field(None, description="HTTP method.")
    path: str | None = Field(None, description="Regular expression, searched in path and query string.")
    status: int | None = Field(None, ge=400, le=599, description="HTTP status of the response.")
    seconds: float = Field(0.5, ge=0, description="Delay of `slow` and `late_response`.")
    date: str | None = Field(None, description="Date header of `wrong_date`; none = no header.")
    retry_after: float | None = Field(None, ge=0, description="Retry-After of `throttle` in seconds.")
    retry_after_date: bool = Field(False, description="Retry-After is an HTTP date (whole seconds).")
    record: str | None = Field(None, description="Uuid, identifier or code of the record of `damage`.")
    how: Literal["server_error", "bytes", "surrogate", "shape"] = Field(
        "server_error",
        description="The response is 500, or has broken UTF-8, half a surrogate pair, or a text instead of values.",
    )
    deep: bool = Field(False, description="It is outside the values: a request without values is affected, too.")

    _seen: int = PrivateAttr(0)
    _fired: int = PrivateAttr(0)

    @property
    def fired(self) -> int:
        """How many requests this fault has affected."""
        return self._fired

    def _fits(self, scope: Mapping[str, Any]) -> bool:
        method = scope["method"]
        if self.kind == "lose_response" and method == "GET":
            return False
        if self.method is not None and method != self.method.upper():
            return False
        if self.action is not None and not fnmatchcase(scope[ACTION_KEY], self.action):
            return False
        target = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
        return self.path is None or re.search(self.path, target) is not None

    def hits(self, scope: Mapping[str, Any]) -> bool:
        """Count the request of ``scope`` if it matches, and return whether it has to fail."""
        if not self._fits(scope) or (self.times is not None and self._fired >= self.times):
            return False
        turn = self._seen - self.after
        self._seen += 1
        if turn < 0 or turn % self.every:
            return False
        self._fired += 1
        return True


class Faults:
    """The faults of one app; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, kind: FaultKind, **options: Any) -> Fault:
        """Switch a fault on.

        Args:
            kind: What goes wrong.
            options: Fields of :class:`Fault`.

        Raises:
            pydantic.ValidationError: An option is unknown or has a wrong value.
        """
        return self.arm(Fault.model_validate({"kind": kind, **options}))

    def arm(self, fault: Fault) -> Fault:
        """Switch ``fault`` on."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def forbid(self, action: str) -> Fault:
        """Remove the permission for all routes whose name matches the shell pattern ``action``."""
        return self.add("forbid", action=action, times=None)

    def damage(self, record: str, **options: Any) -> Fault:
        """Damage a record, until the faults are cleared."""
        return self.add("damage", record=record, times=None, **options)

    def damaged_by(self, scope: Scope, body: bytes) -> tuple[bytes, Fault] | None:
        """Return the body of a response as changed by a ``damage`` fault, and the fault; None if there is none."""
        with self._lock:
            for fault in self._faults:
                if fault.kind != "damage":
                    continue
                damaged = damaged_body(scope, body, record=fault.record, how=fault.how, deep=fault.deep)
                if damaged and fault.hits(scope):
                    return damaged, fault
        return None

    def take(self, kind: FaultKind, scope: Scope) -> Fault | None:
        """Return the fault of ``kind`` that affects the request of ``scope``, or None."""
        with self._lock:
            return next((fault for fault in self._faults if fault.kind == kind and fault.hits(scope)), None)

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._faults.clear()

    def armed(self) -> list[Fault]:
        """Return the faults that are switched on, even if they are used up."""
        with self._lock:
            return list(self._faults)
