"""A source is named in the page's language, or by its site: never in another language than the page's."""

import pytest
from django.utils.translation import override

from bulletins.checks import registry
from bulletins.editing import drafts, input_merge, source_names
from bulletins.intake import submissions
from bulletins.media import message_cards
from bulletins.media import packages as media_packages
from bulletins.models import KeyMessage
from questions.answers.published_answers import AnswerReading
from questions.models import AnswerVersion
from tests.support import builders

FINNISH = "Terveyden ja hyvinvoinnin laitos"
MINISTRY = {"fi": "Ministeriö", "sv": "Ministeriet", "en": "Ministry"}


@pytest.mark.parametrize(
    ("names", "urls", "language", "named"),
    [
        ({"fi": FINNISH, "en": "Institute for Health"}, {"fi": "https://thl.fi/"}, "en", "Institute for Health"),
        ({"fi": FINNISH}, {"fi": "https://www.thl.fi/koronavirus"}, "en", "thl.fi"),
        ({"fi": FINNISH}, {"fi": "https://thl.fi/"}, "fi-FI", FINNISH),
        ({"fi": FINNISH, "sv": " "}, {"sv": "https://thl.fi/sv"}, "sv", "thl.fi"),
        ({"fi": FINNISH}, {}, "en", FINNISH),
        ({"fi": FINNISH}, {"fi": "https://[broken"}, "en", FINNISH),
        ({}, {}, "en", ""),
    ],
)
def test_a_name_in_another_language_gives_way_to_the_site(names, urls, language, named):
    assert source_names.name_in(language, names, urls) == named


@pytest.mark.django_db
def test_no_outlet_of_a_bulletin_names_a_source_in_another_language(campaign, client):
    bulletin = builders.build_bulletin(campaign, audiences=[builders.build_audience(campaign, size=1)])
    addresses = dict.fromkeys(builders.LANGUAGES, "https://www.thl.fi/")
    KeyMessage.objects.filter(bulletin=bulletin).update(source_name={"fi": FINNISH}, source_url=addresses)
    packages = list(media_packages.of_draft(bulletin))
    said = {(package.language, str(package.data)) for package in packages}
    said |= {(spec.language, spec.source) for spec in message_cards.specs_of(bulletin)}

    version = builders.published(bulletin)

    said |= {(one.language, str(one.content)) for one in version.editions.all()}
    said |= {(one.language, one.text + one.html) for one in version.mailing.messages.all()}
    said |= {
        (code, client.get(f"/{code}/bulletins/{bulletin.number}/").content.decode()) for code in ("en", "sv", "fi")
    }
    assert len(said) >= 12
    for language, words in said:
        assert (FINNISH in words) == (language == "fi"), (language, words[:300])
        assert "thl.fi" in words


@pytest.mark.django_db
def test_an_answer_names_its_source_in_the_language_of_the_page_or_by_its_site(campaign):
    version = AnswerVersion(content={"source_name": {"fi": FINNISH}, "source_url": {"fi": "https://thl.fi/fi"}})
    row = AnswerReading(**dict.fromkeys(AnswerReading.__dataclass_fields__) | {"version": version})
    for language, named in (("fi", FINNISH), ("en", "thl.fi")):
        with override(language):
            assert row.source == (
                "Terveyden ja hyvinvoinnin laitos" if language == "fi" else named,
                "https://thl.fi/fi",
            )


@pytest.mark.django_db
def test_what_an_authority_published_itself_has_its_names_in_all_languages(campaign, alma):
    authority = builders.build_authority(name=MINISTRY)
    facts = [{"text": "Open.", "source": 1}, {"text": "Shut.", "source": 2}]
    links = [
        {"publisher": "Ministeriö", "title": "A", "url": "https://ministry.example.org/"},
        {"publisher": "Helsingin Sanomat", "title": "B", "url": "https://hs.example.org/"},
    ]
    one = builders.build_input(campaign, authority=authority, language="fi", facts=facts, sources=links)
    named = [submissions.source_names(fact, fact.source) for fact in one.facts.order_by("pk")]
    assert named == [authority.name, {"fi": "Helsingin Sanomat"}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("publishers", "name", "address"),
    [
        (["HS"], {"fi": "HS"}, {"fi": "https://hs.example.org/0"}),
        ([], MINISTRY, {}),
        (["HS", "Yle"], MINISTRY, {}),
        (["HS", "Ministry"], MINISTRY, {"fi": "https://hs.example.org/1"}),
    ],
)
def test_a_fact_that_names_no_source_rests_on_the_only_one_or_on_its_authority(
    publishers, name, address, campaign, alma
):
    authority = builders.build_authority(name=MINISTRY)
    links = [{"publisher": one, "title": "A", "url": f"https://hs.example.org/{n}"} for n, one in enumerate(publishers)]
    sent = {"authority": authority, "language": "fi", "facts": [{"text": "Open until noon."}]}
    one = builders.build_input(campaign, sources=links, **sent)
    bulletin = drafts.start(campaign, by=alma, at=builders.NOON, inputs=[one])
    message = bulletin.key_messages.get()
    assert (message.source_name, message.source_url) == (name, address)
    assert "missing-source" not in {one.code for one in registry.findings(bulletin)}

    update = builders.build_input(campaign, sources=[], replaces=one, **sent)
    input_merge.add_inputs(bulletin, [update], by=alma, at=builders.NOON)
    message = bulletin.key_messages.get()
    assert message.fact.input == update
    assert (message.source_name, message.source_url) == (name, address), "an update without a source keeps it"
