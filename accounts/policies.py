"""What a person may do, apart from any object."""

from typing import TYPE_CHECKING

from core.errors import Refusal

if TYPE_CHECKING:
    from accounts.models import User


def why_not_act(user: "User") -> Refusal | None:
    """Post, propose, accept, message, pay: everything that other people get to see or that moves money."""
    if not user.is_active:
        return Refusal("account_inactive", "This account is not active.")
    if not user.has_verified_email:
        return Refusal("email_not_verified", "Confirm your e-mail address first: open the link that we sent you.")
    return None
