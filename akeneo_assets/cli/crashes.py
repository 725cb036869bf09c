"""Reports an unexpected error in one line, and writes its details to a file."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final

from akeneo_assets.http.redaction import summary_of, traceback_of
from akeneo_assets.settings import instance_folder

FILE: Final = "akeneo-assets-errors.log"


def crash_message(error: BaseException) -> str:
    """Write the details of an error to the file, without secrets, and return what the user needs to know."""
    path = instance_folder() / FILE
    entry = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} UTC\n{traceback_of(error)}\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Only the owner may read the file, because it may quote the catalogue.
        path.touch(mode=0o600)
        with path.open("a", encoding="utf-8") as file:
            file.write(entry)
    except OSError as problem:
        details = f"the details could not be written to {path} ({problem.strerror})"
    else:
        details = f"report it with the details in {path}"
    return (
        f"Unexpected error ({summary_of(error)}). Nothing is lost: what is left is still pending. Run the command "
        f"again. If it happens again, {details}."
    )
