"""
Opening an address that someone wrote, without being led into our own network.

A name is looked up once; every address that it has must be a public one, and the connection goes to the address that
was looked at, so that a second answer of the name server changes nothing. Redirects are led through the same door.
"""

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from django.conf import settings

from . import url_parts

PORTS = {"http": 80, "https": 443}
MOST_REDIRECTS = 5
MOST_BYTES = 512 * 1024
MOST_SECONDS = 10.0
HEADERS = {"User-Agent": "crisis-bulletins link check", "Accept": "*/*", "Accept-Encoding": "identity"}

# What `is_global` lets through although it leads to addresses inside: NAT64 and 6to4 carry an IPv4 address.
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_NUMERIC_HOST = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}\.?", re.IGNORECASE)
_INSIDE = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet")


class FetchFault(Exception):
    """An address that could not be opened. `code` names the reason for machines; it is at most 20 letters."""

    code = "unreachable"


class BadAddress(FetchFault):
    """No http or https address, another port than theirs, or one with a password in it."""

    code = "bad"


class PrivateAddress(FetchFault):
    """The address leads to a network that is not the public internet."""

    code = "private"


class UnknownHost(FetchFault):
    """No name server knows the host."""

    code = "dns"


class TooSlow(FetchFault):
    """It took longer than the time given for everything together."""

    code = "timeout"


class TooManyRedirects(FetchFault):
    """It led on, and on, and on."""

    code = "redirects"


class BadCertificate(FetchFault):
    """The TLS connection could not be trusted or made."""

    code = "tls"


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: HTTP status, the address that gave it, its first bytes, and its content type ("" if unsaid)."""

    status: int
    url: str
    content: bytes
    content_type: str


def fetch(
    url: str,
    *,
    method: str = "GET",
    most_bytes: int = MOST_BYTES,
    most_seconds: float = MOST_SECONDS,
    most_redirects: int = MOST_REDIRECTS,
    headers: Mapping[str, str] | None = None,
) -> Fetched:
    """
    Open a public http or https address, following up to `most_redirects`, and return the answer, whatever its status.

    At most `most_bytes` are read, and everything together takes at most `most_seconds`. No cookie, no password and no
    referrer is sent; `headers` go to this address alone, to none that it leads to. Raise FetchFault (one of its kinds) when nothing answered or the address may not be opened.
    Hosts in the setting FETCH_ALLOW ("host:port") may be private and on any port.
    """
    until = time.monotonic() + most_seconds
    for _step in range(most_redirects + 1):
        answer, leads_to = _ask(url, method, b"", most_bytes, until, headers)
        if leads_to is None:
            return answer
        headers = None
        try:
            url = urljoin(url, leads_to)
        except ValueError as fault:
            raise BadAddress(leads_to) from fault
    raise TooManyRedirects(url)


def post(url: str, fields: Mapping[str, str], *, most_seconds: float = MOST_SECONDS) -> Fetched:
    """
    Post a form to a public http or https address and return the answer, whatever its status. As `fetch`, but a redirect is
    an answer like any other: what is posted is for this address.
    """
    body = urlencode(fields).encode()
    answer, _leads_to = _ask(url, "POST", body, MOST_BYTES, time.monotonic() + most_seconds)
    return answer


def looks_private(url: str) -> bool:
    """Tell, without asking anyone, whether an address names a host inside: an address in any spelling, or a name."""
    try:
        host, port, _scheme = checked(url)
    except (PrivateAddress, BadAddress) as fault:
        return isinstance(fault, PrivateAddress)
    if f"{host}:{port}" in settings.FETCH_ALLOW:
        return False
    if _NUMERIC_HOST.fullmatch(host):
        try:
            return not is_public(socket.inet_ntoa(socket.inet_aton(host.rstrip("."))))
        except OSError:
            return True
    try:
        return not is_public(host)
    except ValueError:
        name = host.rstrip(".")
        return "." not in name or name.endswith(_INSIDE)


def is_public(address: str) -> bool:
    """
    Return whether an IP address is on the public internet, also when an IPv4 address is wrapped in an IPv6 one.

    Raise ValueError for what is no IP address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and any(ip in network for network in _NAT64):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is None and int(ip) < 1 << 32:  # the old ::1.2.3.4
            inner = ipaddress.IPv4Address(int(ip))
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


# --- One step ------------------------------------------------------------------------------------------------


