"""Whatever a kind of notices says of its subject's own words, none of them leaves before the subject's embargo ends."""

import json
from datetime import timedelta

import pytest

from accounts.models import User
from bulletins.models import Bulletin, MessageInput
from bulletins.notices import INPUT_ASSIGNED
from notifications import notice_kinds, notice_list, outbox, sending
from notifications.channels.outgoing_copies import deliver_copies
from notifications.channels.wishes import Reach
from notifications.notice_kinds import Kind
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON
HOUR = timedelta(hours=1)
QUOTES = ("named", "asked", "subject_line", "quoted", "quoted_for_hook")


class QuotingKind(Kind):
    """A kind of which everything that may have its subject's words has them."""

    model = MessageInput

    def embargo_until(self, subject):
        return subject.embargo_until

    def page(self, subject, person):
        return "/desk/"

    def hour(self, subject, person):
        return "at 12:00"

    def details(self, subject):
        return "From the ministry."


for name in QUOTES:
    setattr(QuotingKind, name, lambda self, subject, name=name: f"Boil your water ({name})")


@pytest.fixture
def quoting(monkeypatch):
    """That kind, registered for one test."""
    kind = QuotingKind("quoting", "A submission waits")
    monkeypatch.setitem(notice_kinds._kinds, kind.key, kind)
    return kind


def all_that_is_said(kind, row, people, *, hook, sms, smtp_sink):
    """Write a notice of a row to people and the hook, let it leave, and return what came by mail, text message, hook and on the bell."""
    outbox.write(kind, people, about=row, campaign=row.campaign, text="Boil your water (text)", hook=True, at=NOON)
    deliver_copies(at=NOON)
    sending.deliver_notices(at=NOON)
    mail = smtp_sink.caught[-1].message
    (_number, text, *_rest), (_headers, body) = sms.came[-1], hook.got[-1]
    bell = notice_list.latest_of(people[0])[0]
    return [
        f"{mail['Subject']}\n{mail.get_content()}",
        text,
        json.loads(body)["text"],
        f"{bell.headline}\n{bell.words}",
    ]


@pytest.mark.parametrize("hours", [None, 0, 3])
def test_no_kind_can_forget_an_embargo(quoting, real, oskar, hook, sms, phone_of, smtp_sink, hours):
    phone_of(oskar, Reach.WAITS)
    User.objects.filter(pk=oskar.pk).update(language="en")
    until = None if hours is None else NOON + hours * HOUR
    row = builders.build_input(real, embargo_until=until)
    oskar.notice_wishes.waits = ["mail", "sms"]
    oskar.notice_wishes.save()

    said = all_that_is_said(quoting, row, [oskar], hook=hook, sms=sms, smtp_sink=smtp_sink)

    mail, text, hooked, bell = said
    if hours:
        assert not any("Boil" in one for one in said)
        assert "It is under embargo until Wed 25 March 2026, 15:00, so its words are on its page only." in mail
    else:
        found = [name for name in (*QUOTES, "text") if any(f"({name})" in one for one in said)]
        assert found == [*QUOTES, "text"] and "embargo" not in mail
        assert all("Boil" in one for one in (mail, text, hooked, bell))
    assert "From the ministry." in mail and "at 12:00" in mail and "at 12:00" in text.lower()


@pytest.mark.parametrize("hours", [None, 3])
def test_a_submission_under_embargo_is_told_without_its_title(campaign, alma, smtp_sink, hours):
    User.objects.filter(pk=alma.pk).update(language="en")
    until = None if hours is None else NOON + hours * HOUR
    row = builders.build_input(campaign, title="Boil your water", embargo_until=until)
    outbox.write(INPUT_ASSIGNED, [alma], about=row, text="Assigned by Veikko.", at=NOON)
    sending.deliver_notices(at=NOON)

    mail = smtp_sink.caught[-1].message
    lines = mail.get_content().splitlines()
    assert lines[2] == "Assigned by Veikko."
    if until is None:
        assert "Boil your water" in mail["Subject"] and lines[4] == "Title: Boil your water"
    else:
        assert "Boil" not in str(mail)
        assert lines[4] == "It is under embargo until Wed 25 March 2026, 15:00, so its words are on its page only."


EMBARGOED = (Bulletin, MessageInput)  # what has an embargo; a send has one without telling when it ends


def kinds_under_embargo():
    return [kind for kind in notice_kinds.registered() if kind.model in EMBARGOED]


def test_every_kind_about_what_has_an_embargo_knows_when_it_ends(campaign):
    for kind in notice_kinds.registered():
        is_known = type(kind).embargo_until is not Kind.embargo_until
        has_one = kind.model is not None and any(one.name == "embargo_until" for one in kind.model._meta.get_fields())
        assert is_known == has_one == (kind.model in EMBARGOED), kind.key
        assert kind.says or not has_one, f"{kind.key}: its headline would be what somebody typed"


@pytest.mark.parametrize("hours", [None, 3])
def test_no_kind_says_a_word_of_what_is_under_an_embargo(campaign, alma, smtp_sink, hours):
    """Whatever is typed stands in each notice, unless the text is always ours."""
    User.objects.filter(pk=alma.pk).update(language="en")
    until = None if hours is None else NOON + hours * HOUR
    row = builders.build_input(campaign, title="Boil your water", embargo_until=until)
    bulletin = builders.build_bulletin(campaign, embargo_until=until)
    bulletin.editions.update(title="Boil your water")
    for kind in kinds_under_embargo():
        text = "" if kind.text_is_ours else "Boil your water, is that so?"
        about = row if kind.model is MessageInput else bulletin
        outbox.write(kind, [alma], about=about, text=text, path="/desk/", at=NOON)
    sending.deliver_notices(at=NOON)

    mails = [f"{one.message['Subject']} {one.message.get_content()}" for one in smtp_sink.caught]
    bells = [f"{one.headline} {one.words}" for one in notice_list.latest_of(alma)]
    assert len(mails) == len(bells) == len(kinds_under_embargo()) > 10
    for said in (*mails, *bells):
        assert ("Boil" in said) == (hours is None), said
