"""``make audit`` says what it found, and never that all is well if it found nothing out."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

AUDIT = Path(__file__).parent.parent.parent / "deploy" / "audit.py"
SKIPPED = {"name": "a", "skip_reason": "not found"}
GOOD = {"name": "b", "version": "1.0", "vulns": []}
BAD = {"name": "c", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}


@pytest.mark.parametrize(
    ("document", "code", "said"),
    [
        ("", 2, "nothing was looked up, because pip-audit failed: no route to host"),
        (json.dumps({"dependencies": [SKIPPED]}), 2, "nothing was looked up"),
        (json.dumps({"dependencies": [SKIPPED, GOOD]}), 0, "1 looked up, 1 unknown to the database, 0 vulnerabilities"),
        (json.dumps({"dependencies": [GOOD, BAD]}), 1, "c 2.0: CVE-1, fixed in 2.1"),
    ],
    ids=["no report", "all skipped", "nothing known", "one known"],
)
def test_the_report_of_an_audit(document: str, code: int, said: str) -> None:
    spec = importlib.util.spec_from_file_location("audit", AUDIT)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    lines, found = module.report("x.lock", document, "no route to host")

    assert found == code
    assert said in "\n".join(lines)
