"""Closing a campaign: nothing new begins, what was begun is brought to its end and accounted for, and the desk says which is which."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from bulletins.models import Bulletin, NotAllowed
from bulletins.publication import due_bulletins, publish
from campaigns import closing
from campaigns.models import Campaign
from delivery.models import Send
from delivery.reports import ledger
from delivery.sending import worker
from preparedness.drills import lifecycle, parts, player
from preparedness.models import Drill
from tests.delivery.sending.test_worker import Recorder
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db


def test_a_campaign_that_is_closed_in_mid_send_sends_to_the_last_and_the_ledger_adds_up(
    campaign: Campaign, windows_of: Any
) -> None:
    windows_of(5)
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=40))

    def close(sent: int) -> None:
        if sent == 11:
            Campaign.objects.filter(pk=campaign.pk).update(closed_at=NOON)

    recorder = Recorder(before=close)
    worker.work(send.pk, clock=lambda: NOON, transport=recorder)

    campaign.refresh_from_db()
    total = ledger.ledger_of([send]).total
    assert campaign.closed_at and total.adds_up and total.accepted == 40 and total.to_go == 0
    assert len({one.delivery_id for one in recorder.sent}) == len(recorder.sent) == 40


def test_what_is_approved_in_it_is_not_published_any_more_but_a_correction_is(campaign: Campaign) -> None:
    audiences = [builders.build_audience(campaign, size=2)]
    new, mends = [builders.build_approved_bulletin(campaign, audiences=audiences) for _number in range(2)]
    Bulletin.objects.filter(pk=mends.pk).update(kind=Bulletin.Kind.CORRECTION)
    Campaign.objects.filter(pk=campaign.pk).update(closed_at=NOON)

    assert list(Bulletin.objects.due(at=NOON + timedelta(days=1))) == [mends]
    new.campaign.refresh_from_db()
    with pytest.raises(NotAllowed, match="this campaign is closed"):
        publish.publish(new, at=NOON + timedelta(days=1))
    assert due_bulletins.publish_due(at=NOON + timedelta(days=1)) != [new]
    new.refresh_from_db()
    assert new.state == Bulletin.State.APPROVED and not Send.objects.filter(mailing__version__bulletin=new).exists()


def test_the_desk_says_what_goes_on_and_what_does_not_begin(campaign: Campaign, root: User, signed_in: Any) -> None:
    everybody = builders.build_audience(campaign, size=3)
    builders.build_fanned_out_send(everybody)
    builders.build_send(everybody, builders.build_mailing(campaign, "later"))
    builders.build_send(everybody, builders.build_mailing(campaign, "over"), state=Send.State.FINISHED)
    builders.build_approved_bulletin(campaign, audiences=[everybody])
    client = signed_in(root)
    address = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    page = client.get(address)
    assert "nothing new begins" not in page.content.decode()
    answer = client.post(address, sent_by(page) | {"closed_at_0": "2020-03-20", "closed_at_1": "12:00:00"})
    assert answer.status_code == 302, answer.context and answer.context["errors"]
    campaign.refresh_from_db()
    assert campaign.closed_at
    (said,) = [str(one) for one in get_messages(answer.wsgi_request) if "closed" in str(one)]
    for words in (
        "nothing new begins in it",
        "2 sends go on to their end",
        "1 approved bulletin is not published any more",
    ):
        assert words in said
    bar = " ".join(client.get(address).content.decode().split())
    assert "2 sends go on to their end" in bar and "1 approved bulletin is not published any more" in bar


def test_the_form_of_a_campaign_deletes_no_language_in_which_something_is_written(
    campaign: Campaign, root: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign)
    client = signed_in(root)
    address = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    page = client.get(address)
    assert "-DELETE" not in page.content.decode()
    number = next(
        n
        for n, form in enumerate(page.context["inline_admin_formsets"][0].formset.forms)
        if form["code"].value() == "sv"
    )
    answer = client.post(address, sent_by(page) | {f"languages-{number}-DELETE": "on"})

    assert answer.status_code == 302
    assert campaign.languages.filter(code="sv").exists() and bulletin.editions.filter(language="sv").exists()


def sent_by(page: Any) -> dict[str, Any]:
    """Return what the form of a campaign sends as it is shown."""
    sets = [one.formset for one in page.context["inline_admin_formsets"]]
    forms = [
        page.context["adminform"].form,
        *(one.management_form for one in sets),
        *(row for one in sets for row in one),
    ]
    return {name: value for form in forms for name, value in values_of(form).items()}


def values_of(form: Any) -> dict[str, Any]:
    """Return what a form sends as it is shown."""
    found: dict[str, Any] = {}
    for field in form:
        value = field.value()
        parts_ = field.field.widget.decompress(value) if hasattr(field.field.widget, "decompress") else None
        if parts_ is not None:
            found |= {f"{field.html_name}_{n}": "" if part is None else part for n, part in enumerate(parts_)}
        elif isinstance(value, dict):
            found |= {f"{field.html_name}_{code}": words for code, words in value.items()}
        elif value is not None and value is not False:
            found[field.html_name] = value
    return found


def test_a_drill_ends_with_its_campaign_and_is_measured(campaign: Campaign, root: User) -> None:
    now = timezone.now()
    drill = lifecycle.prepare(campaign, "water", speed=60, made_up=parts.CAST, influencers=0, by=root, at=now)
    lifecycle.start(drill, by=root, at=now)
    player.play(at=now + timedelta(seconds=5))
    put_in = drill.events.exclude(done_at=None).count()
    Campaign.objects.filter(pk=campaign.pk).update(closed_at=now)

    player.play(at=now + timedelta(seconds=60))

    drill.refresh_from_db()
    campaign.refresh_from_db()
    assert drill.state == "ended" and drill.figures["measures"] and campaign.drill == {}
    assert drill.events.exclude(done_at=None).count() == put_in > 0
    assert not Drill.objects.running().exists()


def test_nothing_is_said_of_a_campaign_in_which_nothing_goes_on(campaign: Campaign) -> None:
    assert closing.told(campaign) == []


def test_who_approves_in_a_campaign_that_was_closed_meanwhile_is_told_that_it_is_closed(
    campaign: Campaign, alma: User, oskar: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)
    client = signed_in(oskar)
    session = client.session
    session["desk_campaign"] = campaign.pk
    session.save()
    Campaign.objects.filter(pk=campaign.pk).update(closed_at=NOON)
    answer = client.post(
        reverse("admin:bulletins_bulletin_step", args=[bulletin.pk, "approve"]), {"digest": bulletin.digest}
    )

    assert answer.status_code == 403
    said = answer.content.decode()
    assert "This campaign is closed" in said and "Exercise can be read" in said and "not for your role" not in said
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.IN_REVIEW
