"""All settings, read from the environment. Safe by default; what loosens them is named `WANGGE_DEMO`.

Every variable read here is described in `docs/settings.md` (a test compares the two).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from wangge.config import data_folder, embedded
from wangge.config import environment as env

PACKAGE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = data_folder.data_dir()

# --- what kind of deployment this is --------------------------------------------------------------

DEMO = env.flag("WANGGE_DEMO")
DEBUG = False  # never a switch: an error page must not show variables of a case to anybody
SECRET_KEY = env.text("WANGGE_SECRET_KEY") or data_folder.local_secret(DATA_DIR, "django", create=DEMO)
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "WANGGE_SECRET_KEY is not set. Outside the demo a key of your own is required: set it to 50 or "
        "more random characters and keep it out of the database's backups."
    )
ALLOWED_HOSTS = env.words("WANGGE_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("WANGGE_TRUSTED_ORIGINS")
HTTPS = env.flag("WANGGE_HTTPS", default=not DEMO)

# --- rooms and doors ------------------------------------------------------------------------------

ROOMS = [
    "wangge.foundation.accounts",
    "wangge.foundation.worktime",
    "wangge.foundation.journal",
    "wangge.foundation.privacy",
    "wangge.foundation.files",
    "wangge.foundation.notices",
    "wangge.foundation.webhooks",
    "wangge.territory",
    "wangge.organisations",
    "wangge.duties",
    "wangge.cases",
]
DOORS = [
    "wangge.doors.shell",
    "wangge.doors.resident",
    "wangge.doors.desk",
    "wangge.doors.exchange",
    "wangge.doors.field",
    "wangge.doors.metrics",
    "wangge.doors.api",
    "wangge.doors.open311",
    "wangge.doors.worker",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    *ROOMS,
    *DOORS,
    "wangge.demo",
]
MIDDLEWARE = [
    "wangge.doors.metrics.latencies.LatencyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "wangge.doors.api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "wangge.doors.shell.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wangge.doors.shell.middleware.StandingMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "wangge.config.urls"
WSGI_APPLICATION = "wangge.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database: PostgreSQL, two logins -------------------------------------------------------------

_urls = embedded.connection_urls(DATA_DIR)
_app_url = env.text("DATABASE_URL") or _urls.get("app", "")
_owner_url = env.text("DATABASE_OWNER_URL") or ("" if env.text("DATABASE_URL") else _urls.get("owner", ""))
if not _app_url:
    raise ImproperlyConfigured(
        "No database. Start the embedded one with `wangge database start`, or set DATABASE_URL to the "
        "login wangge_app of your own PostgreSQL (15 or newer)."
    )


def _database(url: str) -> dict[str, Any]:
    database: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    database["ENGINE"] = "django.db.backends.postgresql"
    database["OPTIONS"] = {**database.get("OPTIONS", {}), "application_name": "wangge"}
    return database


DATABASES: dict[str, dict[str, Any]] = {"default": _database(_app_url)}
if _owner_url:
    # The owner migrates and grants; no page and no job runs under it.
    DATABASES["owner"] = {**_database(_owner_url), "CONN_MAX_AGE": 0}

# --- who is logged in -----------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "shell:login"
LOGIN_REDIRECT_URL = "shell:home"
LOGOUT_REDIRECT_URL = "shell:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "wangge.foundation.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "wangge.foundation.accounts.passwords.MixedClasses"},
    {"NAME": "wangge.foundation.accounts.passwords.NotAFormerPassword"},
]
# Lock after five failures (GB/T 22239-2019, 8.1.4.1), per name and address together and for half an hour.
AXES_FAILURE_LIMIT = env.number("WANGGE_LOGIN_FAILURES", 5)
AXES_COOLOFF_TIME = 0.5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "wangge.doors.shell.guards.client_address"
AXES_USERNAME_CALLABLE = "wangge.foundation.accounts.failed_sign_ins.name_to_count"
AXES_HANDLER = "wangge.foundation.accounts.failed_sign_ins.FailedSignIns"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_TEMPLATE = "shell/locked_out.html"
AXES_SENSITIVE_PARAMETERS = ["password", "username"]
AXES_VERBOSE = False

SESSION_COOKIE_NAME = "wangge_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
STAFF_IDLE_MINUTES = env.number("WANGGE_STAFF_IDLE_MINUTES", 15)
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "wangge.doors.shell.errors.csrf_failure"
SECURE_SSL_REDIRECT = False  # the proxy in front does it; a loopback demo has no TLS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("WANGGE_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# Rate limits of the doors: how many in how many seconds, per address.
RATE_LIMITS = {
    "login": (env.number("WANGGE_RATE_LOGIN", 30), 300),
    "intake": (env.number("WANGGE_RATE_INTAKE", 10), 600),
    "lookup": (env.number("WANGGE_RATE_LOOKUP", 30), 600),
    "upload": (env.number("WANGGE_RATE_UPLOAD", 30), 600),
    # Per token; and wrong tokens, per address.
    "api": (env.number("WANGGE_RATE_API", 1200), 60),
    "api_knock": (env.number("WANGGE_RATE_API_KNOCK", 60), 600),
    # Reading, per address; sending, per key; and wrong keys, per address.
    "open311": (env.number("WANGGE_RATE_OPEN311", 300), 60),
    "open311_post": (env.number("WANGGE_RATE_OPEN311_POST", 60), 60),
    "open311_knock": (env.number("WANGGE_RATE_OPEN311_KNOCK", 30), 600),
}

# --- words, numbers, time -------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "wangge_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- pages and files ------------------------------------------------------------------------------

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wangge.doors.shell.context.page_frame",
            ],
            "builtins": ["django.templatetags.i18n", "wangge.doors.shell.templatetags.shell"],
        },
    }
]
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
# What carries a hash in its name never changes: Django's own, and the chunks and assets Vite wrote.
WHITENOISE_IMMUTABLE_FILE_TEST = r"/(chunks|assets)/|\.[0-9a-f]{12}\."
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILES_DIR = env.folder("WANGGE_FILES_DIR", DATA_DIR / "files")
SEALS_DIR = env.folder("WANGGE_SEALS_DIR", DATA_DIR / "seals")
KEYS_FILE = env.folder("WANGGE_KEYS_FILE", DATA_DIR / "keys.json")
IMPORT_MAX_MB = env.number("WANGGE_IMPORT_MAX_MB", 32)  # a file sent to the desk; the command knows no limit
EXPORT_DIRECT_ROWS = env.number("WANGGE_EXPORT_DIRECT_ROWS", 5000)  # longer lists are written by the worker
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 6

# --- choices of the rooms -------------------------------------------------------------------------

JOURNAL_HASH = env.text("WANGGE_JOURNAL_HASH", "sm3")  # or sha256
JOURNAL_SEAL_MINUTES = env.number("WANGGE_JOURNAL_SEAL_MINUTES", 60)
SEALING_CIPHER = env.text("WANGGE_SEALING_CIPHER", "aes-256-gcm")  # or sm4-gcm
WORK_REGION = env.text("WANGGE_WORK_REGION", "CN")
# Names for jurisdiction_id beside the code: {"yimei.example.cn": "230717"}.
OPEN311_JURISDICTIONS = env.pairs("WANGGE_OPEN311_JURISDICTIONS")
# Networks inside, such as 10.20.0.0/16, whose programs may be told of events.
WEBHOOK_NETWORKS = env.words("WANGGE_WEBHOOK_NETWORKS")

# Nobody reads the figures of /metrics without this token; without one there is no such page.
METRICS_TOKEN = env.text("WANGGE_METRICS_TOKEN")
LOG_FORMAT = env.text("WANGGE_LOG_FORMAT", "line")
if LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured(f"WANGGE_LOG_FORMAT is {LOG_FORMAT!r}; write line or json.")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{asctime}{levelname}{name}{message}",
            "style": "{",
            "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
            "json_ensure_ascii": False,
        },
    },
    # The last net under every log line: no phone or ID number gets through.
    "filters": {"identifiers": {"()": "wangge.foundation.privacy.logs.MaskIdentifiers"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["identifiers"]}
    },
    "root": {"handlers": ["stderr"], "level": env.text("WANGGE_LOG_LEVEL", "INFO")},
    "loggers": {"procrastinate": {"level": env.text("WANGGE_LOG_LEVEL", "WARNING")}},
}
