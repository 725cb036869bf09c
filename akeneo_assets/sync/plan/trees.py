"""Plans product models and variants. A tree is mapped as a whole; its model and its variants are planned separately."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from akeneo_assets.documents import JsonObject, fingerprint
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.filter import FILTERED
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.records import LedgerState, Scope, Tree
from akeneo_assets.sync.plan.page import PlanContext, PlanPage, refers_to_others
from akeneo_assets.sync.results import StepResult

_RECORDS_A_PART: Final = 500
"""About how many records are mapped at a time, because they may be large."""


@dataclass(frozen=True)
class TreeToPlan:
    """A tree with its state in the ledger.

    Attributes:
        tree: The records of the mirror.
        source: Fingerprint of the whole tree.
        state: State of the model.
        variant_states: States of the variants by key.
        settled: Whether its current version was delivered in full.
        mapped: The model with its variants; None if the tree is settled or cannot be mapped.
        error: Why it cannot be mapped.
    """

    tree: Tree
    source: SourceFingerprint
    state: LedgerState | None
    variant_states: dict[str, LedgerState]
    settled: bool
    mapped: MappedRecord | None = None
    error: RecordError | None = None

    @property
    def root(self) -> str:
        """Code of the root model."""
        return self.tree.root.key

    @property
    def reason(self) -> str:
        """Why records of the tree may map differently than before. Variants have no fingerprint of their own."""
        return self.source.reason_since(None if self.state is None else self.state.source)

    @property
    def records(self) -> int:
        """How many records have to be mapped."""
        return 0 if self.settled else 1 + len(self.tree.models) + len(self.tree.variants)


def trees_to_plan(context: PlanContext, scope: Scope) -> Iterator[list[TreeToPlan]]:
    """Yield the trees of a scope in pages. Changed trees are mapped."""
    for found in context.store.product_trees.tree_roots(scope):
        roots = [root for root in found if root not in context.planned_roots]
        context.planned_roots.update(roots)
        trees = context.store.product_trees.trees(roots)
        states = context.store.ledger.states("product_model", [tree.root.key for tree in trees])
        variant_states = context.store.ledger.states("variant", [head.key for tree in trees for head in tree.variants])
        for part in _parts(_to_plan(context, tree, states.get(tree.root.key), variant_states) for tree in trees):
            yield _mapped(context, part)


def _to_plan(
    context: PlanContext, tree: Tree, state: LedgerState | None, variant_states: dict[str, LedgerState]
) -> TreeToPlan:
    heads = (tree.root, *tree.models, *tree.variants)
    source = context.source(fingerprint([[head.key, head.hash] for head in heads]))
    of_tree = {head.key: variant_states[head.key] for head in tree.variants if head.key in variant_states}
    settled = context.is_settled(state, source) and all(
        each.is_current and not _has_moved(each, state) for each in of_tree.values()
    )
    return TreeToPlan(tree, source, state, of_tree, settled)


def _has_moved(variant: LedgerState | None, model: LedgerState | None) -> bool:
    """Whether a variant is in another iPaaS.com product than its model."""
    if variant is None or variant.ipaas_id is None or model is None:
        return False
    return variant.parent_ipaas_id != model.ipaas_id


def _parts(trees: Iterable[TreeToPlan]) -> Iterator[list[TreeToPlan]]:
    part: list[TreeToPlan] = []
    records = 0
    for tree in trees:
        part.append(tree)
        records += tree.records
        if records >= _RECORDS_A_PART:
            yield part
            part, records = [], 0
    if part:
        yield part


def _mapped(context: PlanContext, part: Sequence[TreeToPlan]) -> list[TreeToPlan]:
    trees = [each.tree for each in part if not each.settled and context.trees.get(each.source) is None]
    models = context.store.mirror.documents(
        "product_model", [head.key for tree in trees for head in (tree.root, *tree.models)]
    )
    products = context.store.mirror.documents("product", [head.key for tree in trees for head in tree.variants])
    return [each if each.settled else _map(context, each, models, products) for each in part]


def _map(
    context: PlanContext, each: TreeToPlan, models: Mapping[str, JsonObject], products: Mapping[str, JsonObject]
) -> TreeToPlan:
    mapped = context.trees.get(each.source)
    if mapped is None:
        try:
            mapped = context.mapper.tree(
                models[each.tree.root.key],
                [models[head.key] for head in each.tree.models],
                [products[head.key] for head in each.tree.variants],
            )
        except RecordError as error:
            return replace(each, error=error)
        context.trees.keep(each.source, mapped)
    return replace(each, mapped=mapped)


def plan_product_models(context: PlanContext, scope: Scope, result: StepResult) -> None:
    """Plan the models of a scope. The payload of a model contains its options but not its variants."""
    for trees in trees_to_plan(context, scope):
        page = PlanPage(context, "product_models", result)
        for each in trees:
            if each.error is not None:
                page.block("product_model", each.root, each.error.code, str(each.error))
            elif each.mapped is None:
                page.unchanged("product_model", each.root)
            else:
                _plan_model(context, page, each, each.mapped)
        page.write()


def plan_variants(context: PlanContext, scope: Scope, result: StepResult) -> None:
    """Plan the variants of a scope. The delivery skips those that were already sent with their model."""
    for trees in trees_to_plan(context, scope):
        page = PlanPage(context, "variants", result)
        for each in trees:
            if each.error is not None:
                message = str(each.error)
                if each.error.code != FILTERED:
                    message = f"Its product model '{each.root}' cannot be mapped: {message}"
                for head in each.tree.variants:
                    page.block("variant", head.key, each.error.code, message)
            elif each.mapped is None:
                for head in each.tree.variants:
                    page.unchanged("variant", head.key)
            else:
                for problem in each.mapped.blocked_variants:
                    page.block("variant", problem.key, problem.code, problem.message)
                # After the variants of models without links, because those models are sent first.
                sequence = 1 if refers_to_others(each.mapped) else 0
                for variant in each.mapped.variants:
                    page.warn(variant)
                    state = each.variant_states.get(variant.key)
                    moved = _has_moved(state, each.state)
                    page.decide(
                        variant, state, None, sequence=sequence, model=each.root, moved=moved, changed=each.reason
                    )
        page.write()
    _block_orphans(context, scope, result)


def _plan_model(context: PlanContext, page: PlanPage, each: TreeToPlan, mapped: MappedRecord) -> None:
    page.warn(mapped)
    variants_due = any(
        context.is_due(variant, state := each.variant_states.get(variant.key)) or _has_moved(state, each.state)
        for variant in mapped.variants
    )
    related_due = any(
        (state := each.variant_states.get(variant.key)) is None or state.related_hash != variant.related_hash
        for variant in mapped.variants
    )
    model_due = context.is_due(mapped, each.state) or (variants_due and not context.send_variants_alone)
    # Writing the model also settles its variants. If it is not written, the tree is settled only if they are.
    troubled = any(problem.code != FILTERED for problem in mapped.blocked_variants)
    settles = not troubled and (model_due or not (variants_due or related_due))
    source = each.source if settles else each.source.pending(each.reason)
    page.decide(mapped, each.state, source, also_due=model_due, changed=each.reason)


def _block_orphans(context: PlanContext, scope: Scope, result: StepResult) -> None:
    for orphans in context.store.product_trees.orphans(scope):
        page = PlanPage(context, "variants", result)
        for head, source_kind in orphans:
            message = (
                f"Its parent '{head.parent}' is not among the product models that Akeneo lists. "
                "Check the permissions of the connection, then sync the family again."
            )
            page.block("variant" if source_kind == "product" else "product_model", head.key, "missing_parent", message)
        page.write()
