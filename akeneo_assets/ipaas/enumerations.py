"""Values that the iPaaS.com API knows."""

from __future__ import annotations

from typing import Final


class ErrorCode:
    """Codes of errors that are acted upon."""

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
    """The record, or one that holds its SKU or external id, exists already."""

    NAMING_THE_OTHER: Final = frozenset({NOT_UNIQUE, NAME_NOT_UNIQUE, VALUE_NOT_UNIQUE, INACTIVE_HOLDS_VALUE})
    """Their message holds the id of the record that is in the way."""


CURES: Final = {
    ErrorCode.REQUIRED: "Give the field a source in the mapping file, or a value in Akeneo.",
    ErrorCode.NO_CUSTOM_FIELD: "Define the custom field in iPaaS.com under exactly this name.",
    ErrorCode.NOT_ALLOWED: "Correct the value in Akeneo, or translate it in the mapping file.",
    ErrorCode.REFERENCE_MISSING: "Send the referenced record first.",
    ErrorCode.EXTERNAL_ID_EXISTS: "Another record is linked to this one. Correct the link in iPaaS.com.",
    ErrorCode.EXTERNAL_ID_TAKEN: "Another record is linked to this one. Correct the link in iPaaS.com.",
    ErrorCode.NOT_UNIQUE: "Give one of the two records another value in Akeneo.",
    ErrorCode.NAME_NOT_UNIQUE: "Give one of the two records another value in Akeneo.",
    ErrorCode.VALUE_NOT_UNIQUE: "Give one of the two records another value in Akeneo.",
    ErrorCode.INACTIVE_HOLDS_VALUE: "A deactivated record has this value. Reactivate or change it in iPaaS.com.",
}
"""Error code → what the user can do."""

STATUS_OF_PREFIX: Final = {"AUTH": 401, "AUTZ": 403, "VALD": 400, "BIZL": 409, "NFND": 404, "INTL": 500}
"""The status that the first part of an error's code stands for. The codes are documented, the statuses are not."""

DELETED_PREFIX: Final = "DELETED:"
"""Stands before the id of a deactivated record in the answer to a look-up."""
