"""Whatever is written into any text of the site, no reader's browser takes it for anything but words."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from campaigns.http import page_changes
from delivery.models import HostProcess

from . import crawler, scene, strict_parser, test_scanners

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.slow, pytest.mark.timeout(900)]


STARTS = {
    "anybody": crawler.PUBLIC,
    "influencer": crawler.PORTAL,
    "contributor": crawler.INPUTS,
    "staff": crawler.DESK,
}


@pytest.fixture
def client_of(campaign: Any, roles: None, signed_in: Any) -> Callable[[str], Client]:
    """A filled site; return a function that gives a client for each kind of reader."""
    scene.fill(campaign, at=timezone.now().replace(microsecond=0))
    User.objects.create_superuser("staff@example.org", name="Boss")
    HostProcess.objects.update(seen_at=timezone.now() + timedelta(hours=1))  # none falls silent between two readings
    addresses = {"influencer": "ines-1@example.org"}

    def client_of(who: str) -> Client:
        user = User.objects.filter(email=addresses.get(who, f"{who}@example.org")).first()
        client: Client = signed_in(user) if user else Client()
        client.raise_request_exception = False  # a page that breaks is one of the faults
        return client

    return client_of


def written(words: scene.Words, *, at: datetime) -> None:
    """Write over every text, and forget the pages that were kept."""
    assert scene.write_over(words, at=at) > 200
    page_changes.changed()
    cache.clear()


# What is written when a page is read: that it was read, and that someone is here.
NOTED = re.compile(
    r"\"(influencers_(exposure|threadmessage|lessonread|recallnotice|influencer|thread)|bulletins_presence|stories_storytake|"
    r"django_session|accounts_session|accounts_user|usersessions_\w+)\""
)


@pytest.mark.parametrize(("who", "least"), [("anybody", 40), ("influencer", 40), ("contributor", 6), ("staff", 250)])
def test_no_text_becomes_anything_but_words_on_any_page(who, least, client_of):
    """It also sees that no page writes anything because it is read, apart from the fact."""
    at, seen, client = timezone.now(), 0, client_of(who)
    written(scene.harmless(), at=at)
    with test_scanners.noting_writes() as noted:
        pages = crawler.walk(client, STARTS[who], within=crawler.WITHIN[who])
    wrong = [sql for sql in noted if not NOTED.search(sql)]
    written(scene.harmful(), at=at)
    if "_auth_user_id" in client.session:  # some pages open only to who has just logged in
        client.force_login(User.objects.get(pk=client.session["_auth_user_id"]))

    for path, before in pages.items():
        after = client.get(path)
        if after.status_code != before.status_code or after.status_code >= 500:
            wrong.append(f"{path}: {before.status_code}, with payloads {after.status_code}")
        elif not after.streaming and "html" in after.get("Content-Type", "") and after.status_code == 200:
            seen += "pwned" in after.content.decode()
            wrong += [
                f"{path}: {fault}"
                for fault in strict_parser.faults_of_page(after.content.decode(), before.content.decode())
            ]
    assert wrong == []
    assert seen > least  # the payloads are there to be seen
