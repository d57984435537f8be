"""How the settings read their environment."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from marketplace.settings import base, env


@pytest.mark.parametrize("text", ["newest", "newest:", ":secret", "a:b,c"])
def test_a_malformed_list_of_keys_stops_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("JWT_KEYS", text)
    with pytest.raises(ImproperlyConfigured):
        env.keys("JWT_KEYS")


def test_the_list_of_keys_keeps_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_KEYS", "newest:one:two, older:three")
    assert list(env.keys("JWT_KEYS").items()) == [("newest", "one:two"), ("older", "three")]


@pytest.mark.parametrize("text", ["DE", "DE:", "DE:19%", "DE:19.5", "DE:-1", "DE:10001"])
def test_a_rate_of_tax_is_whole_basis_points(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TAX_RATE_BPS", text)
    with pytest.raises(ImproperlyConfigured):
        env.rates("TAX_RATE_BPS")


def test_rates_of_tax_by_country(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAX_RATE_BPS", "DE:1900, FR:2000")
    assert env.rates("TAX_RATE_BPS") == {"DE": 1900, "FR": 2000}
    monkeypatch.setenv("TAX_RATE_BPS", "")
    assert env.rates("TAX_RATE_BPS") == {}


def test_passwords_are_hashed_by_argon2_and_those_of_bcrypt_are_accepted() -> None:
    assert [name.rpartition(".")[2] for name in base.PASSWORD_HASHERS] == [
        "Argon2PasswordHasher",
        "BCryptSHA256PasswordHasher",
        "BCryptPasswordHasher",
    ]
