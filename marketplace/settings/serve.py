"""The production topology on one machine (`bin/serve`): production's way of serving, with the local stand-ins and no TLS."""

from pathlib import Path

from marketplace.settings import env

env.load_defaults(Path(__file__).resolve().parents[2] / ".local" / "env")

from marketplace.settings.base import *  # noqa: E402, F403 - a settings variant is its base plus differences
from marketplace.settings.base import LOCAL_DIR, MIDDLEWARE  # noqa: E402

DEMO = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *env.words("ALLOWED_HOSTS")]
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise")]  # the front server sends static files
EMAIL_BACKEND = "core.mail.EmlFileBackend"
EMAIL_FILE_PATH = env.text("MAIL_DIR", str(LOCAL_DIR / "mail"))
RATE_LIMIT_FACTOR = env.number("RATE_LIMIT_FACTOR", 100)
