"""Which amounts providers take, and the arithmetic of fees, taxes and limits."""

from math import lcm
from typing import NamedTuple

from django.db.models import TextChoices

from core.money import BPS, EXPONENTS, MAX_MINOR, Money, share


class ProviderName(TextChoices):
    STRIPE = "stripe", "Card"
    PAYPAL = "paypal", "PayPal"


COMPANIES = {ProviderName.STRIPE: "Stripe", ProviderName.PAYPAL: "PayPal"}


# The least that a card can be charged with, and what providers take only in coarser units than the currency has; in
# minor units. Both publish these lists.
SMALLEST = {
    ProviderName.STRIPE: {
        "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 15_00, "DKK": 250, "EUR": 50, "GBP": 30,
        "HUF": 175_00, "INR": 50, "JPY": 50, "MXN": 10_00, "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300,
        "SGD": 50, "THB": 10_00, "USD": 50,
    },
    ProviderName.PAYPAL: {},
}  # fmt: skip
STEPS = {
    ProviderName.STRIPE: dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10),
    ProviderName.PAYPAL: {"HUF": 100},
}
TAKES = {
    ProviderName.STRIPE: frozenset(EXPONENTS),
    ProviderName.PAYPAL: frozenset(
        {
            "AUD", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HUF", "ILS", "JPY", "MXN", "NOK", "NZD", "PHP", "PLN",
            "SEK", "SGD", "THB", "USD",
        }
    ),
}  # fmt: skip


# The same of payouts to banks: forints are paid out whole.
PAYOUT_STEPS = STEPS[ProviderName.STRIPE] | {"HUF": 100}


def step(provider: str, currency: str) -> int:
    """In minor units: what is paid by this provider, or sent back by it, is a multiple of it."""
    return STEPS[ProviderName(provider)].get(currency, 1)


def common_step(currency: str) -> int:
    """In minor units: a multiple of it can be paid by every provider, and sent back in such parts."""
    return lcm(*(step(name, currency) for name in ProviderName))


def why_not_payable(provider: str, amount: Money) -> str:
    """Why the provider would not take this amount, as a sentence for the person; empty when it does."""
    name, unit = ProviderName(provider), step(provider, amount.currency)
    smallest = _smallest(name, amount.currency)
    if amount.currency not in TAKES[name]:
        return f"{name.label} payments are not possible in {amount.currency}. Choose another way to pay."
    if amount < smallest:
        return f"{name.label} payments start at {smallest}."
    if amount.minor % unit:
        return f"{name.label} payments in {amount.currency} need a rounder amount, such as {nearest(name, amount)}."
    return ""


def _smallest(name: ProviderName, currency: str) -> Money:
    return Money(SMALLEST[name].get(currency, step(name, currency)), currency)


def card_charge(owed: Money) -> Money:
    """What a card is charged with to pay what is owed: as near above it as a card can pay, and at most what it can at once."""
    unit = step(ProviderName.STRIPE, owed.currency)
    up, most = -(-owed.minor // unit) * unit, MAX_MINOR // unit * unit
    return min(max(Money(up, owed.currency), _smallest(ProviderName.STRIPE, owed.currency)), Money(most, owed.currency))


def nearest(provider: str, amount: Money) -> str:
    """The amounts around this one that the provider takes and sends back, in words."""
    return _around(amount, step(provider, amount.currency))


def payout_part(available: Money) -> Money:
    """As much of it as a bank can be paid."""
    return Money(available.minor - available.minor % _payout_step(available.currency), available.currency)


def why_not_paid_out(amount: Money) -> str:
    """Why a bank could not be paid this amount, as a sentence for the person; empty when it can."""
    if amount == payout_part(amount):
        return ""
    near = _around(amount, _payout_step(amount.currency))
    return f"Payouts in {amount.currency} need a rounder amount, such as {near}."


def _payout_step(currency: str) -> int:
    return PAYOUT_STEPS.get(currency, 1)


def _around(amount: Money, unit: int) -> str:
    below = amount.minor - amount.minor % unit
    return " or ".join(str(Money(minor, amount.currency)) for minor in (below, below + unit) if minor)


class Quote(NamedTuple):
    """What a release comes to, always shown in this order: gross = fee + net, to the minor unit."""

    gross: Money
    fee: Money
    net: Money


def quote(amount: Money, fee_bps: int, *, after: Money | None = None) -> Quote:
    """The fee and net of releasing `amount`, when `after` (gross) of the same hold was released before.

    The fees of parts add up to the fee of the whole, however it was cut.
    """
    before = after or Money(0, amount.currency)
    fee = share(before + amount, fee_bps) - share(before, fee_bps)
    return Quote(amount, fee, amount - fee)


def included_tax(gross: Money, bps: int) -> Money:
    """The part of a price that is tax, when the price includes it: net + tax = gross, and the tax is `bps` of the net."""
    net = (gross.minor * BPS * 2 + BPS + bps) // (2 * (BPS + bps))
    return gross - Money(net, gross.currency)


class Taxed(NamedTuple):
    """A price, or a part of it, that includes tax."""

    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        return self.net + self.tax


def taxed_part(amount: Money, *, whole: Taxed, gone: Taxed) -> Taxed:
    """What of the next `amount` that goes back is tax, when `gone` of `whole` went back before.

    Together the parts have the proportion of the whole, rounded once; the last one takes all that is left of both.
    """
    after = (gone.gross + amount).minor
    wanted = (2 * whole.tax.minor * after + whole.gross.minor) // (2 * whole.gross.minor) - gone.tax.minor
    least = max(0, (amount - (whole.net - gone.net)).minor)
    most = min(amount.minor, (whole.tax - gone.tax).minor)
    tax = Money(min(max(wanted, least), most), amount.currency)
    return Taxed(amount - tax, tax)


# What about one US dollar is in each currency, as a round figure: limits that are set in dollars need no rate of the day.
ABOUT_A_DOLLAR = {
    "AED": 4, "BRL": 5, "CLP": 1000, "COP": 4000, "CZK": 20, "DKK": 7, "EGP": 50, "GHS": 10, "HUF": 350, "IDR": 15000,
    "ILS": 4, "INR": 80, "JPY": 150, "KES": 130, "KRW": 1400, "MAD": 10, "MXN": 20, "NGN": 1500, "NOK": 10, "PHP": 60,
    "PLN": 4, "RON": 5, "SEK": 10, "THB": 30, "TND": 3, "TRY": 40, "UAH": 40, "VND": 25000, "ZAR": 20,
}  # fmt: skip


def about(dollars: int, currency: str) -> Money:
    """A limit that is set in dollars, as a round figure of the currency."""
    return Money.parse(dollars * ABOUT_A_DOLLAR.get(currency, 1), currency)


def needs_two(amount: Money, dollars: int) -> bool:
    """Whether a decision about so much money, whichever way it goes, waits for a second member of staff."""
    return max(amount, -amount) > about(dollars, amount.currency)
