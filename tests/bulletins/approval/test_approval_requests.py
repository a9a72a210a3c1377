"""The message that asks for an approval, as it arrives: in a mail, and at the notification hook."""

import json
import quopri
from datetime import timedelta

import pytest
from django.utils.translation import override

from bulletins.approval import approval_requests, approval_workflow, pending_updates
from bulletins.intake import submissions
from bulletins.models import Bulletin, CallToAction, Target
from notifications import notice_list, sending
from tests.bulletins.facts.test_correction_words import build_published, change, type_in
from tests.support import builders
from tests.support.providers.http_recorder import hearing

NOON = builders.NOON


@pytest.fixture(autouse=True)
def in_english(oskar, fiona):
    """Whoever reads the mails in these tests reads them in English."""
    for person in (oskar, fiona):
        person.language = "en"
        person.save()


@pytest.fixture
def urgent(campaign, alma, oskar):
    """An urgent bulletin of Alma's for six people, two of each language, and four others in the afternoon."""
    close = builders.build_audience(campaign, "close", size=6)
    wide = builders.build_audience(campaign, "wide", size=4, language="sv", cadence="day")
    bulletin = builders.build_bulletin(campaign, by=alma, urgency="urgent", audiences=[close, wide])
    Target.objects.filter(audience=wide).update(timing="next_slot")
    return bulletin


def mails(smtp_sink, person):
    """Send what waits, and return what came to someone."""
    sending.deliver_notices(at=NOON)
    return [one.message for one in smtp_sink.caught if one.recipient == person.email]


def test_it_says_what_is_asked_of_whom_and_how_many_get_it_when(urgent, alma, oskar, smtp_sink, settings):
    builders.submitted(urgent, by=alma)

    [mail] = mails(smtp_sink, oskar)

    title = urgent.editions.get(language="en").title
    assert mail["Subject"] == f"[Exercise] Urgent: “{title}” needs your approval"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().rstrip().splitlines() == [
        "[Exercise] Bulletin 1 needs your approval (urgent).",
        "",
        title,
        "",
        "It asks people to:",
        f"- {CallToAction.objects.get().text['en']}",
        "",
        "Written by: Alma",
        "Submitted: Wed 25 March 2026, 12:00",
        "Can approve it: Oskar",
        "",
        "Goes to 6 people the moment you approve it.",
        "By email: Finnish 2, Swedish 2, English 2.",
        "4 more on Wed 25 March 2026, 15:00.",
        "",
        "Read it and decide here. Nothing is approved from this email:",
        f"{settings.PUBLIC_URL}/desk/bulletins/bulletin/{urgent.pk}/read/",
    ]


def test_one_that_asks_nothing_says_its_key_messages(urgent, alma, oskar, smtp_sink):
    urgent.calls_to_action.all().delete()
    builders.submitted(urgent, by=alma)

    [mail] = mails(smtp_sink, oskar)

    said = mail.get_content().splitlines()
    at = said.index("It says:")
    assert said[at + 1] == f"- {urgent.key_messages.first().text['en']}" and "It asks people to:" not in said


def test_an_update_that_is_not_in_the_text_stands_before_what_it_asks(urgent, campaign, alma, oskar, smtp_sink):
    source = builders.build_input(campaign, language="en")
    urgent.inputs.add(source)
    sent = {"campaign": campaign, "authority": source.authority, "by": source.submitted_by, "at": NOON}
    submissions.submit(**sent, title="Closed on\n Monday", body="Closed.", language="en", replaces=source)
    builders.submitted(urgent, by=alma)

    lines = next(
        said for one in mails(smtp_sink, oskar) if "needs your approval" in (said := one.get_content())
    ).splitlines()

    told = next(place for place, line in enumerate(lines) if line.startswith(f"{source.authority} sent an update on"))
    assert lines[told].endswith("which is not in this text.") and lines[told + 1] == "- Closed on Monday"
    assert told < lines.index("It asks people to:")


@pytest.mark.parametrize("kind", [Bulletin.Kind.ORIGINAL, Bulletin.Kind.CORRECTION])
def test_of_what_is_under_embargo_no_word_is_in_the_mail_of_which_locked_screens_show_the_beginning(
    kind, campaign, alma, oskar, smtp_sink, settings
):
    audience = builders.build_audience(campaign, size=3)
    until = NOON + timedelta(hours=3)
    bulletin = builders.build_bulletin(
        campaign, by=alma, audiences=[audience], embargo_until=until, kind=kind, what_changed={"en": "Now at noon."}
    )
    builders.submitted(bulletin, by=alma)

    [mail] = mails(smtp_sink, oskar)

    [raw] = [quopri.decodestring(one.raw).decode() for one in smtp_sink.caught if one.recipient == oskar.email]
    said = [*bulletin.editions.values_list("title", flat=True), *bulletin.editions.values_list("preheader", flat=True)]
    said += [words for one in CallToAction.objects.all() for words in one.text.values()] + ["Now at noon."]
    assert mail.get_content_type() == "text/plain" and "base64" not in raw.lower()
    assert [words for words in said if words in raw or words in mail["Subject"]] == []
    assert "Bulletin 1 needs your approval" in mail["Subject"]
    lines = mail.get_content().splitlines()
    assert lines[2] == "It is under embargo until Wed 25 March 2026, 15:00, so its words are on its page only."
    assert "Goes to up to 3 people on Wed 25 March 2026, 15:00." in lines
    assert f"{settings.PUBLIC_URL}/desk/bulletins/bulletin/{bulletin.pk}/read/" in lines


