"""``akeneo-assets mapping check`` and ``mapping init``."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from akeneo_assets.cli.display import output, print_json
from akeneo_assets.cli.subscriptions import chosen_settings
from akeneo_assets.cli.terminal import escape
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.mapping.file.finding import MappingFileError
from akeneo_assets.mapping.file.lines import line_of, lines_of
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.file.schema import SCHEMA_FILE
from akeneo_assets.store.store import Store
from akeneo_assets.sync.inspect.check_mapping import MappingCheck, check_mapping

_MARKS: Final = {"error": "[bold red]error[/]", "warning": "[yellow]warning[/]"}


def check_file(path: Path | None, *, as_json: bool) -> int:
    """Check a mapping file and print what is wrong.

    Args:
        path: The file; None for the one in use.
        as_json: Print JSON instead of text.

    Returns:
        2 when there are errors, else 0.
    """
    settings = chosen_settings()
    used = settings.akeneo_assets_mapping if path is None else str(path)
    name = used or "the default mapping"
    try:
        mapping = load_mapping(used)
    except MappingFileError as error:
        if not as_json:
            raise
        problems = [asdict(finding) for finding in error.findings]
        print_json({"file": name, "passed": False, "problems": problems, "unchecked": []})
        return 2
    with closing(Store.open(settings.database_url)) as store:
        found = check_mapping(mapping, store)
    lines = {} if used is None else lines_of(Path(used).read_text(encoding="utf-8"))
    problems = [asdict(replace(each, line=line_of(each.place or "", lines))) for each in found.problems]
    passed = not any(problem["severity"] == "error" for problem in problems)
    if as_json:
        print_json(
            {
                "file": name,
                "passed": passed,
                "problems": problems,
                "unchecked": found.unchecked,
                "notes": found.notes,
            }
        )
    else:
        _print(name, problems, found)
    return 0 if passed else 2


def _print(name: str, problems: list[dict[str, Any]], found: MappingCheck) -> None:
    for problem in problems:
        place = name if problem["line"] is None else f"{name}:{problem['line']}"
        message = escape(f"{place}: {problem['place']}: {problem['message']} {problem['fix']}")
        output.print(f"{_MARKS[problem['severity']]} {message}")
    for what in found.unchecked:
        output.print(f"[yellow]not checked[/] {escape(what)}")
    for note in found.notes:
        output.print(f"[yellow]note[/] {escape(note)}")
    if not problems and not found.unchecked:
        output.print(f"{escape(name)} fits the catalogue, and its formulas work on sample records.")
    elif not problems:
        output.print(f"{escape(name)} has no errors in the parts that could be checked.")


def write_starter(path: Path) -> int:
    """Write a mapping file in which every line is commented out, with the schema for editors.

    Args:
        path: The file, which must not exist.

    Returns:
        0.

    Raises:
        ConfigurationError: The file exists or cannot be written.
    """
    starter = files("akeneo_assets.mapping").joinpath("starter.yaml").read_text(encoding="utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(f"# yaml-language-server: $schema={SCHEMA_FILE.as_uri()}\n{starter}")
    except FileExistsError:
        raise ConfigurationError(
            f"{path} already exists and was not changed. Choose another name or move the file."
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}). Choose another location.") from error
    output.print(
        f"Wrote {escape(str(path))}. Uncomment what you need, then run: "
        f"akeneo-assets mapping check {escape(str(path))}\n"
        "To use it, set AKENEO_ASSETS_MAPPING to its path."
    )
    return 0
