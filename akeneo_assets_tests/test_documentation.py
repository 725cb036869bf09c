"""The documentation is correct and complete: its snippets run, and it contains every setting, command and sensor."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

import click
import pytest
import yaml

from akeneo_assets.cli import main
from akeneo_assets.cli.exit_codes import ExitCode
from akeneo_assets.definitions import defs
from akeneo_assets.ipaas.profile_file import load_profile
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.settings import AlertSettings, Settings
from akeneo_assets.store.store import Store

ROOT: Final = Path(__file__).parent.parent
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE: Final = (ROOT / ".env.example").read_text(encoding="utf-8")
MAKEFILE: Final = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES: Final = {each.name: each.read_text(encoding="utf-8") for each in sorted((ROOT / "docs").glob("*.md"))}
VARIABLES: Final = sorted(name.upper() for name in Settings.model_fields | AlertSettings.model_fields)
VARIABLE: Final = re.compile(r"^[A-Z_]+=\S*$")


class Snippet(NamedTuple):
    """A fenced block of a page."""

    page: str
    language: str
    text: str


SNIPPETS: Final = [
    Snippet(page, *found)
    for page, text in {"README.md": README, **PAGES}.items()
    for found in re.findall(r"^```([a-z]+)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
]


def of_language(*languages: str) -> list[Snippet]:
    found = [each for each in SNIPPETS if each.language in languages]
    assert found, languages
    return found


PROFILES: Final = [each for each in of_language("yaml") if each.text.startswith("paths:")]
MAPPINGS: Final = [
    each for each in of_language("yaml") if "type: akeneo_assets." not in each.text and each not in PROFILES
]
"""The snippets of mapping files. Those of components are loaded by the tests of components."""


def in_snippets() -> list[str]:
    lines = [line.removeprefix("$ ") for each in of_language("console", "sh") for line in each.text.splitlines()]
    return our_commands(lines)


def in_text() -> list[str]:
    return our_commands([line for text in (README, *PAGES.values()) for line in re.findall(r"`([^`\n]+)`", text)])


def our_commands(lines: list[str]) -> list[str]:
    """Return the lines that start our program, without the variables before it."""
    found = set()
    for line in lines:
        words = line.split()
        while words and VARIABLE.match(words[0]):
            words = words[1:]
        if words[:1] == ["akeneo-assets"]:
            found.add(" ".join(words))
    return sorted(found)


def parse(line: str) -> None:
    """Parse a command line like the program, without running it."""
    arguments = shlex.split(line, comments=True)[1:]
    command: click.Command = main
    context = command.make_context(command.name, arguments)
    while isinstance(command, click.Group):
        _, inner, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert inner is not None
        command, context = inner, inner.make_context(inner.name, rest, parent=context)


def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


REFERENCE: Final = reference()


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_is_in_the_reference_with_a_meaning(variable: str) -> None:
    assert re.search(rf"^\| `{variable}` \| [^|]+ \| [^|]{{10,}} \|$", REFERENCE.settings(), flags=re.MULTILINE)


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_is_in_the_example(variable: str) -> None:
    assert re.search(rf"^#{variable}=", EXAMPLE, flags=re.MULTILINE)


def test_the_example_names_no_variable_that_does_not_exist() -> None:
    assert sorted(re.findall(r"^#([A-Z_]+)=", EXAMPLE, flags=re.MULTILINE)) == VARIABLES


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_pages_name_no_setting_that_does_not_exist(page: str) -> None:
    named = set(re.findall(r"`((?:AKENEO|IPAAS)_[A-Z_]*[A-Z])`", PAGES[page]))

    assert named <= {*VARIABLES, "AKENEO_ASSETS_SUBSCRIPTION"}


def test_every_sensor_and_schedule_is_on_the_page_of_automation() -> None:
    repository = defs.get_repository_def()
    names = [*(sensor.name for sensor in repository.sensor_defs), *(each.name for each in repository.schedule_defs)]

    assert sorted(re.findall(r"^\| `([a-z_]+)` \|", PAGES["automation.md"], flags=re.MULTILINE)) == sorted(names)


def test_the_page_of_automation_names_the_interval_of_the_sensor() -> None:
    interval = defs.get_repository_def().get_sensor_def("akeneo_changes").minimum_interval_seconds
    assert f"| `akeneo_changes` | every {interval} s |" in PAGES["automation.md"]


def test_the_runbook_has_every_exit_code_check_and_alert() -> None:
    runbook = PAGES["runbook.md"]
    first = re.findall(r"^\| ([^|]+) \|", runbook, flags=re.MULTILINE)
    codes = {int(code) for cell in first for code in re.findall(r"^[\d, ]+$", cell) for code in code.split(",")}
    rules = yaml.safe_load((ROOT / "deploy/monitoring/alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    checks = {key.name for key in defs.get_repository_def().asset_graph.asset_check_keys}

    assert codes == set(map(int, ExitCode))
    assert {f"`{name}`" for name in checks | {each["alert"] for each in rules}} <= set(first)


def test_make_dev_runs_with_automation() -> None:
    (recipe,) = re.findall(r"^dev: .*\n\t@(.*)$", MAKEFILE, flags=re.MULTILINE)
    sandbox, _, command = recipe.partition(" -- ")

    assert "akeneo-assets sandbox" in sandbox, "it sets the variable for its command"
    assert "dagster dev" in command


@pytest.mark.parametrize("line", in_snippets())
def test_the_commands_in_the_snippets_have_valid_arguments(line: str) -> None:
    parse(line)


@pytest.mark.parametrize("line", in_text())
def test_the_commands_in_the_text_exist(line: str) -> None:
    with suppress(click.MissingParameter, click.exceptions.NoArgsIsHelpError, click.exceptions.Exit):
        parse(line)


@pytest.mark.parametrize(
    "line", ["akeneo-assets synch", "akeneo-assets sync full --all", "akeneo-assets verify --to 1"]
)
def test_an_invented_command_or_option_is_found(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line)


@pytest.mark.parametrize("snippet", MAPPINGS, ids=lambda each: each.page)
def test_the_mappings_in_the_documentation_load(snippet: Snippet, tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(snippet.text, encoding="utf-8")

    loaded = load_mapping(path).settings.model_dump()

    for name, value in yaml.safe_load(snippet.text).get("settings", {}).items():
        assert loaded[name] == (tuple(value) if isinstance(value, list) and isinstance(loaded[name], tuple) else value)


@pytest.mark.parametrize("snippet", PROFILES, ids=lambda each: each.page)
def test_the_api_profiles_in_the_documentation_load(snippet: Snippet, tmp_path: Path) -> None:
    path = tmp_path / "ipaas.yaml"
    path.write_text(snippet.text, encoding="utf-8")

    assert load_profile(str(path)).size == 11


@pytest.mark.parametrize("snippet", of_language("python"), ids=lambda each: each.page)
def test_the_python_in_the_documentation_runs(
    snippet: Snippet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AKENEO_ASSETS_DATABASE_URL", f"sqlite:///{tmp_path / 'state.db'}")
    variables: dict[str, object] = {}
    try:
        exec(snippet.text, variables)
    except StopIteration:
        assert "ledger_frames" in snippet.text, "nothing was delivered yet, so there are no frames"

    assert {"store", "defs"} & set(variables)
    if isinstance(store := variables.get("store"), Store):
        store.close()


@pytest.mark.parametrize("snippet", of_language("sql"), ids=lambda each: each.page)
def test_the_statements_in_the_documentation_run_on_a_fresh_database(snippet: Snippet, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'state.db'}")

    assert len(store.sync_log.query(snippet.text, run_id="none")) == 0
    store.close()


def test_the_make_targets_in_the_documentation_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))
    named = {
        name for text in (README, *PAGES.values()) for name in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)
    }

    assert {"demo", "test"} <= named <= targets


def test_the_links_in_the_documentation_work() -> None:
    generated = {f"reference/{name}.md" for name in REFERENCE.PAGES}
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert target in generated or (page.parent / target).exists(), f"{page.name}: {target}"
