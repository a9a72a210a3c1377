"""The mailers: that mail to the relay, and to the backup, is encrypted. Tried by a real connection (TLS)."""

import smtplib
import ssl
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail.utils import DNS_NAME
from django.utils.translation import gettext_noop

from lib.http.url_parts import is_loopback

from .preflight_findings import Finding, Level

STEP_SECONDS = 5.0  # for each step of the dialogue with the relay


def check_relays() -> Iterator[Finding]:
    """See that mail leaves encrypted; a fault of the backup is a warning, as the other way is still open."""
    yield check_tls(settings.MAIL, "MAIL_URL")
    if settings.BACKUP_MAIL:
        second = check_tls(settings.BACKUP_MAIL, "BACKUP_MAIL_URL")
        yield second if second.ok else Finding("TLS", Level.WARNING, second.says, second.do, second.values)


def check_tls(options: dict[str, Any], variable: str) -> Finding:
    """Return whether mail to the relay of `options` (as settings.MAIL) is encrypted; a real connection."""
    values = {"place": f"{options['host']}:{options['port']}", "variable": variable, "esp": options.get("esp", "")}
    if "esp" in options:
        return Finding("TLS", Level.OK, gettext_noop("Mail goes to %(esp)s over HTTPS."), values=values)
    if is_loopback(options["host"]):
        return Finding(
            "TLS",
            Level.OK,
            gettext_noop("The relay %(place)s is on this machine: no network to encrypt."),
            values=values,
        )
    # smtp:// takes what the relay offers and looks at no certificate (delivery.transports.mail.smtp).
    unchecked = not (options["use_tls"] or options["use_ssl"])
    try:
        offers = has_encrypted(options)
    except ssl.SSLCertVerificationError as fault:
        if unchecked:
            return encrypted_unchecked(values)
        return Finding(
            "TLS",
            Level.WRONG,
            gettext_noop("The certificate of %(place)s is not valid: %(fault)s."),
            gettext_noop("Name the host in %(variable)s as its certificate does, or have the certificate renewed."),
            values | {"fault": fault.verify_message.rstrip(".")},
        )
    except ssl.SSLError as fault:
        return Finding(
            "TLS",
            Level.WRONG,
            gettext_noop("%(place)s cannot agree on encryption with us: %(fault)s."),
            gettext_noop("Compare kind and port in %(variable)s: smtps:// for port 465, smtp+tls:// for port 587."),
            values | {"fault": (fault.reason or str(fault)).lower().replace("_", " ")},
        )
    except (OSError, smtplib.SMTPException) as fault:
        return Finding(
            "TLS",
            Level.UNSEEN,
            gettext_noop("The relay %(place)s cannot be reached: %(fault)s."),
            gettext_noop("Check %(variable)s and that the relay is running."),
            values | {"fault": str(fault)[:200].rstrip(".") or type(fault).__name__},
        )
    if offers and unchecked:
        return encrypted_unchecked(values)
    if offers:
        return Finding(
            "TLS", Level.OK, gettext_noop("Mail to %(place)s is encrypted; its certificate is valid."), values=values
        )
    return Finding(
        "TLS",
        Level.WRONG,
        gettext_noop("Mail to %(place)s crosses the network unencrypted: the relay offers no TLS."),
        gettext_noop("Have TLS set up on the relay, or set another one in %(variable)s."),
        values,
    )


def encrypted_unchecked(values: dict[str, Any]) -> Finding:
    """Return what is said of mail that is encrypted for whoever answers."""
    return Finding(
        "TLS",
        Level.WARNING,
        gettext_noop("Mail to %(place)s is encrypted, but the relay's certificate is not checked."),
        gettext_noop("Use smtp+tls:// instead of smtp:// in %(variable)s."),
        values,
    )


def has_encrypted(options: dict[str, Any]) -> bool:
    """
    Connect to a relay as `options` say, encrypt where it can be, and return whether it could.

    Raise ssl.SSLError for what is wrong with the encryption, OSError or SMTPException when the relay is not there.
    """
    context = ssl.create_default_context()
    connect = partial(smtplib.SMTP_SSL, context=context) if options["use_ssl"] else smtplib.SMTP
    name = DNS_NAME.get_fqdn()
    with connect(options["host"], options["port"], local_hostname=name, timeout=STEP_SECONDS) as server:
        server.ehlo()
        if options["use_ssl"]:
            return True
        if not server.has_extn("starttls"):
            return False
        server.starttls(context=context)
        server.ehlo()
        return True
