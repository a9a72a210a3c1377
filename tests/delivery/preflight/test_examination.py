"""
The preflight asks real questions over UDP; a name server on this machine gives the answers that a test wrote down.
"""

import base64
import json
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.x509.oid import NameOID
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from config import env
from delivery.models import Preflight
from delivery.preflight import examination
from delivery.preflight.examination import Finding, Level
from tests.support.builders import NOON, build_audience, build_campaign, build_mailing, build_send
from tests.support.system_parts import free_port

DOMAIN = "mail.example.org"
TINY_KEY = (  # RSA of 512 bits, made for this test
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALk5cYcGiW+U4nAHywrHv1mLxdn9uWp5KRsF30xVhpAQnyHH2c/9R3CeRq59kP8l+BeaYd5pi6171jk9ViqT"
    "NhECAwEAAQ=="
)
SERVFAIL, SILENCE = "servfail", "silence"


class FakeDns:
    """A name server whose answers are `self[name, type] = [records]`; `fails[name]` is SERVFAIL or SILENCE."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.fails: dict[str, str] = {}
        self.asked: Counter[tuple[str, str]] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.place: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __setitem__(self, key: tuple[str, str], records: list[str]) -> None:
        self.records[key] = records

    def text(self, name: str, *texts: str) -> None:
        """Give `name` these TXT records, each in strings of at most 255 octets."""
        self[name, "TXT"] = [
            " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255)) for text in texts
        ]

    def close(self) -> None:
        """Stop answering."""
        self._socket.sendto(b"", self.place)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, asker = self._socket.recvfrom(4096)
            if not wire:
                return
            answer = self._answer(dns.message.from_wire(wire))
            if answer is not None:
                self._socket.sendto(answer.to_wire(), asker)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        asked = query.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked[name, kind] += 1
        if self.fails.get(name) == SILENCE:
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if self.fails.get(name) == SERVFAIL:
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer
        if (name, "CNAME") in self.records:
            leads_to = self.records[name, "CNAME"]
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", *leads_to))
            name = leads_to[0].rstrip(".")
        if records := self.records.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *records))
        elif not any(known == name or known.endswith(f".{name}") for known, _kind in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


@cache
def rsa_key(bits: int = 2048) -> str:
    """Return a public RSA key as DKIM writes it."""
    public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


@pytest.fixture
def dns_server(settings: Any) -> Iterator[FakeDns]:
    """A name server where mail.example.org is set up as it should be, and the settings that lead to it."""
    server = FakeDns()
    server.text(DOMAIN, "a text for somebody else", "v=spf1 mx ip4:192.0.2.25 -all")
    server[DOMAIN, "MX"] = [f"10 mx.{DOMAIN}."]
    server[f"mx.{DOMAIN}", "A"] = ["192.0.2.25"]
    server.text(f"s1._domainkey.{DOMAIN}", f"v=DKIM1; k=rsa; p={rsa_key()}")
    server.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=reject; rua=mailto:dmarc@example.org")
    settings.DNS_SERVERS = [server.place]
    settings.DKIM_SELECTORS = ["s1"]
    settings.SENDING_HOSTS = []
    settings.PREFLIGHT = True
    yield server
    server.close()


def found(check: str, *, domain: str = DOMAIN, seconds: float = 10) -> list[Finding]:
    """Return what one check finds."""
    return [finding for finding in examination.examine(domain, seconds=seconds) if finding.check == check]


def only(check: str, *, domain: str = DOMAIN, seconds: float = 10) -> Finding:
    """Return the one thing that a check finds."""
    (finding,) = found(check, domain=domain, seconds=seconds)
    return finding


def test_a_domain_that_is_set_up_passes_every_check(dns_server):
    findings = examination.examine(DOMAIN)

    assert [(one.check, one.level) for one in findings] == [
        ("SPF", Level.OK),
        ("DKIM", Level.OK),
        ("DMARC", Level.OK),
        ("TLS", Level.OK),
        ("MX", Level.OK),
        ("reverse DNS", Level.SKIPPED),
    ]
    assert all(one.to_do == "" for one in findings)
    assert findings[0].summary == f"{DOMAIN} has one SPF record; look-ups: 1 of at most 10 (mx: 1)."
    assert findings[1].summary == f"The DKIM key at s1._domainkey.{DOMAIN} is RSA of 2048 bits."


def test_everything_that_is_not_in_order_says_what_to_do(dns_server):
    dns_server.records.clear()

    findings = examination.examine(DOMAIN)

    assert {one.check: one.level for one in findings} == {
        "SPF": Level.WRONG,
        "DKIM": Level.WRONG,
        "DMARC": Level.WRONG,
        "TLS": Level.OK,
        "MX": Level.WARNING,
        "reverse DNS": Level.SKIPPED,
    }
    assert all(bool(one.to_do) == (one.level not in {Level.OK, Level.SKIPPED}) for one in findings)


def test_a_domain_that_does_not_exist_is_told_as_such_and_not_as_one_without_records(dns_server):
    dns_server.records.clear()

    for check in ("SPF", "DMARC", "MX"):
        finding = only(check)
        assert finding.summary == f"{DOMAIN} does not exist, or this machine's name server does not know it."
        assert "Add" not in finding.to_do

    dns_server[DOMAIN, "A"] = ["192.0.2.1"]
    said = [only(check).summary for check in ("SPF", "DMARC", "MX")]
    assert said[0] == f"{DOMAIN} has no SPF record." and said[1] == f"{DOMAIN} has no DMARC record."
    assert not any("does not exist" in one for one in said)


@pytest.mark.parametrize(
    "impossible", ["a..fi", f"{'a' * 64}.fi", f"{'ä' * 64}.fi", f"{'ä' * 60}.fi", ".".join(["ab"] * 90)]
)
def test_a_domain_that_no_name_server_can_know_is_a_finding_and_no_crash(dns_server, impossible):
    domain = examination.domain_of(f"X@{impossible}")

    assert only("SPF", domain=domain).summary.startswith(f"{domain} does not exist")
    assert only("DMARC", domain=domain).level == Level.WRONG


# --- SPF --------------------------------------------------------------------------------------------------------


def test_two_spf_records_are_as_bad_as_none(dns_server):
    dns_server.text(DOMAIN, "v=spf1 mx -all", "v=spf1 ip4:192.0.2.1 -all", "v=spf10 is something else")

    finding = only("SPF")

    assert finding.level == Level.WRONG
    assert "has 2 SPF records" in finding.summary


def test_look_ups_are_counted_through_every_include_and_the_dearest_is_named(dns_server):
    dns_server.text(DOMAIN, "v=spf1 include:big.example include:small.example exists:%{i}.list.example ~all")
    dns_server.text("big.example", "v=spf1 " + " ".join(f"include:n{n}.big.example" for n in range(4)) + " ?all")
    for n in range(4):
        dns_server.text(f"n{n}.big.example", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all")
    dns_server.text("small.example", "v=spf1 redirect=other.example")
    dns_server.text("other.example", "v=spf1 ptr -all")

    finding, other = found("SPF")

    assert finding.level == Level.OK
    assert finding.summary.endswith(
        "look-ups: 9 of at most 10 (include:big.example: 5, include:small.example: 3, exists:%{i}.list.example: 1)."
    )
    assert (other.level, "uses ptr" in other.summary) == (Level.WARNING, True)


@pytest.mark.parametrize(("includes", "level"), [(10, Level.OK), (11, Level.WRONG)])
def test_ten_look_ups_are_allowed_and_not_one_more(dns_server, includes, level):
    names = [f"n{n}.example" for n in range(includes)]
    dns_server.text(DOMAIN, "v=spf1 " + " ".join(f"include:{name}" for name in names) + " -all")
    for name in names:
        dns_server.text(name, "v=spf1 ip4:192.0.2.1")

    finding = only("SPF")

    assert finding.level == level
    assert f"look-ups: {includes} of at most 10" in finding.summary


@pytest.mark.parametrize(("gone", "level"), [(2, Level.OK), (3, Level.WRONG)])
def test_two_names_that_lead_nowhere_are_allowed_and_not_three(dns_server, gone, level):
    terms = ["a:gone.example", "mx:gone.example", "exists:gone.example"][:gone]
    dns_server.text(DOMAIN, f"v=spf1 a:mx.{DOMAIN} {' '.join(terms)} -all")

    assert only("SPF").level == level


def test_what_stands_behind_all_costs_nothing(dns_server):
    dns_server.text(DOMAIN, "v=spf1 ip4:192.0.2.1 -all include:a.example redirect=b.example")

    assert "look-ups: 0 of at most 10." in only("SPF").summary
    assert ("a.example", "TXT") not in dns_server.asked


def test_a_record_with_hundreds_of_includes_is_not_followed_to_the_end(dns_server):
    for n in range(12):
        terms = " ".join(f"include:n{m}.example" for m in range(n + 1, 12))
        dns_server.text(f"n{n}.example", f"v=spf1 {terms} -all")  # 2,047 look-ups in all
    dns_server.text(DOMAIN, "v=spf1 include:n0.example -all")

    finding = only("SPF")

    assert finding.level == Level.WRONG
    assert "look-ups: > 40 of at most 10 (include:n0.example: > 40)." in finding.summary


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("v=spf1 include:nothing.example -all", "leads to a domain without an SPF record"),
        ("v=spf1 include:two.example -all", "leads to a domain with several SPF records"),
        ("v=spf1 include:loop.example -all", "includes itself by “include:mail.example.org”"),
        ("v=spf1 ip4:192.0.2.300 -all", "has a mistake at “ip4:192.0.2.300”"),
        ("v=spf1 ip4:2001:db8::1 -all", "has a mistake at"),
        ("v=spf1 ip6:192.0.2.1 -all", "has a mistake at"),
        ("v=spf1 a/33 -all", "has a mistake at “a/33”"),
        ("v=spf1 inculde:example.org -all", "has a mistake at “inculde:example.org”"),
        ("v=spf1 include: -all", "has a mistake at “include:”"),
        ("v=spf1 include:relay -all", "has a mistake at “include:relay”"),
        ("v=spf1 mx, -all", "has a mistake at “mx,”"),
        ("v=spf1 exists:%{z}.example -all", "has a mistake at"),
        ("v=spf1 redirect=a.example redirect=b.example", "has a mistake at “redirect=b.example”"),
        (r"v=spf1 mx\000 -all", "has a mistake at “mx�”"),
        ("v=spf1 -all:now", "has a mistake at “-all:now”"),
    ],
)
def test_a_broken_record_is_one_sentence_that_names_the_place(dns_server, record, words):
    dns_server.text("two.example", "v=spf1 -all", "v=spf1 ~all")
    dns_server.text("loop.example", f"v=spf1 include:{DOMAIN} -all")
    dns_server.text(DOMAIN, record)

    finding = only("SPF")

    assert finding.level == Level.WRONG
    assert words in finding.summary


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 a mx a:mx.mail.example.org/24 a/24//64 mx//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all",
        "V=SPF1 +A ?IP4:192.0.2.1 unknown=%{d} exp=why.%{d} ~ALL",
        "v=spf1  ip4:192.0.2.1   -all ",
    ],
)
def test_every_form_that_the_standard_has_is_read(dns_server, record):
    dns_server[DOMAIN, "A"] = ["192.0.2.1"]
    dns_server.text(DOMAIN, record)

    assert only("SPF").level == Level.OK


@pytest.mark.parametrize(
    ("ending", "words"), [("+all", "anyone may send"), ("?all", "does not say"), ("", "does not say")]
)
def test_an_open_end_is_a_warning_and_no_block(dns_server, ending, words):
    dns_server.text(DOMAIN, f"v=spf1 ip4:192.0.2.1 {ending}".strip())

    first, second = found("SPF")

    assert (first.level, second.level) == (Level.OK, Level.WARNING)
    assert words in second.summary


def test_the_record_of_the_return_path_counts(dns_server, settings):
    settings.BOUNCE_ADDRESS = "bounces@bounces.example.org"
    dns_server.text("bounces.example.org", "v=spf1 ip4:192.0.2.1 -all")

    assert only("SPF").summary.startswith("bounces.example.org has one SPF record")


# --- DKIM -------------------------------------------------------------------------------------------------------


def test_without_a_selector_nobody_can_look_and_the_setting_is_named(dns_server, settings):
    settings.DKIM_SELECTORS = []

    finding = only("DKIM")

    assert finding.level == Level.WRONG
    assert "DKIM_SELECTORS" in finding.to_do


def test_a_key_behind_a_cname_counts(dns_server):
    del dns_server.records[f"s1._domainkey.{DOMAIN}", "TXT"]
    dns_server[f"s1._domainkey.{DOMAIN}", "CNAME"] = ["s1.dkim.provider.example."]
    dns_server.text("s1.dkim.provider.example", f"k=rsa; p={rsa_key()}")

    assert only("DKIM").level == Level.OK


def test_every_selector_needs_a_key(dns_server, settings):
    settings.DKIM_SELECTORS = ["s1", "s2"]

    first, second = found("DKIM")

    assert (first.level, second.level) == (Level.OK, Level.WRONG)
    assert second.summary == f"There is no DKIM key at s2._domainkey.{DOMAIN}."


def test_a_key_that_receivers_cannot_use_is_named_for_what_it_is(dns_server):
    ed = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for record, level, words in [
        ("v=DKIM1; p=", Level.WRONG, "has been revoked"),
        ("v=DKIM1; k=rsa", Level.WRONG, "is not a DKIM key"),
        (f"v=DKIM2; p={rsa_key()}", Level.WRONG, "is not a DKIM key"),
        ("v=DKIM1; p=not base64!", Level.WRONG, "cannot be read"),
        ("v=DKIM1; p=bm90IGEga2V5", Level.WRONG, "cannot be read"),
        (f"v=DKIM1; k=ed25519; p={rsa_key()}", Level.WRONG, "cannot be read"),
        (f"v=DKIM1; p={TINY_KEY}", Level.WRONG, "has only 512 bits: receivers ignore it"),
        (f"v=DKIM1; p={rsa_key(1024)}", Level.WARNING, "has only 1024 bits"),
        (f"v=DKIM1; t=s:y; p={rsa_key()}", Level.WARNING, "marked as a test"),
        (f"v=DKIM1; k=ed25519; p={base64.b64encode(ed).decode()}", Level.WARNING, "many receivers cannot verify"),
        (f"v=DKIM1; t=s; p={rsa_key()[:60]} {rsa_key()[60:]}", Level.OK, "RSA of 2048 bits"),
    ]:
        dns_server.text(f"s1._domainkey.{DOMAIN}", record)
        finding = only("DKIM")
        assert (finding.level, words in finding.summary) == (level, True), (record, finding.summary)


def test_two_keys_under_one_selector_are_wrong(dns_server):
    dns_server.text(f"s1._domainkey.{DOMAIN}", f"v=DKIM1; p={rsa_key()}", f"v=DKIM1; p={rsa_key(1024)}")

    assert only("DKIM").level == Level.WRONG


def test_the_key_of_the_organization_is_aligned_unless_dmarc_is_strict(dns_server):
    dns_server.records[f"s1._domainkey.{'example.org'}", "TXT"] = dns_server.records.pop(
        (f"s1._domainkey.{DOMAIN}", "TXT")
    )
    dns_server.text("_dmarc.example.org", "v=DMARC1; p=reject")
    assert only("DKIM").summary.startswith("The DKIM key at s1._domainkey.example.org is RSA")

    dns_server.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=reject; adkim=s")
    assert only("DKIM").summary == f"There is no DKIM key at s1._domainkey.{DOMAIN}."


def test_a_key_of_a_strange_domain_is_not_aligned(dns_server, settings):
    settings.DKIM_SELECTORS = ["s1._domainkey.provider.example"]
    dns_server.text("s1._domainkey.provider.example", f"v=DKIM1; p={rsa_key()}")

    finding = only("DKIM")
    assert finding.level == Level.WRONG
    assert "not aligned" in finding.summary

    # Beside one that is aligned it is some other sender's, and nothing is said about it.
    settings.DKIM_SELECTORS.append(f"s1._domainkey.{DOMAIN}")
    assert only("DKIM").level == Level.OK


def test_alignment_ends_below_a_public_suffix(dns_server, settings):
    dns_server.text("_dmarc.org", "v=DMARC1; p=none; psd=y")
    dns_server.text("_dmarc.example.org", "v=DMARC1; p=reject")
    settings.DKIM_SELECTORS = ["s1._domainkey.other.org"]

    assert "not aligned" in only("DKIM").summary


# --- DMARC ------------------------------------------------------------------------------------------------------


def test_dmarc_is_inherited_from_above_with_its_policy_for_subdomains(dns_server):
    del dns_server.records[f"_dmarc.{DOMAIN}", "TXT"]
    dns_server.text("_dmarc.example.org", "v=DMARC1; p=reject; sp=quarantine")
    assert only("DMARC").summary == (
        f"The DMARC record at _dmarc.example.org covers {DOMAIN}; its policy is quarantine."
    )

    dns_server.text("_dmarc.example.org", "v=DMARC1; p=reject; sp=none")
    assert only("DMARC").level == Level.WARNING


def test_the_record_of_a_public_suffix_is_not_ours(dns_server):
    del dns_server.records[f"_dmarc.{DOMAIN}", "TXT"]
    dns_server.text("_dmarc.org", "v=DMARC1; p=reject; psd=y")

    assert only("DMARC").level == Level.WRONG


def test_a_deep_domain_costs_at_most_eight_questions(dns_server):
    deep = "a.b.c.d.e.f.g.h.i.j.example.org"
    dns_server.text("_dmarc.example.org", "v=DMARC1; p=reject")

    assert only("DMARC", domain=deep).level == Level.OK
    assert sum(name.startswith("_dmarc.") for name, _kind in dns_server.asked) == 8


@pytest.mark.parametrize(
    ("records", "level", "words"),
    [
        (["v=DMARC1; p=none"], Level.WARNING, "asks for nothing"),
        (["v=DMARC1; rua=mailto:a@example.org"], Level.WRONG, "has no policy"),
        (["v=DMARC1; p=yes"], Level.WRONG, "has no policy"),
        (["v=DMARC1; p=reject", "v=DMARC1; p=none"], Level.WRONG, "several DMARC records"),
        (["v=DMARC12; p=reject"], Level.WRONG, "has no DMARC record"),
        (["v = DMARC1 ; p = quarantine"], Level.OK, "its policy is quarantine"),
    ],
)
def test_a_dmarc_record_is_judged_by_its_policy(dns_server, records, level, words):
    dns_server.text(f"_dmarc.{DOMAIN}", *records)

    finding = only("DMARC")

    assert (finding.level, words in finding.summary) == (level, True), finding.summary


# --- TLS --------------------------------------------------------------------------------------------------------


ELSEWHERE = "127.1"  # leads to this machine, but as far as anyone can read it is some other one


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for ELSEWHERE that vouches for itself, and its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ELSEWHERE)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(ELSEWHERE)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


def greeting(port: int) -> bytes:
    """Return what a server says first, over TLS, whoever it is."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, context.wrap_socket(plain) as wrapped:
        return wrapped.recv(1024)


