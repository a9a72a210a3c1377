"""What goes by WhatsApp and what Meta's answers mean: templates, the 24 hours, and what needs a person."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from delivery.fanout import fanout
from delivery.message import verp
from delivery.models import (
    Delivery,
    MailerHealth,
    MailerLimit,
    Message,
    Recipient,
    Send,
    Suppression,
    WhatsAppTemplate,
    WhatsAppWindow,
)
from delivery.sending import dispatch
from delivery.throttle import mail_rate
from delivery.transports.whatsapp import templates
from delivery.transports.whatsapp.transport import WhatsAppTransport
from tests.support.builders import NOON, build_mailing, build_send
from tests.support.providers.whatsapp_api import refusal

from .whatsapp_scene import TEXT, states, template, work

State, Use, Status = Delivery.State, WhatsAppTemplate.Use, WhatsAppTemplate.Status


def test_each_number_gets_the_template_with_the_words_in_one_line(send, api):
    work(send)

    assert states(send) == [(State.ACCEPTED, "200")] * 3
    said, row = api.asked[0], Delivery.objects.of(send).order_by("pk")[0]
    assert (said["to"], said["type"], said["messaging_product"]) == ("+358401234560", "template", "whatsapp")
    assert said["template"] == {
        "name": "words_fi",
        "language": {"code": "fi"},
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Keitä vesi. • Nokialla. https://crisis.test/1"}]}
        ],
    }
    assert row.provider_id == "wamid.1" and verp.delivery_of_mark(said["biz_opaque_callback_data"]) == row.pk


def test_who_wrote_within_a_day_gets_the_words_as_they_are(send, api):
    first, second, third = Recipient.objects.filter(channel="whatsapp").order_by("pk")
    for row, hours in ((first, 1), (second, 24), (third, 23.5)):
        WhatsAppWindow.objects.create(recipient=row, wrote_at=NOON - timedelta(hours=hours))
    # Of the third Meta knows that it was longer ago: the template goes at once, and nothing twice.
    api.answers = [api.usual({"to": "+1"}), api.usual({"to": "+1"}), (400, refusal(131047, "Re-engagement message"))]

    work(send)

    assert [said["type"] for said in api.asked] == ["text", "template", "text", "template"]
    assert api.asked[0]["text"] == {"body": TEXT, "preview_url": False}
    assert states(send) == [(State.ACCEPTED, "200")] * 3


@pytest.mark.parametrize("pause", [6, None])
def test_who_has_just_got_a_message_gets_the_next_six_seconds_later(send, api, pause):
    MailerLimit.objects.update_or_create(mailer="whatsapp", defaults={"seconds_per_person": pause})
    second = build_mailing(send.mailing.campaign, queue="urgent", key="second")
    Message.objects.freeze([Message(mailing=second, channel="whatsapp", language="fi", subject="t", text=TEXT)])
    after = build_send(send.audience, second, channel="whatsapp", slot_key="second")
    fanout.fan_out(after, at=NOON)
    latest = Delivery.objects.of(after).order_by("pk").last()
    Delivery.objects.of(send).filter(recipient=latest.recipient).update(state=State.FAILED)  # who got nothing yet
    work(send)
    work(after, after=2)

    if pause is None:
        assert len(api.asked) == 5
        return
    assert len(api.asked) == 3 and api.asked[-1]["to"] == latest.recipient.address
    assert [state for state, _code in states(after)] == [State.QUEUED, State.QUEUED, State.ACCEPTED]
    [moment] = set(Delivery.objects.of(after).filter(state=State.QUEUED).values_list("next_attempt_at", flat=True))
    assert timedelta(seconds=7) <= moment - NOON < timedelta(seconds=7.5)
    work(after, after=8)
    assert len(api.asked) == 5 and states(after) == [(State.ACCEPTED, "200")] * 3


@pytest.mark.parametrize(
    ("answer", "state", "code", "suppressed"),
    [
        ((400, refusal(131026, "Message undeliverable")), State.FAILED, "131026 5.1.1", True),
        ((400, refusal(131049, "Not delivered to maintain healthy engagement")), State.FAILED, "131049 5.1.0", False),
        ((400, refusal(131009, "Parameter value is not valid")), State.FAILED, "131009 5.6.0", False),
        ((400, refusal(131056, "Pair rate limit hit")), State.DEFERRED, "131056", False),
        ((500, refusal(131000, "Something went wrong")), State.DEFERRED, "131000", False),
        ((400, refusal(139999, "New")), State.FAILED, "139999", False),
        ((502, "<html>Bad Gateway</html>"), State.QUEUED, "502", False),  # urgent: once more, with a mark
        ((200, "<html>hello</html>"), State.QUEUED, "200", False),
        ((200, {"messages": [{}]}), State.QUEUED, "200", False),
        (None, State.QUEUED, "", False),
    ],
)
def test_what_an_answer_about_one_message_means(send, api, answer, state, code, suppressed):
    api.answers = [answer]

    work(send)

    assert states(send)[0] == (state, code) and {one for one, _code in states(send)[1:]} == {State.ACCEPTED}
    assert Suppression.objects.exists() is suppressed
    row = Delivery.objects.of(send).order_by("pk")[0]
    assert row.possible_duplicate is (state == State.QUEUED)
    if code == "131056":
        assert row.next_attempt_at == NOON + timedelta(seconds=7)  # the six that Meta states


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ((429, refusal(130429, "Rate limit hit")), 7),
        ((400, refusal(131048, "Spam rate limit hit")), 600),
        ((429, "<html>slow down</html>"), 7),
        ((503, refusal(131016, "Service unavailable")), None),
    ],
)
def test_a_pause_puts_off_what_has_not_left(send, api, answer, seconds):
    api.answers = [api.usual({"to": "+1"}), answer]

    work(send)

    assert [state for state, _code in states(send)] == [State.ACCEPTED, State.DEFERRED, State.DEFERRED]
    assert len(api.asked) == 2 and Send.objects.get(pk=send.pk).state == Send.State.SENDING
    if seconds:
        assert MailerHealth.objects.get(mailer="whatsapp").wait_until == NOON + timedelta(seconds=1 + seconds)


@pytest.mark.parametrize("error", [(401, 190), (403, 200), (400, 132015), (400, 131031)])
def test_a_withdrawn_token_and_a_paused_template_hold_the_send_and_tell_staff(send, api, oskar, smtp_sink, error):
    """In mid-send: what was sent is sent, nobody is given up, and a person lets it go on."""
    status, code = error
    api.answers = [api.usual({"to": "+1"}), (status, refusal(code, "No"))]

    work(send)

    assert [state for state, _code in states(send)] == [State.ACCEPTED, State.DEFERRED, State.DEFERRED]
    held = Send.objects.get(pk=send.pk)
    assert held.state == Send.State.HELD and "does not let us in" in held.reason and not Suppression.objects.exists()


def test_it_keeps_to_what_meta_states(send, api):
    assert mail_rate.Flow(send, "whatsapp", clock=lambda: NOON).capacity(200) == 80
    assert mail_rate.Flow(send, "whatsapp", clock=lambda: NOON).capacity(200) == 0


def test_without_an_approved_template_it_is_held_before_the_first_message(planned, api):
    WhatsAppTemplate.objects.update(status=Status.PAUSED)

    assert not dispatch.start_or_hold(planned, at=NOON)

    planned.refresh_from_db()
    assert planned.state == Send.State.HELD and "no template" in planned.reason and not api.asked


def test_an_address_that_is_no_number_is_not_asked_for(send, api):
    Recipient.objects.filter(channel="whatsapp").update(address="4711")

    work(send)

    assert {state for state, _code in states(send)} == {State.FAILED} and not api.asked


@pytest.mark.django_db
def test_words_that_do_not_fit_into_the_template_are_refused_before_anything_leaves(api):
    template(body="Tiedote: {{1}} Vastaa STOP, niin viestit loppuvat.")
    message = Message(channel="whatsapp", language="fi", subject="t", text="x" * 1000)

    with pytest.raises(templates.NoTemplate, match="longer than 1024"):
        WhatsAppTransport("whatsapp").compiled(message, at=NOON)
    with pytest.raises(templates.NoTemplate, match="'sv'"):
        WhatsAppTransport("whatsapp").compiled(Message(language="sv", text="x"), at=NOON)


# --- Templates -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_meta_is_asked_what_became_of_the_templates(api, capsys):
    body = {"type": "BODY", "text": "Tiedote: {{1}} – vastaa STOP."}
    api.templates = [
        {"name": "words_fi", "language": "fi", "status": "PAUSED", "category": "UTILITY", "components": [body]},
        {"name": "words_fi", "language": "sv", "status": "IN_APPEAL", "components": None},
        "nothing",
    ]
    finnish, swedish, gone = template(), template(language="sv", name="words_fi"), template(Use.CODE)

    call_command("whatsapp_templates")

    for row, status in ((finnish, Status.PAUSED), (swedish, Status.PENDING), (gone, Status.DISABLED)):
        row.refresh_from_db()
        assert row.status == status
    assert finnish.body == body["text"] and "words_fi (fi): PAUSED" in capsys.readouterr().out


@pytest.mark.django_db
def test_what_meta_does_not_tell_changes_nothing(api, settings, roles, signed_in, root):
    row = template()
    settings.WHATSAPP_TOKEN = "withdrawn"
    with pytest.raises(CommandError, match="190"):
        call_command("whatsapp_templates")

    page = signed_in(root).post(
        reverse("admin:delivery_whatsapptemplate_changelist"),
        {"action": "ask_meta", "_selected_action": row.pk},
        follow=True,
    )

    row.refresh_from_db()
    assert row.status == Status.APPROVED and "190" in page.content.decode()


@pytest.mark.parametrize(
    ("use", "places", "right"),
    [
        ("words", [], ["text"]),
        ("words", ["title", "text"], ["title", "text"]),
        ("words", ["body"], None),
        ("words", ["code"], None),
    ],
)
def test_the_places_of_a_template_are_known_words(use, places, right):
    row = WhatsAppTemplate(use=use, language="fi", name="a", code="fi", places=places)
    if right is None:
        with pytest.raises(ValidationError):
            row.clean()
    else:
        row.clean()
        assert row.places == right


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\nb", "a. b"), ("a!\n\n  b   c\t", "a! b c"), ("https://x.fi/1\nb", "https://x.fi/1 b"), ("", "")],
)
def test_a_place_has_no_line_breaks(text, line):
    assert templates.one_line(text) == line
