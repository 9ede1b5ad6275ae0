"""Every setting of the installation, read once, through typed readers, from CARELOOP_* variables.

``docs/settings.md`` is made from the readers' sentences; a wrong value stops the start with its name.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from careloop.common import env, installation, serving
from careloop.common.db.address import database_from
from careloop.common.secret_key import installation_key
from careloop.config.adapters import ADAPTERS

PACKAGE = Path(__file__).resolve().parent.parent

# Where things are -----------------------------------------------------------------------------------------

DATA_DIR = installation.data_dir()
CARELOOP_FILES_DIR = DATA_DIR / "files"
CARELOOP_OUTBOX_DIR = DATA_DIR / "outbox"
CARELOOP_MODELS_DIR = DATA_DIR / "models"
CARELOOP_PUBLIC_URL = installation.public_url()
CARELOOP_STREAM_URL = installation.stream_url()

DATABASES = {"default": database_from(installation.database_url(), pool_size=serving.read().connections)}

# Safety ---------------------------------------------------------------------------------------------------

SECRET_KEY = installation_key(DATA_DIR)
DEBUG = env.flag("CARELOOP_DEBUG", sentence="Show Python's own error pages; for developers only.")
_is_https = CARELOOP_PUBLIC_URL.startswith("https://")
_public_host = urlsplit(CARELOOP_PUBLIC_URL).hostname or "127.0.0.1"
ALLOWED_HOSTS = env.words(
    "CARELOOP_ALLOWED_HOSTS",
    (),
    sentence="Host names the desk answers to, beside that of CARELOOP_PUBLIC_URL and this machine's own.",
)
ALLOWED_HOSTS += [_public_host, "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [CARELOOP_PUBLIC_URL]
SESSION_COOKIE_NAME = "careloop_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# The cache is this process's own: with several web processes (PostgreSQL) the others would not hear of a signing out.
SESSION_ENGINE = f"django.contrib.sessions.backends.{'cached_db' if installation.one_process_writes() else 'db'}"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_https else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", *installation.stream_origins()],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * env.BYTES_IN["mib"]

# Rooms, lowest floor first (design: a room imports only rooms on lower floors) -------------------------------

ROOMS = [
    "careloop.common",
    "careloop.accounts",
    "careloop.business_hours",
    "careloop.files",
    "careloop.search",
    "careloop.customers",
    "careloop.conversations",
    "careloop.knowledge",
    "careloop.quality",
    "careloop.intake",
    "careloop.triage",
    "careloop.sla",
    "careloop.routing",
    "careloop.replies",
    "careloop.surveys",
    "careloop.care",
    "careloop.audit",
    "careloop.lifecycle",
    "careloop.channels",
    "careloop.analytics",
    "careloop.improvements",
    "careloop.importers",
    "careloop.workspace",
    "careloop.portal",
    "careloop.demo",
]
INSTALLED_APPS = [
    *ROOMS,
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "careloop.workspace.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "careloop.common.locale.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "careloop.accounts.middleware.ViewerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "careloop.common.http.ErrorMiddleware",
]
ROOT_URLCONF = "careloop.config.urls"
WSGI_APPLICATION = "careloop.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "careloop.workspace.context.chrome",
            ],
        },
    }
]

# What the rooms plug into: one table each --------------------------------------------------------------------

CARELOOP_SUBSCRIPTIONS = "careloop.config.subscriptions.SUBSCRIPTIONS"
CARELOOP_SCHEDULE = "careloop.config.schedule.SCHEDULE"
CARELOOP_ADAPTERS = ADAPTERS
CARELOOP_READ_TASK = "careloop.lifecycle.tasks.read_raw"

TASKS = {
    "default": {
        "BACKEND": "careloop.common.jobs.backend.LeasedBackend",
        "QUEUES": [],
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# People --------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "careloop.accounts.backends.ByAddress",
    "careloop.accounts.backends.ByAccount",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "careloop.accounts.adapter.ClosedDoorAdapter"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"

# Languages and time -----------------------------------------------------------------------------------------

LANGUAGE_CODE = env.choice(
    "CARELOOP_LANGUAGE", "en", choices=("en", "zh-hans"), sentence="The screen language of people who chose none."
)
LANGUAGES = [("en", "English"), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [PACKAGE / "config" / "locale"]
FORMAT_MODULE_PATH = "careloop.config.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("CARELOOP_TIME_ZONE", "Asia/Shanghai", sentence="The time zone of people who chose none.")

# Files the browser gets ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
# The built front end carries its content's hash in its names (frontend/build.mjs).
WHITENOISE_IMMUTABLE_FILE_TEST = r"/careloop/dist/.+\.[0-9a-f]{10}\.[a-z0-9]+$"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Mail out ---------------------------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
CARELOOP_LARGEST_UPLOAD = env.size(
    "CARELOOP_LARGEST_UPLOAD", 25 * env.BYTES_IN["mib"], sentence="The largest file a customer may attach."
)
CARELOOP_LARGEST_MAIL = env.size(
    "CARELOOP_LARGEST_MAIL", 40 * env.BYTES_IN["mib"], sentence="The largest e-mail that is taken in."
)
CARELOOP_SMTP_LISTEN = env.text(
    "CARELOOP_SMTP_LISTEN",
    sentence="Where the desk takes mail by SMTP from your mail server, as `127.0.0.1:2525`; empty means not at all.",
)
CARELOOP_LMTP_LISTEN = env.text(
    "CARELOOP_LMTP_LISTEN",
    sentence="Where the desk takes mail by LMTP from your mail server, as `127.0.0.1:2424`; empty means not at all.",
)
CARELOOP_MAILS_PER_ADDRESS = env.integer(
    "CARELOOP_MAILS_PER_ADDRESS",
    30,
    minimum=1,
    sentence="How many mails one address may get from us within an hour, automatic ones included.",
)
CARELOOP_AUTOMATIC_MAILS_PER_HOUR = env.integer(
    "CARELOOP_AUTOMATIC_MAILS_PER_HOUR",
    600,
    minimum=1,
    sentence="How many automatic mails the desk may send within an hour before it stops sending them.",
)
CARELOOP_ACKNOWLEDGE_WITHIN = timedelta(minutes=1)

# Understanding -----------------------------------------------------------------------------------------------

CARELOOP_ENCODER = env.text(
    "CARELOOP_ENCODER",
    sentence="Folders of sentence encoders that models of triage may use, parted by `:` (`;` on Windows);"
    " made by `careloop triage encoder prepare`. Empty means none.",
)
CARELOOP_QUESTIONS_A_DAY = env.integer(
    "CARELOOP_QUESTIONS_A_DAY",
    40,
    minimum=1,
    sentence="How many doubtful guesses of a day each team is asked about at most; signs of danger come on top.",
)
CARELOOP_ANSWERS_BY_MEANING = env.flag(
    "CARELOOP_ANSWERS_BY_MEANING",
    sentence="Whether suggested answers are found by meaning too, with the encoder that CARELOOP_ENCODER names."
    " Measure it on your own conversations first: `careloop answers evaluate`.",
)
# A function that gives vectors of texts (search/vectors.py), when there is an encoder.
CARELOOP_VECTORS = (
    "careloop.triage.services.encoder_in_use.vectors_in_use" if CARELOOP_ENCODER and CARELOOP_ANSWERS_BY_MEANING else ""
)
CARELOOP_RETRAIN_AFTER = env.integer(
    "CARELOOP_RETRAIN_AFTER",
    100,
    minimum=1,
    sentence="After how many new labels, set by people or imports, the night trains a head of triage anew.",
)
CARELOOP_HELD_OUT_WEEKS = env.integer(
    "CARELOOP_HELD_OUT_WEEKS",
    4,
    minimum=1,
    maximum=52,
    sentence="How many of the latest weeks of labels are kept from training, to compare models on.",
)

# Looking after people ----------------------------------------------------------------------------------------

CARELOOP_SURVEY_AFTER = env.duration(
    "CARELOOP_SURVEY_AFTER",
    timedelta(0),
    sentence="How long after a matter is resolved the customer is invited to rate it.",
)
CARELOOP_FOLLOW_UP_WITHIN = env.duration(
    "CARELOOP_FOLLOW_UP_WITHIN",
    timedelta(days=3),
    minimum=timedelta(hours=1),
    sentence="Within what time somebody follows up on a resolved complaint.",
)
CARELOOP_PORTAL_PER_HOUR = env.integer(
    "CARELOOP_PORTAL_PER_HOUR",
    20,
    minimum=1,
    sentence="How many messages one network address may hand in through the portal within an hour.",
)
CARELOOP_REMOTE_IMAGES = env.flag(
    "CARELOOP_REMOTE_IMAGES",
    default=True,
    sentence="Let a colleague load, by a click, the images that a mail points to elsewhere; this server fetches them.",
)
CARELOOP_TRUSTED_PROXIES = env.integer(
    "CARELOOP_TRUSTED_PROXIES",
    0,
    minimum=0,
    maximum=5,
    sentence="Your own proxies before the desk; that many last addresses of X-Forwarded-For are theirs.",
)

# A language model, if the operator names one ------------------------------------------------------------------------

CARELOOP_LLM_URL = env.url(
    "CARELOOP_LLM_URL",
    sentence="A language-model service that speaks OpenAI's chat completions, up to /v1; empty: none is asked.",
)
CARELOOP_LLM_MODEL = env.text("CARELOOP_LLM_MODEL", sentence="The name of the model that the service is asked for.")
CARELOOP_LLM_KEY = env.secret("CARELOOP_LLM_KEY", sentence="The key that the language-model service asks for, if any.")
CARELOOP_LLM_TIMEOUT = env.duration(
    "CARELOOP_LLM_TIMEOUT",
    timedelta(seconds=20),
    minimum=timedelta(seconds=1),
    sentence="How long the language-model service may take for an answer.",
)
CARELOOP_LLM_REQUESTS_A_DAY = env.integer(
    "CARELOOP_LLM_REQUESTS_A_DAY",
    1000,
    minimum=0,
    sentence="How many requests may go to the language-model service in a day.",
)

# Accounting for reads -------------------------------------------------------------------------------------------

CARELOOP_READS_KEPT_FOR = env.duration(
    "CARELOOP_READS_KEPT_FOR",
    timedelta(days=730),
    minimum=timedelta(days=30),
    sentence="How long it is kept who opened which sensitive conversation.",
)

# Logging: people's words and addresses are never logged, only ids ------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["console"],
        "level": env.choice(
            "CARELOOP_LOG_LEVEL",
            "INFO",
            choices=("DEBUG", "INFO", "WARNING", "ERROR"),
            sentence="How much is logged.",
        ),
    },
}
