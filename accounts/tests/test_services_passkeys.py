from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from accounts import services
from accounts.errors import NotSignedIn
from accounts.models import AuditEvent, AuthSession, Passkey, User
from accounts.rules import SecondFactor
from accounts.tests.authenticators import SoftKey
from accounts.tests.factories import AuthSessionFactory, UserFactory
from core.errors import Conflict, Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> AuthSession:
    return AuthSessionFactory.create()


@pytest.fixture
def key(session: AuthSession) -> SoftKey:
    """Registered for the person of `session`."""
    key = SoftKey()
    register(session, key)
    return key


def register(session: AuthSession, key: SoftKey, **wrong: Any) -> Passkey:
    question = services.begin_passkey(session.user, session)
    return services.add_passkey(session.user, name=" Desk key ", credential=key.create(question, **wrong))


def sign_in(key: SoftKey, **wrong: Any) -> User:
    return services.sign_in_by_passkey(credential=key.get(services.ask_for_passkey(), **wrong)).user


def test_a_passkey_signs_in_without_a_password(session: AuthSession, key: SoftKey) -> None:
    signed_in = services.sign_in_by_passkey(credential=key.get(services.ask_for_passkey()))
    assert (signed_in.user, signed_in.second_factor) == (session.user, SecondFactor.PASSKEY)
    passkey = Passkey.objects.get()
    assert (passkey.name, passkey.sign_count, passkey.transports) == ("Desk key", 1, ["usb"])
    assert passkey.last_used_at


