"""Joining by the open form: what may be typed, the code, and the place that someone gets."""

import hashlib
import logging
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation
from django.utils.html import escape
from kombu.exceptions import OperationalError

from accounts.login import code_mails, codes
from accounts.models import Attempt, AuditEntry, User
from campaigns.models import Campaign
from delivery.links import unsubscribe
from delivery.models import Consent, Membership, Recipient, Suppression, address_hash
from influencers.code_of_ethics import signatures
from influencers.models import Application, Influencer, Signature
from influencers.onboarding import applications, confirmation, enrolment, join_codes, joining_retention
from influencers.onboarding.forms import KnownJoinForm
from influencers.profiles import form_options, handles
from lib import task_queue
from tests.support import builders

from .joining_scene import (
    answers,
    at,
    build_door,
    build_invited,
    code_in,
    confirm,
    filled,
    join,
    known,
    mail_at_once,
    signed,
)  # fmt: skip

pytestmark = pytest.mark.django_db
ELLI = "elli@example.org"


@pytest.fixture
def doors(campaign: Campaign, roles: None, settings: Any, monkeypatch: Any) -> Any:
    mail_at_once(monkeypatch)
    settings.MAILERS = {
        name: {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"} for name in ("default", "exercise")
    }
    return build_door(campaign)


def nobody_came_in() -> bool:
    people = Influencer.objects.exists() or User.objects.filter(email=ELLI).exists()
    return not (people or Recipient.objects.exists() or Consent.objects.exists() or Signature.objects.exists())


# --- The form --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_form_is_open_to_everyone_and_ticks_nothing(campaign, doors, client, language):
    page = client.get(at("joining:join", language=language))

    assert page.status_code == 200
    form = page.context["form"]
    asked = [name for name in form.fields if name != "website"]
    assert (
        asked == ["email", "name", "language", "platform", "handle", "pace"] and b'type="checkbox"' not in page.content
    )
    assert "sessionid" not in page.cookies and page["Cache-Control"].startswith("max-age=0")


def test_a_form_that_is_right_is_kept_and_a_code_is_mailed(campaign, doors, client):
    answer = client.post(at("joining:join"), filled(campaign))

    assert answer.status_code == 302 and answer["Location"] == at("joining:confirm")
    application = Application.objects.get()
    assert application.email == ELLI
    assert application.answers["accounts"] == [{"platform": "instagram", "handle": "elli.e", "followers": None}]
    assert nobody_came_in()
    (letter,) = mail.outbox
    assert letter.to == [ELLI] and letter.subject == "[Exercise] Your code to join"
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    assert not [name for name in letter.extra_headers if name.startswith("List-")]
    assert code_in(letter) not in str(Application.objects.values())


def test_the_mail_is_in_the_language_that_was_chosen(campaign, doors, client):
    client.post(at("joining:join", language="sv"), filled(campaign, "sv"))

    assert mail.outbox[0].extra_headers["Content-Language"] == "sv"


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"email": "elli"}, "email"),
        ({"email": "elli@example.org\r\nBcc: all@example.org"}, "email"),
        ({"email": "a" * 1_000_000}, "email"),
        ({"email": "root@localhost"}, "email"),
        ({"email": "x@[127.0.0.1]"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "Elli\r\nBcc: x"}, "name"),
        ({"name": "Elli\u202egnp"}, "name"),
        ({"name": "Elli\u2028" + "x"}, "name"),
        ({"name": "x" * 1_000_000}, "name"),
        ({"language": "xx"}, "language"),
        ({"platform": "myspace"}, "platform"),
        ({"handle": ""}, "handle"),
        ({"handle": "elli@example.org"}, "handle"),
        ({"handle": "https://127.0.0.1/elli"}, "handle"),
        ({"handle": "https://vm.tiktok.com/ZM1/"}, "handle"),
        ({"handle": "x" * 1_000_000}, "handle"),
        ({"pace": "hourly"}, "pace"),
        ({"website": "https://buy.example"}, "website"),
    ],
)
def test_what_cannot_be_taken_comes_back_with_all_that_was_typed(campaign, doors, client, wrong, where):
    answer = client.post(at("joining:join"), filled(campaign, **wrong))

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) >= {where}
    if where != "name":
        assert escape("Elli Esimerkki") in answer.content.decode()
    if where != "language":
        assert b"checked" in answer.content
    assert not Application.objects.exists() and mail.outbox == [] and nobody_came_in()


