"""Settings, made of what esr_portal/configuration reads in the environment.

The variables are described in docs/operations.md. Whatever is unsafe, missing or malformed is refused at start by
``esr_portal/checks.py``, which names the variable and says what to put there.
"""

import os
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from accounts import english_in_welsh, languages, session_limits
from esr_portal import build_locale, configuration, event_ages, logs, state, version
from esr_portal.configuration import database

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = version.read()
_read = configuration.read(os.environ, base=BASE_DIR)
CONFIGURATION_FAULTS = _read.faults

# Where we are --------------------------------------------------------------------------------------------------------

DEMO = _read.demo
STATE_DIR = _read.state_dir
HOST, PORT = _read.host, _read.port
BASE_URL = _read.addresses.base_url
# Links in mails are built from BASE_URL, so it also says whether browsers reach us over TLS.
SERVED_OVER_TLS = _read.addresses.served_over_tls
ALLOWED_HOSTS = _read.addresses.allowed_hosts
# Addresses or networks: of the proxies whose X-Forwarded-… are believed, and where /metrics is asked for from.
TRUSTED_PROXIES, METRICS_NETWORKS = _read.addresses.trusted_proxies, _read.addresses.metrics_networks
DEBUG = False

DEMO_KEY_FILE = STATE_DIR / state.DEMO_KEY
SECRET_KEY = _read.keys.secret
SECRET_KEY_FALLBACKS = _read.keys.fallbacks
# What the secrets of second steps are encrypted with in the database (accounts/sealing.py): the newest first.
SECOND_STEP_KEYS = _read.keys.second_step

# The parts ------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "people",
    "care_identity",
    "hub",
    "helpdesk.apps.HelpdeskConfig",
    "esr_portal.apps.PortalConfig",
    *(["demo"] if DEMO else []),
    "allauth",
    "allauth.account",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp_webauthn",
    "csp",
    "helpdesk.apps.HelpdeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "accounts.middleware.in_a_language",
    "esr_portal.middleware.page_names",
    "esr_portal.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "esr_portal.middleware.FixedContentSecurityPolicy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.busy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "esr_portal.middleware.FirstVisitGZip",
    "esr_portal.middleware.body_limit",
    *(["demo.middleware.private_hosts_alone"] if DEMO else []),
    "hub.middleware.explain_wrong_method",
    "hub.middleware.limit_floods",
    "accounts.middleware.origin",
    "accounts.middleware.remembered_browsers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.languages_of_people",
    "accounts.middleware.session_limits",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "esr_portal.urls"
WSGI_APPLICATION = "esr_portal.wsgi.application"
FORM_RENDERER = "nhsuk.form_rendering.NHSFormRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "nhsuk.languages_of_parts.DjangoTemplates",
        "NAME": "django",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                # In place of Django's own, which comes before.
                "nhsuk.new_form.csrf",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "esr_portal.context.portal",
            ],
            "english_parts": english_in_welsh.ENGLISH_IN_WELSH,
            "libraries": {"nhsuk": "nhsuk.templatetags.nhsuk"},
            # In place of Django's own: each form on each page is a new one to the browser.
            "builtins": ["django.templatetags.i18n", "nhsuk.templatetags.csrf"],
        },
    },
]

# Data -----------------------------------------------------------------------------------------------------------------

DATABASES = {"default": database.connected(_read.database)}
# The cache holds only what may be lost.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# People ---------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.validators.PasswordPolicyValidator"}]
PASSWORD_HASHERS = ["accounts.hashers.Argon2idPasswordHasher"]
# Built by `make` from the installed list of leaked passwords.
LEAKED_PASSWORDS_FILTER = BASE_DIR / "leaked-passwords.filter"
# The operator's own common passwords, on top of those: a text file with one a line, or a filter.
COMMON_PASSWORDS_FILE = _read.common_passwords_file

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
CARE_IDENTITY_DISCOVERY_URL = _read.care_identity.discovery_url
CARE_IDENTITY_CLIENT_ID = _read.care_identity.client_id
# One of the two: a private key (the path of a PEM file; preferred), or a secret.
CARE_IDENTITY_PRIVATE_KEY_FILE = _read.care_identity.private_key_file
CARE_IDENTITY_CLIENT_SECRET = _read.care_identity.client_secret
# What Care Identity is asked for. Never taken from the browser.
CARE_IDENTITY_ACR_VALUES = _read.care_identity.acr_values
CARE_IDENTITY_PROMPT = _read.care_identity.prompt
CARE_IDENTITY_SCOPE = "openid profile nationalrbacaccess"
# Values of `amr` that are a smartcard or as good as one: what Manage Internet Access asks for.
CARE_IDENTITY_SMARTCARD_METHODS = _read.care_identity.smartcard_methods
# The stand-in of the demo says that it is one, and speaks plain HTTP on this machine: production takes neither.
CARE_IDENTITY_MAY_BE_A_STAND_IN = DEMO

