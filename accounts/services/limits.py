"""How often one may try."""

from contextlib import suppress

from accounts.errors import NewAccountLimit
from accounts.models import User
from accounts.rules import (
    CODE_TRIES,
    LETTER_SECONDS,
    LETTER_TRIES,
    REGISTRATION_SECONDS,
    REGISTRATIONS,
    SIGN_IN_SECONDS,
    SIGN_IN_TRIES,
)
from accounts.selectors import rules_while_new
from core.caller import current_caller
from core.errors import TooMany, Unavailable, in_words
from core.throttling import allow, give_back

HOUR = 60 * 60
DAY = 24 * HOUR


def limit_sign_in(email: str) -> None:
    """Ten tries in five minutes for a person, and for an address that tries several people."""
    for scope, who in _sign_in_counters(email):
        _count(scope, who, limit=SIGN_IN_TRIES, seconds=SIGN_IN_SECONDS)


def forgive_sign_in(email: str) -> None:
    """Only failures count: an office behind one address may sign in as often as it has people."""
    for scope, who in _sign_in_counters(email):
        give_back(scope, who, seconds=SIGN_IN_SECONDS)


def limit_password_change(user_id: int) -> None:
    _count("password-change", str(user_id), limit=SIGN_IN_TRIES, seconds=SIGN_IN_SECONDS)


def limit_codes(user_id: int) -> None:
    """Five wrong second factors in five minutes, and twenty in an hour."""
    for limit, seconds in CODE_TRIES:
        _count(f"code-{seconds}", str(user_id), limit=limit, seconds=seconds)


def forgive_codes(user_id: int) -> None:
    """Only failures count."""
    for _limit, seconds in CODE_TRIES:
        give_back(f"code-{seconds}", str(user_id), seconds=seconds)


def limit_registration() -> None:
    """Commands and jobs have no address, and no limit."""
    if address := current_caller.get().address:
        _count("registration", address, limit=REGISTRATIONS, seconds=REGISTRATION_SECONDS)


def limit_letters(email: str) -> None:
    """Nobody can have a mailbox flooded by us, or have us write to many."""
    for scope, who in (("letter-to", email), ("letter-from", current_caller.get().address)):
        _count(scope, who, limit=LETTER_TRIES, seconds=LETTER_SECONDS)


def limit_new_proposals(user: User) -> None:
    """NewAccountLimit when a new account has sent as many as it may today. Called once nothing else refuses it."""
    if rules := rules_while_new(user):
        _count_new(user, "proposals", limit=rules.new_account_proposals, seconds=DAY, per="a day")


def limit_new_messages(user: User) -> None:
    """The same for messages to people with whom one has no contract or gig."""
    if rules := rules_while_new(user):
        _count_new(user, "messages", limit=rules.new_account_messages, seconds=HOUR, per="an hour")


def _count_new(user: User, what: str, *, limit: int, seconds: int, per: str) -> None:
    with suppress(Unavailable):  # this slows down the eager; nothing is guessed or paid here
        if wait := allow(f"new-account-{what}", str(user.pk), limit=limit, seconds=seconds):
            why = f"Your account is new, so {what} are limited to {limit} {per}."
            raise NewAccountLimit(wait, f"{why} Try again in {in_words(wait)}.")


def _sign_in_counters(email: str) -> list[tuple[str, str]]:
    return [("sign-in-person", email), ("sign-in-address", current_caller.get().address)]


def _count(scope: str, who: str, *, limit: int, seconds: int) -> None:
    if wait := allow(scope, who, limit=limit, seconds=seconds):
        raise TooMany(wait)
