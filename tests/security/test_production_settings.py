"""Production does not start without what it needs, nor with what belongs to development; and what it sets is strict."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A machine that has everything, and nothing else.
COMPLETE = {
    "SECRET_KEY": "k" * 60,
    "SITE_URL": "https://guildhall.example",
    "ALLOWED_HOSTS": "guildhall.example",
    "DATABASE_URL": "postgres://guildhall:secret@db.internal/guildhall",
    "REDIS_URL": "redis://redis.internal:6379/0",
    "STRIPE_SECRET_KEY": "sk_live_something",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_something",
    "STRIPE_WEBHOOK_SECRET": "whsec_something",
    "METRICS_TOKEN": "something-long",
}
SHOWN = (
    "DEBUG", "DEMO", "ALLOWED_HOSTS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_SECURE", "CSRF_COOKIE_SAMESITE", "CSRF_COOKIE_NAME", "CSRF_TRUSTED_ORIGINS", "CORS_ALLOWED_ORIGINS",
    "X_FRAME_OPTIONS", "SECURE_REFERRER_POLICY", "RATE_LIMIT_FACTOR", "STRIPE_LIVE_MODE", "EMAIL_BACKEND",
)  # fmt: skip
SHOW = (
    "import json; from django.conf import settings; settings.DEBUG; "
    f"print(json.dumps({{name: getattr(settings, name, None) for name in {SHOWN!r}}}))"
)


def started_with(**environment: str | None) -> subprocess.CompletedProcess[str]:
    """Production's settings read in a process of their own; None takes a variable away."""
    given = {name: value for name, value in (COMPLETE | environment).items() if value is not None}
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env=inherited | given | {"DJANGO_SETTINGS_MODULE": "marketplace.settings.production"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_it_does_not_start_without(name: str, value: str | None) -> None:
    done = started_with(**{name: value})
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert name in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "too-short"),
        ("STRIPE_API_BASE", "http://127.0.0.1:12111"),
        ("PAYPAL_API_BASE", "http://127.0.0.1:12112"),
        ("DATABASE_URL", "sqlite:///guildhall.db"),
        ("RATE_LIMIT_FACTOR", "many"),
    ],
)
def test_it_does_not_start_with(name: str, value: str) -> None:
    done = started_with(**{name: value})
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    tmp_path.joinpath("key").write_text("f" * 60 + "\n")
    assert started_with(SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "key")).returncode == 0


def test_what_it_sets_is_strict() -> None:
    done = started_with()
    assert done.returncode == 0, done.stderr
    settings = json.loads(done.stdout)
    assert settings == {
        "DEBUG": False,
        "DEMO": False,
        "ALLOWED_HOSTS": ["guildhall.example"],
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "__Host-guildhall_session",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": "__Host-guildhall_csrf",
        "CSRF_TRUSTED_ORIGINS": ["https://guildhall.example"],
        "CORS_ALLOWED_ORIGINS": [],
        "X_FRAME_OPTIONS": "DENY",
        "SECURE_REFERRER_POLICY": "same-origin",
        "RATE_LIMIT_FACTOR": 1,
        "STRIPE_LIVE_MODE": True,
        "EMAIL_BACKEND": "django_ses.SESBackend",
    }
