"""How the sandbox plays each fact about Akeneo right and wrong, and what the probe has to tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from akeneo_assets.documents import JsonObject
from akeneo_assets.probe.akeneo.filters import FILTERS, Filter
from akeneo_assets.probe.facts import Verdict
from akeneo_assets.sandbox.faults import FaultKind
from akeneo_assets_tests.scenarios.world import World

Arrange = Callable[[World], Callable[[], object] | None]
"""Changes what the sandbox does; may return a function that undoes an edit. Switches and faults are reset anyway."""


class Play(NamedTuple):
    """What the sandbox does in another way, and what the probe has to tell."""

    key: str
    arrange: Arrange
    verdict: Verdict = "not handled"


def switched(**values: Any) -> Arrange:
    def arrange(world: World) -> None:
        for name, value in values.items():
            setattr(world.sandbox.akeneo.switches, name, value)

    return arrange


def refused(*filters: str) -> Arrange:
    return switched(refused_filters=frozenset(filters))


def ignored(parameter: str) -> Arrange:
    return switched(ignored_parameters=frozenset({parameter}))


def faulty(kind: FaultKind, **options: Any) -> Arrange:
    def arrange(world: World) -> None:
        world.sandbox.akeneo_faults.add(kind, times=None, **options)

    return arrange


def forbidden(action: str) -> Arrange:
    return faulty("forbid", action=action)


def by_identifier(arrange: Arrange) -> Arrange:
    def arrange_both(world: World) -> Callable[[], object] | None:
        world.variables["AKENEO_PRODUCT_ID_FORMAT"] = "Identifier"
        return arrange(world)

    return arrange_both


def misshapen(kind: str, key: str) -> Arrange:
    """Send a text instead of the values of the first record of a kind."""

    def arrange(world: World) -> None:
        record = min(str(each[key]) for each in world.sandbox.akeneo.database.all(kind))
        world.sandbox.akeneo_faults.damage(record, how="shape")

    return arrange


def with_a_new_type(world: World) -> Callable[[], object]:
    """Change the type of an attribute to one that nobody knows yet."""
    world.edit.save("attribute", "description", {}, {"type": "pim_catalog_rich_text"})
    return lambda: world.edit.save("attribute", "description", {}, {"type": "pim_catalog_textarea"})


def save_product(world: World, uuid: str, patch: JsonObject, at: float) -> None:
    """Edit a product at another time than now."""
    akeneo = world.sandbox.akeneo
    clock, akeneo.clock = akeneo.clock, lambda: at
    world.edit.save_product(uuid, patch)
    akeneo.clock = clock


def edited(world: World, product: JsonObject, patch: JsonObject, at: float) -> Callable[[], object]:
    """Edit a product, and return a function that restores it with its date."""
    before = {name: product[name] for name in patch}
    save_product(world, product["uuid"], patch, at)

    def undo() -> None:
        save_product(world, product["uuid"], before, product["updated"])
        world.sandbox.akeneo.reindex()

    return undo


def products(world: World) -> list[JsonObject]:
    """Return copies of all stored products, in the order of their list."""
    return sorted(map(dict, world.sandbox.akeneo.database.all("product")), key=lambda each: str(each["uuid"]))


def with_an_odd_value(world: World) -> Callable[[], object]:
    """Send the weight of the first product with one as a text instead of an amount and a unit."""
    product = next(each for each in products(world) if "weight" in each["values"])
    odd = [{**entry, "data": "one kilogram"} for entry in product["values"]["weight"]]
    return edited(world, product, {"values": {**product["values"], "weight": odd}}, product["updated"])


def behind(seconds: float) -> Arrange:
    """Edit the first product some time ago, while the index lags behind by an hour."""

    def arrange(world: World) -> Callable[[], object]:
        product = products(world)[0]
        world.sandbox.akeneo.switches.index_lag_seconds = 3600
        patch = {"enabled": not product["enabled"]}
        return edited(world, product, patch, world.sandbox.akeneo.now() - seconds)

    return arrange


def slow_pages(world: World) -> None:
    world.variables["AKENEO_ASSETS_REQUEST_SECONDS"] = "1"
    world.sandbox.akeneo_faults.add("slow", action="products-uuid.list", seconds=0.55, times=None)


def _filter_of(tested: Filter) -> str:
    """Return the name of a filter on the sandbox."""
    is_of_products = tested.endpoint == "products"
    field = "sku" if is_of_products and tested.field == "identifier" else tested.field
    return f"{'products-uuid' if is_of_products else tested.endpoint} {field} {tested.operator}"


_DATES: Final = {
    "products": "products-uuid",
    "variants": "products-uuid",
    "product-models": "product-models",
    "sub-models": "product-models",
    "categories": "categories",
}
_ACTIONS: Final = {
    "products": "products-uuid.list",
    "product-models": "product-models.list",
    "categories": "categories.list",
    "families": "families.list",
    "family-variants": "family-variants.list",
    "attributes": "attributes.list",
    "attribute-options": "attribute-options.list",
    "association-types": "association-types.list",
    "channels": "channels.list",
    "measurement-families": "measurement-families.list",
    "records": "records.list",
    "record-attributes": "reference-entities.attributes",
    "record-options": "reference-entities.attribute-options",
    "assets": "assets.list",
    "asset-attributes": "asset-families.attributes",
}
"""List → the name of its route on the sandbox."""

_AS_BEFORE_5: Final = faulty("server_error", status=404, action="measurement-families.list")
_ONE_REFUSED: Final = faulty("server_error", status=422, path="[?&]attributes=")
_OLD_DATE: Final = "Mon, 01 Jun 2026 10:00:00 GMT"

RIGHT: Final = (
    Play("akeneo.order.categories", switched(category_order="tree"), "as assumed"),
    Play("akeneo.pages.next", switched(complete_links=True), "as assumed"),
)
"""Those that differ on the default sandbox, as on real servers. All others are played right by default."""

WRONG: Final = (
    Play("akeneo.version", switched(version="5.0.100"), "handled"),
    Play("akeneo.clock", faulty("wrong_date", date=None), "handled"),
    Play("akeneo.clock", faulty("wrong_date", date=_OLD_DATE), "handled"),
    *(Play(f"akeneo.lists.{name}", forbidden(action)) for name, action in _ACTIONS.items()),
    Play("akeneo.lists.products", switched(version="6.0.100")),
    Play("akeneo.lists.measurement-families", _AS_BEFORE_5, "handled"),
    *(
        Play(f"akeneo.lists.{name}", switched(reference_entities=False), "handled")
        for name in ("records", "record-attributes", "assets", "asset-attributes")
    ),
    Play("akeneo.lists.other-products", by_identifier(switched(version="6.0.100")), "handled"),
    *(
        Play(f"akeneo.pages.count.{which}", ignored("with_count"), "handled")
        for which in ("products", "product-models", "families")
    ),
    Play("akeneo.pages.size", switched(maximum_limit=50), "handled"),
    Play("akeneo.pages.size", switched(largest_product_page=50), "handled"),
    Play("akeneo.pages.size", switched(maximum_limit=1)),
    Play("akeneo.pages.size", ignored("limit"), "handled"),
    Play("akeneo.pages.end.products", switched(next_links="always")),
    Play("akeneo.pages.end.families", switched(next_links="always")),
    Play("akeneo.pages.more.families", switched(next_links="never"), "handled"),
    Play("akeneo.pages.more.families", switched(next_links="never", ignored_parameters=frozenset({"page"}))),
    Play("akeneo.pages.next", switched(next_links="never"), "handled"),
    Play("akeneo.pages.next", switched(complete_links=False), "handled"),
    Play("akeneo.pages.link", switched(public_url="http://pim.internal"), "handled"),
    Play("akeneo.pages.wall", switched(page_wall=5_000)),
    Play("akeneo.pages.wall", switched(page_wall=20_000), "handled"),
    *(
        Play(f"akeneo.order.{which}", switched(list_order="shuffled"), "handled")
        for which in ("products", "product-models")
    ),
    Play("akeneo.order.categories", switched(category_order="shuffled"), "handled"),
    *(Play(f"akeneo.cursor.{which}", ignored("search_after")) for which in ("products", "product-models")),
    *(
        Play(f"akeneo.cursor.{which}", by_identifier(switched(version="5.0.100")), "handled")
        for which in ("products", "product-models")
    ),
    *(
        Play(f"akeneo.filters.{each.name}", refused(_filter_of(each)), "handled" if each.instead else "not handled")
        for each in FILTERS
    ),
    *(
        Play(f"akeneo.filters.{each.name}", ignored("search"))
        for each in FILTERS
        if each.name != "categories.parent.equals"
    ),
    Play("akeneo.filters.categories.parent.deep", ignored("search")),
    *(
        Play(f"akeneo.filters.products.{name}", by_identifier(switched(version="6.0.100")), "handled")
        for name in ("parent.in", "parent.not-empty", "identifier.in")
    ),
    *(
        Play(f"akeneo.{name}", by_identifier(switched(version="5.0.100")), "handled")
        for name in ("filters.product-models.parent.in", "filters.categories.is_root.equals", "updated.categories")
    ),
    Play("akeneo.filters.products.family.in", faulty("server_error", path="family.*IN"), "not testable"),
    *(
        Play(f"akeneo.filters.{which}.parent.deep", switched(deep_parents=False))
        for which in ("products", "categories")
    ),
    *(
        Play(f"akeneo.updated.{which}", refused(f"{name} updated >"))
        for which, name in _DATES.items()
        if which != "categories"
    ),
    Play("akeneo.updated.categories", refused("categories updated >"), "handled"),
    *(
        Play(f"akeneo.updated.{which}", switched(search_zone="America/New_York"))
        for which, name in _DATES.items()
        if name != "categories"
    ),
    *(
        Play(f"akeneo.updated.{which}", switched(search_zone="Asia/Tokyo"), "handled")
        for which in ("products", "product-models")
    ),
    Play("akeneo.zone", switched(time_zone="Asia/Tokyo"), "handled"),
    Play("akeneo.index", behind(10), "handled"),
    Play("akeneo.index", behind(1_000)),
    Play("akeneo.options.with_completenesses", ignored("with_completenesses")),
    Play("akeneo.options.with_enriched_attributes", switched(version="7.0.21"), "handled"),
    *(
        Play(f"akeneo.options.with_asset_share_links.{which}", arrange, "handled")
        for which in ("products", "product-models")
        for arrange in (ignored("with_asset_share_links"), switched(asset_sharing="off"))
    ),
    *(Play(f"akeneo.options.attributes.{which}", _ONE_REFUSED) for which in ("products", "product-models")),
    *(
        Play(f"akeneo.options.attributes.{which}", ignored("attributes"), "handled")
        for which in ("products", "product-models")
    ),
    Play("akeneo.records.product", misshapen("product", "uuid")),
    Play("akeneo.records.product_model", misshapen("product_model", "code")),
    Play("akeneo.records.category", misshapen("category", "code")),
    Play("akeneo.records.structure", misshapen("reference_entity_record", "code")),
    Play("akeneo.values.types", with_a_new_type, "handled"),
    Play("akeneo.values.forms", with_an_odd_value),
    Play("akeneo.pages.cost", slow_pages),
    Play("akeneo.pages.cost", switched(largest_product_page=50), "handled"),
    Play("akeneo.pace", faulty("throttle", action="channels.list", after=1, retry_after=0.1)),
)
