"""A short draft under no embargo, so that there is one to be tried on a few people before anybody approves it."""

from datetime import datetime

from accounts.models import User
from bulletins.editing import drafts
from bulletins.models import Bulletin, Network, Variant
from campaigns.models import Campaign, ReadingLevel
from delivery.models import Channel
from demo.exercise.participants import authority_accounts

# {language: title, what a mail's list shows, text}
WORDS = {
    "fi": (
        "Kädet puhtaiksi, myös pyhien jälkeen",
        "Kolme pientä tekoa, joista kannattaa muistuttaa.",
        (
            "Hei!\n\nPyhien jälkeen moni palaa töihin ja kauppaan. Kolme pientä tekoa suojaa yhä kaikkia.\n\n## Muistuta näistä\n\n"
            "- Pese kädet vedellä ja saippualla vähintään 20 sekuntia aina, kun tulet sisään.\n"
            "- Yski ja aivasta hihaan tai nenäliinaan.\n- Pidä muihin 1–2 metrin etäisyys.\n\n"
            "Yli 70-vuotiaatkin voivat ulkoilla, kun etäisyys muihin säilyy."
        ),
    ),
    "sv": (
        "Rena händer, även efter helgen",
        "Tre små saker att påminna om.",
        (
            "Hej!\n\nEfter helgen återvänder många till jobbet och butiken. Tre små saker skyddar fortfarande alla.\n\n## Påminn om det här\n\n"
            "- Tvätta händerna med tvål och vatten i minst 20 sekunder varje gång du kommer in.\n"
            "- Hosta och nys i ärmen eller i en näsduk.\n- Håll 1–2 meters avstånd till andra.\n\n"
            "Även den som har fyllt 70 kan vara ute, så länge avståndet till andra hålls."
        ),
    ),
    "en": (
        "Clean hands, after the holidays too",
        "Three small things to remind people of.",
        (
            "Hi!\n\nAfter the holidays many return to work and to the shops. Three small things still protect everybody.\n\n## Remind people\n\n"
            "- Wash your hands with soap and water for at least 20 seconds each time you come in.\n"
            "- Cough and sneeze into your sleeve or a tissue.\n- Keep 1–2 metres from others.\n\n"
            "People over 70 can go outdoors as well, as long as they keep their distance."
        ),
    ),
}

# {language: what a text message, Telegram and the authority's posts say}; a notification has the title above
SHORT = {
    "fi": "Pese kädet saippualla 20 sekuntia, kun tulet sisään. Yski hihaan. Pidä 1–2 metrin etäisyys.",
    "sv": "Tvätta händerna med tvål i 20 sekunder när du kommer in. Hosta i ärmen. Håll 1–2 meters avstånd.",
    "en": "Wash your hands with soap for 20 seconds when you come in. Cough into your sleeve. Keep 1–2 metres from others.",
}


def write(campaign: Campaign, *, by: User, at: datetime) -> Bulletin:
    """Start the draft in every language that has words here, to be posted by the authority's accounts as well."""
    bulletin = drafts.start(campaign, by=by, at=at)
    for edition in bulletin.editions.filter(reading_level=ReadingLevel.STANDARD, language__in=WORDS):
        edition.title, edition.preheader, edition.body = WORDS[edition.language]
        drafts.save_edition(edition, by=by, at=at)
        for channel in (Channel.PUSH, Channel.SMS, Channel.TELEGRAM, *Network):
            title = edition.title if channel == Channel.PUSH else ""
            Variant.objects.create(edition=edition, platform=channel, title=title, caption=SHORT[edition.language])
    bulletin.posts_to.set(authority_accounts.write(campaign, at=at))
    return bulletin
