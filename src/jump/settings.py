"""Every setting of JUMP, read from the environment, with defaults that are safe on a laptop.

| variable | default | what it sets |
| --- | --- | --- |
| JUMP_DATA | ./var | folder that holds the database, uploads and the secret key |
| JUMP_DATABASE | empty | empty: SQLite in the data folder; `sqlite:///path`; `postgres://user:word@host:port/name` |
| JUMP_SECRET_KEY | made once, kept in the data folder | signs sessions and links |
| JUMP_HOSTS | localhost,127.0.0.1,[::1] | names under which the site may be asked for, separated by commas |
| JUMP_HTTPS | 0 | 1: cookies only over HTTPS, and browsers are told to stay on it |
| JUMP_DEBUG | 0 | 1: Django's error pages; never in production |
| JUMP_STATIC | live | `built`: serve the compressed files that `jump collectstatic` has written |
| JUMP_PACKAGES | the shipped ones | more folders of programme packages, separated by colons |
| JUMP_MAIL | empty | `smtp://user:word@host:port`; empty: mail is written to the data folder |
| JUMP_LOG_LEVEL | WARNING | how much is written to standard error: DEBUG, INFO, WARNING, ERROR |
| JUMP_TIME_ZONE | UTC | time zone in which instants are shown |
"""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

SOURCE = Path(__file__).resolve().parent


def _flag(name: str) -> bool:
    """Whether the variable says yes; empty and 0 say no."""
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def _secret_key(folder: Path) -> str:
    """The key from the environment, else the one kept in the data folder, made on the first start."""
    given = os.environ.get("JUMP_SECRET_KEY", "")
    if given:
        return given
    kept = folder / "secret_key"
    if not kept.exists():
        try:
            handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # Another process was first; its key counts.
            pass
        else:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(50))
    return kept.read_text().strip()


def database_from(address: str, *, folder: Path) -> dict[str, Any]:
    """Django's description of the database that an address names; empty means SQLite in the data folder."""
    scheme = urlsplit(address).scheme if address else "sqlite"
    if scheme == "sqlite":
        path = address.removeprefix("sqlite://") if address else str(folder / "jump.sqlite3")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "cached_statements": 1_024,  # a page or a posting says hundreds of different ones; 128 are forgotten
                # recursive_triggers: without it INSERT OR REPLACE deletes without firing the guards.
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                    "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
                ),
            },
            # A file, one per test process: in memory neither WAL nor locking would be tested.
            "TEST": {"NAME": str(Path(tempfile.gettempdir()) / f"jump-test-{os.getpid()}.sqlite3")},
        }
    if scheme in {"postgres", "postgresql"}:
        parts = urlsplit(address)
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        # A folder as host means a unix socket; in an address it stands in the query: ?host=/run/postgresql
        host = options.pop("host", None) or parts.hostname or ""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
            "TEST": {"NAME": f"jump_test_{os.getpid()}"},
        }
    raise ImproperlyConfigured(
        f"JUMP_DATABASE begins with '{scheme}:'. Give sqlite:///path or postgres://user:word@host:port/name."
    )


JUMP_DATA = Path(os.environ.get("JUMP_DATA") or "var").resolve()
JUMP_DATA.mkdir(parents=True, exist_ok=True)
SECRET_KEY = _secret_key(JUMP_DATA)
DEBUG = _flag("JUMP_DEBUG")
ALLOWED_HOSTS = [name for name in os.environ.get("JUMP_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if name]

DATABASES = {"default": database_from(os.environ.get("JUMP_DATABASE", ""), folder=JUMP_DATA)}
ATOMIC_REQUESTS = False  # On SQLite every atomic() takes the write lock; services open their own.
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ENGINES = ("parties", "evidence", "ledger", "cases", "jobs", "finance", "decisions", "results", "reports")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "jump.base",
    *(f"jump.engines.{name}" for name in ENGINES),
    "jump.web",
    "jump.wiring.WiringConfig",  # last: its ready() fills the tables of effects and duties
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "jump.web.middleware.ContentPolicyMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jump.base.middleware.ActorMiddleware",  # request.actor, read when first asked for
    "jump.web.middleware.KeptWordsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jump.base.middleware.EffectsMiddleware",
    "jump.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "jump.urls"
WSGI_APPLICATION = "jump.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SOURCE / "web" / "templates"],  # before the apps': the sign-in pages are ours
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jump.web.context.frame",
            ],
        },
    }
]

# Languages, numbers and dates -----------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French")), ("es", _("Spanish")), ("ar", _("Arabic"))]
LOCALE_PATHS = [SOURCE / "web" / "locale"]  # before those of libraries
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("JUMP_TIME_ZONE", "UTC")

# Sign-in --------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
CSRF_FAILURE_VIEW = "jump.web.errors.csrf_failure"
ACCOUNT_ADAPTER = "jump.web.accounts.AccountAdapter"
ACCOUNT_FORMS = {"login": "jump.web.accounts.SignInForm"}
ACCOUNT_ADAPTER = "jump.web.accounts.AccountAdapter"
ACCOUNT_FORMS = {"login": "jump.web.accounts.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_ISSUER = "JUMP"

# Safety ---------------------------------------------------------------------------------------------

_HTTPS = _flag("JUMP_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
CSRF_TRUSTED_ORIGINS = [f"https://{name}" for name in ALLOWED_HOSTS] if _HTTPS else []
CSRF_FAILURE_VIEW = "jump.web.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# Files ----------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = JUMP_DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
MEDIA_ROOT = JUMP_DATA / "files"  # never served as files: base.files hands them out by right
_STATIC_BUILT = os.environ.get("JUMP_STATIC", "live") == "built"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _STATIC_BUILT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _STATIC_BUILT
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Work behind the page, mail, packages ---------------------------------------------------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

_mail = urlsplit(os.environ.get("JUMP_MAIL", ""))
if _mail.hostname:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname
    EMAIL_PORT = _mail.port or 25
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_TLS = _mail.scheme == "smtps" or _mail.port == 587
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = JUMP_DATA / "mail"

JUMP_PACKAGES = [
    SOURCE / "programmes",
    *(Path(folder) for folder in os.environ.get("JUMP_PACKAGES", "").split(":") if folder),
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"django.request": {"level": "ERROR"}},  # a page that is not there is the visitor's affair
    "root": {"handlers": ["stderr"], "level": os.environ.get("JUMP_LOG_LEVEL", "WARNING")},
}
