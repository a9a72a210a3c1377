"""
Who was erased stays erased when a back-up is brought back. A back-up knows people who were erased after it was made; who
they are stands beside the database, as codes of their addresses (accounts/privacy/erasure_log.py).
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from accounts.privacy import data_subjects, erasure, erasure_log
from delivery.models import Recipient, Suppression
from lib.mail_addresses import code_of
from operations.startup_errors import Refusal


def remember() -> None:
    """Write down beside the database who was erased as it knows it, before another one takes its place."""
    with connection.cursor() as cursor:
        there = Suppression._meta.db_table in connection.introspection.table_names(cursor)
    if there:
        erased = Suppression.objects.filter(reason=Suppression.Reason.ERASED)
        erasure_log.write(erased.order_by("since").values_list("since", "address_hash"))
    connection.close()


def erase_again(made_at: datetime, *, at: datetime) -> int:
    """
    Erase people who were erased after `made_at`, when the back-up in use was made, and return how many that were;
    nobody the second time. Raise Refusal when it cannot be read who they are, or one of them cannot be erased.
    """
    try:
        codes = erasure_log.erased_since(made_at)
    except (OSError, ValueError) as fault:
        raise Refusal(
            f"Not done: {erasure_log.file()} cannot be read, so nobody knows who was erased since the back-up was made. "
            "Bring the file back from another copy. Nothing is sent."
        ) from fault
    found = {data_subjects.Person.of(address) for address in (addresses_of(codes) if codes else ())}
    for person in sorted(found, key=lambda one: one.code):
        try:
            erasure.erase(person, reason="restored", by=None, at=at)
        except data_subjects.NotErased as fault:
            raise Refusal(f"Not done: somebody who was erased is back and cannot be erased now. {fault}") from fault
    return len(found)


def addresses_of(codes: set[str]) -> Iterator[str]:
    """Yield the addresses of some codes, wherever they are kept; also those whose codes were made under a key that is lost."""
    yield from Recipient.objects.filter(address_hash__in=codes).exclude(email="").values_list("email", flat=True)
    for part in data_subjects.parts():
        for address in part.addresses() if part.addresses else ():
            if code_of(address) in codes:
                yield address
