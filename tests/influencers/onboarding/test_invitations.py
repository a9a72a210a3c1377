"""Inviting people whom staff know: the mail, its two links, and how long anything of them is kept."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from accounts.models import AuditEntry, User
from agreement.refusals import Refused
from campaigns.models import Campaign, CustomText
from delivery.models import Consent, Recipient, Suppression
from influencers.models import Application, Influencer, Invitation, Thread, ThreadMessage
from influencers.onboarding import invitations, joining_retention
from tests.support import builders
from tests.support.builders import build_user

from .joining_scene import at, build_door, build_invited, code_in, confirm, filled, known, mail_at_once

pytestmark = pytest.mark.django_db
NOON = builders.NOON


@pytest.fixture
def doors(campaign: Campaign, roles: None, settings: Any, monkeypatch: Any) -> Any:
    mail_at_once(monkeypatch)
    settings.MAILERS = {
        name: {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"} for name in ("default", "exercise")
    }
    return build_door(campaign)


@pytest.fixture
def ilona(campaign: Campaign, doors: Any) -> Influencer:
    return build_invited(campaign)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The pages' clock stands at NOON."""
    monkeypatch.setattr("influencers.onboarding.views.timezone.now", lambda: NOON)
    return NOON


def links_in(letter: Any) -> tuple[str, str]:
    found = re.findall(r"^https?://[^/]+(/\S+)$", letter.body, re.MULTILINE)
    return found[0], found[1]


def invited(person: Influencer, by: Any, **more: Any) -> Any:
    """Invite someone, mail it, and return the letter; to custom text a colleague agrees."""
    invitations.invite([person], by=by, at=NOON, **more)
    for row in invitations.waiting(person.campaign):
        invitations.approve(row, digest=row.digest, by=builders.second_person(), at=NOON)
    invitations.send_due(at=NOON)
    return mail.outbox[-1]


def test_an_invitation_is_a_plain_mail_in_the_readers_language_with_two_links(campaign, ilona, liisa):
    letter = invited(ilona, liisa, words="Hej, vi träffades i Vasa.\r\nLiisa")

    assert letter.to == ["ilona@example.org"] and letter.message().get_content_type() == "text/plain"
    assert letter.extra_headers["Content-Language"] == "sv" and letter.extra_headers["Auto-Submitted"]
    assert (
        letter.extra_headers["Reply-To"] == campaign.reply_to and campaign.sender_email in letter.extra_headers["From"]
    )
    assert not [name for name in letter.extra_headers if name.startswith("List-")]
    assert "Hej, vi träffades i Vasa." in letter.body and "Liisa" in letter.body
    assert all(link.startswith("/sv/join/invited/") and "ilona" not in link for link in links_in(letter))
    assert Invitation.objects.get().sent_at == NOON
    assert invitations.send_due(at=NOON + timedelta(hours=1)) == 0 and len(mail.outbox) == 1
    entry = AuditEntry.objects.get(verb="influencer.invited")
    assert entry.subject == ilona.reference and entry.actor == liisa


def test_who_is_in_was_asked_or_must_not_be_written_to_is_not_invited(campaign, doors, liisa):
    blocked = build_invited(campaign, "blocked")
    Suppression.objects.create(address_hash=blocked.recipient.address_hash, reason="erased")
    people = [
        builders.build_influencer(campaign, "active"),
        builders.build_influencer(campaign, "left", state="left"),
        blocked,
        asked := build_invited(campaign, "asked"),
    ]

    assert [row.influencer for row in invitations.invite(people, by=liisa, at=NOON)] == [asked]
    assert invitations.invite(people, by=liisa, at=NOON) == []
    assert invitations.invite(people, by=liisa, at=NOON + timedelta(days=59)) == []


def test_somebody_who_never_answered_can_be_asked_once_more_when_the_link_is_too_old(ilona, liisa):
    invited(ilona, liisa)
    later = NOON + timedelta(days=61)

    assert len(invitations.invite([ilona], by=liisa, at=later)) == 1
    assert invitations.send_due(at=later) == 1


