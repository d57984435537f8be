"""The pure model of the state machine: what every balance must be after each step, in minor units. Knows no database."""

from dataclasses import dataclass, field


def fee_of(gross: int, bps: int) -> int:
    """Half a minor unit is rounded up, once for the whole."""
    return (gross * bps + 5000) // 10_000


@dataclass
class Set:
    """Money set aside for one piece of work."""

    amount: int
    bps: int
    status: str = "pending"
    frozen: bool = False
    held: int = 0
    released: int = 0
    fee: int = 0
    refunded: int = 0

    @property
    def figures(self) -> tuple[str, bool, int, int, int, int]:
        return self.status, self.frozen, self.held, self.released, self.fee, self.refunded


@dataclass
class Back:
    """Money on its way back by a payment. `is_known`: we have the bank's name of it."""

    payment: int
    amount: int
    status: str = "pending"
    attempt: int = 1
    is_known: bool = False


@dataclass
class Model:
    """Balances of one payer, one payee and the platform; `bank` is what the provider has of ours."""

    holds: dict[int, Set] = field(default_factory=dict)
    refunds: dict[int, Back] = field(default_factory=dict)
    foreseen: list[int] = field(default_factory=list)  # refunds that must have been made since the last step
    paid_in: dict[int, int] = field(default_factory=dict)
    credit: int = 0
    available: int = 0
    fees: int = 0
    aside: int = 0
    bank: int = 0

    @property
    def balances(self) -> dict[str, int]:
        """By kind of ledger account."""
        held = sum(one.held for one in self.holds.values())
        return {
            "held": held,
            "credit": self.credit,
            "available": self.available,
            "fees": self.fees,
            "refunds": self.aside,
            "provider": -self.bank,
        }

    def arrive(self, key: int) -> None:
        """The bank took the money of a hold: held, or on its way back when the work was called off meanwhile."""
        one = self.holds[key]
        self.bank += one.amount
        if one.status == "pending":
            one.status, one.held = "held", one.amount
        else:
            self._set_aside(one.amount)

    def pay_in(self, payment: int, amount: int) -> None:
        self.paid_in[payment] = amount
        self.bank += amount
        self.credit += amount

    def release(self, key: int, gross: int) -> bool:
        one = self.holds[key]
        if one.status != "held" or one.frozen or not 0 < gross <= one.held:
            return False
        before = one.released + one.fee
        fee = fee_of(before + gross, one.bps) - fee_of(before, one.bps)
        one.held -= gross
        one.fee += fee
        one.released += gross - fee
        self.fees += fee
        self.available += gross - fee
        if not one.held:
            one.status = "released"
        return True

    def refund(self, key: int, amount: int) -> bool:
        one = self.holds[key]
        if one.status in {"cancelled", "refunded"}:
            return True  # nothing left to do
        if one.status == "pending":
            one.status = "cancelled"
            return True
        if one.status != "held" or one.frozen or not 0 < amount <= one.held:
            return False
        one.held -= amount
        one.refunded += amount
        self._set_aside(amount)
        if not one.held:
            one.status = "refunded"
        return True

    def split(self, key: int, to_payee: int) -> bool:
        one = self.holds[key]
        if to_payee > one.held:
            return False
        one.frozen = False
        rest = one.held - to_payee
        if to_payee:
            self.release(key, to_payee)
        if rest:
            self.refund(key, rest)
        return True

    def left_of(self, payment: int) -> int:
        """Of a payment that came in as credit: what has not been sent or set aside to go back."""
        return self.paid_in[payment] - sum(one.amount for one in self.refunds.values() if one.payment == payment)

    def unsent(self, payment: int, amount: int) -> int | None:
        """The newest refund that asking for this one again takes up."""
        found = [
            pk
            for pk, one in self.refunds.items()
            if (one.payment, one.amount, one.status, one.is_known) == (payment, amount, "pending", False)
        ]
        return max(found, default=None)

    def ask_back(self, payment: int, amount: int) -> bool:
        if not 0 < amount <= self.left_of(payment) or amount > self.credit:
            return False
        self.credit -= amount
        self._set_aside(amount)
        return True

    def note(self, made: list[tuple[int, int, int]]) -> None:
        """(id, payment, amount) of the refunds that were foreseen."""
        self.refunds |= {pk: Back(payment, amount) for pk, payment, amount in made}
        self.foreseen.clear()

    def hear_of_refund(self, pk: int, status: str) -> None:
        one = self.refunds[pk]
        one.is_known = True
        if status == "succeeded" and one.status == "pending":
            one.status = "succeeded"
            self.aside -= one.amount
            self.bank -= one.amount
        elif status == "failed" and one.status != "failed":
            if one.status == "succeeded":
                self.aside += one.amount
                self.bank += one.amount
            one.status = "failed"

    def retry(self, pk: int) -> bool:
        one = self.refunds[pk]
        if one.status != "failed":
            return False
        one.status, one.attempt, one.is_known = "pending", one.attempt + 1, False
        return True

    def _set_aside(self, amount: int) -> None:
        self.aside += amount
        self.foreseen.append(amount)
