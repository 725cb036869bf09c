"""Plan: compare what the mirror says with what iPaaS.com accepted last, and write down what has to be sent and why.

A record is looked at closely only when its fingerprint (content, mapping and structure) is not the one that was
delivered last; an unchanged record costs one comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from akeneo_assets.store.records import Head, LedgerState, Scope
from akeneo_assets.sync.category_forest import CategoryForest
from akeneo_assets.sync.decisions import PlanContext, PlanPage
from akeneo_assets.sync.objects import ObjectName
from akeneo_assets.sync.related_planning import plan_related_products
from akeneo_assets.sync.results import StepResult
from akeneo_assets.sync.tree_planning import plan_product_models, plan_variants

_Step = Callable[[PlanContext, Scope, StepResult], None]


def plan(context: PlanContext, object_name: ObjectName, scopes: Iterable[Scope]) -> StepResult:
    """Plan one object.

    Args:
        context: Store, mapping and partition.
        object_name: Which of the six.
        scopes: The records to look at; for categories the root's code as partition key, or codes.

    Returns:
        Records by outcome: ``created`` and ``updated`` are due, ``unchanged`` and ``blocked`` are not.
    """
    result = StepResult()
    # A record that left the partition since it was planned must not be sent as it was then.
    context.store.plan.clear(object_name, context.attempt.partition_key)
    for scope in scopes:
        _STEPS[object_name](context, scope, result)
    return result


def _plan_categories(context: PlanContext, scope: Scope, result: StepResult) -> None:
    heads = {head.key: head for page in context.store.mirror.heads("category") for head in page}
    forest = CategoryForest({head.key: head.parent for head in heads.values()})
    wanted = _categories_in(context, scope, forest)
    states = context.store.ledger.states("category", wanted)
    page = PlanPage(context, "categories", result)
    due: list[str] = []
    for code in wanted:
        problem = forest.places[code].problem
        if problem is not None:
            page.block("category", code, *problem)
        elif context.is_settled(states.get(code), context.source(heads[code].hash)):
            page.unchanged("category", code)
        else:
            due.append(code)
    documents = context.store.mirror.documents("category", due)
    for code in due:
        mapped = page.map("category", code, context.mapper.category, documents[code])
        if mapped is not None:
            source = context.source(heads[code].hash)
            page.decide(mapped, states.get(code), source, sequence=forest.places[code].depth)
    page.write()


def _categories_in(context: PlanContext, scope: Scope, forest: CategoryForest) -> list[str]:
    """Codes of the scope: a whole tree, or named categories with all that stands above them."""
    if scope.keys is not None:
        chains = ([*forest.ancestors(code), code] for code in scope.keys if code in forest.places)
        return list(dict.fromkeys(code for chain in chains for code in chain))
    # Which tree a category without a way to a root belongs to, only the reading of the tree can tell.
    read_here = context.store.mirror.keys_in_partition("category", str(scope.partition_key))
    return [
        code
        for code, place in forest.places.items()
        if place.root == scope.partition_key or (place.root is None and code in read_here)
    ]


def _plan_products(context: PlanContext, scope: Scope, result: StepResult) -> None:
    _plan_simple_products(context, "products", scope, result)


def _plan_bundles(context: PlanContext, scope: Scope, result: StepResult) -> None:
    _plan_simple_products(context, "bundles", scope, result)


def _plan_simple_products(context: PlanContext, object_name: ObjectName, scope: Scope, result: StepResult) -> None:
    for heads in context.store.product_trees.simple_products(scope):
        states = context.store.ledger.states("product", [head.key for head in heads])
        page = PlanPage(context, object_name, result)
        changed = _changed(context, page, heads, states)
        documents = context.store.mirror.documents("product", [head.key for head in changed])
        for head in changed:
            if context.mapper.is_bundle(documents[head.key]) is not (object_name == "bundles"):
                continue
            mapped = page.map("product", head.key, context.mapper.product, documents[head.key])
            if mapped is not None:
                page.decide(mapped, states.get(head.key), context.source(head.hash))
        page.write()


def _changed(context: PlanContext, page: PlanPage, heads: list[Head], states: Mapping[str, LedgerState]) -> list[Head]:
    changed = []
    for head in heads:
        state = states.get(head.key)
        if state is None or not context.is_settled(state, context.source(head.hash)):
            changed.append(head)
        elif state.object == page.object_name:
            page.unchanged("product", head.key)
    return changed


_STEPS: Final[Mapping[ObjectName, _Step]] = {
    "categories": _plan_categories,
    "product_models": plan_product_models,
    "products": _plan_products,
    "variants": plan_variants,
    "bundles": _plan_bundles,
    "related_products": plan_related_products,
}
