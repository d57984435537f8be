import re
import sys
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.money import Money
from payments.models import Line
from payments.rules import AccountKind
from payments.selectors import earnings, statement, wallet
from payments.services import open_hold, refund_hold, release_hold
from payments.tests.factories import add_credit, funded_hold, usd
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db


def page(client: Client, user: User, query: str = "") -> str:
    client.force_login(user)
    response = client.get(reverse("wallet") + query)
    assert response.status_code == 200
    return response.content.decode()


def earn(payee: User, amount: Money, title: str = "Label drawings") -> None:
    hold = funded_hold(amount, payee=payee, title=title)
    release_hold(hold.payer, hold=hold, cause=f"test:{hold.pk}")


def move_to(moment: datetime) -> None:
    """As if everything so far had happened then."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE payments_journal SET created_at = %s", [moment])
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_figures_of_both_sides() -> None:
    hold = funded_hold(usd(600_00))
    release_hold(None, hold=hold, amount=usd(200_00), cause="part")
    [earner], [client] = wallet(hold.payee), wallet(hold.payer)
    assert (earner.available, earner.held, earner.committed) == (usd(180_00), usd(400_00), usd(0))
    assert (client.available, client.held, client.committed) == (usd(0), usd(0), usd(400_00))
    assert (earner.pending, earner.paid_out) == (usd(0), usd(0))


def test_one_balance_for_each_currency_the_persons_own_first() -> None:
    payee = FreelancerFactory.create(currency="KWD")
    for amount in (Money(6_500, "JPY"), Money(1_250, "KWD"), usd(10_00)):
        earn(payee, amount)
    assert [(one.currency, one.available.minor) for one in wallet(payee)] == [
        ("KWD", 1_125),
        ("JPY", 5_850),
        ("USD", 9_00),
    ]


def test_what_was_given_back_is_in_no_wallet() -> None:
    hold = funded_hold(usd(600_00))
    refund_hold(None, hold=hold, reason="", cause="test")
    for person in (hold.payer, hold.payee):
        assert set(wallet(person)[0][1:]) == {usd(0)}


def test_the_statement_re_adds_to_the_balance() -> None:
    payee = FreelancerFactory.create()
    for minor in (100_00, 33_33, 1):
        earn(payee, usd(minor))
    found = statement(payee, AccountKind.AVAILABLE, "USD")
    assert found is not None
    assert found.opening + sum((line.amount for line in found.lines), usd(0)) == wallet(payee)[0].available
    running = found.opening
    for line in reversed(found.lines):
        running = running + line.amount
        assert line.balance_after == running
    assert found.released is not None
    assert found.released.fee + found.released.net == found.released.gross == usd(133_34)


def test_an_earlier_month_carries_over() -> None:
    payee = FreelancerFactory.create()
    earn(payee, usd(100_00))
    move_to(timezone.now() - timedelta(days=40))
    earn(payee, usd(50_00))
    found = statement(payee, AccountKind.AVAILABLE, "USD")
    assert found is not None
    assert (found.opening, len(found.lines), len(found.months)) == (usd(90_00), 1, 2)
    earlier = statement(payee, AccountKind.AVAILABLE, "USD", found.months[1])
    assert earlier is not None
    assert (earlier.opening, earlier.lines[0].balance_after) == (usd(0), usd(90_00))


def test_earnings_of_twelve_months() -> None:
    payee = FreelancerFactory.create()
    earn(payee, usd(100_00))
    months = earnings(payee, "USD")
    assert len(months) == 12
    assert [each.net for each in months if each.net] == [usd(90_00)]
    assert months[-1].net == usd(90_00)
    assert earnings(payee, "EUR") == []


def test_an_empty_wallet_says_what_will_be_here(client: Client) -> None:
    html = page(client, FreelancerFactory.create())
    assert "No movements yet" in html
    assert "$0.00" in html


def test_the_page_of_an_earner(client: Client) -> None:
    payee = FreelancerFactory.create()
    earn(payee, usd(600_01), "Label drawings for jam")
    funded_hold(usd(70_00), payee=payee, title="Box drawings")
    html = page(client, payee)
    for text in ("Label drawings for jam", "$540.01", "−$60.00", "$600.01", "Box drawings", "$70.00"):
        assert text in html


def test_the_page_of_a_client(client: Client, provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    funded_hold(usd(600_01), payer=payer, title="Label drawings", provider=provider)
    add_credit(payer, usd(25_00), provider)
    html = page(client, payer)
    for text in ("Held for work you ordered", "$600.01", "Visa ending 4242", "Receipt", "Credit", "$25.00"):
        assert text in html


def test_another_currency_and_month(client: Client) -> None:
    payee = FreelancerFactory.create()
    earn(payee, Money(6_500, "JPY"))
    assert "¥5,850" in page(client, payee, "?currency=JPY")
    assert "No movements yet" in page(client, payee)
    for query in ("?currency=JPY&month=1999-01", "?currency=XXX&month=never", "?month=0000-99"):
        page(client, payee, query)


def test_every_figure_of_a_statement_leads_to_what_it_comes_from(client: Client) -> None:
    payee = FreelancerFactory.create(time_zone="UTC")
    earn(payee, usd(100_00))
    move_to(timezone.now() - timedelta(days=40))
    earn(payee, usd(50_00))
    newest = Line.objects.filter(account__owner=payee, account__kind=AccountKind.AVAILABLE).latest("id")
    found = statement(payee, AccountKind.AVAILABLE, "USD")
    assert found is not None
    this_month, month_before = found.months
    html = page(client, payee)
    for figure in ("$50.00", "−$5.00", "+$45.00", "$135.00"):
        assert re.search(rf'href="/wallet/movements/{newest.journal_id}/"><bdi[^>]*>{re.escape(figure)}<', html), figure
    address = "/wallet/statement/?account=available&amp;currency=USD&amp;month="
    assert re.search(rf'href="{re.escape(address)}{month_before:%Y-%m}"><bdi[^>]*>\$90.00<', html)  # carried over
    assert html.count(f'href="{address}{this_month:%Y-%m}"') == 4  # gross, fee and net of the month, and in the chart
    assert html.count(f'href="{address}{month_before:%Y-%m}"') == 2


def test_what_is_held_leads_to_all_that_it_is_the_sum_of(client: Client) -> None:
    hold = funded_hold(usd(600_00), title="Label drawings")
    release_hold(None, hold=hold, amount=usd(200_00), cause="part")
    refund_hold(None, hold=hold, amount=usd(50_00), reason="", cause="part")
    for person in (hold.payer, hold.payee):
        assert re.search(rf'href="{hold.entries_url}"><bdi[^>]*>\$350.00<', page(client, person))
        html = client.get(hold.entries_url).content.decode()
        for figure in ("$350.00", "$600.00", "$180.00", "$20.00", "$50.00", "+$600.00", "−$200.00", "−$50.00"):
            assert f">{figure}<" in html
        for journal in hold.journals.all():
            assert reverse("movement", args=[journal.pk]) in html
    client.force_login(ClientFactory.create())
    assert client.get(hold.entries_url).status_code == 404


def test_nothing_was_paid_in_yet(client: Client) -> None:
    payer, payee = ClientFactory.create(), FreelancerFactory.create()
    hold = open_hold(payer=payer, payee=payee, amount=usd(5_00), fee_bps=1000, purpose="gig", title="A cat")
    assert hold.entries_url == ""
    client.force_login(hold.payer)
    assert "Nothing was paid in yet" in client.get(reverse("hold", args=[hold.pk])).content.decode()


def test_all_that_is_held_is_listed_page_by_page(client: Client) -> None:
    payer = ClientFactory.create()
    for number in range(12):
        funded_hold(usd(10_00), payer=payer, title=f"Work {number}.")
    for query, numbers, other in (
        ("", range(2, 12), "?page=2#held"),
        ("?currency=USD&page=2", range(2), "?currency=USD&amp;page=1#held"),
    ):
        html = page(client, payer, query)
        held = re.search(r'<section[^>]* id="held".*?</section>', html, re.S)
        assert "$120.00" in html and held
        assert {int(number) for number in re.findall(r"Work (\d+)\.", held[0])} == {*numbers}
        assert f'href="{other}"' in held[0]


def test_the_tab_of_a_currency_says_what_is_held_for_who_only_orders_work(client: Client) -> None:
    payer = ClientFactory.create()
    for amount in (usd(70_00), Money(6_500, "JPY")):
        funded_hold(amount, payer=payer)
    tabs = re.search(r'<nav class="tabs".*?</nav>', page(client, payer), re.S)
    assert tabs and "$70.00" in tabs[0] and "¥6,500" in tabs[0]


def test_statements_open_at_the_account_and_currency_that_the_wallet_shows(client: Client) -> None:
    for person, account in ((FreelancerFactory.create(), "available"), (ClientFactory.create(), "credit")):
        assert f'href="/wallet/statement/?account={account}&amp;currency=USD"' in page(client, person)


def test_titles_are_escaped(client: Client) -> None:
    payee = FreelancerFactory.create()
    earn(payee, usd(10_00), "<script>alert(1)</script>")
    assert "<script>alert(1)" not in page(client, payee)


def test_a_stranger_signs_in_first(client: Client) -> None:
    assert client.get(reverse("wallet")).status_code == 302


@pytest.mark.parametrize("rows", [5, 25])
def test_the_number_of_queries_does_not_grow(
    client: Client, django_assert_max_num_queries, provider: FakeProvider, rows: int
) -> None:
    person = FreelancerFactory.create(user_type="both")
    for _ in range(rows):
        earn(person, usd(10_00))
    for _ in range(5):
        funded_hold(usd(5_00), payee=person, provider=provider)
        funded_hold(usd(5_00), payer=person, provider=provider)
    client.force_login(person)
    with django_assert_max_num_queries(26):
        client.get(reverse("wallet"))


def test_what_a_very_long_month_does_not_show_is_carried_over(
    client: Client, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["payments.selectors.statement"], "MAX_LINES", 2)
    payer = ClientFactory.create(currency="USD")
    for _ in range(3):
        add_credit(payer, usd(30_00), provider)
    html = page(client, payer)
    assert "Carried over" in html
    assert "$90.00" in html