def test_the_address_of_a_profile_says_itself_on_which_platform_it_is(campaign, doors, client):
    client.post(
        at("joining:join"), filled(campaign, platform="instagram", handle="https://www.tiktok.com/@Elli?lang=fi")
    )

    assert Application.objects.get().answers["accounts"] == [
        {"platform": "tiktok", "handle": "elli", "followers": None}
    ]


@pytest.mark.parametrize(
    ("without", "where"), [("point_all", "point_all"), ("bulletins", "bulletins"), ("code", "code")]
)
def test_nobody_joins_without_code_and_signature_and_no_guess_is_counted(campaign, doors, client, without, where):
    client.post(at("joining:join"), filled(campaign))
    form = signed(campaign, code=code_in(mail.outbox[-1])) | {without: ""}
    answer = client.post(at("joining:confirm"), form)

    assert answer.status_code == 422 and set(answer.context["form"].errors) == {where} and nobody_came_in()
    assert Application.objects.get().guesses == 0
    assert confirm(client, campaign, code_in(mail.outbox[-1])).status_code == 302


def test_a_code_of_ethics_that_changed_meanwhile_is_read_again(campaign, doors, client):
    client.post(at("joining:join"), filled(campaign))
    page = client.get(at("joining:confirm"))
    form = page.context["form"]
    assert form.points == signatures.points_of(form.code_of_ethics) and len(form.ticks) == 1
    assert not re.search(rb'type="checkbox"[^>]*checked', page.content)
    typed = signed(campaign, code=code_in(mail.outbox[-1]))
    campaign.codes_of_ethics.filter(language="en").update(title="Another")

    answer = client.post(at("joining:confirm"), typed)

    assert answer.status_code == 422 and b"has changed since you opened this page" in answer.content
    assert not answer.context["form"]["point_all"].value() and nobody_came_in()
    campaign.codes_of_ethics.all().delete()
    answer = client.post(at("joining:confirm"), typed)
    assert answer.status_code == 422 and b"You cannot join yet" in answer.content and nobody_came_in()


def test_without_a_code_of_ethics_nobody_can_join_yet(campaign, roles, client):
    assert b"You cannot join yet" in client.get(at("joining:join")).content
    assert client.post(at("joining:join"), {"email": ELLI}).status_code == 422


def test_who_takes_part_already_is_led_to_the_portal(campaign, doors, ines, signed_in):
    assert signed_in(ines).get(at("joining:join"))["Location"] == at("influencers:home")


def test_the_page_costs_the_same_however_much_there_is_to_choose(
    campaign, doors, client, django_assert_max_num_queries
):
    for number in range(30):
        builders.build_region(f"R{number}")
    with django_assert_max_num_queries(5):
        client.get(at("joining:join"))


# --- The place that someone gets --------------------------------------------------------------------


@pytest.mark.parametrize(("language", "audience"), [("fi", "network"), ("sv", "network"), ("en", "international")])
def test_the_right_code_opens_the_portal(campaign, doors, client, language, audience):
    answer = join(client, campaign, language)

    assert answer["Location"] == at("influencers:home", language=language)
    person = Influencer.objects.select_related("user", "recipient", "region").get()
    assert client.session["_auth_user_id"] == str(person.user_id)
    assert (person.state, person.reference, person.name) == ("active", "infl-0001", "Elli Esimerkki")
    assert person.user.email == person.recipient.email == ELLI
    assert person.user.language == person.recipient.language == language
    assert (
        set(person.user.groups.values_list("name", flat=True)) == {"influencer"}
        and not person.user.has_usable_password()
    )
    assert person.recipient.state == "active" and person.region is None
    assert person.interests == [] and person.values == {}
    account = person.accounts.get()
    assert (account.handle, account.followers, account.counted_on) == ("elli.e", None, None)
    assert Membership.objects.get().audience == doors[audience]
    signature = Signature.objects.get()
    assert signature.points == signatures.points_of(signature.text) and signature.text.language == language
    assert signature.sha256 == signatures.fingerprint(signature.text)
    consents = {row.purpose: row for row in Consent.objects.all()}
    assert set(consents) == {"bulletins"}
    assert all(row.confirmed_at and row.source == "join form" and row.language == language for row in consents.values())
    assert not Application.objects.exists()
    assert "Elli" in client.get(answer["Location"]).content.decode()