def test_inviting_many_costs_the_same_as_inviting_one(campaign, doors, liisa, django_assert_max_num_queries):
    people = [build_invited(campaign, f"person{number:03d}"[: 6 + number]) for number in range(1, 4)]
    with django_assert_max_num_queries(10):
        assert len(invitations.invite(people, by=liisa, at=NOON)) == 3


# --- A second person ---------------------------------------------------------------------------------


def test_words_of_ones_own_leave_when_a_second_person_has_read_them(campaign, ilona, liisa):
    invitations.invite([ilona], by=liisa, at=NOON, words="Hej, vi träffades i Vasa.")
    (row,) = invitations.waiting(campaign)
    for digest, by, says in (
        (row.digest, liisa, "worked on this text"),
        (row.digest, builders.build_user("second", "liaison"), "may not approve"),
        (row.digest, builders.build_user("ada", "admin"), "may not approve"),
        ("0" * 64, builders.second_person(), "has changed"),
    ):
        with pytest.raises(Refused, match=says):
            invitations.approve(row, digest=digest, by=by, at=NOON)
        assert invitations.send_due(at=NOON) == 0 and not mail.outbox

    invitations.approve(row, digest=row.digest, by=builders.second_person(), at=NOON)

    assert invitations.send_due(at=NOON) == 1 and "vi träffades" in mail.outbox[0].body


def test_more_people_than_one_may_ask_alone_wait_for_a_second_person(campaign, doors, liisa, settings):
    settings.INVITATIONS_ALONE = 2
    people = [build_invited(campaign, "person" + "x" * number) for number in range(4)]
    invitations.invite(people[:2], by=liisa, at=NOON)
    assert invitations.send_due(at=NOON) == 2

    invitations.invite(people[2:3], by=liisa, at=NOON + timedelta(hours=23))
    assert invitations.send_due(at=NOON + timedelta(hours=23)) == 0
    assert [row.reach for row in invitations.waiting(campaign)] == [1]
    invitations.invite(people[3:], by=liisa, at=NOON + timedelta(hours=25))
    assert invitations.send_due(at=NOON + timedelta(hours=25)) == 1


def test_invitations_that_were_taken_back_reach_nobody_and_leave_room_for_others(campaign, ilona, liisa, root):
    invitations.invite([ilona], by=liisa, at=NOON, words="Hej")
    (row,) = invitations.waiting(campaign)
    invitations.drop(row, by=liisa, at=NOON)

    with pytest.raises(Refused, match="not waiting"):
        invitations.approve(row, digest=row.digest, by=root, at=NOON)
    assert invitations.send_due(at=NOON) == 0 and not CustomText.objects.get().words
    assert len(invitations.invite([ilona], by=liisa, at=NOON)) == 1 and invitations.send_due(at=NOON) == 1


@pytest.mark.parametrize(
    "words",
    ["Log in at https://evil.example", "evil.com. Now", "www.evil", "mail me@evil.example", "x.co", "10.0.0.1", "JAVASCRIPT:x",
     "evil。com", "xn--vil-hoa.xn--p1ai", "(bit.ly/abc)"],
)  # fmt: skip
def test_words_bring_no_links_of_their_own(ilona, liisa, words):
    with pytest.raises(invitations.NotInvited, match="a link or an address"):
        invitations.invite([ilona], by=liisa, at=NOON, words=words)
    assert not Invitation.objects.exists() and not CustomText.objects.exists()


@pytest.mark.parametrize(
    "words", ["Hei! Klo 12.30, t.ex. 24.3.2026, bl.a. du... m.m.", "50 % – a/b, (c)", "Kiitos.\n\nLiisa"]
)
def test_plain_words_are_no_links(words):
    invitations.check_custom_text(words)


@pytest.mark.parametrize("name", ["Click www.evil.example", "Your account is closed, call us at once today please"])
def test_a_name_that_is_rather_a_text_or_a_link_is_not_printed(ilona, liisa, name):
    Influencer.objects.update(name=name)
    liisa.name = name
    liisa.save()

    letter = invited(Influencer.objects.get(), liisa)

    assert name not in letter.body and "evil" not in letter.body


