"""Settings shared by every environment. Safe as it stands: debug off, no host, no secret."""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, SELF
from django.templatetags.static import static
from django.urls import reverse_lazy

from marketplace.settings import env

BASE_DIR = Path(__file__).resolve().parents[2]
LOCAL_DIR = BASE_DIR / ".local"

# --- Site ---------------------------------------------------------------------------------------

SITE_NAME = "Guildhall"
DEMO = False  # demo people and conveniences; never in production
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000")
DEBUG = False
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
ASGI_APPLICATION = "marketplace.asgi.application"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "core.console.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "django.contrib.gis",
    "corsheaders",
    "csp",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "djstripe",
    "core",
    "accounts",
    "notifications",
    "payments",
    "chat",
    "projects",
    "gigs",
    "contracts",
    "reviews",
    "analytics",
    "marketplace",
]

MIDDLEWARE = [
    "core.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "marketplace.middleware.ContentPolicyMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.ApiLimitMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.DoorMiddleware",
    "accounts.middleware.SignInMiddleware",
    "accounts.middleware.PersonalSettingsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.PageErrorMiddleware",
    "core.middleware.BodyLimitMiddleware",
    "core.middleware.PathMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "marketplace.context.site",
            ],
            "builtins": ["core.templatetags.ui"],
        },
    },
]

# --- Data ---------------------------------------------------------------------------------------

DATABASES = {
    "default": env.database("DATABASE_URL")
    | {"CONN_MAX_AGE": env.number("DATABASE_CONN_MAX_AGE", 600), "CONN_HEALTH_CHECKS": True}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_MODULES = {"djstripe": "marketplace.djstripe_migrations"}  # its own history takes most of a minute to run
REDIS_URL = env.text("REDIS_URL")
CACHES = {"default": {"BACKEND": "core.cache.Cache", "LOCATION": REDIS_URL}}
CHANNEL_PREFIX = "guildhall"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": CHANNEL_PREFIX},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# --- People and sign-in -------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = reverse_lazy("accounts:sign-in")
LOGIN_REDIRECT_URL = reverse_lazy("dashboard")
LOGOUT_REDIRECT_URL = reverse_lazy("home")
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=1).total_seconds())
EMAIL_VERIFICATION_TIMEOUT = int(timedelta(days=3).total_seconds())
ACCESS_TOKEN_LIFETIME = timedelta(minutes=30)
REFRESH_TOKEN_LIFETIME = timedelta(days=7)
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": ACCESS_TOKEN_LIFETIME,
    "REFRESH_TOKEN_LIFETIME": REFRESH_TOKEN_LIFETIME,
    "AUDIENCE": "guildhall",
    "ISSUER": "guildhall",
    "UPDATE_LAST_LOGIN": False,
}
# The first key signs, all of them verify.
JWT_KEYS = env.keys("JWT_KEYS") or {"main": env.text("JWT_SIGNING_KEY", "") or SECRET_KEY}
OTP_TOTP_ISSUER = SITE_NAME
OTP_TOTP_THROTTLE_FACTOR = 0  # accounts.services.limits counts wrong codes

# --- Cookies and headers ------------------------------------------------------------------------

SESSION_COOKIE_NAME = "guildhall_session"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "guildhall_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CORS_ALLOWED_ORIGINS = env.words("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/api(/|$)"
CORS_EXPOSE_HEADERS = ["X-Request-ID", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "x-api-key", "x-request-id"]

# --- Outside services ---------------------------------------------------------------------------

STRIPE_API_BASE = env.text("STRIPE_API_BASE", "")  # empty: the real Stripe
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY")
STRIPE_PUBLISHABLE_KEY = env.text("STRIPE_PUBLISHABLE_KEY")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET")
STRIPE_CONNECT_WEBHOOK_SECRET = env.text("STRIPE_CONNECT_WEBHOOK_SECRET", "")
STRIPE_JS_URL = env.text("STRIPE_JS_URL", "https://js.stripe.com/v3/")
STRIPE_LIVE_MODE = STRIPE_SECRET_KEY.startswith("sk_live_")
STRIPE_LIVE_SECRET_KEY = STRIPE_SECRET_KEY if STRIPE_LIVE_MODE else ""
STRIPE_TEST_SECRET_KEY = "" if STRIPE_LIVE_MODE else STRIPE_SECRET_KEY
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
DJSTRIPE_SUBSCRIBER_MODEL = AUTH_USER_MODEL
if STRIPE_API_BASE:
    STRIPE_API_HOST = STRIPE_API_BASE

