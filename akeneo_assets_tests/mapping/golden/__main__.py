"""Rewrite the golden files."""

from __future__ import annotations

from akeneo_assets_tests.mapping.golden import NAMES, write

for name in NAMES:
    write(name)
