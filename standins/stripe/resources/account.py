"""The platform's own account, that every key belongs to, and the accounts that are connected to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..call import ACCOUNT_ID, Call, Endpoint, empty_list, new_id
from ..errors import StripeError, no_such
from ..params import LIST, AnyHash, Boolean, Choice, Currency, Email, Hash, IdOr, Integer, Metadata, Text
from ..params import merge_metadata as merged
from ..store import PLATFORM, Obj
from . import external_accounts

CREATED = 1_600_000_000

_EURO = "AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK"
CURRENCIES = dict.fromkeys(_EURO.split(), "eur") | {
    "AE": "aed", "AU": "aud", "BR": "brl", "CA": "cad", "CH": "chf", "CZ": "czk", "DK": "dkk", "GB": "gbp", "HK": "hkd",
    "HU": "huf", "IN": "inr", "JP": "jpy", "LI": "chf", "MX": "mxn", "MY": "myr", "NO": "nok", "NZ": "nzd", "PL": "pln",
    "RO": "ron", "SE": "sek", "SG": "sgd", "TH": "thb", "US": "usd",
}  # fmt: skip

CAPABILITY = Hash({"requested": Boolean()})
PAYOUTS = Hash(
    {
        "debit_negative_balances": Boolean(),
        "schedule": Hash(
            {
                "interval": Choice(("daily", "manual", "monthly", "weekly")),
                "delay_days": Text(),
                "monthly_anchor": Integer(minimum=1, maximum=31),
                "weekly_anchor": Text(),
            }
        ),
        "statement_descriptor": Text(),
    }
)
UPDATE = {
    "business_profile": AnyHash(),
    "business_type": Choice(("company", "government_entity", "individual", "non_profit")),
    "capabilities": Hash({"card_payments": CAPABILITY, "transfers": CAPABILITY}),
    "company": AnyHash(),
    "default_currency": Currency(),
    "email": Email(),
    "external_account": IdOr(external_accounts.DESCRIBED),
    "individual": AnyHash(),
    "metadata": Metadata(),
    "settings": Hash(
        {
            "branding": AnyHash(),
            "card_payments": AnyHash(),
            "dashboard": AnyHash(),
            "payments": AnyHash(),
            "payouts": PAYOUTS,
        }
    ),
    "tos_acceptance": Hash({"date": Integer(), "ip": Text(), "service_agreement": Text(), "user_agent": Text()}),
}
CREATE = UPDATE | {
    "controller": Hash(
        {
            "fees": Hash({"payer": Choice(("account", "application"))}),
            "losses": Hash({"payments": Choice(("application", "stripe"))}),
            "requirement_collection": Choice(("application", "stripe")),
            "stripe_dashboard": Hash({"type": Choice(("express", "full", "none"))}),
        }
    ),
    "country": Text(),
    "type": Choice(("custom", "express", "standard")),
}

# Who pays, who is liable, who collects what is needed, and the dashboard, for each of the old types.
CONTROLLERS = {
    "standard": ("account", "stripe", "stripe", "full"),
    "express": ("application_express", "application", "stripe", "express"),
    "custom": ("application_custom", "application", "application", "none"),
}
# What Stripe wants to know of a person and of a company.
OF_A_PERSON = ("dob.day", "dob.month", "dob.year", "first_name", "last_name")
OF_A_COMPANY = ("name",)
NEEDED_FOR_PAYOUTS = "external_account"
ID_DOCUMENT = "individual.verification.document"
# The test date of birth whose verification fails.
UNVERIFIABLE_YEAR = "1902"


def own(call: Call, params: dict[str, Any]) -> Obj:
    """The account that the call is made for."""
    if call.account:
        return connected(call, call.account)
    ready: dict[str, Any] = {
        "business_profile": {"name": "Stand-in"},
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "details_submitted": True,
        "email": "standin@example.com",
        "payouts_enabled": True,
        "tos_acceptance": {"date": CREATED, "ip": None, "user_agent": None},
        "type": "standard",
    }
    account = _shape(ACCOUNT_ID, CREATED, "US", "Stand-in", ready)
    account["settings"]["payments"]["statement_descriptor"] = "STANDIN"
    return account


def _shape(id: str, created: int, country: str, name: str | None, known: Mapping[str, Any]) -> Obj:
    profile = dict.fromkeys(
        (
            "mcc", "name", "product_description", "support_address", "support_email", "support_phone", "support_url",
            "url",
        )
    )  # fmt: skip
    account: Obj = {
        "id": id,
        "object": "account",
        "business_profile": profile,
        "business_type": None,
        "capabilities": {},
        "charges_enabled": False,
        "country": country,
        "created": created,
        "default_currency": CURRENCIES.get(country, "usd"),
        "details_submitted": False,
        "email": None,
        "external_accounts": empty_list(f"/v1/accounts/{id}/external_accounts"),
        "metadata": {},
        "payouts_enabled": False,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": {
                "statement_descriptor_prefix": None,
                "statement_descriptor_prefix_kana": None,
                "statement_descriptor_prefix_kanji": None,
            },
            "dashboard": {"display_name": name, "timezone": "Etc/UTC"},
            "payments": {
                "statement_descriptor": None,
                "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": 2, "interval": "daily"},
                "statement_descriptor": None,
            },
        },
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
    }
    return account | dict(known) | {"business_profile": profile | known.get("business_profile", {})}


def connected(call: Call, id: str, *, param: str = "account", status: int = 404) -> Obj:
    """A connected account that is not deleted."""
    account = call.store.get(id, account=PLATFORM)
    if account is None or account["object"] != "account" or account.get("deleted"):
        raise no_such("account", id, param=param, status=status)
    return account


def create(call: Call, params: dict[str, Any]) -> Obj:
    if "type" in params and "controller" in params:
        message = "You may only specify one of these parameters: type, controller."
        raise StripeError(message, param="type")
    country = params.get("country", "US").upper()
    id = new_id("acct", 16)
    known = {"controller": _controller(params), "type": params.get("type", "none")}
    account = _shape(id, call.now, country, params.get("business_profile", {}).get("name"), known)
    if account["controller"]["requirement_collection"] == "application":
        account["tos_acceptance"] |= {"service_agreement": "full"}
    call.on(PLATFORM).create(None, account)
    return change(call, account, params)


def _controller(params: Mapping[str, Any]) -> Obj:
    payer, losses, collection, dashboard = CONTROLLERS[params.get("type", "standard")]
    given = params.get("controller", {})
    return {
        "fees": {"payer": given.get("fees", {}).get("payer", payer)},
        "is_controller": True,
        "losses": {"payments": given.get("losses", {}).get("payments", losses)},
        "requirement_collection": given.get("requirement_collection", collection),
        "stripe_dashboard": {"type": given.get("stripe_dashboard", {}).get("type", dashboard)},
        "type": "application",
    }


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return own(call.on(PLATFORM), params) if id == ACCOUNT_ID else connected(call, id)


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return change(call, connected(call, id), params)


def change(call: Call, account: Obj, params: Mapping[str, Any]) -> Obj:
    """Take in what is told about the account, and see what is still missing."""
    given = dict(params)
    if "tos_acceptance" in given and account["controller"]["requirement_collection"] != "application":
        message = "You cannot accept the Terms of Service on behalf of accounts whose requirements Stripe collects."
        raise StripeError(message, param="tos_acceptance")
    told = {name: given.pop(name) for name in ("individual", "company") if name in given}
    call.store.save(account, **{name: _deep(facts(call, account, name), told[name]) for name in told})
    if "external_account" in given:
        external_accounts.add(call, account, given.pop("external_account"))
    changes: dict[str, Any] = {}
    if "metadata" in given:
        changes["metadata"] = merged(account["metadata"], given["metadata"])
    if "capabilities" in given:
        asked = [name for name, wish in given["capabilities"].items() if wish.get("requested")]
        changes["capabilities"] = account["capabilities"] | {
            name: account["capabilities"].get(name, "inactive") for name in asked
        }
    for name in ("business_profile", "settings", "tos_acceptance"):
        if name in given:
            changes[name] = _deep(account[name], given[name])
    for name in ("business_type", "default_currency", "email"):
        if name in given:
            changes[name] = given[name]
    return review(call, account, changes)


def _deep(current: Mapping[str, Any], given: Mapping[str, Any] | None) -> dict[str, Any]:
    result = dict(current)
    for name, value in (given or {}).items():
        result[name] = _deep(result.get(name) or {}, value) if isinstance(value, dict) else value
    return result


def facts(call: Call, account: Obj, name: str) -> dict[str, Any]:
    """What was told about the person or the company; it is not shown again."""
    return dict(call.store.private(account["id"]).get(name) or {})


def review(call: Call, account: Obj, changes: Mapping[str, Any] | None = None) -> Obj:
    """Write the changes and what they mean for the account's abilities."""
    after = account | dict(changes or {})
    private = call.store.private(account["id"])
    restriction = private.get("restriction") or {}
    listed = external_accounts.of(call, account["id"])
    due = [*_missing(call, after, private, bool(listed)), *restriction.get("currently_due", [])]
    unverified = [ID_DOCUMENT] if _unverifiable(private) else []
    due = sorted({*due, *unverified})
    reason = restriction.get("disabled_reason") or ("requirements.past_due" if due else None)
    able = not [name for name in due if name != NEEDED_FOR_PAYOUTS] and not restriction.get("disabled_reason")
    submitted = after["details_submitted"] or (able and after["controller"]["requirement_collection"] == "application")
    active = able and submitted
    effects = {
        "capabilities": dict.fromkeys(after["capabilities"], "active" if active else "inactive"),
        "charges_enabled": restriction.get("charges_enabled", active),
        "details_submitted": submitted,
        "external_accounts": empty_list(f"/v1/accounts/{account['id']}/external_accounts") | {"data": listed},
        "payouts_enabled": restriction.get("payouts_enabled", active and not due),
        "requirements": _requirements(due, unverified, reason),
        "future_requirements": _requirements([], [], None),
    }
    first = "requirements" not in account
    # Accounts belong to the platform, but news of them is news of the connected account.
    return call.on(account["id"]).update(None if first else "account.updated", account, after | effects)