def test_the_audit_log_names_nobody_who_joined(campaign, doors, client):
    join(client, campaign)

    entry = AuditEntry.objects.get(verb="influencer.joined")
    assert "lli" not in f"{entry.subject} {entry.detail}" and entry.subject == "infl-0001"


def test_references_go_on_from_the_highest(campaign, doors):
    assert enrolment.next_references(campaign, 2) == ["infl-0001", "infl-0002"]
    builders.build_influencer(campaign, "a", reference="infl-0999")
    builders.build_influencer(campaign, "b", reference="infl-10000")
    builders.build_influencer(campaign, "c", reference="infl-x")

    assert enrolment.next_references(campaign) == ["infl-10001"]


def test_who_had_left_gets_their_profile_back(campaign, doors, client, signed_in):
    before = builders.build_influencer(campaign, "elli", state="left", left_at=builders.NOON)
    Recipient.objects.update(state="left")
    Consent.objects.create(
        recipient=before.recipient, purpose="open_tracking", text_version="1", language="fi", source="x",
        given_at=builders.NOON,
    )  # fmt: skip

    client = signed_in(before.user)
    assert client.post(at("joining:join"), known(campaign))["Location"] == at("influencers:home", language="fi")

    person = Influencer.objects.get()
    assert (person.pk, person.reference, person.state, person.left_at) == (before.pk, "ref-elli", "active", None)
    assert person.recipient.state == "active" and User.objects.count() == 1
    assert list(Consent.objects.filter(withdrawn_at=None).values_list("purpose", flat=True)) == ["bulletins"]


def test_who_had_been_invited_joins_by_the_open_form_too(campaign, doors, client):
    before = build_invited(campaign, "elli")

    join(client, campaign, platform="tiktok", handle="@elli2")

    person = Influencer.objects.get()
    assert person.pk == before.pk and person.state == "active" and person.user.email == ELLI
    assert {account.handle for account in person.accounts.all()} == {"elli2"}


@pytest.mark.parametrize("reason", ["erased", "complaint", "no_such_address"])
def test_a_confirmed_code_lifts_what_a_fresh_opt_in_may_lift(campaign, doors, client, reason):
    code = address_hash(ELLI)
    Recipient.objects.create(email="", address_hash=code, language="fi", state="erased")
    Suppression.objects.create(address_hash=code, reason=reason)

    join(client, campaign)

    assert not Suppression.objects.exists()
    assert Recipient.objects.get().email == ELLI and Influencer.objects.get().state == "active"


def test_who_signed_the_form_of_an_earlier_release_enters_the_code_only(campaign, doors, client):
    client.post(at("joining:join"), filled(campaign))
    more = KnownJoinForm(campaign, signatures.current(campaign, "en"), known(campaign))
    assert more.is_valid()
    earlier = more.signed(at=timezone.now()) | {"open_tracking": True, "interests": ["food"], "region": "MK01"}
    application = Application.objects.get()
    Application.objects.update(answers=application.answers | earlier)
    text = campaign.codes_of_ethics.get(language="en")
    campaign.codes_of_ethics.filter(pk=text.pk).update(body=text.body + "3. **New.** Yes.\n")
    code = {"code": code_in(mail.outbox[-1])}

    answer = client.post(at("joining:confirm"), code)
    assert answer.status_code == 422 and b"changed since you read it" in answer.content
    assert at("joining:join").encode() in answer.content and nobody_came_in()
    campaign.codes_of_ethics.filter(pk=text.pk).update(body=text.body)
    assert client.post(at("joining:confirm"), code).status_code == 302
    person = Influencer.objects.select_related("region").get()
    assert (person.region.code, person.interests) == ("MK01", ["food"])
    assert set(Consent.objects.values_list("purpose", flat=True)) == {"bulletins", "open_tracking"}


