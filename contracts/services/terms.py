"""Keeping what was agreed, word for word, with who agreed to it and when."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from contracts.models import ChangeRequest, Contract, TermsAcceptance, TermsVersion
from contracts.rules.terms import AcceptedBy, TermsStep, TermsWeeks, fingerprint, terms_text

Acceptance = tuple[User, AcceptedBy, datetime]


def keep_terms(
    contract: Contract, *, acceptances: Iterable[Acceptance], change: ChangeRequest | None = None
) -> TermsVersion:
    """Write down the terms as they stand now, as the next version. The caller holds the contract's lock."""
    text = terms_text(
        contract_id=str(contract.pk),
        title=contract.title,
        client_id=contract.client_id,
        freelancer_id=contract.freelancer_id,
        scope=contract.terms,
        currency=contract.currency,
        fee_bps=contract.fee_bps,
        approval_days=contract.approval_days,
        steps=[
            TermsStep(step.title, step.description, step.amount, step.due_date)
            for step in contract.milestones.agreed().order_by("position")
        ],
        weeks=_weeks(contract),
    )
    terms = TermsVersion.objects.create(
        contract=contract,
        number=contract.terms_versions.count() + 1,
        text=text,
        sha256=fingerprint(text),
        change=change,
    )
    TermsAcceptance.objects.bulk_create(
        TermsAcceptance(terms=terms, person=person, how=how, accepted_at=moment) for person, how, moment in acceptances
    )
    return terms


def _weeks(contract: Contract) -> TermsWeeks | None:
    if contract.hourly_rate is None or contract.weekly_cap_minutes is None:
        return None
    return TermsWeeks(contract.hourly_rate, contract.weekly_cap_minutes)