# Offered when there is a client id; then the rest is needed too.
PAYPAL_CLIENT_ID = env.text("PAYPAL_CLIENT_ID", "")
PAYPAL_SECRET = env.text("PAYPAL_SECRET") if PAYPAL_CLIENT_ID else ""
PAYPAL_WEBHOOK_ID = env.text("PAYPAL_WEBHOOK_ID") if PAYPAL_CLIENT_ID else ""
PAYPAL_API_BASE = env.text("PAYPAL_API_BASE", "") or "https://api-m.paypal.com"
PAYPAL_LIVE_MODE = PAYPAL_API_BASE == "https://api-m.paypal.com"

TILE_URL = env.text("TILE_URL", "")  # empty: maps are drawn without tiles
TILE_ATTRIBUTION = env.text("TILE_ATTRIBUTION", "")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Guildhall <hello@guildhall.example>")
OUTGOING_ALLOW_LOCAL = env.flag("OUTGOING_ALLOW_LOCAL", default=False)

# Files in a bucket, when there is one.
S3_BUCKET = env.text("S3_BUCKET", "")
S3_REGION = env.text("S3_REGION", "eu-west-1")
S3_ENDPOINT_URL = env.text("S3_ENDPOINT_URL", "")  # empty: Amazon's
_BUCKET_URL = (
    f"{S3_ENDPOINT_URL}/{S3_BUCKET}" if S3_ENDPOINT_URL else f"https://{S3_BUCKET}.s3.{S3_REGION}.amazonaws.com"
)
S3_PUBLIC_URL = env.text("S3_PUBLIC_URL", _BUCKET_URL)

# Where people approve a payment: browsers follow a form's redirect only to places that the policy names.
_PAYPAL_PAGES = PAYPAL_API_BASE.replace("https://api-m.", "https://www.")
_STRIPE_ORIGIN = "/".join(STRIPE_JS_URL.split("/")[:3])
_TILE_ORIGINS = ["/".join(TILE_URL.split("/")[:3]).replace("{s}", "*")] if TILE_URL else []
_FILE_ORIGINS = ["/".join(url.split("/")[:3]) for url in (_BUCKET_URL, S3_PUBLIC_URL)] if S3_BUCKET else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE, _STRIPE_ORIGIN],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", *_TILE_ORIGINS, *_FILE_ORIGINS],
        "font-src": [SELF],
        "connect-src": [SELF, _STRIPE_ORIGIN, "https://api.stripe.com"],
        "frame-src": [_STRIPE_ORIGIN, "https://hooks.stripe.com"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF, *([_PAYPAL_PAGES] if PAYPAL_CLIENT_ID else [])],
        "frame-ancestors": ["'none'"],
    }
}

# --- API ----------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.formats.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.formats.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.pagination.PagePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "core.openapi.Schema",
    "EXCEPTION_HANDLER": "core.api.exception_handler",
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Guildhall API",
    "DESCRIPTION": "Hire for remote projects and local gigs, hold and release funds, chat and review.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": r"/api",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "/static/icons/icon-32.png",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.openapi.share_parts",
        "marketplace.api_words.add_words",
    ],
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "ProjectStatus": "projects.rules.ProjectStatus",
        "ProposalStatus": "projects.rules.ProposalStatus",
        "ContractStatus": "contracts.rules.ContractStatus",
        "MilestoneStatus": "contracts.rules.MilestoneStatus",
        "TimesheetStatus": "contracts.rules.time.TimesheetStatus",
        "ContractKind": "contracts.rules.time.ContractKind",
        "ChangeKind": "contracts.rules.ChangeKind",
        "ChangeStatus": "contracts.rules.ChangeStatus",
        "RefundRequestStatus": "contracts.rules.RefundRequestStatus",
        "DisputeStatus": "contracts.rules.DisputeStatus",
        "DisputeReason": "contracts.rules.DisputeReason",
        "GigStatus": "gigs.rules.GigStatus",
        "NoShowStatus": "gigs.rules.NoShowStatus",
        "GigSide": "gigs.rules.Side",
        "MessageStatus": "chat.rules.MessageStatus",
        "PaymentStatus": "payments.rules.PaymentStatus",
        "HoldStatus": "payments.rules.HoldStatus",
        "EntryKind": "accounts.rules.EntryKind",
    },
}
RATE_LIMIT_FACTOR = env.number("RATE_LIMIT_FACTOR", 1)
API_LIMITS = {  # calls a minute, times RATE_LIMIT_FACTOR; `address` is for all who sign in from one
    "person": {"read": 600, "search": 120, "write": 120},
    "key": {"read": 300, "search": 60, "write": 60},
    "stranger": {"read": 120, "search": 40, "write": 30},
    "address": {"read": 3000, "search": 600, "write": 600},
}
API_MAX_BODY_BYTES = 1_000_000
TRUST_PROXY_ADDRESS = env.flag("TRUST_PROXY_ADDRESS", default=False)
METRICS_TOKEN = env.text("METRICS_TOKEN", "")

