"""Logs, error reports and metrics."""

from .installation import env

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