def _missing(call: Call, account: Obj, private: Mapping[str, Any], has_bank: bool) -> list[str]:
    due = [] if has_bank else [NEEDED_FOR_PAYOUTS]
    if account["business_type"] is None:
        due.append("business_type")
    kind = "company" if account["business_type"] in ("company", "non_profit", "government_entity") else "individual"
    told = private.get(kind) or {}
    due += [f"{kind}.{path}" for path in (OF_A_COMPANY if kind == "company" else OF_A_PERSON) if not _at(told, path)]
    if not account["tos_acceptance"].get("date"):
        due += ["tos_acceptance.date", "tos_acceptance.ip"]
    return due


def _at(node: Any, path: str) -> Any:
    for step in path.split("."):
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _unverifiable(private: Mapping[str, Any]) -> bool:
    return str(_at(private.get("individual") or {}, "dob.year")) == UNVERIFIABLE_YEAR


def _requirements(due: list[str], unverified: list[str], reason: str | None) -> Obj:
    errors = [
        {
            "code": "verification_failed_keyed_identity",
            "reason": "The person's keyed-in identity information could not be verified.",
            "requirement": name,
        }
        for name in unverified
    ]
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": reason,
        "errors": errors,
        "eventually_due": due,
        "past_due": due,
        "pending_verification": [],
    }


