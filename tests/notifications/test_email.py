"""The mail of a notice."""

import pytest

from influencers.notices import THANKS
from notifications import outbox, sending
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON


def test_a_mail_is_in_the_language_of_who_gets_it_and_leads_to_the_desk(
    campaign, alma, veikko, oskar, minna, smtp_sink, settings
):
    alma.language, veikko.language = "fi", "en"
    alma.save()
    veikko.save()
    row = builders.build_input(campaign, urgency="urgent", title="Vesi ei ole juotavaa")

    assert sending.deliver_notices(at=NOON) == 2

    mails = {one.recipient: one.message for one in smtp_sink.caught}
    assert set(mails) == {alma.email, veikko.email}
    english = mails[veikko.email]
    assert english["Subject"].startswith("[Exercise] Submission in-001 has arrived from Ministry")
    assert english["Auto-Submitted"] == "auto-generated"
    assert english.get_content().rstrip().splitlines()[1:] == [
        "",
        "Title: Vesi ei ole juotavaa",
        "",
        "See it here:",
        f"{settings.PUBLIC_URL}/desk/bulletins/messageinput/{row.pk}/change/",
    ]
    assert "Ministeriö" in mails[alma.email]["Subject"]


def test_whoever_is_not_staff_is_told_by_the_campaign_under_its_name_and_can_answer(campaign, alma, smtp_sink):
    ines = builders.build_influencer(campaign, language="sv")
    campaign.sender_email, campaign.reply_to = "news@mail.example.net", "answers@example.net"
    campaign.save()
    text = campaign.languages.get(code="sv")
    text.sender_name = "Krisfakta"
    text.save()
    outbox.write(THANKS, [ines.user, alma], campaign=campaign, text="Hej\nTack", path="/sv/portal/", at=NOON)
    assert sending.deliver_notices(at=NOON) == 2

    mails = {one.recipient: one for one in smtp_sink.caught}
    to_her = mails[ines.user.email]
    assert to_her.message["Subject"] == "[Övning] Hej" and "Tack" in to_her.message.get_content()
    assert to_her.message["From"] == "Krisfakta <news@mail.example.net>"
    assert to_her.message["Reply-To"] == "answers@example.net"
    assert to_her.message["Message-ID"].endswith("@mail.example.net>")
    assert to_her.sender == "bounces@mail.example.net"
    to_staff = mails[alma.email].message
    assert to_staff["From"] == "bulletins@example.org" and to_staff["Reply-To"] is None
    assert to_staff["Message-ID"].endswith("@example.org>")
