"""What watches the site gets a short answer that nobody keeps, whatever the site shows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.models import Pulse
from delivery.models.processes import LANE
from operations import doctor
from operations.monitoring import health


@pytest.mark.parametrize("probe", ["live", "ready", "serving"])
@pytest.mark.django_db
def test_an_answer_is_never_kept_and_sets_no_cookie(probe, client):
    answer = client.get(f"/health/{probe}", HTTP_ACCEPT_LANGUAGE="fi")
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert client.head(f"/health/{probe}").content == b""
    assert client.post(f"/health/{probe}").status_code == 405


@pytest.mark.parametrize("probe", ["live", "ready", "serving"])
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


@pytest.mark.django_db
def test_a_load_balancer_sends_nobody_while_a_machine_starts_or_is_taken_out_of_service(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert client.get("/health/serving").status_code == 200
    assert client.get("/health/serving", **{health.LOOKED: 0.1}).status_code == 200
    assert (
        client.get("/health/serving", **{health.AWAY: True, health.LOOKED: 9.0}).status_code == 200
    )  # pages can be read
    assert client.get("/health/serving", **{health.LOOKED: None}).content == b"starting\n"
    (tmp_path / health.DRAINING).touch()
    draining = client.get("/health/serving")
    assert (draining.status_code, draining.content) == (503, b"draining\n")
    assert client.get("/health/live").status_code == 200


@pytest.mark.django_db
def test_it_names_the_queues_that_no_worker_takes(client):
    Pulse.beat("tick", at=timezone.now())
    Pulse.beat(f"{LANE}urgent", at=timezone.now() - 2 * health.LANE_LATE)
    Pulse.beat(f"{LANE}background", at=timezone.now() - 9 * health.LANE_LATE)  # a video may take an hour
    Pulse.beat(f"{LANE}digest", at=timezone.now())
    assert client.get("/health/ready").json()["reasons"] == ["No worker takes mail of these queues: urgent."]


@pytest.mark.django_db
def test_a_database_that_is_known_to_be_away_is_not_asked(client):
    Pulse.beat("tick", at=timezone.now())
    with CaptureQueriesContext(connection) as captured:
        away = client.get("/health/ready", **{health.AWAY: True})
        silent = client.get("/health/ready", **{health.LOOKED: 1.5})
        client.get("/health/live", **{health.AWAY: True})
    assert len(captured) == 0
    assert away.json()["reasons"][0] == silent.json()["reasons"][0] == "The database does not answer."
    assert (away.status_code, silent.status_code) == (503, 503)
