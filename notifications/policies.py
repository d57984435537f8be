"""Who may have news sent on."""

from accounts.models import User
from accounts.policies import why_not_act
from core.errors import Refusal


def why_not_send_on(user: User) -> Refusal | None:
    """Whoever reads the mailbox is told when a webhook fails, so the address has to be theirs."""
    return why_not_act(user)
