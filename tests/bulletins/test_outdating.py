"""A correction that leaves the old date somewhere is no correction."""

import pytest

from bulletins import correcting, drafting, linting
from bulletins.models import Bulletin, KeyMessage, Variant
from tests.builders import NOON, build_bulletin, published

OLD = {"fi": "Avataan 13. huhtikuuta.", "sv": "Öppnar den 13 april.", "en": "Open from 13 April."}
NEW = {"fi": "Avataan 19. huhtikuuta.", "sv": "Öppnar den 19 april.", "en": "Open from 19 April."}


@pytest.fixture
def corrected(campaign, alma):
    """A correction whose texts say the new date, while a key message and the captions still say the old one."""
    bulletin = build_bulletin(campaign, by=alma)
    say(bulletin, OLD, alma)
    KeyMessage.objects.filter(bulletin=bulletin).update(text=OLD)
    for edition in bulletin.editions.all():
        Variant.objects.create(edition=edition, platform="instagram", caption=OLD[edition.language], alt_text="A")
    published(bulletin, by=alma)
    correcting.start_correction(
        bulletin, by=alma, at=NOON, what_changed={"fi": "13.4.", "sv": "13.4", "en": "13 April"}
    )
    say(bulletin, NEW, alma)
    return bulletin


def say(bulletin: Bulletin, texts: dict[str, str], by) -> None:
    """Write the same body in every language, the original first."""
    for edition in bulletin.editions.order_by("pk"):
        edition.body = texts[edition.language]
        drafting.save_edition(edition, by=by, at=NOON)


def old_dates(bulletin: Bulletin) -> set[str]:
    """Return where a date of the version before is left."""
    return {finding.place for finding in linting.findings(bulletin, at=NOON) if finding.code == "old-date"}


def test_the_old_date_is_found_in_every_text_that_still_has_it(corrected):
    message = corrected.key_messages.get()
    assert old_dates(corrected) == {
        *(f"message:{message.pk}:{code}" for code in OLD),
        *(f"variant:{code}:instagram:caption" for code in OLD),
    }


def test_nothing_is_found_once_all_say_the_same(corrected):
    corrected.key_messages.update(text=NEW)
    for code, text in NEW.items():
        Variant.objects.filter(edition__bulletin=corrected, edition__language=code).update(caption=text)
    assert old_dates(corrected) == set()
