"""How Stripe is called: its library's client, and what its errors mean to us."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import Unavailable
from payments.errors import ProviderRefused

if TYPE_CHECKING:
    import stripe

TIMEOUT_SECONDS = 10
RETRIES = 2


class StripeCalls:
    """The library, which is loaded on first use, and its client with our key and patience."""

    def __init__(self, secret_key: str, api_base: str = "") -> None:
        import stripe

        self._stripe = stripe
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else None,
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )

    @contextmanager
    def _translated(self, intent_id: str = "") -> Iterator[None]:
        """Stripe's errors as ours. `intent_id`: of the intent that a call moves, which may be decided already."""
        try:
            yield
        except self._stripe.CardError as error:
            raise Declined(error) from error
        except self._stripe.InvalidRequestError as error:
            if intent_id and error.code == "payment_intent_unexpected_state":
                raise AlreadyDecided from error
            fields = {"payment_method": [str(error.user_message)]} if error.param == "payment_method" else None
            raise ProviderRefused(message=str(error.user_message or ""), fields=fields) from error
        except self._stripe.StripeError as error:
            raise Unavailable(
                "payment_provider_unavailable",
                "The payment provider did not answer. Nothing was lost; please look again in a moment.",
            ) from error


class Declined(Exception):
    """The card's bank said no: `code` and a sentence for the person."""

    def __init__(self, error: "stripe.CardError") -> None:
        details = error.error
        self.code = str((details and details.decline_code) or error.code or "card_declined")
        self.message = error.user_message or "The card was declined."
        super().__init__(self.code)


class AlreadyDecided(Exception):
    """The intent has moved on, so this call is not possible any more."""
