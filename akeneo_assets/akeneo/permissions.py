"""Missing permissions of the connection. Reads go on after the first one, to report all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final, TypeVar

from akeneo_assets.akeneo.endpoints import SYSTEM_INFORMATION, Endpoint
from akeneo_assets.errors import AccessDeniedError

NO_OWNER: Final = "akeneo_assets"
"""A code that belongs to no record. Whether its lists may be read shows all the same: by 403 instead of 404."""

_Result = TypeVar("_Result")


class MissingPermissionError(AccessDeniedError):
    """Akeneo refuses one or several lists to this connection.

    Args:
        refusal: What it refuses.
        permissions: The names of the permissions.
        perhaps: The names of those that the mapping file may also need.
        detail: More for the log.
    """

    def __init__(
        self, refusal: str, permissions: Collection[str], perhaps: Collection[str] = (), *, detail: str = ""
    ) -> None:
        also = f" The mapping file may also need {_listed(perhaps)}." if perhaps else ""
        super().__init__(f"{refusal} {how_to_grant(*permissions)}{also}", detail=detail)
        self.permissions = tuple(permissions)
        self.perhaps = tuple(perhaps)


class Refusals:
    """Collects the refusals of several reads."""

    def __init__(self) -> None:
        self._errors: list[MissingPermissionError] = []
        self._perhaps: list[str] = []

    @property
    def found(self) -> bool:
        """Whether a list was refused that is needed."""
        return bool(self._errors)

    def add(self, error: MissingPermissionError, *, is_needed: bool = True) -> None:
        """Add a refusal.

        Args:
            error: The refusal.
            is_needed: Whether the mapping file certainly needs the list.
        """
        if is_needed:
            self._errors.append(error)
            self._perhaps += error.perhaps
        else:
            self._perhaps += error.permissions

    def ask(self, read: Callable[[], _Result], *, is_needed: bool = True) -> _Result | None:
        """Return what a function returns; None if it is refused. See :meth:`add`."""
        try:
            return read()
        except MissingPermissionError as error:
            self.add(error, is_needed=is_needed)
            return None

    def raise_all(self) -> None:
        """Raise one error for all refusals, if a list was refused that is needed.

        Raises:
            MissingPermissionError: There is one.
        """
        missing = dict.fromkeys(name for each in self._errors for name in each.permissions)
        perhaps = [name for name in dict.fromkeys(self._perhaps) if name not in missing]
        if len(missing) == 1 and not perhaps:
            raise self._errors[0]
        if missing:
            detail = "\n".join(map(str, self._errors))
            raise MissingPermissionError("Akeneo refuses lists to this connection.", missing, perhaps, detail=detail)


def permission_for(endpoint: Endpoint, message: str) -> str:
    """Return the name of the permission without which Akeneo refuses a list.

    Args:
        endpoint: The list.
        message: What Akeneo says.
    """
    return SYSTEM_INFORMATION.permission if "access the web API" in message else endpoint.permission


def how_to_grant(*permissions: str) -> str:
    """Return what to do about missing permissions."""
    return f"Enable {_listed(permissions)} for the role of this connection in System > Roles > Web API permissions."


def _listed(names: Iterable[str]) -> str:
    *others, last = (f'"{name}"' for name in names)
    return f"{', '.join(others)} and {last}" if others else last