def test_who_stopped_mail_comes_back_by_the_form(campaign, doors, client, signed_in):
    join(client, campaign)
    person = Influencer.objects.get()
    assert client.get(at("joining:join"))["Location"] == at("influencers:home")
    now = timezone.now()
    unsubscribe.unsubscribe_recipient(person.recipient_id, builders.build_mailing(campaign), at=now)
    Suppression.objects.create(address_hash=address_hash(ELLI), reason="complaint")

    settings_page = client.get(at("influencers:settings")).content.decode()
    assert "You get no bulletins by email" in settings_page and at("joining:join") in settings_page
    assert client.get(at("joining:join")).status_code == 200
    answer = client.post(at("joining:join"), known(campaign))

    assert answer["Location"] == at("influencers:home") and Influencer.objects.get().pk == person.pk
    assert Recipient.objects.wanting_bulletins().filter(pk=person.recipient_id).exists()
    assert Membership.objects.get(left_at=None).audience == doors["international"]
    assert "You get no bulletins by email" not in client.get(at("influencers:settings")).content.decode()


def test_the_words_of_consent_have_the_version_that_is_kept_with_it():
    with translation.override("en"):
        words = f"{form_options.BULLETINS_CONSENT}\n{form_options.OPENS_CONSENT}"
    known = {
        "2026-11": "8489c10478fde36e84e198de7d29ff973bfb7be9029fc07a1af32a639982eae8",
        "2026-12": "d692ae12b89f3d11e33af81f5f881b202467a3d6fcc02828006944798c0d30b2",
    }
    # Other words are another consent: give CONSENT_TEXT a new version, and add it here.
    assert hashlib.sha256(words.encode()).hexdigest() == known[form_options.CONSENT_TEXT]


# --- Who has an account --------------------------------------------------------------------------------


@pytest.fixture
def kirsi(roles: None) -> User:
    """A contributor with an account."""
    return builders.build_user("elli", "contributor", language="sv")


def test_an_address_with_an_account_gets_no_code_and_nothing_of_the_account_changes(campaign, doors, client, kirsi):
    before = User.objects.values().get()
    client.post(at("joining:join"), filled(campaign))

    letter = mail.outbox[-1].body
    assert "already has an account with us" in letter and not re.search(r"[0-9]{6}", letter)
    assert f"/en/account/login/code/?next={quote(at('joining:confirm'), safe='')}" in letter
    assert Application.objects.get().code_hash == ""
    for code in ("", "BBBB-BBBB"):
        assert confirm(client, campaign, code).status_code == 422
    assert "_auth_user_id" not in client.session
    assert User.objects.values().get() == before and not Influencer.objects.exists()


def test_a_code_that_was_sent_before_there_was_an_account_opens_none(campaign, doors, client):
    client.post(at("joining:join"), filled(campaign))
    builders.build_user("elli", "contributor")
    before = User.objects.values().get()

    answer = confirm(client, campaign, code_in(mail.outbox[-1]))

    assert answer.status_code == 422 and b"already has an account with us" in answer.content
    assert "_auth_user_id" not in client.session and Application.objects.exists()
    assert User.objects.values().get() == before and not Influencer.objects.exists()


def test_after_the_login_what_was_filled_in_waits_for_one_press(campaign, doors, client, kirsi):
    client.post(at("joining:join"), filled(campaign))
    login = re.search(r"^https?://[^/]+(/\S+)$", mail.outbox[-1].body, re.MULTILINE)
    assert login
    there = client.post(login[1], {"email": ELLI})["Location"]
    code_mails.send_waiting(at=timezone.now())
    answer = client.post(there, {"code": code_in(mail.outbox[-1])})
    assert answer["Location"] == at("joining:confirm")

    page = client.get(at("joining:confirm"))
    assert b"so no code is needed" in page.content and b'name="code"' not in page.content
    assert not Influencer.objects.exists()
    answer = confirm(client, campaign)

    assert answer["Location"] == at("influencers:home", language="sv")
    assert client.get(answer["Location"]).status_code == 200
    person = Influencer.objects.select_related("user").get()
    assert (person.user, person.name, person.user.name, person.user.language) == (kirsi, "Elli Esimerkki", "Elli", "sv")
    assert set(person.user.groups.values_list("name", flat=True)) == {"influencer", "contributor"}


def test_who_is_logged_in_needs_no_code_for_their_own_address_and_one_for_any_other(campaign, doors, kirsi, signed_in):
    client = signed_in(kirsi)
    assert client.get(at("joining:join")).context["form"]["email"].value() == ELLI

    client.post(at("joining:join"), known(campaign, email="other@example.org"))
    assert client.post(at("joining:confirm"), {"code": ""}).status_code == 422
    assert mail.outbox[-1].to == ["other@example.org"] and not Influencer.objects.exists()
    assert client.post(at("joining:join"), known(campaign))["Location"] == at("influencers:home", language="sv")
    assert Influencer.objects.get().user == kirsi


