"""The sweep: compares the ids that Akeneo lists with those of the mirror.

No modified date shows that a record was deleted, is hidden by permissions, or is missing in Akeneo's search index. Such
records are marked and reported; nothing is deleted. If very many are missing at once, the permissions have probably
changed, and the sweep stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.pagination import Paginator
from akeneo_assets.akeneo.records import product_key
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import ConfigurationError, TransientError
from akeneo_assets.store.store import Store
from akeneo_assets.sync.read.reader import Reader
from akeneo_assets.sync.read.record_pages import IDS_A_REQUEST
from akeneo_assets.sync.results import StepResult


class Sweeper:
    """Compares ids, reads missing records, and marks those that are gone.

    Args:
        reader: Reads the records that are not in the mirror.
        akeneo: The Akeneo client.
        store: The state.
    """

    def __init__(self, reader: Reader, akeneo: AkeneoClient, store: Store) -> None:
        self._reader = reader
        self._akeneo = akeneo
        self._store = store

    def sweep(self, kind: str, *, largest_share: float) -> StepResult:
        """Sweep one kind.

        Args:
            kind: ``category``, ``product_model`` or ``product``.
            largest_share: The largest share of the mirror that may be missing, 0 to 1.

        Returns:
            ``read`` ids, ``created`` records that were not in the mirror, ``blocked`` records that are gone.

        Raises:
            ConfigurationError: A larger share is missing. No record was marked.
        """
        started = self._store.mirror.moment()
        result = StepResult()
        # Hashes of keys: a million of them take about 70 MB, half as much as the keys.
        seen: set[int] = set()

        def take(keys: Sequence[str]) -> None:
            seen.update(map(hash, keys))
            result.counts["read"] += len(keys)
            known = self._store.mirror.existing(kind, keys)
            lacking = [key for key in keys if key not in known]
            for start in range(0, len(lacking), IDS_A_REQUEST):
                found, _ = self._reader.named(kind, lacking[start : start + IDS_A_REQUEST])
                result.counts["created"] += len(found)

        self._list(kind, take)
        gone = [head.key for page in self._store.mirror.heads(kind) for head in page if hash(head.key) not in seen]
        mirrored = self._store.mirror.count(kind)
        if gone and len(gone) > largest_share * mirrored:
            raise ConfigurationError(
                f"{len(gone)} of {mirrored} {kind.replace('_', ' ')} records are missing, more than "
                f"{largest_share:.0%}. They were probably not deleted: check the permissions of the Akeneo connection. "
                "No record was marked. If they were deleted, raise the share in the config of the job id_sweep."
            )
        result.counts["blocked"] += self._store.mirror.mark_gone(kind, gone, at=started)
        for key in gone:
            result.add_problem(
                kind,
                key,
                "gone",
                "Akeneo no longer lists it. It stays in iPaaS.com; delete it there if you no longer need it.",
            )
        return result

    def _list(self, kind: str, take: Callable[[Sequence[str]], None]) -> None:
        """Read the keys that Akeneo lists, with as few fields as possible, and pass them on in pages."""
        endpoint = self._akeneo.endpoint_of(kind)
        # Only one attribute; categories do not have this parameter.
        wanted = self._reader.pages.identifier_attribute
        params = {"attributes": wanted} if wanted is not None and kind != "category" else None
        damages: list[Damage] = []

        def read(paginator: Paginator | None, damaged: Callable[[Damage], None]) -> Iterator[list[str]]:
            action = f"{endpoint}.sweep"
            for page in self._akeneo.list(
                endpoint, params=params, action=action, damaged=damaged, bare=params, paginator=paginator
            ):
                yield [self._key(kind, document) for document in page]

        if kind == "category":
            for keys in read(None, damages.append):
                take(keys)
        else:
            known_keys = partial(self._store.product_trees.spread_keys, kind, None)
            self._reader.pages.read_pieces(kind, read, take, damages.append, known_keys)
        unread = [self._reader.damages.key_of(kind, damage) for damage in damages]
        if None in unread:
            raise TransientError(
                f"Akeneo lists a {kind.replace('_', ' ')} that cannot be read and whose id is unknown, so deleted "
                "records cannot be determined. No record was marked. Repair the record in Akeneo, then try again."
            )
        take([key for key in unread if key is not None])

    def _key(self, kind: str, document: JsonObject) -> str:
        return product_key(document, self._reader.pages.id_format) if kind == "product" else str(document["code"])