LOGIN_URL = "log_in"
LOGIN_REDIRECT_URL = "my_esr"
OTP_TOTP_ISSUER = "ESR Portal"
# Passkeys belong to the host of BASE_URL: at another host none of them works.
OTP_WEBAUTHN_RP_ID = _read.addresses.rp_id
OTP_WEBAUTHN_RP_NAME = OTP_TOTP_ISSUER
OTP_WEBAUTHN_HELPER_CLASS = "accounts.webauthn.Helper"
OTP_WEBAUTHN_ALLOWED_ORIGINS = [_read.addresses.origin]
# ES256, EdDSA, RS256 (IANA, COSE algorithms): what phones, computers and security keys make today.
OTP_WEBAUTHN_SUPPORTED_COSE_ALGORITHMS = [-7, -8, -257]
# The library's own words for a BASE_URL that passkeys cannot be bound to; ours are in esr_portal/configuration.
SILENCED_SYSTEM_CHECKS = ["otp_webauthn.E010", "otp_webauthn.E030", "otp_webauthn.E031"]

# Security events ------------------------------------------------------------------------------------------------------

# How long each kind is kept; "" is every other.
SECURITY_EVENTS_KEPT = event_ages.KEPT

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
# A browser names the port in Origin, and a proxy may not in Host.
CSRF_TRUSTED_ORIGINS = [_read.addresses.origin] if _read.addresses.origin else []
CSRF_FAILURE_VIEW = "hub.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Headers --------------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = SERVED_OVER_TLS
# Only where TLS is at another port than 443; else people stay at the host name that they opened.
SECURE_SSL_HOST = _read.addresses.tls_host or None
# Load balancers ask the health pages over plain HTTP, and get no cookie there.
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = int(timedelta(days=730).total_seconds()) if SERVED_OVER_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SERVED_OVER_TLS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
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
# The one address that takes more, from agents who may import: helpdesk/services/people_uploads/taking.py and a form.
LARGER_BODIES = {"/admin/desk/imports/new/": 16 * 1024 * 1024 + 64 * 1024}

# Static files ---------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
# No other site has a use for our files, and Cross-Origin-Resource-Policy keeps them from it.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Built by `make` from the installed NHS.UK frontend.
STATIC_BUILD_DIR = BASE_DIR / "static-built"
STATICFILES_DIRS = [BASE_DIR / "static", STATIC_BUILD_DIR]
STATIC_ROOT = STATE_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "esr_portal.static_storage.StaticFilesStorage"},
}

# Mail -----------------------------------------------------------------------------------------------------------------

# Where it is not named, `make run` starts the demo's own behind the demo inbox.
NAMES_A_MAIL_SERVER = _read.names_a_mail_server
EMAIL_BACKEND = _read.mail.backend
EMAIL_HOST = _read.mail.host
EMAIL_PORT = _read.mail.port
EMAIL_HOST_USER = _read.mail.user
EMAIL_HOST_PASSWORD = _read.mail.password
EMAIL_USE_TLS = _read.mail.use_tls
EMAIL_USE_SSL = _read.mail.use_ssl
# Seconds: much less than the lease under which a worker holds a mail (accounts/services/outbox.py).
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _read.mail.sender
# Where notices of mails that came back go, or "", and the mailbox in which the worker reads them, or None.
BOUNCE_EMAIL, BOUNCE_MAILBOX = _read.bounces.address, _read.bounces.mailbox

# The people who run the portal, for pages that name them.
OPERATOR_NAME, OPERATOR_EMAIL = _read.operator.name, _read.operator.email

# Words and time -------------------------------------------------------------------------------------------------------

LANGUAGE_CODE, LANGUAGES = languages.ENGLISH, languages.LANGUAGES
# Written by `manage.py makemessages` and `make`.
LOCALE_PATHS = [build_locale.CATALOGUES, build_locale.BUILT]
TIME_ZONE, USE_TZ = "Europe/London", True

# Logs -----------------------------------------------------------------------------------------------------------------

LOGGING = logs.SETTINGS
