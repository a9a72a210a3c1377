"""
Who may approve a bulletin: who may sign off its fact-checks, who may approve it, and what keeps the others from it. The
steps themselves, the panes of the desk, Today and the notices all ask here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.models import Bulletin, EditionRevision, Parts, Review

from . import required_sign_offs

NAMED = 5  # people whom a sentence names


class Holders:
    """Who has which say over bulletins of a campaign, each read when it is first asked for and then kept."""

    def __init__(self, campaign: int) -> None:
        self.campaign = campaign

    @cached_property
    def checkers(self) -> list[User]:
        """People who sign off fact-checks."""
        return list(User.objects.staff_with("bulletins.sign_off_bulletin", self.campaign))

    @cached_property
    def approvers(self) -> list[User]:
        """People who approve bulletins."""
        return list(User.objects.staff_with("bulletins.approve_bulletin", self.campaign))


@dataclass(frozen=True)
class Eligibility:
    """
    What decides who may approve a bulletin: who edited or submitted this version, the sign-offs of exactly what was
    submitted last, the latest first, and whether fact-checkers have a say at all.
    """

    editor_ids: frozenset[int]
    sign_offs: tuple[Review, ...]
    wants_sign_off: bool
    holders: Holders

    def barred_ids(self) -> set[int | None]:
        """Return the keys of people who edited, submitted or signed it off, and so say no further yes."""
        return {*self.editor_ids, *self.signer_ids()}

    def signer_ids(self) -> set[int | None]:
        """Return the keys of people who signed off what is in review now."""
        return {review.by_id for review in self.sign_offs}

    def checkers(self) -> list[User]:
        """Return who may sign off its fact-checks."""
        barred = self.barred_ids()
        return [person for person in self.holders.checkers if person.pk not in barred]

    def approvers(self) -> list[User]:
        """Return who may approve it, at once or when it is signed off."""
        barred = self.barred_ids()
        return [person for person in self.holders.approvers if person.pk not in barred]

    def why_no_sign_off(self, user: User) -> str:
        """Return why a fact-checker cannot sign it off, "" when nothing stands in the way."""
        if not self.wants_sign_off:
            return _("This bulletin contains no fact-checks, so there is nothing to sign off.")
        if user.pk in self.editor_ids:
            says = _("You edited or submitted this version, so someone else must sign it off. Who can: %(who)s.")
            return says % {"who": names_of(self.checkers())}
        if user.pk in self.signer_ids():
            return _("You have already signed it off.")
        return ""

    def why_no_approval(self, user: User) -> str:
        """Return why an approver cannot approve it, "" when nothing stands in the way."""
        if user.pk in self.editor_ids:
            return _("You edited or submitted this version, so someone else must approve it.")
        if self.wants_sign_off and not self.sign_offs:
            says = _("It contains fact-checks that no fact-checker has signed off yet. Ask: %(who)s.")
            return says % {"who": names_of([one for one in self.checkers() if one.pk != user.pk])}
        if user.pk in self.signer_ids():
            return _("You signed off its fact-checks, so someone else must approve it.")
        return ""


def of_one(bulletin: Bulletin, parts: Parts | None = None) -> Eligibility:
    """Return what decides who may approve a bulletin; three queries, with its `parts` at hand two."""
    on_claims = None if parts is None else {bulletin.pk} if parts.claims else set()
    return of_each([bulletin], on_claims=on_claims)[bulletin.pk]


def of_each(bulletins: Collection[Bulletin], *, on_claims: set[int] | None = None) -> dict[int, Eligibility]:
    """
    Return by its key what decides who may approve each bulletin; three queries, or two where the keys of those that
    rest on claims are at hand.
    """
    keys = [one.pk for one in bulletins]
    if on_claims is None:
        on_claims = required_sign_offs.resting_on_claims(keys)
    editors = {one.pk: {one.submitted_by_id} for one in bulletins}
    wrote = EditionRevision.objects.filter(edition__bulletin__in=keys, version=F("edition__bulletin__version"))
    for key, editor in wrote.order_by().values_list("edition__bulletin", "edited_by").distinct():
        editors[key].add(editor)
    signed = follow_steps({one.pk: one.digest for one in bulletins}, editors)
    found, holders = {}, {key: Holders(key) for key in {one.campaign_id for one in bulletins}}
    for one in bulletins:
        wants = required_sign_offs.is_required(one, on_claims)
        people = frozenset(key for key in editors[one.pk] if key)
        found[one.pk] = Eligibility(
            people, tuple(reversed(signed[one.pk])) if wants else (), wants, holders[one.campaign_id]
        )
    return found


def follow_steps(digests: Mapping[int, str], editors: Mapping[int, set[int | None]]) -> dict[int, list[Review]]:
    """Return the sign-offs of each bulletin as it is (`digests`), and add whoever edited it to its editors; one query."""
    signed: dict[int, list[Review]] = {key: [] for key in digests}
    steps = Review.objects.filter(bulletin__in=digests, version=F("bulletin__version")).select_related("by")
    for review in steps.order_by("pk"):
        if review.decision == Review.Decision.EDITED:
            editors[review.bulletin_id].add(review.by_id)
        elif review.decision == Review.Decision.SUBMITTED:
            signed[review.bulletin_id].clear()  # a sign-off of before an edit does not come back with the words
        elif review.decision == Review.Decision.SIGNED_OFF and review.digest == digests[review.bulletin_id]:
            signed[review.bulletin_id].append(review)
    return signed


def names_of(people: list[User]) -> str:
    """Return the names of some people for a sentence, or that there is nobody."""
    return ", ".join(str(person) for person in people[:NAMED]) or _("nobody yet")
