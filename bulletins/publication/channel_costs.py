"""What the text messages of a bulletin will cost, before it is approved."""

from collections.abc import Mapping

from bulletins.editing.variants import seen_line
from bulletins.models import Bulletin, Urgency
from campaigns.models import ReadingLevel
from delivery.models import Audience, Channel, Wanted
from delivery.transports import channels
from delivery.transports.sms import costs


def of_text_messages(bulletin: Bulletin) -> costs.Cost | None:
    """Return what its text messages would cost as it stands, None where it has no words for any."""
    if Channel.SMS not in channels.beside_mail(bulletin.campaign) or bulletin.kind == Bulletin.Kind.RETRACTION:
        return None
    texts = texts_of(bulletin)
    if not texts:
        return None
    wants = Wanted.URGENT if bulletin.urgency == Urgency.URGENT else Wanted.BULLETINS
    audiences = Audience.objects.filter(targets__bulletin=bulletin, kind=Audience.Kind.INFLUENCERS)
    return costs.expected(audiences, texts, wants=wants)


def texts_of(bulletin: Bulletin) -> Mapping[str, str]:
    """Return the words of its text messages by language, those of the campaign's first language first."""
    editions = bulletin.editions.filter(reading_level=ReadingLevel.STANDARD).prefetch_related("variants")
    first = bulletin.campaign.default_language
    written = [
        (edition.language, one.caption + seen_line(bulletin, Channel.SMS, edition.language))
        for edition in sorted(editions, key=lambda edition: edition.language != first)
        for one in edition.variants.all()
        if one.platform == Channel.SMS and one.caption.strip()
    ]
    return dict(written)
