"""Who is at the door."""

from typing import Any, NamedTuple

from django.contrib.auth.backends import AllowAllUsersModelBackend
from django.contrib.auth.models import update_last_login
from rest_framework_simplejwt.exceptions import TokenError

from accounts import tokens
from accounts.errors import account_deactivated, bad_two_factor_token, wrong_credentials
from accounts.models import User
from accounts.rules import SecondFactor
from accounts.services import audit
from accounts.services.closing import reactivate
from accounts.services.limits import forgive_sign_in, limit_sign_in
from accounts.services.passkeys import check_passkey
from accounts.services.second_factors import check_code, has_second_factor
from accounts.services.sessions import open_api_session


class Known(NamedTuple):
    """Somebody whose password was right. With a `two_factor_token`, the second factor is still to be shown."""

    user: User
    two_factor_token: str = ""


class SignedIn(NamedTuple):
    """Somebody who has shown everything that is asked for; `second_factor`: what besides the password."""

    user: User
    second_factor: SecondFactor


def check_credentials(*, email: str, password: str, come_back: bool = False) -> User:
    """The person with this address and password; NotSignedIn, or TooMany after ten failures in five minutes.

    An unknown address costs the same time as a known one: a password is hashed in either case. An account that its
    owner closed is Forbidden `account_deactivated`, unless they want to `come_back`.
    """
    address = User.objects.normalize(email)
    limit_sign_in(address)
    user = AllowAllUsersModelBackend().authenticate(None, username=address, password=password)
    if not isinstance(user, User) or not user.may_sign_in:
        audit.record_failed_sign_in(address)
        raise wrong_credentials()
    forgive_sign_in(address)
    if not user.is_active and not come_back:
        raise account_deactivated()
    return user


def begin_sign_in(*, email: str, password: str, come_back: bool = False) -> Known:
    """The first of the two steps, or the only one. A closed account opens again once everything was shown."""
    user = check_credentials(email=email, password=password, come_back=come_back)
    if has_second_factor(user):
        return Known(user, tokens.issue_two_factor(user))
    return Known(_opened(user))


def finish_sign_in(*, two_factor_token: str, code: str) -> SignedIn:
    """The second step: a code of the app or a backup code. Invalid when it is wrong; the token then stays good."""
    try:
        claim = tokens.read_two_factor(two_factor_token)
    except TokenError as error:
        raise bad_two_factor_token() from error
    user = User.objects.filter(pk=claim.user_id).first()
    if user is None or not user.may_sign_in:
        raise bad_two_factor_token()
    kind = check_code(user, code)
    if not tokens.use_up(claim):
        raise bad_two_factor_token()
    return SignedIn(_opened(user), kind)


def sign_in_by_passkey(*, credential: dict[str, Any]) -> SignedIn:
    """Both steps at once: the device had its owner unlock it."""
    user = check_passkey(credential).user
    return SignedIn(user, SecondFactor.PASSKEY)


def open_api(user: User, *, second_factor: str = "") -> tokens.Pair:
    """A new session over the API and its first pair of tokens."""
    update_last_login(User, user)
    audit.record(user, "person.signed_in", user, by="api", second_factor=second_factor)
    return open_api_session(user, second_factor=second_factor)


def _opened(user: User) -> User:
    return user if user.is_active else reactivate(user)
