"""When what someone writes is one revision, and when it is the next."""

from datetime import datetime, timedelta

from accounts.models import User
from bulletins.models import Bulletin, Edition, EditionRevision, Review

GROWS_FOR = timedelta(minutes=10)


def growing(
    edition: Edition, bulletin: Bulletin, original: Edition | None, *, by: User, at: datetime
) -> EditionRevision | None:
    """
    Return the edition's last revision when more of the same writing belongs to it: the same person, within
    GROWS_FOR, in the same version, and neither a translation nor a review has built on it, nor has the original moved on since
    it said the same. Inside a transaction.
    """
    row = EditionRevision.objects.filter(
        edition=edition,
        revision=edition.revision,
        version=bulletin.version,
        edited_by=by,
        edited_at__gte=at - GROWS_FOR,
        edited_at__lte=at,
    ).first()
    if row is None or bulletin.state != Bulletin.State.DRAFT:
        return None
    if len(edition.body) < len(row.body) / 2:
        return None  # whoever empties a field by mistake gets the words back from the history
    if original is not None and row.source_revision and original.revision > row.source_revision:
        return None
    if bulletin.editions.exclude(pk=edition.pk).filter(source_revision=edition.revision).exists():
        return None
    followers = EditionRevision.objects.filter(edition__bulletin=bulletin, source_revision=edition.revision)
    if followers.exclude(edition=edition).exists():
        return None
    judged = bulletin.reviews.filter(at__gte=row.edited_at).exclude(decision=Review.Decision.EDITED)
    return None if judged.exists() else row
