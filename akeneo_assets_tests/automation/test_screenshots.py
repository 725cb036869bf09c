"""The pages of the UI in headless Chromium: what an engineer sees when one record of the catalogue has failed.

``make screenshots`` writes the pictures to docs/images.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sandbox.ipaas.identifiers import PRODUCT
from akeneo_assets.sandbox.ipaas.state import SUBSCRIPTION_ID
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.dagster_dev import running_dagster_dev
from akeneo_assets_tests.shell import Shell, environment_without, keep_families

_CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_OPTIONS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--virtual-time-budget=20000",
)

_PAGES: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "lineage": (
        "/locations/akeneo_assets/asset-groups/ipaas/lineage",
        "1600,1000",
        ("categories", "product_models", "related_products", "in_sync"),
    ),
    "asset": (
        "/assets/ipaas/products",
        "1600,1300",
        ("simple product in iPaaS.com", "property $sku", "requests_ipaas", "failed"),
    ),
    "checks": (
        f"/assets/ipaas/products?{urlencode({'view': 'checks', 'checkDetail': 'all_delivered'})}",
        "1600,1000",
        ("all_delivered", "1 failed", "links_complete", "ambiguous_destination", "Merge the two in iPaaS.com"),
    ),
    "in_sync": ("/assets/ipaas/in_sync", "1600,1000", ("Freshness policy", "Passing", "records due", "records failed")),
    "runs": ("/runs", "1600,1000", ("full_load", "changes", "family:accessories")),
    "launchpad": (
        "/locations/akeneo_assets/jobs/sync_records/playground",
        "1600,800",
        ("sync_records", "straw-hat", "Launch Run"),
    ),
    "automation": ("/automation", "1600,1000", ("akeneo_changes", "retries", "nightly_categories", "daily_verify")),
}
"""Picture → page, size of the window, and what the page shows."""


def _load_and_fail_one_record(shell: Shell, sandbox: Sandbox) -> None:
    """Sync everything, then give a product the SKU of a record that iPaaS.com has for no record of Akeneo."""
    keep_families(sandbox, "accessories", "clothing", "tableware")
    shell.use(sandbox)
    assert shell.run("akeneo-assets", "sync", "full").code == 0
    (mug,) = (product for product in sandbox.ipaas.products() if product["sku"] == "mug-white")
    sandbox.ipaas.links.unlink(PRODUCT, str(mug["id"]), SUBSCRIPTION_ID)
    sandbox.akeneo.edit.delete_product("mug-white")
    sandbox.akeneo.edit.save_product("straw-hat", {"values": {"sku": [value("mug-white")]}})
    assert shell.run("akeneo-assets", "sync", "changes").code == 1


def _chromium(profile: Path, *arguments: str) -> str:
    command = [str(_CHROMIUM), *_OPTIONS, f"--user-data-dir={profile}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
@pytest.mark.skipif(_CHROMIUM is None, reason="Chromium is not installed")
def test_the_pages_show_what_failed_and_what_to_do(shell: Shell, tmp_path: Path) -> None:
    images = Path(os.environ.get("SCREENSHOTS") or tmp_path / "images")
    images.mkdir(parents=True, exist_ok=True)
    with Sandbox() as sandbox:
        _load_and_fail_one_record(shell, sandbox)
        shell.set({"AKENEO_ASSETS_AUTOMATION": "1"})
        with running_dagster_dev(shell.folder, environment_without()) as dagster:
            assert dagster.wait("the freshness", lambda: dagster.freshness("ipaas", "in_sync"), 180) == "HEALTHY"
            missing = {}
            for name, (page, size, texts) in _PAGES.items():
                url = f"{dagster.url}{page}"
                shown = re.sub(r"<[^>]+>", " ", _chromium(tmp_path / "profile", "--dump-dom", url))
                missing[name] = [text for text in texts if text not in shown]
                _chromium(tmp_path / "profile", f"--window-size={size}", f"--screenshot={images / name}.png", url)

    assert {name: texts for name, texts in missing.items() if texts} == {}
