import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuthSession, User
from accounts.tests.factories import FreelancerFactory, UserFactory, staff_of
from core.money import Money
from payments.models import Chargeback, ConnectAccount, Journal, Payout
from payments.selectors import wallet
from payments.services import (
    refresh_chargeback,
    release_hold,
    request_payout,
    send_acceptance,
    send_payout,
    to_write_off,
)
from payments.tests.factories import earn, funded_hold, payable
from payments.tests.fakes import VISA, FakeProvider

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]


@pytest.fixture
def payee(provider: FakeProvider) -> User:
    user = FreelancerFactory.create()
    earn(user, Money(2_400_00, "USD"), provider)
    payable(user, provider)
    return user


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


# --- Paying out ---------------------------------------------------------------------------------


def test_the_page_says_what_arrives_before_anything_leaves(pages_as: As, payee: User) -> None:
    page = text(pages_as(payee).get(reverse("payout-new")))
    for words in ("Fee: none", "Your bank receives", "$2,400.00", "Test bank ending 6789", "$5.00", "$1,000.00"):
        assert words in page


def test_from_the_form_to_the_payouts_own_page(pages_as: As, payee: User) -> None:
    browser = pages_as(payee)
    answer = browser.post(reverse("payout-new"), {"amount": "300.00"})
    payout = Payout.objects.get()
    assert answer["Location"] == reverse("payout", args=[payout.pk])
    page = text(browser.get(answer["Location"]))
    assert "Asked for" in page and "Cancel this payout" in page
    assert reverse("movement", args=[Journal.objects.get(kind="payout").pk]) in page
    assert "$300.00" in text(browser.get(reverse("payouts")))
    entry = reverse("movement", args=[Journal.objects.get(cause=f"payout:{payout.pk}").pk])
    assert entry in text(browser.get(reverse("payouts")))
    assert page.count(f'<a class="plain" href="{entry}"><bdi dir="ltr" class="num">$300.00</bdi></a>') == 2


@pytest.mark.parametrize(
    ("amount", "words"),
    [("2400.01", "You have $2,400.00 available."), ("4.99", "The least that is paid out"), ("1.001", "2 decimals")],
)
def test_refusals_stand_in_the_form(pages_as: As, payee: User, amount: str, words: str) -> None:
    page = text(pages_as(payee).post(reverse("payout-new"), {"amount": amount}))
    assert words in page
    assert not Payout.objects.exists()


def test_cancelling_on_the_page(pages_as: As, payee: User) -> None:
    browser = pages_as(payee)
    payout = request_payout(payee, amount=Money(300_00, "USD"))
    page = text(browser.post(reverse("payout-cancel", args=[payout.pk]), follow=True))
    assert "is in your wallet again" in page
    assert "Cancel this payout" not in page
    assert "Back in your wallet" in page and "Your bank receives" not in page


def test_too_late_to_cancel(pages_as: As, payee: User, provider: FakeProvider) -> None:
    payout = request_payout(payee, amount=Money(300_00, "USD"))
    send_payout(payout.pk)
    page = text(pages_as(payee).post(reverse("payout-cancel", args=[payout.pk]), follow=True))
    assert "not possible now" in page


def test_somebody_elses_payout(pages_as: As, payee: User) -> None:
    payout = request_payout(payee, amount=Money(300_00, "USD"))
    stranger = pages_as(UserFactory.create())
    assert stranger.get(reverse("payout", args=[payout.pk])).status_code == 404
    assert stranger.post(reverse("payout-cancel", args=[payout.pk])).status_code == 404


def test_why_there_is_no_form(pages_as: As, payee: User, provider: FakeProvider) -> None:
    url = reverse("payout-new")
    ConnectAccount.objects.update(currencies=["EUR"])
    page = text(pages_as(payee).get(url))
    assert "It takes EUR. Add a bank account that takes USD" in page
    assert "Pay out €" not in page
    earn(payee, Money(50_00, "EUR"), provider)
    assert 'currency=EUR">Pay out €50.00' in text(pages_as(payee).get(url))
    ConnectAccount.objects.update(payouts_enabled=False)
    assert "Say first where you are paid" in text(pages_as(payee).get(url))
    User.objects.filter(pk=payee.pk).update(date_joined=timezone.now())
    assert "New accounts are paid out after 7 days" in text(pages_as(payee).get(url))


