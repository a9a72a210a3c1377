"""What bulletins say in a language of a campaign."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import ngettext

from bulletins.models import Bulletin
from campaigns.models import Campaign
from lib.text.numbers.whole_numbers import grouped


def uses_of(campaign: Campaign, code: str) -> Iterator[str]:
    """Yield, in a sentence, how many bulletins of a campaign have an edition in a language; one query."""
    written = Q(editions__body__gt="") | Q(editions__title__gt="")
    found = Bulletin.objects.filter(campaign=campaign).filter(
        Q(written, editions__language=code) | Q(versions__editions__language=code)
    )
    if many := found.distinct().count():
        yield ngettext("%(n)s bulletin has an edition in it.", "%(n)s bulletins have an edition in it.", many) % {
            "n": grouped(many)
        }
