"""Test mails: the real mail, marked as a test, to one's own people only, and with no trace in the ledger."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import gettext, override

from accounts.models import AuditEntry, User
from bulletins.mail import test_sends
from bulletins.models import Bulletin, NotAllowed
from campaigns.models import Campaign
from delivery.models import Delivery, Mailing, Message, SeedAddress, address_hash
from tests.support.builders import NOON, build_audience, build_bulletin, build_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def bulletin(campaign: Campaign) -> Bulletin:
    return build_bulletin(campaign, audiences=[build_audience(campaign, size=3)])


def seeds(campaign: Campaign) -> None:
    for email, language in (("seed-fi@example.org", "fi"), ("seed-sv@example.org", "sv"), ("x@example.org", "de")):
        SeedAddress.objects.create(campaign=campaign, email=email, language=language, name="Seed", confirmed_at=NOON)


def untouched() -> bool:
    """Tell that neither ledger nor audit log nor sink knows of a test."""
    rows: list[Any] = [Mailing, Message, Delivery]
    return (
        not any(model.objects.exists() for model in rows)
        and not AuditEntry.objects.filter(verb=test_sends.VERB).exists()
    )


def test_a_test_mail_is_the_real_one_with_a_mark(bulletin: Bulletin, alma: User, smtp_sink: Any) -> None:
    proof = test_sends.to_oneself(bulletin, language="fi", by=alma, at=NOON)

    assert (proof.accepted, proof.problems) == (1, [])
    (caught,) = smtp_sink.caught
    assert caught.recipient == "alma@example.org"
    raw, mail = caught.raw, caught.message
    with override("fi"):
        mark = gettext("Test")
        says = gettext(
            "This is a test. Nobody outside the team has got it, and its links for reading in the "
            "browser and for unsubscribing do nothing."
        )
    assert mail["Subject"] == f"[Harjoitus] [{mark}] Kirjastot avataan maanantaina"
    head = raw.partition(b"\r\n\r\n")[0]
    for name in (
        b"From", b"To", b"Reply-To", b"Date", b"Message-ID", b"Content-Language", b"List-Id", b"List-Help",
        b"List-Archive", b"List-Unsubscribe", b"List-Unsubscribe-Post", b"Feedback-ID", b"Precedence", b"MIME-Version",
    ):  # fmt: skip
        assert head.count(b"\r\n" + name + b": ") + head.startswith(name + b": ") == 1, name
    assert mail.get_content_type() == "multipart/alternative"
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    for body in (text, html):
        assert says[:30] in " ".join(body.split())
        assert "Kirjastot avataan" in body
    assert html.index("<body") < html.index(says[:30])


def test_a_test_leaves_no_row_in_the_ledger_and_one_in_the_audit_log(
    bulletin: Bulletin, alma: User, smtp_sink: Any
) -> None:
    test_sends.to_oneself(bulletin, language="", by=alma, at=NOON)

    assert smtp_sink.count["alma@example.org"] == 3
    assert not any(model.objects.exists() for model in (Mailing, Message, Delivery))
    entry = AuditEntry.objects.get(verb=test_sends.VERB)
    assert (entry.actor, entry.subject_id) == (alma, str(bulletin.pk))
    recipients = [address_hash(alma.email)]
    assert entry.detail == {"to": "oneself", "mails": 3, "languages": ["en", "fi", "sv"], "recipients": recipients}
    assert entry.digest == bulletin.content_digest()


def test_each_seed_gets_it_in_their_language_and_nobody_else_does(
    bulletin: Bulletin, campaign: Campaign, alma: User, smtp_sink: Any
) -> None:
    seeds(campaign)
    SeedAddress.objects.create(
        campaign=build_campaign("other"), email="other@example.org", language="fi", confirmed_at=NOON
    )

    assert test_sends.to_seeds(bulletin, by=alma, at=NOON).accepted == 2

    assert set(smtp_sink.count) == {"seed-fi@example.org", "seed-sv@example.org"}
    assert smtp_sink.to("seed-sv@example.org")[0]["Subject"].startswith("[Övning] [Test] ")
    assert "example.org" not in str(AuditEntry.objects.get(verb=test_sends.VERB).detail)


def test_the_links_of_a_test_say_that_it_is_one_and_change_nothing(
    bulletin: Bulletin, alma: User, smtp_sink: Any, settings: Any, client: Client
) -> None:
    settings.PUBLIC_URL = "http://testserver"
    test_sends.to_oneself(bulletin, language="en", by=alma, at=NOON)
    header = smtp_sink.caught[0].message["List-Unsubscribe"]
    leave = header.partition(">")[0].strip("<")

    for response in (client.get(leave), client.post(leave, {"List-Unsubscribe": "One-Click"})):
        assert response.status_code == 404
        assert "This link is from a test email" in response.content.decode()
    text = smtp_sink.caught[0].message.get_body(("plain",)).get_content()
    read = next(word for word in text.split() if "/mail/" in word and "/leave/" not in word)
    assert "This link is from a test email" in client.get(read).content.decode()


def test_two_tests_are_two_mails_for_every_mail_program(bulletin: Bulletin, alma: User, smtp_sink: Any) -> None:
    test_sends.to_oneself(bulletin, language="", by=alma, at=NOON)
    test_sends.to_oneself(bulletin, language="fi", by=alma, at=NOON + timedelta(seconds=5))

    assert len({one.message["Message-ID"] for one in smtp_sink.caught}) == 4


@pytest.mark.parametrize("state", ["withdrawn"])
def test_a_withdrawn_bulletin_is_not_tested(bulletin: Bulletin, alma: User, smtp_sink: Any, state: str) -> None:
    Bulletin.objects.filter(pk=bulletin.pk).update(state=state)
    bulletin.refresh_from_db()

    with pytest.raises(NotAllowed, match="withdrawn"):
        test_sends.to_oneself(bulletin, language="fi", by=alma, at=NOON)

    assert untouched() and not smtp_sink.caught


def test_a_language_without_text_is_not_tested(campaign: Campaign, alma: User, smtp_sink: Any) -> None:
    bulletin = build_bulletin(campaign, languages=["fi"])

    with pytest.raises(NotAllowed, match="no saved subject and text in sv"):
        test_sends.to_oneself(bulletin, language="sv", by=alma, at=NOON)

    assert untouched() and not smtp_sink.caught


def test_without_a_seed_list_nothing_is_sent(bulletin: Bulletin, alma: User, smtp_sink: Any) -> None:
    with pytest.raises(NotAllowed, match="seed list has no address"):
        test_sends.to_seeds(bulletin, by=alma, at=NOON)

    assert untouched() and not smtp_sink.caught


def test_a_bulletin_has_so_many_tests_an_hour_and_no_more(bulletin: Bulletin, alma: User, smtp_sink: Any) -> None:
    for number in range(6):
        test_sends.to_oneself(bulletin, language="", by=alma, at=NOON + timedelta(minutes=number))

    with pytest.raises(NotAllowed, match="at most 20 test emails an hour, and 18 have been sent"):
        test_sends.to_oneself(bulletin, language="", by=alma, at=NOON + timedelta(minutes=10))

    assert smtp_sink.count["alma@example.org"] == 18
    assert test_sends.to_oneself(bulletin, language="", by=alma, at=NOON + timedelta(minutes=61)).accepted == 3


def test_an_exercise_s_test_leaves_by_the_exercise_s_way_only(
    bulletin: Bulletin, alma: User, smtp_sink: Any, settings: Any
) -> None:
    settings.MAIL = {"host": "192.0.2.1", "port": 1}  # the real way out: nothing may try it

    assert test_sends.to_oneself(bulletin, language="fi", by=alma, at=NOON).accepted == 1


def test_what_a_server_refuses_is_told(bulletin: Bulletin, campaign: Campaign, alma: User, smtp_sink: Any) -> None:
    seeds(campaign)
    smtp_sink.reply("rcpt", "550 5.1.1 no such user", to="seed-fi")

    proof = test_sends.to_seeds(bulletin, by=alma, at=NOON)

    assert proof.accepted == 1
    assert len(proof.problems) == 1 and "5.1.1" in proof.problems[0]
