"""Servers on which every code, name, label, text, user and host contains the same word."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from akeneo_assets.sandbox.catalogue import catalogue_records
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS
from akeneo_assets.sandbox.ipaas.catalog_bodies import LocationBody, ProductBody
from akeneo_assets.sandbox.ipaas.spelling import Spelling
from akeneo_assets.sandbox.server import Sandbox

MARK: Final = "zq7x"
"""It is in no word of ours."""

NUMBER: Final = "974613"
"""The id of the subscription, which has to be a number."""

_BY_CODE: Final = frozenset(
    {"values", "associations", "quantified_associations", "attribute_requirements", "conversion_units", "units"}
)
"""Fields whose keys are codes. The keys of all other maps are names of Akeneo's API, or locales."""

_GIVEN: Final = frozenset(
    {"uuid", "type", "locale", "locales", "available_locales", "currency", "currencies", "operator", "validation_rule"}
)
"""Fields with words of Akeneo's API, locales and currencies."""

_NEITHER_CODE_NOR_TEXT: Final = re.compile(r"[\d.:T+-]*|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}")


@contextmanager
def marked_sandbox(patch: pytest.MonkeyPatch) -> Iterator[tuple[Sandbox, dict[str, str]]]:
    """Yield such a sandbox, and the settings with which it is read."""
    resolve: Callable[..., Any] = socket.getaddrinfo
    patch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: resolve("127.0.0.1" if MARK in host else host, *rest, **more)
    )
    for name in AKENEO_CREDENTIALS:
        patch.setitem(AKENEO_CREDENTIALS, name, f"1_{MARK}")
    with Sandbox(catalogue="empty") as sandbox:
        _fill_akeneo(sandbox)
        _fill_ipaas(sandbox)
        settings = {name: text.replace("127.0.0.1", f"{MARK}.test") for name, text in sandbox.environment().items()}
        named = dict.fromkeys(("IPAAS_USERNAME", "IPAAS_PASSWORD", "IPAAS_COMPANY_ID"), MARK)
        yield sandbox, {**settings, **named, "IPAAS_SUBSCRIPTION_ID": NUMBER}


def _fill_akeneo(sandbox: Sandbox) -> None:
    akeneo = sandbox.akeneo
    akeneo.database.load(
        record if record.kind in {"locale", "currency"} else record._replace(document=_marked(record.document))
        for record in catalogue_records("sample")
    )
    akeneo.edit.save("attribute", f"{MARK}description", {}, {"type": f"pim_catalog_{MARK}"})
    akeneo.index.rebuild()
    akeneo.switches.version = f"7.0.21-{MARK}"
    akeneo.switches.public_url = f"http://{MARK}.test"
    akeneo.switches.refused_filters = frozenset({f"products-uuid {MARK}sku IN"})


def _fill_ipaas(sandbox: Sandbox) -> None:
    ipaas = sandbox.ipaas
    body = {"sku": MARK, "name": MARK, "type": "Physical", "tracking_method": "Product", "status": "Active"}
    ipaas.product_records.save(ProductBody.model_validate({**body, "default_price": 0}))
    ipaas.create_location(LocationBody(name=MARK))
    ipaas.define_custom_fields([MARK])
    ipaas.systems.add(NUMBER)
    ipaas.tokens.companies = {MARK: MARK}
    ipaas.tokens.email_address = ipaas.tokens.password = MARK
    ipaas.spelling = Spelling(texts={"NFND-1005": f"{MARK}-4711"})


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _marked_field(name, each) for name, each in value.items()}
    if isinstance(value, list):
        return [_marked(each) for each in value]
    if isinstance(value, str) and not _NEITHER_CODE_NOR_TEXT.fullmatch(value):
        return f"{MARK}{value}"
    return value


def _marked_field(name: str, value: Any) -> Any:
    if name in _GIVEN:
        return value
    if name in _BY_CODE and isinstance(value, dict):
        return {f"{MARK}{code}": _marked(each) for code, each in value.items()}
    return _marked(value)