def test_the_wallet_shows_what_was_paid_out_and_leads_to_the_entries(pages_as: As, payee: User) -> None:
    request_payout(payee, amount=Money(300_00, "USD"))
    page = text(pages_as(payee).get(reverse("wallet")))
    for words in ("Pending", "account=payouts", "account=available", 'id="payouts"', reverse("payout-new")):
        assert words in page


# --- Where the person is paid -------------------------------------------------------------------


def test_nothing_yet_offers_the_first_step(pages_as: As) -> None:
    page = text(pages_as(UserFactory.create()).get(reverse("payout-account:home")))
    assert "No bank account yet" in page and reverse("payout-account:open") in page


def test_from_the_country_to_the_provider_and_back(pages_as: As, provider: FakeProvider) -> None:
    user = FreelancerFactory.create()
    browser = pages_as(user)
    assert browser.post(reverse("payout-account:open"), {"country": "BE"})["Location"] == reverse("payout-account:home")
    page = text(browser.get(reverse("payout-account:home")))
    assert "Not ready yet" in page and reverse("payout-account:go") in page
    assert browser.get(reverse("payout-account:go"))["Location"].startswith("https://connect.test/setup/")
    provider.onboard(ConnectAccount.objects.get().account_id or "", currency="EUR")
    page = text(browser.get(reverse("payout-account:home") + "?back"))
    assert "Ready." in page and "Test bank ending 6789" in page
    assert "yours from" in page  # the account is new


@pytest.mark.parametrize("name", ["open", "go"])
def test_changing_where_one_is_paid_needs_fresh_proof(pages_as: As, payee: User, name: str) -> None:
    browser = pages_as(payee)
    AuthSession.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))
    url = reverse(f"payout-account:{name}")
    assert browser.get(url)["Location"].startswith(reverse("accounts:confirm"))


def test_what_is_missing_is_said_in_words(pages_as: As, payee: User) -> None:
    ConnectAccount.objects.update(
        payouts_enabled=False, missing=["individual.dob.day", "individual.dob.year", "new.thing"]
    )
    page = text(pages_as(payee).get(reverse("payout-account:home")))
    assert page.count("Your date of birth") == 1
    assert "the payment provider says what" in page


# --- Owing --------------------------------------------------------------------------------------


@pytest.fixture
def debtor(provider: FakeProvider) -> User:
    hold = funded_hold(Money(80_00, "USD"), provider=provider)
    release_hold(hold.payer, hold=hold, cause="r")
    refresh_chargeback(provider.dispute(hold.payments.get().intent_id or "").id)
    return hold.payer


def test_the_wallet_says_what_is_owed_and_leads_to_settling_it(pages_as: As, debtor: User) -> None:
    browser = pages_as(debtor)
    assert reverse("debt", args=["usd"]) in text(browser.get(reverse("wallet")))
    page = text(browser.get(reverse("debt", args=["usd"])))
    assert "$80.00" in page and reverse("debt-start", args=["usd"]) in page
    taken = reverse("movement", args=[Journal.objects.get(kind="chargeback").pk])
    assert taken in page
    assert re.search(rf'Your bank took back <a class="plain" href="{taken}">', text(browser.get(reverse("wallet"))))


def test_settling_on_the_page(pages_as: As, debtor: User) -> None:
    browser = pages_as(debtor)
    started = browser.post(reverse("debt-start", args=["usd"])).json()
    assert started["is_open"] and started["client_secret"]
    page = text(browser.post(reverse("debt", args=["usd"]), {"payment_method": VISA}, follow=True))
    assert "It is settled." in page
    assert browser.get(reverse("debt", args=["usd"]))["Location"] == reverse("wallet")
    assert browser.post(reverse("debt-start", args=["usd"])).status_code == 409


