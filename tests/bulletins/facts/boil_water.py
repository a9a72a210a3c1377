"""A bulletin that says one date in all its texts, in three languages."""

from typing import Any

from bulletins.editing import drafts
from bulletins.facts import fact_list, text_places
from bulletins.models import Asset, Bulletin, Parts
from campaigns.models import Campaign
from tests.support.builders import NOON, build_bulletin

BODY = {
    "fi": "Keitä vesi torstaihin 2. huhtikuuta klo 18 asti. Neuvonta auki 2.4. klo 8–16.",
    "sv": "Koka vattnet till torsdagen den 2 april kl. 18. Rådgivningen är öppen 2.4 kl. 8–16.",
    "en": "Boil the water until 6 p.m. on Thursday 2 April. Advice is open on 2 April from 8 a.m. to 4 p.m.",
}
TITLE = {"fi": "Vesi: keitä 2.4. asti", "sv": "Vattnet: koka till 2.4", "en": "Water: boil it until 2 April"}
MESSAGE = {"fi": "Keitä vesi 2.4. asti.", "sv": "Koka vattnet till 2.4.", "en": "Boil water until 2 April."}


def build_boil_water(campaign: Campaign, by: Any) -> Bulletin:
    """Return the draft: its title, text, key message, caption and alt text say until when to boil the water."""
    made = build_bulletin(campaign, by=by, variants=True)
    for edition in sorted(made.editions.all(), key=lambda one: one.language != made.original_language):
        edition.title, edition.body = TITLE[edition.language], BODY[edition.language]
        drafts.save_edition(edition, by=by, at=NOON)
        edition.variants.update(caption=MESSAGE[edition.language])
    made.key_messages.update(text=MESSAGE)
    Asset.objects.create(bulletin=made, kind=Asset.Kind.IMAGE, title={"en": "Card"}, alt_text=MESSAGE)
    return Bulletin.objects.get(pk=made.pk)


def fact(bulletin: Bulletin, shown: str) -> fact_list.FactRow:
    """Return the fact that is shown so."""
    return next(row for row in fact_list.facts_of(Parts(bulletin), at=NOON) if row.shown == shown)


def all_texts(bulletin: Bulletin) -> dict[str, str]:
    """Return {place: text} as stored now."""
    return {place.key: place.text for place in text_places.places(Parts(Bulletin.objects.get(pk=bulletin.pk)))}
