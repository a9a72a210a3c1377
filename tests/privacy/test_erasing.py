"""Who is erased is nowhere any more: whatever they were to us, in everything that is stored, and in the middle of a send."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from accounts.login.reauthentication import KEPT
from accounts.models import AuditEntry, CodeMail, Session, User
from accounts.privacy import erasure, erasure_log
from accounts.privacy.data_subjects import NotErased, Person
from accounts.sessions.store import SessionStore
from bulletins.models import MessageInput
from campaigns import custom_texts
from campaigns.models import AuthorityMember, CustomText
from delivery.feedback import receipts
from delivery.links import confirmation_links, preference_links
from delivery.models import (
    Consent,
    Delivery,
    MailChoice,
    NewAddress,
    ProviderEvent,
    Recipient,
    SeedAddress,
    Send,
    SignUp,
    Subscription,
    Suppression,
    address_hash,
)
from delivery.recipients import recipient_erasure
from delivery.reports.ledger import ledger_of
from delivery.sending import dispatch, handoff, sweeper
from delivery.sending import worker as sending_worker
from delivery.subscriptions import double_opt_in, signup, subscription_choices
from factcheck.models import Sighting
from influencers.models import (
    Application,
    Attachment,
    Certificate,
    Exposure,
    Harassment,
    Influencer,
    Invitation,
    PlatformAccount,
    Post,
    Thanks,
    Thread,
    ThreadMessage,
    UnmatchedMail,
)
from influencers.profiles import offboarding
from lib.mail_addresses import canonical, code_of
from notifications.models import Notice
from questions.models import Answer, AnswerVersion, Question, SameQuestion
from tests.support import builders

from .searching import everything, forms_of, rows

DAY = timedelta(days=1)
DOMAIN = "höyry.example"  # its ASCII form is another spelling of the same address
State = Delivery.State


class People:
    """Makes people who are known for one thing each. `of` is {what they are: (address, what must be found nowhere)}."""

    def __init__(self, campaign: Any, at: Any) -> None:
        self.campaign, self.at = campaign, at
        self.of: dict[str, tuple[str, list[str]]] = {}
        self.liaison = builders.build_user("stina", "liaison", is_staff=True)
        self.version = builders.build_published_version(campaign, at=at - DAY)
        self.claim = builders.build_claim(campaign)
        self.digests = {every: builders.build_digest(campaign, every) for every in ("day", "week", "month")}

    def named(self, what: str) -> tuple[str, str]:
        """Note someone new, and return their address and name."""
        word = f"zelda{len(self.of)}quux"
        self.of[what] = (f"{word}@{DOMAIN}", [word, f"Zorba Q{len(self.of)}uux", f"handle{len(self.of)}zq"])
        return self.of[what][0], self.of[what][1][1]

    def influencer(self, what: str, **fields: Any) -> Influencer:
        """Return an influencer about whom everything is stored that can be."""
        address, name = self.named(what)
        handle = self.of[what][1][2]
        user = self.user(address, name, "influencer")
        audience = builders.build_audience(self.campaign, f"a{len(self.of)}")
        person = builders.build_influencer(self.campaign, f"r{len(self.of)}", user=user, audience=audience, **fields)
        theirs: dict[str, Any] = {"influencer": person, "at": self.at}
        PlatformAccount.objects.create(influencer=person, platform="instagram", handle=handle)
        Harassment.objects.create(**theirs, words=f"They call {name} names", url=f"https://x.example/{handle}")
        Invitation.objects.create(
            **theirs, agreement=self.agreed(name), next_attempt_at=self.at, sent_at=self.at, accepted_at=self.at
        )
        link = f"https://instagram.com/p/{handle}"
        Post.objects.create(
            campaign=self.campaign,
            influencer=person,
            platform="instagram",
            url=link,
            url_key=link,
            posted_at=self.at,
            told_at=self.at,
        )
        Thanks.objects.create(**theirs, key="first", text=f"Thank you, {name}", by=self.liaison, language="en")
        issued: dict[str, Any] = {"issued_by": self.liaison, "issued_at": self.at, "facts": {"name": name}}
        Certificate.objects.create(influencer=person, campaign=self.campaign, code=handle, name=name, **issued)
        used: dict[str, Any] = {
            "version": self.version,
            "way": "read",
            "language": "fi",
            "first_at": self.at,
            "last_at": self.at,
        }
        Exposure.objects.create(influencer=person, **used)
        thread = Thread.objects.create(influencer=person, waiting_since=self.at)
        said = ThreadMessage.objects.create(
            thread=thread,
            kind="from_them",
            via="mail",
            text=f"It is {name}, {address}",
            at=self.at,
            mail_id=f"<{handle}@x>",
        )
        Attachment.objects.create(message=said, name=f"{handle}.txt", file=ContentFile(name.encode(), f"{handle}.txt"))
        UnmatchedMail.objects.create(
            from_name=name, from_address=address, text=name, mail_id=f"<{handle}2@x>", at=self.at
        )
        told: dict[str, Any] = {"campaign": self.campaign, "at": self.at, "next_attempt_at": self.at}
        Notice.objects.create(kind="waiting", person=self.liaison, text=f"Waiting\nInfluencer: {name}", **told)
        Notice.objects.create(kind="thanks", person=user, text=f"Thank you, {name}", sent_at=self.at, **told)
        group = self.campaign.question_groups.create(slug=f"q{len(self.of)}")
        asked: dict[str, Any] = {"campaign": self.campaign, "language": "fi", "text": "Why?", "group": group}
        Question.objects.create(relayed_by=person.recipient, may_credit=True, credit=name, **asked)
        SameQuestion.objects.create(group=group, recipient=person.recipient, at=self.at)
        authority = builders.build_authority(f"office-{len(self.of)}")
        answer = self.answer_of(group, authority)
        AnswerVersion.objects.create(
            answer=answer, number=1, question={"en": "Why?"}, credits=[name, "Somebody else"], published_at=self.at
        )
        seen: dict[str, Any] = {"claim": self.claim, "platform": "x", "seen_on": self.at.date(), "language": "fi"}
        Sighting.objects.create(reporter=user, **seen)
        # At the desk someone changed the row, as its log says; and the person is logged in.
        self.at_the_desk(person)
        self.logged_in(user)
        return person

    @staticmethod
    def user(address: str, name: str, role: str) -> User:
        """Return a login with a role, and a password that nobody knows."""
        user = User.objects.create_user(address, "a pass phrase", name=name, language="fi", is_staff=role == "approver")
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        return user

    @staticmethod
    def answer_of(group: Any, authority: Any) -> Any:
        return Answer.objects.create(group=group, authority=authority)

    def at_the_desk(self, person: Influencer) -> None:
        """Note what the desk notes about a person, in its own history and in the audit log."""
        from django.contrib import admin
        from django.test import RequestFactory

        request = RequestFactory().get("/desk/")
        request.user = self.liaison
        rows: list[Any] = [person, person.recipient, person.user, person.thread, *person.accounts.all()]
        for row in rows:
            desk = admin.site._registry.get(type(row)) or admin.site._registry[Influencer]
            desk.log_change(request, row, [{"changed": {"fields": ["name"]}}])

    def logged_in(self, user: User) -> None:
        """Open a session of a person's, and one in which a code for them waits."""
        session = SessionStore()
        session["_auth_user_id"], session["account_authentication_methods"] = str(user.pk), [{"email": user.email}]
        session.create()
        Session.objects.filter(pk=session.session_key).update(user=user)
        waiting = SessionStore()
        waiting["account_login"] = {"email": user.email.upper(), "code": "ABC"}
        waiting.create()
        CodeMail.objects.create(email=user.email, code="x", asked_at=self.at)

    def invited(self, what: str) -> None:
        address, name = self.named(what)
        recipient = Recipient.objects.create(email=address, name=name, language="fi", state="unconfirmed")
        known: dict[str, Any] = {"campaign": self.campaign, "recipient": recipient, "reference": "inv", "name": name}
        hanna = Influencer.objects.create(**known, state="invited")
        Invitation.objects.create(influencer=hanna, at=self.at, agreement=self.agreed(name), next_attempt_at=self.at)

    def agreed(self, name: str) -> CustomText:
        """Return words of a colleague's own that name someone."""
        return custom_texts.propose(
            self.campaign, "invitation", None, {"fi": f"Dear {name}"}, reach=1, by=self.liaison, at=self.at
        )

    def applied(self, what: str) -> None:
        address, name = self.named(what)
        fields: dict[str, Any] = {"email": address, "language": "fi", "code_sent_at": self.at, "created_at": self.at}
        Application.objects.create(campaign=self.campaign, answers={"name": name, "more": [address]}, **fields)

    def subscriber(self, what: str, every: str) -> Subscription:
        address, _name = self.named(what)
        return builders.build_subscription(self.digests[every], canonical(address), at=self.at - DAY)

    def colleague(self, what: str, role: str) -> User:
        address, name = self.named(what)
        user = self.user(address, name, role)
        if role == "contributor":
            authority = builders.build_authority("agency")
            AuthorityMember.objects.create(authority=authority, user=user)
            type(authority).objects.filter(pk=authority.pk).update(contact=address)
            message_input = builders.build_input(self.campaign, authority=authority)
            MessageInput.objects.filter(pk=message_input.pk).update(contact=address, submitted_by=user)
        else:
            type(self.campaign).objects.filter(pk=self.campaign.pk).update(liaison_name=name, liaison_email=address)
            type(self.version).objects.filter(pk=self.version.pk).update(approved_by=user)
            AuditEntry.objects.create(at=self.at, actor=user, verb="x.y", subject_type="x", subject_id="1", subject="x")
        self.logged_in(user)
        return user

    def all(self) -> None:
        """Make one of each."""
        self.invited("invited")
        self.applied("applied")
        self.influencer("active")
        on_break = self.influencer("on a break")
        MailChoice.objects.create(
            campaign=self.campaign, recipient=on_break.recipient, pace="day", break_until=self.at + 30 * DAY
        )
        left = self.influencer("left")
        offboarding.leave(left, by=None, at=self.at)
        for every in self.digests:
            self.subscriber(f"subscriber {every}", every)
        moving = self.subscriber("moving away", "week")
        address, _name = self.named("moving here")
        subscription_choices.request_address_change(moving, canonical(address), place="x", at=self.at)
        address, _name = self.named("unconfirmed")
        ask: dict[str, Any] = {
            "audience": self.digests["week"],
            "topics": [],
            "language": "fi",
            "text_version": "1",
            "source": "x",
        }
        signup.request_subscription(self.campaign, email=canonical(address), place="x", at=self.at, **ask)
        address, name = self.named("wrote a mail")
        UnmatchedMail.objects.create(from_name=name, from_address=address, subject=name, mail_id="<m@x>", at=self.at)
        address, name = self.named("gets test mails")
        SeedAddress.objects.create(campaign=self.campaign, email=address, name=name, language="fi")
        self.colleague("staff", "approver")
        self.colleague("contributor", "contributor")
        for state in (*Delivery.TO_GO, State.ACCEPTED, State.UNKNOWN, State.FAILED):
            person = self.influencer(f"with a mail {state}")
            send = builders.build_fanned_out_send(
                person.recipient.memberships.get().audience,
                mailing=builders.build_mailing(self.campaign, f"mailing-{state}"),
                at=self.at,
            )
            Delivery.objects.of(send).update(state=state)


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_anybody_but_the_code_of_the_address(campaign, roles, media, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    now = timezone.now()
    people = People(campaign, now)
    people.all()
    stored = list(everything())
    needles = {what: [*forms_of(words[0])] for what, (_a, words) in people.of.items()}
    unseen = [what for what, forms in needles.items() if not any(f in text for _p, text in stored for f in forms)]
    assert unseen == []  # each of them is there before

    for address, _words in people.of.values():
        erasure.erase(Person.of(address), reason="asked", by=None, at=now)
    # Providers tell of mails to them afterwards.
    for delivery in Delivery.objects.filter(state__in=[State.ACCEPTED, State.UNKNOWN]):
        for kind in ("bounced", "complained", "unsubscribed", "delivered"):
            event: dict[str, Any] = {
                "provider": "x",
                "event_id": f"{delivery.pk}-{kind}",
                "kind": kind,
                "code": "550 5.1.1",
            }
            ProviderEvent.objects.create(**event, delivery=delivery, happened_at=now, received_at=now)
    receipts.apply(at=now + timedelta(minutes=1))
    sweeper.sweep(at=now + timedelta(minutes=1))

    stored = list(everything())
    left = {
        what: places
        for what, (_address, words) in people.of.items()
        if (places := sorted({p for p, text in stored for w in words for f in forms_of(w) if f in text}))
    }
    assert left == {}
    codes = {code_of(address) for address, _words in people.of.values()}
    assert set(Suppression.objects.values_list("address_hash", flat=True)) >= codes
    assert {code for _at, code in erasure_log.read()} >= codes
    assert not any(media.rglob("*.txt"))
    # What they did for the public goes on without them.
    people.version.refresh_from_db()
    assert str(people.version.approved_by) == f"former staff {people.version.approved_by_id}"
    assert [v.credits for v in AnswerVersion.objects.all()] == [["Somebody else"]] * AnswerVersion.objects.count()
    assert Question.objects.exists() and not Question.objects.exclude(relayed_by=None).exists()
    assert not Session.objects.exclude(user=people.liaison).exists()
    assert not Recipient.objects.exclude(email="").exists() and not SignUp.objects.exists()
    assert not NewAddress.objects.exists() and not Consent.objects.exists() and not Subscription.objects.exists()
    # The ledger still adds up.
    totals = [ledger_of([send]).total for send in Send.objects.filter(mailing__key__startswith="mailing-")]
    assert len(totals) == 7 and all(total.adds_up and total.candidates == 1 for total in totals)
    notes = AuditEntry.objects.filter(verb="person.erased")
    assert set(notes.values_list("subject", flat=True)) == codes
    assert LogEntry.objects.exists()  # the desk's history is there, and names nobody


@pytest.mark.both
def test_one_person_is_one_recipient_however_the_address_is_written(campaign):
    ways = ["Elli@HÖYRY.example ", "elli@xn--hyry-5qa.example", "elli@ho\u0308yry.example", "elli@XN--HYRY-5QA.Example"]
    assert {canonical(way) for way in ways} == {"elli@xn--hyry-5qa.example"}
    assert len({address_hash(way) for way in ways}) == 1
    kept = Recipient.objects.create(email=ways[0], language="fi")
    assert kept.email == "elli@xn--hyry-5qa.example" and kept.address_hash == code_of(ways[1])
    # A domain that is none stays as it was written, and is one all the same.
    assert canonical("X@ö..") == "x@ö.."

    digest = builders.build_digest(campaign)
    builders.build_subscription(digest, ways[1])
    assert Recipient.objects.get() == kept
    assert Person.of(ways[2]) == Person.of(ways[3])


def test_who_takes_part_in_something_else_keeps_what_that_needs(campaign, roles):
    now = timezone.now()
    person = builders.build_influencer(campaign, "ines")
    subscription = builders.build_subscription(builders.build_digest(campaign), person.recipient.email)
    assert recipient_erasure.erase_reader(subscription, at=now) is False
    person.recipient.refresh_from_db()
    assert person.recipient.email == "ines@example.org" and not Subscription.objects.exists()
    assert Consent.objects.get().purpose == Consent.Purpose.BULLETINS and not Suppression.objects.exists()


def test_who_comes_back_needs_a_fresh_double_opt_in(campaign):
    now = timezone.now()
    digest = builders.build_digest(campaign)
    subscription = builders.build_subscription(digest, "elli@example.net")
    old = preference_links.PreferenceLinks(campaign.pk, "en").token(subscription.recipient_id, "elli@example.net")
    erasure.erase(Person.of("elli@example.net"), reason="asked", by=None, at=now)

    ask: dict[str, Any] = {
        "audience": digest,
        "topics": [],
        "language": "fi",
        "text_version": "1",
        "source": "form",
        "place": "x",
    }
    signup.request_subscription(campaign, email="Elli@example.net", at=now, **ask)
    assert not Recipient.objects.deliverable().exists() and not Consent.objects.exists()
    with pytest.raises(preference_links.BadLink):
        subscription_choices.read(old)

    row = SignUp.objects.get()
    link = confirmation_links.confirm_url(row, language="fi", at=now).rstrip("/").rpartition("/")[2]
    double_opt_in.confirm(link, upto=0, at=now)
    assert Recipient.objects.deliverable().get().email == "elli@example.net"
    assert Consent.objects.get().confirmed_at == now and not Suppression.objects.exists()


def test_the_last_administrator_is_not_erased_and_nothing_changes(campaign, roles):
    admin = builders.build_user("ada", "admin", is_staff=True)
    builders.build_subscription(builders.build_digest(campaign), admin.email)
    before = list(rows())
    with pytest.raises(NotErased, match="Make someone else an administrator first"):
        erasure.erase(Person.of(admin.email), reason="asked", by=None, at=timezone.now())
    assert list(rows()) == before

    root = builders.build_user("root", is_staff=True, is_superuser=True)
    with pytest.raises(NotErased, match="has full access"):
        erasure.erase(Person.of(root.email), reason="asked", by=admin, at=timezone.now())
    assert User.objects.get(pk=root.pk).is_active


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_nothing_is_handed_over_a_second_after_somebody_was_erased_in_mid_send(
    campaign, smtp_sink, settings, tmp_path, held_up, monkeypatch
):
    """A window that was taken before may still leave for a second, and as much longer as this machine takes for its first mail just now."""
    settings.DATA_DIR = tmp_path
    smtp_sink.delay = 0.02
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=200), at=timezone.now())
    keys = dict(Delivery.objects.of(send).order_by("-pk").values_list("recipient__email", "pk"))
    emails = list(keys)
    erased_at: dict[str, float] = {}
    windows: list[tuple[float, float, set[int]]] = []
    take = handoff.take

    def taken(*args: Any, **fields: Any) -> set[int]:
        began = time.monotonic()
        found = take(*args, **fields)
        windows.append((began, time.monotonic(), found))
        return found

    monkeypatch.setattr(handoff, "take", taken)

    def work() -> None:
        try:
            while sending_worker.work(send.pk, clock=timezone.now).more:
                pass
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    dispatch.start_due_sends(at=timezone.now())
    worker.start()
    smtp_sink.wait_for(10)
    for email in [*emails[:15], *emails[-60:-45]]:
        erasure.erase(Person.of(email), reason="asked", by=None, at=timezone.now())
        erased_at[email] = time.monotonic()
    worker.join(60)

    assert not worker.is_alive()
    for email, moment in erased_at.items():
        assert not [some for began, _ended, some in windows if began > moment and keys[email] in some]
    late = [c.at - erased_at[c.recipient] for c in smtp_sink.caught if c.at > erased_at.get(c.recipient, c.at)]
    arrived = {keys[c.recipient]: c.at for c in smtp_sink.caught}
    first = [min((arrived[key] for key in some & arrived.keys()), default=ended) - ended for _, ended, some in windows]
    assert max(late, default=0) <= 1 + max(first) + held_up()
    states = builders.states_of(send)
    assert states["accepted"] == len(smtp_sink.caught) and states["accepted"] + states["suppressed"] == 200
    assert states["suppressed"] >= 5
    assert not Recipient.objects.filter(email__in=erased_at).exists()


def test_a_form_of_a_colleagues_that_waits_is_forgotten_and_they_stay_logged_in(campaign, roles, client):
    boss = builders.build_user("boss", "admin")
    builders.build_user("other-boss", "admin")
    recipient = builders.build_recipients(1)[0]
    client.force_login(boss)
    session = client.session
    session[KEPT] = {"fields": [["email", recipient.email.upper()]]}
    session.save()

    erasure.erase(Person.of(recipient.email), reason="asked", by=None, at=timezone.now())

    row = Session.objects.get(user=boss)
    assert recipient.email not in str(row.get_decoded()).lower()
    assert client.get("/desk/").status_code == 200
