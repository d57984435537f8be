import csv
import itertools
import re
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import User
from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.money import Money, total
from payments import selectors
from payments.errors import SettlementMismatch
from payments.models import Account
from payments.rules import AccountKind
from payments.selectors import month_statement, statement_months, wallet
from payments.services import cancel_payout, release_hold, request_payout, request_refund
from payments.tests.factories import add_credit, earn, funded_hold, payable, usd
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER, DECEMBER = (datetime(2026, month, 1, tzinfo=UTC) for month in (10, 11, 12))


@pytest.fixture
def payee(time_machine: Any) -> User:
    """Earned $90 and $180 in October, $45 in December."""
    person = FreelancerFactory.create(currency="USD", time_zone="UTC")
    for moment, price, title in (
        (datetime(2026, 10, 3, 10, tzinfo=UTC), 100_00, "Label drawings"),
        (datetime(2026, 10, 20, 10, tzinfo=UTC), 200_00, "=SUM(A1:A9)"),
        (datetime(2026, 12, 5, 10, tzinfo=UTC), 50_00, "Posters"),
    ):
        time_machine.move_to(moment, tick=True)
        hold = funded_hold(usd(price), payee=person, title=title)
        release_hold(None, hold=hold, cause=f"test:{hold.pk}")
    return person


@pytest.fixture
def a_busy_month(payee: User, provider: FakeProvider, time_machine: Any) -> None:
    """In December also: two payouts, of which one is kept after all, and credit that goes back in part."""
    time_machine.move_to(datetime(2026, 12, 6, 10, tzinfo=UTC), tick=True)
    payable(payee, provider)
    kept = request_payout(payee, amount=usd(33_33))
    request_payout(payee, amount=usd(101_01))
    cancel_payout(payee, payout_id=kept.pk)
    earn(payee, usd(1_234_56))
    payment = add_credit(payee, usd(40_00), provider)
    request_refund(payee, intent_id=str(payment.intent_id), amount=usd(12_34))


def amount_in(text: str) -> Decimal:
    """ "−$1,234.56", in tags or not, as a number."""
    return Decimal(re.sub(r"<[^>]+>|[^\d.−-]", "", text).replace("−", "-"))


def shown(client: Client, user: User, name: str = "statement", query: str = "") -> Any:
    client.force_login(user)
    return client.get(reverse(name) + query)


def october(user: User) -> selectors.MonthStatement:
    return month_statement(user, AccountKind.AVAILABLE, "USD", OCTOBER)


def test_it_adds_up_from_month_to_month(payee: User) -> None:
    first, between, last = (
        month_statement(payee, AccountKind.AVAILABLE, "USD", month) for month in (OCTOBER, NOVEMBER, DECEMBER)
    )
    assert (first.opening, first.closing) == (usd(0), usd(270_00))
    assert (between.opening, between.closing, between.lines) == (usd(270_00), usd(270_00), [])
    assert (last.opening, last.closing) == (usd(270_00), usd(315_00))
    assert last.closing == wallet(payee)[0].available
    for each in (first, last):
        assert total([each.opening, *(line.amount for line, _ in each.lines)], "USD") == each.closing
    assert statement_months(payee, AccountKind.AVAILABLE, "USD") == [DECEMBER, OCTOBER]


def test_each_line_has_the_balance_after_it(payee: User) -> None:
    assert [balance for _, balance in october(payee).lines] == [usd(90_00), usd(270_00)]


def test_books_that_do_not_add_up_give_no_statement(payee: User) -> None:
    account = Account.objects.get(kind="available", owner=payee)

    def shift(minor: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "UPDATE payments_line SET balance_after_minor = balance_after_minor + %s WHERE account_id = %s",
                [minor, account.pk],
            )
            cursor.execute("SET LOCAL session_replication_role = origin")

    shift(1)
    with pytest.raises(SettlementMismatch):
        october(payee)
    shift(-1)
    assert october(payee).closing == usd(270_00)


def test_the_page_shows_the_month_asked_for(client: Client, payee: User) -> None:
    page = shown(client, payee, query="?month=2026-10").content.decode()
    assert "Label drawings" in page
    assert "Posters" not in page
    assert "$270.00" in page
    assert 'value="2026-12"' in page


def test_an_empty_month_says_so(client: Client, payee: User) -> None:
    assert "Nothing moved" in shown(client, payee, query="?month=2026-11").content.decode()


def test_nonsense_shows_this_month(client: Client, payee: User) -> None:
    for query in ("?month=2026-99", "?month=9999-01&account=fees&currency=XXX"):
        page = shown(client, payee, query=query).content.decode()
        assert "December 2026" in page


def test_only_ones_own_money_is_shown(client: Client, payee: User) -> None:
    other = ClientFactory.create()
    page = shown(client, other, query="?month=2026-10").content.decode()
    assert "Label drawings" not in page
    assert "Nothing moved" in page


