"""Django's settings. What an installation may change comes from tgadmin/env.py."""

from datetime import timedelta
from typing import Any

import environ
from django.core.management.utils import get_random_secret_key
from django.http import HttpRequest

from tgadmin import env
from tgadmin.lib import logs

BASE_DIR = env.BASE_DIR
TGADMIN_DATA_DIR = env.data_dir()
TGADMIN_DEMO = env.demo()
DEMO_DATA_DIR = env.demo_data_dir()
EXPORT_DIR = TGADMIN_DATA_DIR / "exports"
#: Archive files of what retention let go.
KEPT_DIR = TGADMIN_DATA_DIR / "kept"
IMPORT_DIR = TGADMIN_DATA_DIR / "imports"
MEDIA_DIR = TGADMIN_DATA_DIR / "media"

DEBUG = env.debug()
# Without a key, sessions end with this process; `up` makes one, and a check warns of its absence.
SECRET_KEY = env.secret_key() or get_random_secret_key()
ENCRYPTION_KEYS = env.encryption_keys()

# Ours answer on the loopback interface only, unless `up --host` is given hosts to trust.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *env.allowed_hosts()]
CSRF_TRUSTED_ORIGINS = env.csrf_trusted_origins()

# Behind a proxy that ends TLS. gunicorn believes X-Forwarded-Proto from the loopback alone.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.https()
SECURE_HSTS_SECONDS = 31_536_000 if env.https() else 0
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "tgadmin.apps.TgadminConfig",
    "workspaces",
    "ingestion",
    "archive",
    "dashboard",
    "tgadmin.apps.TgadminAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_rq",
    "axes",
]

MIDDLEWARE = [
    "tgadmin.middleware.SecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tgadmin.middleware.GZipPagesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "workspaces.middleware.LocaleMiddleware",
    "workspaces.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "tgadmin.lib.replica.ReplicaMiddleware",
]

ROOT_URLCONF = "tgadmin.urls"
WSGI_APPLICATION = "tgadmin.wsgi.application"
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
            ],
            "builtins": ["dashboard.templatetags.addresses"],
            "libraries": {"i18n": "dashboard.templatetags.translating"},
        },
    },
]
# Two libraries are called i18n: ours takes the place of Django's, and every command would warn of it.
SILENCED_SYSTEM_CHECKS = ["templates.W003"]

DATABASES: dict[str, Any] = {
    "default": {
        **environ.Env.db_url_config(env.database_url()),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # A cursor that outlives its transaction would be somebody else's by then.
        "DISABLE_SERVER_SIDE_CURSORS": env.behind_pooler(),
    },
}
DATABASES["default"]["OPTIONS"] = {
    "application_name": "tgadmin",
    # For TCP: a server that went away, or a network between, is noticed within half a minute
    # (https://www.postgresql.org/docs/current/libpq-connect.html). The last is in milliseconds.
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    **DATABASES["default"].get("OPTIONS", {}),
}
# A replica that pages are read from, where there is one: tgadmin/lib/replica.
if _replica := env.replica_url():
    DATABASES["replica"] = {
        **DATABASES["default"],
        **environ.Env.db_url_config(_replica),
        "TEST": {"MIRROR": "default"},
    }
    DATABASES["replica"].setdefault("OPTIONS", {}).setdefault("application_name", "tgadmin")
    DATABASES["replica"]["OPTIONS"].setdefault("connect_timeout", 2)
REPLICA_MAX_LAG = env.replica_max_lag()

_QUEUE = {"URL": env.redis_url(), "DEFAULT_TIMEOUT": -1}
RQ_QUEUES = {"slices": _QUEUE, "calls": _QUEUE, "exports": _QUEUE, "media": _QUEUE}
RQ_SHOW_ADMIN_LINK = False  # tgadmin/admin.py registers RQ's pages, for superusers

# "default" is of each process; "shared" is Valkey, which may be away: tgadmin/lib/cache.py.
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "shared": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.redis_url(),
        "KEY_PREFIX": "tgadmin",
        "OPTIONS": {"socket_timeout": 0.3, "socket_connect_timeout": 0.3},
    },
}

AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"


# Without a mail server nobody can be sent a link, and the login page says who sets passwords.
_email = env.email()
CAN_SEND_MAIL = bool(_email)
EMAIL_BACKEND = _email.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST = _email.get("EMAIL_HOST", "")
EMAIL_PORT = _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _email.get("DEFAULT_FROM_EMAIL", "tgadmin@localhost")
EMAIL_TIMEOUT = 10
PASSWORD_RESET_TIMEOUT = 3600


def _name_tried(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """What axes counts failures by. Nobody has a longer name, and its columns hold no more."""
    return str((credentials or request.POST).get("username") or "")[:150]


AXES_USERNAME_CALLABLE = _name_tried
# Somebody who guesses locks out that name from that address, not the person themselves.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# Whose language and time zone a page is in: workspaces/middleware.py.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "tgadmin_language"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = env.https()
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = TGADMIN_DATA_DIR / "static"
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.is_dir()]
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Pages name files by their hash: the others would be compressed for nobody.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Files of messages, under their SHA-256. Where they are is in their rows: both may be in use.
MEDIA_STORE = "s3" if env.media_store() != "local" else "local"
STORAGES["media-local"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": MEDIA_DIR / "store",
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
if _s3 := env.media_s3():
    STORAGES["media-s3"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {**_s3, "default_acl": None, "querystring_auth": True},
    }
    STORAGES["lake-s3"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            **_s3,
            "location": f"{_s3['location']}/lake".lstrip("/"),
            "default_acl": None,
            "file_overwrite": True,
        },
    }
# What scheduled exports keep up.
STORAGES["lake-local"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": TGADMIN_DATA_DIR / "lake"},
}
MEDIA_QUOTA = env.media_quota()
MEDIA_FREE_FLOOR = env.media_free_floor()
MEDIA_PARTS = env.media_parts()

# Telegram's servers, unless another is named (the sandbox, or Telegram's own test servers).
TELEGRAM_DC, TELEGRAM_PUBLIC_KEY = env.telegram_server()
TELEGRAM_MIN_INTERVAL = env.telegram_min_interval()
TELEGRAM_TIMEOUT = env.telegram_timeout()
TELEGRAM_CONNECT_TIMEOUT = env.telegram_connect_timeout()
TELEGRAM_CONNECT_ATTEMPTS = env.telegram_connect_attempts()
# The pages that everybody may read, and whether requests may go to private addresses.
WEB_PREVIEW_URL = env.web_preview_url()
WEB_PREVIEW_INTERVAL = env.web_preview_interval()
OUTBOUND_PRIVATE = env.outbound_private()
BATCH_SIZE = env.batch_size()
BATCH_SECONDS = env.batch_seconds()
SLICE_SECONDS = env.slice_seconds()
COUNTER_AGES = env.counter_ages()

LOGGING = logs.config(
    level=env.log_level(),
    form=env.log_format(),
    secrets=[
        *ENCRYPTION_KEYS,
        SECRET_KEY,
        env.admin_password(),
        env.media_s3().get("secret_key") or "",
    ],
)
