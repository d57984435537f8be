"""Refusals in the shape that PayPal gives them."""

from __future__ import annotations

import secrets
from typing import Any

from ..common.errors import ServiceError

DOCS = "https://developer.paypal.com/api/rest/reference/orders/v2/errors/"
NAMES = {
    400: ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    409: ("RESOURCE_CONFLICT", "The server has detected a conflict while processing this request."),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error occurred."),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable."),
}


class PayPalError(ServiceError):
    def __init__(
        self, status: int, issue: str, description: str, *, field: str = "", keeps_changes: bool = False
    ) -> None:
        super().__init__(issue)
        self.status = status
        self.issue = issue
        self.description = description
        self.field = field
        self.keeps_changes = keeps_changes

    def body(self) -> dict[str, Any]:
        name, message = NAMES.get(self.status, NAMES[500])
        detail = {"issue": self.issue, "description": self.description}
        if self.field:
            detail |= {"field": self.field, "location": "body"}
        return {
            "name": name,
            "message": message,
            "debug_id": secrets.token_hex(7),
            "details": [detail],
            "links": [{"href": f"{DOCS}#{self.issue}", "rel": "information_link", "method": "GET"}],
        }


class Unauthorised(ServiceError):
    """No token, or not one of ours. PayPal's body for it has a shape of its own."""

    status = 401

    def body(self) -> dict[str, Any]:
        return {"error": "invalid_token", "error_description": "Token signature verification failed"}


def not_found(id: str) -> PayPalError:
    return PayPalError(404, "INVALID_RESOURCE_ID", f"Specified resource ID does not exist: {id}")


def invalid(issue: str, description: str, *, field: str = "") -> PayPalError:
    return PayPalError(400, issue, description, field=field)


def unprocessable(issue: str, description: str, *, keeps_changes: bool = False) -> PayPalError:
    return PayPalError(422, issue, description, keeps_changes=keeps_changes)
