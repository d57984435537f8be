"""Kept terms and their acceptances are append-only, and contracts from before get theirs. Only adds; the previous release runs on it."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from django.db import migrations

from core.money import Money, total

CREATE = """
SET CONSTRAINTS ALL IMMEDIATE;
CREATE TRIGGER contracts_terms_append_only BEFORE UPDATE OR DELETE ON contracts_termsversion
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
CREATE TRIGGER contracts_acceptance_append_only BEFORE UPDATE OR DELETE ON contracts_termsacceptance
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
"""
DROP = """
DROP TRIGGER contracts_acceptance_append_only ON contracts_termsacceptance;
DROP TRIGGER contracts_terms_append_only ON contracts_termsversion;
"""


def write_down(apps: Any, schema_editor: Any) -> None:
    """What stands now is the first version of contracts that were made before versions were kept."""
    contracts = apps.get_model("contracts", "Contract").objects.filter(terms_versions=None)
    versions = apps.get_model("contracts", "TermsVersion").objects
    acceptances = apps.get_model("contracts", "TermsAcceptance")
    for contract in contracts.prefetch_related("milestones").iterator(chunk_size=500):
        text = "\n".join(lines_of(contract)) + "\n"
        fingerprint = sha256(text.encode()).hexdigest()
        terms = versions.create(contract=contract, number=1, text=text, sha256=fingerprint)
        acceptances.objects.bulk_create(
            acceptances(terms=terms, person_id=person, how=how, accepted_at=contract.started_at)
            for person, how in ((contract.freelancer_id, "proposal"), (contract.client_id, "hiring"))
        )


def lines_of(contract: Any) -> Iterator[str]:
    """The words of contracts.rules.terms as they were when this migration was written."""
    steps = [step for step in contract.milestones.all() if step.agreed_at]
    yield f"Contract {contract.pk}: {contract.title}"
    yield f"Client: person {contract.client_id}"
    yield f"Freelancer: person {contract.freelancer_id}"
    yield from ("", "What is done", contract.terms.strip() or "As the milestones say.", "", "Milestones")
    for number, step in enumerate(sorted(steps, key=lambda step: step.position), start=1):
        due = f", due {step.due_date.isoformat()}" if step.due_date else ""
        price = Money(step.amount_minor, step.currency).as_string()
        yield f"{number}. {step.title}: {price} {contract.currency}{due}"
        yield from (f"   {line}" for line in step.description.splitlines())
    in_all = total((Money(step.amount_minor, step.currency) for step in steps), contract.currency)
    yield f"In all: {in_all.as_string()} {contract.currency}"
    yield ""
    yield f"Fee of the platform: {contract.fee_bps / 100:g} % of what is released, taken from it."
    yield "A milestone is paid in and held before work on it starts."
    yield f"Work that is handed in and not answered within {contract.approval_days} days is approved."
    yield "Changes hold once both sides have agreed to them."


class Migration(migrations.Migration):
    dependencies = [("contracts", "0005_lapsed_milestones")]

    operations = [
        migrations.RunPython(write_down, migrations.RunPython.noop),
        migrations.RunSQL(CREATE, DROP),
    ]
