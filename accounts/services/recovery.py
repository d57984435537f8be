"""What staff do for somebody who is locked out."""

from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import policies
from accounts.models import User
from accounts.services import audit
from accounts.services.limits import forgive_codes
from accounts.services.second_factors import has_second_factor
from accounts.services.sessions import end_all_sessions
from core import jobs
from core.errors import Conflict, Invalid, require
from core.queries import get_or_refuse


@transaction.atomic
def reset_second_factor(actor: User, *, user_id: int, reason: str) -> None:
    """The app, the backup codes and the passkeys count no more; all sign-ins end; a letter says so.

    `reason`: how the actor made sure who asked. Never of oneself, and of staff by administrators only.
    Conflict `second_factor_off` when there is nothing to reset.
    """
    user = get_or_refuse(User.objects.select_for_update(no_key=True), pk=user_id)
    require(policies.why_not_reset_second_factor(actor, user))
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say how you made sure who they are."]})
    if not (has_second_factor(user) or user.passkeys.exists()):
        raise Conflict("second_factor_off", "This person has no second factor.")
    TOTPDevice.objects.filter(user=user).delete()
    user.backup_codes.all().delete()
    passkeys, _ = user.passkeys.all().delete()
    end_all_sessions(user, reason="second_factor_reset")
    forgive_codes(user.pk)  # wrong ones of the lost app must not stand in the way of the next
    audit.record(actor, "second_factor.reset", user, reason=reason.strip(), passkeys=passkeys)
    jobs.enqueue("accounts.send_second_factor_reset", user_id=user.pk)
