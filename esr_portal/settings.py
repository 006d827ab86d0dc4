"""Settings, read from the environment.

The variables are described in docs/operations.md. Whatever is unsafe or missing in production is refused at start by
``accounts/checks.py``, which names the variable and says what to put there.
"""

import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from accounts import session_limits
from esr_portal import state, version

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = version.read()
env = environ.Env()

# Where we are --------------------------------------------------------------------------------------------------------

DEMO = env.bool("DEMO", default=False)
STATE_DIR = Path(env.str("STATE_DIR", default="") or state.default_folder(base=BASE_DIR, demo=DEMO)).resolve()
PORT = env.int("PORT", default=8000)
BASE_URL = env.str("BASE_URL", default=f"http://localhost:{PORT}" if DEMO else "").rstrip("/")
# Links in mails are built from BASE_URL, so it also says whether browsers reach us over TLS.
SERVED_OVER_TLS = urlsplit(BASE_URL).scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEMO else [])
# Addresses or networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
DEBUG = False

DEMO_KEY_FILE = STATE_DIR / state.DEMO_KEY
# Never empty, so that the start-up checks can list every fault at once instead of Django stopping at this one.
SECRET_KEY_IS_MISSING = not DEMO and not env.str("SECRET_KEY", default="")
SECRET_KEY = env.str("SECRET_KEY", default="") or (
    state.demo_secret_key(DEMO_KEY_FILE) if DEMO else secrets.token_urlsafe(48)
)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# The parts ------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "people",
    "care_identity",
    "hub",
    "helpdesk.apps.HelpdeskConfig",
    *(["demo"] if DEMO else []),
    "allauth",
    "allauth.account",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "csp",
    "helpdesk.apps.HelpdeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "esr_portal.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.busy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "esr_portal.middleware.body_limit",
    *(["demo.middleware.private_hosts_alone"] if DEMO else []),
    "hub.middleware.explain_wrong_method",
    "accounts.middleware.origin",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.session_limits",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "esr_portal.urls"
WSGI_APPLICATION = "esr_portal.wsgi.application"
FORM_RENDERER = "nhsuk.form_rendering.NHSFormRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "esr_portal.context.portal",
            ],
            "libraries": {"nhsuk": "nhsuk.templatetags.nhsuk"},
        },
    },
]

# Data -----------------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{STATE_DIR / state.DATABASE}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if "DATABASE_URL" not in env.ENVIRON:
        STATE_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        # A transaction takes the write lock when it begins; otherwise two that read first deadlock on writing.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: a committed mail or password survives a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 5
# The cache holds only what may be lost.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# People ---------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.validators.PasswordPolicyValidator"}]
PASSWORD_HASHERS = ["accounts.hashers.Argon2idPasswordHasher"]
# A file of the operator's own common passwords, one a line, on top of the lists that come with the libraries.
COMMON_PASSWORDS_FILE = env.str("COMMON_PASSWORDS_FILE", default="")

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*"]
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = True
# Half-finished log-ins end after this many seconds.
ACCOUNT_LOGIN_TIMEOUT = 900
# allauth's own limits live in the cache and count per address; a hospital is one address. Ours are in
# accounts/services/lockout.py.
ACCOUNT_RATE_LIMITS = False

# Care Identity (NHS CIS2) -------------------------------------------------------------------------------------------

# Empty: Care Identity is not offered. docs/care-identity.md says what an organisation does to get these.
CARE_IDENTITY_DISCOVERY_URL = env.str("CARE_IDENTITY_DISCOVERY_URL", default="")
CARE_IDENTITY_CLIENT_ID = env.str("CARE_IDENTITY_CLIENT_ID", default="")
# One of the two: a private key (the path of a PEM file; preferred), or a secret.
CARE_IDENTITY_PRIVATE_KEY_FILE = env.str("CARE_IDENTITY_PRIVATE_KEY_FILE", default="")
CARE_IDENTITY_CLIENT_SECRET = env.str("CARE_IDENTITY_CLIENT_SECRET", default="")
# What Care Identity is asked for. Never taken from the browser.
CARE_IDENTITY_ACR_VALUES = env.str("CARE_IDENTITY_ACR_VALUES", default="AAL2_OR_AAL3_ANY")
CARE_IDENTITY_PROMPT = env.str("CARE_IDENTITY_PROMPT", default="login")
CARE_IDENTITY_SCOPE = "openid profile nationalrbacaccess"
# Values of `amr` that are a smartcard or as good as one: what Manage Internet Access asks for.
CARE_IDENTITY_SMARTCARD_METHODS = env.list(
    "CARE_IDENTITY_SMARTCARD_METHODS", default=["N3_SMARTCARD", "CIS2_SMARTCARD", "SMARTCARD"]
)
# The stand-in of the demo says that it is one, and speaks plain HTTP on this machine: production takes neither.
CARE_IDENTITY_MAY_BE_A_STAND_IN = DEMO

LOGIN_URL = "log_in"
LOGIN_REDIRECT_URL = "my_esr"
OTP_TOTP_ISSUER = "ESR Portal"

# Sessions and cookies -------------------------------------------------------------------------------------------------

SESSION_ENGINE = "accounts.session_store"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# The row in the database ends with the absolute limit; the others are in accounts/session_limits.py.
SESSION_COOKIE_AGE = int(session_limits.PEOPLE.absolute.total_seconds())
COOKIE_PREFIX = "__Host-" if SERVED_OVER_TLS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = SERVED_OVER_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = SERVED_OVER_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "hub.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Headers --------------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = SERVED_OVER_TLS
# Load balancers ask the health pages over plain HTTP, and get no cookie there.
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = int(timedelta(days=730).total_seconds()) if SERVED_OVER_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SERVED_OVER_TLS
SECURE_HSTS_PRELOAD = SERVED_OVER_TLS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# What a form may carry, files and all: a megabyte is far beyond any of ours, and a larger body is refused with a plain
# page. It is less than what Django keeps of a file in memory, so that nothing that is sent goes to the disk.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# Static files ---------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
# Built by `make` from the installed NHS.UK frontend.
STATIC_BUILD_DIR = BASE_DIR / "static-built"
STATICFILES_DIRS = [BASE_DIR / "static", STATIC_BUILD_DIR]
STATIC_ROOT = STATE_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Mail -----------------------------------------------------------------------------------------------------------------

# In the demo, `make run` starts an SMTP server of its own behind the demo inbox.
EMAIL_URL_IS_MISSING = not DEMO and not env.str("EMAIL_URL", default="")
_email_url = env.str("EMAIL_URL", default="") or "smtp://127.0.0.1:8025"
# django-environ takes smtps for STARTTLS; every other program takes it for TLS from the first byte.
_email = env.email_url_config(_email_url.replace("smtps://", "smtp+ssl://", 1))
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _email.get("EMAIL_PORT") or (465 if _email.get("EMAIL_USE_SSL") else 25)
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
# Seconds: much less than the lease under which a worker holds a mail (accounts/services/outbox.py).
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="ESR Portal <no-reply@esr.nhs.example>")

# Words and time -------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

# Logs -----------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "esr_portal.logs.JSONFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "esr_portal": {"level": "INFO"},
        # Django would mail its admins; a log line is enough, and the mail would carry what people typed.
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}
