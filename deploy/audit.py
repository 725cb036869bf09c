"""Looks up the locked dependencies in a database of known vulnerabilities: ``make audit``.

Exit codes: 0 nothing is known about those that the database has, 1 something is, 2 a lock could not be looked up.
``make`` returns 2 for both.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent
_LOCKS: Final = (
    _FOLDER.parent / "requirements.lock",
    _FOLDER / "requirements.lock",
    _FOLDER / "tools.lock",
    _FOLDER.parent / "docs" / "requirements.lock",
)


def main() -> int:
    """Audit all locks, and print what is known."""
    codes = {_audit(lock) for lock in _LOCKS}
    return 1 if 1 in codes else max(codes)


def _audit(lock: Path) -> int:
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--disable-pip", "--no-deps", "--format", "json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    last_error = (ran.stderr.strip().splitlines() or [""])[-1]
    lines, code = report(str(lock.relative_to(_FOLDER.parent)), ran.stdout, last_error)
    print("\n".join(lines))
    return code


def report(name: str, document: str, last_error: str = "") -> tuple[list[str], int]:
    """Return what to print about a lock, and the exit code.

    Args:
        name: The lock.
        document: The report of pip-audit as JSON; not valid if it failed.
        last_error: The last line of its standard error.
    """
    try:
        dependencies: list[dict[str, Any]] = json.loads(document)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        return [f"{name}: nothing was looked up, because pip-audit failed: {last_error}"], 2
    # If the registry has no database, pip-audit skips every dependency.
    found = [each for each in dependencies if "vulns" in each]
    if not found:
        return [f"{name}: the database of vulnerabilities could not be reached, so nothing was looked up."], 2
    lines = [
        f"{name}: {each['name']} {each['version']}: {known['id']}, fixed in {', '.join(known['fix_versions']) or '-'}"
        for each in found
        for known in each["vulns"]
    ]
    summary = f"{len(found)} looked up, {len(dependencies) - len(found)} unknown to the database"
    return [*lines, f"{name}: {summary}, {len(lines)} vulnerabilities"], 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