def test_credit_has_its_own_statement(client: Client, provider: FakeProvider) -> None:
    payer = ClientFactory.create(currency="USD")
    add_credit(payer, usd(40_00), provider)
    assert "$40.00" in shown(client, payer, query="?account=credit").content.decode()


def test_the_spreadsheet_re_adds_and_runs_nothing(client: Client, payee: User, settings: Any) -> None:
    response = shown(client, payee, "statement-csv", "?month=2026-10")
    assert response["Content-Disposition"] == 'attachment; filename="statement-available-usd-2026-10.csv"'
    rows = list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))
    assert [row["Balance"] for row in rows] == ["0.00", "90.00", "270.00", "270.00"]
    assert [row["Amount"] for row in rows] == ["", "90.00", "180.00", ""]
    assert [row["For"] for row in rows][1:3] == ["Label drawings", "'=SUM(A1:A9)"]
    assert (rows[1]["Gross"], rows[1]["Fee"]) == ("100.00", "10.00")
    assert rows[1]["Link"].startswith(settings.SITE_URL.rstrip("/"))


def test_the_paper_says_the_same(client: Client, payee: User) -> None:
    response = shown(client, payee, "statement-pdf", "?month=2026-12")
    text = " ".join(PdfReader(BytesIO(response.content)).pages[0].extract_text().split())
    for words in ("Earnings, December 2026", "Posters", "$270.00", "$45.00", "$315.00", payee.email):
        assert words in text


@pytest.mark.usefixtures("a_busy_month")
@pytest.mark.parametrize(("kind", "lines"), [("available", 5), ("payouts", 3), ("credit", 2)])
def test_page_spreadsheet_and_paper_re_add_to_the_same_balance(
    client: Client, payee: User, kind: str, lines: int
) -> None:
    """From what each of them prints, not from what made it."""
    query = f"?month=2026-12&account={kind}"
    page = shown(client, payee, query=query).content.decode()
    opening, closing = (amount_in(figure) for figure in re.findall(r"<dd[^>]*>(.*?)</dd>", page, re.DOTALL))
    _, *rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr")
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in reversed(rows)]
    on_page = [(amount_in(row[-2]), amount_in(row[-1])) for row in cells]

    sheet = shown(client, payee, "statement-csv", query)
    first, *moved, last = csv.DictReader(b"".join(sheet.streaming_content).decode().splitlines())
    in_sheet = [(Decimal(row["Amount"]), Decimal(row["Balance"])) for row in moved]

    paper = PdfReader(BytesIO(shown(client, payee, "statement-pdf", query).content))
    text = "\n".join(page.extract_text() for page in paper.pages)
    on_paper = [amount_in(figure) for figure in re.findall(r"[−-]?\$[\d,.]+\d", text)]

    assert (Decimal(first["Balance"]), Decimal(last["Balance"])) == (opening, closing)
    assert len(on_page) == lines
    assert in_sheet == on_page
    assert on_paper == [opening, closing, opening, *itertools.chain(*on_page), closing]
    balance = opening
    for amount, after in on_page:
        balance += amount
        assert balance == after
    assert balance == closing == Account.objects.get(kind=kind, owner=payee, currency="USD").balance.decimal


def test_a_month_too_long_for_paper_is_refused(client: Client, payee: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "MOST_LINES_ON_PAPER", 1)
    assert shown(client, payee, "statement-pdf", "?month=2026-10").status_code == 409
    assert shown(client, payee, "statement-csv", "?month=2026-10").status_code == 200


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_currencies_without_cents_and_with_three(client: Client, currency: str, provider: FakeProvider) -> None:
    payer = ClientFactory.create(currency=currency)
    add_credit(payer, Money(1_250, currency), provider)
    response = shown(client, payer, "statement-csv", f"?account=credit&currency={currency}")
    rows = list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))
    assert rows[1]["Amount"] == {"JPY": "1250", "KWD": "1.250"}[currency]


def test_every_figure_of_the_wallet_links_to_its_lines(client: Client, payee: User) -> None:
    page = shown(client, payee, "wallet").content.decode()
    assert f"{reverse('statement')}?account=available&amp;currency=USD" in page
    assert "#held" in page


@pytest.mark.parametrize(("zone", "month"), [("Asia/Tokyo", "2026-11"), ("America/New_York", "2026-10")])
def test_a_spreadsheet_has_the_days_of_its_reader(
    pages_as: Any, provider: FakeProvider, time_machine: Any, zone: str, month: str
) -> None:
    time_machine.move_to(datetime(2026, 10, 31, 20, tzinfo=UTC), tick=True)  # the first of November in Tokyo
    payer = ClientFactory.create(currency="USD", time_zone=zone)
    add_credit(payer, usd(50_00), provider)
    asked = {"account": "credit", "currency": "USD", "month": month}
    answer = pages_as(payer).get(reverse("statement-csv"), asked)
    _, opening, line, _ = csv.reader(b"".join(answer.streaming_content).decode().splitlines())
    assert opening[0] == f"{month}-01"
    assert line[0] == {"2026-11": "2026-11-01", "2026-10": "2026-10-31"}[month]
