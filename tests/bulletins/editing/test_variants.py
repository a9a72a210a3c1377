"""A bulletin in a platform's manner."""

import pytest

from bulletins.editing import variants
from bulletins.editing.admin.variants import count_of
from bulletins.editing.conflicts import token
from bulletins.editing.variants import Material
from bulletins.models import Asset, NotAllowed, Platform, SetAside, Variant
from campaigns.models import PlatformLimit
from campaigns.platforms import platform_limits
from tests.support import builders
from tests.support.builders import NOON

DEMO_LIMITS = [
    ("instagram", "caption", 2200, "code_points"),
    ("instagram", "hashtags", 5, "items"),
    ("tiktok", "video_caption", 2200, "utf16_units"),
    ("tiktok", "photo_title", 90, "utf16_units"),
    ("youtube", "title", 100, "code_points"),
    ("youtube", "description", 5000, "utf8_bytes"),
    ("youtube", "tags", 500, "code_points"),
    ("facebook", "post", 63206, "code_points"),
    ("x", "post", 280, "x_weighted"),
    ("threads", "post", 500, "utf8_emoji"),
    ("threads", "links", 5, "items"),
    ("snapchat", "post", 500, "code_points"),
    ("snapchat", "spotlight", 160, "code_points"),
]
LIMITS = {
    (platform, field): PlatformLimit(platform=platform, field=field, limit=limit, counted_in=unit)
    for platform, field, limit, unit in DEMO_LIMITS
}
LONG = Material(
    title="Epäjärjestelmällistyttämättömyydelläänsäkäänköhän " * 3,
    lead="Tiedonvälityskäytäntöjen yhdenmukaistaminen jatkuu. " * 60,
    messages=[f"Ydinviesti {number}: " + "liikkumisrajoitukset ovat voimassa yhä. " * 8 for number in range(12)],
    actions=["Jää kotiin ja soita läheiselle. " * 4],
    sources=[("Valtioneuvosto", "https://valtioneuvosto.fi/" + "a" * 200)],
    hashtags=[f"#tunniste{number}" for number in range(12)],
    topics=["liikkuminen ja matkustaminen"] * 30,
    language="fi",
)


@pytest.mark.parametrize("platform", Platform.values)
def test_a_draft_fits_its_platform_and_cuts_no_word(platform):
    made = variants.draft(platform, LONG, LIMITS)
    variant = Variant(platform=platform, **made)
    assert platform_limits.over_limit(variant, LIMITS) == []
    assert made["caption"]
    known = set(
        " ".join([LONG.title, LONG.lead, *LONG.messages, *LONG.actions, *LONG.hashtags, *LONG.sources[0]]).split()
    )
    own = {"•", "…"}
    body = [word for word in (made["caption"] + " " + made.get("title", "")).split() if word not in own]
    assert [
        word for word in body if word not in known and word not in {"Source:", "Lähde:", "Sources:", "Lähteet:"}
    ] == []


def test_each_platform_has_its_own_manner():
    material = Material(
        title="Libraries open",
        lead="The libraries open on Monday, and everybody is welcome.",
        messages=["Libraries open on Monday.", "Keep your distance."],
        actions=["Return your loans."],
        sources=[("Ministry", "https://ministry.example.org/decision")],
        hashtags=["#facts"],
        language="en",
    )
    x = variants.draft("x", material, LIMITS)["caption"]
    assert x == ("Libraries open on Monday.\n\nReturn your loans.\n\nhttps://ministry.example.org/decision\n\n#facts")
    instagram = variants.draft("instagram", material, LIMITS)
    assert instagram["caption"].startswith("Libraries open\n\nThe libraries open on Monday")
    assert "Source: Ministry" in instagram["caption"] and instagram["hashtags"] == ["#facts"]
    tiktok = variants.draft("tiktok", material, LIMITS)
    assert tiktok["script"].splitlines()[1] == "[Show] Libraries open on Monday."
    youtube = variants.draft("youtube", material, LIMITS)
    assert (
        youtube["title"] == "Libraries open" and "Ministry https://ministry.example.org/decision" in youtube["caption"]
    )


