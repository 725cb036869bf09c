from __future__ import annotations

from dataclasses import replace

import pytest

from akeneo_assets.store.fingerprints import SourceFingerprint

NOW = SourceFingerprint("content", "rules", "structure")


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (None, "value changed"),
        (NOW, "value changed"),
        (NOW.incomplete(), "value changed"),
        (replace(NOW, content="former"), "value changed"),
        (replace(NOW, content="former", structure="former"), "value changed"),
        (replace(NOW, rules="former"), "mapping changed"),
        (replace(NOW.incomplete(), rules="former"), "mapping changed"),
        (replace(NOW, structure="former"), "structure changed"),
        (NOW.pending("mapping changed"), "mapping changed"),
        (replace(NOW.pending("mapping changed"), content="former"), "value changed"),
        (NOW.pending("mapping changed").incomplete(), "value changed"),
    ],
)
def test_the_reason_why_a_record_is_mapped_differently(before: SourceFingerprint | None, reason: str) -> None:
    assert NOW.reason_since(before) == reason
    assert NOW.pending("structure changed").reason_since(before) == reason


def test_the_fingerprint_of_a_partly_delivered_record_differs_from_a_complete_one() -> None:
    assert NOW not in {NOW.pending("value changed"), NOW.incomplete()}
