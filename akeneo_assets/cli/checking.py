"""The setup test: each step reports what is wrong and how to fix it. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Final

from akeneo_assets.akeneo.client import AKENEO, UnsupportedSearchError
from akeneo_assets.akeneo.permissions import MissingPermissionError, Refusals
from akeneo_assets.akeneo.search import Search
from akeneo_assets.akeneo.server_clock import TOLERANCE_SECONDS, zone_of
from akeneo_assets.cli.display import output, print_json
from akeneo_assets.cli.exposure import exposed_state
from akeneo_assets.cli.instance import prepared_folder
from akeneo_assets.cli.subscriptions import chosen_settings, command
from akeneo_assets.cli.terminal import escape
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.mapping.catalogue.selection import select
from akeneo_assets.store.capabilities import Known
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.forecast import of_first_load
from akeneo_assets.sync.inspect.check_mapping import check_mapping
from akeneo_assets.sync.results import StepResult

_LISTS: Final = ("product-models", "categories", "families", "attributes", "association-types", "channels")


@dataclass(frozen=True)
class StepCheck:
    """The result of one step."""

    step: str
    passed: bool
    message: str
    warnings: tuple[str, ...] = ()


def check_setup(*, as_json: bool) -> int:
    """Test everything that a sync needs, and print the results.

    Returns:
        0 if every step passed, else 2.
    """
    checks: list[StepCheck] = []
    for check in _step_checks():
        checks.append(check)
        if not as_json:
            mark = "[green]ok   [/]" if check.passed else "[bold red]wrong[/]"
            output.print(f"{mark} {check.step}: {escape(check.message)}")
            for warning in check.warnings:
                output.print(f"[yellow]warning[/] {escape(warning)}")
    passed = all(check.passed for check in checks)
    if as_json:
        print_json({"passed": passed, "steps": [asdict(check) for check in checks]})
    elif passed:
        output.print(f"\nEverything is ready. Next: {command('sync full --dry-run')}")
    return 0 if passed else 2


def _step_checks() -> Iterator[StepCheck]:
    """Yield the result of each step. Steps that depend on a failed step are skipped."""
    try:
        settings, history = chosen_settings(), prepared_folder()
        engine = connect(settings, run_id="check")
    except AkeneoAssetsError as error:
        yield StepCheck("settings, state and mapping file", passed=False, message=str(error))
        return
    address = engine.store.address
    message = f"the state database is {address}"
    warnings = (*settings.warnings, *exposed_state(engine.store.file, history))
    yield StepCheck("settings, state and mapping file", passed=True, message=message, warnings=warnings)
    with closing(engine):
        akeneo = _reach_akeneo(engine)
        yield akeneo
        permissions = None
        if akeneo.passed:
            with engine.measured() as usage:
                structure = _read_structure(engine)
                structure_requests = usage().requests.total("akeneo")
            permissions = _step_check("Akeneo's permissions", partial(_read_lists, engine, structure))
            yield permissions
            if permissions.passed:
                yield _compare_clocks(engine)
        yield _step_check("iPaaS.com", partial(_reach_ipaas, engine))
        if permissions is not None and permissions.passed:
            mapping = _check_mapping(engine, structure)
            yield mapping
            if mapping.passed:
                yield _step_check("a first load", partial(_forecast, engine, structure_requests))


def _step_check(step: str, work: Callable[[], str]) -> StepCheck:
    try:
        return StepCheck(step, passed=True, message=work())
    except AkeneoAssetsError as error:
        return StepCheck(step, passed=False, message=str(error))


def _reach_akeneo(engine: Engine) -> StepCheck:
    try:
        engine.akeneo.log_in()
        system: Mapping[str, str] = engine.akeneo.system_information()
    except AkeneoAssetsError as error:
        return StepCheck("Akeneo", passed=False, message=str(error))
    release = _release(system["version"], system["edition"])
    message = f"{engine.settings.akeneo_api_url} responds, version {release}"
    known = engine.store.capabilities.of(AKENEO.name)
    message = f"{message}, {_last_probe(known)}"
    probed = _release(known.versions.get("akeneo"), known.versions.get("edition")) if known is not None else release
    if probed == release:
        return StepCheck("Akeneo", passed=True, message=message)
    warning = f"Akeneo had version {probed} when it was probed. Run: {command('probe')}"
    return StepCheck("Akeneo", passed=True, message=message, warnings=(warning,))


def _release(version: str | None, edition: str | None) -> str:
    return " ".join(part for part in (version, edition) if part) or "unknown"


def _last_probe(known: Known | None) -> str:
    if known is None:
        return "never probed"
    return f"last probed on {datetime.fromtimestamp(known.found_at, timezone.utc):%Y-%m-%d}"


def _read_structure(engine: Engine) -> StepResult | AkeneoAssetsError:
    try:
        return engine.read_structure()
    except AkeneoAssetsError as error:
        return error


def _read_lists(engine: Engine, structure: StepResult | AkeneoAssetsError) -> str:
    refusals = Refusals()
    names = (engine.akeneo.products_endpoint, *_LISTS)
    counts = {name: refusals.ask(partial(engine.akeneo.count, name)) for name in names}
    if isinstance(structure, MissingPermissionError):
        refusals.add(structure)
    refusals.raise_all()
    return ", ".join(f"{name} (not counted)" if count is None else f"{count} {name}" for name, count in counts.items())


def _compare_clocks(engine: Engine) -> StepCheck:
    step = "Akeneo's clock"
    try:
        zone = zone_of(next(iter(engine.akeneo.list(engine.akeneo.products_endpoint)), ()))
    except AkeneoAssetsError as error:
        return StepCheck(step, passed=False, message=str(error))
    written = f"it writes dates in {zone}"
    skew = engine.akeneo.clock.skew_seconds
    if skew is None:
        return StepCheck(
            step,
            passed=True,
            message=f"its responses contain no usable time, so this machine's clock is used; {written}",
        )
    if abs(skew) <= TOLERANCE_SECONDS:
        return StepCheck(step, passed=True, message=f"agrees with this machine's clock; {written}")
    difference = f"is {timedelta(seconds=round(abs(skew)))} {'ahead of' if skew > 0 else 'behind'} this machine's"
    warning = f"Akeneo's clock {difference}. No edit is lost, but reads take longer. Correct the wrong clock."
    return StepCheck(step, passed=True, message=f"{difference}; {written}", warnings=(warning,))


def _reach_ipaas(engine: Engine) -> str:
    engine.ipaas.log_in()
    next(iter(engine.ipaas.products()), None)
    settings = engine.settings
    probed = _last_probe(engine.store.capabilities.of("ipaas"))
    reached = f"{settings.ipaas_api_url} responds, subscription {settings.ipaas_subscription_id}, {probed}"
    if settings.ipaas_api_profile is None:
        return reached
    count = engine.ipaas.differences
    differences = f"{count} difference{'' if count == 1 else 's'}"
    return f"{reached}, with {differences} in the API profile {settings.ipaas_api_profile}"


def _check_mapping(engine: Engine, structure: StepResult | AkeneoAssetsError) -> StepCheck:
    if isinstance(structure, AkeneoAssetsError):
        return StepCheck("mapping", passed=False, message=str(structure))
    products = engine.akeneo.count(engine.akeneo.products_endpoint)
    checked = check_mapping(engine.mapping, engine.store, products=products)
    messages = {each: str(each) for each in checked.problems}
    errors = [text for problem, text in messages.items() if problem.severity == "error"]
    warnings = (*(text for problem, text in messages.items() if problem.severity == "warning"), *checked.notes)
    message = f"fits the catalogue ({structure.counts['read']} records of structure); values of {_chosen(engine)}"
    return StepCheck("mapping", passed=not errors, message="; ".join(errors) or message, warnings=warnings)


def _forecast(engine: Engine, structure_requests: int) -> str:
    """Forecast a first load from counts of one request for each list."""
    products = engine.akeneo.products_endpoint
    try:
        variants = engine.akeneo.count(products, Search().where("parent", "NOT EMPTY"))
    except UnsupportedSearchError:
        # Before 7.0, variants cannot be counted, so the forecast is too high.
        variants = 0
    categories, models, all_products = map(engine.akeneo.count, ("categories", "product-models", products))
    if categories is None or models is None or all_products is None:
        return "no forecast, because Akeneo does not tell how many records it has"
    forecast = of_first_load(
        categories=categories,
        models=models,
        products=all_products,
        variants=variants or 0,
        trees=len(engine.category_roots()),
        families=len(engine.families()),
        structure_requests=structure_requests,
    )
    return forecast.sentence(engine.settings)


def _chosen(engine: Engine) -> str:
    """Return the channel, locale and currency that values are taken from, and which of them are defaults."""
    settings, selection = engine.mapping.settings, select(engine.mapping.settings, engine.structure)
    found = {
        "channel": (settings.channel, selection.channel),
        "locale": (settings.locale, next(iter(selection.locales), None)),
        "currency": (settings.currency, selection.currency),
    }
    return ", ".join(
        f"{what} {used or '(none)'}{' (by default)' if named is None else ''}" for what, (named, used) in found.items()
    )
