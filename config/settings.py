"""
All settings, read from the environment (config/env.py). Every variable is described in docs/operating/settings.md and
.env.example; a value that cannot be used stops the start with its name and what it should be.
Each can also be given as a file: NAME_FILE is the path of a file that holds the value of NAME.

Without any variable the embedded parts are used: SQLite, Celery over the file system, the local
mail catcher. `manage.py check --deploy` refuses them.
"""

from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import schedule
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from kombu import Exchange, Queue

from config import env
from lib.http.url_parts import is_loopback

BASE_DIR = Path(__file__).resolve().parents[1]

SECRET_FILES = env.SECRET_FILES
SECRET_FILES.clear()  # checks read the settings anew, with another environment

env_file = Path(env.text("ENV_FILE", str(BASE_DIR / ".env")))
if env.text("ENV_FILE") and not env_file.exists():
    raise ImproperlyConfigured(f"ENV_FILE is {env_file}, which does not exist.")
if env_file.is_file():
    env.read_file(env_file)
    SECRET_FILES.append(env_file)

# --- Place and secrets ---------------------------------------------------------------------------

DEFAULT_SECRET_KEY = "not-a-secret: set SECRET_KEY before anybody but you can reach this site"

DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var")))
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as fault:
    raise ImproperlyConfigured(f"DATA_DIR is {DATA_DIR}, which cannot be created ({fault.strerror}).") from fault
SECRET_KEY = env.text("SECRET_KEY", DEFAULT_SECRET_KEY)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
# Suppressed addresses are kept as HMAC under this key, and return paths and addresses for leaving are marked
# with it, so it must outlive every SECRET_KEY.
SUPPRESSION_KEY = env.text("SUPPRESSION_KEY", SECRET_KEY)
DEBUG = env.boolean("DEBUG", False)

PUBLIC_URL = env.url("PUBLIC_URL", "http://127.0.0.1:8000")
public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = [public.hostname or "", "127.0.0.1", "localhost", *env.words("ALLOWED_HOSTS")]
# To whom weaknesses are reported (/.well-known/security.txt); empty: there is no such page.
SECURITY_CONTACT = env.contact("SECURITY_CONTACT")
CSRF_TRUSTED_ORIGINS = [f"{public.scheme}://{public.netloc}"]

HTTPS = public.scheme == "https"
SECURE_SSL_REDIRECT = HTTPS
SECURE_SSL_HOST = public.netloc  # whatever host was asked for
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
# How many web servers stand in front. What they say of whoever asks counts only where there are any.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("PROXIES", 0, 0, 9)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "device"  # accounts/sessions/trusted_devices.py
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "config.http.message_storage.MessageStorage"
CSRF_FAILURE_VIEW = "config.http.error_views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
# What Django would say of HTTPS (W004, W008, W010 to W012, W016), weak keys (W009, W025) and DEBUG (W018) operations/deploy_checks.py says
# once, with what to do.
SILENCED_SYSTEM_CHECKS = [f"security.W{number:03}" for number in (4, 8, 9, 10, 11, 12, 16, 18, 25)]
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "media-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

# --- Apps ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "demo",
    "operations",
    "influencers",
    "website",
    "questions",
    "bulletins",
    "notifications",
    "factcheck",
    "delivery",
    "campaigns",
    "accounts",
    "unfold.apps.BasicAppConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "anymail",
    "config.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.http.request_log.NotingMiddleware",
    "config.http.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.http.middleware.OwnPagesMiddleware",
    "config.http.middleware.ProblemsMiddleware",
    "config.http.middleware.ReadableMiddleware",
    "config.http.middleware.DatabaseAwayMiddleware",
    "config.http.middleware.ConditionalPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.activity.ActivityMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "campaigns.middleware.CampaignMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "campaigns.context_processors.campaign",
            ]
        },
    }
]