def test_one_sees_what_one_gets_first_and_comes_back_to_what_was_written_without_its_consents(campaign, doors, client):
    builders.build_published_version(campaign, audiences=[doors["network"]], at=timezone.now())
    look = client.get(at("joining:look"))
    html = look.content.decode()
    assert (
        "Get the facts first" in html
        and f'href="{at("joining:join")}"' in html
        and "<form" not in html.split("<main")[1].split("</main")[0]
    )
    assert builders.TEXTS["en"]["key_message"] in html and "Valid for the time being" in html

    client.post(at("joining:join"), filled(campaign, pace="urgent"))
    form = client.get(at("joining:join")).context["form"]
    for name, value in (
        ("email", ELLI),
        ("name", "Elli Esimerkki"),
        ("platform", "instagram"),
        ("handle", "elli.e"),
        ("pace", "urgent"),
    ):
        assert form[name].value() == value
    assert Client().get(at("joining:join")).context["form"]["email"].value() in (None, "")

    confirm(client, campaign, code_in(mail.outbox[-1]))
    assert Influencer.objects.get().recipient.choices.get().pace == "urgent"


# --- The same answer for every address -----------------------------------------------------------------


def answers_for(client: Client, campaign: Campaign) -> list[tuple[int, str, bytes]]:
    first = client.post(at("joining:join"), filled(campaign))
    page = client.get(at("joining:confirm"))
    wrong = confirm(client, campaign, "BBBB-BBBC")
    return [(one.status_code, one.get("Location", ""), without_token(one.content)) for one in (first, page, wrong)]


def without_token(content: bytes) -> bytes:
    return re.sub(rb'value="[A-Za-z0-9]{64}"', b"", content)


def test_the_answer_does_not_tell_whether_an_address_is_known(campaign, doors, monkeypatch):
    monkeypatch.setattr("config.allauth_adapters.AccountAdapter.generate_login_code", lambda adapter: "270415")
    new = answers_for(Client(), campaign)
    assert [status for status, _where, _page in new] == [302, 200, 422]
    person = builders.build_influencer(campaign, "elli")
    known = answers_for(Client(), campaign)
    Influencer.objects.update(state="left")
    left = answers_for(Client(), campaign)
    Suppression.objects.create(address_hash=person.recipient.address_hash, reason="staff")
    blocked = answers_for(Client(), campaign)

    assert new == known == left == blocked
    assert ["Your code" in letter.subject for letter in mail.outbox] == [True, False, False]
    assert "has an account" in mail.outbox[2].body and "270415" not in mail.outbox[2].body
    assert "You have already joined" in mail.outbox[1].body and "270415" not in mail.outbox[1].body


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_active": False}])
def test_no_code_opens_an_account_of_staff_or_a_closed_one(campaign, doors, client, fields):
    builders.build_user("elli", **fields)

    client.post(at("joining:join"), filled(campaign))

    assert "another of our accounts" in mail.outbox[0].body
    assert Application.objects.get().code_hash == ""
    with pytest.raises(enrolment.NotEnrolled):
        enrolment.enrol(
            campaign,
            email=ELLI,
            language="fi",
            answers=answers(campaign),
            source="x",
            at=timezone.now(),
        )
    assert not Influencer.objects.exists()


def test_an_address_that_staff_have_blocked_is_not_written_to(campaign, doors, client):
    Suppression.objects.create(address_hash=address_hash(ELLI), reason="staff")

    assert client.post(at("joining:join"), filled(campaign)).status_code == 302
    assert mail.outbox == [] and Suppression.objects.exists()


def test_a_mail_server_that_is_away_is_no_error_on_the_page_and_no_address_in_the_log(
    campaign, doors, client, settings, caplog
):
    settings.MAILERS = {
        name: {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 1},
        }
        for name in ("default", "exercise")
    }
    with caplog.at_level(logging.DEBUG):
        assert client.post(at("joining:join"), filled(campaign)).status_code == 302
    assert "was not sent" in caplog.text and "elli" not in caplog.text.lower()


