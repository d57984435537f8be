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
    arrival: "Arrival | None" = None

    @property
    def figures(self) -> tuple[str, bool, int, int, int, int]:
        return self.status, self.frozen, self.held, self.released, self.fee, self.refunded


@dataclass
class Arrival:
    """Money that came by one payment: what of it was set aside to go back, and what its payer's bank took."""

    amount: int
    back: int = 0
    charged: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.back - self.charged


@dataclass
class Disputed:
    """A chargeback: `amount` is gone, of which `counted` came out of what was left of the payment."""

    arrival: Arrival
    amount: int
    counted: int
    status: str = "needs_response"


@dataclass
class Out:
    """A payout. `is_transferred`: it got to the person's account at the provider; `is_back`: and from there to us."""

    amount: int
    status: str
    is_transferred: bool = False
    is_back: bool = False


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
    """Balances of one payer, one payee and the platform; `bank` is what the provider has of ours.

    What goes back is a multiple of `unit`, so parts leave a rest that is one.
    """

    unit: int = 1
    holds: dict[int, Set] = field(default_factory=dict)
    refunds: dict[int, Back] = field(default_factory=dict)
    foreseen: list[int] = field(default_factory=list)  # refunds that must have been made since the last step
    paid_in: dict[int, Arrival] = field(default_factory=dict)
    disputes: dict[str, Disputed] = field(default_factory=dict)
    outs: dict[int, Out] = field(default_factory=dict)
    credit: int = 0
    debt: int = 0
    available: int = 0
    reserved: int = 0
    connected: int = 0
    fees: int = 0
    costs: int = 0
    aside: int = 0
    bank: int = 0

    @property
    def balances(self) -> dict[str, int]:
        """By kind of ledger account."""
        held = sum(one.held for one in self.holds.values())
        return {
            "held": held,
            "credit": self.credit,
            "debt": -self.debt,
            "available": self.available,
            "payouts": self.reserved,
            "connected": -self.connected,
            "fees": self.fees,
            "costs": -self.costs,
            "refunds": self.aside,
            "provider": -self.bank,
        }

    def arrive(self, key: int) -> None:
        """The bank took the money of a hold: held, or on its way back when the work was called off meanwhile."""
        one = self.holds[key]
        one.arrival = Arrival(one.amount)
        self.bank += one.amount
        if one.status == "pending":
            one.status, one.held = "held", one.amount
        else:
            self._set_aside(one.amount, one.arrival)

    def pay_in(self, payment: int, amount: int) -> None:
        self.paid_in[payment] = Arrival(amount)
        self.bank += amount
        self._to_purse(amount)

    def release(self, key: int, gross: int) -> bool:
        one = self.holds[key]
        if one.status != "held" or one.frozen or not self._is_part(gross, one):
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
        if one.status != "held" or one.frozen or not self._is_part(amount, one):
            return False
        one.held -= amount
        one.refunded += amount
        assert one.arrival
        if amount > one.arrival.left:
            self._to_purse(amount)
        else:
            self._set_aside(amount, one.arrival)
        if not one.held:
            one.status = "refunded"
        return True

    def split(self, key: int, to_payee: int) -> bool:
        one = self.holds[key]
        if to_payee > one.held or to_payee % self.unit:
            return False
        one.frozen = False
        rest = one.held - to_payee
        if to_payee:
            self.release(key, to_payee)
        if rest:
            self.refund(key, rest)
        return True

    def left_of(self, payment: int) -> int:
        """Of a payment that came in as credit: what has not been sent, set aside to go back, or taken by its bank."""
        return self.paid_in[payment].left

    def unsent(self, payment: int, amount: int) -> int | None:
        """The newest refund that asking for this one again takes up."""
        found = [
            pk
            for pk, one in self.refunds.items()
            if (one.payment, one.amount, one.status, one.is_known) == (payment, amount, "pending", False)
        ]
        return max(found, default=None)

    def ask_back(self, payment: int, amount: int) -> bool:
        if not 0 < amount <= self.left_of(payment) or amount % self.unit or amount > self.credit:
            return False
        self.credit -= amount
        self._set_aside(amount, self.paid_in[payment])
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

    # Chargebacks

    def charge_back(self, name: str, arrival: Arrival, amount: int, fee: int, hold: Set | None) -> None:
        """What is held pays, frozen or not, then credit; the rest is owed. What was earned stays."""
        from_hold = min(amount, hold.held) if hold and hold.status == "held" else 0
        if hold and from_hold:
            hold.held -= from_hold
            hold.refunded += from_hold
            hold.frozen = hold.frozen and hold.held > 0
            hold.status = "held" if hold.held else "refunded"
        from_credit = min(amount - from_hold, self.credit)
        self.credit -= from_credit
        self.debt += amount - from_hold - from_credit
        counted = min(amount, arrival.left)
        arrival.charged += counted
        self.bank -= amount + fee
        self.costs += fee
        self.disputes[name] = Disputed(arrival, amount, counted)

    def decide_chargeback(self, name: str, status: str) -> None:
        one = self.disputes[name]
        if one.status != "needs_response":
            return
        one.status = status
        if status == "won":
            one.arrival.charged -= one.counted
            self.bank += one.amount
            self._to_purse(one.amount)

    # Payouts

    def can_pay_out(self, amount: int, least: int) -> bool:
        return least <= amount <= self.available

    def asked_for(self) -> int:
        """All that did not come back: no day passes."""
        return sum(one.amount for one in self.outs.values() if one.status not in {"failed", "rejected", "cancelled"})

    def ask_payout(self, key: int, amount: int, status: str) -> None:
        self.available -= amount
        self.reserved += amount
        self.outs[key] = Out(amount, status)

    def return_payout(self, key: int, status: str) -> None:
        one = self.outs[key]
        if one.status == "paid":
            self.connected += one.amount
            self.reserved += one.amount
        one.status = status
        self.reserved -= one.amount
        self.available += one.amount

    def transfer(self, key: int) -> None:
        one = self.outs[key]
        if not one.is_transferred:
            one.is_transferred = True
            self.bank -= one.amount
            self.connected += one.amount

    def pay_out(self, key: int) -> None:
        one = self.outs[key]
        one.status = "paid"
        self.connected -= one.amount
        self.reserved -= one.amount

    def take_transfer_back(self, key: int) -> None:
        one = self.outs[key]
        if one.is_transferred and not one.is_back:
            one.is_back = True
            self.bank += one.amount
            self.connected -= one.amount

    def _to_purse(self, amount: int) -> None:
        """What is owed is settled first."""
        settled = min(amount, self.debt)
        self.debt -= settled
        self.credit += amount - settled

    def _is_part(self, amount: int, one: Set) -> bool:
        return 0 < amount <= one.held and amount % self.unit == 0

    def _set_aside(self, amount: int, arrival: Arrival) -> None:
        arrival.back += amount
        self.aside += amount
        self.foreseen.append(amount)