# --- Who -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.login.backends.PasswordOfStaff"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # nobody signs up; without it the login form has no password
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 10  # guesses, as with the code for joining
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_ADAPTER = "config.allauth_adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "accounts.login.forms.RequestLoginCodeForm",
    "confirm_login_code": "accounts.login.forms.ConfirmLoginCodeForm",
}
# Their limits count in the cache, which may be away: accounts/login/attempt_limits.py counts in the database.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Whether the desk opens only to people who have proved by a second factor, too, who they are
# (accounts/login/second_factor.py).
SECOND_FACTOR = env.boolean("SECOND_FACTOR", True)
# The organisation's own identity provider for staff (accounts/login/oidc.py); without an issuer there is none.
OIDC_ISSUER = env.hook("OIDC_ISSUER").rstrip("/")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET")
OIDC_NAME = env.text("OIDC_NAME")
OIDC_SECOND_FACTOR = env.boolean("OIDC_SECOND_FACTOR", False)
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured("OIDC_ISSUER is set, so OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be set, too.")
SOCIALACCOUNT_ADAPTER = "config.allauth_adapters.StaffIdentityAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "staff",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER},
            }
        ],
    }
}
MFA_ADAPTER = "config.allauth_adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "accounts.login.second_factor.CodeForm",
    "reauthenticate": "accounts.login.second_factor.CodeAgainForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # so a passkey is two factors: to have it, and to unlock it
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # clocks of phones
MFA_RATE_LIMITS = False
ACCOUNT_SESSION_REMEMBER = True
SESSION_ENGINE = "accounts.sessions.store"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# Minutes without doing anything after which staff are logged out.
STAFF_IDLE_MINUTES = env.integer("STAFF_IDLE_MINUTES", 30, 5, 240)

# --- Storage -------------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
REDIS_URL = env.redis("REDIS_URL")
EMBEDDED_BROKER = not REDIS_URL
# Several installations may share one Redis: each puts its own name before its keys.
REDIS_PREFIX = env.text("REDIS_PREFIX", "bulletins")

CACHES = {
    "default": {
        "BACKEND": "config.redis_cache.MayBeAway",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Megabytes that an uploaded video may have; a picture may have 25.
ASSET_MAX_MB = env.integer("ASSET_MAX_MB", 200, 1, 2000)

# Days that an authority has for an answer unless staff say otherwise, and minutes for which a new answer is only for
# people who asked.
VOID_DAYS = env.integer("VOID_DAYS", 3, 1, 60)
ANSWER_HEAD_START_MINUTES = env.integer("ANSWER_HEAD_START_MINUTES", 15, 0, 1440)

# People whom one person may invite within 24 hours without a second person's yes; 0: each invitation needs one.
INVITATIONS_ALONE = env.integer("INVITATIONS_ALONE", 50, 0, 1000)

# Seconds that the mail of a correction leaves to people who posted what it corrects, who are told by a mail of their
# own.
CORRECTION_HEAD_START_SECONDS = env.integer("CORRECTION_HEAD_START_SECONDS", 10, 0, 300)

# Days after the last time for which it is known who read, copied or downloaded which version of a bulletin.
EXPOSURE_DAYS = env.integer("EXPOSURE_DAYS", 400, 30, 3650)
# Days after which what someone did who left is forgotten.
LEFT_DAYS = env.integer("LEFT_DAYS", 365, 1, 3650)

# Days after which someone whom staff know, and who was invited or not, is forgotten unless they have joined.
INVITED_DAYS = env.integer("INVITED_DAYS", 90, 1, 3650)

# Days after which it is forgotten whom a mail went to, what providers reported, what people were told, who brought
# a question or reported a claim, a closed report of harassment, and mail from unknown people
# (accounts/privacy/retention.py).
DELIVERY_DAYS = env.integer("DELIVERY_DAYS", 400, 30, 3650)
EVENT_DAYS = env.integer("EVENT_DAYS", 180, 30, 3650)
NOTICE_DAYS = env.integer("NOTICE_DAYS", 90, 1, 3650)
QUESTION_DAYS = env.integer("QUESTION_DAYS", 400, 30, 3650)
REPORTER_DAYS = env.integer("REPORTER_DAYS", 400, 30, 3650)
HARASSMENT_DAYS = env.integer("HARASSMENT_DAYS", 365, 1, 3650)
STRAY_MAIL_DAYS = env.integer("STRAY_MAIL_DAYS", 180, 1, 3650)

# --- Celery: rows are the queue, Celery only wakes it ---------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"  # the name means nothing, but without one kombu warns
CELERY_BROKER_TRANSPORT = None if REDIS_URL else "config.file_broker:Transport"
BROKER_DIR = DATA_DIR / "broker"
if EMBEDDED_BROKER:
    for name in ("messages", "taken", "control"):
        (BROKER_DIR / name).mkdir(parents=True, exist_ok=True)
CELERY_BROKER_TRANSPORT_OPTIONS: dict = (
    {
        "global_keyprefix": f"{REDIS_PREFIX}:",
        "visibility_timeout": 3600,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 20,
        "retry_on_timeout": True,
    }
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "processed_folder": str(BROKER_DIR / "taken"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
    }
)
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name) for name in ("tick", "urgent", "bulletin", "digest", "making")
]
CELERY_TASK_DEFAULT_QUEUE = "tick"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 660
CELERY_TASK_TIME_LIMIT = 720
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 25
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_DB_REUSE_MAX = 1000

