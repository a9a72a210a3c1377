"""
The six themes that emerged from the stories of Turin's municipalities in 2020, to begin with: rows of a campaign, which people change as
they like.
"""

from django.db import transaction

from campaigns.models import Campaign
from stories.models import StoryTheme

# Short name: names and words that suggest it, each by language.
THEMES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "solidarity": (
        {"fi": "Yhteisvastuu", "sv": "Solidaritet", "en": "Solidarity"},
        {
            "fi": "yhteisvastuu solidaarisuus naapuri yhdessä yhteishenki kiitos toivo",
            "sv": "solidaritet granne tillsammans gemenskap tack hopp",
            "en": "solidarity neighbour neighbor together community thank hope",
        },
    ),
    "help-for-those-in-need": (
        {"fi": "Apua sitä tarvitseville", "sv": "Hjälp åt dem som behöver", "en": "Help for those in need"},
        {
            "fi": "apu auttaa avuntarve vanhus ikääntynyt yksinäinen koditon kuljetus",
            "sv": "hjälp hjälpa behov äldre ensam hemlös skjuts",
            "en": "help need elderly older alone homeless transport",
        },
    ),
    "food-and-masks": (
        {"fi": "Ruoka ja maskit", "sv": "Mat och munskydd", "en": "Food and masks"},
        {
            "fi": "ruoka maski ateria keittiö ruokajako kauppakassi vesi suojain",
            "sv": "mat munskydd måltid kök matkasse vatten skyddsutrustning",
            "en": "food mask meal kitchen groceries parcel water",
        },
    ),
    "volunteering": (
        {"fi": "Vapaaehtoistyö", "sv": "Frivilligarbete", "en": "Volunteering"},
        {
            "fi": "vapaaehtoinen vapaaehtoistyö talkoot järjestö spr",
            "sv": "frivillig volontär talko förening",
            "en": "volunteer volunteering association",
        },
    ),
    "psychological-support": (
        {"fi": "Henkinen tuki", "sv": "Psykiskt stöd", "en": "Psychological support"},
        {
            "fi": "jaksaminen pelko ahdistus suru mieli kriisiapu keskusteluapu psykologi",
            "sv": "ork rädsla ångest sorg stöd psykolog samtal",
            "en": "cope coping fear anxiety grief loneliness support psychologist listen",
        },
    ),
    "space-for-the-young": (
        {"fi": "Tilaa nuorille", "sv": "Plats för unga", "en": "Space for the young"},
        {
            "fi": "nuori nuoriso lapsi koulu opiskelija nuorisotila",
            "sv": "ung ungdom barn skola elev studerande",
            "en": "young youth child children school student teenager",
        },
    ),
}


@transaction.atomic
def add(campaign: Campaign) -> int:
    """Give a campaign those of the themes that it has not, by their short names; return how many."""
    there = set(StoryTheme.objects.filter(campaign=campaign).values_list("slug", flat=True))
    rows = [
        StoryTheme(
            campaign=campaign,
            slug=slug,
            name=names,
            words={code: text.split() for code, text in words.items()},
            position=position,
        )
        for position, (slug, (names, words)) in enumerate(THEMES.items(), start=1)
        if slug not in there
    ]
    StoryTheme.objects.bulk_create(rows)
    return len(rows)
