"""
What each email service provider can do, as far as its API and Anymail's backend for it go.

A provider gets many recipients in one call only where it puts personal values into a message that comes with the
call, and into its headers. To the others each mail goes in a call of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# Written in the provider's own parameters, or by the provider itself.
CARRIED_OTHERWISE = frozenset(
    {"from", "to", "reply-to", "subject", "date", "mime-version", "content-type", "content-transfer-encoding"}
)


@dataclass(frozen=True, slots=True)
class Provider:
    """
    What a provider takes.

    `batch` is the most recipients in one call. `placeholder` is that of a personal value, {} standing for its
    name; text that begins like one is `taken` for one. `raw` says that values go into HTML as they are: then they
    are escaped here; of the others it is not known. `extra` is what Anymail has to be told to fill them in.

    `withheld` are headers, in small letters, that it refuses; where `headers` is not None it takes no others than
    those, and for one person only `personal_headers`. `merges_headers` says that headers of the whole call and of
    one person are put together. `metadata`: it hands our mark back with its events. `tracking`: opens and clicks can
    be left untracked mail by mail. `key`: how it is told that two calls are the same one.
    """

    batch: int = 1
    placeholder: str = ""
    taken: str = ""
    raw: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()
    headers: frozenset[str] | None = None
    personal_headers: frozenset[str] | None = None
    merges_headers: bool = True
    metadata: bool = True
    tracking: bool = False
    key: Literal["", "http", "header"] = ""


# By the name of the module in anymail.backends. Limits are those that the providers published in November 2026.
PROVIDERS = {
    # SES sets the Message-ID itself. Its batches need a template that is stored there.
    "amazon_ses": Provider(),
    # Brevo fills in placeholders in stored templates only.
    "brevo": Provider(key="header"),
    # Other headers are for its largest accounts; its bulk calls tell nothing about any one recipient.
    "mailersend": Provider(headers=frozenset({"precedence"}), metadata=False, tracking=True),
    "mailgun": Provider(batch=1000, placeholder="%recipient.{}%", taken="%recipient", raw=True, tracking=True),
    "mailjet": Provider(
        batch=50,
        placeholder="[[var:{}]]",
        taken="[[",
        withheld=frozenset({"message-id", "list-id", "feedback-id"}),
        merges_headers=False,
        tracking=True,
    ),
    "mailtrap": Provider(),
    # Mandrill has no headers that differ by recipient.
    "mandrill": Provider(tracking=True),
    "postal": Provider(metadata=False),
    "postmark": Provider(tracking=True),
    "resend": Provider(key="http"),
    "scaleway": Provider(),
    "sendgrid": Provider(
        batch=1000, placeholder="[%{}%]", taken="[%", raw=True, extra={"merge_field_format": "[%{}%]"}, tracking=True
    ),
    # SparkPost ignores our List-Unsubscribe and writes its own.
    "sparkpost": Provider(batch=1000, placeholder="{{{{{{{}}}}}}}", taken="{{", raw=True, tracking=True),
    "unisender_go": Provider(
        batch=500,
        placeholder="{{{{{}}}}}",
        taken="{{",
        personal_headers=frozenset({"list-unsubscribe"}),
        tracking=True,
    ),
}


def provider_of(backend: str) -> tuple[str, Provider]:
    """Return the name and the abilities of the provider behind an Anymail backend, given by its dotted path."""
    name = backend.split(".")[-2]
    return name, PROVIDERS.get(name, Provider())
