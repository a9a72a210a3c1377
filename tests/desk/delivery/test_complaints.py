"""At the desk: complaints that came by mail wait, with what they mean, for an administrator to believe or to dismiss them."""

import pytest
from django.urls import reverse

from delivery.models import Delivery, ProviderEvent, Suppression
from tests.support.builders import NOON, build_audience, build_fanned_out_send

pytestmark = pytest.mark.django_db

LIST = "admin:delivery_providerevent_changelist"


@pytest.fixture
def complaints(campaign):
    """A complaint and an opt-out that came by mail, about two people's mails."""
    build_fanned_out_send(build_audience(campaign, size=3))
    Delivery.objects.update(state="accepted", attempts=1)
    return [
        ProviderEvent.objects.create(
            provider="mail", event_id=f"e{row.pk}", kind=kind, delivery=row, happened_at=NOON, received_at=NOON
        )
        for row, kind in zip(Delivery.objects.order_by("pk"), ["complained", "unsubscribed"], strict=False)
    ]


@pytest.fixture
def desk(signed_in, root, campaign):
    root.language = "en"
    root.save()
    return signed_in(root)


def test_today_and_the_list_say_that_complaints_wait_and_what_to_do(desk, complaints):
    ProviderEvent.objects.create(
        provider="brevo", event_id="vouched-for", kind="complained", happened_at=NOON, received_at=NOON
    )
    today = desk.get(reverse("admin:index")).content.decode()
    assert "Complaints to decide" in today and reverse(LIST) + "?to_decide=yes" in today

    page = " ".join(desk.get(reverse(LIST), {"to_decide": "yes"}).content.decode().split())
    assert (
        "2 complaints came by email and need your decision" in page
        and "or want no more of it" in page
        and "Believe it unless there is reason not to" in page
    )
    assert str(complaints[0].delivery.recipient) in page and "vouched-for" not in page


def test_an_administrator_believes_one_and_dismisses_the_other(desk, complaints):
    first, second = complaints
    done = desk.post(reverse(LIST), {"action": "believe", "_selected_action": [first.pk]}, follow=True)
    assert "1 complaint is believed." in done.content.decode()
    done = desk.post(reverse(LIST), {"action": "dismiss", "_selected_action": [second.pk, first.pk]}, follow=True)
    assert "1 complaint is dismissed." in done.content.decode()

    assert Suppression.objects.get().address_hash == first.delivery.recipient.address_hash
    assert list(ProviderEvent.objects.order_by("pk").values_list("decision", flat=True)) == ["believed", "dismissed"]
    assert "came by email and" not in desk.get(reverse(LIST)).content.decode()


def test_nobody_else_decides(signed_in, liisa, alma, complaints):
    for person in (liisa, alma):
        form = {"action": "believe", "_selected_action": [complaints[0].pk]}
        assert signed_in(person).post(reverse(LIST), form).status_code == 403
    assert ProviderEvent.objects.for_a_person().count() == 2 and not Suppression.objects.exists()