TICK_SECONDS = env.integer("TICK_SECONDS", 30, 1, 300)
CELERY_BEAT_SCHEDULE = {
    # A tick that nobody took before the next one is due says nothing new.
    "tick": {
        "task": "config.tasks.tick",
        "schedule": schedule(TICK_SECONDS),
        "options": {"expires": TICK_SECONDS},
    },
    "start_due": {"task": "config.tasks.start_due", "schedule": schedule(1), "options": {"expires": 1}},
    "recall_due": {"task": "config.tasks.recall_due", "schedule": schedule(1), "options": {"expires": 1}},
}
# A sign of life from the workers of each queue, for whoever watches; rarely, as the embedded broker carries few messages.
# It may wait behind mail, which goes in runs of ten seconds.
LANE_SECONDS = max(TICK_SECONDS, 30)
CELERY_BEAT_SCHEDULE |= {
    f"show_{queue.name}": {
        "task": "config.tasks.show_lane",
        "args": (queue.name,),
        "schedule": schedule(LANE_SECONDS),
        "options": {"queue": queue.name, "expires": 4 * LANE_SECONDS},
    }
    for queue in CELERY_TASK_QUEUES
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")

# --- The processes of ./run serve ------------------------------------------------------------------

WEB_PROCESSES = env.integer("WEB_PROCESSES", 2, 1, 64)
WEB_THREADS = env.integer("WEB_THREADS", 8, 1, 64)
# Celery processes for each of the queues urgent, bulletin and digest; the tick and heavy work have one each.
WORKER_PROCESSES = env.integer("WORKER_PROCESSES", 2, 1, 64)

# --- Mail ----------------------------------------------------------------------------------------

CATCHER = "smtp://127.0.0.1:1025"
MAIL = env.mail("MAIL_URL", CATCHER)
BACKUP_MAIL = env.mail("BACKUP_MAIL_URL", "") if env.text("BACKUP_MAIL_URL") else None
EXERCISE_MAIL = env.smtp("EXERCISE_MAIL_URL", CATCHER)
if not is_loopback(EXERCISE_MAIL["host"]):
    raise ImproperlyConfigured(
        "EXERCISE_MAIL_URL must name a mail catcher on this machine (127.0.0.1): "
        "an exercise may never reach a real inbox."
    )
ANYMAIL = env.anymail()
# The mailers: "default" for live campaigns, "backup" while that one is away, "exercise" for exercises.
MAILERS = {"default": env.mailer(MAIL), "exercise": env.mailer(EXERCISE_MAIL)}
# How a send's messages leave by each: our SMTP client ("smtp"), a provider's API ("esp"), or Django's own
# backend, mail by mail ("mailer").
TRANSPORT = env.choice("TRANSPORT", {"smtp", "mailer"}, "smtp")
TRANSPORTS = {"default": "esp" if "esp" in MAIL else TRANSPORT, "exercise": TRANSPORT}
if BACKUP_MAIL:
    MAILERS["backup"] = env.mailer(BACKUP_MAIL)
    TRANSPORTS["backup"] = "esp" if "esp" in BACKUP_MAIL else TRANSPORT
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "bulletins@example.org")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where bounces of bulletins come back to, with a mark after a plus sign. Empty: bounces@ the sender's domain.
BOUNCE_ADDRESS = env.address("BOUNCE_ADDRESS")

# What providers' reports, and mails that are posted, must come with: user:password pairs, and the keys they sign with.
WEBHOOK_SECRETS = env.webhook_secrets("WEBHOOK_SECRETS")
WEBHOOK_KEYS = env.webhook_keys("WEBHOOK_KEYS")

# Megabytes that a request with a mail from outside may have (influencers/inbox/inbound_views.py).
INBOUND_MEGABYTES = env.integer("INBOUND_MEGABYTES", 25, 1, 100)

# Hours that an influencer waits, and days that a partner hears nothing from a person, until the team is reminded; and
# minutes until everyone hears of a report of harassment that nobody took.
WAITING_HOURS = env.integer("WAITING_HOURS", 24, 1, 720)
QUIET_DAYS = env.integer("QUIET_DAYS", 14, 1, 365)
HARASSMENT_MINUTES = env.integer("HARASSMENT_MINUTES", 15, 1, 1440)

# The preflight of the sending domain (delivery/preflight/): whether it may hold live sends, the DKIM selectors that
# relay or provider sign with, the hosts whose addresses receivers see, and DNS servers instead of this machine's.
PREFLIGHT = env.boolean("PREFLIGHT", True)
DKIM_SELECTORS = env.words("DKIM_SELECTORS")
SENDING_HOSTS = env.words("SENDING_HOSTS")
DNS_SERVERS = env.name_servers("DNS_SERVERS")

