"""
What `check --deploy` refuses, and so `./run serve`: the embedded parts, secrets that are none, addresses of examples,
and whatever lets others read, forge or enter.
"""

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from lib.http.safe_fetch import looks_private
from lib.http.url_parts import is_loopback

SHORTEST_KEY = 50  # characters, as Django's own check wants
SHORTEST_SECRET = 20  # characters of a password that only machines type
TLS_MODES = ("require", "verify-ca", "verify-full")  # of PostgreSQL
EXAMPLE_DOMAINS = ("example.org", "example.com", "example.net")


@register(Tags.security, deploy=True)
def deployment(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return one error for each setting that is fit for a demo only."""
    return [Error(says, hint=hint, id=f"bulletins.{code}") for code, says, hint in findings()]


def findings() -> Iterator[tuple[str, str, str]]:
    """Yield (code, what is wrong, what to do) for each setting that is fit for a demo only."""
    yield from parts()
    yield from secrets()
    yield from addresses()
    yield from webhooks()
    yield from providers()
    yield from hook()
    yield from connections()
    yield from readers()
    yield from channels()
    if settings.DEBUG:
        yield (
            "E009",
            "DEBUG is on: error pages show settings and code to everybody.",
            "Remove DEBUG or set DEBUG=false.",
        )


def parts() -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the database and the broker."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield (
            "E001",
            "The database is SQLite, which serves one machine and one writer at a time.",
            "Set DATABASE_URL=postgres://user:password@host:5432/name.",
        )
    if settings.EMBEDDED_BROKER:
        yield (
            "E002",
            "Celery works over the file system, which no second machine can join.",
            "Set REDIS_URL=redis://:password@host:6379/0.",
        )


def secrets() -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the keys."""
    make = "python3 -c 'import secrets; print(secrets.token_urlsafe(60))'"
    if settings.SECRET_KEY == settings.DEFAULT_SECRET_KEY:
        yield (
            "E003",
            "SECRET_KEY is the one from the source code, so anybody can sign a session.",
            f"Set it to what this prints: {make}",
        )
    elif len(settings.SECRET_KEY) < SHORTEST_KEY:
        yield "E003", f"SECRET_KEY has fewer than {SHORTEST_KEY} characters.", f"Set it to what this prints: {make}"
    if settings.SUPPRESSION_KEY == settings.SECRET_KEY:
        yield (
            "E004",
            "SUPPRESSION_KEY is not set, or is the same as SECRET_KEY: changing the one would forget who must get no mail.",
            f"Set it once, to what this prints, and keep it for good: {make}",
        )
    elif len(settings.SUPPRESSION_KEY) < SHORTEST_KEY:
        yield (
            "E004",
            f"SUPPRESSION_KEY has fewer than {SHORTEST_KEY} characters.",
            f"Set it to what this prints: {make}",
        )
    if any(key == settings.DEFAULT_SECRET_KEY or len(key) < SHORTEST_KEY for key in settings.SECRET_KEY_FALLBACKS):
        yield (
            "E016",
            f"SECRET_KEY_FALLBACKS has the key from the source code, or one of fewer than {SHORTEST_KEY} characters.",
            "Keep none in it but keys that were SECRET_KEY here and fit for it, or leave it empty.",
        )


def addresses() -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the public address, the mail server and the sender."""
    public = urlsplit(settings.PUBLIC_URL)
    if public.scheme != "https":
        yield (
            "E005",
            "PUBLIC_URL is not https, so logins and links travel in the clear.",
            "Set PUBLIC_URL=https://your.domain.",
        )
    if is_loopback(public.hostname or ""):
        yield (
            "E006",
            "PUBLIC_URL names this machine only, so no link in a mail would open.",
            "Set PUBLIC_URL=https://your.domain.",
        )
    catcher = urlsplit(settings.CATCHER)
    if is_loopback(settings.MAIL["host"]) and settings.MAIL["port"] == catcher.port:
        yield (
            "E007",
            "Mail goes to the mail catcher on this machine, so nothing would reach anybody.",
            "Set MAIL_URL=smtp+tls://user:password@relay:587.",
        )
    if is_example(public.hostname or ""):
        yield (
            "E006",
            "PUBLIC_URL is an address of an example, so no link in a mail would open.",
            "Set PUBLIC_URL=https://your.domain.",
        )
    if is_example(settings.MAIL["host"]):
        yield (
            "E007",
            "MAIL_URL is an address of an example, so no mail would be taken.",
            "Set MAIL_URL=smtp+tls://user:password@relay:587.",
        )
    local, _at, domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")
    if not local or not domain or is_example(domain.rstrip(">").strip()):
        yield (
            "E008",
            "MAIL_FROM is no address, or one of an example, so replies and bounces would be lost.",
            "Set MAIL_FROM to an address on your domain.",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield (
            "E010",
            "ALLOWED_HOSTS has a *, so anybody can make the site write links to a host of their own.",
            "Name the hosts, or leave it empty.",
        )


def webhooks() -> Iterator[tuple[str, str, str]]:
    """Yield what lets anyone report in a provider's name, or nobody."""
    from delivery.feedback.webhooks import PROVIDERS, lacks

    used = {way["esp"] for way in (settings.MAIL, settings.BACKUP_MAIL) if way and "esp" in way}
    for provider in sorted(used & PROVIDERS.keys()):
        missing = lacks(provider)
        if missing:
            example = f"{provider}=its-signing-key" if missing == "WEBHOOK_KEYS" else "user:long-and-random"
            yield (
                "E011",
                f"Nothing tells reports of {provider} from forged ones, so all of them are refused.",
                f"Set {missing}={example}, and tell {provider} where to report: see docs/operating/mail/provider-reports.md.",
            )
    if any(len(pair.partition(":")[2]) < SHORTEST_SECRET for pair in settings.WEBHOOK_SECRETS):
        yield (
            "E012",
            f"A password in WEBHOOK_SECRETS has fewer than {SHORTEST_SECRET} characters.",
            "Set it to what this prints: python3 -c 'import secrets; print(secrets.token_urlsafe(30))'",
        )


def providers() -> Iterator[tuple[str, str, str]]:
    """Yield which provider of mail lacks its key or the like."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.mail import mailers

    from .doctor import missing_settings
    from .startup_errors import first_line

    for name, way in (("default", settings.MAIL), ("backup", settings.BACKUP_MAIL)):
        if way and "esp" in way:
            try:
                mailers[name]
            except ImproperlyConfigured as fault:
                yield (
                    "E013",
                    f"No mail can leave through {way['esp']}: {first_line(fault)}.",
                    f"{missing_settings(way['esp'], fault)}.",
                )


def channels() -> Iterator[tuple[str, str, str]]:
    """Yield what stops messages of channels beside mail, or their receipts."""
    from delivery.transports.push import preflight as push
    from delivery.transports.sms import preflight as sms
    from delivery.transports.telegram import preflight as telegram
    from delivery.transports.whatsapp import preflight as whatsapp

    for code, findings in (
        ("E027", push.findings),
        ("E028", sms.findings),
        ("E029", telegram.findings),
        ("E030", whatsapp.findings),
    ):
        for says, hint in findings():
            yield code, says, hint


def hook() -> Iterator[tuple[str, str, str]]:
    """Yield what lets others read or forge what the notification hook is told."""
    if not settings.NOTIFY_URL:
        return
    if urlsplit(settings.NOTIFY_URL).scheme != "https":
        yield (
            "E014",
            "NOTIFY_URL is not https, so what staff are told travels in the clear.",
            "Set NOTIFY_URL=https://chat.your.domain/hooks/….",
        )
    if len(settings.NOTIFY_SECRET) < SHORTEST_SECRET:
        yield (
            "E015",
            f"NOTIFY_SECRET has fewer than {SHORTEST_SECRET} characters, so nothing tells our notices from forged ones.",
            "Set it to what this prints: python3 -c 'import secrets; print(secrets.token_urlsafe(30))'",
        )


def connections() -> Iterator[tuple[str, str, str]]:
    """Yield what can be read or forged on its way between our parts and others."""
    if urlsplit(settings.PUBLIC_URL).scheme == "https" and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        yield (
            "E017",
            "PROXIES is 0, so what the web server in front says is not believed: no page would open by https.",
            "Set PROXIES=1 behind deploy/nginx.conf.",
        )
    for name, way in (("MAIL_URL", settings.MAIL), ("BACKUP_MAIL_URL", settings.BACKUP_MAIL)):
        if way and "esp" not in way and not (way["use_tls"] or way["use_ssl"] or is_inside(way["host"])):
            yield (
                "E018",
                f"{name} is smtp:// to another network, so mail and the password for it travel in the clear.",
                f"Set {name}=smtp+tls://user:password@relay:587, or smtps://.",
            )
    redis = urlsplit(settings.REDIS_URL)
    if redis.hostname and not redis.password and not is_loopback(redis.hostname):
        yield (
            "E019",
            "REDIS_URL has no password and names another machine, so anybody who reaches it can give our workers tasks.",
            "Set REDIS_URL=rediss://:password@host:6379/0.",
        )
    bucket = settings.MEDIA_BUCKET.get("endpoint_url", "")
    if urlsplit(bucket).scheme == "http" and not is_loopback(urlsplit(bucket).hostname or ""):
        yield (
            "E026",
            "MEDIA_STORAGE_URL is s3+http:// to another machine, so files travel in the clear, unpublished ones too.",
            "Set MEDIA_STORAGE_URL=s3://key:secret@host/bucket.",
        )
    yield from database_connection()


def database_connection() -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the connection to the database."""
    database = settings.DATABASES["default"]
    hosts = str(database.get("HOST", "")).split(",")
    is_local = all(not host or host.startswith("/") or is_loopback(host) for host in hosts)
    mode = database.get("OPTIONS", {}).get("sslmode", "prefer")
    if database["ENGINE"].endswith("postgresql") and not is_local and mode not in TLS_MODES:
        yield (
            "E020",
            f"DATABASE_URL names another machine with sslmode={mode}, so all data may travel in the clear.",
            "Add ?sslmode=verify-full&sslrootcert=system to it, or the path of its own certificate; at least sslmode=require.",
        )


def readers() -> Iterator[tuple[str, str, str]]:
    """Yield what lets someone see or do what they should not: on this machine, in logs, at the desk."""
    for path in settings.SECRET_FILES:
        if is_readable_by_all(path):
            yield (
                "E021",
                f"{path} holds secrets, and every user of this machine may read it.",
                f"chmod o= {path}, and let its group be that of the site.",
            )
    if settings.LOG_LEVEL == "DEBUG":
        yield (
            "E022",
            "LOG_LEVEL is DEBUG, so libraries write what they do into the logs, and only the filter keeps addresses out of them.",
            "Set LOG_LEVEL=INFO or remove it.",
        )
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < SHORTEST_SECRET:
        yield (
            "E024",
            f"METRICS_TOKEN has fewer than {SHORTEST_SECRET} characters, so somebody may guess it and read the metrics.",
            "Set it to what this prints: python3 -c 'import secrets; print(secrets.token_urlsafe(30))'",
        )
    if settings.OIDC_ISSUER and urlsplit(settings.OIDC_ISSUER).scheme != "https":
        yield (
            "E025",
            "OIDC_ISSUER is not https, so anybody on the way can say who logs in.",
            "Set OIDC_ISSUER=https://id.your.domain.",
        )
    if not settings.SECOND_FACTOR:
        yield (
            "E023",
            "SECOND_FACTOR is off: a stolen password or mailbox is enough to enter the desk.",
            "Remove SECOND_FACTOR or set SECOND_FACTOR=true.",
        )


def is_inside(host: str) -> bool:
    """
    Return whether a host is this machine or on a network of its own: a private address, or a name that only that knows.
    """
    return looks_private(f"http://[{host}]/" if ":" in host else f"http://{host}/")


def is_readable_by_all(path: Path) -> bool:
    """
    Return whether every user of this machine can read a file: it and all folders above it let them. What containers are
    handed in /run/secrets is for whoever is in there, and nobody else is.
    """
    if path.is_relative_to("/run/secrets"):
        return False
    whole = path.resolve()
    return bool(whole.stat().st_mode & stat.S_IROTH) and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in whole.parents
    )


def is_example(host: str) -> bool:
    """Return whether a host name is one that examples use (RFC 2606) and nobody has."""
    name = host.lower()
    reserved = any(name == domain or name.endswith(f".{domain}") for domain in EXAMPLE_DOMAINS)
    return reserved or name.endswith((".example", ".invalid"))
