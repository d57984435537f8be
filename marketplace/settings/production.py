"""Production: refuses to start without its secrets; HTTPS only."""

from marketplace.settings import env
from marketplace.settings.base import *  # noqa: F403 - a settings variant is its base plus differences
from marketplace.settings.base import (
    JWT_KEYS,
    OUTGOING_ALLOW_LOCAL,
    PAYPAL_API_BASE,
    SECRET_KEY,
    STRIPE_API_BASE,
)

if len(SECRET_KEY) < 50:
    raise env.ImproperlyConfigured("SECRET_KEY must be at least 50 characters in production.")
if any(len(secret) < 32 for secret in JWT_KEYS.values()):
    raise env.ImproperlyConfigured("Every secret in JWT_KEYS must have at least 32 characters in production.")
if STRIPE_API_BASE:
    raise env.ImproperlyConfigured("STRIPE_API_BASE points at a stand-in; unset it in production.")
if PAYPAL_API_BASE not in {"https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"}:
    raise env.ImproperlyConfigured("PAYPAL_API_BASE points at a stand-in; unset it in production.")
if OUTGOING_ALLOW_LOCAL:
    raise env.ImproperlyConfigured("OUTGOING_ALLOW_LOCAL opens this machine to webhooks; unset it in production.")

DEMO = False
SITE_URL = env.text("SITE_URL")
METRICS_TOKEN = env.text("METRICS_TOKEN")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or [env.text("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^api/health/"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-guildhall_session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-guildhall_csrf"
EMAIL_BACKEND = "django_ses.SESBackend"
AWS_SES_REGION_NAME = env.text("AWS_REGION", "eu-west-1")
AWS_SES_REGION_ENDPOINT = env.text("AWS_SES_ENDPOINT", f"email.{AWS_SES_REGION_NAME}.amazonaws.com")
