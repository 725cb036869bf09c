"""``akeneo-assets probe``: holds what is assumed about the APIs against the real ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click

from akeneo_assets.cli.display import output, print_error, print_json
from akeneo_assets.cli.subscriptions import chosen_settings
from akeneo_assets.cli.terminal import escape
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.probe.facts import MARKS, Result, Verdict
from akeneo_assets.probe.ipaas.creating import CUSTOM_FIELD
from akeneo_assets.probe.ipaas.own_records import PREFIX
from akeneo_assets.probe.ipaas.probe import IpaasProbe
from akeneo_assets.sync.connect import connect

_STYLES: Final[dict[Verdict, str]] = {
    "as assumed": "green",
    "handled": "yellow",
    "not handled": "bold red",
    "not testable": "dim",
}


def probe(*, write: bool, yes: bool, profile: Path | None, as_json: bool) -> int:
    """Test all facts, print a report, and store what the engine can rely on.

    Args:
        write: Also make records in iPaaS.com.
        yes: Do not ask before that.
        profile: Where to write the proposed API profile, if there is one.
        as_json: Print JSON instead of text.

    Returns:
        1 if a difference is not handled or a record could not be cleaned up, else 0.

    Raises:
        ConfigurationError: The user does not confirm, or the profile cannot be written.
    """
    with closing(connect(chosen_settings(), run_id="probe")) as engine:
        if write and not yes:
            _confirm(engine.settings.ipaas_api_url)
        probing = IpaasProbe(engine)
        results = []
        for result in probing.run(write=write):
            results.append(result)
            if not as_json:
                _print(result)
        proposed = probing.proposed_profile()
        if profile is not None and proposed is not None:
            _save(profile, proposed)
        if as_json:
            print_json(_document(results, probing, proposed))
        else:
            _print_end(results, probing, proposed, profile)
        wrong = [each for each in results if each.found.verdict == "not handled"]
        return 1 if wrong or probing.uncleaned else 0


def _confirm(url: str) -> None:
    """Ask before anything is made.

    Raises:
        ConfigurationError: The user says no.
    """
    try:
        agreed = click.confirm(
            f"The probe makes about ten records in {url}, and the custom field {CUSTOM_FIELD}. The SKUs begin with "
            f"{PREFIX}. At the end, the records are set to Disabled and unlinked, but they stay. Use a company for "
            "tests. Continue?",
            err=True,
        )
    except click.Abort:
        agreed = False
    if not agreed:
        raise ConfigurationError("Nothing was probed. Confirm with --yes, or leave --write out.")


def _print(result: Result) -> None:
    fact, found = result.fact, result.found
    style = _STYLES[found.verdict]
    output.print(f"[{style}]{MARKS[found.verdict]}[/] {escape(fact.assumed)}: {escape(found.text)}")
    if found.verdict == "not handled":
        output.print(f"    {escape(f'Affected: {fact.used_by}. Otherwise: {fact.otherwise}. ({fact.key})')}")


def _print_end(results: Sequence[Result], probing: IpaasProbe, proposed: str | None, profile: Path | None) -> None:
    counts = Counter(each.found.verdict for each in results)
    summary = ", ".join(f"{counts[verdict]} {MARKS[verdict]} {verdict}" for verdict in MARKS if counts[verdict])
    output.print(f"\n{len(results)} facts: {summary}. Requests: {probing.requests}.")
    for problem in probing.uncleaned:
        print_error(f"Not cleaned up: {problem}. The next probe tries it again.")
    if probing.left_over and not probing.uncleaned:
        print_error(
            f"{probing.left_over} records of an earlier probe are not cleaned up. Run: akeneo-assets probe --write"
        )
    if proposed is not None and profile is None:
        output.print("\nThis API profile corrects differences. Write it to a file and set IPAAS_API_PROFILE to it:\n")
        output.print(proposed, markup=False)
    elif proposed is not None:
        output.print(f"\nThe API profile {escape(str(profile))} corrects differences. Set IPAAS_API_PROFILE to it.")


def _document(results: Sequence[Result], probing: IpaasProbe, proposed: str | None) -> dict[str, Any]:
    return {
        "facts": [
            {
                "key": each.fact.key,
                "assumed": each.fact.assumed,
                "source": each.fact.source,
                "used_by": each.fact.used_by,
                "otherwise": each.fact.otherwise,
                "verdict": each.found.verdict,
                "found": each.found.text,
            }
            for each in results
        ],
        "requests": probing.requests,
        "capabilities": probing.found,
        "profile": proposed,
        "not_cleaned_up": probing.uncleaned,
    }


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: the file cannot be written ({error.strerror}).") from error
