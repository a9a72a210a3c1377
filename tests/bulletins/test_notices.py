"""Who is notified of message inputs and bulletins, and where that leads."""

import pytest

from bulletins import notices
from bulletins.intake import submissions
from campaigns.models import AuthorityMember
from notifications import outbox, sending
from notifications.models import Notice
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON
HOOK = "https://chat.example.org/hook"


@pytest.mark.parametrize(("urgency", "people", "hooks"), [("routine", 0, 0), ("elevated", 0, 1), ("urgent", 1, 1)])
def test_who_is_told_of_an_input_depends_on_its_urgency(campaign, alma, settings, urgency, people, hooks):
    settings.NOTIFY_URL = HOOK
    builders.build_input(campaign, urgency=urgency)
    assert Notice.objects.exclude(person=None).count() == people
    assert Notice.objects.filter(person=None).count() == hooks


def test_without_a_hook_nothing_is_noted_for_it(campaign, alma):
    builders.build_input(campaign, urgency="elevated")
    assert not Notice.objects.exists()


def test_a_question_goes_to_who_sent_it_and_to_the_contact_and_the_answer_to_who_asked(
    campaign, alma, veikko, minna, authority, smtp_sink, settings
):
    settings.NOTIFY_URL = HOOK
    minna.language = "en"
    minna.save()
    row = builders.build_input(campaign, authority=authority, by=minna, contact="press@ministry.example.org")
    submissions.return_with_question(row, by=alma, at=NOON, question="Since when?")
    assert sending.deliver_notices(at=NOON) == 2

    mails = {one.recipient: one.message for one in smtp_sink.caught}
    assert set(mails) == {minna.email, "press@ministry.example.org"}
    content = mails[minna.email].get_content()
    assert "Since when?" in content and "The submission waits until you do:" in content
    assert f"/en/inputs/{row.pk}/" in content
    assert f"/fi/inputs/{row.pk}/" in mails["press@ministry.example.org"].get_content()

    submissions.answer_question(row, by=minna, at=NOON, answer="Since Monday.")
    sending.deliver_notices(at=NOON)
    assert smtp_sink.caught[-1].recipient == alma.email and len(smtp_sink.caught) == 3
    assert "Since Monday." in smtp_sink.caught[-1].message.get_content()


def test_a_question_about_what_a_system_sent_goes_to_the_authoritys_contributors(campaign, alma, minna, authority):
    other = builders.build_user("other", "contributor")
    AuthorityMember.objects.create(authority=builders.build_authority("agency"), user=other)
    row, _new = submissions.take(
        campaign=campaign, authority=authority, by=None, at=NOON, title="T", body="B", language="fi"
    )
    submissions.return_with_question(row, by=alma, at=NOON, question="Since when?")
    assert [notice.person for notice in Notice.objects.all()] == [minna]


@pytest.mark.parametrize(
    "kind", [kind for kind in notices.KINDS if isinstance(kind, notices.BulletinNoticeKind)], ids=lambda kind: kind.key
)
def test_every_kind_about_a_bulletin_has_its_words_and_leads_to_the_desk(campaign, alma, smtp_sink, kind):
    bulletin = builders.build_bulletin(campaign, by=alma)
    alma.language = "en"
    alma.save()
    outbox.write(kind, [alma], about=bulletin, text="Because.", at=NOON)
    assert sending.deliver_notices(at=NOON) == 1
    content = smtp_sink.caught[-1].message.get_content()
    assert "Bulletin 1" in content and "Because." in content
    assert f"/desk/bulletins/bulletin/{bulletin.pk}/change/" in content
