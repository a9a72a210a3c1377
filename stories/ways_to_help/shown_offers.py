"""Ways to help as readers see them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.models import Campaign
from lib.statistics.small_groups import FEWEST
from lib.text.languages.languages import language_name
from lib.text.numbers.whole_numbers import grouped
from stories.models import OfferVersion

from .takes import takes_words

BESIDE = 3  # ways to help beside a bulletin


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """A checked way to help. `done` is how many did it, "" where that tells of a few; `languages` are in words, "" for any."""

    pk: int
    version: OfferVersion
    takes: str
    who_can: str
    languages: str
    done: str

    @property
    def fewest(self) -> int:
        """How many did it at least where a number is shown."""
        return FEWEST

    @property
    def url(self) -> str:
        """The address of its page in the active language."""
        return self.version.offer.get_absolute_url()

    @property
    def partner(self) -> dict[str, str]:
        """The name of the organisation in each language, as it was checked."""
        found: dict[str, str] = self.version.printed["partner"]["name"]
        return found

    @property
    def partner_url(self) -> str:
        """The address of the organisation, "" without one."""
        return str(self.version.printed["partner"]["url"])

    @property
    def region(self) -> dict[str, str]:
        """The name of the region in each language, {} without one."""
        found: dict[str, str] = self.version.printed["region"]
        return found


def read(version: OfferVersion) -> ShownOffer:
    """Return a version, with its offer at hand, as it is shown in the active language. No query."""
    offer = version.offer
    return ShownOffer(
        pk=offer.pk,
        version=version,
        takes=takes_words(version.minutes, is_weekly=version.is_weekly),
        who_can=who_can(version),
        languages=languages_in_words(version.languages),
        done=grouped(offer.done) if offer.done >= FEWEST else "",
    )


def read_all(versions: Iterable[OfferVersion]) -> list[ShownOffer]:
    """Return versions, with their offers at hand, as they are shown. No query."""
    return [read(one) for one in versions]


def beside(campaign: Campaign, *, topics: Collection[str], regions: Collection[str], at: datetime) -> list[ShownOffer]:
    """Return the few that are shown beside a text of these topics and regions; one query, none for a text without either."""
    if not topics and not regions:
        return []
    return read_all(OfferVersion.objects.beside(campaign, topics=topics, regions=regions, at=at)[:BESIDE])


def languages_in_words(codes: Iterable[str]) -> str:
    """Return languages as a line lists them, "" for none."""
    words = ", ".join(map(language_name, codes))
    return words[:1].upper() + words[1:]


def who_can(version: OfferVersion) -> str:
    """Return who can help in words."""
    return _("From %(age)d years") % {"age": version.from_age} if version.from_age else _("Anyone")
