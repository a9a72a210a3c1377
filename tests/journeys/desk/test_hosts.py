"""Whoever runs the site looks at its hosts, at a desk and on a phone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from delivery.models import HostProcess, Lease
from tests.journeys import page_checks
from tests.support.builders import build_audience, build_fanned_out_send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]


@pytest.mark.parametrize("language", ["en", "fi"])
def test_hosts_can_be_read_at_every_width(page, live_site, browse_as, root, campaign, language):
    now = timezone.now()
    seen = {"started_at": now, "release": "crisis-bulletins@0.1.0+0123456789ab"}
    for host in ("mail-1.bulletins.example.org", "mail-2.bulletins.example.org"):
        for queue in ("urgent-planning", "urgent", "bulletin", "digest"):
            HostProcess.objects.create(
                host=host, name=f"worker-{queue}", queues=queue, processes=2, seen_at=now, **seen
            )
    HostProcess.objects.create(host="web-1", name="web", seen_at=now - timedelta(minutes=10), clock_ahead=3600, **seen)
    send = build_fanned_out_send(build_audience(campaign, size=3))
    worker = "mail-1.bulletins.example.org 4711"
    Lease.objects.create(send=send, mailer="exercise", connections=4, worker=worker, until=now + timedelta(minutes=5))
    root.language = language
    root.save()
    browse_as(root)

    page.goto(f"{live_site}{reverse('admin:delivery_hostprocess_changelist')}")

    assert page.locator("h1").filter(visible=True).count() == 1
    assert page.locator("section.pane").count() == 4  # the queues, and three hosts
    for width in (page_checks.NARROW, page_checks.DESKTOP, page_checks.PHONE):
        assert page_checks.too_wide(page, width) == []
    assert page_checks.barriers(page) == []
    assert page.locator(".notice--bad li").count() == 1  # of a silent host the clock says nothing
