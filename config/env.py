"""
Readers of the environment. A value that cannot be used stops the start with the variable's name and what it should be.
Each variable can also be given as a file: NAME_FILE is the path of a file that holds the value of NAME.
"""

import hashlib
import ipaddress
import json
import os
import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Providers whose API we speak through django-anymail: name in MAIL_URL → backend.
ESPS = {
    name: f"anymail.backends.{name.replace('-', '_')}.EmailBackend"
    for name in (
        *("amazon-ses", "brevo", "mailersend", "mailgun", "mailjet", "mailtrap", "mandrill", "postal"),
        *("postmark", "resend", "scaleway", "sendgrid", "sparkpost", "unisender_go"),
    )
}


# Who a text message comes from: a name, a number, a short number, or a messaging service of Twilio.
SENDER = re.compile(
    r"(?=[0-9 -]{0,10}[A-Za-z])[A-Za-z0-9][A-Za-z0-9 -]{0,10}|\+[1-9][0-9]{6,14}|[0-9]{3,8}|MG[0-9a-f]{32}"
)

DIGESTS: dict[
    str, str
] = {}  # {variable: SHA-256 of what was read}; hosts compare theirs (operations/hosts/host_differences.py)
SECRET_FILES: list[Path] = []  # that a value came from; check --deploy looks who may read them


def read_file(path: Path) -> None:
    """Put `NAME=value` lines of `path` into the environment; what is already set there wins."""
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def text(name: str, default: str = "") -> str:
    """
    Return the variable `name`, or what stands in the file that `name`_FILE names, or `default` when both are unset or
    empty. Stop when both are set, or the file cannot be read.
    """
    value, path = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if value and path:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
            SECRET_FILES.append(Path(path))
        except (OSError, ValueError) as fault:
            why = fault.strerror if isinstance(fault, OSError) else "it is no text in UTF-8"
            raise ImproperlyConfigured(f"{name}_FILE is {path}, which cannot be read ({why}).") from fault
    DIGESTS[name] = hashlib.sha256((value or default).encode()).hexdigest()
    return value or default


def boolean(name: str, default: bool) -> bool:
    """Return the variable as a boolean, or stop with what it should be."""
    value = text(name, str(default)).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; it should be true or false.")


def integer(name: str, default: int, lowest: int, highest: int) -> int:
    """Return the variable as a whole number between the two bounds, or stop."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
        raise ImproperlyConfigured(f"{name} is {value!r}; it should be a whole number from {lowest} to {highest}.")
    return int(value)


def text_list(name: str) -> list[str]:
    """Return a comma-separated variable as a list without empty items."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def choices(name: str, known: set[str]) -> list[str]:
    """Return some of `known`, separated by commas, or stop and name them."""
    values = text_list(name)
    if strange := sorted(set(values) - known):
        raise ImproperlyConfigured(f"{name} has {', '.join(strange)}; it may have {', '.join(sorted(known))}.")
    return values


def choice(name: str, choices: set[str], default: str) -> str:
    """Return one of `choices`, or stop and name them."""
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it should be one of {', '.join(sorted(choices))}.")
    return value


def split(name: str, url: str) -> SplitResult:
    """Return the parts of `url`; one that is no address at all stops the start with the variable's name."""
    try:
        return urlsplit(url)
    except ValueError as fault:
        raise ImproperlyConfigured(f"{name} is no address ({fault}).") from fault


def port(name: str, url: str, default: int) -> int:
    """Return the port of `url`; a port that is no port stops the start with the variable's name."""
    try:
        return split(name, url).port or default
    except ValueError as fault:
        raise ImproperlyConfigured(
            f"{name} has a port that is not a number from 0 to 65535. "
            "Write special characters in a password as %-codes: p@ss is p%40ss."
        ) from fault


def database(name: str, default: str) -> dict:
    """
    Return Django's database settings for sqlite:///path or postgres://user:pass@host:port/name. A PostgreSQL with standbys has
    several hosts: ?host=a,b&target_session_attrs=read-write. One that is reached through a pooler, which hands a connection to
    others after each transaction, says so: ?pooler=transaction.
    """
    url = text(name, default)
    parts = split(name, url)
    if "#" in url:
        raise ImproperlyConfigured(
            f"{name} has a # in it. Write special characters in a password as %-codes: # is %23."
        )
    if parts.scheme == "sqlite" and parts.path.strip("/"):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:] if parts.path.startswith("//") else parts.path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"} and parts.path.strip("/"):
        query = dict(parse_qsl(parts.query))
        pooler = query.pop("pooler", "")
        if pooler not in {"", "transaction"}:
            raise ImproperlyConfigured(f"{name} has pooler={pooler}; it should be transaction, or be left out.")
        # What a connection is told when it begins, a pooler would tell whoever has it next.
        own = {} if pooler else {"options": "-c idle_in_transaction_session_timeout=30s"}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.strip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query.pop("host", "") or parts.hostname or "",
            "PORT": query.pop("port", "") or port(name, url, 5432),
            "DISABLE_SERVER_SIDE_CURSORS": bool(pooler),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "connect_timeout": 5,
                # A server that is cut off is noticed within half a minute, also in the middle of a query.
                "tcp_user_timeout": 30_000,
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
                **own,
                **query,
            },
        }
    raise ImproperlyConfigured(
        f"{name} should look like postgres://user:password@host:5432/name or sqlite:////path/to/file."
    )


