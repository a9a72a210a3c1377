"""One click, or one mail, and out; and nothing else with it."""

from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from delivery.links import unsubscribe
from delivery.links.signing import LinkSigner, mark_of, marks
from delivery.message.addresses import bounce_address
from delivery.message.web_version import ReadLinks
from delivery.models import Consent, MailChoice, Membership, Recipient
from tests.support.builders import (
    NOON,
    build_audience,
    build_fanned_out_send,
    build_mailing,
    build_send,
    unsubscribe_url,
)

BOUNCES = "bounces@example.org"


@pytest.fixture
def send(campaign):
    return build_fanned_out_send(build_audience(campaign, size=2))


@pytest.fixture
def digest(campaign):
    mailing = build_mailing(campaign, "digest-1", queue="digest")
    audience = build_audience(campaign, "digest-daily", kind="digest")
    for recipient in Recipient.objects.all():
        Membership.objects.create(audience=audience, recipient=recipient, joined_at=NOON)
    return build_send(audience, mailing)


def path(send, recipient, language="sv"):
    url = unsubscribe_url(recipient.pk, send.mailing_id, language)
    return "/" + url.partition("//")[2].partition("/")[2]


def address(send, recipient):
    return unsubscribe.unsubscribe_address(recipient.pk, send.mailing_id, email=recipient.email, bounces=BOUNCES)


def left():
    return set(Membership.objects.exclude(left_at=None).values_list("recipient", "audience__kind"))


# --- By link -------------------------------------------------------------------------------------


