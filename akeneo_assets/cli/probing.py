"""``akeneo-assets probe``: tests what this project assumes about both APIs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import click

from akeneo_assets.cli.display import output, print_error, print_json
from akeneo_assets.cli.subscriptions import chosen_settings
from akeneo_assets.cli.terminal import escape
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.probe import report
from akeneo_assets.probe.akeneo.probe import AkeneoProbe
from akeneo_assets.probe.facts import MARKS, Result, Verdict
from akeneo_assets.probe.ipaas.creating import CUSTOM_FIELDS
from akeneo_assets.probe.ipaas.own_records import PREFIX
from akeneo_assets.probe.ipaas.probe import IpaasProbe
from akeneo_assets.sync.connect import connect

_STYLES: Final[dict[Verdict, str]] = {
    "as assumed": "green",
    "handled": "yellow",
    "not handled": "bold red",
    "not testable": "dim",
}


Side: TypeAlias = Literal["akeneo", "ipaas"]
Form: TypeAlias = Literal["text", "json", "markdown"]


def probe(
    *,
    side: Side | None,
    write: bool,
    yes: bool,
    profile: Path | None,
    anonymous: bool,
    form: Form,
    again: bool,
) -> int:
    """Test all facts, print a report, and store what the engine can rely on.

    Args:
        side: Test only this side.
        write: Also make records in iPaaS.com.
        yes: Do not ask before that.
        profile: Where to write the proposed API profile, if there is one.
        anonymous: Print nothing of the catalogue or the servers.
        form: The form of the report.
        again: Start from the beginning, even if a probe was interrupted.

    Returns:
        1 if a difference is not handled or a record could not be cleaned up, else 0.

    Raises:
        ConfigurationError: The user does not confirm, or the profile cannot be written.
    """
    with closing(connect(chosen_settings(), run_id="probe")) as engine:
        if write and not yes:
            _confirm(engine.settings.ipaas_api_url)
        reading, probing = AkeneoProbe(engine), IpaasProbe(engine)
        results = []
        for each in chain(
            reading.run(again=again) if side != "ipaas" else (),
            probing.run(write=write, again=again) if side != "akeneo" else (),
        ):
            result = report.anonymous(each) if anonymous else each
            results.append(result)
            if form == "text":
                _print(result)
        requests = reading.requests + probing.requests
        proposed = probing.proposed_profile()
        if profile is not None and proposed is not None:
            _save(profile, proposed)
        versions = report.versions(reading.found)
        shared = f"Akeneo {' '.join(versions.values())}" if versions else None
        notes = (
            report.continued(results, min(filter(None, (reading.since, probing.since)), default=None)),
            f"Requests: {requests}",
            f"akeneo_assets {version('akeneo_assets')}",
            shared,
        )
        if form == "json":
            document = _anonymous(results) if anonymous else _document(results, probing, proposed)
            print_json(
                document | {"requests": requests, "versions": {**versions, "akeneo_assets": version("akeneo_assets")}}
            )
        elif form == "markdown":
            output.print(report.markdown(results, *notes), markup=False, soft_wrap=True)
        else:
            _print_end(results, notes)
            _print_what_is_left(probing, anonymous=anonymous)
            if not anonymous:
                _print_profile(proposed, profile)
        wrong = [each for each in results if each.found.verdict == "not handled"]
        return 1 if wrong or probing.uncleaned else 0


def _confirm(url: str) -> None:
    """Ask before anything is made.

    Raises:
        ConfigurationError: The user says no.
    """
    try:
        agreed = click.confirm(
            f"The probe makes about ten records in {url}, and the custom fields {' and '.join(CUSTOM_FIELDS)}. "
            f"The SKUs begin with {PREFIX}. At the end, the records are set to Disabled and unlinked, but they stay. "
            "Use a company for tests. Continue?",
            err=True,
        )
    except click.Abort:
        agreed = False
    if not agreed:
        raise ConfigurationError("Nothing was probed. Confirm with --yes, or leave --write out.")


def _print(result: Result) -> None:
    fact, found = result.fact, result.found
    style = _STYLES[found.verdict]
    output.print(f"[{style}]{MARKS[found.verdict]}[/] {escape(fact.assumed)}: {escape(report.text_of(result))}")
    if found.verdict == "not handled":
        otherwise = fact.otherwise.rstrip(".")
        output.print(f"    {escape(f'Affected: {fact.used_by}. Otherwise: {otherwise}. ({fact.key})')}")


def _print_end(results: Sequence[Result], notes: Sequence[str | None]) -> None:
    sentences = " ".join(f"{each}." for each in (report.summary(results), *notes) if each)
    output.print(f"\n{escape(sentences)}")


def _print_what_is_left(probing: IpaasProbe, *, anonymous: bool) -> None:
    for problem in probing.uncleaned:
        print_error(f"Not cleaned up: {'a record' if anonymous else problem}. The next probe tries it again.")
    if probing.left_over and not probing.uncleaned:
        print_error(
            f"{probing.left_over} records of an earlier probe are not cleaned up. Run: akeneo-assets probe --write"
        )


def _print_profile(proposed: str | None, profile: Path | None) -> None:
    if proposed is not None and profile is None:
        output.print("\nThis API profile corrects differences. Write it to a file and set IPAAS_API_PROFILE to it:\n")
        output.print(proposed, markup=False)
    elif proposed is not None:
        output.print(f"\nThe API profile {escape(str(profile))} corrects differences. Set IPAAS_API_PROFILE to it.")


def _anonymous(results: Sequence[Result]) -> dict[str, Any]:
    return {
        "facts": {
            each.fact.key: {"verdict": each.found.verdict, "found": each.found.text, "earlier": each.is_earlier}
            for each in results
        }
    }


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
                "earlier": each.is_earlier,
            }
            for each in results
        ],
        "capabilities": probing.found,
        "profile": proposed,
        "not_cleaned_up": probing.uncleaned,
    }


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: the file cannot be written ({error.strerror}).") from error
