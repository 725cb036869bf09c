"""``akeneo-assets demo``."""

from __future__ import annotations

import os
from collections import Counter

from akeneo_assets.cli.demo_edits import EDITS
from akeneo_assets.cli.display import output, print_error, print_totals
from akeneo_assets.cli.local import environment, running_sandbox
from akeneo_assets.cli.syncing import Sync
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.settings import Settings, instance_folder
from akeneo_assets.subscription import Subscription


def run_demo(akeneo_port: int, ipaas_port: int, *, keep: bool) -> int:
    """Sync the sandbox's whole catalogue to iPaaS.com through Dagster, and show the results."""
    folder = instance_folder() / "sandbox"
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with running_sandbox(folder, akeneo_port, ipaas_port, "sample", reset=not keep) as sandbox:
        os.environ.update(environment(sandbox))
        output.print(f"A local Akeneo ({sandbox.akeneo_url}) and a local iPaaS.com ({sandbox.ipaas_url}) are running.")
        output.print("Syncing the sample catalogue: categories, product models with variants, products, bundles…\n")
        with Sync(Settings.from_environment(), Subscription(), dry_run=False, quiet=False) as sync:
            totals = sync.full()
            print_totals(totals)
            if not totals.exit_code:
                _show_edits(sandbox, sync)
        for failure in totals.failures:
            print_error(failure.message)
    output.print(
        f"\n{len(totals.runs)} Dagster runs are in the history. Next steps:\n"
        "  make dev                          the Dagster UI (formerly Dagit) with the sandbox:\n"
        "                                    Lineage shows the three layers, Runs what just happened\n"
        "  .venv/bin/akeneo-assets --help    the same from the shell\n"
        "  .env.example                      the settings that point to your own Akeneo and iPaaS.com"
    )
    return totals.exit_code


def _show_edits(sandbox: Sandbox, sync: Sync) -> None:
    """Make edits in the local Akeneo, and show whether each one arrives in iPaaS.com."""
    output.print(f"\nNow the demo makes {len(EDITS)} edits in Akeneo, and syncs each as the sensors would:")
    for edit in EDITS:
        before = Counter(sync.totals.requests)
        edit.make(sandbox)
        totals = sync.changes(with_structure=True) if edit.changes_structure else sync.poll()
        requests = totals.requests - before
        arrived = "[green]arrived[/]" if edit.has_arrived(sandbox) else "[bold red]missing[/]"
        cost = f"{requests['Akeneo']:>3} requests to Akeneo, {requests['iPaaS.com']:>2} to iPaaS.com"
        output.print(f"  {arrived}  {edit.title:<28}{cost}")
