"""Whatever is written into any text of the site, no reader's browser takes it for anything but words."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from campaigns import page_changes

from . import crawler, scene, strict_parser, test_scanners

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def readers(campaign: Any, roles: None, signed_in: Any) -> dict[str, tuple[Client, list[str]]]:
    """A filled site, and a client with its first pages for each kind of reader."""
    at = timezone.now().replace(microsecond=0)
    scene.fill(campaign, at=at)
    boss = User.objects.create_superuser("boss@example.org", name="Boss")
    contributor = User.objects.get(email="contributor@example.org")
    found = {
        "anybody": (Client(), crawler.PUBLIC),
        "influencer": (signed_in(User.objects.get(email="ines-1@example.org")), crawler.PORTAL),
        "contributor": (signed_in(contributor), crawler.INPUTS),
        "staff": (signed_in(boss), crawler.DESK),
    }
    for client, _starts in found.values():
        client.raise_request_exception = False  # a page that breaks is one of the faults
    return found


def written(words: scene.Words, *, at: datetime) -> None:
    """Write over every text, and forget the pages that were kept."""
    assert scene.write_over(words, at=at) > 200
    page_changes.changed()
    cache.clear()


# What is written when a page is read: that it was read, and that somebody is here.
NOTED = re.compile(
    r"\"(influencers_(exposure|threadmessage|lessonread|recallnotice|influencer|thread)|bulletins_presence|"
    r"django_session|accounts_session|accounts_user|usersessions_\w+)\""
)


def test_no_text_becomes_anything_but_words_on_any_page(readers):
    """It also sees that no page writes anything because it is read, apart from the fact."""
    at, wrong, seen, pages = timezone.now(), [], 0, {}
    written(scene.harmless(), at=at)
    for who, (client, starts) in readers.items():
        with test_scanners.noting_writes() as noted:
            pages[who] = crawler.walk(client, starts, within=crawler.WITHIN[who])
        wrong += [f"{who}: {sql}" for sql in noted if not NOTED.search(sql)]
    written(scene.harmful(), at=at)
    for client, _starts in readers.values():
        if "_auth_user_id" in client.session:  # some pages open only to who has just logged in
            client.force_login(User.objects.get(pk=client.session["_auth_user_id"]))

    for who, (client, _starts) in readers.items():
        for path, before in pages[who].items():
            after = client.get(path)
            if after.status_code != before.status_code or after.status_code >= 500:
                wrong.append(f"{who} {path}: {before.status_code}, with payloads {after.status_code}")
            elif not after.streaming and "html" in after.get("Content-Type", "") and after.status_code == 200:
                seen += "pwned" in after.content.decode()
                wrong += [
                    f"{who} {path}: {fault}"
                    for fault in strict_parser.faults_of_page(after.content.decode(), before.content.decode())
                ]
    assert wrong == []
    assert seen > 200  # the payloads are there to be seen