@pytest.fixture
def relay(certificate: tuple[Path, Path]) -> Iterator[Any]:
    """Start relays: relay("smtp"), relay("starttls"), relay("smtps"); each returns its port."""
    started: list[Controller] = []

    def start(kind: str) -> int:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        options: dict[str, Any] = {"smtp": {}, "starttls": {"tls_context": context}, "smtps": {"ssl_context": context}}[
            kind
        ]
        controller = Controller(Sink(), hostname="127.0.0.1", port=free_port(), ready_timeout=10, **options)
        if kind == "smtps":
            # Its own trial connection would be a server's to a server.
            controller._trigger_server = lambda: greeting(controller.port)  # type: ignore[method-assign]
        controller.start()
        started.append(controller)
        return int(controller.port)

    yield start
    for controller in started:
        controller.stop()


def options_of(kind: str, port: int) -> dict[str, Any]:
    """Return a relay's options as settings.MAIL has them."""
    usual = {"host": ELSEWHERE, "port": port, "username": None, "password": None, "timeout": 15}
    return usual | {"use_tls": kind == "starttls", "use_ssl": kind == "smtps"}


@pytest.mark.parametrize("kind", ["starttls", "smtps"])
def test_a_relay_with_a_valid_certificate_passes_and_one_that_nobody_vouches_for_does_not(
    kind, relay, certificate, monkeypatch
):
    port = relay(kind)
    distrusted = examination.check_tls(options_of(kind, port), "MAIL_URL")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    trusted = examination.check_tls(options_of(kind, port), "MAIL_URL")

    assert (distrusted.level, "is not valid" in distrusted.summary) == (Level.WRONG, True), distrusted.summary
    assert trusted.level == Level.OK, trusted.summary


