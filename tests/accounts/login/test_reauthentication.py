"""Whoever does what cannot be taken back has just proved who they are; what they typed survives the proof."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.login import reauthentication
from accounts.models import AuditEntry, User
from bulletins.models import Bulletin
from campaigns import custom_texts
from campaigns.models import AuthorityToken
from delivery.models import Send
from tests.influencers.portal import questions_scene
from tests.support import builders

from .login_proofs import prove

pytestmark = pytest.mark.django_db
WORDS = "correct horse battery staple"


@pytest.fixture
def stale(signed_in: Any) -> Any:
    """Return a function that logs someone in who proved who they are just too long ago."""

    def client_for(user: User) -> Client:
        user.set_password(WORDS)
        user.save()
        client: Client = signed_in(user)
        prove(client, user, "code", "totp", minutes_ago=reauthentication.FRESH_MINUTES + 0.1)
        return client

    return client_for


def prove_again(client: Client, where: str) -> Any:
    """Write the password on the page that a response led to."""
    assert "/account/again/" in where, where
    return client.post(where, {"password": WORDS}, follow=True)


def sent_on(client: Client, response: Any) -> Any:
    """Send the form that goes on by itself in a browser."""
    page = response.content.decode()
    action = re.search(r'<form method="post" action="([^"]+)" data-send>', page)
    assert action, page
    fields = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(html.unescape(name), []).append(html.unescape(value))
    return client.post(html.unescape(action[1]), data)


def test_an_approval_after_five_minutes_asks_who_approves_and_then_goes_on(
    campaign: Any, alma: User, oskar: User, stale: Any, noon: Any
) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma, at=noon)
    client = stale(oskar)
    step = reverse("admin:bulletins_bulletin_step", args=[bulletin.pk, "approve"])

    asked = client.post(step, {"digest": bulletin.digest})
    bulletin.refresh_from_db()
    assert asked.status_code == 302 and bulletin.state == Bulletin.State.IN_REVIEW

    done = sent_on(client, prove_again(client, asked["Location"]))
    bulletin.refresh_from_db()
    assert done.status_code == 302 and bulletin.state == Bulletin.State.APPROVED


def test_a_form_that_went_on_is_not_sent_again_by_a_reload(root: User, stale: Any) -> None:
    client = stale(root)
    asked = client.post(reverse("admin:accounts_auditentry_export"))
    page = prove_again(client, asked["Location"])

    again = client.get(page.redirect_chain[-1][0])

    assert b"data-send" in page.content and (again.status_code, again["Location"]) == (302, reverse("account"))


def test_what_needs_a_fresh_proof_does_nothing_without_one(
    campaign: Any, authority: Any, alma: User, oskar: User, fiona: User, root: User, ines: User, noon: Any, stale: Any
) -> None:
    audience = builders.build_audience(campaign, size=1)
    bulletin = builders.build_bulletin_in_review(campaign, by=alma, at=noon)
    send = builders.build_send(audience)
    Send.objects.filter(pk=send.pk).update(state=Send.State.PAUSED)
    claim, public = builders.build_claim(campaign, published=False), builders.build_claim(campaign, "onion")
    asked = questions_scene.asked(campaign, authority, at=noon, staff=alma)
    reply = questions_scene.published(asked, by=alma, approver=oskar, at=noon)
    open_group = questions_scene.group(campaign, at=noon, staff=alma)
    batch = custom_texts.propose(campaign, "invitation", None, {"fi": "Hei"}, reach=1, by=alma, at=noon)
    someone = ines.influencers.get()
    rights = {"email": alma.email, "is_active": "on", "groups": [root.groups.get().pk]}
    cases = [
        (oskar, "admin:bulletins_bulletin_step", [bulletin.pk, "approve"], {}),
        (oskar, "admin:bulletins_bulletin_step", [bulletin.pk, "publish"], {}),
        (oskar, "admin:bulletins_bulletin_step", [bulletin.pk, "approve_and_send"], {}),
        (fiona, "admin:factcheck_claim_step", [claim.pk, "confirm"], {}),
        (fiona, "admin:factcheck_claim_step", [claim.pk, "publish"], {}),
        *(
            (fiona, "admin:factcheck_claim_step", [public.pk, verb], {"reason": "New figures.", "other": claim.pk})
            for verb in ("pause", "resume", "reopen", "withdraw", "merge", "split")
        ),
        (oskar, "admin:questions_answer_step", [reply.pk, "approve"], {}),
        (oskar, "admin:questions_answer_step", [reply.pk, "withdraw"], {}),
        (alma, "admin:questions_questiongroup_step", [open_group.pk, "decline"], {}),
        (root, "admin:delivery_send_step", [send.pk, "resume"], {}),
        (root, "admin:delivery_send_step", [send.pk, "release"], {}),
        (root, "admin:delivery_send_resolve", [send.pk, "again"], {"which": "all"}),
        (root, "admin:delivery_send_record", [send.pk], {}),
        (root, "admin:accounts_auditentry_export", [], {}),
        (root, "admin:accounts_user_change", [alma.pk], rights),
        (root, "admin:accounts_user_add", [], {"email": "new@example.org"}),
        (root, "admin:auth_user_password_change", [alma.pk], {"password1": WORDS, "password2": WORDS}),
        (root, "admin:accounts_user_second_factor", [alma.pk], {}),
        (root, "admin:influencers_influencer_changelist", [], {"action": "invite", "_selected_action": [someone.pk]}),
        (alma, "admin:bulletins_bulletin_proof", [bulletin.pk], {"to": "seeds"}),
        (root, "admin:delivery_seedaddress_add", [], {"email": "seed@example.org"}),
        (oskar, "admin:questions_answer_step", [reply.pk, "agree-words"], {}),
        (root, "admin:influencers_invitation_step", [batch.pk, "agree"], {}),
        (root, "admin:campaigns_authoritytoken_add", [], {"authority": authority.pk, "name": "Their system"}),
        (root, "admin:campaigns_campaign_change", [campaign.pk], {"sender_email": "mine@example.org"}),
        (root, "admin:campaigns_campaign_change", [campaign.pk], {"reply_to": "mine@example.org"}),
        *(
            (root, f"admin:{name}_add", [], {"slug": "mine"})
            for name in (
                *("campaigns_topic", "campaigns_region", "influencers_handbook", "influencers_codeofethics"),
                *("influencers_interest", "influencers_valuesquestion"),
            )
        ),
        (root, "admin:campaigns_campaign_add", [], {"slug": "mine"}),
        (root, "admin:campaigns_authority_change", [authority.pk], {"members-0-user": root.pk}),
        (root, "admin:campaigns_authority_change", [authority.pk], {"may_issue_alerts": "on"}),
        (root, "admin:campaigns_authority_add", [], {"slug": "mine"}),
        (root, "admin:campaigns_authority_delete", [authority.pk], {"post": "yes"}),
        (root, "admin:campaigns_topic_change", [builders.build_topic(campaign).pk], {"slug": "mine"}),
        (root, "admin:campaigns_region_change", [builders.build_region().pk], {"code": "mine"}),
    ]
    clients = {user: stale(user) for user in {user for user, *_rest in cases}}
    entries, people = AuditEntry.objects.count(), User.objects.count()
    wrong = []
    for user, name, arguments, data in cases:
        answer = clients[user].post(reverse(name, args=arguments), data)
        if answer.status_code != 302 or "/account/again/" not in answer["Location"]:
            wrong.append(f"{name} {arguments} answered {answer.status_code}")

    assert wrong == []
    bulletin.refresh_from_db()
    send.refresh_from_db()
    assert bulletin.state == Bulletin.State.IN_REVIEW and send.state == Send.State.PAUSED
    assert AuditEntry.objects.count() == entries and User.objects.count() == people
    public.refresh_from_db()
    reply.refresh_from_db()
    assert (public.status, public.paused_at, reply.state) == ("published", None, "published")
    assert not AuthorityToken.objects.exists() and not alma.groups.filter(name="admin").exists()


def test_stopping_never_asks(campaign: Any, root: User, stale: Any) -> None:
    send = builders.build_send(builders.build_audience(campaign, size=1))

    Send.objects.filter(pk=send.pk).update(state=Send.State.SENDING)
    stale(root).post(reverse("admin:delivery_send_step", args=[send.pk, "pause"]))

    send.refresh_from_db()
    assert send.state == Send.State.PAUSED


def test_a_proof_lasts_five_minutes(root: User, signed_in: Any) -> None:
    client = signed_in(root)
    for minutes, status in ((reauthentication.FRESH_MINUTES - 0.1, 200), (reauthentication.FRESH_MINUTES + 0.1, 302)):
        prove(client, root, "password", "totp", minutes_ago=minutes)
        assert client.post(reverse("admin:accounts_auditentry_export")).status_code == status


def test_another_persons_proof_in_the_same_session_counts_for_nobody(root: User, alma: User, signed_in: Any) -> None:
    client = signed_in(root)
    prove(client, alma, "password", "totp")

    assert client.post(reverse("admin:accounts_auditentry_export")).status_code == 302


def test_several_values_lines_and_marks_come_back_as_they_were_typed(root: User, stale: Any, rf: Any) -> None:
    client = stale(root)
    typed = {"email": "x", "name": '\nÅsa <b>&amp; "co"</b>\r\nsecond', "groups": ["1", "2"], "password1": WORDS}

    asked = client.post(reverse("admin:accounts_user_add"), typed)
    assert WORDS not in str(dict(client.session.items()))
    page = prove_again(client, asked["Location"]).content.decode()

    fields = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    assert [(name, html.unescape(value)) for name, value in fields] == [
        ("email", "x"),
        ("name", typed["name"]),
        ("groups", "1"),
        ("groups", "2"),
    ]


def test_what_was_given_up_does_not_go_on_at_the_next_proof(root: User, stale: Any) -> None:
    client = stale(root)
    client.post(reverse("admin:accounts_auditentry_export"))
    assert reauthentication.KEPT in client.session

    asked = client.get(reverse("admin:campaigns_authoritytoken_add"))
    page = prove_again(client, asked["Location"])

    assert b"data-send" not in page.content
    assert page.redirect_chain[-1][0] == reverse("admin:campaigns_authoritytoken_add")


def test_a_part_of_a_page_leads_the_whole_page_to_the_proof_and_back_to_it(rf: Any, root: User, stale: Any) -> None:
    client = stale(root)
    page = reverse("admin:accounts_auditentry_changelist")
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}?q=1"}

    asked = client.post(reverse("admin:accounts_auditentry_export"), headers=headers)

    assert asked.status_code == 200 and "/account/again/" in asked["HX-Redirect"]
    assert f'href="{page}?q=1"' in prove_again(client, asked["HX-Redirect"]).content.decode()
    assert (
        reauthentication.page_of(rf.get("/", headers={"HX-Current-URL": "http://testserver//evil.example/x"}))
        == "/evil.example/x"
    )


def test_a_wrong_password_proves_nothing(root: User, stale: Any) -> None:
    client = stale(root)
    asked = client.post(reverse("admin:accounts_auditentry_export"))

    refused = client.post(asked["Location"], {"password": "wrong"})

    assert refused.status_code == 200 and b"data-send" not in refused.content
    assert client.post(reverse("admin:accounts_auditentry_export")).status_code == 302


def test_a_stranger_who_tries_passwords_keeps_nobody_from_proving_it_again(root: User, stale: Any) -> None:
    client = stale(root)
    for _try in range(11):
        Client().post(reverse("account_login"), {"login": root.email, "password": "wrong"})
    asked = client.post(reverse("admin:accounts_auditentry_export"))

    assert b"data-send" in prove_again(client, asked["Location"]).content


def test_whoever_has_neither_password_nor_factor_proves_it_by_a_code_by_mail(
    root: User, signed_in: Any, mailoutbox: Any, settings: Any
) -> None:
    from accounts.login import code_mails

    settings.SECOND_FACTOR = False
    client = signed_in(root)
    prove(client, root, "code", minutes_ago=10)
    asked = client.post(reverse("admin:accounts_auditentry_export"))
    where = client.get(asked["Location"])["Location"]
    assert client.post(where).status_code == 302
    code_mails.send_waiting(at=client_now())
    code = re.search(r"^ +(\S+)$", mailoutbox[-1].body, re.MULTILINE)
    assert code and code[1] not in str(dict(client.session.items()))

    assert b"data-send" not in client.post(where, {"code": "wrong"}).content
    assert sent_on(client, client.post(where, {"code": code[1]}, follow=True)).status_code == 200
    assert client.post(where, {"code": code[1]}).status_code == 200  # it works once
    assert b"data-send" not in client.post(where, {"code": code[1]}).content


def client_now() -> Any:
    """Return a moment after whatever was just asked for."""
    from django.utils import timezone

    return timezone.now() + timedelta(seconds=1)
