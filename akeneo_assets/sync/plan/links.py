"""Plans related products. The links of a record are compared separately but sent with the record in one write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.store.fingerprints import REMAPPED, RESTRUCTURED, SourceFingerprint
from akeneo_assets.store.records import Head, LedgerState, Scope
from akeneo_assets.sync.plan.page import FORCED, NEW, RELATED, PlanContext, PlanPage
from akeneo_assets.sync.plan.trees import trees_to_plan
from akeneo_assets.sync.results import StepResult

_OTHERS: Final = {REMAPPED: REMAPPED, RESTRUCTURED: RESTRUCTURED}
"""Reasons why links can differ although they did not change in Akeneo."""


def plan_related_products(context: PlanContext, scope: Scope, result: StepResult) -> None:
    """Plan the links of all products, models and variants of a scope. Records without links are not counted."""
    _plan_links_of_simple_products(context, scope, result)
    _plan_links_of_trees(context, scope, result)


def _plan_links_of_simple_products(context: PlanContext, scope: Scope, result: StepResult) -> None:
    for heads in context.store.product_trees.simple_products(scope):
        states = context.store.ledger.states("product", [head.key for head in heads])
        page = PlanPage(context, "related_products", result)
        changed = []
        for head in heads:
            state = states.get(head.key)
            if context.is_settled(state, context.source(head.hash)):
                _settled(page, "product", state)
            else:
                changed.append(head)
        for head, mapped in _mapped_with_links(context, changed, states):
            state, source = states.get(head.key), context.source(head.hash)
            why = source.reason_since(None if state is None else state.source)
            _decide(context, page, mapped, state, source, why)
        page.write()


def _mapped_with_links(
    context: PlanContext, heads: Sequence[Head], states: Mapping[str, LedgerState]
) -> Iterator[tuple[Head, MappedRecord]]:
    """Yield the mapped records that have or had links; records that the run has already mapped are not mapped again."""
    known = {head.key: context.products.get(head.key, context.source(head.hash)) for head in heads}
    keys = [key for key, each in known.items() if each == "planned"]
    # Another run may have planned them since, or delivered them.
    planned = {
        row.key: (row.source, row.document)
        for row in context.store.plan.planned_elsewhere("related_products", "product", keys)
    }
    unknown = []
    for head in heads:
        source, document = planned.get(head.key, (None, None))
        if document is not None and source == context.source(head.hash):
            yield head, MappedRecord.from_document(document)
        elif known[head.key] == "blocked":
            continue
        elif known[head.key] != "without links" or _had_links(states.get(head.key)):
            unknown.append(head)
    documents = context.store.mirror.documents("product", [head.key for head in unknown])
    for head in unknown:
        try:
            yield head, context.mapper.product(documents[head.key])
        except RecordError:
            continue  # Its own step blocks it, and says why.


def _plan_links_of_trees(context: PlanContext, scope: Scope, result: StepResult) -> None:
    for trees in trees_to_plan(context, scope):
        page = PlanPage(context, "related_products", result)
        for each in trees:
            if each.mapped is not None:
                why = each.reason
                _decide(context, page, each.mapped, each.state, each.source.pending(why), why)
                for variant in each.mapped.variants:
                    state = each.variant_states.get(variant.key)
                    _decide(context, page, variant, state, None, why, model=each.root)
            elif each.error is None:
                _settled(page, "product_model", each.state)
                for state in each.variant_states.values():
                    _settled(page, "variant", state)
        page.write()


def _had_links(state: LedgerState | None) -> bool:
    return state is not None and state.related_count > 0


def _settled(page: PlanPage, kind: str, state: LedgerState | None) -> None:
    if state is not None and _had_links(state):
        page.unchanged(kind, state.key)


def _decide(
    context: PlanContext,
    page: PlanPage,
    mapped: MappedRecord,
    state: LedgerState | None,
    source: SourceFingerprint | None,
    why: str,
    *,
    model: str | None = None,
) -> None:
    had_links = _had_links(state)
    if not (mapped.related or had_links):
        return
    is_unchanged = state is not None and state.related_hash == mapped.related_hash
    if is_unchanged and not context.force:
        page.unchanged(mapped.kind, mapped.key)
    elif not had_links:
        page.put(mapped, "create", NEW, source, model=model)
    else:
        reason = FORCED if is_unchanged else _OTHERS.get(why, RELATED)
        page.put(mapped, "update", reason, source, model=model)
