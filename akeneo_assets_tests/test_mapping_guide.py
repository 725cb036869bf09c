"""The guide to mapping files is correct: each step has the results in its table, each command prints what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.checks.check import check
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.record.filter import FILTERED
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.mapping.golden import catalogue
from akeneo_assets_tests.scenarios.world import World, full_load
from akeneo_assets_tests.shell import Shell

ROOT: Final = Path(__file__).parent.parent
GUIDE: Final = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
LEFT_OUT: Final = "left out"
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A section of the guide with a snippet of the mapping file.

    Attributes:
        title: Its heading.
        lines: All lines of the file up to this step.
        rows: Record, field and sent value, from its table.
    """

    title: str
    lines: JsonObject
    rows: list[tuple[str, str, str]]


def merged(first: Any, second: Any) -> Any:
    if not (isinstance(first, dict) and isinstance(second, dict)):
        return second
    return first | {name: merged(first.get(name), value) for name, value in second.items()}


def steps() -> Iterator[Step]:
    lines: JsonObject = {}
    for section in GUIDE.split("\n## ")[1:]:
        for language, snippet in BLOCK.findall(section):
            if language == "yaml":
                lines = merged(lines, yaml.safe_load(snippet))
                table = re.findall(r"^\| (.*?) \| (.*?) ?\| (.*?) ?\|$", section, re.MULTILINE)
                yield Step(section.partition("\n")[0], lines, table[2:])


STEPS: Final = list(steps())


def write(path: Path, lines: JsonObject) -> None:
    path.write_text(yaml.safe_dump(lines, allow_unicode=True, sort_keys=False), encoding="utf-8")


def mapped(mapper: Mapper) -> dict[str, MappedRecord]:
    """Map the sample catalogue, and return the sent records by SKU."""
    found: dict[str, MappedRecord] = {}
    for root, models, variants in catalogue().trees():
        found |= {str(variant.sku): variant for variant in mapper.tree(root, models, variants).variants}
    for product in catalogue().products:
        if product["parent"] is None:
            try:
                record = mapper.product(product)
            except RecordError as error:
                if error.code != FILTERED:
                    raise
            else:
                found[str(record.sku)] = record
    return found


def fields(record: MappedRecord) -> dict[str, str]:
    """Return the fields of a record by their names in the guide."""
    found = {name: str(value) for name, value in record.payload.items() if not isinstance(value, list)}
    for custom in record.payload.get("custom_fields", ()):
        found[f"custom_fields.{custom['custom_field_name']}"] = str(custom["value"])
    for index, row in enumerate(record.payload.get("inventory", ())):
        found |= {f"inventory[{index}].{name}": str(value) for name, value in row.items()}
    return found


def test_the_guide_has_steps_with_results() -> None:
    assert len(STEPS) == 10
    assert all(step.rows for step in STEPS)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_each_step_has_the_results_in_its_table(step: Step, tmp_path: Path) -> None:
    write(tmp_path / "mapping.yaml", step.lines)
    mapping = load_mapping(tmp_path / "mapping.yaml")
    assert [each for each in check(mapping, catalogue().structure) if each.severity == "error"] == []

    records = mapped(Mapper(mapping, catalogue().structure, "UUID"))

    def sent(record: str, field: str) -> str:
        return fields(records[record]).get(field, "") if record in records else LEFT_OUT

    assert [(record, field, sent(record, field)) for record, field, _ in step.rows] == step.rows


def test_the_commands_print_what_the_guide_shows(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Sandbox() as sandbox:
        world = World(sandbox, tmp_path_factory.mktemp("guide"))
        full_load(world.engine())
        shell.set(world.environment())
        for language, snippet in BLOCK.findall(GUIDE):
            if language == "console":
                run(shell, snippet)
            if "mapping init" in snippet:  # what the reader writes next
                write(shell.folder / "mapping.yaml", STEPS[-1].lines)
        world.close()


def test_the_guide_uses_the_sandbox_of_make_dev() -> None:
    (snippet,) = (snippet for language, snippet in BLOCK.findall(GUIDE) if language == "sh")
    start = snippet.splitlines()[-1].removesuffix(" -- bash")

    assert start.startswith("akeneo-assets sandbox --folder ")
    assert start in (ROOT / "Makefile").read_text(encoding="utf-8")


def run(shell: Shell, snippet: str) -> None:
    """Run the commands of a snippet; the output contains the lines below each, ``...`` stands for others."""
    for part in re.split(r"^\$ ", snippet, flags=re.MULTILINE)[1:]:
        command, *shown = (" ".join(line.split()) for line in part.splitlines() if line.strip())
        program, *arguments = command.split()
        if program == "export":
            shell.set(dict([arguments[0].split("=")]))
            continue
        with pytest.MonkeyPatch.context() as patch:
            while "=" in program:
                patch.setenv(*program.split("="))
                program, *arguments = arguments
            assert program == "akeneo-assets"
            called = shell.call(*arguments)
        assert called.code == 0, called.text
        lines = iter([" ".join(line.split()) for line in called.output.splitlines()])
        missing = [line for line in shown if line != "..." and line not in lines]
        assert missing == [], called.output
