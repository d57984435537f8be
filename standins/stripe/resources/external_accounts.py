"""The bank accounts that payouts go to, and Stripe's test numbers and tokens for them."""

from __future__ import annotations

import hashlib
from typing import Any

from ..call import ACCOUNT_ID, Call, new_id
from ..errors import InvalidParameter, StripeError, no_such
from ..params import Boolean, Choice, Currency, Hash, Metadata, Text
from ..params import merge_metadata as merged
from ..store import PLATFORM, Obj

DESCRIBED = Hash(
    {
        "object": Choice(("bank_account",), required=True),
        "account_holder_name": Text(),
        "account_holder_type": Choice(("company", "individual"), clearable=True),
        "account_number": Text(clearable=False, required=True),
        "account_type": Text(),
        "country": Text(clearable=False, required=True),
        "currency": Currency(),
        "default_for_currency": Boolean(),
        "metadata": Metadata(),
        "routing_number": Text(),
    }
)
UPDATE = {
    "account_holder_name": Text(),
    "account_holder_type": DESCRIBED.fields["account_holder_type"],
    "default_for_currency": Boolean(),
    "metadata": Metadata(),
}

GOOD_NUMBER = "000123456789"
TOKENS = {
    "btok_us": GOOD_NUMBER,
    "btok_us_verified": GOOD_NUMBER,
    "btok_us_noAccount": "000111111116",
    "btok_us_accountClosed": "000111111113",
    "btok_us_insufficientFunds": "000222222227",
    "btok_us_debitNotAuthorized": "000333333335",
    "btok_us_invalidCurrency": "000444444440",
}
# How a payout to a test number fails, by the end of the number: of other countries' forms, and of IBANs.
FAILURES = {
    "11111116": "no_account",
    "11111113": "account_closed",
    "22222227": "insufficient_funds",
    "33333335": "debit_not_authorized",
    "44444440": "invalid_currency",
    "532013001": "no_account",
    "532013002": "account_closed",
    "532013003": "insufficient_funds",
    "532013004": "debit_not_authorized",
    "532013005": "invalid_currency",
}


def failure_of(call: Call, bank: Obj) -> str | None:
    number = call.store.private(bank["id"]).get("number", "")
    return next((code for end, code in FAILURES.items() if number.endswith(end)), None)


def add(call: Call, account: Obj, given: str | dict[str, Any], *, replace: bool = True) -> Obj:
    """A bank account by test token or description. Setting it on the account replaces the one of that currency."""
    if isinstance(given, str):
        if given not in TOKENS:
            raise no_such("token", given, param="external_account", status=400)
        given = {"account_number": TOKENS[given], "country": "US", "currency": "usd", "routing_number": "110000000"}
    number = given["account_number"].replace(" ", "")
    if not number.isalnum() or not any(character.isdigit() for character in number):
        message = "You must use a test bank account number in test mode."
        raise InvalidParameter(message, code="account_number_invalid", param="external_account[account_number]")
    currency = given.get("currency") or account["default_currency"]
    siblings = [bank for bank in of(call, account["id"]) if bank["currency"] == currency]
    bank: Obj = {
        "id": new_id("ba"),
        "object": "bank_account",
        "account": account["id"],
        "account_holder_name": given.get("account_holder_name"),
        "account_holder_type": given.get("account_holder_type"),
        "account_type": given.get("account_type"),
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": given["country"].upper(),
        "currency": currency,
        "default_for_currency": replace or not siblings or bool(given.get("default_for_currency")),
        "fingerprint": hashlib.sha256(number.encode()).hexdigest()[:16],
        "future_requirements": _nothing_due(),
        "last4": number[-4:],
        "metadata": merged({}, given.get("metadata")),
        "requirements": _nothing_due(),
        "routing_number": given.get("routing_number"),
        "status": "new",
    }
    for sibling in siblings:
        if replace:
            call.store.delete(sibling["id"])
        elif bank["default_for_currency"]:
            call.store.save(sibling | {"default_for_currency": False})
    call.on(PLATFORM).create(None, bank, number=number)
    call.on(PLATFORM if account["id"] == ACCOUNT_ID else account["id"]).emit("account.external_account.created", bank)
    return bank


def _nothing_due() -> Obj:
    return {"currently_due": [], "errors": [], "past_due": [], "pending_verification": []}


def of(call: Call, account: str) -> list[Obj]:
    return call.store.find("bank_account", where={"account": account})


def for_currency(call: Call, currency: str) -> Obj | None:
    """Where payouts of the call's account in that currency go."""
    banks = [bank for bank in of(call, call.account or ACCOUNT_ID) if bank["currency"] == currency]
    return next((bank for bank in banks if bank["default_for_currency"]), None)


def ensure_for_platform(call: Call, currency: str) -> None:
    """The platform has a bank account in every currency it pays out."""
    if not call.account and for_currency(call, currency) is None:
        described = {"account_number": GOOD_NUMBER, "country": "US", "currency": currency}
        bank = {"id": ACCOUNT_ID, "default_currency": currency}
        add(call.on(PLATFORM), bank, described)


def get(call: Call, account: str, id: str, *, param: str = "id", status: int = 404) -> Obj:
    bank = call.store.get(id)
    if bank is None or bank["object"] != "bank_account" or bank["account"] != account:
        raise no_such("external account", id, param=param, status=status)
    return bank


def change(call: Call, bank: Obj, params: dict[str, Any]) -> Obj:
    changes = dict(params)
    if "metadata" in changes:
        changes["metadata"] = merged(bank["metadata"], changes["metadata"])
    if changes.get("default_for_currency"):
        for sibling in of(call, bank["account"]):
            if sibling["currency"] == bank["currency"] and sibling["id"] != bank["id"]:
                call.store.save(sibling | {"default_for_currency": False})
    return _write(call, bank, changes)


def mark_errored(call: Call, bank: Obj) -> Obj:
    """A payout to it failed: it takes no more of them until it is replaced."""
    return _write(call, bank, {"status": "errored"})


def _write(call: Call, bank: Obj, changes: dict[str, Any]) -> Obj:
    owner = PLATFORM if bank["account"] == ACCOUNT_ID else bank["account"]
    return call.on(owner).update("account.external_account.updated", bank, changes)


def remove(call: Call, bank: Obj) -> Obj:
    if bank["default_for_currency"] and len(of(call, bank["account"])) > 1:
        message = (
            "You cannot delete the default external account for your default currency. Make another one the default."
        )
        raise StripeError(message)
    call.store.delete(bank["id"])
    call.on(bank["account"]).emit("account.external_account.deleted", bank)
    return {"id": bank["id"], "object": "bank_account", "deleted": True}
