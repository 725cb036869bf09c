"""The documentation is correct and complete: its snippets run, and it contains every setting and command."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import yaml

from akeneo_assets.cli import main
from akeneo_assets.definitions import defs
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.settings import AlertSettings, Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
VARIABLES = sorted(name.upper() for name in Settings.model_fields | AlertSettings.model_fields)


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)


def commands(group: click.Group, prefix: str) -> list[str]:
    found = []
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        found += commands(command, path) if isinstance(command, click.Group) else [path]
    return found


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_is_in_the_readme(variable: str) -> None:
    assert f"`{variable}`" in README


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_is_in_the_example(variable: str) -> None:
    assert re.search(rf"^#{variable}=", EXAMPLE, flags=re.MULTILINE)


def test_the_example_names_no_variable_that_does_not_exist() -> None:
    assert sorted(re.findall(r"^#([A-Z_]+)=", EXAMPLE, flags=re.MULTILINE)) == VARIABLES


@pytest.mark.parametrize("command", commands(main, "akeneo-assets"))
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"^{command}\b", "\n".join(snippets("console")), flags=re.MULTILINE)


def test_every_sensor_and_schedule_is_in_the_readme() -> None:
    repository = defs.get_repository_def()
    names = [*(sensor.name for sensor in repository.sensor_defs), *(each.name for each in repository.schedule_defs)]

    assert sorted(re.findall(r"^\| `([a-z_]+)` \|", README, flags=re.MULTILINE)) == sorted(names)


def test_the_readme_names_the_interval_of_the_sensor() -> None:
    interval = defs.get_repository_def().get_sensor_def("akeneo_changes").minimum_interval_seconds
    assert f"| `akeneo_changes` | every {interval} s |" in README


def test_make_dev_runs_with_automation() -> None:
    (recipe,) = re.findall(r"^dev: .*\n\t@(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    sandbox, _, command = recipe.partition(" -- ")

    assert "akeneo-assets sandbox" in sandbox, "it sets the variable for its command"
    assert "dagster dev" in command


def test_the_mapping_in_the_readme_loads(tmp_path: Path) -> None:
    (snippet,) = snippets("yaml")
    path = tmp_path / "mapping.yaml"
    path.write_text(snippet, encoding="utf-8")

    mapping = load_mapping(path)

    assert mapping.settings.price_attribute == yaml.safe_load(snippet)["settings"]["price_attribute"]


def test_the_notebook_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AKENEO_ASSETS_DATABASE_URL", f"sqlite:///{tmp_path / 'state.db'}")
    (snippet,) = snippets("python")
    variables: dict[str, object] = {}

    with pytest.raises(StopIteration):  # nothing was delivered yet, so there are no frames
        exec(snippet, variables)

    assert "store" in variables
    variables["store"].close()  # type: ignore[attr-defined]  # the snippet's own store


def test_the_make_targets_in_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))

    assert set(re.findall(r"\bmake ([a-z-]+)\b", README)) - targets == set()


def test_the_links_in_the_documentation_work() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