def checked(url: str) -> tuple[str, int, str]:
    """Return (host, port, scheme) of an address that may be tried, or raise BadAddress."""
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise BadAddress(url)
    if (parts := url_parts.parts_of(url)) is None:
        raise BadAddress(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme not in PORTS or not host or parts.username is not None or parts.password is not None:
        raise BadAddress(url)
    try:
        host = host if ":" in host else host.encode("idna").decode().lower()
    except UnicodeError as fault:
        raise BadAddress(url) from fault
    port = PORTS[parts.scheme] if port is None else port
    if port not in PORTS.values() and f"{host}:{port}" not in settings.FETCH_ALLOW:
        raise BadAddress(url)
    return host, port, parts.scheme


def _addresses(host: str, port: int) -> list[str]:
    """Look a host up, once, and return its addresses. Raise PrivateAddress when any of them is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as fault:
        unknown = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
        raise (UnknownHost if fault.errno in unknown else FetchFault)(host) from fault
    except (OSError, UnicodeError, ValueError) as fault:
        raise FetchFault(host) from fault
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if f"{host}:{port}" not in settings.FETCH_ALLOW and not all(is_public(address) for address in addresses):
        raise PrivateAddress(host)
    if not addresses:
        raise UnknownHost(host)
    return addresses


def _ask(
    url: str, method: str, body: bytes, most_bytes: int, until: float, headers: Mapping[str, str] | None = None
) -> tuple[Fetched, str | None]:
    """
    Send one request, with a form as its `body` if there is one, to an address that was looked at, and return the answer
    and where it leads, if it does.
    """
    host, port, scheme = checked(url)
    if looks_private(url):
        raise PrivateAddress(host)
    parts = urlsplit(url)
    connection = connected(host, port, scheme, until)
    # A time-out is for one wait; whoever sends a letter now and then is cut off by the watch.
    watch = threading.Timer(time_left(until), hang_up, [connection.sock])
    watch.start()
    try:
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        name = f"[{host}]" if ":" in host else host
        connection.putrequest(method, in_ascii(path), skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", name if port == PORTS[scheme] else f"{name}:{port}")
        for header, value in {**HEADERS, **(headers or {})}.items():
            connection.putheader(header, value)
        if body:
            connection.putheader("Content-Type", "application/x-www-form-urlencoded")
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        response = connection.getresponse()
        leads_to = response.getheader("Location") if response.status in {301, 302, 303, 307, 308} else None
        content = b"" if method == "HEAD" or leads_to else b"".join(pieces_of(response, most_bytes, until))
        if content and len(content) < most_bytes and response.length:
            raise FetchFault(url)  # it broke off before its end
        kind = response.getheader("Content-Type") or ""
        return Fetched(response.status, url, content, kind), leads_to
    except TimeoutError as fault:
        raise TooSlow(url) from fault
    except (OSError, http.client.HTTPException) as fault:
        time_left(until)
        raise FetchFault(url) from fault
    finally:
        watch.cancel()
        connection.close()


def connected(host: str, port: int, scheme: str, until: float) -> http.client.HTTPConnection:
    """Return a connection to the first address of `host` that takes one, with TLS for the name of `host`."""
    last: Exception = FetchFault(host)
    for address in _addresses(host, port):
        connection = http.client.HTTPConnection(host, port)
        try:
            sock = socket.create_connection((address, port), timeout=time_left(until))
            # A body follows its headers at once, instead of after their receipt, which may take 40 ms.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError as fault:
            last = TooSlow(host)
            last.__cause__ = fault
            continue
        except OSError as fault:
            last = FetchFault(host)
            last.__cause__ = fault
            continue
        if scheme == "https":
            try:
                sock.settimeout(time_left(until))
                sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
            except TimeoutError as fault:
                sock.close()
                raise TooSlow(host) from fault
            except (ssl.SSLError, OSError) as fault:
                sock.close()
                raise BadCertificate(host) from fault
        sock.settimeout(time_left(until))
        connection.sock = sock
        return connection
    raise last


def pieces_of(response: http.client.HTTPResponse, most_bytes: int, until: float) -> Iterator[bytes]:
    """Give the answer in pieces until it ends or the bytes are used up. Raise TooSlow when the time is."""
    left = most_bytes
    while left > 0 and (piece := response.read1(min(left, 16_384))):
        left -= len(piece)
        yield piece
    time_left(until)


def hang_up(sock: socket.socket) -> None:
    """End a connection, whoever waits for it."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def time_left(until: float) -> float:
    """Return the seconds that are left, or raise TooSlow."""
    left = until - time.monotonic()
    if left <= 0:
        raise TooSlow
    return left


def in_ascii(path: str) -> str:
    """Return a path with everything beyond ASCII percent-encoded."""
    return "".join(sign if sign.isascii() else "".join(f"%{byte:02X}" for byte in sign.encode()) for sign in path)
