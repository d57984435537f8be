"""What tests of weeks share."""

from datetime import timedelta

import pytest

from contracts.models import Timesheet
from contracts.tests.factories import DAY, HOUR, MONDAY
from core.errors import Conflict
from core.money import Money
from payments.selectors import wallet
from payments.tests.factories import usd

SECOND = timedelta(seconds=1)
NOON = MONDAY + 7 * DAY + 12 * HOUR
FRIDAY = MONDAY + 12 * DAY - SECOND


def refused(act, code: str) -> None:
    with pytest.raises(Conflict) as refusal:
        act()
    assert refusal.value.code == code


def earned(timesheet: Timesheet) -> Money:
    balances = wallet(timesheet.contract.freelancer)
    return balances[0].available if balances else usd(0)


def given_back(timesheet: Timesheet) -> Money:
    timesheet.hold.refresh_from_db()
    return timesheet.hold.refunded
