"""What an authority has sent meanwhile stands where a bulletin is read, and nobody approves past it unseen."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from bulletins.editing import input_merge
from bulletins.intake import submissions
from bulletins.models import Bulletin, MessageInput
from tests.support.builders import NOON, build_bulletin, build_input, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(campaign: Any) -> MessageInput:
    return build_input(campaign, language="en", body="Libraries open on Monday.")


@pytest.fixture
def read(campaign: Any, alma: Any, source: MessageInput) -> Bulletin:
    """A bulletin in review that is made of a submission."""
    made = build_bulletin(campaign, by=alma)
    made.inputs.add(source)
    submitted(made, by=alma, at=NOON)
    return Bulletin.objects.get(pk=made.pk)


def send_update(source: MessageInput) -> MessageInput:
    """Send what replaces a submission."""
    return submissions.submit(
        campaign=source.campaign, authority=source.authority, by=source.submitted_by, at=NOON, title="Closed on <b>Monday</b>",
        body="Libraries stay closed on Monday.", language="en", replaces=source,
    )  # fmt: skip


def page_of(client: Any, bulletin: Bulletin) -> str:
    return client.get(reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])).content.decode()


def approve(client: Any, bulletin: Bulletin, *updates: int) -> str:
    """Press Approve, having read these updates; return what is said then."""
    url = reverse("admin:bulletins_bulletin_step", args=[bulletin.pk, "approve"])
    answer = client.post(url, {"digest": bulletin.digest, "update": updates})
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


def test_an_update_that_is_not_in_the_text_stands_over_it_and_in_the_last_press(read, source, oskar, signed_in):
    client = signed_in(oskar)
    assert "sent an update" not in page_of(client, read)

    update = send_update(source)

    page = page_of(client, read)
    assert page.count(f"{source.authority} sent an update on") == 2 and "Closed on &lt;b&gt;Monday" in page
    assert f'name="update" value="{update.pk}"' in page


def test_one_that_came_while_somebody_read_is_told_before_it_is_approved(read, source, oskar, signed_in):
    client = signed_in(oskar)
    update = send_update(source)

    said = approve(client, read)

    assert f"Not approved: {source.authority} sent an update on" in said
    read.refresh_from_db()
    assert (read.state, read.approved_by) == ("in_review", None)

    approve(client, read, update.pk)  # having read it
    read.refresh_from_db()
    assert (read.state, read.approved_by) == ("approved", oskar)


@pytest.mark.parametrize("end", ["declined", "taken"])
def test_what_was_declined_or_taken_into_it_is_not_told(read, source, alma, oskar, signed_in, end):
    update = send_update(source)
    if end == "declined":
        MessageInput.objects.filter(pk=update.pk).update(state="declined")
    else:
        input_merge.take_update(read, update, by=alma, at=NOON)
        read.refresh_from_db()

    assert "sent an update" not in page_of(signed_in(oskar), read)
