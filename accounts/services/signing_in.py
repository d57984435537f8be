"""Who is at the door."""

from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login

from accounts.errors import wrong_credentials
from accounts.models import User
from accounts.services import audit
from accounts.services.limits import forgive_sign_in, limit_sign_in
from accounts.services.sessions import open_api_session
from accounts.tokens import Pair


def check_credentials(*, email: str, password: str) -> User:
    """The active person with this address and password; NotSignedIn, or TooMany after ten failures in five minutes.

    An unknown address costs the same time as a known one: a password is hashed in either case.
    """
    address = User.objects.normalize(email)
    limit_sign_in(address)
    user = authenticate(username=address, password=password)
    if user is None:
        audit.record_failed_sign_in(address)
        raise wrong_credentials()
    forgive_sign_in(address)
    return user


def sign_in(*, email: str, password: str) -> Pair:
    """Over the API: a new session and its first pair of tokens."""
    user = check_credentials(email=email, password=password)
    update_last_login(User, user)
    audit.record(user, "person.signed_in", user, by="api")
    return open_api_session(user)
