"""Tests: real PostgreSQL and Redis, cheap password hashes, mail in memory."""

from pathlib import Path

from marketplace.settings import env

env.load_defaults(Path(__file__).resolve().parents[2] / ".local" / "env")

from marketplace.settings.base import *  # noqa: E402, F403 - a settings variant is its base plus differences
from marketplace.settings.base import LOCAL_DIR, MIDDLEWARE  # noqa: E402

ALLOWED_HOSTS = ["*"]
DEMO = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = str(LOCAL_DIR / "test-media")
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
RATE_LIMIT_FACTOR = 1000
LOGGING = {"format": "console", "level": "WARNING"}
