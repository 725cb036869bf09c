"""The Dagster definitions of the subscription in the environment."""

from __future__ import annotations

import dagster as dg

from akeneo_assets.build import build_definitions
from akeneo_assets.subscription import Subscription

defs = dg.Definitions.merge(
    build_definitions(Subscription.from_environment()),
    # Of assets that are materialized in the UI. Our jobs bring their own executor, because this one would clash with
    # that of another project.
    dg.Definitions(executor=dg.in_process_executor),
)
