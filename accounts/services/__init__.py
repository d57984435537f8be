"""What people do with their account."""

from accounts.services.api_keys import create_api_key, revoke_api_key, revoke_api_key_as_staff, send_api_key_created
from accounts.services.api_usage import usage_of, write_usage
from accounts.services.clean_up import clean_up
from accounts.services.confirmation import require_confirmed
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
    request_email_change,
    resend_verification,
    resend_verification_now,
    send_email_change,
    send_verification,
    verify_email,
)
from accounts.services.sessions import (
    end_browser_session,
    end_other_sessions,
    end_session,
    end_session_of_token,
    find_browser_session,
    move_browser_session,
    open_browser_session,
    refresh,
)
from accounts.services.signing_in import check_credentials, sign_in

__all__ = [
    "add_person",
    "change_password",
    "check_credentials",
    "clean_up",
    "clear_place",
    "count_finished_job",
    "create_api_key",
    "end_browser_session",
    "end_other_sessions",
    "end_session",
    "end_session_of_token",
    "find_browser_session",
    "find_category",
    "find_skills",
    "forgot_password",
    "move_browser_session",
    "open_browser_session",
    "refresh",
    "register",
    "request_email_change",
    "require_confirmed",
    "resend_verification",
    "resend_verification_now",
    "reset_password",
    "revoke_api_key",
    "revoke_api_key_as_staff",
    "send_api_key_created",
    "send_email_change",
    "send_password_reset",
    "send_verification",
    "set_availability",
    "set_place",
    "sign_in",
    "update_person",
    "usage_of",
    "verify_email",
    "write_usage",
]
