"""Which delivery a mail is: the marks in its Message-ID and its return path, made and read back."""

import re

from django.utils.crypto import constant_time_compare

from delivery.links.signing import marks

# What the marks of deliveries are for. A Message-ID travels with every reply and forward, so it only says which mail is
# meant; the return path, which readers never see, proves a report. One never passes for the other.
NAMED, RETURNED = "delivery", "delivery.return-path"


def delivery_mark(delivery_id: int) -> str:
    """
    Return the key of a delivery with its mark, "123.ab12cd34ef56ab78": the same at every attempt. It stands in the
    Message-ID and in what providers are told, so it proves nothing by itself.
    """
    return marks(NAMED).of(delivery_id)


def delivery_of_mark(text: str) -> int | None:
    """Return the key of the delivery that a mark names, or None when the mark is not ours."""
    return _key(NAMED, text)


def message_id(delivery_id: int, domain: str) -> str:
    """Return the Message-ID of a delivery: the same at every attempt, and not to be guessed for another."""
    return f"<{delivery_mark(delivery_id)}@{domain}>"


def delivery_of_message_id(text: str) -> int | None:
    """Return the key of the delivery that a Message-ID names, with its brackets or without, or None."""
    return delivery_of_mark(text.strip().strip("<>").rpartition("@")[0])


def arrival_of_message_id(text: str) -> int | None:
    """Return the key of the SeedArrival that the Message-ID of a mail to a seed address names, or None."""
    mark = text.strip().strip("<>").rpartition("@")[0].lower()
    match = re.fullmatch(r"-([1-9][0-9]{0,14})\.[0-9a-f]{16}", mark)
    if match is None or not constant_time_compare(delivery_mark(-int(match[1])), mark):
        return None
    return int(match[1])


def return_path(delivery_id: int, bounces: str) -> str:
    """Return where the bounces of a delivery come to. `bounces` is the address that all of them come to (bounce_address)."""
    local, _at, domain = bounces.rpartition("@")
    return f"{local}+{marks(RETURNED).of(delivery_id)}@{domain}"


def delivery_of_return_path(address: str) -> int | None:
    """Return the key of the delivery whose bounces come to this address, or None. A Message-ID is no such address."""
    return _key(RETURNED, address.strip().strip("<>").rpartition("@")[0].rpartition("+")[2])


def _key(purpose: str, text: str) -> int | None:
    numbers = marks(purpose).numbers(text)
    return numbers[0] if numbers else None
