"""What is not published yet, or was withdrawn, is found at no public address, in no language and in no form."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation

from bulletins.models import Asset, Bulletin
from bulletins.publication import corrections
from campaigns.models import Authority
from tests.journeys.scene import png
from tests.support import builders

pytestmark = pytest.mark.django_db

CANARY = "Kanarialintu"
ROUTES = ("home", "archive", "answers", "help", "about", "corrections", "accessibility", "privacy")


def marked(bulletin: Bulletin, word: str) -> Bulletin:
    """Put a word into everything that a bulletin says, in every language, and give it a picture."""
    for edition in bulletin.editions.all():
        edition.title, edition.subject, edition.preheader = f"{word} title", f"{word} subject", f"{word} lead"
        edition.body, edition.hashtags = f"{word} body", [f"#{word}"]
        edition.save()
    bulletin.key_messages.update(text=builders.in_all(en=f"{word} message"), source_name=builders.in_all(en=word))
    bulletin.calls_to_action.update(text=builders.in_all(en=f"{word} action"))
    asset = Asset(bulletin=bulletin, kind="image", title={"en": word}, alt_text=builders.in_all(en=word))
    asset.file.save(f"{word}.png", ContentFile(png()))
    builders.build_cards(bulletin)
    return bulletin


@pytest.fixture
def site(campaign: Any, settings: Any, tmp_path: Any) -> list[Bulletin]:
    """A plain bulletin, and four that must not be seen: a draft, one under embargo, a withdrawn one, a correction's draft."""
    settings.MEDIA_ROOT = tmp_path
    plain = builders.build_published_version(campaign).bulletin
    topic = builders.build_topic(campaign)

    draft = marked(builders.build_bulletin(campaign), f"{CANARY}draft")
    draft.topics.add(topic)

    waiting = builders.build_bulletin(campaign, embargo_until=timezone.now() + timedelta(days=1))
    builders.approved(marked(waiting, f"{CANARY}embargo"))

    authority = builders.build_authority("secret", name=builders.in_all(en=f"{CANARY}authority"))
    sent_in = builders.build_input(campaign, authority=authority, title=f"{CANARY}input", body=f"{CANARY}input")
    waiting.inputs.add(sent_in)

    gone = marked(builders.build_bulletin(campaign), f"{CANARY}first")
    builders.published(gone)
    corrections.start_correction(
        gone,
        by=builders.editor(),
        at=builders.NOON,
        what_changed=builders.in_all(en=f"{CANARY}changed"),
        share_text=builders.in_all(en=f"{CANARY}share"),
    )
    builders.published(marked(gone, f"{CANARY}second"), at=builders.NOON + timedelta(hours=1))
    corrections.retract(
        gone, by=builders.editor(), at=builders.NOON, what_changed=builders.in_all(en="It was wrong."), share_text={}
    )
    builders.published(gone, at=builders.NOON + timedelta(hours=2))

    corrections.start_correction(
        plain, by=builders.editor(), at=builders.NOON, what_changed=builders.in_all(en=f"{CANARY}correction")
    )
    marked(plain, f"{CANARY}correction")
    assert Authority.objects.filter(slug="secret").exists()
    return [draft, waiting, gone, plain]


def addresses(bulletins: list[Bulletin]) -> Iterator[str]:
    """Yield every address at which something of them could be."""
    for language in builders.LANGUAGES:
        with translation.override(language):
            for name in ROUTES:
                yield reverse(name if name == "home" else f"website:{name}")
            for query in ("?topic=libraries", "?month=2026-03", "?page=2", f"?q={CANARY.lower()[:6]}"):
                yield reverse("website:archive") + query
            for bulletin in bulletins:
                for level in ("", "?level=easy"):
                    yield reverse("website:bulletin", args=[bulletin.number]) + level
                for version in (1, 2, 3, 4):
                    yield reverse("website:version", args=[bulletin.number, version])
    yield from ("/sitemap.xml", "/robots.txt")


def test_what_is_not_out_or_was_withdrawn_is_at_no_address(site, client, subtests):
    with subtests.test("no page says a word of it"):
        told = {}
        for address in addresses(site):
            answer = client.get(address, follow=True)
            body = b"".join(answer) if answer.streaming else answer.content
            said = body.decode().replace(f'value="{CANARY.lower()[:6]}"', "")
            if CANARY.lower() in said.lower():
                at = said.lower().index(CANARY.lower())
                told[address] = said[max(0, at - 80) : at + 60]
        assert told == {}

    with subtests.test("its own page does not exist"):
        for bulletin in site[:2]:
            for path in ("", "versions/1/"):
                assert client.get(f"/en/bulletins/{bulletin.number}/{path}").status_code == 404

    with subtests.test("none of its files is handed out"):
        names = [asset.file.name for bulletin in site for asset in bulletin.assets.all()]
        names += [card.file.name for bulletin in site for card in bulletin.cards.all() if CANARY in card.text]
        names += [edition.content["assets"][0]["file"] for edition in first_editions(site[2])]
        assert len(names) > 10
        for name in names:
            assert client.get(reverse("media", args=[name])).status_code == 404, name
        for name in {name.rpartition("/")[0]: name for name in names}.values():  # one of each folder
            assert client.get(f"/media/x/../{name}").status_code == 404

    with subtests.test("the plain bulletin is still there in its published words"):
        assert builders.TEXTS["en"]["title"] in client.get("/en/bulletins/1/").content.decode()


def first_editions(bulletin: Bulletin) -> list[Any]:
    """Return the published editions of a bulletin's first version that have a file."""
    return [one for one in bulletin.versions.get(number=1).editions.all() if one.content["assets"]]


def test_every_route_of_the_public_site_is_walked_here():
    for name in ROUTES:
        try:
            reverse(name if name == "home" else f"website:{name}")
        except NoReverseMatch:  # a route that was renamed would be walked no more
            pytest.fail(name)
