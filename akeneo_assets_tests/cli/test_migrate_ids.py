"""``akeneo-assets migrate-ids`` as a user calls it."""

from __future__ import annotations

import dagster as dg
import pytest

from akeneo_assets.cli.instance import open_instance
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.automation.ticks import put_run
from akeneo_assets_tests.shell import Shell, keep_families, writes


@pytest.mark.end_to_end
def test_a_changed_format_is_refused_until_it_is_migrated(shell: Shell) -> None:
    with Sandbox() as sandbox:
        keep_families(sandbox, "gift_cards")
        shell.use(sandbox)
        card = sandbox.akeneo.product_uuid("no-category")
        assert shell.call("sync", "record", "product", "no-category").code == 0
        shell.set({"AKENEO_PRODUCT_ID_FORMAT": "Identifier"})

        refused = shell.call("sync", "changes")
        assert refused.code == 2
        assert "Restore the setting, or migrate: akeneo-assets migrate-ids --to Identifier" in refused.text

        with open_instance() as instance:
            run = put_run(instance, "__ASSET_JOB", dg.DagsterRunStatus.STARTED)
            busy = shell.call("migrate-ids", "--to", "Identifier")
            instance.delete_run(run)
        assert busy.code == 2
        assert "Runs are queued or executing, so nothing was migrated." in busy.text
        shell.set({"AKENEO_PRODUCT_ID_FORMAT": "UUID"})
        assert shell.call("sync", "record", "product", "no-category").code == 0, "the state serves as before"

        sandbox.ipaas_counters.reset()
        preview = shell.call("migrate-ids", "--to", "Identifier", "--dry-run")
        assert preview.code == 0
        assert "1 records in iPaaS.com would be linked by their new external id" in preview.text
        assert writes(sandbox) == {}
        migrated = shell.call("migrate-ids", "--to", "Identifier")
        assert "set AKENEO_PRODUCT_ID_FORMAT=Identifier, then akeneo-assets sync full" in migrated.text
        assert writes(sandbox) == {"external.link": 1}

        shell.set({"AKENEO_PRODUCT_ID_FORMAT": "Identifier"})
        again = shell.call("migrate-ids", "--to", "Identifier", "--json")
        assert (again.code, again.document["linked"], again.document["renamed"]) == (0, 0, 0)
        explained = shell.call("explain", "product", "no-category", "--json").document
        assert (explained["key"], explained["differs"], explained["ledger"]["state"]) == ("no-category", {}, "sent")
        assert card not in str(sandbox.ipaas.products())