def redis(name: str) -> str:
    """Return a Redis address, or "" for the embedded broker."""
    url = text(name)
    parts = split(name, url)
    number = parts.path.strip("/")
    if url and (parts.scheme not in {"redis", "rediss"} or not parts.hostname or (number and not number.isdigit())):
        raise ImproperlyConfigured(f"{name} should look like redis://:password@host:6379/0.")
    if url:
        port(name, url, 6379)
    return url


def smtp(name: str, default: str) -> dict:
    """
    Return the options of an SMTP relay from smtp://, smtp+tls:// (STARTTLS) or smtps:// (TLS from the
    first byte), with user:password@host:port where needed.
    """
    url = text(name, default)
    parts = split(name, url)
    if parts.scheme not in {"smtp", "smtp+tls", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} should look like smtp+tls://user:password@host:587 (or smtp://, or smtps://)."
        )
    usual = {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme]
    return {
        "host": parts.hostname,
        "port": port(name, url, usual),
        "username": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
        "timeout": 15,
    }


def mail(name: str, default: str) -> dict:
    """Return the options of an SMTP relay (see `smtp`), or {"esp": provider} from esp://provider."""
    parts = split(name, text(name, default))
    if parts.scheme != "esp":
        return smtp(name, default)
    if parts.hostname not in ESPS:
        raise ImproperlyConfigured(f"{name} should be esp:// and one of {', '.join(sorted(ESPS))}.")
    return {"esp": parts.hostname, "host": parts.hostname, "port": 443}


def anymail() -> dict:
    """
    Return Anymail's settings from every variable ANYMAIL_…: text as it is, true and false, and JSON in braces.

    A login code is waited for, so the time for connecting and for each wait for an answer is short.
    """
    found: dict = {"REQUESTS_TIMEOUT": (5, 30)}
    names = {name.removesuffix("_FILE") for name in os.environ if name.startswith("ANYMAIL_")}
    for name in sorted(names):
        value = text(name)
        if not value:
            continue
        try:
            found[name.removeprefix("ANYMAIL_")] = (
                json.loads(value) if value in {"true", "false"} or value.startswith("{") else value
            )
        except ValueError as fault:
            raise ImproperlyConfigured(f"{name} begins with a brace, but is not JSON ({fault}).") from fault
    # boto3 tries a call again by itself, which may send it twice.
    once = {"connect_timeout": 5, "read_timeout": 30, "retries": {"total_max_attempts": 1}}
    found["AMAZON_SES_CLIENT_PARAMS"] = {"config": once} | found.get("AMAZON_SES_CLIENT_PARAMS", {})
    return found


def mailer(options: dict) -> dict:
    """Return the entry of MAILERS for what `mail` read."""
    if "esp" in options:
        return {"BACKEND": ESPS[options["esp"]]}
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}


def sms(name: str) -> dict:
    """
    Return the provider of text messages at twilio://account:token@api.twilio.com, or at https://user:secret@host/path one that
    speaks JSON; {} when unset. Without TLS only on this machine, for trials.
    """
    url = text(name)
    if not url:
        return {}
    parts = split(name, url)
    is_here = parts.hostname in {"127.0.0.1", "localhost"}
    if (
        parts.scheme not in {"twilio", "https", *(["http"] if is_here else [])}
        or not (parts.hostname and parts.username and parts.password)
        or parts.query
        or parts.fragment
    ):
        raise ImproperlyConfigured(
            f"{name} should look like twilio://ACxxxx:token@api.twilio.com or https://user:secret@gateway.example/send. "
            "Write special characters in a password as %-codes: p@ss is p%40ss."
        )
    usual = 80 if is_here else 443
    number = port(name, url, usual)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return {
        "provider": "twilio" if parts.scheme == "twilio" else "json",
        "url": f"{'http' if is_here else 'https'}://{host}{'' if number == usual else f':{number}'}{parts.path.rstrip('/')}",
        "user": unquote(parts.username),
        "secret": unquote(parts.password),
    }


def sms_sender(name: str) -> str:
    """
    Return who a text message comes from: a name of 1 to 11 letters, digits, spaces and hyphens with a letter, a number as +358401234567, a
    short number of 3 to 8 digits, or a messaging service of Twilio (MG and 32 digits); "" when unset.
    """
    sender = text(name)
    if sender and not SENDER.fullmatch(sender):
        raise ImproperlyConfigured(
            f"{name} is {sender!r}; it should be a name of at most 11 letters and digits, a number as +358401234567, or a short number."
        )
    return sender


