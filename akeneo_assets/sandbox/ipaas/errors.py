"""Errors of the local iPaaS.com: a stable code, a message, and three JSON formats."""

from __future__ import annotations

from typing import Literal, TypeAlias

from starlette.responses import JSONResponse, PlainTextResponse, Response

ErrorStyle: TypeAlias = Literal["object", "list", "text"]
"""The JSON names of an error are not documented, so a client has to understand several:

``object`` ``{"code", "message", "help_link"}``; ``list`` ``{"errors": [{"errorCode", "error"}]}``;
``text`` the bare text ``CODE: message``.
"""

_STATUS_OF_PREFIX = {"AUTH": 401, "AUTZ": 403, "VALD": 400, "BIZL": 409, "NFND": 404, "INTL": 500}


class RefusedError(Exception):
    """A request is refused.

    Args:
        code: Code of the error, e.g. ``VALD-1002``.
        message: What is wrong.
        status: HTTP status; by default, that of the code's prefix.
    """

    def __init__(self, code: str, message: str, *, status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status or _STATUS_OF_PREFIX[code[:4]]

    def response(self, style: ErrorStyle) -> Response:
        """Return the response in the given style."""
        if style == "text":
            return PlainTextResponse(str(self), status_code=self.status)
        if style == "list":
            document: dict[str, object] = {"errors": [{"errorCode": self.code, "error": self.message}]}
        else:
            document = {
                "code": self.code,
                "message": self.message,
                "help_link": f"https://support.example.com/errors/{self.code}",
            }
        return JSONResponse(document, status_code=self.status)


def not_found(table: str, record_id: str) -> RefusedError:
    """Return the error for a record that does not exist or is deactivated."""
    return RefusedError("NFND-1005", f"There is no {table} with Id {record_id}.")
