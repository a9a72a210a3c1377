"""The words of a correction promise nothing that the text below them does not say."""

import pytest

from bulletins.approval import approval_workflow
from bulletins.checks import overrides, registry
from bulletins.editing import drafts
from bulletins.models import Bulletin, NotAllowed
from bulletins.publication import corrections
from tests.support.builders import NOON, build_bulletin, published

OLD = {"fi": "Avataan 13. huhtikuuta klo 9.", "sv": "Öppnar den 13 april kl. 9.", "en": "Open from 9 a.m. on 13 April."}
SAID = {
    "fi": "Kirjoitimme: 13. huhtikuuta. Oikein on: 19. huhtikuuta.",
    "sv": "Vi skrev: 13 april. Det ska stå: 19 april.",
    "en": "We wrote: 13 April. It should say: 19 April.",
}


def say(bulletin: Bulletin, texts: dict[str, str], by) -> None:
    """Write the same body in every language, the original first."""
    for edition in bulletin.editions.order_by("pk"):
        edition.body = texts[edition.language]
        drafts.save_edition(edition, by=by, at=NOON)


def begun(campaign, by, words: dict[str, str]) -> Bulletin:
    """Return a correction with words for readers, in whose text only an hour has been changed."""
    bulletin = build_bulletin(campaign, by=by)
    say(bulletin, OLD, by)
    published(bulletin, by=by)
    corrections.start_correction(bulletin, by=by, at=NOON, what_changed=words, share_text=words)
    say(
        bulletin,
        {
            "fi": OLD["fi"].replace("9.", "10."),
            "sv": OLD["sv"].replace("9.", "10."),
            "en": OLD["en"].replace("9", "10"),
        },
        by,
    )
    return Bulletin.objects.get(pk=bulletin.pk)


def unkept(bulletin: Bulletin) -> list:
    return [
        one for one in registry.findings(Bulletin.objects.get(pk=bulletin.pk), at=NOON) if one.code == "unkept-words"
    ]


def test_a_day_that_is_said_to_be_right_and_stands_in_no_text_blocks_once_for_all_languages(campaign, alma):
    bulletin = begun(campaign, alma, SAID)

    (found,) = unkept(bulletin)
    assert found.level == "stops" and found.says.endswith(": Finnish; Swedish; English.")
    assert "“19. huhtikuuta”" in found.says and "still says “13. huhtikuuta”" in found.says
    with pytest.raises(NotAllowed, match="the text still says"):
        approval_workflow.submit(bulletin, by=alma, at=NOON)
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.DRAFT

    # One language at a time, as it is mended; a reason lets it stand.
    finnish = bulletin.editions.get(language="fi")
    finnish.body = finnish.body.replace("13.", "19.")
    drafts.save_edition(finnish, by=alma, at=NOON)
    (found,) = unkept(bulletin)
    assert found.says.endswith(": Swedish; English.")
    overrides.override_finding(bulletin, found.key, reason="The council decides it tonight.", by=alma, at=NOON)
    assert [one.level for one in unkept(bulletin)] == ["stands"]


@pytest.mark.parametrize(
    "words",
    [
        SAID
        | {"fi": "Kello on muuttunut: 10.", "sv": "Klockan har ändrats: 10.", "en": "The hour has changed: 10 a.m."},
        dict.fromkeys(OLD, "13.4. / 13 April"),
        {"fi": "Tiesimme tämän 2. huhtikuuta.", "sv": "Vi visste det den 2 april.", "en": "We knew that on 2 April."},
    ],
    ids=["what changed", "the old day alone", "another day alone"],
)
def test_words_that_name_what_changed_or_one_day_alone_block_nothing(campaign, alma, words):
    assert not unkept(begun(campaign, alma, words))
