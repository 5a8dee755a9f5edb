"""
Settings: one file, read from the environment; docs/operations.md lists every variable.

Silence is safe: without any variable the program uses SQLite in `var/`, believes that it stands behind HTTPS, and
refuses to start without its keys (`guiju init` makes them).
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = PACKAGE.parents[1]
BASE_DIR = _CHECKOUT if (_CHECKOUT / "pyproject.toml").exists() else Path.cwd()


def _switch(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return value in ("1", "true", "yes", "on") if value else default
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Use 1 or 0.")


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip()
    if value and not value.isdigit():
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.")
    return int(value or default)


def _key(variable: str, file: Path) -> str:
    """A key from the environment, or from the file that `guiju init` made."""
    if value := os.environ.get(variable, "").strip():
        return value
    if file.exists():
        return file.read_text(encoding="ascii").strip()
    raise ImproperlyConfigured(
        f"Missing key: neither the environment variable {variable} nor the file {file} is there.\n"
        "  A new installation:  guiju init          (makes the keys and the database)\n"
        "  A moved one:         copy the key files of the old machine into the data folder,\n"
        f"                       or set {variable}.\n"
        "  Personal data can be read only with the key it was written with."
    )


def _database(url: str, *, data: Path) -> dict[str, Any]:
    """
    The database that a URL names: `postgresql://user:password@host:port/name?sslmode=…` or `sqlite:////file`.

    Options behind the question mark go to the driver; `search_path` chooses the schema of the tenant, `pool` the size
    of a connection pool, `prepare` after how many times a statement is prepared on the server (none if unset).
    """
    parts = urlsplit(url or f"sqlite:///{data / 'guiju.sqlite3'}")
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "guiju.sqlite",
            "NAME": Path(unquote(parts.path[1:])) if parts.path != "/:memory:" else ":memory:",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-20000;"
                    "PRAGMA temp_store=MEMORY;PRAGMA mmap_size=2147418112;PRAGMA foreign_keys=ON;"
                ),
            },
        }
    if parts.scheme in ("postgres", "postgresql"):
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        search_path = options.pop("search_path", None)
        if search_path:
            options["options"] = f"-c search_path={search_path}"
        host = options.pop("host", None)
        pool = int(options.pop("pool", 0))
        # No prepared statements unless asked for: pgbouncer before 1.21, in transaction mode, may give every statement
        # another connection.
        prepare = int(options.pop("prepare", 0))
        options["prepare_threshold"] = prepare or None
        if pool:
            options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host or parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 0 if pool else 60,
            "CONN_HEALTH_CHECKS": not pool,
            "OPTIONS": options,
        }
    raise ImproperlyConfigured(
        f"DATABASE_URL begins with {parts.scheme!r}. Known are:\n"
        "  postgresql://user:password@host:5432/name\n"
        "  sqlite:////absolute/path/file.sqlite3   (or no DATABASE_URL: SQLite in the data folder)"
    )


# Where this installation keeps what is its own: database, keys, attachments, anchors, collected static files.
GUIJU_DATA = Path(os.environ.get("GUIJU_DATA") or BASE_DIR / "var").resolve()
DEBUG = _switch("GUIJU_DEBUG")
# Plain HTTP is for the own machine only: demo, development.
PLAIN_HTTP = _switch("GUIJU_PLAIN_HTTP", default=DEBUG)

SECRET_KEY = _key("GUIJU_SECRET_KEY", GUIJU_DATA / "secret.key")
# Encrypts personal data. Several, separated by commas: the first encrypts, all decrypt.
GUIJU_DATA_KEYS = _key("GUIJU_DATA_KEY", GUIJU_DATA / "data.key").split(",")

ALLOWED_HOSTS = [h for h in os.environ.get("GUIJU_HOSTS", "").split(",") if h] or [
    "localhost",
    "127.0.0.1",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ALLOWED_HOSTS if not h.startswith((".", "*"))]

INSTALLED_APPS = [
    "guiju.kernel",
    "guiju.org",
    "guiju.sop",
    "guiju.papers",
    "guiju.notify",
    "guiju.estate",
    "guiju.customers",
    "guiju.ledger",
    "guiju.sales",
    "guiju.knowledge",
    "guiju.desk",
    "guiju.quality",
    "guiju.registers",
    "guiju.reports",
    "guiju.api",
    "guiju.web",
    "guiju.portal",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "lucide",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "guiju.monitoring.CountRequests",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "guiju.gate.SignInRequired",
    "guiju.org.middleware.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "guiju.web.middleware.Firm",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "guiju.urls"
WSGI_APPLICATION = "guiju.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "guiju.web.shell.context",
            ],
            "builtins": ["lucide.templatetags.lucide"],
        },
    }
]

DATABASES = {"default": _database(os.environ.get("DATABASE_URL", ""), data=GUIJU_DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Time is stored in UTC and shown in China's time.
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

# --- sign-in ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "org.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "guiju.org.backends.StaffBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": _VALIDATION + "UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "phone")},
    },
    {"NAME": _VALIDATION + "MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": _VALIDATION + "CommonPasswordValidator"},
    {"NAME": _VALIDATION + "NumericPasswordValidator"},
]
# How long a process remembers who holds which post; another process's change is seen after that at the latest.
ORG_ROSTER_SECONDS = 2

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "guiju.org.signin.StaffAccounts"
ACCOUNT_FORMS = {
    "login": "guiju.org.forms.SignInForm",
    "change_password": "guiju.org.forms.NewPasswordForm",
    "reauthenticate": "guiju.org.forms.PasswordAgainForm",
}
# The lock after wrong passwords is the one below: it holds for all processes and says until when.
# A sales office is many people behind one address.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": None}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
MFA_ADAPTER = "guiju.org.signin.SecondFactor"
MFA_FORMS = {
    "authenticate": "guiju.org.forms.CodeForm",
    "reauthenticate": "guiju.org.forms.CodeAgain",
    "activate_totp": "guiju.org.forms.FirstCodeForm",
}
MFA_TOTP_ISSUER = "归居"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

# Locked per name and address: a stranger elsewhere cannot lock a director out.
# Over all addresses an account has a ceiling: see org/locking.py.
AXES_HANDLER = "guiju.org.locking.Lock"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# Trying again while locked does not make the lock longer: the time on the page holds.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "guiju.org.signin.client_address"
AXES_USERNAME_CALLABLE = "guiju.org.signin.typed_username"
AXES_LOCKOUT_CALLABLE = "guiju.org.signin.locked_out"
AXES_ENABLE_ADMIN = False
# A password is easily typed in the place of the name: neither the log nor the table of attempts shows what was typed.
AXES_CLIENT_STR_CALLABLE = "guiju.org.signin.client_words"
AXES_SENSITIVE_PARAMETERS = [
    "login", "username", "password", "oldpassword", "password1", "password2", "code", "csrfmiddlewaretoken",
]  # fmt: skip
AXES_VERBOSE = False

# Counted from the last use: see org/middleware.py.
SESSION_ENGINE = "guiju.org.sessions"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "guiju.web.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- HTTPS and headers -----------------------------------------------------------------------------------------------
# `guiju serve` listens on this machine only; the proxy in front of it ends HTTPS and says so.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SESSION_COOKIE_SECURE = not PLAIN_HTTP
CSRF_COOKIE_SECURE = not PLAIN_HTTP
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 365 * 24 * 60 * 60
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The owner of the domain, not this program, speaks for its other subdomains and for browsers' preload lists.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = GUIJU_DATA / "static"
MEDIA_ROOT = GUIJU_DATA / "attachments"
# The daily heads of the audit chains are written here, outside the database.
GUIJU_ANCHORS = Path(os.environ.get("GUIJU_ANCHORS") or GUIJU_DATA / "anchors")
STORAGES = {
    "default": {"BACKEND": "guiju.papers.storage.EncryptedFiles"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "guiju.static_files.HashedStaticFiles"
        )
    },
}
# The address under which people reach this installation: it stands in the QR code of printed papers.
GUIJU_PUBLIC_URL = os.environ.get("GUIJU_PUBLIC_URL", "").rstrip("/")
# Mailboxes of the front desk, polled by IMAP, separated by blanks; imaps://user:password@host:993/INBOX.
GUIJU_MAILBOX = os.environ.get("GUIJU_MAILBOX", "").split()
GUIJU_MAILBOX_PAUSE = timedelta(seconds=_number("GUIJU_MAILBOX_SECONDS", 120))
# Folders with further fonts, for characters that the fonts of the packages lack.
GUIJU_FONT_FOLDERS = [
    Path(folder) for folder in os.environ.get("GUIJU_FONT_FOLDERS", "").split(os.pathsep) if folder
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
# More than the largest request: what is uploaded never lies in the folder of temporary files, where a kill would leave it.
FILE_UPLOAD_MAX_MEMORY_SIZE = 22 * 1024 * 1024
# A pasted grid of 300 rows and ten columns is one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o640

# --- work after the commit -------------------------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# --- figures and logs ------------------------------------------------------------------------------------------------
# Whoever reads /metrics through a proxy shows this as bearer token; the own machine needs none.
GUIJU_METRICS_TOKEN = os.environ.get("GUIJU_METRICS_TOKEN", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "logging.Formatter" if DEBUG else "guiju.discreet.Line",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("GUIJU_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "axes": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}
