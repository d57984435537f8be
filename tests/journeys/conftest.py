"""People who come to the served site from outside."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.fixtures.served_site import ServedSite, text_of
from tests.journeys.bank import Bank
from tests.journeys.outside import PATIENCE, Person

PASSWORD = "a-long-enough-pass-phrase"
numbers = itertools.count(1)

Join = Callable[..., Person]


@pytest.fixture(scope="module")
def arrive(served_site: ServedSite) -> Iterator[Callable[[str], Person]]:
    """Somebody without an account yet."""
    with ExitStack() as stack:

        def newcomer(name: str) -> Person:
            http = stack.enter_context(httpx.Client(base_url=served_site.url, timeout=PATIENCE))
            email = f"{name.lower()}{next(numbers)}@journeys.example"
            return Person(http, served_site.sockets_url, email, PASSWORD)

        yield newcomer


@pytest.fixture(scope="module")
def join(served_site: ServedSite, arrive: Callable[[str], Person]) -> Join:
    """Somebody who has registered, confirmed the address by the mailed link and signed in."""

    def newcomer(name: str, user_type: str = "both") -> Person:
        person = arrive(name)
        body = {"email": person.email, "password": PASSWORD, "first_name": name, "last_name": "Miller"}
        account = person.post("/api/auth/register", body | {"user_type": user_type}, 201)
        assert account["email"] == person.email and account["email_verified"] is False
        person.post("/api/auth/verify-email", {"token": mailed_token(served_site, person.email)})
        return person.sign_in()

    return newcomer


def mailed_token(site: ServedSite, email: str) -> str:
    letter = text_of(site.mail_to(email, containing="token="))
    found = re.search(r"token=([\w:.~-]+)", letter)
    assert found, letter
    return found[1]


@pytest.fixture(scope="module")
def bank(join: Join) -> Iterator[Bank]:
    bank = Bank.of(join("Anybody"))
    yield bank
    bank.close()
