"""Whom a draft may be shown to, by whom and for how long; what of it stays."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts.models import AuditEntry
from bulletins.models import Bulletin
from campaigns.models import Campaign
from delivery.models import Recipient, Suppression, address_hash
from impact.models import Pretest, PretestAnswer, PretestSeat
from impact.pretests import answers, panels, pretest_mails, pretest_results, pretest_steps
from tests.support import builders

from . import scene

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def draft(campaign, alma):
    """A draft that Alma wrote."""
    return builders.build_bulletin(campaign, by=alma)


def test_whoever_wrote_a_draft_cannot_show_it_alone(draft, alma, oskar, noon):
    with pytest.raises(pretest_steps.NotShown, match="someone else must show it"):
        scene.show(draft, by=alma, at=noon)
    assert not Pretest.objects.exists() and not AuditEntry.objects.filter(verb="bulletin.pretested").exists()

    scene.show(draft, by=oskar, at=noon)

    entry = AuditEntry.objects.get(verb="bulletin.pretested")
    assert (entry.actor, entry.detail) == (oskar, {"way": "link", "people": 3, "hours": 1})


def test_nothing_is_shown_under_an_embargo_of_its_own_or_of_what_it_is_made_of(draft, campaign, authority, oskar, noon):
    Bulletin.objects.update(embargo_until=noon + HOUR)
    with pytest.raises(pretest_steps.NotShown, match="under embargo"):
        scene.show(draft, by=oskar, at=noon)
    Bulletin.objects.update(embargo_until=None)
    draft.inputs.add(builders.build_input(campaign, authority=authority, embargo_until=noon + HOUR))
    with pytest.raises(pretest_steps.NotShown, match="under embargo"):
        scene.show(draft, by=oskar, at=noon)

    assert not Pretest.objects.exists()


@pytest.mark.parametrize("way", ["embargo", "published", "next version", "campaign ends", "stopped", "time"])
def test_a_pretest_that_runs_ends_with_what_no_longer_lets_it_be_shown(draft, campaign, oskar, noon, way):
    pretest = scene.show(draft, by=oskar, at=noon)
    later = noon + timedelta(minutes=59)
    if way == "embargo":
        Bulletin.objects.update(embargo_until=noon + 9 * HOUR)
    elif way == "published":
        Bulletin.objects.update(state="published")
    elif way == "next version":
        Bulletin.objects.update(version=2)
    elif way == "campaign ends":
        Campaign.objects.update(closed_at=noon)
    elif way == "stopped":
        pretest_steps.end(pretest, by=oskar, at=noon)
    else:
        later = noon + HOUR

    with pytest.raises(answers.Over):
        scene.answer(pretest, at=later)
    assert not PretestAnswer.objects.exists()


def test_only_the_draft_that_was_read_is_shown_and_one_at_a_time(draft, oskar, noon):
    read = draft.content_digest()
    draft.editions.update(title="Something else")
    with pytest.raises(pretest_steps.NotShown, match="has changed since"):
        scene.show(draft, by=oskar, at=noon, digest=read)
    scene.show(draft, by=oskar, at=noon)
    with pytest.raises(pretest_steps.NotShown, match="just now"):
        scene.show(draft, by=oskar, at=noon)

    assert Pretest.objects.count() == 1


def test_partners_are_drawn_who_want_mail_and_were_not_asked_lately(draft, campaign, oskar, noon):
    people = [builders.build_influencer(campaign, f"ines{number}") for number in range(5)]
    people[0].recipient.consents.update(withdrawn_at=noon)
    Suppression.objects.create(address_hash=address_hash(people[1].recipient.email), reason="complaint")
    type(people[2]).objects.filter(pk=people[2].pk).update(state="left")
    first = scene.show(draft, by=oskar, at=noon, way="drawn", size=9)
    drawn = set(first.seats.values_list("recipient", flat=True))
    assert drawn == {people[3].recipient_id, people[4].recipient_id} and first.size == 2

    pretest_steps.end(first, by=oskar, at=noon)
    with pytest.raises(pretest_steps.NotShown, match="no influencer to ask"):
        scene.show(draft, by=oskar, at=noon + HOUR, way="drawn", size=9)
    scene.show(draft, by=oskar, at=noon + timedelta(days=8), way="drawn", size=9)


def test_a_name_finds_one_partner_or_is_told(campaign):
    ines = builders.build_influencer(campaign, "ines")
    for name in ("twin1", "twin2"):
        type(ines).objects.filter(pk=builders.build_influencer(campaign, name).pk).update(name="Twin")

    found = panels.named(campaign, ["INES@example.org", "ref-ines", "Twin", "nobody"])

    assert found == ([ines.recipient_id], ["Twin", "nobody"])


def test_the_mail_says_nothing_of_the_draft_and_leaves_once(draft, campaign, oskar, noon):
    ines = builders.build_influencer(campaign, "ines", language="fi")
    gone = builders.build_influencer(campaign, "gone")
    scene.show(draft, by=oskar, at=noon, way="chosen", people=[ines.recipient_id, gone.recipient_id])
    Recipient.objects.filter(pk=gone.recipient_id).update(state="left")

    links = scene.mailed_paths(at=noon)

    assert list(links) == ["ines@example.org"] and links["ines@example.org"].startswith("/fi/")
    said = str(mail.outbox[-1].message())
    assert not any(one.title in said for one in draft.editions.all())
    assert pretest_mails.ask_due(at=noon) == 0


def test_no_mail_leaves_when_the_draft_may_no_longer_be_shown(draft, campaign, oskar, noon):
    ines = builders.build_influencer(campaign, "ines")
    scene.show(draft, by=oskar, at=noon, way="chosen", people=[ines.recipient_id])
    Bulletin.objects.update(embargo_until=noon + HOUR)

    assert pretest_mails.ask_due(at=noon) == 0
    assert mail.outbox == [] and PretestSeat.objects.filter(is_mailed=False).count() == 1


def test_what_came_out_stands_beside_the_text_that_was_shown(draft, oskar, noon):
    draft.editions.filter(language="fi").update(title="Kirjastot", body="Kirjastot ovat kiinni. Palauta kirjat.")
    pretest = scene.show(draft, by=oskar, at=noon)
    scene.answer(pretest, at=noon, sentences=[1, 1])
    scene.answer(pretest, at=noon, sentences=[1], share="no", asks="Nothing")
    draft.editions.filter(language="fi").update(body="Kirjastot ovat kiinni. Palauta kirjat luukkuun.")

    result = pretest_results.of_bulletin(draft, at=noon)["result"]

    finnish = next(text for text in result.texts if text.language == "fi")
    assert [(one.text, one.unclear, one.is_gone) for one in finnish.sentences] == [
        ("Kirjastot ovat kiinni.", 0, False),
        ("Palauta kirjat.", 2, True),
    ]
    assert finnish.change.new == ("Palauta kirjat luukkuun.",) and result.changed_in == finnish.name
    assert (result.pretest.answered, result.pretest.would_share, result.pretest.would_not) == (2, 1, 1)


def test_the_counts_stay_when_the_answers_are_forgotten(draft, oskar, noon):
    pretest = scene.show(draft, by=oskar, at=noon)
    scene.answer(pretest, at=noon)
    PretestAnswer.objects.all().delete()

    result = pretest_results.of_bulletin(draft, at=noon)["result"]

    assert result.is_forgotten and result.pretest.would_share == 1
