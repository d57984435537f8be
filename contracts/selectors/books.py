"""The ledger behind the figures of a contract."""

from collections.abc import Iterable
from typing import NamedTuple

from accounts.models import User
from payments.models import Hold, Journal, Line
from payments.rules import CLEARING, AccountKind


class Side(NamedTuple):
    """One line of a journal in words. `line` when it is on the reader's own account, so that the statement shows it too."""

    label: str
    line: Line
    is_own: bool


class Entry(NamedTuple):
    journal: Journal
    sides: list[Side]


def ledger_entries(holds: Iterable[Hold | None], reader: User) -> list[Entry]:
    """Every journal that moved money of these holds, by hold and then in order, with all of its lines."""
    journals = Journal.objects.filter(hold__in=[hold.pk for hold in holds if hold])
    found = journals.select_related("hold").prefetch_related("lines__account__owner").order_by("hold_id", "id")
    return [Entry(journal, list(_sides(journal.lines.all(), reader))) for journal in found]


def _sides(lines: Iterable[Line], reader: User) -> Iterable[Side]:
    """What gives before what receives."""
    for line in sorted(lines, key=lambda line: line.amount_minor):
        account = line.account
        yield Side(_label(account.kind, account.owner, reader), line, account.owner_id == reader.pk)


def _label(kind: str, owner: User | None, reader: User) -> str:
    if kind in CLEARING.values():
        return "The client’s payment"
    if owner is not None:
        # The isolates keep a name of another script from turning the words after it around.
        whose = "Your wallet" if owner.pk == reader.pk else f"\u2068{owner.first_name}\u2069’s wallet"
        return f"{whose}, {AccountKind(kind).label.lower()}"
    return str(AccountKind(kind).label)
