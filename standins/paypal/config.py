"""The options of PayPal's stand-in."""

from __future__ import annotations

from dataclasses import dataclass

from ..common import config
from ..common.config import option


@dataclass(frozen=True, kw_only=True)
class Config(config.Config):
    service = "PayPal"
    variables = "STANDIN_PAYPAL_"

    port: int = option(12112, "port to listen on; 0 takes a free one")
    webhook_tries: int = option(25, "tries before an event is given up")
    webhook_id: str = option("WH-STANDIN", "the id of the webhook, which signatures are verified for")
    token_seconds: int = option(32_400, "how long an access token is good")
