"""Plans what has to be sent and why: compares the mirror with what iPaaS.com accepted last.

A record is only mapped if its fingerprint (content, mapping and structure) differs from the one that was delivered
last. An unchanged record costs one comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.store.records import Head, LedgerState, Scope
from akeneo_assets.sync.category_forest import CategoryForest
from akeneo_assets.sync.forecast import requests_of
from akeneo_assets.sync.plan.links import plan_related_products
from akeneo_assets.sync.plan.page import PlanContext, PlanPage
from akeneo_assets.sync.plan.trees import plan_product_models, plan_variants
from akeneo_assets.sync.results import StepResult

_Planner = Callable[[PlanContext, Scope, StepResult], None]


def plan(context: PlanContext, object_name: ObjectName, scopes: Iterable[Scope]) -> StepResult:
    """Plan one object.

    Args:
        context: Store, mapping and partition.
        object_name: One of the six objects.
        scopes: The records to plan. For categories, the code of the root as partition key, or codes.

    Returns:
        Records by outcome: ``created`` and ``updated`` are due, ``unchanged`` and ``blocked`` are not.
    """
    result = StepResult()
    # A record that has left the partition since it was planned must not be sent with its old plan.
    context.store.plan.clear(object_name, context.attempt.partition_key)
    for scope in scopes:
        PLANNERS[object_name](context, scope, result)
    result.requests_forecast = requests_of(object_name, result.counts["created"], result.counts["updated"])
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
    """Return the codes of the scope: a whole tree, or named categories with all categories above them."""
    if scope.keys is not None:
        chains = ([*forest.ancestors(code), code] for code in scope.keys if code in forest.places)
        return list(dict.fromkeys(code for chain in chains for code in chain))
    # If no root can be reached from a category, it belongs to the tree that it was read with.
    read_here = context.store.mirror.keys_in_partition("category", str(scope.partition_key))
    return [
        code
        for code, place in forest.places.items()
        if place.root == scope.partition_key or (place.root is None and code in read_here)
    ]


def _plan_simple_products(object_name: ObjectName, context: PlanContext, scope: Scope, result: StepResult) -> None:
    for heads in context.store.product_trees.simple_products(scope):
        states = context.store.ledger.states("product", [head.key for head in heads])
        page = PlanPage(context, object_name, result)
        changed = _changed(context, page, heads, states)
        documents = context.store.mirror.documents("product", [head.key for head in changed])
        for head in changed:
            if context.mapper.is_bundle(documents[head.key]) is not OBJECTS[object_name].of_kits:
                continue
            source = context.source(head.hash)
            mapped = page.map("product", head.key, context.mapper.product, documents[head.key])
            if mapped is None:
                context.products.keep(head.key, source, "blocked")
                continue
            is_planned = page.decide(mapped, states.get(head.key), source)
            if not mapped.related:
                context.products.keep(head.key, source, "without links")
            elif is_planned:
                context.products.keep(head.key, source, "planned")
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


PLANNERS: Final[Mapping[ObjectName, _Planner]] = {
    "categories": _plan_categories,
    "product_models": plan_product_models,
    "products": partial(_plan_simple_products, "products"),
    "variants": plan_variants,
    "bundles": partial(_plan_simple_products, "bundles"),
    "related_products": plan_related_products,
}
"""How each object is planned."""
