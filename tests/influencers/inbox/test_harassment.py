"""A report of harassment goes to a person at once, and to more people when nobody takes it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox_of
from django.test import Client
from django.urls import reverse
from django.utils import translation

from influencers.inbox import harassment
from influencers.inbox.harassment import harassed
from influencers.models import Harassment, Influencer
from notifications import sending
from notifications.models import Notice
from tests.support import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def influencer(campaign: Any, liisa: Any) -> Influencer:
    return builders.build_influencer(campaign, "ines", liaison=liisa)


@pytest.fixture
def client(influencer: Influencer, signed_in: Any) -> Client:
    return signed_in(influencer.user)


def path(name: str = "harassed") -> str:
    with translation.override("en"):
        return reverse(f"influencers:{name}")


def told() -> list[str]:
    return [one.person.email.partition("@")[0] for one in Notice.objects.filter(kind="harassment").order_by("pk")]


def test_one_tap_without_words_tells_people_at_once(
    influencer: Any, client: Client, campaign: Any, alma: Any, root: Any
) -> None:
    version = builders.build_published_version(campaign)
    builders.build_user("leo", "liaison")

    answer = client.post(path(), {"version": version.pk})

    assert answer.status_code == 302
    report = Harassment.objects.get()
    assert (report.influencer, report.version, report.words) == (influencer, version, "")
    assert sorted(told()) == ["leo", "liisa"]


def test_more_words_are_added_to_an_open_report_and_a_threat_is_told_anew(influencer: Any, client: Client) -> None:
    client.post(path())
    client.post(path())
    assert told() == ["liisa"], "nothing new was told"

    client.post(path(), {"words": "Tiedän missä asut", "in_danger": "on", "url": "https://social.example/p/1"})

    report = Harassment.objects.get()
    assert (report.words, report.in_danger, report.url) == ("Tiedän missä asut", True, "https://social.example/p/1")
    assert told() == ["liisa", "liisa"]


def test_what_is_told_later_goes_to_whoever_has_it_and_to_everyone_while_nobody_has(
    influencer: Any, liisa: Any, root: Any, noon: Any
) -> None:
    report = harassment.report(influencer, at=noon)
    harassment.report(influencer, at=noon, words="He ovat julkaisseet kotiosoitteeni")
    assert told() == ["liisa", "liisa"]
    harassment.report(influencer, at=noon, words="He ovat julkaisseet kotiosoitteeni")
    harassment.report(influencer, at=noon)
    assert told() == ["liisa", "liisa"], "nothing new was told"

    harassment.take(report, by=root, at=noon)
    harassment.report(influencer, at=noon + timedelta(days=2), url="https://social.example/p/1")
    assert told() == ["liisa", "liisa", "root"]
    assert "kotiosoitteeni" not in Notice.objects.order_by("-pk")[0].text

    harassment.report(influencer, at=noon + timedelta(days=2), in_danger=True)
    assert sorted(told()[3:]) == ["liisa", "root"]


def test_a_report_waits_behind_no_other_notices(influencer: Any, campaign: Any, alma: Any, noon: Any) -> None:
    told: dict[str, Any] = {"kind": "thanks", "campaign": campaign, "person": alma, "text": "x", "path": "/"}
    Notice.objects.bulk_create([Notice(**told, at=noon, next_attempt_at=noon) for _number in range(300)])
    harassment.report(influencer, at=noon + timedelta(seconds=5))

    sending.deliver_notices(at=noon + timedelta(seconds=6))

    assert Notice.objects.get(kind="harassment").sent_at
    assert outbox_of.outbox[0].to == ["liisa@example.org"]


def test_a_wrong_field_does_not_keep_it_from_being_told(influencer: Any, client: Client) -> None:
    answer = client.post(path(), {"words": "Auttakaa", "url": "not an address"})

    assert answer.status_code == 422
    assert "not an address" in answer.content.decode()
    assert Harassment.objects.get().words == "Auttakaa"
    assert told() == ["liisa"]


def test_the_notice_has_neither_words_nor_name_in_its_subject(influencer: Any, noon: Any) -> None:
    harassment.report(influencer, at=noon, words="canary")

    text = Notice.objects.get().text
    assert "canary" not in text
    assert influencer.name not in text.partition("\n")[0]


def test_what_nobody_takes_goes_to_everyone_once(
    influencer: Any, liisa: Any, root: Any, noon: Any, settings: Any
) -> None:
    settings.HARASSMENT_MINUTES = 15
    report = harassment.report(influencer, at=noon)
    assert harassment.escalate(at=noon + timedelta(minutes=14)) == 0

    assert harassment.escalate(at=noon + timedelta(minutes=15)) == 1
    assert harassment.escalate(at=noon + timedelta(minutes=30)) == 0

    assert told() == ["liisa", "liisa", "root"]
    report.refresh_from_db()
    assert report.escalated_at == noon + timedelta(minutes=15)


def test_what_is_taken_is_not_passed_on(influencer: Any, liisa: Any, noon: Any) -> None:
    harassment.take(harassment.report(influencer, at=noon), by=liisa, at=noon)

    assert harassment.escalate(at=noon + timedelta(hours=1)) == 0


def test_one_person_takes_it_and_the_influencer_sees_who(
    influencer: Any, client: Client, liisa: Any, root: Any, noon: Any
) -> None:
    report = harassment.report(influencer, at=noon)
    harassment.take(report, by=liisa, at=noon)

    with pytest.raises(harassment.NotTaken, match="already has it"):
        harassment.take(report, by=root, at=noon)

    report.refresh_from_db()
    assert report.taken_by == liisa
    page = client.get(path()).content.decode()
    assert "Liisa has had it since" in page
    assert "112" in page
    assert harassed(influencer, influencer.campaign).taken_by == "Liisa"


def test_it_is_closed_with_what_was_done(influencer: Any, liisa: Any, noon: Any) -> None:
    report = harassment.report(influencer, at=noon)
    with pytest.raises(harassment.NotTaken, match="what was done"):
        harassment.close(report, " ", by=liisa, at=noon)
    report.refresh_from_db()
    assert report.closed_at is None

    harassment.close(report, "Soitettu, ilmoitus tehty.", by=liisa, at=noon)

    report.refresh_from_db()
    assert (report.closed_at, report.taken_by) == (noon, liisa)


def test_an_accident_can_be_taken_back(influencer: Any, client: Client, noon: Any) -> None:
    client.post(path())

    page = client.post(path("harassed_taken_back"), follow=True).content.decode()

    assert "Withdrawn." in page
    assert Harassment.objects.get().closed_at
    assert harassed(influencer, influencer.campaign).report is None
    assert harassment.escalate(at=noon + timedelta(days=999)) == 0


def test_the_address_that_was_told_is_shown_back(client: Client) -> None:
    client.post(path())
    page = client.post(path(), {"url": "https://social.example/p/1"}, follow=True).content.decode()

    assert "https://social.example/p/1" in page
    assert "Withdrawn." not in client.get(path(), {"taken-back": "1"}).content.decode(), "it is open"


def test_looking_at_the_page_tells_nobody(client: Client) -> None:
    assert client.get(path()).status_code == 200
    assert not Harassment.objects.exists()


def test_another_campaigns_bulletin_is_not_named(influencer: Any, client: Client) -> None:
    other = builders.build_published_version(builders.build_campaign("older", starts_on="2020-01-01"))

    client.post(path(), {"version": other.pk})

    assert Harassment.objects.get().version is None