def test_in_the_language_and_the_hours_of_who_reads_it(urgent, alma, oskar, smtp_sink):
    oskar.language = "fi"
    oskar.save()
    builders.submitted(urgent, by=alma)

    [mail] = mails(smtp_sink, oskar)

    assert urgent.editions.get(language="fi").title in mail["Subject"]
    assert "ke 25.3.2026 klo 15.00" in mail.get_content()


def test_the_hook_hears_how_many_and_when_but_no_title(urgent, alma, oskar, settings):
    with hearing("/hooks") as hook:
        settings.NOTIFY_URL, settings.NOTIFY_SECRET = hook.url, "a secret of twenty letters"
        builders.submitted(urgent, by=alma)
        sending.deliver_notices(at=NOON)

    [said] = [said["text"] for _headers, body in hook.got if (said := json.loads(body))["kind"] == "approval_wanted"]
    assert urgent.editions.get(language="fi").title not in said and " 6 " in said
    assert said.endswith(f"/desk/bulletins/bulletin/{urgent.pk}/read/")


def test_who_signs_off_fact_checks_is_led_to_the_same_page_and_is_not_told_that_it_is_theirs_to_send(
    campaign, alma, fiona, oskar, smtp_sink
):
    bulletin = builders.build_bulletin(campaign, by=alma, audiences=[builders.build_audience(campaign, size=2)])
    bulletin.claims.add(builders.build_claim(campaign))
    approval_workflow.submit(bulletin, by=alma, at=NOON)

    [mail] = mails(smtp_sink, fiona)

    assert "needs fact-check sign-off" in mail["Subject"]
    assert "the moment it is approved" in mail.get_content() and f"/{bulletin.pk}/read/" in mail.get_content()


def test_a_correction_says_what_changed_in_the_mail_on_the_bell_and_at_the_hook(
    campaign, alma, oskar, smtp_sink, settings
):
    oskar.language = "sv"
    oskar.save()
    bulletin = build_published(campaign, alma)
    change(bulletin, "date", "04-02", "2026-04-04", alma)
    change(bulletin, "phone", "035658000", "03 565 8111", alma)
    Bulletin.objects.update(urgency="urgent")
    type_in(bulletin, "sv", "Fråga på", "Vatten delas ut på torget.\n\nFråga på", alma)
    with hearing("/hooks") as hook:
        settings.NOTIFY_URL, settings.NOTIFY_SECRET = hook.url, "a secret of twenty letters"
        approval_workflow.submit(Bulletin.objects.get(pk=bulletin.pk), by=alma, at=NOON)
        said = mails(smtp_sink, oskar)[-1].get_content()

    lines = said.splitlines()
    start = lines.index("Vad som ändrades:")
    assert lines[start + 1 : start + 5] == [
        "- torsdag 2.4.2026 → lördag 4.4.2026",
        "- 03 565 8000 → 03 565 8111",
        "- Nytt: ”Vatten delas ut på torget.”",
        "",
    ]
    with override("sv"):
        told, before = [one for one in notice_list.latest_of(oskar) if one.notice.kind == "approval_wanted"]
    assert told.words == "torsdag 2.4.2026 → lördag 4.4.2026; 03 565 8000 → 03 565 8111" and not before.words
    [at_hook] = [one["text"] for _headers, body in hook.got if (one := json.loads(body))["kind"] == "approval_wanted"]
    assert "03 565 8000 → 03 565 8111" in at_hook


def test_a_withdrawal_asks_nothing_of_people(campaign, alma, oskar, smtp_sink):
    from bulletins.publication import corrections

    bulletin = builders.build_published_version(campaign, by=alma).bulletin
    corrections.retract(bulletin, by=alma, at=NOON, what_changed=dict.fromkeys(builders.LANGUAGES, "Wrong."))
    builders.submitted(bulletin, by=alma)

    said = mails(smtp_sink, oskar)[-1].get_content()

    assert "It withdraws the bulletin" in said and "It asks people to" not in said
    assert "Nobody gets it by email." in said
    assert Bulletin.objects.get().state == "in_review"


def test_an_update_whose_facts_somebody_wrote_into_the_text_is_not_said_to_be_missing(
    urgent, campaign, alma, oskar, smtp_sink
):
    source = builders.build_input(campaign, language="en")
    urgent.inputs.add(source)
    edition = urgent.editions.get(language="en")
    edition.body += "\n\nThe school is closed until 4 December 2026."
    edition.save()
    sent = {"campaign": campaign, "authority": source.authority, "by": source.submitted_by, "at": NOON}
    words = "The school is closed until 4 December 2026."
    submissions.submit(**sent, title=words, body=words, language="en", replaces=source)

    [one] = pending_updates.pending(urgent, at=NOON)
    told = list(approval_requests.not_taken(urgent))

    assert one.is_told and told[0].endswith("names are in this text.")
