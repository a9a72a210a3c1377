"""What people are told of ways to help (notifications.notice_kinds)."""

from django.utils.translation import gettext_noop

from notifications.notice_kinds import Kind
from stories.models import Offer


class OfferKind(Kind):
    """A kind about ways to help."""

    model = Offer


OFFER_WAITS = OfferKind("offer_waits", gettext_noop("A way to help needs your check"))
OFFER_SENT_BACK = OfferKind("offer_sent_back", gettext_noop("A way to help was sent back"))
OFFER_PUBLISHED = OfferKind("offer_published", gettext_noop("A way to help is published"))

KINDS = (OFFER_WAITS, OFFER_SENT_BACK, OFFER_PUBLISHED)
