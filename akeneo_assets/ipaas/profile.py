"""An API profile: where an iPaaS.com differs from the endpoints and names that this project knows.

The client always works with its own names. A profile translates them in every request and every response.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field
from requests.structures import CaseInsensitiveDict

from akeneo_assets.ipaas.endpoints import Endpoint
from akeneo_assets.ipaas.enumerations import DELETED_PREFIX, STATUS_OF_PREFIX
from akeneo_assets.ipaas.names import PAGINATION

_COUNTS: Final[tuple[str, ...]] = ("total_count", "total_pages")


class Profile(BaseModel):
    """The differences. Each of them replaces one of our names (left) with one of this iPaaS.com (right)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    paths: dict[str, str] = Field(
        default_factory=dict, description="Endpoint → its path, with another HTTP method in front of it if needed."
    )
    fields: dict[str, str] = Field(default_factory=dict, description="Field of requests and responses, at any depth.")
    parameters: dict[str, str] = Field(default_factory=dict, description="Parameter of queries.")
    headers: dict[str, str] = Field(default_factory=dict, description="HTTP header.")
    values: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Field → the values that this iPaaS.com has for ours."
    )
    error_codes: dict[str, str] = Field(default_factory=dict, description="Error code.")
    statuses: dict[str, int] = Field(
        default_factory=dict, description="The first four letters of an error code → the HTTP status that it means."
    )
    deleted_prefix: str = Field(DELETED_PREFIX, description="What precedes the id of a deactivated record.")

    @property
    def size(self) -> int:
        """The number of differences."""
        names = len(self.paths) + len(self.fields) + len(self.parameters) + len(self.headers)
        codes = len(self.error_codes) + len(self.statuses) + (self.deleted_prefix != DELETED_PREFIX)
        return names + codes + sum(len(known) for known in self.values.values())

    def request_line(self, endpoint: Endpoint, *parts: str) -> tuple[str, str]:
        """Return the HTTP method and the path of a request.

        Args:
            endpoint: The endpoint.
            parts: The values of its placeholders.
        """
        method, path = method_and_path(self.paths.get(endpoint.action, endpoint.path), endpoint.method)
        tables = self.values.get("table_name", {})
        values = {
            name: tables.get(part, part) if name == "table" else part
            for name, part in zip(endpoint.placeholders, parts, strict=True)
        }
        return method, path.format(**values)

    def query(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a query with the names and values of this iPaaS.com."""
        return {
            self.parameters.get(name, name): self.values[name].get(str(value), value) if name in self.values else value
            for name, value in params.items()
        }

    def written(self, document: Any) -> Any:
        """Return a document of ours with the names and values of this iPaaS.com."""
        return _translated(document, self.fields, self.values) if self.fields or self.values else document

    def read(self, document: Any) -> Any:
        """Return a document of this iPaaS.com with our names and values."""
        if not (self.fields or self.values):
            return document
        values = {self.fields.get(field, field): _inverse(known) for field, known in self.values.items()}
        return _translated(document, _inverse(self.fields), values)

    def response_headers(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Return the headers of a response with our names."""
        known = {name: self.fields[name] for name in _COUNTS if name in self.fields}
        if PAGINATION not in self.headers and not known:
            return headers
        given: CaseInsensitiveDict[str] = CaseInsensitiveDict(headers)
        pagination = given.pop(self.headers.get(PAGINATION, PAGINATION), None)
        if pagination is not None:
            given[PAGINATION] = _with_our_counts(pagination, _inverse(known))
        return given

    def status_of(self, code: str) -> int:
        """Return the HTTP status that an error code means."""
        return {**STATUS_OF_PREFIX, **self.statuses}[code[:4]]


def method_and_path(written: str, default: str) -> tuple[str, str]:
    """Return the method and path in a text such as ``PUT /path``; the method may be left out."""
    method, space, path = written.partition(" ")
    return (method, path) if space else (default, written)


def _with_our_counts(pagination: str, names: Mapping[str, str]) -> str:
    try:
        counts = orjson.loads(pagination)
    except orjson.JSONDecodeError:
        return pagination
    if not isinstance(counts, dict):
        return pagination
    known = {name.casefold(): ours for name, ours in names.items()}
    return orjson.dumps({known.get(name.casefold(), name): count for name, count in counts.items()}).decode()


def _inverse(names: Mapping[str, str]) -> dict[str, str]:
    return {theirs: ours for ours, theirs in names.items()}


def _translated(document: Any, names: Mapping[str, str], values: Mapping[str, Mapping[str, str]]) -> Any:
    """Replace names and values at any depth. A field that has the name of another one by chance is left out."""
    if isinstance(document, list):
        return [_translated(item, names, values) for item in document]
    if not isinstance(document, dict):
        return document
    taken = {names[name] for name in names if name in document}
    return {
        names.get(name, name): values[name].get(value, value)
        if name in values and isinstance(value, str)
        else _translated(value, names, values)
        for name, value in document.items()
        if name in names or name not in taken
    }


STANDARD: Final = Profile()
"""The profile without any difference."""