def test_what_is_less_than_a_card_can_pay_is_settled_with_the_least_that_it_can(
    pages_as: As, provider: FakeProvider
) -> None:
    hold = funded_hold(Money(80_00, "USD"), fee_bps=0, provider=provider)
    release_hold(hold.payer, hold=hold, cause="r", amount=Money(20, "USD"))
    refresh_chargeback(provider.dispute(hold.payments.get().intent_id or "").id)
    browser = pages_as(hold.payer)
    page = text(browser.get(reverse("debt", args=["usd"])))
    assert "$0.20" in page and "$0.50" in page
    browser.post(reverse("debt", args=["usd"]), {"payment_method": VISA})
    [balance] = wallet(hold.payer)
    assert (balance.debt.minor, balance.credit.minor) == (0, 30)


def test_a_currency_that_there_is_not(pages_as: As, debtor: User) -> None:
    browser = pages_as(debtor)
    assert browser.get(reverse("debt", args=["zzz"])).status_code == 404
    assert browser.post(reverse("debt-start", args=["zzz"])).status_code == 404


def test_a_declined_card_leaves_it_open(pages_as: As, debtor: User) -> None:
    page = text(
        pages_as(debtor).post(
            reverse("debt", args=["usd"]), {"payment_method": "pm_card_visa_chargeDeclined"}, follow=True
        )
    )
    assert "declined" in page and "$80.00" in page


# --- The console --------------------------------------------------------------------------------


def act_on(browser: Client, row: object, name: str, **told: str) -> None:
    model = row._meta.model_name  # type: ignore[attr-defined]
    browser.post(f"/admin/payments/{model}/{row.pk}/{name}/", {"_form_submitted": "True", **told})  # type: ignore[attr-defined]


def test_two_of_finance_approve_in_the_console(console_as: As, payee: User) -> None:
    payout = request_payout(payee, amount=Money(2_000_00, "USD"))
    for count, expected in enumerate(("awaiting_approval", "sending")):
        browser = console_as(staff_of("finance"))
        queue = text(browser.get(reverse("admin:payments_payout_changelist")))
        assert "Being looked at" in queue and f"{count} of 2" in queue
        assert "ask_approval" in text(browser.get(reverse("admin:payments_payout_change", args=[payout.pk])))
        act_on(browser, payout, "approve")
        payout.refresh_from_db()
        assert payout.status == expected


def test_rejecting_in_the_console(console_as: As, payee: User) -> None:
    payout = request_payout(payee, amount=Money(2_000_00, "USD"))
    act_on(console_as(staff_of("finance")), payout, "reject", reason="The bank account is of somebody else.")
    payout.refresh_from_db()
    assert (payout.status, payout.failure_message) == ("rejected", "The bank account is of somebody else.")


def test_answering_a_bank_in_the_console(console_as: As, debtor: User) -> None:
    chargeback = Chargeback.objects.get()
    act_on(console_as(staff_of("finance")), chargeback, "answer", uncategorized_text="It was delivered.")
    chargeback.refresh_from_db()
    assert chargeback.evidence == {"uncategorized_text": "It was delivered."}


def test_accepting_and_writing_off_in_the_console(console_as: As, debtor: User, provider: FakeProvider) -> None:
    chargeback, browser = Chargeback.objects.get(), console_as(staff_of("finance"))
    page = reverse("admin:payments_chargeback_change", args=[chargeback.pk])
    html = text(browser.get(page))
    assert ("Accept it" in html, "Answer the bank" in html, "Write off what is owed" in html) == (True, True, False)
    act_on(browser, chargeback, "accept", reason="Nothing speaks against it.")
    send_acceptance(chargeback.pk)
    html = text(browser.get(page))
    assert ("Accept it" in html, "Answer the bank" in html, "Write off what is owed" in html) == (False, False, True)
    act_on(browser, chargeback, "write_off", reason="They moved away.", seen_minor=str(to_write_off(chargeback).minor))
    assert "Write off what is owed" not in text(browser.get(page))
    assert not wallet(debtor)[0].debt


def test_others_of_the_staff_decide_nothing(console_as: As, payee: User) -> None:
    payout = request_payout(payee, amount=Money(2_000_00, "USD"))
    act_on(console_as(staff_of("support")), payout, "approve")
    assert not payout.approvals.exists()
