"""Two surveys of influencers, seven weeks apart, whose answers are made up: the second is clearly better informed."""

from datetime import datetime, timedelta

from accounts.models import User
from campaigns.models import Campaign
from impact.models import FreeText, Survey, Tally
from impact.surveys import question_bank

ASKED = ("informed", "necessary", "unclear")
# {language: how many chose each place of the scale}, for each statement; earlier, then later.
EARLIER = (
    {"fi": (58, 39, 9, 4, 2), "sv": (13, 8, 4, 1, 0), "en": (16, 10, 4, 2, 1)},
    {"fi": (77, 29, 3, 2, 1), "sv": (17, 8, 1, 0, 0), "en": (21, 9, 2, 1, 0)},
)
LATER = (
    {"fi": (72, 32, 4, 1, 1), "sv": (16, 8, 1, 0, 0), "en": (17, 12, 3, 1, 0)},
    {"fi": (81, 24, 3, 1, 1), "sv": (19, 5, 1, 0, 0), "en": (22, 9, 1, 1, 0)},
)
UNCLEAR = (
    "Milloin seuraava päätös tulee?",
    "Koskeeko tämä myös mökkejä?",
    "Mitä sanon, jos joku kysyy lähteestä, jota en tunne?",
    "Päivämäärä jäi epäselväksi TikTok-tekstissä.",
    "Vem ska man ringa på kvällen?",
    "Gäller det också skolor?",
    "Whether tourists have to do it too.",
    "What changed since the last bulletin.",
)
NAMES = ("Influencers, first weeks", "Influencers, seven weeks later")


def create_surveys(campaign: Campaign, *, composer: User, starter: User, at: datetime) -> None:
    """Create both, closed, the later one three days before `at`."""
    bank = question_bank.bank()
    questions = [question_bank.question_of(key, bank[key]["text"]) for key in ASKED]
    for number, (name, counts) in enumerate(zip(NAMES, (EARLIER, LATER), strict=True)):
        closed = at - timedelta(days=3) - timedelta(weeks=7) * (1 - number)
        survey = Survey.objects.create(
            campaign=campaign,
            name=name,
            group=Survey.Group.INFLUENCERS,
            questions=questions,
            state=Survey.State.CLOSED,
            composed_by=composer,
            composed_at=closed - timedelta(days=8),
            started_by=starter,
            started_at=closed - timedelta(days=7),
            closes_at=closed,
            closed_at=closed,
            drawn_among=900 + number * 40,
            drawn=200,
            answers=sum(map(sum, counts[0].values())),
        )
        Tally.objects.bulk_create(
            Tally(survey=survey, question=question, language=language, option=option, count=people)
            for question, groups in enumerate(counts)
            for language, places in groups.items()
            for option, people in enumerate(places)
            if people
        )
        if number:
            FreeText.objects.bulk_create(FreeText(survey=survey, question=2, text=text) for text in UNCLEAR)
