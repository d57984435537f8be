"""Development: the stand-ins of `.local`, mail written to files, demo conveniences."""

from pathlib import Path

from marketplace.settings import env

env.load_defaults(Path(__file__).resolve().parents[2] / ".local" / "env")

from marketplace.settings.base import *  # noqa: E402, F403 - a settings variant is its base plus differences
from marketplace.settings.base import INSTALLED_APPS, LOCAL_DIR, MIDDLEWARE, STORAGES, TEMPLATES  # noqa: E402

DEBUG = True
DEMO = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *env.words("ALLOWED_HOSTS")]
INSTALLED_APPS = ["daphne", *INSTALLED_APPS]  # daphne's runserver also serves sockets
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise")]
TEMPLATE_LOADERS = [  # not cached: an edited template shows at once
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    TEMPLATES[0] | {"APP_DIRS": False, "OPTIONS": TEMPLATES[0]["OPTIONS"] | {"loaders": TEMPLATE_LOADERS}},
]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
OUTGOING_ALLOW_LOCAL = env.flag("OUTGOING_ALLOW_LOCAL", default=True)
EMAIL_BACKEND = "core.mail.EmlFileBackend"
EMAIL_FILE_PATH = env.text("MAIL_DIR", str(LOCAL_DIR / "mail"))
RATE_LIMIT_FACTOR = env.number("RATE_LIMIT_FACTOR", 100)
LOGGING = {"format": env.text("LOG_FORMAT", "console"), "level": env.text("LOG_LEVEL", "INFO")}
