"""What colleagues are told by which channel: once on each, with its name, by mail where a channel fails, and never on a screen what is under embargo."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from bulletins.approval import approval_workflow
from bulletins.approval.approval_requests import APPROVAL_WANTED
from bulletins.notices import APPROVED, BULLETIN_ASSIGNED, NOT_PUBLISHED
from delivery.holds import holds
from delivery.models import MailerLimit
from delivery.transports import costs
from influencers.notices import HARASSMENT
from notifications import held_sends, notice_kinds, outbox, sending
from notifications.channels import reader_clock, wishes
from notifications.channels.outgoing_copies import TO_ONE, deliver_copies
from notifications.channels.wishes import Reach
from notifications.models import Notice, NoticeCopy, StaffAddress
from notifications.notice_kinds import Matter
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON
HOUR = timedelta(hours=1)


def told(at=NOON):
    """Let everything leave, and return how many by channel and by mail."""
    return deliver_copies(at=at), sending.deliver_notices(at=at)


def test_an_urgent_approval_comes_by_text_message_with_title_hour_and_what_is_asked(
    real, alma, oskar, sms, phone_of, smtp_sink, settings
):
    phone_of(oskar, Reach.URGENT)
    User.objects.filter(pk=oskar.pk).update(language="en")
    row = builders.build_bulletin_in_review(real, by=alma, urgency="urgent")
    assert told() == (1, 1) and told() == (0, 0), "by both, and by each once"

    [(number, text, *_rest)] = sms.came
    assert number == "+358401234567"
    lines = text.splitlines()
    assert lines[0] == f"Bulletin {row.number} needs your approval (urgent)"
    assert lines[1] == builders.TEXTS["en"]["title"] and lines[2] == "Goes the moment it is approved"
    assert lines[3].startswith("It asks people to: ")
    assert lines[-1] == f"{settings.PUBLIC_URL}/desk/bulletins/bulletin/{row.pk}/read/"


def test_an_urgent_send_that_is_held_rings_without_its_words_and_only_while_it_is(
    real, alma, oskar, sms, phone_of, smtp_sink, settings
):
    phone_of(oskar, Reach.URGENT)
    User.objects.update(language="en")
    audience = builders.build_audience(real, "partners", size=2)
    words = builders.build_mailing(real, "words", queue="urgent")
    send, other = (
        builders.build_fanned_out_send(one, mailing=words)
        for one in (audience, builders.build_audience(real, "more", size=1))
    )
    for row in (send, other):
        assert holds.hold(row, "It costs too much.", at=NOON)
    assert held_sends.write_due(at=NOON) == 2 and held_sends.write_due(at=NOON) == 0
    other.refresh_from_db()
    other.resume()
    told()

    [(_number, text, *_rest)] = sms.came
    assert text.startswith(f"Held until somebody releases it (urgent): {audience}")
    assert builders.TEXTS["en"]["subject"] not in text
    assert text.endswith(f"{settings.PUBLIC_URL}/desk/delivery/send/{send.pk}/change/")


def test_the_hour_is_by_the_readers_clock_and_the_campaigns_beside_it(real, alma, oskar, sms, phone_of, smtp_sink):
    phone_of(oskar, Reach.URGENT)
    User.objects.filter(pk=oskar.pk).update(language="en")
    wishes.keep_quiet(oskar, None, None, time_zone="Europe/Brussels")
    row = builders.build_bulletin_in_review(real, by=alma, urgency="urgent")
    goes = NOON.astimezone(ZoneInfo(real.time_zone)).replace(hour=16, minute=5)
    row.targets.update(timing="at", slot_at=goes)
    told()
    assert "Goes at 15:05 (16:05 Europe/Helsinki)" in sms.came[0][1]
    mail = smtp_sink.caught[0].message
    assert "goes at 15:05 (16:05 Europe/Helsinki)" in mail["Subject"]
    assert "Hours here are those of Europe/Helsinki." in mail.get_content(), (
        "the text names hours by the campaign's clock"
    )


@pytest.mark.parametrize(
    ("zone", "words", "says"),
    [
        ("Europe/Brussels", "Submitted: 16.05", True),
        ("Europe/Brussels", "Version 1.2.3 of 25.3.2026", False),
        ("Europe/Tallinn", "Submitted: 16.05", False),
        ("", "at 16:05", False),
    ],
)
def test_the_zone_is_named_only_where_hours_would_mislead(real, oskar, zone, words, says):
    wishes.keep_quiet(oskar, None, None, time_zone=zone)
    assert bool(reader_clock.zone_note(oskar, real, words, at=NOON)) == says


def test_no_screen_shows_what_is_under_embargo_or_who_is_harassed(real, alma, oskar, sms, phone_of, smtp_sink):
    phone_of(oskar, Reach.URGENT)
    row = builders.build_bulletin_in_review(real, by=alma, urgency="urgent", embargo_until=NOON + 9 * HOUR)
    outbox.write(HARASSMENT, [oskar], campaign=real, text="Elli is harassed\nInfluencer: Elli", path="/", at=NOON)
    assert told() == (2, 2)
    titles = [one["title"] for one in builders.TEXTS.values()]
    for _number, text, *_rest in sms.came:
        assert "Elli" not in text and not any(title in text for title in titles)
    assert not any(title in one.message["Subject"] for one in smtp_sink.caught for title in titles)
    assert str(row.number) in "".join(text for _number, text, *_rest in sms.came)


def test_what_waits_goes_by_the_chosen_channel_alone_and_news_rings_nowhere(
    real, alma, oskar, sms, phone_of, smtp_sink
):
    phone_of(oskar, Reach.WAITS)
    row = builders.build_bulletin(real, by=alma)
    outbox.write(BULLETIN_ASSIGNED, [oskar], about=row, at=NOON)
    outbox.write(APPROVED, [oskar], about=row, at=NOON)
    assert told() == (1, 1)
    assert "assigned" not in smtp_sink.caught[0].message["Subject"]
    assert not Notice.objects.waiting().exists()

    wishes.save(oskar, {Reach.WAITS: ["sms"], Reach.NEWS: []})
    outbox.write(APPROVED, [oskar], about=row, at=NOON)
    assert told() == (0, 0) and not Notice.objects.waiting().exists(), "it is in the list at the desk"
    assert all(kind.matter in Matter for kind in notice_kinds.registered())


def test_in_quiet_hours_only_what_is_urgent_or_broken_rings(real, alma, oskar, sms, phone_of, smtp_sink):
    phone_of(oskar, Reach.URGENT, Reach.WAITS)
    local = real.local(NOON)
    wishes.keep_quiet(oskar, time(local.hour), time(local.hour + 1), time_zone="")
    row = builders.build_bulletin(real, by=alma)
    outbox.write(BULLETIN_ASSIGNED, [oskar], about=row, at=NOON)
    outbox.write(NOT_PUBLISHED, [oskar], about=row, at=NOON)
    assert told() == (1, 1) and "could not be published" not in sms.came[0][1].splitlines()[1]
    assert told(NOON + HOUR) == (1, 0)


def test_what_is_done_or_read_meanwhile_rings_no_more(real, alma, oskar, minna, sms, phone_of, smtp_sink):
    phone_of(oskar, Reach.URGENT)
    row = builders.build_bulletin_in_review(real, by=alma, urgency="urgent")
    approval_workflow.send_back(row, reason="No", by=oskar, at=NOON)
    assert deliver_copies(at=NOON) == 0
    again = builders.build_bulletin_in_review(real, by=alma, urgency="urgent")
    Notice.objects.filter(subject_id=again.pk, person=oskar).update(seen_at=NOON)
    assert deliver_copies(at=NOON) == 0 and not NoticeCopy.objects.waiting().exists()


@pytest.mark.parametrize(
    ("fault", "broken"),
    [(lambda sms: sms.error(21211, "Invalid 'To' number"), True), (lambda sms: sms.drop(kept=False), False)],
)
def test_what_a_channel_does_not_take_comes_by_mail_once(real, alma, oskar, sms, phone_of, smtp_sink, fault, broken):
    phone_of(oskar, Reach.WAITS)
    fault(sms)
    outbox.write(BULLETIN_ASSIGNED, [oskar], about=builders.build_bulletin(real, by=alma), at=NOON)
    told()
    assert told(NOON + HOUR) == (0, 0) and [one.recipient for one in smtp_sink.caught] == [oskar.email]
    assert bool(StaffAddress.objects.get().broken_at) == broken

    if broken:  # what comes later needs no second failure
        outbox.write(BULLETIN_ASSIGNED, [oskar], about=builders.build_bulletin(real, by=alma), at=NOON)
        assert told() == (0, 1)


def test_whoever_floods_the_desk_floods_no_phone(real, alma, oskar, sms, phone_of, smtp_sink):
    phone_of(oskar, Reach.WAITS)
    row = builders.build_bulletin(real, by=alma)
    for _number in range(TO_ONE + 3):
        outbox.write(BULLETIN_ASSIGNED, [oskar], about=row, at=NOON)
    assert told() == (TO_ONE, 3) and len(sms.came) == TO_ONE


def test_an_exercise_comes_to_the_mail_catcher_and_a_number_of_exercises_gets_nothing_real(
    real, campaign, alma, oskar, sms, phone_of, smtp_sink
):
    phone_of(oskar, Reach.URGENT)
    outbox.write(NOT_PUBLISHED, [oskar], about=builders.build_bulletin(campaign, by=alma), at=NOON)
    assert told() == (1, 1) and not sms.came
    [caught] = [one.message for one in smtp_sink.caught if "+358401234567" in one.message["To"]]
    assert caught["Subject"].startswith("[")

    StaffAddress.objects.update(is_practice=True)
    outbox.write(NOT_PUBLISHED, [oskar], about=builders.build_bulletin(real, by=alma), at=NOON)
    assert told() == (0, 1) and not sms.came


@pytest.mark.parametrize("channel", ["sms", "push", "telegram"])
def test_in_an_exercise_each_channel_brings_headline_title_and_page(
    campaign, alma, oskar, sms, phone_of, smtp_sink, settings, channel
):
    phone_of(oskar, Reach.URGENT)
    wishes.save(oskar, {Reach.URGENT: [channel]})
    StaffAddress.objects.update(
        channel=channel, address="https://push.example.org/1" if channel == "push" else "+358401"
    )
    row = builders.build_bulletin_in_review(campaign, by=alma, urgency="urgent")
    assert told() == (1, 1) and not sms.came
    [caught] = [one.message for one in smtp_sink.caught if f"@{channel}.invalid" in one.message["To"]]
    lines = caught.get_content().splitlines()
    assert caught["Subject"].startswith(lines[0][:60]) and str(row.number) in lines[0]
    assert builders.TEXTS["fi"]["title"] in lines and lines[-1].endswith(f"/{row.pk}/read/")


def test_whoever_no_longer_works_here_is_told_nothing(real, alma, oskar, sms, phone_of, smtp_sink):
    phone_of(oskar, Reach.URGENT)
    outbox.write(NOT_PUBLISHED, [oskar], about=builders.build_bulletin(real, by=alma), at=NOON)
    User.objects.filter(pk=oskar.pk).update(is_staff=False)
    assert deliver_copies(at=NOON) == 0 and not sms.came
    assert APPROVAL_WANTED.matter == Matter.WAITS


def test_a_full_day_holds_no_urgent_word_to_staff_but_is_told_of_once(real, alma, oskar, sms, phone_of, smtp_sink):
    MailerLimit.objects.create(mailer="sms", price="0.07", most_per_day=2)
    phone_of(oskar, Reach.URGENT, Reach.WAITS)
    User.objects.update(language="en")
    row = builders.build_bulletin(real, by=alma)
    for _number in range(3):
        outbox.write(NOT_PUBLISHED, [oskar], about=row, at=NOON)
    outbox.write(BULLETIN_ASSIGNED, [oskar], about=row, at=NOON)

    left, _mails = told()

    assert left == 3 == len(sms.came), "what is urgent leaves, what only waits comes by mail"
    assert "assigned" in " ".join(one.message["Subject"] for one in smtp_sink.caught)
    warned = Notice.objects.filter(kind="cost_limit")
    assert warned.values("person").distinct().count() == warned.count() > 0
    day = costs.of_day("sms", real.local(NOON), is_exercise=False)
    assert set(day.others) == {"staff"} and day.parts == sum(day.others.values()) >= 3
    assert day.words.startswith(f"{day.parts} parts, €") and f"to staff {day.parts}" in day.words
    assert not costs.of_day("sms", real.local(NOON + 24 * HOUR), is_exercise=False).others
