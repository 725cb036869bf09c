"""Write the reference pages of the documentation from the code. ``make docs`` runs it before each build."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import click
import dagster as dg
from pydantic import SecretStr
from pydantic_settings import BaseSettings

import akeneo_assets
from akeneo_assets.assets.in_sync import METADATA
from akeneo_assets.cli import main
from akeneo_assets.cli.exit_codes import ExitCode
from akeneo_assets.definitions import defs
from akeneo_assets.ipaas.enumerations import FIXES, ErrorCode
from akeneo_assets.probe.akeneo.probe import FACTS as AKENEO_FACTS
from akeneo_assets.probe.facts import Fact
from akeneo_assets.probe.ipaas.probe import READING, WRITING
from akeneo_assets.settings import AlertSettings, Settings, StartUpSettings
from akeneo_assets.store import schema
from akeneo_assets.sync.results import StepReport

PACKAGE = Path(akeneo_assets.__file__).parent
FOLDER = Path(__file__).parent / "reference"


def cell(text: object) -> str:
    """Return a text as a cell of a table: one line, without markup."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def code(text: object) -> str:
    """Return a text as code in a cell of a table."""
    return f"`{' '.join(str(text).split())}`".replace("|", "\\|") if str(text) else ""


def table(*header: str, rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown. Cells are Markdown already."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _default(value: object) -> str:
    if isinstance(value, SecretStr):
        return "the sandbox's"
    if value is None:
        return "none"
    return code(str(value).lower() if isinstance(value, bool) else value)


def _settings_of(model: type[BaseSettings], base: type[BaseSettings] | None = None) -> str:
    inherited = base.model_fields if base else {}
    rows = (
        (code(name.upper()), _default(field.default), cell(field.description))
        for name, field in model.model_fields.items()
        if name not in inherited
    )
    return table("variable", "default", "meaning", rows=rows)


def settings() -> str:
    """Return the page of all environment variables."""
    return (
        "# Settings\n\nSettings are environment variables, or lines of a `.env` file in the current folder; the "
        "environment takes precedence. Defaults point to the sandbox. Secrets never appear in logs, metadata, run "
        "config or the UI: Dagster only knows the names of the variables. [Subscriptions](../subscriptions.md) "
        "describes the same settings as attributes of a component.\n\n"
        f"## Sync\n\n{_settings_of(Settings, StartUpSettings)}\n"
        f"## Dagster\n\n{_settings_of(StartUpSettings)}\n"
        f"## Alerts\n\n{_settings_of(AlertSettings, StartUpSettings)}"
    )


def _type(document: dict[str, Any]) -> str:
    if "$ref" in document:
        return str(document["$ref"]).rsplit("/", maxsplit=1)[-1]
    if "enum" in document:
        return " or ".join(json.dumps(value) for value in document["enum"])
    for choice in ("anyOf", "oneOf"):
        if choice in document:
            return " or ".join(dict.fromkeys(_type(each) for each in document[choice]))
    named = document.get("type", "any")
    if named == "array":
        return f"list of {_type(document.get('items', {}))}"
    if named == "object" and isinstance(document.get("additionalProperties"), dict):
        return f"map to {_type(document['additionalProperties'])}"
    return " or ".join(named) if isinstance(named, list) else str(named)


def _keys(document: dict[str, Any]) -> str:
    required = document.get("required", [])
    rows = (
        (
            code(name),
            cell(_type(each)),
            "required" if name in required else code(json.dumps(each["default"])) if "default" in each else "",
            cell(each.get("description", "")),
        )
        for name, each in document.get("properties", {}).items()
    )
    return table("key", "value", "default", "meaning", rows=rows)


def mapping() -> str:
    """Return the page of the keys of a mapping file."""
    document = json.loads((PACKAGE / "mapping/schema.json").read_text(encoding="utf-8"))
    parts = [
        "# Mapping keys\n\nThe keys of a mapping file. [A mapping, step by step](../mapping.md) shows them in use.\n",
        f"## The file\n\n{cell(document.get('description', ''))}\n\n{_keys(document)}",
    ]
    parts += [
        f"## {name}\n\n{cell(each.get('description', ''))}\n\n{_keys(each)}"
        for name, each in sorted(document["$defs"].items())
    ]
    return "\n".join(parts)


def commands(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    """Yield each command of a group with its whole name."""
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, path)
        else:
            yield path, command


def command_line() -> str:
    """Return the page of all commands with their options."""
    parts = [
        "# Command line\n",
        "Without an installed package, activate `.venv` first. `--subscription` chooses one of the",
        "[subscriptions](../subscriptions.md)",
        "of the project in the current folder.\n",
        "```text",
        main.get_help(click.Context(main, info_name="akeneo-assets")),
        "```\n",
    ]
    for name, command in commands(main, "akeneo-assets"):
        parts += [f"## {name}\n", "```text", command.get_help(click.Context(command, info_name=name)), "```\n"]
    return "\n".join(parts)


def _metadata_keys() -> Iterator[tuple[str, str]]:
    for key, annotated in get_type_hints(StepReport, include_extras=True).items():
        (meaning,) = annotated.__metadata__
        yield key, meaning


def assets() -> str:
    """Return the page of the assets, their checks, jobs, sensors and schedules."""
    repository = defs.get_repository_def()
    graph = repository.asset_graph
    nodes = sorted((graph.get(key) for key in graph.get_all_asset_keys()), key=lambda node: tuple(node.key.path))
    checks = sorted(graph.asset_check_keys, key=lambda key: (key.asset_key.path, key.name))
    jobs = sorted((job for job in repository.get_all_jobs() if not job.name.startswith("__")), key=lambda job: job.name)
    switches: list[dg.SensorDefinition | dg.ScheduleDefinition] = [*repository.sensor_defs, *repository.schedule_defs]
    return "\n".join(
        [
            "# Assets, checks and jobs\n",
            "[Checks and freshness](../checks.md) says when a check passes, and [Automation](../automation.md) when",
            "sensors and schedules run.\n\n## Assets\n",
            table(
                "asset",
                "meaning",
                rows=((code(node.key.to_user_string()), cell(node.description or "")) for node in nodes),
            ),
            "## Checks\n",
            table("asset", "check", rows=((code(key.asset_key.to_user_string()), code(key.name)) for key in checks)),
            "## Metadata\n",
            "What materializations of `akeneo/*`, `catalog/*` and `ipaas/*` report, as far as it applies to the layer.",
            "Counts that may be plotted are there even if they are 0. The others are left out if there is nothing.\n",
            table("key", "meaning", rows=((code(key), meaning) for key, meaning in _metadata_keys())),
            "`dagster/column_schema` and `dagster/column_lineage` of `catalog/*` and `ipaas/*` describe the columns,",
            "and the rule that fills each. The metadata of `in_sync`:\n",
            table("key", "meaning", rows=((code(key), meaning) for key, meaning in METADATA.items())),
            "## Jobs\n",
            table("job", "meaning", rows=((code(job.name), cell(job.description or "")) for job in jobs)),
            "## Sensors and schedules\n",
            table("name", "meaning", rows=((code(each.name), cell(each.description or "")) for each in switches)),
        ]
    )


def exit_codes() -> str:
    """Return the page of exit codes."""
    source = ast.parse((PACKAGE / "cli/exit_codes.py").read_text(encoding="utf-8"))
    (enumeration,) = (each for each in source.body if isinstance(each, ast.ClassDef) and each.name == ExitCode.__name__)
    texts = [
        each.value.value
        for each in enumeration.body[1:]
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
    ]
    rows = ((code(each.value), cell(text)) for each, text in zip(ExitCode, texts, strict=True))
    return (
        "# Exit codes\n\nThe [runbook](../runbook.md#exit-codes) says what to do. `verify` and `health` return 1 for "
        "what their own help describes.\n\n" + table("code", "meaning", rows=rows)
    )


def _text(node: ast.expr) -> str:
    """Return the text of a message; what is only known at run time is shown as an ellipsis."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(each) for each in node.values)
    return "…"


def record_errors() -> list[tuple[str, str]]:
    """Return our own error codes and their messages, from where the errors are raised."""
    found = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            each.target.id: each.value.value
            for each in tree.body
            if isinstance(each, ast.AnnAssign)
            and isinstance(each.target, ast.Name)
            and isinstance(each.value, ast.Constant)
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "RecordError":
                (named,) = (each.value for each in call.keywords if each.arg == "code")
                name = constants.get(named.id) if isinstance(named, ast.Name) else getattr(named, "value", None)
                if isinstance(name, str) and call.args and (text := _text(call.args[0])) != "…":
                    found.add((name, text))
    return sorted(found)


def errors() -> str:
    """Return the page of error codes, with their cure."""
    names = {value: name for name, value in vars(ErrorCode).items() if isinstance(value, str) and name.isupper()}
    return (
        "# Error codes\n\nThe code stands in the table *problems*, in `akeneo-assets status` and in the "
        "[sync log](../sync-log.md). An ellipsis stands for what is only known when the error occurs.\n\n## Ours\n\n"
        + table("code", "message", rows=((code(name), cell(text)) for name, text in record_errors()))
        + "\n## Of iPaaS.com\n\nOther codes are shown with the message of iPaaS.com.\n\n"
        + table(
            "code",
            "cause",
            "what to do",
            rows=((code(each), cell(names[each].replace("_", " ").lower()), cell(fix)) for each, fix in FIXES.items()),
        )
    )


def database() -> str:
    """Return the page of the tables of the state database."""
    parts = [
        f"# Database tables\n\nVersion {schema.HEAD}. The tables are internal and change with releases. For reports,",
        "use the views of the [sync log](../sync-log.md), which are stable.\n",
    ]
    for each in schema.metadata.sorted_tables:
        rows = (
            (
                code(column.name),
                code(column.type.__class__.__name__),
                "primary key" if column.primary_key else "",
                "yes" if column.nullable else "no",
            )
            for column in each.columns
        )
        parts.append(f"## {each.name}\n\n{table('column', 'type', 'key', 'may be empty', rows=rows)}")
    return "\n".join(parts)


def facts() -> str:
    """Return the page of the facts that a probe tests."""
    header = ("fact", "what is assumed", "source", "used by", "if it is different")

    def rows(tested: Iterable[Fact[Any]]) -> Iterator[tuple[str, ...]]:
        for fact in tested:
            parts = (fact.assumed, fact.source, fact.used_by, fact.otherwise)
            yield (code(fact.key), *map(cell, parts))

    return (
        "# Facts\n\nWhat `akeneo-assets probe` tests, see [First contact](../first-contact.md). The source is the "
        "vendor's documentation or source code (confirmed), iPaaS.com's client from 2019, or analogy (assumed).\n\n"
        f"## Akeneo\n\n{table(*header, rows=rows(AKENEO_FACTS))}\n"
        f"## iPaaS.com, without writing\n\n{table(*header, rows=rows(READING))}\n"
        f"## iPaaS.com, with `--write`\n\n{table(*header, rows=rows(WRITING))}"
    )


PAGES = {
    "settings": settings,
    "mapping-keys": mapping,
    "command-line": command_line,
    "assets": assets,
    "exit-codes": exit_codes,
    "error-codes": errors,
    "facts": facts,
    "database-tables": database,
}
"""The reference pages by the name of their file."""

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for name, page in PAGES.items():
        (FOLDER / f"{name}.md").write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{len(PAGES)} reference pages\n")
