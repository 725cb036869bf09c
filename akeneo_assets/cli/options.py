"""What all commands share: options, and exit codes for errors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from akeneo_assets.cli.exit_codes import ExitCode, TerminatedError, raise_on_sigterm
from akeneo_assets.errors import AkeneoAssetsError, TransientError

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
FILE = click.Path(path_type=Path, dir_okay=False)


def with_exit_code(command: Callable[..., int]) -> Callable[..., None]:
    """Exit with the command's exit code, and print errors as messages instead of tracebacks."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        from akeneo_assets.cli.display import errors, print_error

        try:
            with raise_on_sigterm():
                code = command(*args, **kwargs)
        except TransientError as error:
            print_error(str(error))
            code = ExitCode.UNREACHABLE
        except AkeneoAssetsError as error:
            print_error(str(error))
            code = ExitCode.WRONG_SETUP
        except (KeyboardInterrupt, TerminatedError) as stopped:
            errors.print("Stopped. Nothing is lost: the next sync sends what is left.")
            code = ExitCode.INTERRUPTED if isinstance(stopped, KeyboardInterrupt) else ExitCode.TERMINATED
        except click.exceptions.ClickException:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort
            from akeneo_assets.cli.crashes import crash_message

            print_error(crash_message(error))
            code = ExitCode.UNEXPECTED
        sys.exit(int(code))

    return run