def test_an_approver_agrees_at_the_desk_and_nobody_else(campaign, ilona, liisa, alma, signed_in):
    invitations.invite([ilona], by=liisa, at=NOON, words="Hej, vi träffades i Vasa.")
    (row,) = invitations.waiting(campaign)
    agree, page = (f"/desk/influencers/invitation/waiting/{end}" for end in (f"{row.pk}/agree/", ""))
    assert (
        signed_in(alma).get(page).status_code == signed_in(alma).post(agree, {"digest": row.digest}).status_code == 403
    )
    assert "send these invitations" not in signed_in(liisa).get(page).content.decode()
    assert signed_in(liisa).post(agree, {"digest": row.digest}).status_code == 422
    assert invitations.send_due(at=NOON) == 0

    ada = signed_in(builders.build_user("ada", "admin"))
    assert "send these invitations" not in ada.get(page).content.decode()
    assert ada.post(agree, {"digest": row.digest}).status_code == 422 and invitations.send_due(at=NOON) == 0

    approver = signed_in(builders.second_person())
    assert page in approver.get("/desk/influencers/invitation/").content.decode()
    shown = approver.get(page).content.decode()
    assert "vi träffades i Vasa" in shown and "send these invitations" in shown and "Ilona" in shown
    assert approver.post(agree, {"digest": row.digest}).status_code == 302
    assert invitations.send_due(at=NOON) == 1


def test_words_that_are_too_long_are_refused(ilona, liisa):
    with pytest.raises(invitations.NotInvited, match="the limit is 2000"):
        invitations.invite([ilona], by=liisa, at=NOON, words="x" * 2_001)
    assert not Invitation.objects.exists()


# --- The link --------------------------------------------------------------------------------------


def test_the_link_shows_what_is_known_to_whoever_has_it_only(campaign, ilona, liisa, client, now):
    link, _no = links_in(invited(ilona, liisa))

    page = client.get(link).content.decode()

    assert all(f'value="{told}"' in page for told in ("ilona@example.org", "Ilona", "ilona"))
    assert '<option value="tiktok" selected>' in page and "_followers" not in page
    assert "noindex" in page and "ilona" not in client.get(at("joining:join", language="sv")).content.decode()
    cut = link[:-5] + "xxxx/"
    assert client.get(cut).status_code == 404 and "ilona" not in client.get(cut).content.decode()


def test_the_link_proves_the_address_that_it_went_to(campaign, ilona, liisa, client, now):
    link, no = links_in(invited(ilona, liisa))

    answer = client.post(link, known(campaign, "sv", email="ILONA@example.org", handle="@ilona_e"))

    assert answer.status_code == 302 and answer["Location"] == "/sv/portal/"
    person = Influencer.objects.get()
    assert person.pk == ilona.pk and person.state == "active" and person.joined_at == NOON
    assert person.municipality == "Vasa" and person.audience_ages == {"13_17": 60, "18_24": 40}
    accounts = {(one.platform, one.handle, one.followers) for one in person.accounts.all()}
    assert accounts == {("tiktok", "ilona", 900), ("instagram", "ilona_e", None)}
    assert Consent.objects.get().source == "invitation" and len(mail.outbox) == 1
    assert Invitation.objects.get().accepted_at == NOON
    client.logout()
    assert client.get(link).status_code == 404
    assert client.post(no).status_code == 404 and Influencer.objects.get().state == "active"


def test_the_form_of_somebody_invited_says_that_signing_is_enough(campaign, ilona, liisa, client, now):
    link, _no = links_in(invited(ilona, liisa))
    promise = "If you don't enter the code"

    shown = client.get(link.replace("/sv/", "/en/", 1)).content.decode()
    opened = client.get(at("joining:join")).content.decode()

    assert "Sign and join" in shown and "We know that it is yours." in shown and promise not in shown
    assert promise in opened and "Sign and join" not in opened and "We know that it is yours." not in opened