def restrict(call: Call, id: str, restriction: Mapping[str, Any]) -> Obj:
    """Stripe's own decision about an account: `currently_due`, `disabled_reason`, `payouts_enabled`, ..."""
    account = connected(call, id)
    call.store.save(account, restriction=None)
    call.store.save(account, restriction=dict(restriction))
    return review(call, account)


def reject(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    off = {"charges_enabled": False, "payouts_enabled": False}
    return restrict(call, id, off | {"disabled_reason": f"rejected.{params['reason']}"})


def delete(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    account = connected(call, id)
    if any(amount for part in call.store.net_by_currency(id, now=call.now) for amount in part.values()):
        raise StripeError("This account cannot be deleted because its balance is not zero.")
    tombstone = {"id": id, "object": "account", "deleted": True}
    call.store.save(tombstone)
    call.on(id).emit("account.application.deauthorized", account)
    return tombstone


def listing(call: Call, params: dict[str, Any]) -> Obj:
    return call.on(PLATFORM).list("account", "/v1/accounts", params)


ENDPOINTS = (
    Endpoint("GET", "/v1/account", own),
    Endpoint("GET", "/v1/accounts", listing, LIST),
    Endpoint("POST", "/v1/accounts", create, CREATE),
    Endpoint("GET", "/v1/accounts/{id}", retrieve),
    Endpoint("POST", "/v1/accounts/{id}", update, UPDATE),
    Endpoint("DELETE", "/v1/accounts/{id}", delete),
    Endpoint(
        "POST",
        "/v1/accounts/{id}/reject",
        reject,
        {"reason": Choice(("fraud", "other", "terms_of_service"), required=True)},
    ),
)
