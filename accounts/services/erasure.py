"""Deleting an account: what is personal goes, what others own or the law wants stays without the name."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import hooks
from accounts.models import Appeal, AuthSession, ClientProfile, FreelancerProfile, IdempotencyRecord, Upload, User
from accounts.rules import FORMER_MEMBER, UploadKind, UserType
from accounts.services import audit
from accounts.services.closing import refuse_ties, wait_for_others
from accounts.services.sessions import end_all_sessions, require_confirmed
from core import jobs
from core.errors import Invalid

ALWAYS_DELETED = (UploadKind.PROFILE, UploadKind.IDENTITY)
EMPTY_CLIENT: dict[str, Any] = {"company_name": "", "about": "", "website": ""}
EMPTY_FREELANCER: dict[str, Any] = {
    "headline": "",
    "bio": "",
    "category": None,
    "hourly_rate_minor": None,
    "skill_names": [],
    "languages": [],
    "language_levels": {},
    "links": [],
    "weekly_hours": {},
}


def deletion_ties(user: User) -> list[hooks.Tie]:
    """What has to end before the account can be deleted."""
    return [*_staff_tie(user), *hooks.ties_of(user)]


@transaction.atomic
def erase_account(actor: User, *, typed_email: str, session: AuthSession | None) -> None:
    """For good: nobody can bring the account back, and its address is free for a new one.

    Invalid unless the address was typed; Conflict `account_held_open` while work or money ties the account.
    """
    require_confirmed(actor, session)
    if User.objects.normalize(typed_email) != actor.email:
        raise Invalid(fields={"typed_email": ["Type the e-mail address of this account."]})
    hooks.withdraw(actor)
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # after what `withdraw` locks
    if user.erased_at:
        return
    hooks.erase(user)
    end_all_sessions(user, reason="erased")
    _remove_what_belongs_to(user)
    _empty_profiles(user)
    wait_for_others(user)
    refuse_ties(deletion_ties(user))  # which undoes all of that
    _empty(user)
    audit.record(user, "person.erased", user)


def _staff_tie(user: User) -> list[hooks.Tie]:
    if not user.is_staff:
        return []
    return [hooks.Tie("staff", "You are staff: an administrator has to take your rights back first.", "/admin/")]


def _remove_what_belongs_to(user: User) -> None:
    files = [export.file.name for export in user.exports.all() if export.file]
    user.identity_checks.all().delete()
    # What a message, a hand-in or a brief still carries stays: others have received it.
    uploads = {*user.uploads.filter(kind__in=ALWAYS_DELETED), *user.uploads.unused()}
    files += [name for upload in uploads for name in upload.stored_names]
    Upload.objects.filter(pk__in=[upload.pk for upload in uploads]).delete()
    for rows in (
        user.exports,
        user.profile_entries,
        user.passkeys,
        user.backup_codes,
        user.api_keys,
        user.email_changes,
        user.auth_sessions,
    ):
        rows.all().delete()
    TOTPDevice.objects.filter(user=user).delete()
    IdempotencyRecord.objects.filter(scope=f"user:{user.pk}").delete()  # answers repeat what was sent
    Appeal.objects.filter(suspension__user=user).update(text="")
    user.groups.clear()
    user.user_permissions.clear()
    jobs.enqueue("accounts.remove_files", names=files)


def _empty_profiles(user: User) -> None:
    ClientProfile.objects.filter(user=user).update(**EMPTY_CLIENT)
    profile = FreelancerProfile.objects.filter(user=user).first()
    if profile:
        profile.skills.clear()
        FreelancerProfile.objects.filter(user=user).update(**EMPTY_FREELANCER)


def _empty(user: User) -> None:
    user.email = f"{user.pk}@erased.invalid"
    user.first_name, user.last_name, user.handle, user.avatar.name = FORMER_MEMBER, "", None, ""
    user.user_type = UserType.BOTH
    user.set_unusable_password()
    user.email_verified_at = user.identity_verified_at = user.last_login = None
    user.city = user.country = ""
    user.location = user.public_location = None
    user.time_zone, user.language = "UTC", "en"
    user.is_available = user.is_active = False
    user.deactivated_at, user.erased_at = None, timezone.now()
    user.save()
