"""Each benchmark measures a small catalogue."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent.parent
SMALL: Final = ("--products", "200", "--latency", "1", "--copies", "1", "--window", "0.5", "--edits", "1", "--json")


def exhaustive(name: str, sections: int) -> object:
    return pytest.param(name, sections, marks=pytest.mark.exhaustive)


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ("engine", 2),
        exhaustive("links", 1),
        exhaustive("family", 2),
        exhaustive("command", 2),
        exhaustive("families", 1),
        exhaustive("throttle", 2),
        exhaustive("mapping", 1),
        exhaustive("polls", 1),
        exhaustive("memory", 1),
        exhaustive("freshness", 1),
    ],
)
def test_a_benchmark_measures(name: str, sections: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", name, *SMALL], cwd=ROOT, stdout=subprocess.PIPE, check=False
    )
    assert done.returncode in {0, 1}, "the goals are for larger catalogues"
    measured = json.loads(done.stdout)
    assert len(measured) == sections
    assert all(figure["value"] >= 0 for section in measured for figure in section["figures"])
