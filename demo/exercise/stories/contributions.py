"""A prompt to everybody, with what some people answered: four that are shown, and two that wait."""

from datetime import datetime, timedelta
from uuid import uuid4

from accounts.models import User
from campaigns.models import Campaign
from stories.contributions import contribution_steps
from stories.models import Contribution, Prompt

TITLE = {
    "en": "What will the world look like afterwards?",
    "fi": "Miltä maailma näyttää tämän jälkeen?",
    "sv": "Hur ser världen ut efteråt?",
}
ABOUT = {
    "en": "Write a few sentences, or send a picture that you drew or took.",
    "fi": "Kirjoita muutama lause tai lähetä itse piirtämäsi tai ottamasi kuva.",
    "sv": "Skriv några meningar eller skicka en bild som du har ritat eller tagit.",
}
SHOWN = (
    ("fi", "Aino, 12", "Mummo tulee taas kylään, ja me leivomme pullaa koko päivän."),
    ("sv", "Elsa", "Vi hälsar på grannarna i trappan. Nu vet jag vad alla heter."),
    ("fi", "", "Toivon, että kauppareissut naapurille jäävät tavaksi."),
    ("en", "Sam", "Slower mornings, and more birds than cars outside the window."),
)
WAITING = (
    ("fi", "", "Kuoro laulaa taas samassa huoneessa."),
    ("en", "Jo", "We keep the Sunday calls with my brother abroad."),
)


def create(campaign: Campaign, *, moderator: User, at: datetime) -> None:
    """Ask it, take in what people sent, and let some of it be shown."""
    begun = at - timedelta(days=6)
    prompt = Prompt.objects.create(
        campaign=campaign,
        slug="afterwards",
        title=TITLE,
        about=ABOUT,
        opens_at=begun,
        closes_at=at + timedelta(days=30),
    )
    for number, (language, name, text) in enumerate(SHOWN + WAITING):
        sent_at = begun + timedelta(hours=5 + 20 * number)
        told = {"language": language, "name": name, "text": text, "email": "", "agreed_to": "Demo"}
        row = contribution_steps.send(prompt, told, None, token=uuid4().hex, at=sent_at)
        if number < len(SHOWN):
            decided_at = sent_at + timedelta(hours=2)
            contribution_steps.decide(row, Contribution.State.SHOWN, by=moderator, at=decided_at)
