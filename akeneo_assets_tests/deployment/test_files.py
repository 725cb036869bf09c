"""The files in ``deploy/``: what the tests of the deployment read from them, and what Dagster's chart gets."""

from __future__ import annotations

import re

import pytest
import yaml

from akeneo_assets.definitions import defs
from akeneo_assets_tests.deployment.files import DEPLOY, Image, interpolate, read_image, read_services

DOCKERFILE = """\
FROM base AS build
ENV LOST=1
COPY a b
FROM base
RUN one \\
    && two
COPY --from=build /built /built
COPY --chown=me deploy/a.yaml /opt/a.yaml
ENV ONE=1 TWO=2
WORKDIR /opt
HEALTHCHECK --interval=30s CMD ["check", "it"]
CMD ["start", "it"]
"""


def test_the_last_stage_of_a_dockerfile_counts() -> None:
    assert read_image(DOCKERFILE) == Image(
        command=["start", "it"],
        healthcheck=["CMD", "check", "it"],
        environment={"ONE": "1", "TWO": "2"},
        folder="/opt",
        files={"/opt/a.yaml": "deploy/a.yaml"},
    )


def test_variables_are_replaced_as_compose_does() -> None:
    value = {"a": ["${SET}/${NONE}", "${NONE:-default}", "${SET:-default}", "${SET:?needed}", 5]}
    assert interpolate(value, {"SET": "set"}) == {"a": ["set/", "default", "set", "set", 5]}
    with pytest.raises(KeyError, match="NONE"):
        interpolate("${NONE:?needed}", {"NONE": ""})


def test_the_password_of_the_database_is_required() -> None:
    with pytest.raises(KeyError, match="POSTGRES_PASSWORD"):
        read_services({})


def test_only_the_services_that_run_our_code_have_its_settings() -> None:
    services = read_services({"POSTGRES_PASSWORD": "secret"})
    assert {name for name, service in services.items() if "env_file" in service} == {"upgrade", "code"}


def test_the_chart_limits_pools_if_assets_use_pools() -> None:
    used = {pool for node in defs.resolve_asset_graph().asset_nodes for pool in node.pools or ()}
    values = yaml.safe_load((DEPLOY / "dagster-values.yaml").read_text(encoding="utf-8"))
    assert ("pools" in values["concurrency"]) == bool(used)


def test_runs_have_resources_of_their_own() -> None:
    """With ``includeConfigInLaunchedRuns``, those of the code server would take precedence."""
    values = yaml.safe_load((DEPLOY / "dagster-values.yaml").read_text(encoding="utf-8"))
    (code,) = values["dagster-user-deployments"]["deployments"]
    assert code["includeConfigInLaunchedRuns"] == {"enabled": False}
    run = values["runLauncher"]["config"]["k8sRunLauncher"]["runK8sConfig"]["containerConfig"]
    assert run["resources"] != code["resources"]


def test_the_base_image_can_be_pinned_for_both_stages() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^FROM (\S+)", text, flags=re.MULTILINE) == ["${PYTHON}", "${PYTHON}"]
    assert text.index("ARG PYTHON=") < text.index("FROM ")
