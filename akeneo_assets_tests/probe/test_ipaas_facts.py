"""Each fact about iPaaS.com is played right and wrong by the sandbox, and the probe tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import pytest

from akeneo_assets.probe.facts import Found, Verdict
from akeneo_assets.probe.ipaas import probe, sign_on
from akeneo_assets.probe.ipaas.probe import IpaasProbe
from akeneo_assets.sandbox.ipaas.catalog_bodies import LocationBody, ProductBody
from akeneo_assets.sandbox.ipaas.spelling import Spelling
from akeneo_assets.sandbox.ipaas.switches import CustomFieldForm
from akeneo_assets.sandbox.ipaas.tokens import API_KEY
from akeneo_assets_tests.scenarios.world import World

Arrange = Callable[[World], None]

READING: Final = tuple(fact.key for fact in probe.READING)
WRITING: Final = tuple(fact.key for fact in probe.WRITING)


def probed(world: World, *, write: bool) -> dict[str, Found]:
    """Run a probe, and return what it found, by fact."""
    return {result.fact.key: result.found for result in IpaasProbe(world.engine()).run(write=write)}


def fill(world: World, products: int = 3) -> None:
    """Put records into iPaaS.com, so that all facts can be tested."""
    common = {"type": "Physical", "tracking_method": "Product", "status": "Active", "default_price": 0}
    for number in range(products):
        body = {**common, "name": "Own", "sku": f"own-{number}"}
        if number == 0:
            options = [{"option_name": "Size", "values": [{"value": "S"}]}]
            variant = {"sku": "own-variant", "options": [{"option_name": "Size", "value": "S"}]}
            body |= {"tracking_method": "Variant", "options": options, "variants": [variant]}
        world.ipaas.product_records.save(ProductBody.model_validate(body))
    world.ipaas.create_location(LocationBody(name="Main"))
    world.ipaas.define_custom_fields(["Family"])
    world.ipaas.switches.publishes_swagger = True


class Difference(NamedTuple):
    """What the sandbox does in another way, and what the probe has to tell."""

    key: str
    arrange: Arrange
    verdict: Verdict = "not handled"
    capabilities: Mapping[str, Any] = MappingProxyType({})
    profile: Mapping[str, Any] = MappingProxyType({})


def spelled(**parts: Any) -> Arrange:
    def arrange(world: World) -> None:
        world.ipaas.spelling = Spelling(**parts)

    return arrange


def switched(**switches: Any) -> Arrange:
    def arrange(world: World) -> None:
        for name, value in switches.items():
            setattr(world.ipaas.switches if hasattr(world.ipaas.switches, name) else world.ipaas, name, value)

    return arrange


def forbidden(action: str, **options: Any) -> Arrange:
    return lambda world: void(world.sandbox.ipaas_faults.add("forbid", action=action, times=None, **options))


def faulty(kind: Any, **options: Any) -> Arrange:
    return lambda world: void(world.sandbox.ipaas_faults.add(kind, **options))


def void(_: object) -> None:
    pass


def with_key(key: str) -> Arrange:
    return lambda world: world.variables.update(IPAAS_API_KEY=key)


ROOT: Final = "/products/v2/Catalog"
OTHER_MISSING: Final = {"error_codes": {"NFND-1005": "NFND-2005"}}
DIFFERENT_READING: Final = (
    Difference(
        "ipaas.log_in",
        spelled(fields={"access_token": "bearer_token"}),
        profile={"fields": {"access_token": "bearer_token"}},
    ),
    Difference("ipaas.companies", forbidden("auth.companies")),
    Difference("ipaas.company_token", forbidden("auth.change_company")),
    Difference("ipaas.token_life", switched(token_expiration_shown=False), "handled"),
    Difference("ipaas.refresh", faulty("refuse_refresh", times=None), "handled"),
    Difference("ipaas.api_key", with_key("expired-api-key")),
    Difference("ipaas.product.list", forbidden("product.list")),
    Difference("ipaas.category.list", forbidden("category.list")),
    Difference("ipaas.variant.find", forbidden("variant.list")),
    Difference("ipaas.location.find", forbidden("location.list")),
    Difference(
        "ipaas.custom_field.list",
        spelled(paths={"GET /subscriptions/v2/CustomFields": "GET /products/v2/CustomFields"}),
        profile={"paths": {"custom_field.list": "/products/v2/CustomFields"}},
    ),
    Difference("ipaas.external_id.missing", switched(systems={"1002"})),
    *(
        Difference(f"ipaas.{kind}.get.missing", spelled(texts={"NFND-1005": "NFND-2005"}), profile=OTHER_MISSING)
        for kind in ("product", "variant", "category")
    ),
    Difference(
        "ipaas.pagination",
        spelled(headers={"X-Pagination": "Paging"}),
        "handled",
        profile={"headers": {"X-Pagination": "paging"}},
    ),
    Difference("ipaas.pages", switched(ignored_parameters=frozenset({"pageNumber"}))),
    Difference("ipaas.pages", switched(ignored_parameters=frozenset({"pageSize"})), "handled"),
    Difference("ipaas.page_size", switched(largest_page=2), "as assumed", {"page_size": 2}),
    Difference("ipaas.page_size", switched(largest_page=50, larger_pages_refused=True)),
    *(
        Difference(f"ipaas.{kind}.find.search", switched(ignored_parameters=frozenset({"action", "Sku", "Name"})))
        for kind in ("product", "variant", "location")
    ),
    Difference("ipaas.ids", faulty("null_ids", action="product.list", after=1, times=1)),
    Difference(
        "ipaas.error_names",
        spelled(fields={"code": "number", "message": "text"}),
        profile={"fields": {"code": "number"}},
    ),
    Difference("ipaas.not_linked", switched(ids="number"), "handled", {"ids": "number"}),
    Difference("ipaas.no_external_id", spelled(texts={"NFND-1005": "NFND-2005"})),
    *(
        Difference(f"ipaas.table.{table.replace(' ', '_')}", spelled(values={"table_name": {table: "other"}}))
        for table in ("product variant", "product category")
    ),
    Difference("ipaas.custom_field.names", spelled(fields={"table_name": "table"})),
    Difference("ipaas.location.names", spelled(fields={"name": "title"})),
    Difference(
        "ipaas.swagger",
        spelled(paths={"POST /products/v2/Catalog/Product": "POST /products/v2/Catalog/Products"}),
        profile={"paths": {"product.create": "/products/v2/Catalog/Products"}},
    ),
)
FORMS: Final[tuple[tuple[tuple[CustomFieldForm, ...], Verdict, str], ...]] = (
    ((), "not handled", "nothing"),
    # The last custom field of a record has to be emptied, too.
    (("left out",), "not handled", "nothing"),
    (("left out", "empty list"), "as assumed", "left_out"),
    (("left out", "null", "text"), "handled", "null"),
    (("text",), "handled", "text"),
)
"""What empties a custom field, and what is found out."""
DIFFERENT_WRITING: Final = (
    Difference("ipaas.write.category", forbidden("category.create")),
    Difference("ipaas.write.ids", switched(ids="number"), "handled"),
    Difference(
        "ipaas.write.definition",
        switched(custom_field_definitions_allowed=False),
        "handled",
        {"custom_fields_definable": False},
    ),
    Difference("ipaas.write.product", forbidden("product.create")),
    Difference("ipaas.write.linked", switched(keeps_external_ids=False), "handled", {"links_on_write": False}),
    Difference("ipaas.write.linked", forbidden("external.lookup")),
    Difference(
        "ipaas.write.repeated",
        switched(unique_skus="never", unique_external_ids=False),
        "handled",
        {"refuses_duplicates": False},
    ),
    Difference("ipaas.write.same_sku", switched(unique_skus="never"), "handled", {"refuses_duplicates": False}),
    Difference(
        "ipaas.write.same_external_id", switched(unique_external_ids=False), "handled", {"refuses_duplicates": False}
    ),
    Difference("ipaas.write.model", faulty("null_ids", action="product.create", after=1)),
    Difference("ipaas.write.sku_of_variant", switched(unique_skus="table"), "handled"),
    Difference("ipaas.write.undefined", switched(undefined_custom_fields_refused=False), "handled"),
    Difference("ipaas.write.kit", forbidden("product.create", after=3)),
    Difference("ipaas.write.kit_target", switched(components_must_exist=False), "handled"),
    Difference("ipaas.write.response", switched(returns_changed_records=False), "handled"),
    Difference("ipaas.write.field", switched(put_merges=True), "handled", {"put": "merges"}),
    *(
        Difference(
            "ipaas.write.custom_field",
            switched(put_merges=True, custom_fields_emptied_by=frozenset(forms)),
            verdict,
            {"custom_fields_emptied_by": found},
        )
        for forms, verdict, found in FORMS
    ),
    Difference("ipaas.write.null", switched(nulls_accepted=False), "handled", {"nulls_accepted": False}),
    Difference("ipaas.write.null", switched(put_merges=True), "as assumed", {"fields_emptied_by": "null"}),
    *(
        Difference(
            "ipaas.write.null",
            switched(put_merges=True, **switches),
            capabilities={"nulls_accepted": accepted, "fields_emptied_by": found},
        )
        for switches, accepted, found in (
            ({"nulls_accepted": False}, False, "text"),
            ({"emptied_by": frozenset({"text"})}, True, "text"),
            ({"emptied_by": frozenset()}, True, "nothing"),
        )
    ),
    Difference("ipaas.write.category_removal", switched(put_merges=True), "handled"),
    Difference(
        "ipaas.write.related",
        switched(keeps_related_products=False),
        capabilities={"related_products_stored": False},
    ),
    Difference(
        "ipaas.write.related_target",
        switched(related_targets_must_exist=False),
        "handled",
        {"related_targets_checked": False},
    ),
    Difference("ipaas.write.variant", switched(variant_path="variant"), "handled", {"variant_path": "variant"}),
    Difference("ipaas.write.option_value", switched(option_values_immutable=False), "handled"),
    Difference("ipaas.write.child", switched(put_merges=True), "handled"),
    Difference("ipaas.write.deactivated", switched(deactivated_readable=True)),
    Difference("ipaas.write.deactivated_lookup", switched(deactivated_lookup="missing"), "handled"),
    Difference("ipaas.write.deactivated_lookup", switched(deactivated_lookup="plain"), "handled"),
    Difference(
        "ipaas.write.deactivated_lookup",
        spelled(texts={"DELETED:": "INACTIVE:"}),
        profile={"deleted_prefix": "INACTIVE:"},
    ),
    Difference("ipaas.write.deactivated_sku", switched(unique_skus="active"), "handled"),
    Difference(
        "ipaas.write.reactivated",
        spelled(
            paths={
                "PUT /products/v2/Catalog/Product/Reactivate/{id}": "POST /products/v2/Catalog/Product/{id}/Reactivate"
            }
        ),
        profile={"paths": {"product.reactivate": "POST /products/v2/Catalog/Product/{id}/Reactivate"}},
    ),
    *(
        Difference(
            f"ipaas.write.reactivated_{kind}",
            spelled(paths={f"PUT {ROOT}/{path}/Reactivate/{{id}}": f"PUT {ROOT}/{path}/{{id}}/Reactivate"}),
            profile={"paths": {f"{kind}.reactivate": f"{ROOT}/{path}/{{id}}/Reactivate"}},
        )
        for kind, path in (("variant", "Product/Variant"), ("category", "Category"))
    ),
    Difference("ipaas.write.disabled", spelled(values={"status": {"Disabled": "Inactive"}})),
    Difference("ipaas.write.unlinked", forbidden("external.unlink")),
    Difference("ipaas.write.statuses", spelled(statuses={409: 422}), "handled"),
)


def test_nothing_is_different_where_everything_is_as_assumed(world: World) -> None:
    fill(world)
    found = probed(world, write=True)

    verdicts = {key: each.verdict for key, each in found.items() if each.verdict != "as assumed"}
    assert verdicts == {"ipaas.api_key": "not testable", "ipaas.page_size": "not testable"}
    assert tuple(found) == (*READING, *WRITING)
    assert all(each.profile == {} for each in found.values())


def test_an_api_key_is_as_assumed(world: World) -> None:
    fill(world)
    world.variables["IPAAS_API_KEY"] = API_KEY
    found = probed(world, write=False)
    assert found["ipaas.api_key"].verdict == "as assumed"
    assert {found[fact.key].verdict for fact in sign_on.FACTS[:-1]} == {"not testable"}


@pytest.mark.parametrize("difference", [*DIFFERENT_READING, *DIFFERENT_WRITING], ids=lambda each: each.key)
def test_a_difference_is_found(world: World, difference: Difference) -> None:
    fill(world)
    difference.arrange(world)
    found = probed(world, write=difference.key in WRITING)[difference.key]

    assert found.verdict == difference.verdict, found
    assert found.capabilities.items() >= difference.capabilities.items()
    assert found.profile == difference.profile


def test_each_fact_is_played_wrong() -> None:
    """They are played right in the tests above; the largest page in the next one."""
    wrong = {each.key for each in (*DIFFERENT_READING, *DIFFERENT_WRITING) if each.verdict != "as assumed"}
    assert wrong == {*READING, *WRITING}


@pytest.mark.parametrize(("largest", "found"), [(1000, 500), (200, 200), (100, 100)])
def test_the_largest_page_is_found(world: World, largest: int, found: int) -> None:
    fill(world, products=201)
    world.ipaas.switches.largest_page = largest
    assert probed(world, write=False)["ipaas.page_size"].capabilities == {"page_size": found}


def test_reading_writes_nothing_and_needs_few_requests(world: World) -> None:
    fill(world)
    before = world.content()
    world.written()
    probed(world, write=False)
    assert (world.content(), world.written()) == (before, [])
    assert world.sandbox.ipaas_counters.total < 60
