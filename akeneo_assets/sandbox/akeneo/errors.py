"""Error responses of the API, with Akeneo's messages."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from starlette.responses import Response

from akeneo_assets.documents import JsonObject

DOCUMENTATION = "http://api.akeneo.com/documentation/"


class ApiError(Exception):
    """A response with a status other than 2xx.

    Args:
        status: HTTP status.
        message: Text for the body.
        documentation: Page of Akeneo's documentation that the body links to.
        errors: Errors in the properties of a record that could not be saved.
    """

    def __init__(
        self, status: int, message: str, *, documentation: str | None = None, errors: tuple[JsonObject, ...] = ()
    ) -> None:
        super().__init__(message)
        self.errors = errors
        self.status = status
        self.message = message
        self.documentation = documentation

    def response(self) -> Response:
        """Return the response."""
        body: JsonObject = {"code": self.status, "message": self.message}
        if self.documentation:
            body["_links"] = {"documentation": {"href": DOCUMENTATION + self.documentation}}
        if self.errors:
            body["errors"] = list(self.errors)
        return json_response(body, self.status)


def json_response(document: object, status: int = 200) -> Response:
    """Return ``document`` as a JSON response."""
    return Response(orjson.dumps(document), status, media_type="application/json")


def unprocessable(message: str) -> ApiError:
    """Return an error with status 422."""
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, message)


def validation_failed(
    name: str, message: str, *, attribute: str | None = None, locale: str | None = None, scope: str | None = None
) -> ApiError:
    """Return the error for a record that breaks a rule, with the property and, for a value, its place."""
    error: JsonObject = {"property": name, "message": message}
    if attribute is not None:
        error |= {"attribute": attribute, "locale": locale, "scope": scope}
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation failed.", errors=(error,))


def bad_request(message: str) -> ApiError:
    """Return an error with status 400."""
    return ApiError(HTTPStatus.BAD_REQUEST, message)


def not_found(message: str) -> ApiError:
    """Return an error with status 404."""
    return ApiError(HTTPStatus.NOT_FOUND, message)


def listed(noun: str, plural: str, codes: list[str], ending: str, plural_ending: str) -> str:
    """Return a sentence about one or more codes, e.g. ``Attributes "a, b" do not exist.``."""
    if len(codes) == 1:
        return f'{noun} "{codes[0]}" {ending}'
    return f'{plural} "{", ".join(codes)}" {plural_ending}'
