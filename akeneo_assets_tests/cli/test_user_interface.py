"""``make demo``, then ``make dev``, twice: what the UI shows, what is kept, and that no secret is shown or stored."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from akeneo_assets.cli.instance import open_instance
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS, IPAAS_CREDENTIALS
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.runs import execute
from akeneo_assets_tests.shell import SCRIPTS, Called, Shell, command_line, is_open, processes_below, unused_port

# Any test can be the first that needs the demo or the UI.
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]

ROOT: Final = Path(__file__).parent.parent.parent
PROJECT: Final = ("pyproject.toml", "dagster.yaml", "workspace.yaml")
PATIENCE_SECONDS: Final = 60.0
WRONG: Final = {
    "AKENEO_PASSWORD": "wrong-password-of-akeneo",
    "IPAAS_API_KEY": "wrong-key-of-ipaas",
    "AKENEO_ASSETS_DATABASE_URL": "postgresql://someone:password-of-database@127.0.0.1:1/state",
}
"""Each fails a run."""

OBJECTS: Final = {
    "categories": 68,
    "product models": 17,
    "products": 103,
    "variants": 75,
    "bundles": 8,
}

_LOCATION: Final = 'repositoryName: "__repository__", repositoryLocationName: "akeneo_assets"'
_EVENT: Final = """
  __typename
  ... on MessageEvent { message level stepKey }
  ... on ErrorEvent { error { message stack className errorChain { error { message stack } } } }
  ... on MaterializationEvent { assetKey { path } metadataEntries { ...entry } }
  ... on ObservationEvent { assetKey { path } metadataEntries { ...entry } }
