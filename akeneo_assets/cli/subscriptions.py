"""The subscription that a command is about: the one in the environment, or a named one of the Dagster project."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from akeneo_assets.errors import AkeneoAssetsError, ConfigurationError
from akeneo_assets.http.redaction import summary_of, traceback_of
from akeneo_assets.settings import Settings
from akeneo_assets.subscription import DEFAULT, Subscription

if TYPE_CHECKING:
    import dagster as dg
    from dagster._core.remote_origin import CodeLocationOrigin

    from akeneo_assets.assets.names import Names

_OWN: Final = "akeneo_assets.definitions"
_PROJECT: Final = "pyproject.toml"


def chosen() -> Subscription:
    """Return the subscription that ``--subscription`` names.

    Raises:
        ConfigurationError: It does not exist.
    """
    name = _chosen_name()
    return Subscription() if name == DEFAULT else project_of(name).names.subscription


def command(words: str) -> str:
    """Return how to call ``akeneo-assets`` for the chosen subscription: ``akeneo-assets --subscription eu status``."""
    option = "" if (name := _chosen_name()) == DEFAULT else f"--subscription {name} "
    return f"akeneo-assets {option}{words}"


def chosen_settings() -> Settings:
    """Return the settings of the chosen subscription.

    Raises:
        ConfigurationError: It does not exist, or its settings are invalid.
    """
    return chosen().read_settings()


def _chosen_name() -> str:
    context = click.get_current_context(silent=True)
    return DEFAULT if context is None else str(context.find_root().params.get("subscription", DEFAULT))


@dataclass(frozen=True)
class Project:
    """The Dagster definitions that contain a subscription.

    Attributes:
        repository: The definitions.
        names: The names of the subscription in them.
        origin: The code location that loads them, so that the Dagster UI can show and re-execute the runs.
    """

    repository: dg.RepositoryDefinition
    names: Names
    origin: CodeLocationOrigin


@lru_cache(maxsize=8)
def project_of(name: str) -> Project:
    """Load the Dagster project of a subscription: this one for the default, else that of the current folder.

    Raises:
        ConfigurationError: The current folder has no Dagster project, or it has no such subscription.
    """
    from akeneo_assets.build import subscriptions_in

    found: dict[str, Names] = {}
    for origin in _origins(own=name == DEFAULT):
        repository = _repository(origin)
        names = subscriptions_in(repository)
        if name in names:
            return Project(repository, names[name], origin)
        found |= names
    if found:
        raise ConfigurationError(f"There is no subscription {name}. Choose one of {', '.join(sorted(found))}.")
    raise ConfigurationError(
        f"The Dagster project in {Path.cwd()} contains no subscription. Run this command in the folder of the "
        f"{_PROJECT} whose definitions contain the subscription {name}."
    )


def _origins(*, own: bool) -> list[CodeLocationOrigin]:
    from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin
    from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
    from dagster._core.workspace.load_target import PyProjectFileTarget

    if own:
        target = LoadableTargetOrigin(module_name=_OWN, working_directory=os.getcwd())  # noqa: PTH109 - a string
        return [ManagedGrpcPythonEnvCodeLocationOrigin(target, location_name="akeneo_assets")]
    return list(PyProjectFileTarget(_PROJECT).create_origins()) if Path(_PROJECT).is_file() else []


def _repository(origin: CodeLocationOrigin) -> dg.RepositoryDefinition:
    from dagster._core.definitions.reconstruct import repository_def_from_target_def
    from dagster._core.workspace.autodiscovery import loadable_targets_from_python_module

    target = origin.loadable_target_origin
    if target is None or target.module_name is None:
        raise ConfigurationError(f"{_PROJECT}: name the module of the definitions in [tool.dg.project].")
    try:
        (loadable,) = loadable_targets_from_python_module(target.module_name, target.working_directory)
        repository = repository_def_from_target_def(loadable.target_definition)
    except AkeneoAssetsError:
        raise
    except Exception as error:
        # A user's own module can raise any error.
        raise ConfigurationError(
            f"{_PROJECT}: the Dagster definitions in {target.module_name} cannot be loaded "
            f"({summary_of(error)}). Run: dg check defs",
            detail=traceback_of(error),
        ) from error
    if repository is None:
        raise ConfigurationError(f"{_PROJECT}: the module {target.module_name} contains no Dagster definitions.")
    return repository