def test_a_link_opens_no_account_that_its_address_has(campaign, ilona, liisa, client, now):
    """An invitation lies in a mailbox for weeks and is forwarded; the login asks for a fresh code."""
    contributor = build_user("ilona", "contributor")
    before = User.objects.filter(pk=contributor.pk).values().get()
    link, _no = links_in(invited(ilona, liisa))

    answer = client.post(link, known(campaign, "sv", email="ilona@example.org"))

    assert answer["Location"] == at("joining:confirm", language="sv")
    assert "_auth_user_id" not in client.session and Influencer.objects.get().state == "invited"
    assert User.objects.filter(pk=contributor.pk).values().get() == before
    client.force_login(contributor)
    assert client.post(link, known(campaign, "sv", email="ilona@example.org")).status_code == 302
    assert Influencer.objects.get().user == contributor


def test_another_address_than_the_invited_one_needs_its_code(campaign, ilona, liisa, client, now):
    link, _no = links_in(invited(ilona, liisa))

    answer = client.post(link, known(campaign, "sv", email="new@example.org"))

    assert answer["Location"] == at("joining:confirm", language="sv")
    assert mail.outbox[-1].to == ["new@example.org"] and Influencer.objects.get().state == "invited"
    client.post(answer["Location"], {"code": code_in(mail.outbox[-1])})
    person = Influencer.objects.get()
    assert (person.pk, person.state, person.recipient.email) == (ilona.pk, "active", "new@example.org")
    assert not Recipient.objects.filter(email="ilona@example.org").exists()


def test_a_link_opens_nothing_once_the_person_has_another_address(campaign, ilona, liisa, client, now):
    """Whoever reads the one from before must not come in as someone else, nor say no for them."""
    link, no = links_in(invited(ilona, liisa))
    ilona.recipient.take_address("right@example.org", at=now)

    assert client.get(link).status_code == client.get(no).status_code == client.post(no).status_code == 404
    assert client.post(link, known(campaign, "sv", email="right@example.org")).status_code == 404
    assert Influencer.objects.get().state == "invited" and not Suppression.objects.exists()


def test_a_wrong_form_behind_the_link_changes_nothing(campaign, ilona, liisa, client, now):
    link, _no = links_in(invited(ilona, liisa))

    answer = client.post(link, known(campaign, "sv", email="ilona@example.org", point_all=""))

    assert answer.status_code == 422 and not Application.objects.exists()
    assert Influencer.objects.get().state == "invited"


def test_the_link_opens_nothing_after_sixty_days(campaign, ilona, liisa, client, now):
    link, _no = links_in(invited(ilona, liisa))
    Invitation.objects.update(at=NOON - timedelta(days=60, seconds=1))

    page = client.get(link)
    assert page.status_code == 404 and b"ilona" not in page.content
    assert client.post(link, known(campaign, "sv", email="ilona@example.org")).status_code == 404
    assert Influencer.objects.get().state == "invited"


# --- No, thank you ---------------------------------------------------------------------------------


def test_who_declines_is_erased_and_never_invited_again(campaign, ilona, liisa, client, now):
    link, no = links_in(invited(ilona, liisa, words="Hej Ilona"))
    code = ilona.recipient.address_hash

    assert client.get(no).status_code == 200
    assert Influencer.objects.get().name == "Ilona" and not Suppression.objects.exists()

    assert client.post(no).status_code == 200
    assert client.post(no).status_code == 200
    person = Influencer.objects.select_related("recipient").get()
    assert (person.state, person.name, person.municipality, person.audience_ages) == ("erased", "", "", {})
    assert not person.accounts.exists() and not Invitation.objects.get().words and not CustomText.objects.get().words
    assert (person.recipient.state, person.recipient.email, person.recipient.name) == ("erased", "", "")
    assert Suppression.objects.get().address_hash == code == person.recipient.address_hash
    assert client.get(link).status_code == 404
    assert invitations.invite([person], by=liisa, at=NOON) == []


def test_who_declined_may_still_join_by_the_open_form(campaign, ilona, liisa, client, now):
    _link, no = links_in(invited(ilona, liisa))
    client.post(no)

    client.post(at("joining:join"), filled(campaign, email="ilona@example.org"))
    confirm(client, campaign, code_in(mail.outbox[-1]))

    person = Influencer.objects.get()
    assert person.pk == ilona.pk and person.state == "active" and not Suppression.objects.exists()


