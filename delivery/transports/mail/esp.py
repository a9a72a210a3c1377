"""
A provider's API, spoken through django-anymail: as many recipients in one call as the provider takes.

Anymail's backend builds the call and reads the answer. Its steps are taken one by one, because only who knows how
far a call got can tell "certainly not sent" from "nobody knows".
"""

import logging
import re
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from html import escape
from importlib import import_module
from itertools import batched
from typing import Any

from anymail.exceptions import AnymailError, AnymailInvalidAddress
from anymail.message import AnymailMessage
from anymail.utils import EmailAddress
from django.conf import settings
from django.core import mail
from django.utils.translation import gettext_noop

from delivery.message.addresses import PLAIN_ADDRESS, Unaddressable, wire_address
from delivery.message.mime import Compiled, Envelope, Person
from delivery.message.personal_fields import MARKER
from delivery.message.verp import delivery_mark
from delivery.models import Delivery, Message
from delivery.transports.transport import Outcome

from .esp_faults import Verdict, answered_badly, not_answered, not_built
from .providers import CARRIED_OTHERWISE, Provider, provider_of

log = logging.getLogger(__name__)

URGENT_BATCH = 50  # a lost reply leaves so many in doubt
WAITING_SECONDS = 10
ENOUGH_REFUSALS = 5  # mails refused one by one, and none taken: it is the message
ESCAPED = {"name"}  # fields whose values escaping changes every now and then; the others are addresses of pages
CHANGED_BY_ESCAPING = re.compile("[&<>\"']")
READY = {"to", "merge_data", "merge_metadata"}  # what Anymail need not convert
TAKEN_APART = "\u2060"  # a word joiner, which nobody sees

REFUSED = {
    "rejected": gettext_noop("The provider no longer sends to this address, after a bounce or a complaint."),
    "invalid": gettext_noop("The provider says that this is not an address."),
    "failed": gettext_noop("The provider refused this email."),
}
NOTHING_SAID = gettext_noop("The provider did not say what happened to it.")

State = Delivery.State


