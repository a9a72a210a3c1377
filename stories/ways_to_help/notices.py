"""What people are told of ways to help (notifications.notice_kinds)."""

from django.utils.translation import gettext_noop

from campaigns.translated_fields import in_language
from notifications.notice_kinds import Kind, Matter
from stories.models import Offer


class OfferKind(Kind):
    """A kind about ways to help."""

    model = Offer
    named_by = ("versions",)

    def named(self, subject: Offer) -> str:
        """Return the title of its newest version."""
        newest = max(subject.versions.all(), key=lambda one: one.number, default=None)
        return in_language(newest.title) if newest else ""


OFFER_WAITS = OfferKind("offer_waits", gettext_noop("A way to help needs your check"))
OFFER_SENT_BACK = OfferKind("offer_sent_back", gettext_noop("A way to help was sent back"))
OFFER_PUBLISHED = OfferKind("offer_published", gettext_noop("A way to help is published"), matter=Matter.NEWS)

KINDS = (OFFER_WAITS, OFFER_SENT_BACK, OFFER_PUBLISHED)
