from __future__ import annotations

from typing import Any

import pytest

from akeneo_assets.http.responses import ApiError
from akeneo_assets.ipaas.errors import code_of, effective_status, message_of, refused


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"code": "VALD-1011", "message": "No such field"}, "No such field"),
        ({"error_code": "VALD-1011", "title": "No such field"}, "No such field"),
        ({"errorCode": "VALD-1011", "detail": "No such field"}, "No such field"),
        ({"errorCode": "VALD-1011", "error": "No such field"}, "No such field"),
        ({"errors": [{"errorCode": "VALD-1011", "error": "No such field"}]}, "No such field"),
        ({"error": {"code": "VALD-1011", "message": "No such field"}}, "No such field"),
        (
            [{"code": "VALD-1011", "message": "No such field"}, {"code": "VALD-1002", "message": "Name"}],
            "No such field Name",
        ),
        ("VALD-1011: No such field", "VALD-1011: No such field"),
        ({"message": "VALD-1011: No such field"}, "VALD-1011: No such field"),
        ({"code": 400, "title": "VALD-1011 No such field"}, "VALD-1011 No such field"),
    ],
)
def test_code_and_message_are_found_in_every_format(document: Any, message: str) -> None:
    assert code_of(document) == "VALD-1011"
    assert message_of(document) == message
    error = refused(ApiError("refused", code="400", status=400, document=document))
    assert error.code == "VALD-1011"
    assert message in str(error)


@pytest.mark.parametrize("document", [None, "", "<html>Bad Gateway</html>", {}, [], 7, {"code": 400}, "ABCD-1234"])
def test_an_error_without_a_code_keeps_its_status(document: Any) -> None:
    error = refused(ApiError("iPaaS.com refused it: 400 Bad Request.", code="400", status=400, document=document))
    assert error.code == "400"
    assert "400 Bad Request" in str(error) or document == "ABCD-1234"
    assert "<html>" not in str(error)
    assert effective_status(400, document) == 400


@pytest.mark.parametrize(
    ("code", "status"),
    [("AUTH-1001", 401), ("AUTZ-1002", 403), ("VALD-1002", 400), ("BIZL-1004", 409), ("INTL-1", 418)],
)
def test_codes_take_precedence_over_statuses(code: str, status: int) -> None:
    assert effective_status(418, {"code": code}) == status
    assert effective_status(200, {"code": code}) == 200


@pytest.mark.parametrize(
    ("code", "message", "existing_id"),
    [
        ("BIZL-1004", "The SKU '1000' must be unique; the product with Id 77 has it.", "77"),
        ("BIZL-1004", "Sku must be unique (id: 77)", "77"),
        (
            "BIZL-1006",
            "Name is used by id = 5f0c1c8e-9f0b-4c53-8f0e-3f3a0f2f7a10.",
            "5f0c1c8e-9f0b-4c53-8f0e-3f3a0f2f7a10",
        ),
        ("BIZL-1007", "Id '12' must be unique: ID 77", "77"),
        ("BIZL-1009", "An inactive product has this SKU, Id: 77", "77"),
        ("BIZL-1004", "The SKU '1000' must be unique.", None),
        ("BIZL-1004", "Identical SKU 1000", None),
        ("VALD-1038", "There is no product with Id 77", None),
    ],
)
def test_the_conflicting_record_is_found_in_the_message(code: str, message: str, existing_id: str | None) -> None:
    error = refused(ApiError("x", code="400", status=400, document={"code": code, "message": message}))
    assert error.existing_id == existing_id
