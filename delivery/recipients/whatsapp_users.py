"""
Whose number it is that writes to us, where Meta names people by an id of its own alone: since 2026 they may hide their number behind a
user name. Every status says both, so the code of the id is kept with the number, and let go with it.
"""

from collections.abc import Mapping

from delivery.models import Channel, ChannelProof, Recipient, address_hash

from . import address_codes, other_holders


def code_of(user: str) -> str:
    """Return the code by which somebody is known again whom Meta names by its id."""
    return address_hash(f"whatsapp-user:{user}")


def learn(users: Mapping[str, str]) -> None:
    """Keep whose numbers these are (Meta's id by number); one query where all of it is known."""
    numbers = {address_codes.code_of(Channel.WHATSAPP, number): number for number in users}
    known = {number: code_of(user) for number, user in users.items()}
    rows = Recipient.objects.filter(address_hash__in=numbers, state=Recipient.State.ACTIVE)
    others = dict(known)
    for key, code, user_hash in rows.values_list("pk", "address_hash", "user_hash"):
        now = known[numbers[code]]
        others.pop(numbers[code], None)
        if user_hash != now:
            # Who leaves meanwhile has another code of the address.
            Recipient.objects.filter(pk=key, address_hash=code).update(user_hash=now)
    if not others:
        return
    for number, user_hash in others.items():
        ChannelProof.objects.filter(channel=Channel.WHATSAPP, address=number).update(user_hash=user_hash)
    other_holders.learn(Channel.WHATSAPP, others)


def numbers_of(user: str) -> list[str]:
    """Return the numbers of somebody whom Meta names by its id alone."""
    code = code_of(user)
    rows = Recipient.objects.filter(user_hash=code, channel=Channel.WHATSAPP, state=Recipient.State.ACTIVE)
    numbers = [*rows.values_list("address", flat=True), *other_holders.addresses_of(Channel.WHATSAPP, code)]
    return list(dict.fromkeys(filter(None, numbers)))