class ESPTransport:
    """One session with the provider that MAILERS[mailer] names, kept open across windows."""

    def __init__(self, mailer: str) -> None:
        """Raise ImproperlyConfigured when the provider's key or the like is missing."""
        self.waiting: Callable[[], None] = lambda: None
        _name, self._provider = provider_of(settings.MAILERS[mailer]["BACKEND"])
        self._backend: Any = mail.mailers[mailer]
        self._build = builder(self._backend)
        self._templates: dict[Compiled, Template] = {}
        self._caller = ThreadPoolExecutor(1, thread_name_prefix="esp")

    def open(self) -> bool:
        """Return True: a call connects by itself."""
        return True

    def batch(self, *, urgent: bool) -> int:
        """Return what goes into one call, less where it is urgent."""
        return min(self._provider.batch, URGENT_BATCH) if urgent else self._provider.batch

    def compiled(self, message: Message, *, at: datetime) -> Compiled:
        """Return a message ready to be made personal."""
        return Compiled(message, at=at)

    def prepare(self, compiled: Compiled, person: Person) -> Envelope:
        """Return whom to write to; the provider puts the mail together. Raise Unaddressable."""
        plain = PLAIN_ADDRESS.match(person.email)
        recipient = person.email if plain else unusual_address(person.email)
        return Envelope(person.delivery_id, "", recipient, b"", compiled, person)

    def send(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        """
        Hand the window over in as few calls as possible, and yield the outcomes of each.

        A call that is refused for what is in it is tried again in halves, so that one address costs only its own
        mail. When the provider is away or wants a pause, the rest of the window isn't tried.
        """
        calls = self._calls(window)
        halves: deque[Call] = deque()
        alone: Counter[Template] = Counter()
        taken: set[Template] = set()
        while call := halves.popleft() if halves else next(calls, None):
            self.waiting()
            answer = self._make(call)
            if not isinstance(answer, Verdict):
                taken.add(call.template)
                yield from outcomes(call, answer)
                continue
            hopeless = alone[call.template] >= ENOUGH_REFUSALS and call.template not in taken
            if answer.state == State.FAILED and len(call.mails) > 1 and not hopeless:
                halves.extendleft(reversed(call.halves()))
                continue
            alone[call.template] += answer.state == State.FAILED
            yield from (answer.on(one.delivery_id) for one in call.mails)
            if answer.about_mailer:
                yield from (answer.on(one.delivery_id) for rest in (*halves, *calls) for one in rest.mails)
                return

    def close(self) -> None:
        """Let the session go."""
        self._caller.shutdown(wait=False, cancel_futures=True)
        self._backend.close()

    # --- What goes into which call ----------------------------------------------------------------------

    def _calls(self, window: Iterable[Envelope]) -> Iterator["Call"]:
        """Yield the calls that a window takes: one message each, and the same personal headers for everyone in it."""
        together: dict[tuple[Template, tuple[str, ...]], list[Mail]] = defaultdict(list)
        for envelope in window:
            assert envelope.compiled is not None and envelope.person is not None
            template = self._template(envelope.compiled)
            one = template.mail(envelope, envelope.person)
            if one.values is None:
                yield Call(template, [one])
            else:
                together[template, tuple(one.headers)].append(one)
        for (template, _headers), mails in together.items():
            for some in batched(mails, self._provider.batch):
                yield Call(template, list(some), merged=True)

    def _template(self, compiled: Compiled) -> "Template":
        if compiled not in self._templates:
            self._templates[compiled] = Template(compiled, self._provider)
        return self._templates[compiled]

    # --- One call ------------------------------------------------------------------------------------------

    def _make(self, call: "Call") -> dict[str, Any] | Verdict:
        """Make one call; return {address in small letters: Anymail's status}, or what became of all of it."""
        try:
            self._backend.open()
            message = call.message()
            payload = self._build(message, self._backend.send_defaults)
            if self._provider.key == "http":
                payload.headers["Idempotency-Key"] = call.key()
        except Exception as fault:  # whatever it is, nothing has left yet
            if not isinstance(fault, AnymailError):
                log.exception("A call to the provider could not be put together.")
            return not_built(fault)
        answer = self._caller.submit(self._backend.post_to_esp, payload, message)
        while not wait([answer], timeout=WAITING_SECONDS).done:
            self.waiting()
        try:
            response = answer.result()
        except Exception as fault:  # Anymail's, and whatever lies below it
            return not_answered(fault)
        try:
            statuses = self._backend.parse_recipient_status(response, payload, message)
            return {address.lower(): status for address, status in statuses.items()}
        except Exception:  # not what Anymail expects of this provider
            return answered_badly(response)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as a provider gets it. `values` are for its placeholders; None where it goes in a call of its own."""

    delivery_id: int
    address: EmailAddress
    recipient: str
    headers: dict[str, str]
    values: dict[str, str] | None
    plain: dict[str, str]


class Template:
    """A message in a provider's terms."""

    def __init__(self, compiled: Compiled, provider: Provider) -> None:
        self._compiled = compiled
        self.provider = provider
        fixed = compiled.fixed_headers()
        self.sender, self.reply_to, self.subject = fixed["From"], fixed["Reply-To"], fixed["Subject"]
        self.headers = {name: value for name, value in fixed.items() if self._takes(name)}
        self.text, self.html = compiled.message.text, compiled.message.html
        self._in_html = set(MARKER.findall(self.html))
        self._fields = self._in_html | set(MARKER.findall(self.text))
        self._apart = self._in_html & ESCAPED if provider.raw else set()
        self.text_with_placeholders = self._with_placeholders(self.text, apart=set())
        self.html_with_placeholders = self._with_placeholders(self.html, apart=self._apart)

    def mail(self, envelope: Envelope, person: Person) -> Mail:
        """Return what is personal in a mail."""
        plain = self._compiled.values(person)
        headers = self._compiled.personal_headers(person)
        if self.provider.personal_headers is not None or self.provider.headers is not None or self.provider.withheld:
            headers = {name: value for name, value in headers.items() if self._takes(name, personal=True)}
        local, _at, domain = envelope.recipient.rpartition("@")
        return Mail(
            delivery_id=envelope.delivery_id,
            address=EmailAddress(plain["name"], username=local, domain=domain)
            if not local.startswith('"')
            else EmailAddress(plain["name"], envelope.recipient),
            recipient=envelope.recipient,
            headers=headers,
            values=self._merged(plain) if self.provider.batch > 1 else None,
            plain=plain,
        )

    def filled(self, content: str, plain: dict[str, str], *, in_html: bool) -> str:
        """Return text or HTML with one person's values in it."""
        return MARKER.sub(lambda found: escape(plain[found[1]]) if in_html else plain[found[1]], content)

    def _merged(self, plain: dict[str, str]) -> dict[str, str] | None:
        """Return the values for the placeholders; None when escaping would change one and we cannot see to it."""
        values = {name: plain[name] for name in self._fields}
        for name in self._in_html:
            if name in self._apart:
                values[f"{name}_html"] = escape(plain[name])
            elif CHANGED_BY_ESCAPING.search(plain[name]):
                return None
        return values

    def _takes(self, name: str, *, personal: bool = False) -> bool:
        provider, small = self.provider, name.lower()
        if small in CARRIED_OTHERWISE or small in provider.withheld:
            return False
        if personal and provider.personal_headers is not None:
            return small in provider.personal_headers
        return provider.headers is None or small in provider.headers

    def _with_placeholders(self, content: str, *, apart: set[str]) -> str:
        """Return `content` with placeholders for its fields; what only looks like one is taken apart."""
        taken, form = self.provider.taken, self.provider.placeholder
        if taken:
            content = content.replace(taken, f"{taken[0]}{TAKEN_APART}{taken[1:]}")
        return MARKER.sub(lambda found: form.format(f"{found[1]}_html" if found[1] in apart else found[1]), content)


@dataclass(slots=True)
class Call:
    """One call to the provider: a message, and people who get it. `merged` where the provider fills in their values."""

    template: Template
    mails: list[Mail]
    merged: bool = False

    def halves(self) -> list["Call"]:
        """Return it as two calls."""
        middle = len(self.mails) // 2
        return [Call(self.template, some, self.merged) for some in (self.mails[:middle], self.mails[middle:])]

    def key(self) -> str:
        """Return a name for it that is the same whenever the same mails go in one call."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, " ".join(delivery_mark(one.delivery_id) for one in self.mails)))

    def message(self) -> AnymailMessage:
        """Return it as Anymail takes it."""
        template, provider = self.template, self.template.provider
        message = AnymailMessage(
            subject=template.subject,
            from_email=template.sender,
            to=[one.address for one in self.mails],
            reply_to=[template.reply_to],
            headers=dict(template.headers),
        )
        if provider.tracking:
            message.track_opens = message.track_clicks = False
        if provider.key == "header":
            message.extra_headers["idempotencyKey"] = self.key()
        if self.merged:
            self._for_many(message)
        else:
            self._for_one(message)
        return message

    def _for_one(self, message: AnymailMessage) -> None:
        [one] = self.mails
        template = self.template
        message.body = template.filled(template.text, one.plain, in_html=False)
        if template.html:
            message.attach_alternative(template.filled(template.html, one.plain, in_html=True), "text/html")
        message.extra_headers |= one.headers
        if template.provider.metadata:
            message.metadata = metadata(one)

    def _for_many(self, message: AnymailMessage) -> None:
        template, provider = self.template, self.template.provider
        message.body = template.text_with_placeholders
        if template.html:
            message.attach_alternative(template.html_with_placeholders, "text/html")
        message.merge_data = {one.recipient: one.values for one in self.mails}
        message.merge_metadata = {one.recipient: metadata(one) for one in self.mails}
        message.merge_headers = {one.recipient: one.headers for one in self.mails}
        if not provider.merges_headers:
            message.merge_headers = {one.recipient: template.headers | one.headers for one in self.mails}
            message.extra_headers = {}
        if provider.extra:
            message.esp_extra = dict(provider.extra)


def metadata(one: Mail) -> dict[str, str]:
    """Return what the provider hands back with every event about a mail."""
    return {"delivery": delivery_mark(one.delivery_id)}


def outcomes(call: Call, statuses: dict[str, Any]) -> Iterator[Outcome]:
    """Yield what Anymail read about each mail of a call."""
    for one in call.mails:
        found = statuses.get(one.recipient.lower())
        status = found.status if found else None
        name = str(found.message_id or "")[:200] if found else ""
        if status in {"sent", "queued"}:
            yield Outcome(one.delivery_id, State.ACCEPTED, provider_id=name)
        elif status in REFUSED:
            yield Outcome(one.delivery_id, State.FAILED, status, REFUSED[status], provider_id=name)
        else:
            yield Outcome(one.delivery_id, State.UNKNOWN, "", NOTHING_SAID, provider_id=name)


def unusual_address(address: str) -> str:
    """Return an address that is not plain ASCII as Anymail writes it. Raise Unaddressable."""
    wire, beyond_ascii = wire_address(address)
    if beyond_ascii:
        raise Unaddressable(gettext_noop("This address cannot be used: only ASCII is allowed before the @."))
    try:
        return EmailAddress(addr_spec=wire).addr_spec
    except AnymailInvalidAddress as fault:
        raise Unaddressable(gettext_noop("This address cannot be used: it is not an address.")) from fault


def builder(backend: Any) -> Callable[[AnymailMessage, dict[str, Any]], Any]:
    """
    Return what builds a call from a message, as the backend's own build_message_payload does.

    Anymail would take each recipient's address apart, and look for translated text in every value: that costs more
    than all the rest. Our addresses are apart already, and our values are text.
    """
    module = import_module(type(backend).__module__)
    kind = getattr(module, f"{backend.esp_name.replace(' ', '')}Payload", None)
    if kind is None:  # Amazon's, which builds MIME
        return backend.build_message_payload
    ready = {
        group: tuple((name, join, None if name in READY else convert) for name, join, convert in getattr(kind, group))
        for group in ("base_message_attrs", "anymail_message_attrs")
    }
    bases = (FormInParts, kind) if module.__name__ == "anymail.backends.mailgun" else (kind,)
    own = type(kind.__name__, bases, ready)
    return lambda message, defaults: own(message, defaults, backend)


class FormInParts:
    """For Mailgun: a form in parts (RFC 7578), which leaves as it is what a plain form writes in %-codes."""

    def serialize_data(self) -> bytes:
        """Return the form as bytes, and say in the call's header what it is."""
        data: dict[str, Any] = super().serialize_data()  # type: ignore[misc]
        boundary = uuid.uuid4().hex
        self.headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        parts = []
        for name, value in data.items():
            for one in value if isinstance(value, list) else [value]:
                parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{one}\r\n')
        return "".join([*parts, f"--{boundary}--\r\n"]).encode()
