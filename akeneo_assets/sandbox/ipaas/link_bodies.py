"""Bodies of login requests, external ids, category assignments and custom fields."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from akeneo_assets.sandbox.ipaas.body import Body, RecordId, Text
from akeneo_assets.sandbox.ipaas.catalog_bodies import CustomFieldValue


class ProductCategoryBody(Body):
    """The assignment of a category to a product."""

    product_id: RecordId
    category_id: RecordId


class ExternalIdBody(Body):
    """Identifies an external id."""

    table_name: Text
    system_id: RecordId
    external_id: Text


class LinkBody(ExternalIdBody):
    """The record that an external id belongs to."""

    internal_id: RecordId


class CustomFieldDefinitionBody(Body):
    """The definition of a custom field."""

    name: Text
    table_name: Text
    description: str | None = None
    data_type: Literal["string", "number", "bool", "guid", "date", "datetime", "enum"] = "string"


class CustomFieldValueBody(CustomFieldValue):
    """The value of a custom field, with the id of its record; it may not be empty."""

    internal_id: RecordId

    @field_validator("value")
    @classmethod
    def _not_empty(cls, value: str | float | None) -> str | float:
        if value is None or value == "":
            raise PydanticCustomError("VALD-1002", "The value of a custom field is required.")
        return value


class LoginBody(Body):
    """Credentials."""

    email_address: str
    password: str


class RefreshBody(Body):
    """A token pair."""

    access_token: str
    refresh_token: str
