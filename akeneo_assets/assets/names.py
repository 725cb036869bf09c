"""What a subscription's assets, partitions, jobs and resources are called in Dagster."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias, get_args

import dagster as dg

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.subscription import Subscription
from akeneo_assets.sync.batches import Layer

SUBSCRIPTION_TAG: Final = "akeneo_assets/subscription"
"""Tag of assets and runs, whose value is the name of the subscription."""

LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
_KINDS: Final = {"akeneo": "akeneo", "catalog": "python", "ipaas": "ipaas.com"}
_OWNERS: Final = ["team:product-data"]


class Step(NamedTuple):
    """One asset of a subscription: what a layer does with an object."""

    layer: str
    object: str


Translate: TypeAlias = Callable[[dg.AssetSpec, Step], dg.AssetSpec]
"""Changes the spec of an asset. It may change anything but the last two parts of the key."""


class Names:
    """The Dagster names of one subscription.

    Args:
        subscription: The subscription.
        translate: Changes the specs of its assets: key prefix, group, owners, tags, kinds or description.
    """

    def __init__(self, subscription: Subscription, translate: Translate | None = None) -> None:
        self.subscription = subscription
        self.run_tags = {SUBSCRIPTION_TAG: subscription.name}
        self.backfill_policy = dg.BackfillPolicy.multi_run(subscription.partitions_per_run)
        self.engine = self.scoped("engine")
        self.category_trees = dg.DynamicPartitionsDefinition(name=self.scoped("category_trees"))
        """One key per category tree: the code of its root."""
        self.catalog_batches = dg.DynamicPartitionsDefinition(name=self.scoped("catalog_batches"))
        """``family:<code>`` is a whole family, and ``family:~none`` all products without one. ``changes:<hour>`` (UTC)
        contains the changes that were detected in that hour."""
        self._translate = translate
        self.spec = lru_cache(maxsize=None)(self._spec)

    def scoped(self, name: str) -> str:
        """Return the name of a job, op, sensor, schedule, resource or partitions definition."""
        return self.subscription.scoped(name)

    def key(self, layer: str, name: str) -> dg.AssetKey:
        """Return the key of an asset."""
        return self.spec(layer, name).key

    def has(self, key: dg.AssetKey) -> bool:
        """Whether an asset belongs to this subscription."""
        layer, name = key.path[-2:] if len(key.path) > 1 else ("", "")
        return layer in LAYERS and self.key(layer, name) == key

    def _spec(self, layer: str, name: str) -> dg.AssetSpec:
        """Return what all assets of a layer have in common.

        Raises:
            ConfigurationError: The translation changed the end of the key.
        """
        prefix = [] if self.subscription.is_default else [self.subscription.name]
        spec = dg.AssetSpec(
            [*prefix, layer, name],
            group_name=self.scoped(layer),
            kinds={_KINDS[layer]},
            owners=_OWNERS,
            tags={} if self.subscription.is_default else self.run_tags,
            metadata=_code(layer, name),
        )
        if self._translate is None:
            return spec
        translated = self._translate(spec, Step(layer, name))
        if translated.key.path[-2:] != [layer, name]:
            raise ConfigurationError(
                f"translation: the key {translated.key.to_user_string()} must end with {layer}/{name}. To put "
                "something in front of it, use key_prefix."
            )
        return translated


def _code(layer: str, name: str) -> dict[str, dg.CodeReferencesMetadataValue]:
    """Return the link of an asset to the module that describes it. All assets are built by the same functions."""
    module = Path(__file__).with_name(f"{name}.py")
    with warnings.catch_warnings():  # Dagster calls code references beta: one line for each, in every command
        warnings.simplefilter("ignore", dg.BetaWarning)
        reference = dg.LocalFileCodeReference(file_path=str(module), line_number=1, label=f"{layer}/{name}")
        return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[reference])}
