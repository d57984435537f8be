"""What people do with their account."""

from accounts.services.address import confirm_email_change, request_email_change, send_email_change
from accounts.services.api_keys import create_api_key, revoke_api_key, revoke_api_key_as_staff, send_api_key_created
from accounts.services.api_usage import usage_of, write_usage
from accounts.services.clean_up import clean_up
from accounts.services.closing import deactivate, reactivate
from accounts.services.confirming import confirm
from accounts.services.entries import add_entry, change_entry, remove_entry, take_entry_off
from accounts.services.erasure import deletion_ties, erase_account
from accounts.services.export import make_export, request_export
from accounts.services.handles import change_handle, check_handle, take_handle_away
from accounts.services.identity import decide_identity, submit_identity
from accounts.services.passkeys import (
    add_passkey,
    ask_for_passkey,
    begin_passkey,
    remove_passkey,
    rename_passkey,
    revoke_passkey_as_staff,
)
from accounts.services.passwords import (
    change_password,
    check_reset_token,
    forgot_password,
    reset_password,
    send_password_reset,
)
from accounts.services.places import clear_place, set_availability, set_place
from accounts.services.profiles import count_finished_job, find_category, find_skills, update_person
from accounts.services.recovery import reset_second_factor
from accounts.services.registration import (
    add_person,
    register,
    resend_verification,
    resend_verification_now,
    send_verification,
    verify_email,
)
from accounts.services.second_factors import (
    begin_second_factor,
    confirm_second_factor,
    disable_second_factor,
    has_second_factor,
    renew_backup_codes,
    resume_second_factor,
)
from accounts.services.sessions import (
    end_browser_session,
    end_every_session,
    end_other_sessions,
    end_session,
    end_session_of_token,
    move_browser_session,
    note_use,
    open_browser_session,
    refresh,
    require_confirmed,
)
from accounts.services.signing_in import begin_sign_in, check_credentials, finish_sign_in, open_api, sign_in_by_passkey
from accounts.services.staff_rights import set_staff_groups
from accounts.services.standing import appeal, decide_appeal, give_strike, lift_suspension, suspend

__all__ = [
    "add_entry",
    "add_passkey",
    "add_person",
    "appeal",
    "ask_for_passkey",
    "begin_passkey",
    "begin_second_factor",
    "begin_sign_in",
    "change_entry",
    "change_handle",
    "change_password",
    "check_credentials",
    "check_handle",
    "check_reset_token",
    "clean_up",
    "clear_place",
    "confirm",
    "confirm_email_change",
    "confirm_second_factor",
    "count_finished_job",
    "create_api_key",
    "deactivate",
    "decide_appeal",
    "decide_identity",
    "deletion_ties",
    "disable_second_factor",
    "end_browser_session",
    "end_every_session",
    "end_other_sessions",
    "end_session",
    "end_session_of_token",
    "erase_account",
    "find_category",
    "find_skills",
    "finish_sign_in",
    "forgot_password",
    "give_strike",
    "has_second_factor",
    "lift_suspension",
    "make_export",
    "move_browser_session",
    "note_use",
    "open_api",
    "open_browser_session",
    "reactivate",
    "refresh",
    "register",
    "remove_entry",
    "remove_passkey",
    "rename_passkey",
    "renew_backup_codes",
    "request_email_change",
    "request_export",
    "require_confirmed",
    "resend_verification",
    "resend_verification_now",
    "reset_password",
    "reset_second_factor",
    "resume_second_factor",
    "revoke_api_key",
    "revoke_api_key_as_staff",
    "revoke_passkey_as_staff",
    "send_api_key_created",
    "send_email_change",
    "send_password_reset",
    "send_verification",
    "set_availability",
    "set_place",
    "set_staff_groups",
    "sign_in_by_passkey",
    "submit_identity",
    "suspend",
    "take_entry_off",
    "take_handle_away",
    "update_person",
    "usage_of",
    "verify_email",
    "write_usage",
]
