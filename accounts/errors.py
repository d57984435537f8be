"""Refusals of signing in, and of new accounts that are too quick."""

from core.errors import DomainError, Forbidden, Invalid, TooMany


class NotSignedIn(DomainError):
    """401: the credentials or the token are not (or no longer) good."""

    status = 401
    code = "not_authenticated"
    message = "Sign in first."


def wrong_credentials() -> NotSignedIn:
    """The same words whether the address is unknown, the password wrong or the account closed by staff."""
    return NotSignedIn("invalid_credentials", "That e-mail and password do not go together.")


def bad_refresh_token() -> NotSignedIn:
    return NotSignedIn("token_not_valid", "This refresh token is not valid (any more). Sign in again.")


def account_deactivated() -> Forbidden:
    """Only said to somebody who knows the password."""
    return Forbidden(
        "account_deactivated", 'You closed this account. To open it again, sign in once more with "reactivate": true.'
    )


def bad_two_factor_token() -> NotSignedIn:
    return NotSignedIn("token_not_valid", "That took too long, or was done already. Sign in again.")


def bad_passkey() -> NotSignedIn:
    return NotSignedIn("passkey_refused", "This passkey was not accepted. Try again, or use another way to sign in.")


def wrong_code() -> Invalid:
    return Invalid("invalid_code", "This code is not right.", fields={"code": ["This code is not right, or was used."]})


def not_confirmed() -> Forbidden:
    return Forbidden(
        "reauthentication_required", "Confirm that it is you first: your last sign-in is more than 15 minutes ago."
    )


class NewAccountLimit(TooMany):
    """A code of its own: clients try again by themselves after "throttled", and this takes hours."""

    code = "new_account_limit"
