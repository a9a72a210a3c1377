"""Which bulletins need a fact-checker's sign-off before anyone may approve them."""

from collections.abc import Collection

from bulletins.models import Bulletin


def resting_on_claims(keys: Collection[int]) -> set[int]:
    """Return the keys of those of these bulletins that rest on claims; one query."""
    links = Bulletin.claims.through.objects.filter(bulletin__in=keys)
    return set(links.values_list("bulletin_id", flat=True))


def is_required(bulletin: Bulletin, on_claims: Collection[int]) -> bool:
    """
    Return whether fact-checkers have a say in a bulletin, where the keys of those that rest on claims are at hand. A
    withdrawal says nothing, so they have none in it.
    """
    return bulletin.pk in on_claims and bulletin.kind != Bulletin.Kind.RETRACTION
