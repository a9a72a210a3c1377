"""What becomes of meetings, invitations and commissions when their campaign is closed."""

from datetime import timedelta

import pytest
from django.core import mail

from impact.closing import campaign_end
from stories.exchanges.invitations import meeting_invitations
from stories.exchanges.meetings import meeting_series
from stories.models import Commission, Meeting
from stories.municipalities import invitations
from tests.stories.commissions import scene as commissions
from tests.stories.exchanges.scene import (
    build_member,
    build_municipality,
    build_series,
    calendar_of,
    event_of,
    first,
    invite,
)
from tests.support.builders import editor, in_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
MINUTE = timedelta(minutes=1)


def close(campaign, *, by, at):
    """Close a campaign as its page does, having read what is still open; return that."""
    told = campaign_end.told_ahead(campaign, at=at)
    campaign_end.close(campaign, knows=told.mark, by=by, at=at)
    return told.said


def test_meetings_to_come_are_cancelled_and_whoever_was_invited_is_told_once(campaign, root, smtp_sink, noon):
    build_member(build_municipality(campaign), language="en")
    over = build_series(campaign, at=noon - timedelta(days=2), starts_on=noon.date() - timedelta(days=1), weekday=1)
    series = build_series(campaign, at=noon, starts_on=noon.date() + timedelta(days=1), title=in_all(en="Exchange"))
    asked = {event_of(one)["UID"] for one in invite(smtp_sink, at=noon)}
    has_met = first(over)
    assert has_met.starts_at < noon and first(series).uid in asked

    said = close(campaign, by=root, at=noon)
    assert "“Exchange” ends: its meetings to come are cancelled, and everybody who was invited is told." in said
    meeting_series.make_due(at=noon + MINUTE)
    mails = invite(smtp_sink, at=noon + MINUTE)
    assert {event_of(one)["UID"] for one in mails} == asked and len(mails) == len(asked)
    for one in mails:
        assert (calendar_of(one)["METHOD"], event_of(one)["STATUS"]) == ("CANCEL", "CANCELLED")
        assert "The campaign has ended." in one.get_body(("plain",)).get_content()
    assert list(Meeting.objects.filter(cancelled_at=None)) == [has_met]
    series.refresh_from_db()
    assert series.ended_at == noon + MINUTE
    assert (meeting_series.make_due(at=noon + 2 * MINUTE), meeting_invitations.invite_due(at=noon + 2 * MINUTE)) == (
        0,
        0,
    )
    assert not any("meetings" in one for one in campaign_end.told_ahead(campaign, at=noon).said)


def test_invitations_to_municipalities_open_nothing_any_more(client, campaign, root, noon):
    town = build_municipality(campaign)
    row = invitations.invite(town, "mayor@town.example", language="en", by=editor(), at=noon)
    assert "1 invitation to send stories opens nothing any more." in close(campaign, by=root, at=noon)
    assert invitations.send_due(at=noon) == 0 and mail.outbox == []
    with pytest.raises(invitations.DeadLink, match="The campaign has ended"):
        invitations.read(invitations.token_of(row), at=noon)
    town.refresh_from_db()
    with pytest.raises(invitations.NotInvited, match="the campaign has ended"):
        invitations.invite(town, "other@town.example", language="en", by=editor(), at=noon)


def test_commissions_that_are_open_are_named_before_the_campaign_is_closed(campaign, root, noon):
    saga = commissions.build_creator(campaign, at=noon)
    waits = commissions.build_open(campaign, at=noon, title=in_all(en="Posters"))
    agreed = commissions.build_agreed(campaign, saga, at=noon, title=in_all(en="A film"))
    accepted = commissions.build_accepted(campaign, saga, at=noon, title=in_all(en="A comic"))
    commissions.build_published(campaign, saga, at=noon, title=in_all(en="A song"), term=Commission.Term.ALWAYS)
    short = commissions.build_published(
        campaign, saga, at=noon, title=in_all(en="A poem"), term=Commission.Term.CAMPAIGN
    )
    said = " ".join(close(campaign, by=root, at=noon))
    assert f"only while the campaign lasts: {short.number}. A poem." in said
    for words in (
        f"comes to nothing; cancel it, so that creators are told: {waits.number}. Posters.",
        f"goes on to its end; to stop it, cancel it: {agreed.number}. A film.",
        f"Still to be paid: {accepted.number}. A comic (€",
    ):
        assert words in said
