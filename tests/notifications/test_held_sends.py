"""Who may let a send go on is told that it is held, in their own language, once."""

import pytest
from django.utils.translation import gettext, override

from delivery.holds import circuit_breaker
from delivery.models import Send
from notifications import held_sends, sending
from notifications.models import Notice
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(campaign, roles) -> Send:
    """A send under way."""
    return build_fanned_out_send(build_audience(campaign, size=20))


def told(smtp_sink) -> list:
    """Let the notices leave that are due, and return all mails so far."""
    held_sends.write_due(at=NOON)
    sending.deliver_notices(at=NOON)
    return smtp_sink.caught


def test_everyone_who_may_control_sends_is_told_in_their_language(send, smtp_sink, settings):
    aino = build_user("aino", "editor", language="fi")
    build_user("otto", "approver", language="sv")
    build_user("fred", "fact-checker")
    build_user("gone", "editor", is_active=False)
    build_user("elsewhere", "editor", is_staff=False)
    build_user("inga", "influencer")
    circuit_breaker.stop(send, circuit_breaker.REFUSED, at=NOON)

    mails = {str(one.message["To"]): one.message for one in told(smtp_sink)}

    assert sorted(mails) == ["aino@example.org", "otto@example.org"]
    finnish, swedish = mails["aino@example.org"], mails["otto@example.org"]
    assert "Pidätetty, kunnes joku vapauttaa sen (tiedote): " in finnish["Subject"]
    assert swedish["Subject"].startswith("[Övning] ")  # the campaign is an exercise
    text = finnish.get_content()
    title = send.mailing.messages.get(language="fi").subject
    why = Send.objects.get().reason
    with override("fi"):
        assert gettext(why) in text
    assert title not in text and title not in finnish["Subject"], "nobody may have read these words yet"
    assert f"{settings.PUBLIC_URL}/desk/delivery/send/{send.pk}/change/" in text
    assert Notice.objects.get(person=aino).kind == "send_held"


def test_nobody_is_told_twice_of_the_same_hold_but_of_each_new_one(send, alma, smtp_sink):
    circuit_breaker.stop(send, circuit_breaker.REFUSED, at=NOON)
    assert len(told(smtp_sink)) == 1 == len(told(smtp_sink))

    Send.objects.get().resume()
    circuit_breaker.stop(send, circuit_breaker.REFUSED, at=NOON)
    assert len(told(smtp_sink)) == 2

    Send.objects.update(reason="Another reason.")
    assert len(told(smtp_sink)) == 3 and "Another reason." in smtp_sink.caught[2].message.get_content()


def test_what_a_person_paused_tells_nobody(send, alma, smtp_sink):
    send.hold("")
    assert told(smtp_sink) == []