def test_a_subscriber_who_declines_stays_a_subscriber(campaign, ilona, liisa, client, now):
    Recipient.objects.update(state="active")
    builders.build_subscription(builders.build_digest(campaign), ilona.recipient.email)
    _link, no = links_in(invited(ilona, liisa))

    client.post(no)

    assert Recipient.objects.deliverable().get().email == "ilona@example.org"
    assert Influencer.objects.get().state == "erased" and not Suppression.objects.exists()


def test_who_declines_one_campaign_goes_on_with_another_and_is_not_asked_again(campaign, doors, liisa, client, now):
    other = builders.build_campaign("toinen")
    there = builders.build_influencer(other, "ilona")
    here = Influencer.objects.create(
        campaign=campaign, recipient=there.recipient, reference="infl-9001", name="Ilona", state="invited"
    )
    _link, no = links_in(invited(here, liisa, words="Hej Ilona"))

    client.post(no)

    there.refresh_from_db()
    here.refresh_from_db()
    assert (there.state, there.name) == ("active", "Ilona")
    assert Recipient.objects.deliverable().filter(pk=there.recipient_id).exists()
    assert (here.state, here.name, Invitation.objects.get().words) == ("erased", "", {})
    assert invitations.invite([here], by=liisa, at=NOON) == []


def test_what_somebody_wrote_or_filled_in_goes_when_they_decline(campaign, ilona, liisa, client, now):
    other = builders.build_campaign("toinen")
    elsewhere = Influencer.objects.create(
        campaign=other, recipient=ilona.recipient, reference="infl-1", name="Ilona", state="invited"
    )
    _link, no = links_in(invited(ilona, liisa))
    Application.objects.create(
        campaign=campaign, email="ilona@example.org", language="sv", answers={"name": "Ilona"}, code_sent_at=NOON,
        browser="x", created_at=NOON,
    )  # fmt: skip
    thread = Thread.objects.create(influencer=ilona)
    ThreadMessage.objects.create(thread=thread, kind="from_them", via="mail", text="My words", at=NOON)

    client.post(no)

    assert not Application.objects.exists() and not ThreadMessage.objects.exists()
    elsewhere.refresh_from_db()
    assert (elsewhere.state, elsewhere.name) == ("erased", "")
    assert (Recipient.objects.get().state, Recipient.objects.get().email) == ("erased", "")


# --- How long anything is kept -------------------------------------------------------------------------


def test_who_never_joined_is_forgotten(campaign, ilona, liisa, settings):
    settings.INVITED_DAYS = 90
    invitations.invite([ilona], by=liisa, at=NOON + timedelta(days=30))

    assert joining_retention.forget_invited(at=NOON + timedelta(days=119)) == 0
    assert joining_retention.forget_invited(at=NOON + timedelta(days=120)) == 1
    assert not Influencer.objects.exists() and not Recipient.objects.exists() and not Invitation.objects.exists()


def test_forgetting_keeps_who_joined_and_who_is_known_for_other_reasons(campaign, doors):
    builders.build_influencer(campaign, "ines")
    subscriber = build_invited(campaign, "subscriber")
    Recipient.objects.filter(pk=subscriber.recipient_id).update(state="active")

    assert joining_retention.forget_invited(at=NOON + timedelta(days=400)) == 1
    assert Influencer.objects.get().state == "active" and Recipient.objects.count() == 2


def test_the_desk_reads_invitations_and_changes_none(campaign, ilona, liisa, alma, signed_in):
    with transaction.atomic():
        invitations.invite([ilona], by=liisa, at=NOON)
    pk = Invitation.objects.get().pk

    assert signed_in(liisa).get("/desk/influencers/invitation/").status_code == 200
    assert signed_in(liisa).post(f"/desk/influencers/invitation/{pk}/change/", {"words": "x"}).status_code == 403
    assert signed_in(alma).get("/desk/influencers/invitation/").status_code == 403
    assert not Invitation.objects.get().words
