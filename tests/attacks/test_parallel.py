"""Fifty at once with one code, link, invitation or signature: one effect, and nobody gets an error."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.login import codes
from accounts.models import User
from delivery.links import confirmation_links
from delivery.links.signing import BadLink
from delivery.models import Consent, Membership, Recipient, SignUp, Subscription
from delivery.subscriptions import double_opt_in, signup
from influencers.code_of_ethics import signatures
from influencers.models import Application, Influencer, Signature
from influencers.onboarding import applications, confirmation, enrolment, invitations, join_codes
from tests.influencers.onboarding.joining_scene import answers, build_door, build_invited
from tests.support import builders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MANY = 50


def at_once(call: Callable[[], Any], *, many: int = MANY) -> list[Any]:
    """Call the same in many threads at the same moment, and return what each got: a value or the exception."""
    gate, lock, got = threading.Barrier(many), threading.Lock(), []

    def run() -> None:
        gate.wait()
        try:
            outcome: Any = call()
        except Exception as fault:
            outcome = fault
        finally:
            connection.close()
        with lock:
            got.append(outcome)

    threads = [threading.Thread(target=run) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def told_apart(got: list[Any], *refusals: type[Exception]) -> tuple[int, list[Any]]:
    """Return how many succeeded, and what is neither a success nor one of the refusals."""
    done = [one for one in got if not isinstance(one, Exception)]
    return len(done), [one for one in got if isinstance(one, Exception) and not isinstance(one, refusals)]


def ask_to_join(campaign: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have someone ask to join; the code in their mail is 270415."""
    build_door(campaign)
    now = timezone.now()
    monkeypatch.setattr("config.allauth_adapters.AccountAdapter.generate_login_code", lambda adapter: "270415")
    form = answers(campaign) | {"given_at": now.isoformat()}
    application = applications.apply(
        campaign, email="elli@example.org", language="en", answers=form, browser="b" * 32, place="192.0.2.1", at=now
    )
    if not Application.objects.get(pk=application.pk).code_hash:
        applications.send_due(at=now)


def test_one_code_to_join_enrols_one_person_once(campaign, roles, monkeypatch, smtp_sink):
    ask_to_join(campaign, monkeypatch)

    got = at_once(
        lambda: confirmation.confirm(campaign, browser="b" * 32, code="270 415", place="192.0.2.1", at=timezone.now())
    )

    done, faults = told_apart(got, confirmation.NothingToConfirm, join_codes.NotConfirmed)
    assert (done, faults) == (1, [])
    assert Influencer.objects.count() == Signature.objects.count() == Membership.objects.count() == 1
    assert User.objects.filter(email="elli@example.org").count() == 1
    assert Consent.objects.count() == 1 and not Application.objects.exists()


def test_five_guesses_are_five_however_many_guess_at_once(campaign, roles, monkeypatch, smtp_sink):
    ask_to_join(campaign, monkeypatch)

    at_once(
        lambda: confirmation.confirm(campaign, browser="b" * 32, code="111111", place="192.0.2.1", at=timezone.now())
    )

    assert Application.objects.get().guesses == codes.MOST_GUESSES
    with pytest.raises(join_codes.NotConfirmed):  # used up, or too many of this place by now
        confirmation.confirm(campaign, browser="b" * 32, code="270 415", place="192.0.2.1", at=timezone.now())
    assert not Influencer.objects.exists()


def test_one_link_subscribes_once(campaign):
    digest, now = builders.build_digest(campaign), timezone.now()
    signup.request_subscription(
        campaign, email="elli@example.net", audience=digest, topics=[], language="en", text_version="1", source="x",
        place="192.0.2.1", at=now,
    )  # fmt: skip
    token = confirmation_links.confirm_url(SignUp.objects.get(), language="en", at=now).rstrip("/").rpartition("/")[2]

    got = at_once(lambda: double_opt_in.confirm(token, upto=0, at=timezone.now()))

    assert told_apart(got, BadLink) == (1, [])
    assert Subscription.objects.count() == Recipient.objects.count() == 1
    assert Consent.objects.count() == Membership.objects.count() == 1


def test_one_invitation_enrols_one_person_once(campaign, roles, liisa):
    build_door(campaign)
    now = timezone.now()
    person = build_invited(campaign, "elli", when=now)
    invitation = person.invitations.create(by=liisa, at=now, next_attempt_at=now, sent_at=now)
    form = answers(campaign) | {"given_at": now.isoformat(), "invitation": invitation.pk}

    got = at_once(
        lambda: enrolment.enrol(
            campaign, email="elli@example.org", language="en", answers=form, source="invitation", at=timezone.now()
        )
    )

    done, faults = told_apart(got, enrolment.NotEnrolled)
    assert done == 1 and faults == [], "the others find an account, and none of them is logged in with it"
    assert Influencer.objects.count() == Recipient.objects.count() == User.objects.exclude(pk=liisa.pk).count() == 1
    assert Signature.objects.filter(withdrawn_at=None).count() == 1
    assert Membership.objects.filter(left_at=None).count() == 1
    assert Consent.objects.filter(withdrawn_at=None, purpose="bulletins").count() == 1
    assert Influencer.objects.get().pk == person.pk


def test_one_no_to_an_invitation_is_one_no(campaign, liisa):
    now = timezone.now()
    person = build_invited(campaign, "elli", when=now)
    invitation = person.invitations.create(by=liisa, at=now, next_attempt_at=now, sent_at=now)
    token = invitations.token_of(invitation)

    got = at_once(lambda: invitations.decline(token, at=timezone.now()))

    assert told_apart(got, invitations.DeadLink)[1] == []
    invitation.refresh_from_db()
    assert invitation.declined_at is not None
    assert Recipient.objects.wanting_bulletins().count() == 0


def test_a_signature_is_one_however_often_it_is_pressed(campaign, ines):
    build_door(campaign)
    influencer = ines.influencers.get()
    text = signatures.current(campaign, "en")
    assert text is not None
    points = signatures.points_of(text)

    got = at_once(lambda: signatures.sign(influencer, text, points, at=timezone.now()))

    done, faults = told_apart(got, OperationalError)
    assert faults == [] and done == MANY
    assert Signature.objects.filter(withdrawn_at=None).count() == 1


def test_whoever_waited_and_has_an_earlier_clock_changes_nothing(campaign, roles):
    """The clock is read before the wait for the others: the second to come in may have the earlier time."""
    build_door(campaign)
    now = timezone.now()
    form = answers(campaign) | {"given_at": (now - timedelta(minutes=1)).isoformat()}

    for at in (now, now - timedelta(seconds=1)):
        account = User.objects.filter(email="elli@example.org").first()
        enrolment.enrol(
            campaign, email="elli@example.org", language="en", answers=form, source="x", at=at, account=account
        )

    assert Influencer.objects.count() == Membership.objects.filter(left_at=None).count() == 1
