"""What people do with their account."""

from accounts.services.address import confirm_email_change, request_email_change, send_email_change
from accounts.services.clean_up import clean_up
from accounts.services.closing import deactivate, reactivate
from accounts.services.confirmation import confirm, require_confirmed
from accounts.services.erasure import deletion_ties, erase_account
from accounts.services.export import make_export, request_export
from accounts.services.identity import decide_identity, submit_identity
from accounts.services.passwords import change_password, forgot_password, reset_password, send_password_reset
from accounts.services.profiles import (
    clear_place,
    count_finished_job,
    find_category,
    find_skills,
    set_availability,
    set_place,
    update_person,
)
from accounts.services.registration import (
    add_person,
    register,
    resend_verification,
    resend_verification_now,
    send_verification,
    verify_email,
)
from accounts.services.sessions import (
    end_browser_session,
    end_other_sessions,
    end_session,
    end_session_of_token,
    move_browser_session,
    open_browser_session,
    refresh,
)
from accounts.services.signing_in import check_credentials, sign_in
from accounts.services.staff_rights import set_staff_groups
from accounts.services.standing import appeal, decide_appeal, lift_suspension, suspend

__all__ = [
    "add_person",
    "appeal",
    "change_password",
    "check_credentials",
    "clean_up",
    "clear_place",
    "confirm",
    "confirm_email_change",
    "count_finished_job",
    "deactivate",
    "decide_appeal",
    "decide_identity",
    "deletion_ties",
    "end_browser_session",
    "end_other_sessions",
    "end_session",
    "end_session_of_token",
    "erase_account",
    "find_category",
    "find_skills",
    "forgot_password",
    "lift_suspension",
    "make_export",
    "move_browser_session",
    "open_browser_session",
    "reactivate",
    "refresh",
    "register",
    "request_email_change",
    "request_export",
    "require_confirmed",
    "resend_verification",
    "resend_verification_now",
    "reset_password",
    "send_email_change",
    "send_password_reset",
    "send_verification",
    "set_availability",
    "set_place",
    "set_staff_groups",
    "sign_in",
    "submit_identity",
    "suspend",
    "update_person",
    "verify_email",
]
