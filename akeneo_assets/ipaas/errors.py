"""Errors of the iPaaS.com API. Codes and messages are documented, but the JSON around them is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import requests

from akeneo_assets.http.redaction import beginning
from akeneo_assets.http.responses import ApiError
from akeneo_assets.ipaas.enumerations import FIXES, STATUS_OF_PREFIX, ErrorCode
from akeneo_assets.ipaas.profile import STANDARD, Profile

_SHOWN_CHARACTERS: Final = 2_000
_CODE: Final = rf"(?:{'|'.join(STATUS_OF_PREFIX)})-\d{{4}}"
_CODE_NAMES: Final = ("code", "error_code", "errorCode")
_MESSAGE_NAMES: Final = ("message", "title", "detail", "error")
_IDENTIFIER: Final = r"(\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_EXISTING_ID: Final = re.compile(rf"\bid\b\W*(?:is\W+|=\W*)?{_IDENTIFIER}\b", re.IGNORECASE)


class IpaasError(ApiError):
    """iPaaS.com refused a request, and would refuse it again.

    Attributes:
        existing_id: The id of the conflicting record, if the error message contains it.
    """

    def __init__(self, message: str, *, code: str, status: int, document: Any, detail: str = "") -> None:
        super().__init__(message, code=code, status=status, document=document, detail=detail)
        self.existing_id = existing_id_in(message) if code in ErrorCode.NAMING_THE_OTHER else None


def existing_id_in(message: str) -> str | None:
    """Return the id of the other record that the message of a conflict contains."""
    named: list[str] = _EXISTING_ID.findall(message)
    # Use the last match: the rejected value comes first in the message, and may look like an id.
    return named[-1] if named else None


def refused(error: ApiError, profile: Profile = STANDARD) -> IpaasError:
    """Return ``error`` with the code and message from iPaaS.com."""
    code = code_of(error.document, profile)
    message = message_of(error.document) if code is not None or not isinstance(error.document, str) else None
    text = str(error) if message is None else f"iPaaS.com refused the record: {beginning(message, _SHOWN_CHARACTERS)}"
    if code in FIXES:
        text = f"{text.rstrip('.')}. {FIXES[code]}"
    return IpaasError(text, code=code or error.code, status=error.status, document=error.document, detail=error.detail)


def without_endpoint(refusal: IpaasError, request: str, action: str) -> IpaasError:
    """Return the error for a request that this iPaaS.com does not have, or has at another path."""
    return IpaasError(
        f"{str(refusal).rstrip('.')}. If this iPaaS.com has another path for {request}, set {action} in an API profile "
        "(IPAAS_API_PROFILE).",
        code=refusal.code,
        status=refusal.status,
        document=refusal.document,
        detail=refusal.detail,
    )


def effective_status(status: int, document: Any, profile: Profile = STANDARD) -> int:
    """Return the status for an error's code, or else ``status``."""
    code = code_of(document, profile) if status >= requests.codes.bad_request else None
    return status if code is None else profile.status_of(code)


def code_of(document: Any, profile: Profile = STANDARD) -> str | None:
    """Return our code of an error, wherever it is in the document; None if there is none."""
    ours = {theirs: code for code, theirs in profile.error_codes.items()}
    code = re.compile(rf"\b(?:{'|'.join([*map(re.escape, ours), _CODE])})\b")
    candidates = [*_texts(document, _CODE_NAMES), *_texts(document, _MESSAGE_NAMES)]
    matches = (code.search(text) for text in candidates)
    found = next((match.group() for match in matches if match is not None), None)
    return None if found is None else ours.get(found, found)


def message_of(document: Any) -> str | None:
    """Return the messages of an error, wherever they are in the document; None if there are none."""
    return " ".join(text.strip() for text in _texts(document, _MESSAGE_NAMES)) or None


def _texts(document: Any, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts of the fields in ``names`` at any depth, but only the first such field of each object."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for item in document:
            yield from _texts(item, names)
    elif isinstance(document, dict):
        direct = [document[name] for name in names if isinstance(document.get(name), str)]
        yield from direct[:1]
        for value in document.values():
            if isinstance(value, dict | list):
                yield from _texts(value, names)
