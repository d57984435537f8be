"""The one account that every key belongs to."""

from __future__ import annotations

from typing import Any

from ..call import ACCOUNT_ID, Call, Endpoint, empty_list
from ..errors import no_such
from ..params import LIST
from ..store import Obj

CREATED = 1_600_000_000


def own(call: Call, params: dict[str, Any]) -> Obj:
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_profile": {
            "mcc": None,
            "name": "Stand-in",
            "product_description": None,
            "support_address": None,
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": None,
        },
        "business_type": None,
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": CREATED,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "standin@example.com",
        "external_accounts": empty_list(f"/v1/accounts/{ACCOUNT_ID}/external_accounts"),
        "metadata": {},
        "payouts_enabled": True,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": {
                "statement_descriptor_prefix": None,
                "statement_descriptor_prefix_kana": None,
                "statement_descriptor_prefix_kanji": None,
            },
            "dashboard": {"display_name": "Stand-in", "timezone": "Etc/UTC"},
            "payments": {
                "statement_descriptor": "STANDIN",
                "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": 2, "interval": "daily"},
                "statement_descriptor": None,
            },
        },
        "tos_acceptance": {"date": CREATED, "ip": None, "user_agent": None},
        "type": "standard",
    }


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    if id != ACCOUNT_ID:
        raise no_such("account", id, param="account")
    return own(call, params)


def connected(call: Call, params: dict[str, Any]) -> Obj:
    return empty_list("/v1/accounts")


ENDPOINTS = (
    Endpoint("GET", "/v1/account", own),
    Endpoint("GET", "/v1/accounts", connected, LIST),
    Endpoint("GET", "/v1/accounts/{id}", retrieve),
)
