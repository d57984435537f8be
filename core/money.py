"""Money as whole minor units of one currency. Never a float, never without a currency."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache, total_ordering

# ISO 4217 exponents of the currencies the marketplace deals in.
EXPONENTS = {
    "AED": 2, "AUD": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CLP": 0, "COP": 2, "CZK": 2, "DKK": 2,
    "EGP": 2, "EUR": 2, "GBP": 2, "GHS": 2, "HUF": 2, "IDR": 2, "ILS": 2, "INR": 2, "JOD": 3, "JPY": 0,
    "KES": 2, "KRW": 0, "KWD": 3, "MAD": 2, "MXN": 2, "NGN": 2, "NOK": 2, "NZD": 2, "OMR": 3, "PHP": 2,
    "PLN": 2, "RON": 2, "SEK": 2, "SGD": 2, "THB": 2, "TND": 3, "TRY": 2, "UAH": 2, "USD": 2, "VND": 0, "ZAR": 2,
}  # fmt: skip
MAX_MINOR = 99_999_999  # what a card network takes in one charge; also our limit for one price

BPS = 10_000


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """`minor` in the smallest unit of `currency` (an upper-case ISO 4217 code): Money(600_01, "USD") is $600.01."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"Money takes whole minor units, not {type(self.minor).__name__}.")
        if self.currency not in EXPONENTS:
            raise ValueError(f"Unknown currency {self.currency!r}.")

    @classmethod
    def parse(cls, amount: str | int | Decimal, currency: str) -> "Money":
        """From a decimal amount in major units ("600.01"). ValueError if it has more decimals than the currency."""
        if isinstance(amount, bool | float):
            raise TypeError("Money is never read from a float.")
        try:
            scaled = Decimal(amount).scaleb(EXPONENTS[currency])
            minor = int(scaled)
        except (InvalidOperation, OverflowError, ValueError) as error:
            raise ValueError("This is not an amount.") from error
        if scaled != minor:
            raise ValueError(f"{currency} has {EXPONENTS[currency]} decimals.")
        return cls(minor, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])

    def as_string(self) -> str:
        """The API's decimal string: "600.01", "6500" for yen, "1.250" for dinar."""
        return f"{self.decimal:.{EXPONENTS[self.currency]}f}"

    def __str__(self) -> str:
        return format_money(self)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def _same(self, other: "Money") -> int:
        if not isinstance(other, Money):
            raise TypeError(f"Money does not mix with {type(other).__name__}.")
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} does not mix with {other.currency}.")
        return other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum, also of nothing."""
    result = Money(0, currency)
    for amount in amounts:
        result = result + amount
    return result


def _rounded(numerator: int, denominator: int) -> int:
    """The quotient, rounded half up: the one place where money is rounded."""
    return (2 * numerator + denominator) // (2 * denominator)


def share(amount: Money, bps: int, unit: int = 1) -> Money:
    """`bps` basis points of the amount, rounded half up once. `unit`: in minor units, what it is a multiple of."""
    return Money(_rounded(amount.minor * bps, BPS * unit) * unit, amount.currency)


def price_of_time(minutes: int, hourly_rate: Money, unit: int = 1) -> Money:
    """What so many minutes come to, rounded half up once: price the sum of the minutes, not each stretch of them.

    `unit`: in minor units, what the price is a multiple of.
    """
    return Money(_rounded(hourly_rate.minor * minutes, 60 * unit) * unit, hourly_rate.currency)


def split(amount: Money, weights: Iterable[int]) -> list[Money]:
    """Parts in proportion to the weights that add up to the whole exactly (largest remainders get the odd units)."""
    weights = list(weights)
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("Weights must be positive.")
    parts = [amount.minor * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount.minor * weights[i] % whole), i))
    for index in by_remainder[: amount.minor - sum(parts)]:
        parts[index] += 1
    return [Money(part, amount.currency) for part in parts]


@cache
def _formatter() -> "object":
    from babel import numbers  # loaded on first use: its data is large

    return numbers


def format_money(amount: Money, locale: str = "en") -> str:
    """As people write it: "$600.01", "¥6,500", "KWD 1.250"."""
    return tidy(_formatter().format_currency(amount.decimal, amount.currency, locale=locale))  # type: ignore[attr-defined]


def tidy(text: str) -> str:
    """A true minus, and a code of letters kept apart from its figures."""
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\u00a0", text.replace("-", "−"))
