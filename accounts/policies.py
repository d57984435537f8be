"""What a person may do, apart from any object; and what staff may do with a person."""

from typing import TYPE_CHECKING

from core.errors import Refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import Appeal, IdentityCheck, Upload, User


SUSPENDED = Refusal("account_suspended", "Your account is suspended. Your settings say why and how to appeal.")


def why_not_act(user: "User") -> Refusal | None:
    """Post, propose, accept, message, pay: everything that other people get to see or that moves money.

    Not asked before somebody is paid what they earned, reads what is theirs, or takes a copy of it. Where it only lets the
    other side have what is held for them, `why_not_let_go` is asked instead.
    """
    return _while_suspended(user) or why_not_let_go(user)


def why_not_let_go(user: "User") -> Refusal | None:
    """Approve, release, or call off work so that what is held goes to the other side. Suspended people may.

    The money was set aside before, by terms that both agreed on, and the other side does not wait for an appeal.
    """
    if not user.is_active:
        return Refusal("account_inactive", "This account is not active.")
    if not user.has_verified_email:
        return Refusal("email_not_verified", "Confirm your e-mail address first: open the link that we sent you.")
    return None


def words_of(user: "User", text: str) -> str:
    """What goes with such an act to the other side: nothing of somebody who may not write to them."""
    return "" if user.is_suspended else text


def why_not_change_profile(user: "User") -> Refusal | None:
    """Change what others see of oneself. It stays as it was reported while a suspension stands."""
    return _while_suspended(user)


def _while_suspended(user: "User") -> Refusal | None:
    return SUSPENDED if user.is_active and user.is_suspended else None


def why_not_staff(actor: "User", permission: str) -> Refusal | None:
    """Staff whose groups give the permission ("accounts.change_appeal")."""
    if not (actor.is_staff and actor.has_perm(permission)):
        return Refusal("not_permitted", "Your staff group does not include this.")
    return None


def why_not_suspend(actor: "User", user: "User") -> Refusal | None:
    if user.pk == actor.pk:
        return Refusal("own_account", "You cannot suspend yourself.")
    if user.is_superuser:
        return Refusal("superuser", "The owner of the site cannot be suspended.")
    if user.erased_at:
        return Refusal("account_deleted", "This account was deleted.")
    return why_not_staff(actor, "accounts.add_suspension") or _why_not_above(actor, user)


def why_not_reset_second_factor(actor: "User", user: "User") -> Refusal | None:
    if user.pk == actor.pk:
        return Refusal("own_account", "Somebody else has to make sure that it is you.")
    if user.erased_at:
        return Refusal("account_deleted", "This account was deleted.")
    return why_not_staff(actor, "accounts.reset_second_factor") or _why_not_above(actor, user)


def why_not_revoke_passkey(actor: "User", user: "User") -> Refusal | None:
    if user.pk == actor.pk:
        return Refusal("own_account", "Remove your own passkeys in your settings.")
    return why_not_staff(actor, "accounts.change_passkey") or _why_not_above(actor, user)


def _why_not_above(actor: "User", user: "User") -> Refusal | None:
    """Members are below all staff, and staff below administrators: those who may give them their rights."""
    if (user.is_staff or user.is_superuser) and why_not_staff(actor, "accounts.give_staff_rights"):
        return Refusal("staff_account", "Only an administrator may do this to a member of staff.")
    return None


def why_not_decide_appeal(actor: "User", appeal: "Appeal") -> Refusal | None:
    if actor.pk in {appeal.suspension.imposed_by_id, appeal.suspension.user_id}:
        return Refusal("own_decision", "Somebody else has to decide: this suspension is yours.")
    return why_not_staff(actor, "accounts.change_appeal")


def why_not_decide_identity(actor: "User", check: "IdentityCheck") -> Refusal | None:
    if check.user_id == actor.pk:
        return Refusal("own_document", "Somebody else has to look at your own document.")
    return why_not_staff(actor, "accounts.change_identitycheck")


def why_not_give_rights(actor: "User", user: "User") -> Refusal | None:
    if user.pk == actor.pk:
        return Refusal("own_rights", "Nobody changes their own rights. Ask another administrator.")
    if user.is_superuser:
        return Refusal("superuser", "The owner of the site is beyond groups.")
    if not user.is_active or user.is_suspended:
        return Refusal("account_inactive", "Only people whose account is open can be staff.")
    return why_not_staff(actor, "accounts.give_staff_rights")


def sees_identity_file(reader: "User | AnonymousUser", upload: "Upload") -> bool:
    """Its owner, and staff who may look at documents."""
    if not reader.is_authenticated:
        return False
    return reader.pk == upload.owner_id or why_not_staff(reader, "accounts.view_identitycheck") is None