def test_the_device_must_have_had_its_owner_unlock_it_and_be_found_without_a_name(session: AuthSession) -> None:
    question = services.begin_passkey(session.user, session)
    assert question["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert services.ask_for_passkey()["userVerification"] == "required"
    assert services.ask_for_passkey().get("allowCredentials", []) == []


@pytest.mark.parametrize("wrong", [{"verified": False}, {"origin": "https://evil.example"}], ids=str)
def test_a_wrong_answer_registers_nothing(session: AuthSession, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        register(session, SoftKey(), **wrong)
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("wrong", [{"verified": False}, {"origin": "https://evil.example"}, {"step": 0}], ids=str)
def test_a_wrong_answer_signs_nobody_in(key: SoftKey, wrong: dict[str, Any]) -> None:
    sign_in(key)
    with pytest.raises(NotSignedIn):
        sign_in(key, **wrong)
    sign_in(key)


def test_a_copied_key_is_noticed_by_its_counter(key: SoftKey) -> None:
    sign_in(key, step=5)
    with pytest.raises(NotSignedIn):
        sign_in(key, step=-1)


def test_an_answer_counts_once(session: AuthSession, key: SoftKey) -> None:
    answer = key.get(services.ask_for_passkey())
    services.sign_in_by_passkey(credential=answer)
    with pytest.raises(NotSignedIn):
        services.sign_in_by_passkey(credential=answer)
    created = SoftKey().create(services.begin_passkey(session.user, session))
    services.add_passkey(session.user, name="One", credential=created)
    with pytest.raises(Invalid):
        services.add_passkey(session.user, name="Two", credential=created)


def test_a_challenge_is_for_one_person_and_one_purpose(session: AuthSession, key: SoftKey) -> None:
    other = AuthSessionFactory.create()
    with pytest.raises(Invalid):
        services.add_passkey(
            other.user, name="Mine", credential=SoftKey().create(services.begin_passkey(session.user, session))
        )
    registering = services.begin_passkey(session.user, session)
    with pytest.raises(NotSignedIn):
        services.sign_in_by_passkey(credential=key.get({"rpId": "localhost", "challenge": registering["challenge"]}))
    with pytest.raises(NotSignedIn):
        services.sign_in_by_passkey(credential=key.get({"rpId": "localhost", "challenge": "Z3Vlc3NlZA"}))


def test_a_known_passkey_is_not_registered_twice_and_the_browser_is_told(session: AuthSession, key: SoftKey) -> None:
    assert len(services.begin_passkey(session.user, session)["excludeCredentials"]) == 1
    with pytest.raises(Invalid):
        register(AuthSessionFactory.create(), key)
    assert Passkey.objects.get().user == session.user


def test_an_unknown_passkey_a_foreign_handle_and_a_closed_account_are_refused_alike(
    session: AuthSession, key: SoftKey
) -> None:
    stranger = SoftKey()
    refusals = []
    for one, handle in ((stranger, b""), (key, b"person-0")):
        kept, one.handle = one.handle, handle
        with pytest.raises(NotSignedIn) as refusal:
            sign_in(one)
        refusals.append(refusal.value.message)
        one.handle = kept
    User.objects.update(is_active=False)
    with pytest.raises(NotSignedIn) as refusal:
        sign_in(key)
    assert {*refusals, refusal.value.message} == {refusals[0]}


@pytest.mark.parametrize(
    "credential",
    [
        {"response": {}},
        {"id": 1, "response": {"clientDataJSON": 2}},
        {"id": "a", "response": {"clientDataJSON": "!"}},
        {"id": "a", "response": {"clientDataJSON": "e30"}},
        {"id": "a", "response": {"clientDataJSON": "W10"}},
    ],
    ids=str,
)
def test_rubbish_is_refused_and_breaks_nothing(session: AuthSession, credential: dict[str, Any]) -> None:
    with pytest.raises(NotSignedIn):
        services.sign_in_by_passkey(credential=credential)
    with pytest.raises(Invalid):
        services.add_passkey(session.user, name="X", credential=credential)


def test_renaming_and_removing_ones_own_only(session: AuthSession, key: SoftKey) -> None:
    passkey, other = Passkey.objects.get(), AuthSessionFactory.create()
    with pytest.raises(NotFound):
        services.rename_passkey(other.user, passkey_id=passkey.pk, name="Mine")
    with pytest.raises(NotFound):
        services.remove_passkey(other.user, other, passkey_id=passkey.pk)
    assert services.rename_passkey(session.user, passkey_id=passkey.pk, name="Phone").name == "Phone"
    services.remove_passkey(session.user, session, passkey_id=passkey.pk)
    with pytest.raises(NotSignedIn):
        sign_in(key)


def test_twenty_are_enough(session: AuthSession) -> None:
    Passkey.objects.bulk_create(
        Passkey(user=session.user, name=str(n), credential_id=bytes([n]), public_key=b"x") for n in range(20)
    )
    with pytest.raises(Conflict):
        services.begin_passkey(session.user, session)


def test_changes_are_mailed_and_recorded(session: AuthSession, key: SoftKey, run_jobs: Callable[[], list[str]]) -> None:
    services.remove_passkey(session.user, session, passkey_id=Passkey.objects.get().pk)
    run_jobs()
    assert [letter.subject for letter in mail.outbox] == ["A passkey was added", "A passkey was removed"]
    assert all("Desk key" in letter.body for letter in mail.outbox)
    actions = AuditEvent.objects.filter(actor=session.user).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["passkey.added", "passkey.removed"]


def test_a_passkey_proves_who_one_is_but_not_who_somebody_else_is(session: AuthSession, key: SoftKey) -> None:
    services.confirm(session.user, session, credential=key.get(services.ask_for_passkey()))
    assert session.second_factor == SecondFactor.PASSKEY
    other = AuthSessionFactory.create(user=UserFactory.create())
    with pytest.raises(NotSignedIn):
        services.confirm(other.user, other, credential=key.get(services.ask_for_passkey()))


@pytest.mark.parametrize(
    ("address", "site", "origin"),
    [
        ("https://guildhall.example", "guildhall.example", "https://guildhall.example"),
        ("https://guildhall.example:8443/", "guildhall.example", "https://guildhall.example:8443"),
        ("http://127.0.0.1:8000", "localhost", "http://localhost:8000"),
    ],
)
def test_passkeys_belong_to_the_address_of_the_site(
    session: AuthSession, settings: Any, address: str, site: str, origin: str
) -> None:
    settings.SITE_URL = address
    key = SoftKey()
    question = services.begin_passkey(session.user, session)
    assert question["rp"]["id"] == site
    services.add_passkey(session.user, name="Key", credential=key.create(question, origin=origin))
