"""What joining needs: a code of ethics in three languages, an open network, and a form that is filled in."""

import re
from datetime import datetime
from typing import Any

from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from campaigns.models import Campaign
from delivery.models import Audience, Recipient
from influencers.code_of_ethics import signatures
from influencers.models import CodeOfEthics, Influencer, Interest, ValuesQuestion
from influencers.onboarding import applications
from influencers.onboarding.forms import KnownJoinForm
from tests.support import builders

BODY = {
    "fi": "# Ohjeet\n\nSinua kuunnellaan.\n\n1. **Kerron totta.** En jaa tietoa, jota en pidä totena.\n2. **Tarkistan ensin.** "
    "Etsin lähteen.\n\n## Lisäksi\n\n- Kuka sanoo?\n",
    "sv": "# Regler\n\nMan lyssnar på dig.\n\n1. **Jag talar sanning.** Jag delar inget som jag inte tror på.\n2. **Jag "
    "kontrollerar först.** Jag söker källan.\n",
    "en": "# Code\n\nPeople listen to you.\n\n1. **I tell the truth.** I share nothing that I don't believe.\n2. **I check "
    "first.** I find the source.\n\n## How\n\n- Who says so?\n",
}
TITLE = {"fi": "Eettiset ohjeet", "sv": "Etiska regler", "en": "Code of ethics"}


def build_code(campaign: Campaign, version: int = 1, **bodies: str) -> dict[str, CodeOfEthics]:
    """Return the code of ethics in each language."""
    return {
        code: CodeOfEthics.objects.create(
            campaign=campaign,
            language=code,
            version=version,
            title=TITLE[code],
            signing="Tick.",
            points=2,
            body=bodies.get(code, BODY[code]),
        )
        for code in BODY
    }


def build_door(campaign: Campaign) -> dict[str, Audience]:
    """Return the audiences of a campaign that people can join: partners, network, and international in English."""
    build_code(campaign)
    builders.build_region("MK01")
    Interest.objects.create(campaign=campaign, slug="food", name=builders.in_all(en="food"))
    ValuesQuestion.objects.create(campaign=campaign, key="value_sources", text=builders.in_all(en="I check sources."))
    about = {"partners": (1, ["fi"]), "network": (2, ["fi", "sv"]), "international": (3, ["en"])}
    return {
        slug: builders.build_audience(campaign, slug, tier=tier, languages=languages)
        for slug, (tier, languages) in about.items()
    }


def filled(campaign: Campaign, language: str = "en", **fields: Any) -> dict[str, Any]:
    """Return the second step as someone fills it in on the page in a language."""
    return {
        "email": "Elli@Example.org",
        "name": "Elli Esimerkki",
        "language": language,
        "platform": "instagram",
        "handle": "https://www.instagram.com/Elli.E/?hl=fi",
    } | fields


def signed(campaign: Campaign, language: str = "en", **fields: Any) -> dict[str, Any]:
    """Return what someone ticks in the last step, on the page in a language."""
    text = signatures.current(campaign, language)
    assert text is not None
    ticks = {"text": signatures.fingerprint(text), "point_all": "on", "bulletins": "on"}
    return ticks | fields


def known(campaign: Campaign, language: str = "en", **fields: Any) -> dict[str, Any]:
    """Return the form of someone whose address is proven: filled in and signed at once."""
    return filled(campaign, language) | signed(campaign, language) | fields


def answers(campaign: Campaign, language: str = "en", **more: Any) -> dict[str, Any]:
    """Return what someone filled in and signed, as the form hands it on."""
    text = signatures.current(campaign, language)
    assert text is not None
    with translation.override(language):
        form = KnownJoinForm(campaign, text, known(campaign, language, **more))
        assert form.is_valid(), form.errors
        return form.answers(at=builders.NOON)


def at(name: str, *arguments: Any, language: str = "en") -> str:
    """Return the address of a page of joining or of the portal."""
    with translation.override(language):
        return reverse(name, args=arguments)


def mail_at_once(monkeypatch: Any) -> None:
    """Let a code be mailed as soon as it is asked for: no worker runs here."""
    monkeypatch.setattr(applications, "wake", lambda: applications.send_due(at=timezone.now()))


def code_in(letter: Any) -> str:
    """Return the code in a mail."""
    found = re.search(r"^ {4}([0-9]{6})$", letter.body, re.MULTILINE)
    assert found, letter.body
    return found[1]


def join(client: Any, campaign: Campaign, language: str = "en", **fields: Any) -> Any:
    """Fill in the form, enter the code from the mail, sign, and return the last answer."""
    client.post(at("joining:join", language=language), filled(campaign, language, **fields))
    return confirm(client, campaign, code_in(mail.outbox[-1]), language)


def confirm(client: Any, campaign: Campaign, code: str = "", language: str = "en", **fields: Any) -> Any:
    """Enter a code, sign, and return the answer."""
    return client.post(at("joining:confirm", language=language), signed(campaign, language, code=code, **fields))


def build_invited(campaign: Campaign, name: str = "ilona", *, when: datetime = builders.NOON) -> Influencer:
    """Return someone whom staff know and who has not joined."""
    recipient = Recipient.objects.create(
        email=f"{name}@example.org", name=name.capitalize(), language="sv", state=Recipient.State.UNCONFIRMED
    )
    person = Influencer.objects.create(
        campaign=campaign,
        recipient=recipient,
        reference=f"infl-9{len(name):03d}",
        name=name.capitalize(),
        state=Influencer.State.INVITED,
        municipality="Vasa",
        audience_ages={"13_17": 60, "18_24": 40},
        joined_at=when,
    )
    person.accounts.create(platform="tiktok", handle=name, followers=900)
    return person