def bucket(name: str) -> dict:
    """
    Return the options of the object storage at s3://key:secret@host:port/bucket/folder?region=…, or {} when unset. s3+http://
    is one without TLS. Without key and secret the machine's own role is asked for.
    """
    url = text(name)
    if not url:
        return {}
    parts = split(name, url)
    bucket, _slash, folder = unquote(parts.path.strip("/")).partition("/")
    query = dict(parse_qsl(parts.query))
    if (
        parts.scheme not in {"s3", "s3+http"}
        or not parts.hostname
        or not bucket
        or parts.fragment
        or query.keys() - {"region"}
    ):
        raise ImproperlyConfigured(f"{name} should look like s3://key:secret@host/bucket?region=eu-north-1.")
    scheme, usual = ("https", 443) if parts.scheme == "s3" else ("http", 80)
    return {
        "endpoint_url": f"{scheme}://{parts.hostname}:{port(name, url, usual)}",
        "bucket_name": bucket,
        "location": folder,
        "region_name": query.get("region", "us-east-1"),
        "access_key": unquote(parts.username or "") or None,
        "secret_key": unquote(parts.password or "") or None,
        "file_overwrite": False,
    }


def address(name: str) -> str:
    """Return an email address in ASCII that a mark can be put into after a plus sign, or "" when unset."""
    address = text(name)
    if address and not re.fullmatch(r"[a-z0-9._-]{1,16}@[a-z0-9-]+(\.[a-z0-9-]+)+", address):
        raise ImproperlyConfigured(
            f"{name} is {address!r}; it should look like bounces@mail.example.org, in lower case, "
            "with no plus sign and at most 16 characters before the @."
        )
    return address


def webhook_secrets(name: str) -> list[str]:
    """Return user:password pairs, or stop."""
    pairs = text_list(name)
    if not all(re.fullmatch(r"[^:\s]+:[^:\s]+", pair) for pair in pairs):
        raise ImproperlyConfigured(f"{name} should be user:password, or several of them separated by commas.")
    return pairs


def webhook_keys(name: str) -> dict[str, str]:
    """Return signing keys by provider, written as provider=key, or stop."""
    keys = {}
    for item in text_list(name):
        provider, _equals, key = item.partition("=")
        if provider not in ESPS or not key:
            raise ImproperlyConfigured(
                f"{name} should be provider=key, or several of them separated by commas; "
                f"the provider is one of {', '.join(sorted(ESPS))}."
            )
        keys[provider] = key
    return keys


def name_servers(name: str) -> list[tuple[str, int]]:
    """Return DNS servers, written as addresses or address:port ([::1]:53), or stop."""
    found = []
    for item in text_list(name):
        try:
            parts = urlsplit(f"//{item if item.count(':') < 2 or item.startswith('[') else f'[{item}]'}")
            found.append((str(ipaddress.ip_address(parts.hostname or "")), parts.port or 53))
        except ValueError as fault:
            raise ImproperlyConfigured(
                f"{name} has {item!r}; each item should be an IP address, with :port where it is not 53."
            ) from fault
    return found


def url(name: str, default: str) -> str:
    """Return an http(s) address without a trailing slash, or stop."""
    url = text(name, default).rstrip("/")
    parts = split(name, url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name} should look like https://bulletins.example.org.")
    port(name, url, 443)
    return url


def hook(name: str) -> str:
    """Return an http(s) address with whatever path it has, or "" when unset."""
    url = text(name)
    parts = split(name, url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment):
        raise ImproperlyConfigured(f"{name} should look like https://chat.example.org/hooks/abc.")
    if url:
        port(name, url, 443)
    return url


def hosts(name: str) -> list[str]:
    """Return host:port pairs in lower case, or stop."""
    pairs = [pair.lower() for pair in text_list(name)]
    if not all(re.fullmatch(r"[^\s:/@]+:\d{1,5}", pair) for pair in pairs):
        raise ImproperlyConfigured(f"{name} should be host:port, or several of them separated by commas.")
    return pairs


def contact(name: str) -> str:
    """Return where someone can be reached as a URI, from an email address or an https address, or "" when unset."""
    said = text(name)
    if re.fullmatch(r"[^@\s:/<>]+@[^@\s:/<>]+\.[^@\s:/<>]+", said):
        return f"mailto:{said}"
    if said and not re.fullmatch(r"https://[^\s/]+\.[^\s]+", said):
        raise ImproperlyConfigured(f"{name} is {said!r}; it should be an email address, or start with https://.")
    return said


def elliptic_key(name: str) -> str:
    """Return a private key of P-256 as its 32 octets in base64url, "" when unset, or stop."""
    key = text(name).rstrip("=")
    if key and not re.fullmatch(r"[A-Za-z0-9_-]{43}", key):
        raise ImproperlyConfigured(
            f"{name} should be what `./run manage vapid_keys` prints: 43 letters, digits, - and _."
        )
    return key
