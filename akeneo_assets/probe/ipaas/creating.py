"""Facts about creating records in iPaaS.com: ids, custom fields, links, variants and kits."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.enumerations import STATUS_OF_PREFIX, ErrorCode
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled
from akeneo_assets.probe.ipaas.conversation import Answer, Conversation
from akeneo_assets.probe.ipaas.own_records import OwnRecords

CUSTOM_FIELDS: Final = ("akeneo_assets_probe", "akeneo_assets_probe_2")
"""The custom fields that probes define. A definition cannot be removed, so all probes use the same ones."""

_SIZES: Final = ("S", "M")


@dataclass
class Writing:
    """What the tests of these facts share.

    Attributes:
        talk: Sends the requests.
        own: Makes records.
        known: What was found out up to now.
        refused: The HTTP status of each refusal, by error code.
        makers: How to make records again that an interrupted probe made, by what they are.
        made: The records by what they are: their stored documents.
    """

    talk: Conversation
    own: OwnRecords
    known: Mapping[str, Any]
    refused: dict[str, int]
    makers: dict[str, Callable[[Writing], Found]] = field(default_factory=dict)
    made: dict[str, JsonObject] = field(default_factory=dict)

    def has(self, what: str) -> bool:
        """Whether a record was made; one of an interrupted probe is made again."""
        if what not in self.made and what in self.makers:
            self.makers.pop(what)(self)
        return what in self.made

    def record(self, what: str) -> JsonObject:
        """Return a record that was made.

        Raises:
            NotTestableError: It could not be made.
        """
        if not self.has(what):
            raise NotTestableError(f"The {what.replace('_', ' ')} could not be made.")
        return self.made[what]

    def noted(self, answer: Answer) -> Answer:
        """Remember the status of a refusal."""
        if answer.code is not None:
            self.refused[answer.code] = answer.response.http_status
        return answer


def created(context: Writing, what: str, answer: Answer) -> Found:
    """Keep a record that was created, and return what was seen."""
    if not context.noted(answer).is_good:
        return not_handled(f"It was refused: {answer}.")
    if not isinstance(answer.document, dict) or not answer.document.get("id"):
        return not_handled(f"The response has no id: {answer}.")
    context.made[what] = answer.record
    return as_assumed(f"{answer}.")


def _category(context: Writing) -> Found:
    return created(context, "category", context.own.create_category("category"))


def _ids(context: Writing) -> Found:
    parent = context.record("category")["id"]
    if context.known.get("ids") == "number":
        answer = context.own.create_category("subcategory", parent_id=parent)
        created(context, "subcategory", answer)
        return handled("Ids are sent as numbers.") if answer.is_good else not_handled(f"It was refused: {answer}.")
    answer = context.noted(context.own.create_category("subcategory", parent_id=str(parent)))
    if answer.is_good:
        created(context, "subcategory", answer)
        return as_assumed("A text is accepted as an id.", ids="text")
    number = int(parent) if str(parent).isdecimal() else parent
    answer = context.own.create_category("subcategory", parent_id=number)
    if answer.is_good:
        created(context, "subcategory", answer)
        return handled("Ids have to be numbers in a request.", ids="number")
    return not_handled(f"An id was refused as a text and as a number: {answer}.")


def _definition(context: Writing) -> Found:
    listed = context.talk.ask(endpoints.LIST_CUSTOM_FIELDS, params={"pageNumber": 1, "pageSize": 100})
    known = {(str(each.get("table_name")).casefold(), each.get("name")) for each in listed.records}
    for table, name in (*(("product", name) for name in CUSTOM_FIELDS), ("product variant", CUSTOM_FIELDS[0])):
        if (table, name) not in known:
            document = {"name": name, "table_name": table, "data_type": "string"}
            answer = context.noted(context.talk.ask(endpoints.CREATE_CUSTOM_FIELD, document=document))
            if answer.response.status == STATUS_OF_PREFIX["AUTZ"]:
                return handled(
                    "The permission is missing: define custom fields in iPaaS.com.", custom_fields_definable=False
                )
            if not answer.is_good and answer.code not in ErrorCode.DUPLICATES:
                return not_handled(f"It was refused: {answer}.")
    context.made["custom field"] = {"name": CUSTOM_FIELDS[0]}
    text = f"{' and '.join(CUSTOM_FIELDS)} are defined for products, and the first one for variants."
    return as_assumed(text, custom_fields_definable=True)


def custom_fields(context: Writing, *names: str, value: str | None = "A") -> list[JsonObject]:
    """Return the custom fields of a record; none if they cannot be defined."""
    return [{"custom_field_name": name, "value": value} for name in names] if context.has("custom field") else []


def _product(context: Writing) -> Found:
    categories = [{"id": context.record("subcategory")["id"]}] if context.has("subcategory") else []
    fields = {
        "barcode": "4006381333931",
        "categories": categories,
        "custom_fields": custom_fields(context, *CUSTOM_FIELDS),
    }
    return created(context, "product", context.own.create_product(context.own.product("product", **fields)))


def _linked(context: Writing) -> Found:
    product, name = context.record("product"), context.own.name("product")
    answer = context.own.look_up("product", name)
    if answer.is_good and str(answer.document) == str(product["id"]):
        return as_assumed("It is found by its external id.", links_on_write=True)
    linked = context.own.link("product", name, product["id"])
    if linked.is_good and context.own.look_up("product", name).is_good:
        return handled("It is not found by its external id until it is linked with another call.", links_on_write=False)
    return not_handled(f"The external id of a new product is answered with {answer}, and linking it with {linked}.")


def sku_of(record: JsonObject) -> str:
    """Return the SKU of a record."""
    return str(record.get("sku"))


def known_as(answer: Answer, code: str) -> dict[str, dict[str, str]]:
    """Return the part of an API profile that gives a code of ours the meaning of a refusal."""
    return {"error_codes": {code: answer.code}} if answer.code is not None else {}


def _model(context: Writing) -> Found:
    own = context.own
    values = [{"option_name": "Size", "value": size} for size in _SIZES]
    variants = [
        {
            "sku": own.name(f"variant-{size}"),
            "status": "Active",
            "default_price": 1,
            "options": [value],
            "external_ids": own.external_ids(own.name(f"variant-{size}")),
            "custom_fields": custom_fields(context, CUSTOM_FIELDS[0]),
        }
        for size, value in zip(_SIZES, values, strict=True)
    ]
    options = [{"option_name": "Size", "values": values}]
    document = own.product("model", tracking_method="Variant", options=options, variants=variants)
    found = created(context, "model", own.create_product(document))
    stored = context.made.get("model", {}).get("variants")
    if found.verdict == "as assumed" and not (isinstance(stored, list) and all(each.get("id") for each in stored)):
        return not_handled("The response does not contain the variants with their ids.")
    if isinstance(stored, list) and len(stored) == len(_SIZES):
        context.made["variant"], context.made["other variant"] = stored
    return found


def _undefined(context: Writing) -> Found:
    values = [{"custom_field_name": f"{CUSTOM_FIELDS[0]}_{uuid.uuid4().hex}", "value": "A"}]
    answer = context.noted(context.own.create_product(context.own.product("undefined", custom_fields=values)))
    if answer.is_good:
        return handled("A value without a definition is accepted.")
    if answer.code == ErrorCode.NO_CUSTOM_FIELD:
        return as_assumed(f"It is refused: {answer}.")
    return handled(f"It is refused with another code: {answer}.")


def _kit(components: list[str], context: Writing) -> Answer:
    kit = {
        "sku": context.own.name("kit" if components else "kit-without-target"),
        "type": "Basic",
        "components": [{"sku": sku, "quantity": 2} for sku in components or [context.own.name("nothing")]],
    }
    what = "kit" if components else "kit-without-target"
    return context.noted(context.own.create_product(context.own.product(what, kit=kit)))


def _whole_kit(context: Writing) -> Found:
    return created(context, "kit", _kit([sku_of(context.record("product"))], context))


def _kit_target(context: Writing) -> Found:
    return target(_kit([], context), "A kit with a component that does not exist")


def target(answer: Answer, what: str, **capabilities: Any) -> Found:
    """Return whether a target that does not exist is refused."""
    checked = dict.fromkeys(capabilities, not answer.is_good)
    if answer.is_good:
        return handled(f"{what} is accepted.", **checked)
    if answer.code == ErrorCode.REFERENCE_MISSING:
        return as_assumed(f"{what} is refused: {answer}.", **checked)
    return not_handled(f"{what} is refused with another code: {answer}.", known_as(answer, ErrorCode.REFERENCE_MISSING))


FACTS: Final = (
    Fact(
        "ipaas.write.category",
        "POST Category returns the category with its id",
        "2019",
        "categories",
        "categories fail",
        _category,
    ),
    Fact(
        "ipaas.write.ids",
        "An id may be a text in a request",
        "confirmed",
        "every link",
        "ids are sent as numbers",
        _ids,
    ),
    Fact(
        "ipaas.write.definition",
        "Custom fields can be defined",
        "2019",
        "custom fields",
        "those that are not defined are left out",
        _definition,
    ),
    Fact(
        "ipaas.write.product",
        "POST Product returns the product with its id",
        "2019",
        "products",
        "products fail",
        _product,
    ),
    Fact(
        "ipaas.write.linked",
        "A product is created with its external id",
        "confirmed",
        "finding it again",
        "a record is linked with another call",
        _linked,
    ),
    Fact(
        "ipaas.write.model",
        "POST Product creates a model with its variants",
        "2019",
        "product models",
        "product models fail",
        _model,
    ),
    Fact(
        "ipaas.write.undefined",
        f"A value of a custom field without a definition is {ErrorCode.NO_CUSTOM_FIELD}",
        "confirmed",
        "custom fields",
        "the value is accepted or the record fails with another code",
        _undefined,
    ),
    Fact("ipaas.write.kit", "A product is created with its kit", "2019", "bundles", "bundles fail", _whole_kit),
    Fact(
        "ipaas.write.kit_target",
        f"A component that does not exist is {ErrorCode.REFERENCE_MISSING}",
        "confirmed",
        "bundles",
        "the component may be missing",
        _kit_target,
    ),
)
"""In the order in which they are tested: later ones use what earlier ones found or made."""