def test_a_request_writes_a_row_and_a_worker_sends_the_mail(campaign, roles, client, monkeypatch, settings):
    settings.MAILERS = {
        name: {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"} for name in ("default", "exercise")
    }
    build_door(campaign)
    woken: list[Any] = []
    monkeypatch.setattr(task_queue, "wake", lambda *given, **named: woken.append((given, named)))
    client.post(at("joining:join"), filled(campaign))

    assert woken == [(("influencers.tasks.send_join_codes",), {"queue": "urgent"})] and mail.outbox == []
    assert confirm(client, campaign, "").status_code == 422
    assert applications.send_due(at=timezone.now()) == 1 and applications.send_due(at=timezone.now()) == 0
    assert len(mail.outbox) == 1
    assert confirm(client, campaign, code_in(mail.outbox[0])).status_code == 302


def test_while_the_broker_is_away_the_code_leaves_all_the_same(campaign, doors, client, monkeypatch):
    def away(*given: Any, **named: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.undo()
    monkeypatch.setattr(task_queue, "wake", away)
    assert client.post(at("joining:join"), filled(campaign)).status_code == 302
    assert len(mail.outbox) == 1


def test_a_code_that_did_not_leave_is_tried_again_until_it_would_be_too_old(campaign, doors, client, monkeypatch):
    tries: list[Any] = []

    def refuse(_self: Any, messages: Any) -> None:
        tries.append(messages)
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    client.post(at("joining:join"), filled(campaign))
    asked = Application.objects.get().code_sent_at

    assert applications.send_due(at=asked + timedelta(seconds=10)) == 0 and len(tries) == 1
    assert applications.send_due(at=asked + timedelta(seconds=45)) == 0 and len(tries) == 2
    assert applications.send_due(at=asked + timedelta(minutes=11)) == 0 and len(tries) == 2
    assert Application.objects.get().mail_due_at is None


# --- The code --------------------------------------------------------------------------------------


def test_the_sixth_guess_is_refused_even_if_right(campaign, doors, client):
    client.post(at("joining:join"), filled(campaign))
    right = code_in(mail.outbox[0])
    wrong = right.translate(str.maketrans("0123456789", "1234567890"))
    for _guess in range(codes.MOST_GUESSES):
        assert confirm(client, campaign, wrong).status_code == 422

    answer = confirm(client, campaign, right)

    assert answer.status_code == 422 and b"fifth attempt" in answer.content
    assert nobody_came_in()
    assert client.post(at("joining:resend")).status_code == 302
    assert confirm(client, campaign, code_in(mail.outbox[-1])).status_code == 302


def test_the_link_joins_by_a_button_in_the_browser_that_asked_and_needs_no_guess(campaign, doors, client):
    client.post(at("joining:join"), filled(campaign))
    link = re.search(r"https?://[^/]+(/\S+/link/\S+)", mail.outbox[0].body)[1]
    for _guess in range(codes.MOST_GUESSES):
        confirm(client, campaign, "wrong")

    elsewhere = Client().get(link)
    assert elsewhere.status_code == 200 and b"only in the browser in which you filled in the form" in elsewhere.content
    page = client.get(link)
    assert page.headers["Referrer-Policy"] == "strict-origin" and nobody_came_in()
    value = re.search(r'name="code" value="([^"]+)"', page.content.decode())[1]
    assert confirm(Client(), campaign, value).status_code == 404 and nobody_came_in()
    assert confirm(client, campaign, value).status_code == 302

    assert Influencer.objects.get().user.email == ELLI and not Application.objects.exists()


def test_a_code_works_for_ten_minutes(campaign, doors, client):
    client.post(at("joining:join"), filled(campaign))
    Application.objects.update(code_sent_at=timezone.now() - timedelta(minutes=10, seconds=1))

    answer = confirm(client, campaign, code_in(mail.outbox[0]))

    assert answer.status_code == 422 and b"has expired" in answer.content and nobody_came_in()


def test_a_code_works_once(campaign, doors, client):
    client.post(at("joining:join"), filled(campaign))
    browser = client.session["joining"]
    confirm(client, campaign, code_in(mail.outbox[0]))

    with pytest.raises(confirmation.NothingToConfirm):
        confirmation.confirm(
            campaign, browser=browser, code=code_in(mail.outbox[0]), place="192.0.2.1", at=timezone.now()
        )
    lost = client.get(at("joining:confirm"))
    assert lost.status_code == 404 and b"no longer knows your form" in lost.content


def test_a_code_works_in_the_browser_that_asked_only(campaign, doors, client):
    client.post(at("joining:join"), filled(campaign))
    other = Client()
    other.post(at("joining:join"), filled(campaign))
    first, second = map(code_in, mail.outbox)

    assert confirm(Client(), campaign, first).status_code == 404
    if first != second:
        assert confirm(other, campaign, first).status_code == 422
    assert nobody_came_in()


def test_a_new_code_ends_the_one_before(campaign, doors, client, monkeypatch):
    codes = iter(["BBBB-BBBB", "CCCC-CCCC"])
    monkeypatch.setattr("config.allauth_adapters.AccountAdapter.generate_login_code", lambda adapter: next(codes))
    client.post(at("joining:join"), filled(campaign))
    client.post(at("joining:resend"))

    assert confirm(client, campaign, "BBBB-BBBB").status_code == 422
    assert confirm(client, campaign, " ｃccc cccc\u00a0").status_code == 302


@pytest.mark.parametrize("code", ["", "x" * 1_000_000, "１２", "abc\x00"])
def test_what_is_no_code_opens_nothing(campaign, doors, client, code):
    client.post(at("joining:join"), filled(campaign))

    assert confirm(client, campaign, code).status_code == 422
    assert nobody_came_in()


def test_five_codes_an_hour_for_an_address_and_three_hundred_from_a_place(campaign, doors, client, monkeypatch):
    assert join_codes.LIMITS.from_place is not None and join_codes.LIMITS.from_place.most == 300
    few = replace(join_codes.LIMITS, from_place=replace(join_codes.LIMITS.from_place, most=20))
    monkeypatch.setattr(join_codes, "LIMITS", few)
    for _turn in range(5):
        assert client.post(at("joining:join"), filled(campaign)).status_code == 302
    answer = client.post(at("joining:join"), filled(campaign))
    assert (
        answer.status_code == 429 and b"Try again in an hour" in answer.content and b"Elli Esimerkki" in answer.content
    )
    assert client.post(at("joining:resend")).status_code == 429
    assert len(mail.outbox) == 5

    for number in range(15):
        assert client.post(at("joining:join"), filled(campaign, email=f"e{number}@example.org")).status_code == 302
    assert client.post(at("joining:join"), filled(campaign, email="last@example.org")).status_code == 429
    assert not any("example" in str(row) for row in Attempt.objects.values_list("bucket", "key_hash"))


def test_reading_changes_nothing(campaign, doors, client):
    assert client.get(at("joining:resend")).status_code == 405
    assert client.get(at("influencers:code_of_ethics_sign")).status_code in {302, 405}
    client.get(at("joining:join"), filled(campaign))
    assert not Application.objects.exists() and mail.outbox == []


def test_no_address_is_in_an_address_of_ours(campaign, doors, client):
    answer = client.post(at("joining:join"), filled(campaign), follow=True)

    assert not any("elli" in url.lower() for url, _status in answer.redirect_chain)


# --- What is kept, and for how long --------------------------------------------------------------------


def test_forms_that_nobody_confirmed_are_forgotten_after_seven_days(campaign, doors, client):
    client.post(at("joining:join"), filled(campaign))
    now = timezone.now()

    assert joining_retention.forget_unconfirmed(at=now + timedelta(days=6, hours=23)) == 0
    assert joining_retention.forget_unconfirmed(at=now + timedelta(days=7, seconds=1)) == 1
    assert not Application.objects.exists()


def test_applications_on_the_desk_say_nothing_of_whose_they_are(campaign, doors, client, liisa, root, signed_in):
    client.post(at("joining:join"), filled(campaign))
    pk = Application.objects.get().pk
    for user in (liisa, root):
        for address in (f"/desk/influencers/application/{pk}/change/", "/desk/influencers/application/"):
            page = signed_in(user).get(address)
            assert page.status_code == 200
            assert b"elli@" not in page.content.lower() and b"Esimerkki" not in page.content


# --- Handles and numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "typed", "name"),
    [
        ("instagram", "@elli", "elli"),
        ("instagram", "elli ", "elli"),
        ("instagram", "  ＠ｅｌｌｉ", "elli"),
        ("instagram", "elli.", "elli"),
        ("instagram", "💜 elli ✨", "elli"),
        ("instagram", "IG: @Elli_E.", "elli_e"),
        ("instagram", "el\u200bli\r\n", "elli"),
        ("instagram", "https://www.instagram.com/elli/?hl=fi", "elli"),
        ("instagram", "instagram.com/elli", "elli"),
        ("instagram", "http://instagram.com/stories/elli/123/", "elli"),
        ("instagram", "elli.fi", "elli.fi"),
        ("instagram", "Elli (@Elli)", "elli"),
        ("instagram", "insta @elli.e", "elli.e"),
        ("instagram", "@elli (Elli Esimerkki)", "elli"),
        ("instagram", "@@elli.fi", "elli.fi"),
        ("tiktok", "tiktok.com/@elli?lang=fi", "elli"),
        ("tiktok", "https://www.tiktok.com/@elli/video/1", "elli"),
        ("youtube", "m.youtube.com/@Elli", "elli"),
        ("youtube", "youtube.com/channel/UCabcdefghijklmnopqrstuV", "UCabcdefghijklmnopqrstuV"),
        ("youtube", "youtube.com/@%C3%84iti", "äiti"),
        ("youtube", "youtube.com/c/Elli/videos", "elli"),
        ("facebook", "fb.com/elli", "elli"),
        ("facebook", "https://m.facebook.com/profile.php?id=123", "123"),
        ("facebook", "https://fi-fi.facebook.com/people/Elli-E/123/", "123"),
        ("facebook", "https://www.facebook.com/p/Elli-Esimerkki-100012345678/", "100012345678"),
        ("facebook", "https://www.facebook.com/photography.elli", "photography.elli"),
        ("x", "https://mobile.twitter.com/Elli/status/1", "elli"),
        ("threads", "threads.net/@elli", "elli"),
        ("snapchat", "https://www.snapchat.com/add/elli", "elli"),
    ],
)
def test_a_handle_is_understood_in_every_shape_that_people_type(platform, typed, name):
    assert handles.normal(platform, typed) == name
    assert handles.normal(platform, name) == name


@pytest.mark.parametrize(
    ("platform", "typed"),
    [
        ("instagram", ""),
        ("instagram", "..."),
        ("instagram", "elli ella"),
        ("instagram", "elli@example.org"),
        ("instagram", "\u202eelli"),
        ("instagram", "el\nli"),
        ("instagram", "elli%0d%0aBcc:x"),
        ("instagram", "https://tiktok.com/@elli"),
        ("instagram", "https://evil.example/elli"),
        ("instagram", "https://instagram.com@evil.example/elli"),
        ("instagram", "instagram.com/p/abc"),
        ("instagram", "instagram.com"),
        ("instagram", "http://[::1/elli"),
        ("instagram", "x" * 10_000),
        ("tiktok", "https://vm.tiktok.com/ZM1/"),
        ("youtube", "https://youtu.be/dQw4w9WgXcQ"),
        ("youtube", "youtube.com/watch?v=1"),
        ("facebook", "facebook.com/groups/x"),
        ("facebook", "facebook.com/profile.php"),
        ("facebook", "facebook.com/p/Elli-Esimerkki/"),
        ("facebook", "https://www.facebook.com/photo.php?fbid=1"),
        ("facebook", "https://www.facebook.com/video.php?v=1"),
        ("facebook", "facebook.com/hashtag/elli"),
        ("facebook", "facebook.com/sharer/sharer.php?u=x"),
        ("instagram", "@elli, @ella"),
        ("instagram", "@Elli Esimerkki"),
        ("x", "x.com/home"),
    ],
)
def test_what_is_no_handle_is_refused_in_words(platform, typed):
    with pytest.raises(handles.BadHandle, match=r"\w"):
        handles.normal(platform, typed)


@pytest.mark.parametrize(
    ("typed", "is_mail"), [("elli@example.org", True), ("@elli, @ella", False), ("elli @ elli", False)]
)
def test_only_what_looks_like_an_address_is_called_one(typed, is_mail):
    with translation.override("en"), pytest.raises(handles.BadHandle) as refusal:
        handles.normal("instagram", typed)
    assert ("email address" in str(refusal.value)) is is_mail
