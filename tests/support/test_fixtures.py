"""The fixtures give what they promise: a served site in a real browser, and children on this test's database."""

import smtplib
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail

from tests.conftest import asks_for_tables_by_chance

from .builders import build_campaign, build_published_version


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_the_browser_opens_the_site_as_somebody(live_site, page, browse_as, campaign, minna):
    version = build_published_version(campaign)

    page.goto(f"{live_site}/en/bulletins/{version.bulletin.number}/")
    assert page.title()
    assert "Libraries open on Monday" in page.content()

    browse_as(minna).goto(f"{live_site}/en/inputs/")
    assert page.url.endswith("/en/inputs/")


@pytest.mark.django_db(transaction=True)
def test_a_child_process_sees_this_tests_rows(process_env):
    build_campaign("seen-from-outside")
    code = "import django; django.setup(); from campaigns.models import Campaign; print(Campaign.objects.get().slug)"

    seen = subprocess.run([sys.executable, "-c", code], env=process_env, capture_output=True, text=True, check=False)

    assert seen.stdout.strip() == "seen-from-outside", seen.stderr


@pytest.mark.parametrize("name", ["default", "exercise"])
def test_both_mailers_lead_to_the_sink(smtp_sink, name):
    message = mail.EmailMessage("Hei", "Moi", "a@example.org", ["b@example.org"])
    mail.mailers[name].send_messages([message])

    assert smtp_sink.count == {"b@example.org": 1}


def test_without_a_sink_nothing_leaves():
    mail.EmailMessage("Hei", "Moi", "a@example.org", ["b@example.org"]).send()

    assert len(mail.outbox) == 1


@pytest.mark.fault
def test_the_servers_of_a_test_survive_their_death(own_redis):
    own_redis.kill()
    assert not own_redis.answers()
    own_redis.start()
    assert own_redis.answers()


def test_a_refused_connection_is_what_a_dead_sink_looks_like(smtp_sink):
    smtp_sink.drop("connect")
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        smtplib.SMTP("127.0.0.1", smtp_sink.port, timeout=5)


@pytest.mark.parametrize(
    "fixtures, careless", [(["django_db_setup"], True), (["django_db_setup", "db"], False), ([], False)]
)
def test_who_wants_tables_asks_for_the_database(fixtures, careless):
    item: Any = SimpleNamespace(fixturenames=fixtures, get_closest_marker=lambda name: None)

    assert asks_for_tables_by_chance(item) is careless
