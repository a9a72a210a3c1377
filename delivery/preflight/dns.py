"""Questions to the DNS. Each way of getting no answer is told apart, and all questions share one limit of time."""

import time
from typing import Any

import dns.exception
import dns.name
import dns.nameserver
import dns.rcode
import dns.resolver
import dns.reversename
from django.conf import settings
from django.utils.translation import gettext_noop

LOOK_UP_SECONDS = 4.0
UDP_PAYLOAD = 1232  # octets: what passes everywhere unfragmented, and holds a DKIM key of 2048 bits

TIMED_OUT = gettext_noop("%(name)s could not be looked up: no name server answered in time.")
SERVER_FAILED = gettext_noop("%(name)s could not be looked up: the name server answered %(code)s.")
NO_SERVER = gettext_noop("%(name)s could not be looked up: no name server can be reached from this machine.")
CHECK_THE_NETWORK = gettext_noop(
    "Try again in a minute. If the problem remains, check that this machine reaches a name server "
    "(port 53); set others in DNS_SERVERS."
)
CHECK_THE_ZONE = gettext_noop(
    "Try again in a minute. If the problem remains, the domain's name servers are down or its DNSSEC "
    "signatures are wrong: tell whoever runs them."
)


NO_SUCH_DOMAIN = gettext_noop("%(domain)s does not exist, or this machine's name server does not know it.")
NAME_IT_RIGHT = gettext_noop(
    "Check how the address is spelt. If it is right, register the domain or add its records; if others "
    "can see them, set another name server in DNS_SERVERS."
)


class NoRecord(Exception):
    """There certainly is no such record. `exists` tells whether the name itself does (no NXDOMAIN)."""

    def __init__(self, name: str, *, exists: bool) -> None:
        super().__init__(name)
        self.name = name
        self.exists = exists


class Unanswered(Exception):
    """Nobody could say. `says` and `do` are English from gettext_noop, with `values` to be put in."""

    def __init__(self, says: str, do: str, **values: str) -> None:
        super().__init__(says % values)
        self.says = says
        self.do = do
        self.values = values


def resolver() -> dns.resolver.Resolver:
    """Return a resolver for settings.DNS_SERVERS, or for the name servers of this machine. Raise Unanswered."""
    try:
        found = dns.resolver.Resolver(configure=not settings.DNS_SERVERS)
    except dns.exception.DNSException as fault:
        raise Unanswered(NO_SERVER, CHECK_THE_NETWORK, name="DNS") from fault
    if settings.DNS_SERVERS:
        found.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in settings.DNS_SERVERS]
    found.timeout = 2.0
    found.use_edns(0, 0, UDP_PAYLOAD)
    return found


class Names:
    """
    Answers from a resolver, each asked for once, all within `seconds` from now.

    Every question raises NotThere when there is no such record, and Unanswered when nobody could say.
    """

    def __init__(self, asked: dns.resolver.Resolver, *, seconds: float) -> None:
        self._resolver = asked
        self._until = time.monotonic() + seconds
        self._known: dict[tuple[str, str], Any] = {}

    def texts(self, name: str) -> list[str]:
        """Return the TXT records of `name`, the strings of each joined; "�" stands for what nobody can read."""
        found = [b"".join(record.strings).decode(errors="replace") for record in self._ask(name, "TXT")]
        return ["".join(sign if sign.isprintable() else "�" for sign in text) for text in found]

    def addresses(self, name: str) -> list[str]:
        """Return the IPv4 and IPv6 addresses of `name`."""
        found: list[str] = []
        missing = None
        for kind in ("A", "AAAA"):
            try:
                found += [record.address for record in self._ask(name, kind)]
            except NoRecord as absence:
                missing = absence
        if not found and missing:
            raise missing
        return found

    def exchangers(self, name: str) -> list[str]:
        """Return the mail servers of `name`, the preferred first; "" stands for "takes no mail" (RFC 7505)."""
        records = sorted(self._ask(name, "MX"), key=lambda record: record.preference)
        return [record.exchange.to_text(omit_final_dot=True).rstrip(".") for record in records]

    def names_of(self, address: str) -> list[str]:
        """Return the names that the reverse entry of an IP address gives."""
        name = dns.reversename.from_address(address).to_text()
        return [record.target.to_text(omit_final_dot=True) for record in self._ask(name, "PTR")]

    def lack(self, name: str) -> bool:
        """Return whether `name` certainly does not exist (NXDOMAIN); False when nobody could say."""
        try:
            self._ask(name, "TXT")
        except NoRecord as absence:
            return not absence.exists
        except Unanswered:
            pass
        return False

    def _ask(self, name: str, kind: str) -> Any:
        key = name.lower().rstrip("."), kind
        if key not in self._known:
            try:
                self._known[key] = self._look_up(*key)
            except (NoRecord, Unanswered) as fault:
                self._known[key] = fault
        if isinstance(self._known[key], Exception):
            raise self._known[key]
        return self._known[key]

    def _look_up(self, name: str, kind: str) -> Any:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Unanswered(TIMED_OUT, CHECK_THE_NETWORK, name=name)
        try:
            asked = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError) as fault:  # no name can be written so
            raise NoRecord(name, exists=False) from fault
        try:
            return self._resolver.resolve(asked, kind, lifetime=min(left, LOOK_UP_SECONDS)).rrset
        except dns.resolver.NXDOMAIN as fault:
            raise NoRecord(name, exists=False) from fault
        except dns.resolver.NoAnswer as fault:
            raise NoRecord(name, exists=True) from fault
        except dns.resolver.NoNameservers as fault:
            answers = [error[4] for error in fault.kwargs.get("errors", []) if error[4] is not None]
            if answers:
                code = dns.rcode.to_text(answers[-1].rcode())
                raise Unanswered(SERVER_FAILED, CHECK_THE_ZONE, name=name, code=code) from fault
            raise Unanswered(NO_SERVER, CHECK_THE_NETWORK, name=name) from fault
        except dns.resolver.LifetimeTimeout as fault:
            raise Unanswered(TIMED_OUT, CHECK_THE_NETWORK, name=name) from fault
        except (dns.exception.DNSException, OSError) as fault:
            raise Unanswered(NO_SERVER, CHECK_THE_NETWORK, name=name) from fault
