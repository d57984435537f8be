"""Who is at the door."""

from django.contrib.auth.backends import AllowAllUsersModelBackend
from django.contrib.auth.models import update_last_login

from accounts.errors import account_deactivated, wrong_credentials
from accounts.models import User
from accounts.services import audit
from accounts.services.closing import reactivate
from accounts.services.limits import forgive_sign_in, limit_sign_in
from accounts.services.sessions import open_api_session
from accounts.tokens import Pair


def check_credentials(*, email: str, password: str, come_back: bool = False) -> User:
    """The active person with this address and password; NotSignedIn, or TooMany after ten failures in five minutes.

    An unknown address costs the same time as a known one: a password is hashed in either case. An account that the
    person closed opens again with `come_back`, and is Forbidden `account_deactivated` without.
    """
    address = User.objects.normalize(email)
    limit_sign_in(address)
    user = AllowAllUsersModelBackend().authenticate(None, username=address, password=password)
    if not isinstance(user, User) or not (user.is_active or user.deactivated_at):
        audit.record(None, "person.failed_sign_in", address=audit.fingerprint(address))
        raise wrong_credentials()
    forgive_sign_in(address)
    if user.is_active:
        return user
    if not come_back:
        raise account_deactivated()
    return reactivate(user)


def sign_in(*, email: str, password: str, reactivate: bool = False) -> Pair:
    """Over the API: a new session and its first pair of tokens."""
    user = check_credentials(email=email, password=password, come_back=reactivate)
    update_last_login(User, user)
    audit.record(user, "person.signed_in", user, by="api")
    return open_api_session(user)