# --- Files --------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = env.text("STATIC_ROOT", str(LOCAL_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.text("MEDIA_ROOT", str(LOCAL_DIR / "media"))
MEDIA_URL = "/media/"
_DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
_BUCKET = {
    "BACKEND": "core.storage.BucketStorage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "region_name": S3_REGION,
        "endpoint_url": S3_ENDPOINT_URL or None,
        "access_key": env.text("S3_ACCESS_KEY_ID", "") or None,  # none: those of the machine's role
        "secret_key": env.text("S3_SECRET_ACCESS_KEY", "") or None,
        "public_url": S3_PUBLIC_URL,
    },
}
STORAGES = {
    "default": _BUCKET if S3_BUCKET else _DISK,
    "staticfiles": {"BACKEND": "marketplace.staticfiles.FoldedStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
X_ACCEL_PREFIX = env.text(
    "X_ACCEL_PREFIX", ""
)  # the front server's internal path of MEDIA_ROOT, with a slash at its end
UPLOAD_MAX_BYTES = 10 * 1024 * 1024
REQUEST_MAX_BYTES = 12 * 1024 * 1024  # as the front server has it: an upload and its form
UPLOAD_MAX_PIXELS = 40_000_000

# --- Language, time -----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "marketplace.formats"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- The platform as a business; its fee, limits and days are accounts.MarketplaceRules, in the console --------------

DEFAULT_CURRENCY = "USD"
# On receipts and invoices. Prices and fees include the tax; its rate goes by the country of who is charged.
PLATFORM_NAME = env.text("PLATFORM_NAME", "Guildhall")
PLATFORM_ADDRESS = env.text("PLATFORM_ADDRESS", "")
PLATFORM_TAX_ID = env.text("PLATFORM_TAX_ID", "")
TAX_RATE_BPS = env.rates("TAX_RATE_BPS")

# --- Jobs and logs ------------------------------------------------------------------------------

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PROCRASTINATE_ON_APP_READY = "core.jobs.connect"
LOG_FORMAT = env.text("LOG_FORMAT", "json")
LOGGING_CONFIG = "core.logs.configure"
LOGGING = {"format": LOG_FORMAT, "level": env.text("LOG_LEVEL", "INFO")}

SILENCED_SYSTEM_CHECKS = [
    "gis.W001",  # Debian's GDAL is older; we take plain coordinates from people, never spatial references
    "djstripe.W002",  # STRIPE_API_HOST is the stand-in's, and production settings refuse it
    "djstripe.W004",  # the webhook endpoint is ours (payments.webhooks), not dj-stripe's
]

# --- Staff console ------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Guildhall",
    "SITE_HEADER": "Guildhall",
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("icons/icon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icons/icon.svg")},
    ],
    "SHOW_HISTORY": True,
    "COLORS": {
        "base": {  # the site's neutrals: paper and lines, muted ink, and the dark surfaces
            "50": "#fbfaf7",
            "100": "#f4f1ea",
            "200": "#e4e0d8",
            "300": "#d0cbc1",
            "400": "#a3adb5",
            "500": "#667078",
            "600": "#5b656d",
            "700": "#3a434a",
            "800": "#2d343a",
            "900": "#181c20",
            "950": "#101316",
        },
        "primary": {  # the site's spruce, from its lightest tint to its darkest shade
            "50": "#f0f7f3",
            "100": "#dcece3",
            "200": "#b9d9c8",
            "300": "#8cc0a5",
            "400": "#4cc38a",
            "500": "#43b07e",
            "600": "#1f6f4a",
            "700": "#14532d",
            "800": "#11452a",
            "900": "#0d3520",
            "950": "#072014",
        },
    },
    "DASHBOARD_CALLBACK": "analytics.dashboard.context",
    "STYLES": [lambda request: static("css/console.css")],
    "SCRIPTS": [lambda request: static("js/console.js")],
    "SIDEBAR": {"navigation": "analytics.dashboard.navigation"},
}
