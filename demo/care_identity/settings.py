"""Settings of the stand-in's process. They share nothing with the portal's but the looks."""

import secrets
from datetime import timedelta

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from accounts import english_in_welsh, languages
from demo.care_identity.configuration import BASE_DIR, CARD_ORIGIN, DEMO, HOST, ISSUER, PORT, PORTAL, STATE_DIR

if not DEMO:
    message = "This stand-in for Care Identity lets anybody in as anybody. It starts with DEMO=1 only."
    raise ImproperlyConfigured(message)

DEBUG = False
# A new one each time: what it signs lives in the memory of this process.
SECRET_KEY = secrets.token_urlsafe(48)
ALLOWED_HOSTS = [HOST, "localhost", "127.0.0.1"]

# The parts ------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "demo.care_identity.apps.StandInConfig",
    "allauth",
    "allauth.account",
    "allauth.idp.oidc",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "demo.care_identity.middleware.language",
    "demo.care_identity.middleware.headers",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "demo.care_identity.urls"
FORM_RENDERER = "nhsuk.form_rendering.NHSFormRenderer"
TEMPLATES = [
    {
        "BACKEND": "nhsuk.languages_of_parts.DjangoTemplates",
        "NAME": "django",
        # Of the portal's templates only the components, which know nothing of it.
        "DIRS": [BASE_DIR / "demo" / "care_identity" / "templates", BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
            "english_parts": english_in_welsh.ENGLISH_IN_WELSH,
            "libraries": {"nhsuk": "nhsuk.templatetags.nhsuk"},
            "builtins": ["django.templatetags.i18n"],
        },
    },
]

# Data -----------------------------------------------------------------------------------------------------------------

# Made anew at each start, one for each port, so that several run side by side on one state folder.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": STATE_DIR / f"stand-in-{PORT}.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    }
}
# So its tables come straight from the models.
MIGRATION_MODULES = dict.fromkeys(["account", "allauth_idp_oidc", "auth", "contenttypes"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Authorization codes and sessions. Both listeners are threads of one process.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# People ---------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "stand_in.Holder"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["demo.care_identity.clients.SecretHasher"]
LOGIN_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]

IDP_OIDC_ADAPTER = "demo.care_identity.adapter.Adapter"
IDP_OIDC_AUTH_METHODS = ["client_secret_post"]

# Sessions and cookies -------------------------------------------------------------------------------------------------

SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
# Cookies know no ports: the portal's, on the same host, have other names, and both listeners read these.
SESSION_COOKIE_NAME = "stand-in-session"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "stand-in-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "demo.care_identity.views.home.csrf_failure"

# Headers --------------------------------------------------------------------------------------------------------------

SECURE_REFERRER_POLICY = "same-origin"
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
        # The last form leads back to the portal, and Chromium checks where a form is sent on to.
        "form-action": [SELF, ISSUER, CARD_ORIGIN, PORTAL],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Static files: the portal's own, as they were built, without waiting for them to be collected ------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static", BASE_DIR / "static-built", BASE_DIR / "demo" / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Words, time and logs -------------------------------------------------------------------------------------------------

LANGUAGE_CODE, LANGUAGES = languages.ENGLISH, languages.LANGUAGES
LOCALE_PATHS = [BASE_DIR / "locale-built"]
TIME_ZONE = "Europe/London"
USE_TZ = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # A refused request is an answer, not a fault.
    "loggers": {"django.request": {"level": "ERROR"}},
}
