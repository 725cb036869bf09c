"""Every command has a description, and wrong arguments are refused with the usage."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

import click
import pytest

from akeneo_assets.cli import main
from akeneo_assets_tests.shell import Shell


def paths(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from paths(command, (*before, name))


@pytest.mark.parametrize("path", [(), *paths(main)], ids=" ".join)
def test_a_command_explains_itself(path: tuple[str, ...], shell: Shell) -> None:
    called = shell.call(*path, "--help")

    assert called.code == 0
    usage, _, rest = called.output.partition("\n\n")
    assert usage.startswith(f"Usage: {' '.join(('main', *path))}")
    description = rest.split("\n")[0].strip()
    assert len(description) > 20
    assert "--help" in rest
    assert "\\b" not in rest, "click shows its mark for line breaks"


def test_the_version_is_that_of_the_package(shell: Shell) -> None:
    assert version("akeneo_assets") in shell.call("--version").output


def test_the_exit_codes_are_reported(shell: Shell) -> None:
    text = shell.call("--help").text

    assert (
        "0 everything that was due is in iPaaS.com, 1 some records failed or are blocked (also by earlier runs), "
        "2 the setup is wrong, 3 Akeneo or iPaaS.com cannot be reached (nothing is lost), 70 unexpected error (its "
        "details are in a file), 130 stopped by Ctrl-C, 143 stopped by SIGTERM."
    ) in text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("sync", "record", "widget", "a"), "'category', 'product_model', 'product'"),
        (("sync", "record", "product"), "Missing argument 'ID...'"),
        (("sync", "everything"), "No such command 'everything'"),
        (("sandbox", "--akeneo-port", "70000"), "1<=x<=65535"),
        (("sandbox", "--products", "0"), "x>=1"),
        (("sandbox", "--families", "3"), "Add its size with --products."),
    ],
    ids=" ".join,
)
def test_wrong_arguments_are_refused(arguments: tuple[str, ...], expected: str, shell: Shell) -> None:
    called = shell.call(*arguments)

    assert called.code == 2
    assert expected in called.text
