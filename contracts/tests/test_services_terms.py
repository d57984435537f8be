"""What was agreed is kept word for word, with who accepted it and when, and stays as it is."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from contracts.models import Contract, TermsAcceptance, TermsVersion
from contracts.rules.terms import fingerprint
from contracts.services import accept_change, accept_proposal, add_milestone
from contracts.tests.factories import DAY, HOUR, MONDAY, make_contract, make_hourly
from core.money import Money
from payments.tests.planting import planted
from projects.services import edit_proposal, shortlist_proposal
from projects.tests.factories import ProposalFactory

pytestmark = pytest.mark.django_db


def with_a_change() -> Contract:
    """Of which both agreed to a further milestone."""
    contract = make_contract()
    add_milestone(contract.client, contract_id=contract.pk, title="More", amount=Money(100_00, "USD"))
    accept_change(contract.freelancer, change_id=contract.changes.get().pk)
    return contract


def test_hiring_keeps_the_terms_with_the_agreement_of_both():
    contract = make_contract()
    terms = contract.terms_versions.get()
    assert (terms.number, terms.sha256) == (1, fingerprint(terms.text))
    assert contract.terms in terms.text
    accepted = {each.person_id: each for each in terms.acceptances.all()}
    assert accepted[contract.client_id].how == "hiring"
    assert accepted[contract.freelancer_id].how == "proposal"
    assert accepted[contract.freelancer_id].accepted_at < accepted[contract.client_id].accepted_at


def test_the_freelancer_agreed_when_they_last_changed_their_proposal_whatever_the_client_did_with_it_since(at):
    at(MONDAY)
    offer = ProposalFactory.create()
    at(MONDAY + HOUR)
    edit_proposal(offer.freelancer, proposal_id=offer.pk, estimated_days=30)
    at(MONDAY + DAY)
    shortlist_proposal(offer.project.client, proposal_id=offer.pk)
    at(MONDAY + 2 * DAY)
    contract = accept_proposal(offer.project.client, proposal_id=offer.pk)
    accepted = {each.how: each.accepted_at for each in contract.terms_versions.get().acceptances.all()}
    assert accepted == {"proposal": MONDAY + HOUR, "hiring": MONDAY + 2 * DAY}


def test_terms_by_the_hour_say_the_rate_and_the_weekly_limit():
    text = make_hourly(rate=60_00, cap=20 * 60).terms_versions.get().text
    assert "Rate: 60.00 USD an hour" in text and "At most 20:00 hours a week" in text
    assert "ilestone" not in text


def test_each_change_that_is_agreed_to_is_a_further_version_accepted_by_both():
    contract = with_a_change()
    first, second = contract.terms_versions.order_by("number")
    assert "More: 100.00 USD" in second.text and "More: 100.00 USD" not in first.text
    assert second.change == contract.changes.get()
    assert {each.how for each in second.acceptances.all()} == {"change"}
    assert {each.person_id for each in second.acceptances.all()} == {contract.client_id, contract.freelancer_id}


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: TermsVersion.objects.update(number=7),
        lambda: TermsVersion.objects.update(text="A car.", sha256=fingerprint("A car.")),
        lambda: TermsAcceptance.objects.update(how="change"),
        lambda: TermsAcceptance.objects.all().delete(),
        lambda: TermsVersion.objects.all()._raw_delete("default"),
    ],
    ids=["number", "words", "acceptance", "no acceptance", "no words"],
)
def test_the_database_refuses_to_change_or_lose_what_was_agreed(attempt):
    contract = with_a_change()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        attempt()
    assert [each.acceptances.count() for each in contract.terms_versions.all()] == [2, 2]


def test_the_database_refuses_words_under_another_fingerprint():
    contract = make_contract()
    with pytest.raises(IntegrityError, match="contracts_terms_hash"), transaction.atomic():
        TermsVersion.objects.create(contract=contract, number=2, text="A car.", sha256=fingerprint("Labels."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(sha256(convert_to(text, 'UTF8')), 'hex') = sha256 FROM contracts_termsversion")
        assert cursor.fetchall() == [(True,)]


@pytest.mark.parametrize("steps", [[200_01, 400_00], [5]])
def test_contracts_from_before_get_the_terms_that_hiring_would_have_kept(steps):
    contract = make_contract(steps, currency="USD")
    kept = contract.terms_versions.get().text
    with planted("DELETE FROM contracts_termsacceptance; DELETE FROM contracts_termsversion", "contracts"):
        import_module("contracts.migrations.0006_final_terms").write_down(apps, None)
        terms = contract.terms_versions.get()
        assert (terms.text, terms.sha256, terms.number) == (kept, fingerprint(kept), 1)
        accepted = terms.acceptances.values_list("person_id", "how")
        assert set(accepted) == {(contract.client_id, "hiring"), (contract.freelancer_id, "proposal")}
