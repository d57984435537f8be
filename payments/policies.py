"""Who may pay, and see what is to be paid."""

from accounts.models import User
from accounts.policies import why_not_act
from core.errors import Refusal
from payments.models import Hold


def why_not_pay(actor: User, hold: Hold) -> Refusal | None:
    return why_not_read_bill(actor, hold) or why_not_act(actor)


def why_not_read_bill(actor: User, hold: Hold) -> Refusal | None:
    if hold.payer_id != actor.pk:
        return Refusal("not_the_payer", "Only the person who ordered this work pays for it.")
    return None
