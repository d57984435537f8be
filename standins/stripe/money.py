"""Currencies and amounts, always in the smallest unit of the currency."""

from __future__ import annotations

from .errors import InvalidParameter

MAXIMUM_AMOUNT = 99_999_999

_ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_THREE_DECIMAL = "bhd jod kwd omr tnd"
_TWO_DECIMAL = (
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop "
    "crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs "
    "khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen "
    "pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx "
    "uyu uzs wst xcd yer zar zmw"
)
ZERO_DECIMAL = frozenset(_ZERO_DECIMAL.split())
THREE_DECIMAL = frozenset(_THREE_DECIMAL.split())
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | frozenset(_TWO_DECIMAL.split())

# Stripe takes these in finer units than it can charge.
STEPS = {"isk": 100, "ugx": 100} | dict.fromkeys(THREE_DECIMAL, 10)

# Other currencies have minimums too, by the day's exchange rate; those are not modelled.
MINIMUMS = {
    "usd": 50, "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200,
    "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip

SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def exponent(currency: str) -> int:
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def display(amount: int, currency: str) -> str:
    """`$10.00`, `¥500`, `1.230 KWD`."""
    places = exponent(currency)
    whole, rest = divmod(abs(amount), 10**places)
    number = f"{whole:,}" + (f".{rest:0{places}}" if places else "")
    sign = "-" if amount < 0 else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {currency.upper()}"


def check_currency(currency: str) -> str:
    if currency not in CURRENCIES:
        supported = ", ".join(sorted(CURRENCIES))
        message = f"Invalid currency: {currency}. Stripe currently supports these currencies: {supported}"
        raise InvalidParameter(message, param="currency")
    return currency


def check_charge_amount(amount: int, currency: str) -> int:
    """The amount of a payment: positive, within the limits, and payable in that currency."""
    if amount > MAXIMUM_AMOUNT:
        message = f"Amount must be no more than {display(MAXIMUM_AMOUNT, currency)}"
        raise InvalidParameter(message, code="amount_too_large", param="amount")
    minimum = MINIMUMS.get(currency, 1)
    if amount < minimum:
        message = f"Amount must be at least {display(minimum, currency)} {currency}"
        raise InvalidParameter(message, code="amount_too_small", param="amount")
    check_step(amount, currency, param="amount")
    return amount


def check_step(amount: int, currency: str, *, param: str) -> None:
    step = STEPS.get(currency, 1)
    if amount % step:
        message = f"Invalid {param}: an amount in {currency.upper()} must be evenly divisible by {step}."
        raise InvalidParameter(message, code="parameter_invalid_integer", param=param)


def processing_fee(amount: int, *, basis_points: int, fixed: int) -> int:
    """Half a unit rounds up; the fee is never more than the payment."""
    return min(amount, (amount * basis_points + 5_000) // 10_000 + fixed)
