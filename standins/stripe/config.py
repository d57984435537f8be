"""The options of Stripe's stand-in."""

from __future__ import annotations

from dataclasses import dataclass

from ..common import config
from ..common.config import option


@dataclass(frozen=True, kw_only=True)
class Config(config.Config):
    service = "Stripe"
    variables = "STANDIN_"

    port: int = option(12111, "port to listen on; 0 takes a free one")
    webhook_secret: str = option("", "what events are signed with (whsec_...)")
    fee_basis_points: int = option(290, "share of each payment that is the processing fee, in hundredths of a percent")
    fee_fixed: int = option(30, "fixed part of the processing fee, in the smallest unit of the currency")
    days_until_available: float = option(2.0, "days until what a payment brings is available; 0: at once")
    dispute_fee: int = option(1500, "fee of a dispute, in the smallest unit of the currency")
    dispute_fee_returned: int = option(0, "what of it a won dispute gives back")
    payout_seconds: float = option(172_800.0, "seconds until a payout arrives; the first half of them it is pending")
    after_retries: str = option(
        "cancel", "what a subscription becomes when no retry of its payment worked: cancel, unpaid or past_due"
    )

    def __post_init__(self) -> None:
        if self.webhook_url and not self.webhook_secret:
            raise ValueError("--webhook-url needs --webhook-secret")