@pytest.fixture
def edition(campaign, alma):
    bulletin = builders.build_bulletin(campaign, by=alma)
    return bulletin.editions.get(language="sv")


@pytest.mark.django_db
def test_a_draft_starts_from_the_edition(edition, alma):
    variant = variants.start_variant(edition, "instagram", by=alma, at=NOON)
    assert variant.caption.startswith("Biblioteken öppnar på måndag")
    assert "Lämna tillbaka lånen i tid." in variant.caption
    assert variant.hashtags == ["#harjoitus"]


@pytest.mark.django_db
def test_a_source_named_in_another_language_and_what_the_picture_shows_flow_on(edition, alma):
    edition.bulletin.key_messages.update(source_name={"fi": "Ministeriö"}, source_url={"fi": "https://fi.example.org/"})
    Asset.objects.create(bulletin=edition.bulletin, kind="image", alt_text={"fi": "Aurinko", "sv": "En sol"})
    assert "Källa: Ministeriö" in variants.start_variant(edition, "facebook", by=alma, at=NOON).caption
    variant = variants.start_variant(edition, "instagram", by=alma, at=NOON)
    assert variant.alt_text == "En sol"
    Variant.objects.filter(pk=variant.pk).update(alt_text="")
    assert variants.start_variant(edition, "instagram", by=alma, at=NOON).alt_text == "En sol"


@pytest.mark.django_db
def test_words_that_are_there_give_way_only_when_asked_and_are_kept(edition, alma):
    Variant.objects.create(edition=edition, platform="instagram", caption="Mina ord")
    variant = variants.start_variant(edition, "instagram", by=alma, at=NOON)
    assert variant.caption == "Mina ord" and variant.hashtags == ["#harjoitus"]
    with pytest.raises(NotAllowed, match=r"no words for the empty fields \(alt text for the picture\)"):
        variants.start_variant(edition, "instagram", by=alma, at=NOON)
    Variant.objects.update(alt_text="Sol")
    with pytest.raises(NotAllowed, match="already has text"):
        variants.start_variant(edition, "instagram", by=alma, at=NOON)
    assert Variant.objects.get().caption == "Mina ord" and not SetAside.objects.exists()
    variants.start_variant(edition, "instagram", by=alma, at=NOON, replace=True)
    assert Variant.objects.get().caption.startswith("Biblioteken")
    assert SetAside.objects.get().text == "Mina ord"


@pytest.mark.django_db
def test_an_edition_without_words_starts_nothing(campaign, alma):
    from bulletins.editing import drafts

    bulletin = drafts.start(campaign, by=alma, at=NOON)
    edition = bulletin.editions.get(language="en")
    edition.hashtags = []
    with pytest.raises(NotAllowed, match="no text yet"):
        variants.start_variant(edition, "facebook", by=alma, at=NOON)
    assert not Variant.objects.exists()


@pytest.mark.django_db
def test_a_text_that_is_too_long_is_stored_all_the_same(edition, alma):
    PlatformLimit.objects.create(
        platform="x", field="post", limit=280, counted_in="x_weighted", seen_on=NOON.date(), source="its help"
    )
    kept = variants.save_variant(edition, "x", {"caption": "å" * 300, "hashtags": "a, #b"}, read={}, by=alma, at=NOON)
    variant = Variant.objects.get()
    assert set(kept.changed) == {"caption", "hashtags"}
    assert variant.hashtags == ["#a", "#b"]
    assert platform_limits.over_limit(variant, platform_limits.current_limits(on=NOON.date()))[0][1] == 300


@pytest.mark.django_db
def test_two_in_one_caption_lose_no_word(edition, alma, veikko):
    empty = {"caption": token("")}
    variants.save_variant(edition, "x", {"caption": "Alma"}, read=empty, by=alma, at=NOON)
    kept = variants.save_variant(edition, "x", {"caption": "Veikko"}, read=empty, by=veikko, at=NOON)
    assert Variant.objects.get().caption == "Alma"
    assert [one.mine for one in kept.clashes] == ["Veikko"]
    assert SetAside.objects.get().part == "variant:sv:x"


