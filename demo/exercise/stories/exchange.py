"""The weekly exchange with municipalities: a meeting that was, with notes and a follow-up, and the next one, to which people are invited."""

from datetime import datetime, time, timedelta

from accounts.models import User
from campaigns.models import Campaign
from questions.models import Question
from stories.exchanges.agendas import agendas
from stories.exchanges.answers import meeting_answers
from stories.exchanges.invitations import meeting_invitations
from stories.exchanges.meetings import meeting_series, meeting_steps
from stories.models import Meeting, Municipality

BODIES = {
    "091": {"fi": "Helsinki", "sv": "Helsingfors", "en": "Helsinki"},
    "049": {"fi": "Espoo", "sv": "Esbo", "en": "Espoo"},
    "092": {"fi": "Vantaa", "sv": "Vanda", "en": "Vantaa"},
}
TITLE = {"fi": "Kuntien viikkokokous", "sv": "Kommunernas veckomöte", "en": "Weekly exchange with municipalities"}
WELCOME = {"fi": "Viikon tilanne", "sv": "Läget i veckan", "en": "Where we stand this week"}
NOTES = {
    "fi": "Kunnat kertoivat, miten kaupassakäyntiapu on järjestetty. Moni pormestari on kuvannut videoterveisen puhelimella.",
    "sv": "Kommunerna berättade hur hjälpen med att handla är ordnad. Många borgmästare har filmat en videohälsning med telefonen.",
    "en": "Municipalities told how they help people with their shopping. Many mayors have filmed a greeting with their phone.",
}
DECISIONS = {
    "fi": "Kerätään neuvontapuhelinten numerot yhteen listaan.",
    "sv": "Numren till rådgivningstelefonerna samlas i en lista.",
    "en": "The numbers of all advice lines go into one list.",
}
FOLLOW_UP = {
    "fi": "Lähetä neuvontapuhelimen numero ja aukioloajat",
    "sv": "Skicka rådgivningstelefonens nummer och öppettider",
    "en": "Send the number of the advice line and its hours",
}
QUESTION = "Kenelle voi soittaa, jos naapuri ei avaa ovea?"
BEGUN, MET, NEXT = timedelta(days=7), timedelta(days=5), timedelta(days=2)  # how long ago, and until


def create(campaign: Campaign, *, organiser: User, at: datetime) -> None:
    """Begin the series a week ago, hold its first meeting, and invite people to the next."""
    bodies = [
        Municipality.objects.get_or_create(campaign=campaign, code=code, defaults={"name": name})[0]
        for code, name in BODIES.items()
    ]
    began, next_day = at - BEGUN, campaign.local(at + NEXT).date()
    told = {"title": TITLE, "weekday": next_day.weekday(), "every_weeks": 1, "at": time(10), "minutes": 60}
    told |= {"starts_on": campaign.local(at - MET).date(), "until": None, "url": "https://meet.example.org/exchange"}
    told |= {"place": {}, "languages": ["fi", "sv", "en"], "staff": [organiser]}
    series = meeting_series.begin(campaign, told, by=organiser, at=began)
    past = Meeting.objects.select_related("exchange__campaign").filter(exchange=series).earliest("starts_at")
    agendas.add(past, WELCOME, minutes=10, by=organiser, at=began)
    meeting_invitations.bring_up_to_date(past.pk, at=began)
    answer_some(past, at=began)
    after = past.ends_at
    agendas.fill(past, at=past.starts_at)
    meeting_steps.tick(past, [one.pk for one in bodies[:2]], shown=[], by=organiser, at=after)
    meeting_steps.write_notes(past, NOTES, DECISIONS, read=0, by=organiser, at=after)
    meeting_steps.confirm_notes(past, read=1, by=organiser, at=after)
    due = campaign.local(at).date() + timedelta(days=3)
    meeting_steps.add_follow_up(
        past, {"text": FOLLOW_UP, "municipality": bodies[1], "due_on": due}, by=organiser, at=after
    )
    Question.objects.create(
        campaign=campaign,
        text=QUESTION,
        language="fi",
        via=Question.Via.MUNICIPALITY,
        channel=str(bodies[0]),
        times=14,
        asked_at=at - timedelta(days=1),
    )
    coming = series.meetings.filter(starts_at__gt=at).select_related("exchange__campaign").earliest("starts_at")
    agendas.add(coming, WELCOME, minutes=10, by=organiser, at=at)
    agendas.fill(coming, at=at)
    meeting_invitations.bring_up_to_date(coming.pk, at=at)
    answer_some(coming, at=at)


def answer_some(meeting: Meeting, *, at: datetime) -> None:
    """Let every second person who is invited say that they come."""
    for invitation in meeting.invitations.select_related("meeting").order_by("pk")[::2]:
        meeting_answers.give(invitation, "yes", at=at)