def test_looking_changes_nothing_and_one_post_is_enough(send, client):
    recipient, _other = Recipient.objects.order_by("pk")

    assert client.get(path(send, recipient)).status_code == 200
    assert client.head(path(send, recipient)).status_code == 200
    assert left() == set()

    answer = client.post(path(send, recipient), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    assert left() == {(recipient.pk, "influencers")}
    assert Consent.objects.get(recipient=recipient).withdrawn_at
    since = Membership.objects.get(recipient=recipient).left_at
    assert client.post(path(send, recipient)).status_code == 200
    assert Membership.objects.get(recipient=recipient).left_at == since


def test_a_mail_program_needs_no_cookie_login_or_token_of_a_form(send):
    answer = Client(enforce_csrf_checks=True).post(
        path(send, Recipient.objects.first()),
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 200 and not answer.cookies


def test_less_is_offered_before_nothing_and_takes_nobody_off(send, digest, client, campaign):
    recipient, other = Recipient.objects.order_by("pk")
    page = client.get(path(send, recipient, "en")).content.decode()
    assert page.index('value="urgent"') < page.index('value="pause"') < page.index("Stop the bulletins")

    assert b"only urgent bulletins come" in client.post(path(send, recipient, "en"), {"what": "pause"}).content
    choice = MailChoice.objects.get(recipient=recipient, campaign=campaign)
    assert timedelta(days=29) < choice.break_until - timezone.now() <= timedelta(days=30) and choice.pace == "each"
    client.post(path(send, recipient, "en"), {"what": "urgent"})
    choice.refresh_from_db()
    assert (choice.pace, choice.pace_before) == ("urgent", "each") and left() == set()
    client.post(path(digest, other), {"what": "urgent"})
    assert not MailChoice.objects.filter(recipient=other).exists()
    client.post(path(send, recipient), {"what": "List-Unsubscribe=One-Click"})
    assert (recipient.pk, "influencers") in left()
    choice.delete()
    client.post(path(send, recipient), {"what": "urgent"})
    assert not MailChoice.objects.filter(recipient=recipient).exists(), "nothing is kept of who has left"


def test_leaving_the_digest_is_not_leaving_the_bulletins(send, digest, client):
    recipient = Recipient.objects.first()

    client.post(path(digest, recipient))

    assert left() == {(recipient.pk, "digest")}


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_or_cut_link_opens_nothing(send, client, method):
    recipient = Recipient.objects.first()
    right = path(send, recipient)
    by_reading = ReadLinks(send.mailing.messages.first().pk, "sv").of(recipient.pk).rstrip("/").rpartition("/")[2]
    signed_elsewhere = Signer(salt="another purpose").sign(f"{recipient.pk}.{send.mailing_id}")
    for wrong in (
        right[:-4] + "xxx/",
        right.replace(f"{recipient.pk}.", "999.", 1),
        right.replace(f".{send.mailing_id}.", ".999."),
        right.replace(f".{mark_of(recipient.email)}:", ":"),
        "/sv/mail/leave/1.1:abc/",
        "/sv/mail/leave/x/",
        f"/sv/mail/leave/{by_reading}/",
        f"/sv/mail/leave/{signed_elsewhere}/",
        f"/sv/mail/leave/{address(send, recipient).partition('leave-')[2].partition('@')[0]}/",
    ):
        assert getattr(client, method)(wrong).status_code == 404, wrong
    assert left() == set()


def test_a_link_survives_a_new_secret_key_as_long_as_the_old_one_is_a_fallback(send, client, settings):
    recipient, other = Recipient.objects.order_by("pk")
    first, second = path(send, recipient), path(send, other)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key, after the old one was rotated out, and long enough"
    settings.SECRET_KEY_FALLBACKS = ["a third one", old]

    assert client.post(first).status_code == 200
    assert client.post(path(send, recipient)).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.post(second).status_code == 404
    assert left() == {(recipient.pk, "influencers")}


@pytest.mark.parametrize("value", ["1.2", "999999.1", "", "ä", "x" * 500])
def test_the_signatures_are_djangos_own(value, settings):
    settings.SECRET_KEY_FALLBACKS = ["an older one"]
    ours, theirs = LinkSigner("delivery.unsubscribe"), Signer(salt="delivery.unsubscribe")

    assert ours.sign(value) == theirs.sign(value)
    assert ours.unsign(theirs.sign(value)) == theirs.unsign(ours.sign(value)) == value
    assert ours.unsign(Signer(salt="delivery.unsubscribe", key="an older one").sign(value)) == value


def test_a_link_or_address_of_an_address_from_before_takes_nobody_off(send, client):
    recipient = Recipient.objects.first()
    link, by_mail = path(send, recipient), address(send, recipient)
    recipient.take_address(
        "moved@example.net", at=send.mailing.created_at - timedelta(days=1)
    )  # the mail was made after it, and went astray

    answer = client.post(link)
    assert answer.status_code == 404 and client.get(link).status_code == 404
    assert not unsubscribe.unsubscribe_by_address(by_mail, at=NOON)
    assert left() == set()
    assert client.post(path(send, recipient)).status_code == 200 and left() == {(recipient.pk, "influencers")}


def test_links_from_before_they_were_bound_hold_as_long_as_the_address_does(send, client):
    first, second = Recipient.objects.order_by("pk")
    tokens = {one: LinkSigner(unsubscribe.PURPOSE).sign(f"{one.pk}.{send.mailing_id}") for one in (first, second)}
    by_mail = f"bounces+leave-{marks(unsubscribe.PURPOSE).of(second.pk, send.mailing_id)}@example.org"
    second.take_address("moved@example.net", at=send.mailing.created_at + timedelta(seconds=1))

    assert client.post(f"/en/mail/leave/{tokens[first]}/").status_code == 200
    assert client.post(f"/en/mail/leave/{tokens[second]}/").status_code == 404
    assert not unsubscribe.unsubscribe_by_address(by_mail, at=NOON)
    assert left() == {(first.pk, "influencers")}
    Recipient.objects.filter(pk=second.pk).update(address_since=None)
    assert unsubscribe.unsubscribe_by_address(by_mail, at=NOON)


# --- By mail -------------------------------------------------------------------------------------


def test_a_mail_to_ones_own_address_is_enough_in_whatever_case(send):
    recipient, _other = Recipient.objects.order_by("pk")
    own = address(send, recipient)
    assert own == own.lower() and len(own.partition("@")[0]) <= 64

    for form in (own, own.upper(), f"<{own}>", f" {own}\n"):
        assert unsubscribe.unsubscribe_by_address(form, at=NOON)
    assert left() == {(recipient.pk, "influencers")}


def test_a_mail_about_the_digest_stops_the_digest_only(send, digest):
    recipient = Recipient.objects.first()

    assert unsubscribe.unsubscribe_by_address(address(digest, recipient), at=NOON)
    assert left() == {(recipient.pk, "digest")}


def test_a_forged_address_takes_nobody_off(send):
    recipient, other = Recipient.objects.order_by("pk")
    own = address(send, recipient)
    token = unsubscribe.token_of_unsubscribe_address(own)
    mark = token.rpartition(".")[2]
    from delivery.message.verp import delivery_mark

    for wrong in (
        "",
        "bounces@example.org",
        f"bounces+{token}@example.org",
        "bounces+leave-@example.org",
        "bounces+leave-x@example.org",
        f"bounces+leave-{other.pk}.{send.mailing_id}.{mark}@example.org",
        f"bounces+leave-{recipient.pk}.{send.mailing_id + 1}.{mark}@example.org",
        f"bounces+leave-{token[:-1]}@example.org",
        f"bounces+leave-{token}0@example.org",
        f"bounces+leave-{delivery_mark(recipient.pk)}@example.org",
        own.replace("@", "@x@"),
        f"{own}, {own}",
    ):
        assert not unsubscribe.unsubscribe_by_address(wrong, at=NOON), wrong
    assert left() == set()


def test_an_address_is_good_for_ever_whatever_becomes_of_the_secret_key(send, settings):
    own = address(send, Recipient.objects.first())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one, and nothing of the old is left anywhere", []

    assert unsubscribe.unsubscribe_by_address(own, at=NOON)


def test_an_address_of_a_mailing_that_is_gone_changes_nothing(send):
    first = Recipient.objects.first()
    gone = unsubscribe.unsubscribe_address(first.pk, 999_999, email=first.email, bounces=BOUNCES)

    assert unsubscribe.token_of_unsubscribe_address(gone)
    assert not unsubscribe.unsubscribe_by_address(gone, at=NOON)
    assert left() == set()


def test_the_address_is_where_bounces_come(settings, campaign):
    assert bounce_address(campaign.sender_email) == "bounces@example.org"
    settings.BOUNCE_ADDRESS = "returns@mail.example.net"
    assert bounce_address(campaign.sender_email) == "returns@mail.example.net"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("bounces@mail.example.org", None),
        ("bounces+x@example.org", "it should look like bounces@mail.example.org"),
        ("Bounces@example.org", "in lower case"),
        ("a-name-that-is-far-too-long@example.org", "at most 16 characters"),
        ("bounces", "it should look like"),
    ],
)
def test_a_bounce_address_that_cannot_work_stops_the_start(value, says, monkeypatch):
    from django.core.exceptions import ImproperlyConfigured

    from config import env

    monkeypatch.setenv("BOUNCE_ADDRESS", value)
    if says is None:
        assert env.address("BOUNCE_ADDRESS") == value
    else:
        with pytest.raises(ImproperlyConfigured, match=says):
            env.address("BOUNCE_ADDRESS")
