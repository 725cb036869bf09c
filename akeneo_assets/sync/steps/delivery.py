"""Delivers the plans of partitions, and then the links that could not be sent before."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets.objects import LINKED_OBJECTS, OBJECTS, PRODUCT_KINDS, ObjectName
from akeneo_assets.settings import Settings
from akeneo_assets.store.plan import HELD
from akeneo_assets.store.records import Action
from akeneo_assets.store.store import Store
from akeneo_assets.sync.custom_fields import CustomFieldDefinitions
from akeneo_assets.sync.deliver.composer import Composer, Targets
from akeneo_assets.sync.deliver.deliverer import Deliverer
from akeneo_assets.sync.deliver.events import RuleOf
from akeneo_assets.sync.deliver.locations import Locations
from akeneo_assets.sync.deliver.owners import Owners
from akeneo_assets.sync.destination import Destination
from akeneo_assets.sync.forecast import requests_of
from akeneo_assets.sync.plan.held import put_in_order
from akeneo_assets.sync.plan.repairs import plan_repairs
from akeneo_assets.sync.progress import watch_progress
from akeneo_assets.sync.read.readers import Readers
from akeneo_assets.sync.results import RecordProgress, StepResult
from akeneo_assets.sync.steps.pace import Pace, allowed_a_minute

_log = logging.getLogger(__name__)

_MAY_BE_HELD: Final = [name for name, spec in OBJECTS.items() if spec.kind in PRODUCT_KINDS]


class Delivery:
    """Delivers for one run.

    Args:
        settings: The subscription settings.
        store: The state.
        ipaas: The destination.
        readers: Creates the readers of records that a delivery needs.
        run_id: The run, for the ledger and the vendor's log.
        ensure_components: Syncs components of bundles.
        rule_of: Returns the rule of the mapping that fills a field, for the changelog.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        ipaas: Destination,
        readers: Readers,
        *,
        run_id: str,
        ensure_components: Callable[[Sequence[Reference]], None],
        rule_of: RuleOf,
    ) -> None:
        self._settings = settings
        self._store = store
        self._ipaas = ipaas
        self._readers = readers
        self._run_id = run_id
        self._ensure_components = ensure_components
        self._rule_of = rule_of
        self._custom_fields = CustomFieldDefinitions(ipaas)
        self._locations = Locations(ipaas, create_missing=settings.create_missing_locations)

    def deliver(
        self,
        object_name: ObjectName,
        partition_key: str,
        *,
        repair: bool = True,
        wait_for_others: bool = True,
        hold: bool = False,
    ) -> StepResult:
        """Carry out the plan of one object of a partition.

        Args:
            object_name: One of the six objects.
            partition_key: The partition.
            repair: Afterwards, also send records of any partition whose kept links can be resolved now.
            wait_for_others: Wait for records that another run is delivering.
            hold: Hold records with links for :meth:`deliver_held`. An object that only sends links sends nothing.
        """
        deliverer = self._deliverer(partition_key)
        positions: range | None = None
        if hold:
            self._store.plan.hold(_MAY_BE_HELD, partition_key)
            positions = range(HELD.start if OBJECTS[object_name].kind is not None else 0)
        sent = self._store.plan.take_sent(object_name, partition_key)
        planned = self._planned(object_name, partition_key, positions)
        expected = planned.total() + sum(sent.values())
        with watch_progress(self._pace(planned.total())):
            result = deliverer.deliver(object_name, wait_for_others=wait_for_others, positions=positions)
        result.counts["created"] += sent.get("create", 0)
        result.counts["updated"] += sent.get("update", 0)
        result.progress = RecordProgress.of(result.counts, expected)
        result.requests_forecast = requests_of(object_name, planned["create"], planned["update"])
        if repair and OBJECTS[object_name].repairs:
            repairs = plan_repairs(
                self._store, self._custom_fields, object_name, partition_key, self._ipaas.capabilities
            )
            if repairs:
                _log.info("%d records get links whose targets are now in iPaaS.com", repairs)
                repaired = deliverer.deliver(object_name)
                repaired.counts["repaired"] = repaired.counts.pop("updated", 0)
                result.add(repaired)
        return result

    def deliver_held(self, partition_key: str) -> StepResult:
        """Send the held records of all partitions, each after those that it refers to.

        Args:
            partition_key: The partition whose run does it.

        Returns:
            The records that were not sent. The deliveries of the partitions count the others.
        """
        _log.info("%d records are sent in the order of their links", put_in_order(self._store))
        planned = {name: self._planned(name, None, HELD) for name in LINKED_OBJECTS}
        expected = sum(counts.total() for counts in planned.values())
        with watch_progress(self._pace(expected)):
            result = self._deliverer(partition_key).deliver_held()
        result.progress = RecordProgress.of(result.counts, expected)
        for outcome in ("created", "updated"):
            result.counts.pop(outcome, None)
        result.requests_forecast = sum(
            requests_of(name, counts["create"], counts["update"]) for name, counts in planned.items()
        )
        return result

    def _planned(self, object_name: ObjectName, partition_key: str | None, positions: range | None) -> Counter[Action]:
        planned = Counter[Action]()
        for (action, _), count in self._store.plan.counts(object_name, partition_key, positions=positions).items():
            planned[action] += count
        return planned

    def _pace(self, expected: int) -> Pace:
        return Pace(expected, allowed_a_minute(self._settings)["ipaas"])

    def _deliverer(self, partition_key: str) -> Deliverer:
        skip_prerequisite = self._settings.skip_related_product_prerequisite
        composer = Composer(
            Targets(self._store, self._readers.records(partition_key).skus if skip_prerequisite else None),
            self._settings.ipaas_subscription_id,
            skip_prerequisite,
            self._ipaas.capabilities.related_products_stored is not False,
        )
        return Deliverer(
            self._store,
            self._ipaas,
            composer,
            self._custom_fields,
            self._locations,
            partition_key=partition_key,
            run_id=self._run_id,
            workers=self._settings.ipaas_concurrent_connections,
            owner_of=Owners(self._store, self._exists).owner_of,
            rule_of=self._rule_of,
            ensure_components=self._ensure_components if self._settings.create_missing_bundle_items else None,
        )

    def _exists(self, source_kind: str, key: str) -> bool:
        found, _ = self._readers.records(f"owners:{self._run_id}").named(source_kind, [key])
        return key in found
