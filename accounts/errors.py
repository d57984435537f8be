"""Refusals of signing in."""

from core.errors import DomainError, Forbidden


class NotSignedIn(DomainError):
    """401: the credentials or the token are not (or no longer) good."""

    status = 401
    code = "not_authenticated"
    message = "Sign in first."


def wrong_credentials() -> NotSignedIn:
    """The same words whether the address is unknown, the password wrong or the account closed."""
    return NotSignedIn("invalid_credentials", "That e-mail and password do not go together.")


def bad_refresh_token() -> NotSignedIn:
    return NotSignedIn("token_not_valid", "This refresh token is not valid (any more). Sign in again.")


def account_deactivated() -> Forbidden:
    """Only said to somebody who knows the password."""
    return Forbidden(
        "account_deactivated", 'You closed this account. To open it again, sign in once more with "reactivate": true.'
    )
