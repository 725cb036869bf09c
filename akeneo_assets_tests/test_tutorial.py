"""The tutorial's record is delivered, blocked and cured by the commands of the tutorial, in their order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.shell import Shell

TUTORIAL: Final = (Path(__file__).parent.parent / "docs" / "tutorial.md").read_text(encoding="utf-8")
LINES: Final = [
    line
    for snippet in re.findall(r"^```console\n(.*?)^```$", TUTORIAL, flags=re.DOTALL | re.MULTILINE)
    for line in snippet.splitlines()
]
RECORD: Final = "straw-hat"
SYNC: Final = ("sync", "record", "product", RECORD)
"""In place of the sensor, which the reader starts with ``make dev``."""


@pytest.mark.end_to_end
def test_the_commands_of_the_tutorial_block_and_cure_the_record(shell: Shell) -> None:
    (mapping,) = (re.findall(r"^echo '(.*)' > prices.yaml$", line)[0] for line in LINES if line.startswith("echo"))
    (shell.folder / "prices.yaml").write_text(mapping, encoding="utf-8")
    with Sandbox() as sandbox:
        shell.use(sandbox)
        shell.set({"AKENEO_ASSETS_MAPPING": "prices.yaml"})
        port = sandbox.environment()["AKENEO_API_URL"].rpartition(":")[2]
        assert shell.call(*SYNC).code == 0
        found = []
        for line in LINES:
            program, *arguments = shlex.split(line)
            if program != "akeneo-assets":
                continue
            if arguments[:2] == ["sandbox", "edit"]:
                assert shell.call(*arguments, "--akeneo-port", port).code == 0
                shell.call(*SYNC)
            elif arguments == ["status"]:
                found.append("missing_price" in shell.call(*arguments).text)
            else:
                assert "12.5" in shell.call(*arguments).text

    assert found == [True, False], "blocked without a price, and cured with one"
