"""Django settings of the process that `test_djstripe` runs: dj-stripe alone, on a database in memory."""

import os

from .process import SECRET_KEY as STRIPE_TEST_SECRET_KEY

ALLOWED_HOSTS = ["testserver"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "djstripe"]
# Tables are made straight from the models: dj-stripe's migrations take most of a minute.
MIGRATION_MODULES = {"contenttypes": None, "auth": None, "djstripe": None}
ROOT_URLCONF = "djstripe.urls"
SECRET_KEY = "only for this test"
USE_TZ = True

DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
STRIPE_API_HOST = os.environ["STANDIN_ADDRESS"]
STRIPE_LIVE_MODE = False

__all__ = ["STRIPE_TEST_SECRET_KEY"]
