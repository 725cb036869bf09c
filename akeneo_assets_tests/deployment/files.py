"""What ``deploy/compose.yaml`` and ``deploy/Dockerfile`` say, as a test needs it to start the same processes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parent.parent.parent
DEPLOY: Final = ROOT / "deploy"

_VARIABLE: Final = re.compile(r"\$\{(?P<name>\w+)(?:(?P<operator>:[-?])(?P<text>[^}]*))?\}")


@dataclass
class Image:
    """What the last stage of a Dockerfile sets; ``files`` maps paths in the image to those in the repository."""

    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    files: dict[str, str] = field(default_factory=dict)


def read_image(text: str) -> Image:
    """Read the last stage of a Dockerfile."""
    image = Image()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for instruction in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, rest = instruction.partition(" ")
        if name == "FROM":
            image = Image()
        elif name == "CMD":
            image.command = json.loads(rest)
        elif name == "HEALTHCHECK":
            image.healthcheck = ["CMD", *json.loads(rest.partition("CMD ")[2])]
        elif name == "ENV":
            image.environment |= dict(each.split("=", 1) for each in rest.split())
        elif name == "WORKDIR":
            image.folder = rest
        elif name == "COPY" and "--from" not in rest:
            source, *_, target = (each for each in rest.split() if not each.startswith("--"))
            image.files[target] = source
    return image


def interpolate(value: Any, variables: Mapping[str, str]) -> Any:
    """Replace ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?message}`` as Compose does.

    Raises:
        KeyError: A variable is required, but missing or empty.
    """
    if isinstance(value, dict):
        return {key: interpolate(each, variables) for key, each in value.items()}
    if isinstance(value, list):
        return [interpolate(each, variables) for each in value]
    if not isinstance(value, str):
        return value

    def replaced(match: re.Match[str]) -> str:
        found = variables.get(match["name"], "")
        if not found and match["operator"] == ":?":
            raise KeyError(match["name"])
        return found or (match["text"] if match["operator"] == ":-" else "")

    return _VARIABLE.sub(replaced, value)


def read_services(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the services of ``compose.yaml`` with the values of ``.env``."""
    document = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services: dict[str, Any] = interpolate(document["services"], variables)
    return services
