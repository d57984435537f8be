"""Something on top: paid in, and the freelancer's in the same moment."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.tests.factories import ClientFactory
from contracts.models import Bonus, Contract
from contracts.services import approve_milestone, cancel_contract, drop_bonus, give_bonus, pause_contract, prepare_bonus
from contracts.tests.factories import make_contract, submitted_step
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from core.money import Money
from notifications.models import Notification
from payments import ledger
from payments.services import confirm_payment, pay_hold, settle_payment
from payments.tests.fakes import DECLINED, VISA, FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]
FIFTY = Money(50_00, "USD")


def earned(contract: Contract) -> int:
    return ledger.balance(ledger.available(contract.freelancer_id), "USD").minor


def test_a_bonus_is_given_in_the_moment_it_is_paid():
    contract = make_contract()
    bonus, payment = give_bonus(
        contract.client, contract_id=contract.pk, amount=FIFTY, note="For the weekend.", payment_method=VISA
    )
    assert (bonus.hold.status, payment.status) == ("released", "succeeded")
    assert (bonus.hold.released_minor, bonus.hold.fee_minor) == (45_00, 5_00)
    assert earned(contract) == 45_00
    assert Notification.objects.filter(user=contract.freelancer, kind="bonus_received").count() == 1


def test_a_bonus_waits_for_the_payment_and_comes_by_the_webhook(provider: FakeProvider):
    contract = make_contract()
    bonus, payment = give_bonus(contract.client, contract_id=contract.pk, amount=FIFTY)
    assert (bonus.hold.status, earned(contract)) == ("pending", 0)
    for _ in range(2):
        settle_payment(payment.pk, provider.pay(payment.intent_id))
    assert earned(contract) == 45_00


def test_repeating_after_a_lost_answer_pays_once(provider: FakeProvider):
    contract = make_contract()
    _, declined = give_bonus(contract.client, contract_id=contract.pk, amount=FIFTY, payment_method=DECLINED)
    assert declined.status == "failed"
    give_bonus(contract.client, contract_id=contract.pk, amount=FIFTY, payment_method=VISA)
    assert Bonus.objects.count() == 1
    assert (provider.charges(), earned(contract)) == (1, 45_00)


def test_the_same_request_again_after_it_was_given_gives_no_second(provider: FakeProvider):
    contract = make_contract()
    one, another = uuid4(), uuid4()
    for token in (one, one, another):
        bonus, payment = give_bonus(
            contract.client, contract_id=contract.pk, amount=FIFTY, payment_method=VISA, token=token
        )
        assert (bonus.hold.status, payment.token) == ("released", token)
    assert (Bonus.objects.count(), provider.charges(), earned(contract)) == (2, 2, 90_00)


def test_another_request_gives_a_bonus_of_its_own_while_the_first_is_not_paid(provider: FakeProvider):
    """Were the unpaid one shared, a repeat of the second request after the first was given would give a third time."""
    contract = make_contract()
    one, another = uuid4(), uuid4()

    def give(token, payment_method=""):
        return give_bonus(
            contract.client, contract_id=contract.pk, amount=FIFTY, payment_method=payment_method, token=token
        )

    first, payment = give(one)
    provider.fail_after.add("confirm_intent")
    with pytest.raises(Unavailable):
        give(another, VISA)
    settle_payment(payment.pk, provider.pay(payment.intent_id))
    second, _ = give(another, VISA)
    assert give(one)[0] == first != second
    assert (Bonus.objects.count(), provider.charges(), earned(contract)) == (2, 2, 90_00)


def test_a_bonus_that_no_payment_was_begun_for_is_used_by_a_request():
    contract = make_contract()
    prepared = prepare_bonus(contract.client, contract_id=contract.pk, amount=FIFTY)
    given, _ = give_bonus(contract.client, contract_id=contract.pk, amount=FIFTY, payment_method=VISA, token=uuid4())
    assert given == prepared


def test_it_is_possible_in_a_pause_and_for_thirty_days_after_the_end():
    milestone = submitted_step([500_00])
    contract = milestone.contract
    pause_contract(contract.client, contract_id=contract.pk)
    prepare_bonus(contract.client, contract_id=contract.pk, amount=FIFTY, note="In the pause")
    Contract.objects.filter(pk=contract.pk).update(status="active")
    approve_milestone(contract.client, milestone_id=milestone.pk)
    Contract.objects.filter(pk=contract.pk).update(ended_at=timezone.now() - timedelta(days=29, hours=23))
    prepare_bonus(contract.client, contract_id=contract.pk, amount=FIFTY, note="At the end")
    Contract.objects.filter(pk=contract.pk).update(ended_at=timezone.now() - timedelta(days=30, minutes=1))
    with pytest.raises(Conflict) as refusal:
        prepare_bonus(contract.client, contract_id=contract.pk, amount=FIFTY)
    assert refusal.value.code == "bonus_too_late"


def test_a_contract_that_was_called_off_has_none():
    contract = make_contract()
    cancel_contract(contract.client, contract_id=contract.pk)
    with pytest.raises(Conflict) as refusal:
        prepare_bonus(contract.client, contract_id=contract.pk, amount=FIFTY)
    assert refusal.value.code == "contract_cancelled"


def test_one_that_was_begun_before_the_contract_was_called_off_is_not_paid_any_more(provider: FakeProvider):
    contract = make_contract()
    bonus, payment = give_bonus(contract.client, contract_id=contract.pk, amount=FIFTY)
    cancel_contract(contract.client, contract_id=contract.pk)
    for pay in (
        lambda: pay_hold(contract.client, hold_id=bonus.hold_id, payment_method=VISA),
        lambda: confirm_payment(contract.client, intent_id=payment.intent_id, payment_method=VISA),
    ):
        with pytest.raises(Conflict) as refusal:
            pay()
        assert (refusal.value.code, provider.charges()) == ("contract_cancelled", 0)


def test_who_closed_their_account_gets_none():
    milestone = submitted_step([500_00])
    contract = milestone.contract
    approve_milestone(contract.client, milestone_id=milestone.pk)
    contract.freelancer.is_active = False
    contract.freelancer.save()
    with pytest.raises(Conflict) as refusal:
        prepare_bonus(contract.client, contract_id=contract.pk, amount=FIFTY)
    assert refusal.value.code == "freelancer_unavailable"


def test_only_the_client_gives_one_in_the_contracts_currency():
    contract = make_contract()
    with pytest.raises(Forbidden):
        prepare_bonus(contract.freelancer, contract_id=contract.pk, amount=FIFTY)
    with pytest.raises(NotFound):
        prepare_bonus(ClientFactory.create(), contract_id=contract.pk, amount=FIFTY)
    with pytest.raises(Invalid):
        prepare_bonus(contract.client, contract_id=contract.pk, amount=Money(50_00, "EUR"))


def test_one_that_no_card_could_pay_is_refused_beside_its_field():
    contract = make_contract()
    with pytest.raises(Invalid) as refusal:
        prepare_bonus(contract.client, contract_id=contract.pk, amount=Money(49, "USD"))
    assert (refusal.value.code, list(refusal.value.fields)) == ("amount_not_payable", ["amount"])
    assert not Bonus.objects.exists()


def test_one_that_was_not_paid_can_be_dropped_and_late_money_goes_back(provider: FakeProvider, run_jobs):
    contract = make_contract()
    bonus, payment = give_bonus(contract.client, contract_id=contract.pk, amount=FIFTY)
    with pytest.raises(NotFound):
        drop_bonus(contract.freelancer, bonus_id=bonus.pk)
    assert drop_bonus(contract.client, bonus_id=bonus.pk).hold.status == "cancelled"
    settle_payment(payment.pk, provider.pay(payment.intent_id))
    run_jobs()
    assert earned(contract) == 0
    assert [refund.amount_minor for refund in provider.refunds.values()] == [50_00]


def test_one_that_was_given_is_not_called_back():
    contract = make_contract()
    bonus, _ = give_bonus(contract.client, contract_id=contract.pk, amount=FIFTY, payment_method=VISA)
    with pytest.raises(Conflict) as refusal:
        drop_bonus(contract.client, bonus_id=bonus.pk)
    assert refusal.value.code == "bonus_given"