@pytest.mark.django_db
def test_two_in_other_lines_and_hashtags_of_one_caption_are_put_together(edition, alma, veikko):
    caption = "Alku.\n• yksi\n• kaksi"
    base = {"caption": caption, "hashtags": "#a #b"}
    variants.save_variant(edition, "x", base, read={}, by=alma, at=NOON)
    read = {name: token(text) for name, text in base.items()}
    alma_sent = {"caption": caption.replace("yksi", "1"), "hashtags": "#b, c"}
    variants.save_variant(edition, "x", alma_sent, read=read, base=base, by=alma, at=NOON)
    sent = {"caption": caption.replace("kaksi", "2"), "hashtags": "a b, d"}
    kept = variants.save_variant(edition, "x", sent, read=read, base={**base, "hashtags": "a, b"}, by=veikko, at=NOON)
    variant = Variant.objects.get()
    assert variant.caption == "Alku.\n• 1\n• 2" and variant.hashtags == ["#b", "#c", "#d"]
    assert kept.combined == {"caption": sent["caption"], "hashtags": "#a #b #d"} and not kept.clashes
    assert not SetAside.objects.exists()
    # Without what it began with, or with another text in its place, it is for a person.
    kept = variants.save_variant(edition, "x", sent, read=read, base={"caption": "Muu."}, by=veikko, at=NOON)
    assert {one.field for one in kept.clashes} == {"caption", "hashtags"}


@pytest.mark.django_db
def test_a_published_version_takes_no_variant(campaign, alma):
    version = builders.build_published_version(campaign)
    edition = version.bulletin.editions.get(language="fi")
    with pytest.raises(NotAllowed, match="published"):
        variants.save_variant(edition, "x", {"caption": "Myöhässä"}, read={}, by=alma, at=NOON)
    with pytest.raises(NotAllowed, match="published"):
        variants.start_variant(edition, "x", by=alma, at=NOON)
    assert not Variant.objects.exists()


@pytest.mark.django_db
def test_all_platforms_are_started_once_and_what_is_there_stays(campaign, alma):
    bulletin = builders.build_bulletin(campaign, by=alma)
    finnish, swedish, english = (bulletin.editions.get(language=code) for code in ("fi", "sv", "en"))
    Variant.objects.create(edition=finnish, platform="instagram", caption="Oma teksti.")
    type(english).objects.filter(pk=english.pk).update(title="")

    assert variants.start_all(bulletin, by=alma, at=NOON) == 2 * len(variants.places_of(campaign)) - 1
    assert Variant.objects.get(edition=finnish, platform="instagram").caption == "Oma teksti."
    assert Variant.objects.get(edition=swedish, platform="x").caption.startswith(swedish.title)
    assert not english.variants.exists()
    assert variants.start_all(bulletin, by=alma, at=NOON) == 0 and not SetAside.objects.exists()


@pytest.mark.django_db
def test_a_published_version_starts_no_platform(campaign, alma):
    bulletin = builders.build_published_version(campaign, by=alma, at=NOON).bulletin
    before = Variant.objects.count()

    with pytest.raises(NotAllowed):
        variants.start_all(bulletin, by=alma, at=NOON)
    assert Variant.objects.count() == before


def test_the_signs_that_make_a_text_message_larger_are_named_with_what_is_added_to_it():
    limit = PlatformLimit(platform="sms", field="caption", limit=10, counted_in="sms_parts")
    assert not count_of("caption", "Boil – now", limit).larger and not count_of("caption", "x" * 200, limit).larger
    assert count_of("caption", "Boil – now", limit, added="x" * 70).larger == "–"
    assert count_of("caption", "–" + "x" * 90, limit).larger_says and not count_of("caption", "", limit).larger
