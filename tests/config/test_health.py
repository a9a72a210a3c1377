"""What watches the site gets a short answer that nobody keeps, whatever the site shows."""

import pytest
from django.utils import timezone

from config import doctor
from delivery.models import Pulse


@pytest.mark.parametrize("probe", ["live", "ready"])
@pytest.mark.django_db
def test_an_answer_is_never_kept_and_sets_no_cookie(probe, client):
    answer = client.get(f"/health/{probe}", HTTP_ACCEPT_LANGUAGE="fi")
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert client.head(f"/health/{probe}").content == b""
    assert client.post(f"/health/{probe}").status_code == 405


@pytest.mark.parametrize("probe", ["live", "ready"])
@pytest.mark.django_db
def test_a_probe_over_plain_http_is_not_sent_away_to_https(probe, client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/en/").status_code == 301
    assert client.get(f"/health/{probe}").status_code in {200, 503}


@pytest.mark.django_db
def test_it_says_that_the_disk_is_nearly_full_and_nothing_more(client, monkeypatch):
    Pulse.beat("tick", at=timezone.now())
    monkeypatch.setattr(doctor, "FREE_SHARE", 1.1)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["The disk is nearly full."])
