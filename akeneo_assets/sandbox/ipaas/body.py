"""The base of all bodies of write requests, and the refusal of invalid ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from akeneo_assets.sandbox.ipaas.errors import RefusedError


def _positive_integer(value: Any) -> str:
    text = str(value)
    if not text.lstrip("-").isdecimal():
        raise PydanticCustomError("VALD-1004", "The id must be an integer.")
    if int(text) <= 0:
        raise PydanticCustomError("VALD-1005", "The id must be greater than 0.")
    return str(int(text))


RecordId = Annotated[str, BeforeValidator(_positive_integer)]
Text = Annotated[str, Field(min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Amount = Annotated[float, Field(allow_inf_nan=False, ge=0)]


class Body(BaseModel):
    """Base of all bodies: unknown fields are refused, and nothing is converted (``"1"`` is not a number)."""

    model_config = ConfigDict(extra="forbid", strict=True)


def refuse_repeated(what: str, keys: Iterable[object]) -> None:
    """In a validator, refuse a list if two of its ``keys`` are equal.

    Args:
        what: The name of the items in the error message.
        keys: The keys of the items.
    """
    seen: set[object] = set()
    for key in keys:
        if key in seen:
            raise PydanticCustomError("BIZL-1002", "The request contains {what} twice.", {"what": what})
        seen.add(key)


_Body = TypeVar("_Body", bound=Body)

_NOT_ALLOWED = ("literal_error", "greater_than", "finite_number")


def parse(model: type[_Body], content: bytes) -> _Body:
    """Return the checked body of a request.

    Raises:
        RefusedError: It breaks a rule; the message names the first one.
    """
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in detail["loc"])
        raise RefusedError(_code(detail), f"{place}: {detail['msg']}" if place else detail["msg"]) from None


def _code(detail: ErrorDetails) -> str:
    kind: str = detail["type"]
    given: Any = detail["input"]
    absent = kind in {"missing", "string_too_short"} or given is None
    if absent and detail["loc"][-1:] == ("sku",) and "components" in detail["loc"]:
        return "VALD-1056"
    if absent:
        return "VALD-1002"
    if kind[:4] in {"VALD", "BIZL"}:
        return kind
    return "VALD-1025" if kind.startswith(_NOT_ALLOWED) else "VALD-1003"
