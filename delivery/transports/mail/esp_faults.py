"""
What a call to a provider that failed says about the mails in it: certainly not sent, refused, or nobody knows.

By the status of the reply where there is one. Without one it depends on how far the call got.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from anymail.exceptions import AnymailError, AnymailInvalidAddress
from django.utils.translation import gettext_noop

from delivery.models import Delivery
from delivery.transports.http_errors import CONTENT, NOT_UNDERSTOOD, TOO_FAST, seconds_to_wait
from delivery.transports.server_replies import without_addresses
from delivery.transports.transport import Outcome

State = Delivery.State

IN_DOUBT = {408, 409}  # cut off, or the same as an earlier one

# How Amazon names what others say by a status of their own.
AMAZON_TOO_FAST = {"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"}
AMAZON_ACCOUNT = {"AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException"}

BEFORE_THE_CALL = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    ssl.SSLCertVerificationError,
)
# botocore's, by name: it is there only where Amazon SES is used.
BEFORE_THE_CALL_TO_AMAZON = {
    "ConnectTimeoutError",
    "EndpointConnectionError",
    "NoCredentialsError",
    "NoRegionError",
    "PartialCredentialsError",
    "ProxyConnectionError",
}

NOT_SENT = "It was not sent: the provider could not be reached."
NOT_BUILT = "It was not sent: the provider's interface does not take mail like this."
NOT_AN_ADDRESS = gettext_noop("The provider's interface does not accept this address.")
NO_REPLY = "The provider's reply did not come, so nobody knows whether it was sent."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of all the mails in a call alike; the fields are those of Outcome."""

    state: Delivery.State
    code: str = ""
    detail: str = ""
    retry_after: float | None = None
    about_mailer: bool = False

    def on(self, delivery_id: int) -> Outcome:
        """Return it as the outcome of one mail."""
        return Outcome(
            delivery_id,
            self.state,
            self.code,
            self.detail,
            retry_after=self.retry_after,
            about_mailer=self.about_mailer,
        )


def not_built(fault: Exception) -> Verdict:
    """Return the verdict on a call that could not be put together: nothing was sent."""
    if isinstance(fault, AnymailInvalidAddress):
        return Verdict(State.FAILED, "553 5.1.3", NOT_AN_ADDRESS)
    return Verdict(State.DEFERRED, "", with_detail(NOT_BUILT, fault), about_mailer=True)


def not_answered(fault: Exception) -> Verdict:
    """Return the verdict on a call that ended in a fault instead of a good answer."""
    response = getattr(fault, "response", None)
    if response is not None:
        return answered_badly(response)
    if isinstance(fault, AnymailError) and fault.__cause__ is None:
        return not_built(fault)
    for one in chain(fault):
        if is_before_the_call(one):
            return Verdict(State.DEFERRED, "", with_detail(NOT_SENT, one), about_mailer=True)
    return Verdict(State.UNKNOWN, "", with_detail(NO_REPLY, fault.__cause__ or fault))


def answered_badly(response: Any) -> Verdict:
    """Return the verdict on a call that was answered with anything but what was hoped for."""
    status, words, name = read(response)
    if status == TOO_FAST or name in AMAZON_TOO_FAST:
        return Verdict(State.DEFERRED, str(TOO_FAST), words, retry_after=seconds_to_wait(response), about_mailer=True)
    if status in CONTENT and name not in AMAZON_ACCOUNT:
        return Verdict(State.FAILED, str(status), words)
    if status in IN_DOUBT:
        return Verdict(State.UNKNOWN, str(status), words)
    if 400 <= status < 500:
        return Verdict(State.DEFERRED, str(status), words, about_mailer=True)
    return Verdict(State.UNKNOWN, str(status), words or NOT_UNDERSTOOD)


def read(response: Any) -> tuple[int, str, str]:
    """Return status, words and, from Amazon, the name of the error."""
    if isinstance(response, dict):  # botocore's
        error = response.get("Error", {})
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status, without_addresses(str(error.get("Message", ""))), str(error.get("Code", ""))
    return response.status_code, without_addresses(response.text[:2000]), ""


def is_before_the_call(fault: object) -> bool:
    """Return whether a fault came up before a word of the call had left."""
    return isinstance(fault, BEFORE_THE_CALL) or type(fault).__name__ in BEFORE_THE_CALL_TO_AMAZON


def chain(fault: BaseException) -> Iterator[BaseException]:
    """Yield what lies behind a fault, the deepest first, and itself: its causes, and what urllib3 keeps as a reason."""
    found: list[BaseException] = []
    todo: list[object] = [fault]
    while todo:
        one = todo.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            todo += [one.__context__, one.__cause__, getattr(one, "reason", None)]
    yield from reversed(found)


def with_detail(says: str, fault: BaseException) -> str:
    """Return what happened, and the words of the fault in brackets."""
    return f"{says[:-1]} ({without_addresses(str(fault) or type(fault).__name__)[: 190 - len(says)]})."
