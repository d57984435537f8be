"""What of the audit log a person sees in their own security history."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class SecurityEvent(NamedTuple):
    """How an action of the audit log reads in the person's own security history."""

    title: str | Promise
    icon: str
    is_alarming: bool = False


# What a person sees of the audit log: everything that decides who gets into their account.
SECURITY_EVENTS = {
    "person.registered": SecurityEvent(_("The account was made"), "person-plus"),
    "person.signed_in": SecurityEvent(_("You signed in"), "box-arrow-in-right"),
    "person.failed_sign_in": SecurityEvent(
        _("A sign-in with a wrong password was refused"), "shield-exclamation", True
    ),
    "person.verified_email": SecurityEvent(_("Your e-mail address was confirmed"), "check-circle"),
    "person.changed_email": SecurityEvent(_("Your e-mail address was changed"), "envelope"),
    "password.changed": SecurityEvent(_("Your password was changed"), "key"),
    "password.reset": SecurityEvent(_("A new password was chosen by a mailed link"), "key"),
    "session.ended": SecurityEvent(_("A sign-in was ended"), "box-arrow-right"),
    "session.ended_others": SecurityEvent(_("All other sign-ins were ended"), "box-arrow-right"),
    "session.token_reused": SecurityEvent(_("A copied sign-in was used, so we ended it"), "shield-exclamation", True),
    "session.ended_all": SecurityEvent(_("All sign-ins were ended"), "box-arrow-right"),
    "session.confirmed": SecurityEvent(_("You confirmed that it is you"), "check-circle"),
    "second_factor.enabled": SecurityEvent(_("The second factor was turned on"), "shield-check"),
    "second_factor.disabled": SecurityEvent(_("The second factor was turned off"), "shield-exclamation", True),
    "second_factor.reset": SecurityEvent(_("Guildhall staff removed your second factor"), "shield-exclamation", True),
    "second_factor.failed": SecurityEvent(_("A wrong code was refused"), "shield-exclamation", True),
    "backup_code.used": SecurityEvent(_("A backup code was used"), "key"),
    "backup_codes.renewed": SecurityEvent(_("New backup codes were made"), "key"),
    "passkey.added": SecurityEvent(_("A passkey was added"), "key"),
    "passkey.renamed": SecurityEvent(_("A passkey was renamed"), "key"),
    "passkey.removed": SecurityEvent(_("A passkey was removed"), "key"),
    "api_key.created": SecurityEvent(_("An API key was made"), "code-slash"),
    "api_key.revoked": SecurityEvent(_("An API key was revoked"), "code-slash"),
    "webhook.added": SecurityEvent(_("A webhook was added"), "hdd-network"),
    "webhook.changed": SecurityEvent(_("A webhook was changed"), "hdd-network"),
    "webhook.changed_secret": SecurityEvent(_("The secret of a webhook was changed"), "hdd-network"),
    "webhook.removed": SecurityEvent(_("A webhook was removed"), "hdd-network"),
    "payout_account.opened": SecurityEvent(_("An account to be paid at was opened"), "bank"),
    "payout_account.opened_page": SecurityEvent(_("The page for changing where you are paid was opened"), "bank"),
    "payout_account.changed_bank": SecurityEvent(_("The bank account that you are paid at was changed"), "bank", True),
    "card.forgotten": SecurityEvent(_("A saved card was forgotten"), "credit-card"),
    "export.requested": SecurityEvent(_("A copy of your data was asked for"), "download"),
    "person.asked_to_change_email": SecurityEvent(_("A change of your e-mail address was asked for"), "envelope"),
    "person.deactivated": SecurityEvent(_("The account was closed"), "door-closed"),
    "person.reactivated": SecurityEvent(_("The account was opened again"), "person-check"),
    "person.suspended": SecurityEvent(_("The account was suspended"), "exclamation-triangle", True),
    "person.suspension_lifted": SecurityEvent(_("The suspension was lifted"), "person-check"),
    "identity.submitted": SecurityEvent(_("You sent an identity document"), "person-check"),
    "identity.approved": SecurityEvent(_("Your identity was verified"), "person-check"),
    "identity.refused": SecurityEvent(_("Your identity document was not accepted"), "person-check"),
    "staff.changed_groups": SecurityEvent(_("Your rights as staff were changed"), "person"),
    "console.changed": SecurityEvent(_("Guildhall staff changed your account"), "person"),
}