def test_mail_that_would_cross_the_network_readable_is_wrong(relay, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    offers_none = examination.check_tls(options_of("starttls", relay("smtp")), "MAIL_URL")
    unchecked = examination.check_tls(options_of("smtp", relay("starttls")), "MAIL_URL")

    assert (offers_none.level, "offers no TLS" in offers_none.summary) == (Level.WRONG, True), offers_none.summary
    assert (unchecked.level, "Use smtp+tls://" in unchecked.to_do) == (Level.WARNING, True), unchecked.summary


def test_tls_on_a_port_without_it_is_wrong_and_a_relay_that_is_not_there_could_not_be_seen(relay):
    mistaken = examination.check_tls(options_of("smtps", relay("smtp")), "MAIL_URL")
    away = examination.check_tls(options_of("starttls", free_port()), "MAIL_URL")

    assert (mistaken.level, "smtp+tls:// for port 587" in mistaken.to_do) == (Level.WRONG, True), mistaken.summary
    assert (away.level, "cannot be reached" in away.summary) == (Level.UNSEEN, True), away.summary


def test_a_provider_and_this_machine_need_no_certificate(settings):
    by_api = {"esp": "postmark", "host": "postmark", "port": 443}

    assert examination.check_tls(by_api, "MAIL_URL").summary == "Mail goes to postmark over HTTPS."
    assert examination.check_tls(settings.MAIL, "MAIL_URL").level == Level.OK


def test_a_fault_of_the_backup_is_a_warning(dns_server, settings, relay):
    settings.BACKUP_MAIL = options_of("smtp", relay("smtp"))

    assert [one.level for one in found("TLS")] == [Level.OK, Level.WARNING]


# --- Bounces and reverse DNS ------------------------------------------------------------------------------------


def test_bounces_need_somewhere_to_go(dns_server):
    dns_server[DOMAIN, "MX"] = ["0 ."]
    assert "accepts no mail" in only("MX").summary

    del dns_server.records[DOMAIN, "MX"]
    assert "has no mail server" in only("MX").summary

    dns_server[DOMAIN, "A"] = ["192.0.2.1"]
    assert "has no MX record; bounces go to the host" in only("MX").summary
    assert only("MX").level == Level.WARNING


def test_reverse_dns_must_lead_there_and_back_but_never_blocks(dns_server, settings):
    settings.SENDING_HOSTS = ["out.example.org"]
    assert "has no address" in only("reverse DNS").summary

    dns_server["out.example.org", "A"] = ["192.0.2.7"]
    assert "has no reverse entry" in only("reverse DNS").summary

    dns_server["7.2.0.192.in-addr.arpa", "PTR"] = ["other.example.org."]
    assert "does not resolve back" in only("reverse DNS").summary
    assert only("reverse DNS").level == Level.WARNING

    dns_server["other.example.org", "A"] = ["192.0.2.7"]
    assert only("reverse DNS").level == Level.OK

    settings.SENDING_HOSTS = ["192.0.2.7"]
    assert only("reverse DNS").summary == "192.0.2.7 is other.example.org, in both directions."


# --- When the DNS does not answer -------------------------------------------------------------------------------


def test_a_name_that_is_not_there_a_server_that_fails_and_silence_are_told_apart(dns_server):
    dns_server.fails = {DOMAIN: SERVFAIL, f"_dmarc.{DOMAIN}": SILENCE}
    del dns_server.records[f"s1._domainkey.{DOMAIN}", "TXT"]

    findings = {one.check: one for one in examination.examine(DOMAIN, seconds=3)}

    assert (findings["SPF"].level, "answered SERVFAIL" in findings["SPF"].summary) == (Level.UNSEEN, True)
    assert "DNSSEC" in findings["SPF"].to_do
    assert (findings["DMARC"].level, "no name server answered in time" in findings["DMARC"].summary) == (
        Level.UNSEEN,
        True,
    )
    assert findings["MX"].level == Level.WARNING  # it stops nothing, so neither does silence


def test_silence_takes_no_longer_than_it_may(dns_server, held_up):
    names = {DOMAIN, f"_dmarc.{DOMAIN}", "_dmarc.example.org", "_dmarc.org", f"s1._domainkey.{DOMAIN}"}
    dns_server.fails = dict.fromkeys(names, SILENCE)
    started = time.monotonic()

    findings = examination.examine(DOMAIN, seconds=2)

    assert time.monotonic() - started < 12 + held_up()
    assert {one.level for one in findings if one.check in {"SPF", "DKIM", "DMARC"}} == {Level.UNSEEN}


def test_a_relay_that_says_nothing_does_not_hold_up_the_rest(dns_server, settings, held_up):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.MAIL = options_of("starttls", server.getsockname()[1])
        started = time.monotonic()
        findings = {one.check: one for one in examination.examine(DOMAIN, seconds=2)}

    assert time.monotonic() - started < 12 + held_up()
    assert (findings["TLS"].level, findings["SPF"].level) == (Level.UNSEEN, Level.OK)


def test_no_name_server_at_all_is_a_finding_and_no_crash(dns_server, settings):
    settings.DNS_SERVERS = [("127.0.0.1", free_port())]

    assert only("SPF", seconds=3).level == Level.UNSEEN


def test_an_address_of_a_dns_server_that_is_none_stops_the_start(monkeypatch):
    monkeypatch.setenv("DNS_SERVERS", "192.0.2.1, 192.0.2.2:5353, 2001:db8::1, [::1]:53")
    assert env.name_servers("DNS_SERVERS") == [
        ("192.0.2.1", 53),
        ("192.0.2.2", 5353),
        ("2001:db8::1", 53),
        ("::1", 53),
    ]
    for wrong in ("dns.example.org", "192.0.2.1:port", "192.0.2"):
        monkeypatch.setenv("DNS_SERVERS", wrong)
        with pytest.raises(ImproperlyConfigured, match="DNS_SERVERS has"):
            env.name_servers("DNS_SERVERS")


# --- What stands in the way of a send ---------------------------------------------------------------------------


@pytest.fixture
def live(db: None) -> Any:
    """A live campaign that sends from mail.example.org."""
    return build_campaign("kriisi", mode="live", sender_email=f"Bulletins@{DOMAIN.upper()}")


@pytest.fixture
def send(live: Any) -> Any:
    """A send of it that is due at NOON."""
    return build_send(build_audience(live))


def stored(*levels: Level, at: datetime = NOON, check: str = "SPF") -> Preflight:
    """Store a result whose findings have these levels."""
    return examination.keep(DOMAIN, [Finding(check, level, "It is so.") for level in levels], at=at)


def test_a_send_of_a_domain_that_passed_goes_and_nobody_is_asked(send, dns_server):
    stored(Level.OK, Level.WARNING, at=NOON - timedelta(hours=23))

    assert examination.blocking_reason(send, at=NOON) is None
    assert not dns_server.asked


def test_a_domain_without_a_result_is_looked_at_on_the_spot_and_the_result_is_kept(send, dns_server):
    dns_server.text(DOMAIN, "v=spf1 -all", "v=spf1 ~all")

    assert examination.blocking_reason(send, at=NOON) == examination.REASONS["SPF"]

    kept = Preflight.objects.get()
    assert (kept.domain, kept.at, kept.passed) == (DOMAIN, NOON, False)
    asked = dns_server.asked.total()
    assert examination.blocking_reason(send, at=NOON + timedelta(minutes=1)) == examination.REASONS["SPF"]
    assert dns_server.asked.total() == asked


@pytest.mark.parametrize("level", [Level.WRONG, Level.UNSEEN])
def test_a_result_that_did_not_pass_speaks_for_five_minutes_only(send, dns_server, level):
    stored(level)

    assert examination.blocking_reason(send, at=NOON + timedelta(minutes=5))
    assert not dns_server.asked
    assert examination.blocking_reason(send, at=NOON + timedelta(minutes=5, seconds=1)) is None


def test_a_send_from_an_impossible_domain_is_held_for_a_reason(live, send, dns_server):
    type(live).objects.filter(pk=live.pk).update(sender_email="x@a..fi")
    send.mailing.campaign.refresh_from_db()

    assert examination.blocking_reason(send, at=NOON) == examination.REASONS["SPF"]
    assert examination.refresh_due(at=NOON + timedelta(hours=1))[0].domain == "a..fi"


def test_a_result_of_yesterday_is_looked_at_again(send, dns_server):
    stored(Level.OK, at=NOON - timedelta(hours=25))
    dns_server.records.clear()

    assert examination.blocking_reason(send, at=NOON) == examination.REASONS["SPF"]


@pytest.mark.parametrize("check", ["SPF", "DKIM", "DMARC", "TLS"])
def test_each_of_the_four_stops_a_send_by_its_own_name(send, dns_server, check):
    stored(Level.WARNING, Level.WRONG, check=check)

    assert examination.blocking_reason(send, at=NOON) == examination.REASONS[check]
    assert len(examination.REASONS[check]) <= 300


def test_exercises_waived_sends_and_a_switched_off_preflight_are_never_in_the_way(send, campaign, dns_server, settings):
    stored(Level.WRONG)
    exercise = build_send(build_audience(campaign))
    assert examination.blocking_reason(exercise, at=NOON) is None

    send.waived = True
    assert examination.blocking_reason(send, at=NOON) is None

    send.waived = False
    assert examination.blocking_reason(send, at=NOON)
    settings.PREFLIGHT = False
    assert examination.blocking_reason(send, at=NOON) is None
    assert examination.refresh_due(at=NOON) == []


def test_silence_stops_nothing_for_seven_days_after_a_passed_look_and_not_longer(send, dns_server):
    stored(Level.OK, at=NOON - timedelta(days=6))
    for hours in (12, 6, 0):
        stored(Level.OK, Level.UNSEEN, at=NOON - timedelta(hours=hours))
    assert examination.blocking_reason(send, at=NOON) is None

    # Looks that saw nothing do not lengthen each other's credit.
    later = NOON + timedelta(days=1, minutes=1)
    stored(Level.UNSEEN, at=later)
    assert examination.blocking_reason(send, at=later) == examination.COULD_NOT_LOOK


def test_silence_does_not_hide_what_is_wrong(send, dns_server):
    stored(Level.OK, at=NOON - timedelta(days=1))
    stored(Level.UNSEEN, Level.WRONG)

    assert examination.blocking_reason(send, at=NOON) == examination.REASONS["SPF"]


def test_a_later_result_does_not_speak_for_an_earlier_moment(dns_server, db):
    stored(Level.OK, at=NOON)
    stored(Level.WRONG, at=NOON + timedelta(minutes=1))

    assert examination.stored_reason(DOMAIN, at=NOON) is None
    assert examination.stored_reason("other.example", at=NOON) == examination.NOT_LOOKED_AT


def test_a_passed_result_speaks_for_24_hours(dns_server, db):
    stored(Level.OK)

    assert examination.stored_reason(DOMAIN, at=NOON + timedelta(hours=24)) is None
    assert examination.stored_reason(DOMAIN, at=NOON + timedelta(hours=24, seconds=1)) == examination.NOT_LOOKED_AT


# --- What the tick looks at -------------------------------------------------------------------------------------


def test_the_tick_looks_at_live_domains_with_sends_in_the_next_two_hours_once_each(live, campaign, dns_server):
    audience = build_audience(live)
    for minutes in (-5, 30, 119):
        build_send(audience, build_mailing(live, f"b-{minutes}"), slot_at=NOON + timedelta(minutes=minutes))
    later = build_campaign("later", mode="live", sender_email="news@later.example")
    build_send(build_audience(later), slot_at=NOON + timedelta(minutes=121))
    build_send(build_audience(campaign))

    looked = examination.refresh_due(at=NOON)

    assert [(one.domain, one.passed) for one in looked] == [(DOMAIN, True)]
    evening = NOON + timedelta(hours=6)
    assert [one.domain for one in examination.refresh_due(at=evening)] == ["later.example"]
    assert [one.domain for one in examination.refresh_due(at=evening + timedelta(seconds=1))] == [DOMAIN]


def test_a_domain_that_did_not_pass_is_looked_at_again_after_five_minutes(send, dns_server):
    stored(Level.WRONG, at=NOON)

    assert examination.refresh_due(at=NOON + timedelta(minutes=5)) == []
    (again,) = examination.refresh_due(at=NOON + timedelta(minutes=5, seconds=1))
    assert again.passed


def test_the_tick_stops_looking_when_its_time_is_up(live, dns_server, monkeypatch, held_up):
    monkeypatch.setattr(examination, "REFRESH_SECONDS", 1.6)
    for number in range(4):
        other = build_campaign(f"c{number}", mode="live", sender_email=f"news@c{number}.example")
        build_send(build_audience(other))
        dns_server.fails[f"c{number}.example"] = SILENCE
    started = time.monotonic()

    looked = examination.refresh_due(at=NOON)

    assert time.monotonic() - started < 12 + held_up()
    assert len(looked) == 1


def test_results_older_than_thirty_days_are_dropped(db, dns_server):
    stored(Level.OK, at=NOON - timedelta(days=31))
    stored(Level.OK, at=NOON - timedelta(days=29))

    stored(Level.OK, at=NOON)

    assert Preflight.objects.count() == 2


# --- ./run doctor mail and the desk -----------------------------------------------------------------------------


def test_doctor_mail_looks_at_each_live_campaigns_domain_and_keeps_the_result(live, campaign, dns_server, capsys):
    call_command("doctor", "mail")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == DOMAIN
    assert lines[1].startswith("ok    SPF ")
    assert lines[-1].endswith("Live sends may go.")
    assert Preflight.objects.get().passed


def test_doctor_mail_ends_with_1_and_says_what_to_do_when_something_blocks(live, dns_server, capsys):
    dns_server.text(f"_dmarc.{DOMAIN}", "v=spf1")
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor", "mail", f"someone@{DOMAIN}", "--json")

    told = json.loads(capsys.readouterr().out)
    (domain,) = told["domains"]
    assert (told["ok"], domain["ok"], domain["domain"]) == (False, False, DOMAIN)
    (dmarc,) = [one for one in domain["findings"] if one["check"] == "DMARC"]
    assert dmarc == {
        "check": "DMARC",
        "level": "wrong",
        "ok": False,
        "says": f"{DOMAIN} has no DMARC record.",
        "do": f"Add a TXT record at _dmarc.{DOMAIN}: v=DMARC1; p=none; rua=mailto:dmarc@{DOMAIN}",
    }


def test_doctor_mail_names_everything_that_holds_and_calls_nothing_ok_that_it_did_not_look_at(live, dns_server, capsys):
    dns_server.records.clear()
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor", "mail")

    lines = capsys.readouterr().out.splitlines()
    assert "=> " in lines[-1] and "held by: SPF, DKIM, DMARC. " in lines[-1]
    assert lines[-2].startswith("-     reverse DNS ") and "Not checked" in lines[-2]


def test_doctor_mail_without_a_live_campaign_says_so(campaign, dns_server, capsys):
    call_command("doctor", "mail")

    assert capsys.readouterr().out.startswith("There is no live campaign.")
    assert not dns_server.asked


@pytest.mark.parametrize("written", ["localhost", "two words.example", "a..example", "a-.example", "a@"])
def test_doctor_mail_refuses_what_is_no_domain(written, dns_server):
    with pytest.raises(CommandError, match="is no domain"):
        call_command("doctor", "mail", written)
    assert not dns_server.asked


def test_the_desk_shows_the_findings_in_the_readers_language_and_lets_nobody_write(alma, fiona, client, dns_server):
    shown = examination.examine_and_keep(DOMAIN, at=NOON)
    client.force_login(alma)

    page = client.get(reverse("admin:delivery_preflight_change", args=[shown.pk]))
    many = client.get(reverse("admin:delivery_preflight_changelist"))

    assert f"The DKIM key at s1._domainkey.{DOMAIN} is RSA of 2048 bits." in page.content.decode()
    assert many.status_code == 200
    assert client.get(reverse("admin:delivery_preflight_add")).status_code == 403
    assert client.post(reverse("admin:delivery_preflight_delete", args=[shown.pk])).status_code == 403
    client.force_login(fiona)
    assert client.get(reverse("admin:delivery_preflight_changelist")).status_code == 403


def test_every_text_of_a_finding_fills_in_its_values_in_every_language(dns_server):
    findings = examination.examine(DOMAIN)
    for language in ("fi", "sv", "en"):
        with translation.override(language):
            for finding in findings:
                assert "%(" not in finding.summary + finding.to_do
                assert Finding.from_stored(json.loads(json.dumps(finding.as_stored()))) == finding
