"""Refusals in the shape that Stripe gives them."""

from __future__ import annotations

from typing import Any

from ..common.errors import ServiceError

DOCS = "https://docs.stripe.com/error-codes/"


class StripeError(ServiceError):
    """`executed` tells whether the endpoint began its work, so that the answer is kept for its idempotency key."""

    executed = True

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.details: dict[str, Any] = {"message": message, "type": type}
        if code is not None:
            self.details |= {"code": code, "doc_url": DOCS + code.replace("_", "-")}
        if param is not None:
            self.details["param"] = param
        self.details |= extra

    def body(self) -> dict[str, Any]:
        return {"error": self.details}


class InvalidParameter(StripeError):
    """The request was refused before any work began."""

    executed = False


class CardError(StripeError):
    """The card was refused; what the attempt wrote (a failed charge, an event) stays."""

    keeps_changes = True

    def __init__(self, message: str, *, code: str, **extra: Any) -> None:
        super().__init__(message, status=402, type="card_error", code=code, **extra)


def unauthenticated(message: str, *, code: str | None = None) -> StripeError:
    return InvalidParameter(message, status=401, code=code)


def no_such(label: str, id: str, *, param: str, status: int = 404) -> StripeError:
    """Stripe answers 404 for an id in the path and 400 for an id among the parameters."""
    return StripeError(f"No such {label}: '{id}'", status=status, code="resource_missing", param=param)


def unrecognised_url(method: str, path: str) -> StripeError:
    message = f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs."
    return InvalidParameter(message, status=404)