# The notification hook: where what staff should know at once is posted as JSON, and the key it is signed with.
NOTIFY_URL = env.hook("NOTIFY_URL")
NOTIFY_SECRET = env.text("NOTIFY_SECRET")

# Delivery: rows claimed at a time, messages handed to the transport at a time, connections per send.
SEND_CHUNK = env.integer("SEND_CHUNK", 200, 1, 5000)
SEND_WINDOW = env.integer("SEND_WINDOW", 10, 1, 500)
SEND_CONNECTIONS = env.integer("SEND_CONNECTIONS", 2, 1, 64)

# The WebSub hub that hears of every change of the feeds (website/feeds/websub.py); empty: none.
WEBSUB_HUB = env.hook("WEBSUB_HUB")

# Hosts of our own (host:port) whose addresses may be tried although they are private (lib/http/safe_fetch.py).
FETCH_ALLOW = env.hosts("FETCH_ALLOW")

# A callable embed(texts) that turns texts into numbers, as a dotted path (factcheck/matching/similar_claims.py); empty: none.
EMBEDDER = env.text("EMBEDDER")

# --- Language and time ---------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"  # stored in; shown in the campaign's zone
LANGUAGE_CODE = "en"
LANGUAGES = [("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
FORMAT_MODULE_PATH = ["config.formats"]

# --- Traces --------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", {"DEBUG", "INFO", "WARNING", "ERROR"}, "INFO")
# "line" for people, "json" for machines (operations/logs/formatters.py).
LOG_FORMAT = env.choice("LOG_FORMAT", {"line", "json"}, "line")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "clean": {"()": "operations.logs.formatters.Clean"},
        "as_warning": {"()": "operations.logs.client_errors.AsWarning"},
        "ours": {"()": "operations.logs.client_errors.Ours"},
    },
    "formatters": {
        "line": {"()": "operations.logs.formatters.Lines"},
        "json": {"()": "operations.logs.formatters.JsonLines"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["as_warning", "clean"]},
        "count": {"class": "operations.logs.error_counter.Counter", "level": "ERROR", "filters": ["ours"]},
    },
    "root": {"handlers": ["stderr", "count"], "level": LOG_LEVEL},
    # Celery tells of every task that comes and goes, and one comes every second.
    "loggers": {
        name: {"level": "DEBUG" if LOG_LEVEL == "DEBUG" else "WARNING"}
        for name in ("celery.app.trace", "celery.beat", "celery.worker.strategy")
    }
    # A visitor who may not (403) or asks for what is not there is no fault of ours, and addresses hold tokens.
    | {"django.request": {"level": "DEBUG" if LOG_LEVEL == "DEBUG" else "ERROR"}}
    # A forged Host is refused with 400; whoever sends many must not fill the log, or wake someone at night.
    | {"django.security.DisallowedHost": {"level": "CRITICAL"}}
    # They tell which letters a certificate has, and they are of someone's name.
    | {name: {"level": "ERROR"} for name in ("fontTools", "fpdf")}
    # When they tell all, they tell what is in a page, a statement, a request or a mail.
    | {
        name: {"level": "INFO" if LOG_LEVEL == "DEBUG" else LOG_LEVEL}
        for name in ("django.template", "django.db.backends", "urllib3", "oauthlib", "requests_oauthlib", "botocore")
    }
    | {name: {"level": "WARNING" if LOG_LEVEL != "ERROR" else "ERROR"} for name in ("fido2", "mail.log", "sentry_sdk")}
    # The web server's processes have a handler of their own until these settings are read.
    | {"_granian": {"handlers": [], "level": "WARNING", "propagate": True}},
}

# Where errors are reported to, cleaned like the logs (operations/logs/sentry.py); empty: nowhere.
SENTRY_DSN = env.hook("SENTRY_DSN")
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")

# What a scrape of /metrics must show as its bearer token; empty: there is no such page.
METRICS_TOKEN = env.text("METRICS_TOKEN")

# --- The desk's look -----------------------------------------------------------------------------

UNFOLD: dict = {
    "SITE_TITLE": _("Bulletin desk"),
    "SITE_HEADER": _("Bulletin desk"),
    "SITE_ICON": "config.desk.site.mark",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "config.desk.site.mark"}],
    "SITE_URL": "/",
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": ["config.desk.site.tokens", "config.desk.site.colours", "config.desk.site.stylesheet"],
    "ACCOUNT": {"navigation": "config.desk.site.account_links"},
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "config.desk.site.navigation"},
    "TABS": "config.desk.site.tabs",
}
