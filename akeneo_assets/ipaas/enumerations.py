"""Constants of the iPaaS.com API."""

from __future__ import annotations

from typing import Final


class ErrorCode:
    """Error codes that are handled."""

    REQUIRED: Final = "VALD-1002"
    NO_CUSTOM_FIELD: Final = "VALD-1011"
    NOT_ALLOWED: Final = "VALD-1025"
    REFERENCE_MISSING: Final = "VALD-1038"
    EXTERNAL_ID_EXISTS: Final = "BIZL-1003"
    NOT_UNIQUE: Final = "BIZL-1004"
    EXTERNAL_ID_TAKEN: Final = "BIZL-1005"
    NAME_NOT_UNIQUE: Final = "BIZL-1006"
    VALUE_NOT_UNIQUE: Final = "BIZL-1007"
    INACTIVE_HOLDS_VALUE: Final = "BIZL-1009"
    NOT_FOUND: Final = "NFND-1005"

    DUPLICATES: Final = frozenset(
        {
            EXTERNAL_ID_EXISTS,
            NOT_UNIQUE,
            EXTERNAL_ID_TAKEN,
            NAME_NOT_UNIQUE,
            VALUE_NOT_UNIQUE,
            INACTIVE_HOLDS_VALUE,
        }
    )
    """The record, or another one with its SKU or external id, already exists."""

    NAMING_THE_OTHER: Final = frozenset({NOT_UNIQUE, NAME_NOT_UNIQUE, VALUE_NOT_UNIQUE, INACTIVE_HOLDS_VALUE})
    """The message contains the id of the conflicting record."""


FIXES: Final = {
    ErrorCode.REQUIRED: "Map the field in the mapping file, or fill it in Akeneo.",
    ErrorCode.NO_CUSTOM_FIELD: "Define a custom field with exactly this name in iPaaS.com.",
    ErrorCode.NOT_ALLOWED: "Correct the value in Akeneo, or map it with a lookup table in the mapping file.",
    ErrorCode.REFERENCE_MISSING: "Send the referenced record first.",
    ErrorCode.EXTERNAL_ID_EXISTS: "Another record is linked to this one. Correct the link in iPaaS.com.",
    ErrorCode.EXTERNAL_ID_TAKEN: "Another record is linked to this one. Correct the link in iPaaS.com.",
    ErrorCode.NOT_UNIQUE: "Change the value of one of the two records in Akeneo.",
    ErrorCode.NAME_NOT_UNIQUE: "Change the value of one of the two records in Akeneo.",
    ErrorCode.VALUE_NOT_UNIQUE: "Change the value of one of the two records in Akeneo.",
    ErrorCode.INACTIVE_HOLDS_VALUE: "A deactivated record has this value. Reactivate or change it in iPaaS.com.",
}
"""What to do, by error code."""

STATUS_OF_PREFIX: Final = {"AUTH": 401, "AUTZ": 403, "VALD": 400, "BIZL": 409, "NFND": 404, "INTL": 500}
"""The HTTP status by the prefix of an error code. The codes are documented, the statuses are not."""

DELETED_PREFIX: Final = "DELETED:"
"""The prefix of a deactivated record's id in the response to a lookup."""
