"""Routes under ``/_sandbox/`` with which another process edits the catalogue and sets the switches."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.database import KEY_FIELDS
from akeneo_assets.sandbox.akeneo.errors import json_response
from akeneo_assets.sandbox.akeneo.state import AkeneoState
from akeneo_assets.sandbox.akeneo.switches import Switches
from akeneo_assets.sandbox.control import PREFIX


class Edit(BaseModel):
    """One edit: a patch, or a deletion."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(description="Kind of the record, e.g. `product`.")
    code: str = Field(
        description="Its key, e.g. `linen-shirt` or `color/white`; for a product, its uuid or identifier."
    )
    patch: JsonObject = Field(default_factory=dict, description="The fields that change.")
    delete: bool = Field(False, description="Delete the record instead.")


def apply(edit: Edit, state: AkeneoState) -> JsonObject | None:
    """Make an edit and return the record as it is stored now; None after a deletion.

    Raises:
        KeyError: The kind is unknown, or what is to be deleted does not exist.
    """
    if edit.kind not in KEY_FIELDS:
        raise KeyError(edit.kind)
    if edit.delete:
        state.edit.delete(edit.kind, edit.code)
        return None
    first, _, second = edit.code.partition("/")
    saves: dict[str, Callable[[], JsonObject]] = {
        "product": lambda: state.edit.save_product(edit.code, edit.patch),
        "product_model": lambda: state.edit.save_model(edit.code, edit.patch),
        "category": lambda: state.edit.save_category(edit.code, edit.patch),
        "attribute_option": lambda: state.edit.save_option(first, second, edit.patch),
        "reference_entity_record": lambda: state.edit.save_record(first, second, edit.patch),
        "asset": lambda: state.edit.save_asset(first, second, edit.patch),
    }
    return saves.get(edit.kind, lambda: state.edit.save(edit.kind, edit.code, {}, edit.patch))()


def edit_routes(state: AkeneoState) -> list[Route]:
    """Return the routes; they need no authentication and are not counted."""

    async def edit(request: Request) -> Response:
        try:
            document = apply(Edit.model_validate_json(await request.body()), state)
        except ValidationError as error:
            return json_response({"message": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)
        except KeyError as error:
            return json_response({"message": f"There is no {error}"}, HTTPStatus.NOT_FOUND)
        return json_response(document)

    async def show_switches(_: Request) -> Response:
        return json_response(state.switches.model_dump(mode="json"))

    async def throw_switches(request: Request) -> Response:
        body = await request.body()
        try:
            wanted = Switches.model_validate_json(body)
        except ValidationError as error:
            return json_response({"message": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)
        for name in wanted.model_fields_set:
            setattr(state.switches, name, getattr(wanted, name))
        return json_response(state.switches.model_dump(mode="json"))

    async def reindex(_: Request) -> Response:
        state.reindex()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return [
        Route(f"{PREFIX}edit", edit, methods=["POST"]),
        Route(f"{PREFIX}switches", show_switches),
        Route(f"{PREFIX}switches", throw_switches, methods=["POST"]),
        Route(f"{PREFIX}reindex", reindex, methods=["POST"]),
    ]