"""
_ENTRIES: Final = """
fragment entry on MetadataEntry {
  label description
  ... on TextMetadataEntry { text }
  ... on JsonMetadataEntry { jsonString }
  ... on IntMetadataEntry { intValue }
  ... on FloatMetadataEntry { floatValue }
  ... on TableMetadataEntry { table { records } }
}
"""
RUNS: Final = f"""{{
  runsOrError {{ ... on Runs {{ results {{
    runId jobName status runConfigYaml tags {{ key value }}
    eventConnection {{ events {{ {_EVENT} }} }}
  }} }} }}
}} {_ENTRIES}"""
RESOURCES: Final = f"""{{
  allTopLevelResourceDetailsOrError(repositorySelector: {{ {_LOCATION} }}) {{
    ... on ResourceDetailsList {{ results {{
      name description
      configFields {{ name description defaultValueAsJson }}
      configuredValues {{ key value type }}
      nestedResources {{ name resource {{
        name configFields {{ name description defaultValueAsJson }} configuredValues {{ key value type }}
      }} }}
    }} }}
  }}
}}"""
PARTITIONS: Final = '{ assetNodeOrError(assetKey: {path: ["%s", "%s"]}) { ... on AssetNode { partitionKeys } } }'
LAUNCH: Final = f"""mutation {{
  launchPipelineExecution(executionParams: {{
    selector: {{ {_LOCATION}, pipelineName: "structure" }}, runConfigData: {{}}, mode: "default"
  }}) {{ __typename ... on LaunchRunSuccess {{ run {{ runId }} }} }}
}}"""
LOADED: Final = (
    "{ workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError { __typename } } } } }"
)


class Interface:
    """A running UI beside the sandbox."""

    def __init__(self, shell: Shell, ports: tuple[int, int]) -> None:
        self.port = unused_port()
        self._ports = ports
        self._output = (shell.folder / f"interface-{self.port}.log").open("w+", encoding="utf-8")
        sandbox = ["--akeneo-port", str(ports[0]), "--ipaas-port", str(ports[1]), "--folder", ".dagster/sandbox"]
        dagster = [str(SCRIPTS / "dagster"), "dev", "-p", str(self.port), "-w", "workspace.yaml"]
        self.process = shell.start(
            "akeneo-assets", "sandbox", *sandbox, "--", *dagster, stdout=self._output, stderr=subprocess.STDOUT
        )
        self.responses: list[str] = []

    def wait_until_loaded(self) -> None:
        self._until(lambda: "RepositoryLocation" in json.dumps(self._ask_quietly(LOADED)))

    def ask(self, query: str) -> Any:
        response = requests.post(f"http://127.0.0.1:{self.port}/graphql", json={"query": query}, timeout=30)
        self.responses.append(response.text)
        document = response.json()
        assert "errors" not in document, document
        return document["data"]

    def runs(self) -> dict[str, dict[str, Any]]:
        return {run["runId"]: run for run in self.ask(RUNS)["runsOrError"]["results"]}

    def partitions(self) -> dict[str, list[str]]:
        nodes = {"category_trees": ("akeneo", "categories"), "catalog_batches": ("akeneo", "products")}
        return {name: self.ask(PARTITIONS % path)["assetNodeOrError"]["partitionKeys"] for name, path in nodes.items()}

    def launch(self) -> str:
        """Launch the structure job from the launchpad, and return the id of its run when it has ended."""
        run_id: str = self.ask(LAUNCH)["launchPipelineExecution"]["run"]["runId"]
        status = f'{{ runOrError(runId: "{run_id}") {{ ... on Run {{ status }} }} }}'
        self._until(lambda: self.ask(status)["runOrError"]["status"] in {"SUCCESS", "FAILURE"})
        return run_id

    def stop(self) -> str:
        """Stop as Ctrl-C does, and return what was printed."""
        below = processes_below(self.process.pid)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_SECONDS)
        self._until(lambda: not {each for each in below if Path(f"/proc/{each}").exists()})
        assert not any(map(is_open, (self.port, *self._ports)))
        with self._output:
            self._output.seek(0)
            return self._output.read()

    def _ask_quietly(self, query: str) -> Any:
        try:
            return self.ask(query)
        except requests.ConnectionError:
            return None

    def _until(self, condition: Any) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "the UI did not get there in time"
            time.sleep(0.1)  # there is no event to wait for


@dataclass
class Evidence:
    """Everything that was shown, from the demo to the second start of the UI."""

    shell: Shell
    demo: Called
    ports: tuple[int, int]
    demo_left: list[str] = field(default_factory=list)
    launched: str = ""
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs_later: dict[str, dict[str, Any]] = field(default_factory=dict)
    partitions: dict[str, list[str]] = field(default_factory=dict)
    partitions_later: dict[str, list[str]] = field(default_factory=dict)
    resources: Any = None
    command_lines: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def secrets(self) -> dict[str, str]:
        """Every secret in use, by its name."""
        pair = f"{AKENEO_CREDENTIALS['AKENEO_CLIENT_ID']}:{AKENEO_CREDENTIALS['AKENEO_CLIENT_SECRET']}"
        found = {
            "client secret": AKENEO_CREDENTIALS["AKENEO_CLIENT_SECRET"],
            "password of Akeneo": AKENEO_CREDENTIALS["AKENEO_PASSWORD"],
            "password of iPaaS.com": IPAAS_CREDENTIALS["IPAAS_PASSWORD"],
            "basic header": base64.b64encode(pair.encode()).decode(),
            "wrong password": WRONG["AKENEO_PASSWORD"],
            "wrong key": WRONG["IPAAS_API_KEY"],
            "password of a database": "password-of-database",
        }
        (state,) = (self.shell.folder / ".dagster").glob("akeneo_assets-*.db")
        with contextlib.closing(sqlite3.connect(state)) as database:
            rows = database.execute("SELECT name, access_token, refresh_token FROM tokens").fetchall()
        assert rows
        for name, access_token, refresh_token in rows:
            found |= {f"access token of {name}": access_token, f"refresh token of {name}": refresh_token}
        return found


@pytest.fixture(scope="module")
def after_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """Run the demo."""
    with pytest.MonkeyPatch.context() as patch:
        shell = Shell(tmp_path_factory.mktemp("project"), patch)
        for name in PROJECT:
            shutil.copyfile(ROOT / name, shell.folder / name)
        # Nothing may start automatically, so that all runs are those started here.
        shell.set({"AKENEO_ASSETS_AUTOMATION": "0", "CONCURRENT_BATCH_EXECUTIONS": "2"})
        ports = unused_port(), unused_port()
        process = shell.start(
            "akeneo-assets",
            "demo",
            "--akeneo-port",
            str(ports[0]),
            "--ipaas-port",
            str(ports[1]),
            start_new_session=True,
        )
        output, errors = process.communicate()
        seen = Evidence(shell, Called(process.returncode, output, errors), ports)
        left = [command_line(each) for each in processes_below(1) if os.getsid(each) == process.pid]
        # A process that has ended but was not reaped yet has no command line.
        seen.demo_left = [line for line in left if line]
        seen.texts |= {"output of the demo": output, "errors of the demo": errors}
        yield seen


@pytest.fixture(scope="module")
def evidence(after_demo: Evidence) -> Evidence:
    """Fail once, start the UI, launch a run, and stop."""
    assert after_demo.demo.code == 0, after_demo.demo.errors
    _fail(after_demo.ports)
    _look(after_demo)
    return after_demo


@pytest.fixture(scope="module")
def restarted(evidence: Evidence) -> Evidence:
    """Start the UI again."""
    again = Interface(evidence.shell, evidence.ports)
    try:
        again.wait_until_loaded()
        evidence.runs_later = again.runs()
        evidence.partitions_later = again.partitions()
    finally:
        again.stop()
    return evidence


def _fail(ports: tuple[int, int]) -> None:
    """Leave runs in the history that failed because of wrong secrets."""
    with Sandbox(None, *ports, "empty") as sandbox, open_instance() as instance:
        for name, value in WRONG.items():
            with pytest.MonkeyPatch.context() as wrong:
                for variable, right in sandbox.environment().items():
                    wrong.setenv(variable, right)
                wrong.setenv(name, value)
                assert not execute("structure", instance).success


def _look(seen: Evidence) -> None:
    interface = Interface(seen.shell, seen.ports)
    try:
        interface.wait_until_loaded()
        seen.launched = interface.launch()
        seen.runs = interface.runs()
        seen.partitions = interface.partitions()
        seen.resources = interface.ask(RESOURCES)["allTopLevelResourceDetailsOrError"]["results"]
        seen.command_lines = [command_line(each) for each in processes_below(interface.process.pid)]
    finally:
        seen.texts["output of the UI"] = interface.stop()
    seen.texts["responses of the UI"] = "\n".join(interface.responses)


def test_the_demo_runs_to_the_end(after_demo: Evidence) -> None:
    demo = after_demo.demo

    assert demo.code == 0, demo.errors
    for name, created in OBJECTS.items():
        row = next(line for line in demo.output.splitlines() if f"│ {name} " in line)
        assert [cell.strip() for cell in row.split("│")][2] == str(created)
    assert "Next steps:" in demo.output
    assert "make dev" in demo.output
    assert "Error" not in demo.text


def test_the_demo_shows_how_each_edit_arrives(after_demo: Evidence) -> None:
    edits = [line.split() for line in after_demo.demo.output.splitlines() if " requests to Akeneo, " in line]

    assert [words[0] for words in edits] == ["arrived"] * 7


def test_the_demo_leaves_nothing_running(after_demo: Evidence) -> None:
    assert after_demo.demo_left == []
    assert not any(map(is_open, after_demo.ports))


def test_the_ui_shows_the_runs_of_the_command_line(evidence: Evidence) -> None:
    reported = int(evidence.demo.output.partition(" Dagster runs are in the history")[0].split()[-1])

    of_demo = [run for run_id, run in evidence.runs.items() if run_id != evidence.launched]
    assert [run["status"] for run in of_demo].count("SUCCESS") == reported
    assert {run["jobName"] for run in of_demo} == {
        "structure",
        "categories",
        "full_load",
        "changes",
        "deliver_due",
    }
    materialized = {
        "/".join(event["assetKey"]["path"])
        for run in of_demo
        for event in run["eventConnection"]["events"]
        if event["__typename"] == "MaterializationEvent"
    }
    assert len(materialized) == 16


def test_a_run_launched_in_the_ui_succeeds(evidence: Evidence) -> None:
    assert evidence.runs[evidence.launched]["status"] == "SUCCESS"


def test_runs_and_partitions_are_kept_after_a_restart(restarted: Evidence) -> None:
    assert restarted.runs_later.keys() == restarted.runs.keys()
    assert {run_id: run["status"] for run_id, run in restarted.runs_later.items()} == {
        run_id: run["status"] for run_id, run in restarted.runs.items()
    }
    assert restarted.partitions == restarted.partitions_later
    assert restarted.partitions["category_trees"] == ["collections", "master"]
    assert "family:shoes" in restarted.partitions["catalog_batches"]


def test_resources_show_the_names_of_variables(evidence: Evidence) -> None:
    text = json.dumps(evidence.resources)

    for name in ("AKENEO_CLIENT_SECRET", "AKENEO_PASSWORD", "IPAAS_PASSWORD", "IPAAS_API_KEY"):
        assert name in text


def test_no_secret_is_shown_or_stored(evidence: Evidence) -> None:
    state = evidence.shell.folder / ".dagster"
    stored = [
        path
        for path in state.rglob("*")
        # The state database stores tokens, readable only by its owner; the sandbox knows its own credentials.
        if path.is_file() and not path.name.startswith("akeneo_assets-") and "sandbox" not in path.parts
    ]
    assert any("compute_logs" in path.parts for path in stored)
    assert any(path.suffix == ".db" for path in stored)
    for reason in ("No user found", "iPaaS.com refused the API key", "the database postgresql://someone:***@"):
        assert reason in evidence.texts["responses of the UI"]

    places = {
        **{str(path.relative_to(state)): path.read_bytes() for path in stored},
        **{name: text.encode() for name, text in evidence.texts.items()},
        **{f"process {number}": line.encode() for number, line in enumerate(evidence.command_lines)},
    }
    assert len(evidence.command_lines) >= 4
    shown = [
        (what, place)
        for what, secret in evidence.secrets().items()
        for place, content in places.items()
        if secret.encode() in content
    ]
    assert shown == []
