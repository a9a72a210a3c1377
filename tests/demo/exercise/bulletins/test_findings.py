"""The lint on real words: the demo's five bulletins in three languages with their variants."""

import pytest

from accounts.access import permissions
from bulletins.checks import findings, registry
from bulletins.models import Bulletin, InputFact
from demo.content_files import reader
from demo.exercise import loader
from demo.exercise.bulletins import bulletin_history, fact_checks
from demo.exercise.demo_dates import Calendar
from demo.exercise.participants import people
from factcheck.models import Claim
from tests.support.builders import NOON

pytestmark = pytest.mark.sqlite  # what a demo runs on; what finds them leaves SQL to the ORM
FILES = reader.read()
TEXTS = {"parity", "other-date", "other-figure", "banned-term", "hard-to-read", "too-long"}


@pytest.fixture
def past(db: None) -> bulletin_history.History:
    """What writes the demo's bulletins, with the inputs and facts they rest on, but without people to send them to."""
    calendar = Calendar.of(FILES, at=NOON)
    permissions.sync()
    campaign = loader.create_campaign(FILES, calendar)
    loader.create_terms(campaign, FILES)
    audiences = loader.create_audiences(campaign, FILES, calendar)
    users = people.create_staff()
    contributors = people.create_contributors(users)
    inputs = loader.create_inputs(campaign, FILES, calendar, contributors, users[loader.EDITOR])
    checkers = [users[address] for address in loader.FACT_CHECKERS]
    fact_checks.create_claims(campaign, FILES, calendar, checkers)
    writer = bulletin_history.History(
        campaign,
        FILES,
        calendar,
        audiences,
        inputs,
        editor=users[loader.EDITOR],
        approver=users[loader.APPROVER],
        checker=checkers[0],
    )
    writer.facts = {fact.key: fact for fact in InputFact.objects.select_related("input")}
    writer.topics = {topic.slug: topic for topic in campaign.topics.all()}
    writer.claims = {claim.slug: claim for claim in Claim.objects.all()}
    return writer


def drafted(past: bulletin_history.History, number: int) -> Bulletin:
    """Return a bulletin of the demo as it was first written."""
    plans = {
        plan.number("bulletin"): plan for plan in past.content.campaign.items("schedule") if "bulletin" in plan.data
    }
    return past.draft(past.content.bulletins[number - 1], plans[number], at=NOON)


def of_texts(bulletin: Bulletin) -> list[findings.Finding]:
    """Return what the rules about words, numbers and dates find."""
    return [finding for finding in registry.findings(bulletin, at=NOON) if finding.code in TEXTS]


@pytest.mark.parametrize("number", [1, 2, 4, 5])
def test_nothing_is_found_in_words_that_are_right(past: bulletin_history.History, number: int) -> None:
    assert [str(finding) for finding in of_texts(drafted(past, number))] == []


def test_the_wrong_date_is_found_in_every_language_and_in_the_variants(past: bulletin_history.History) -> None:
    bulletin = drafted(past, 3)
    found = of_texts(bulletin)

    assert {finding.code for finding in found} == {"other-date"}
    assert all(finding.level == findings.STOPS and finding.overridable for finding in found)
    assert all(finding.says.endswith("the submission says 19 April.") for finding in found), found[0].says
    places = {finding.place for finding in found}
    message = bulletin.key_messages.get(key="km-3-1")
    for code in ("fi", "sv", "en"):
        assert f"edition:{code}:body" in places
        assert f"message:{message.pk}:{code}" in places
        assert f"variant:{code}:instagram:caption" in places
        assert f"variant:{code}:tiktok:script" in places
        assert f"variant:{code}:youtube:caption" in places
    written = {finding.place: finding.says for finding in found}
    assert "“kolmanteentoista huhtikuuta”" in written["variant:fi:tiktok:script"]


def test_the_corrected_words_are_clean(past: bulletin_history.History) -> None:
    bulletin = drafted(past, 3)
    [correction] = FILES.corrections
    past.fill(bulletin, correction.bulletin, at=NOON, subjects=correction.subject, preheaders=correction.preheader)

    assert [str(finding) for finding in of_texts(bulletin)] == []


def test_the_wrong_date_went_out_because_somebody_let_it_stand(past: bulletin_history.History) -> None:
    bulletin = drafted(past, 3)
    past.override_dates(bulletin, at=NOON)

    assert registry.stops(bulletin, at=NOON) == []
    found = [one for one in registry.findings(bulletin, at=NOON) if one.level == findings.STANDS]
    assert {one.code for one in found} == {"other-date"}
    assert {one.override.by for one in found if one.override} == {past.editor}


def test_what_another_bulletin_replaced_holds_until_then_only(past: bulletin_history.History) -> None:
    bulletin = drafted(past, 1)
    replaced = bulletin.key_messages.get(key="km-1-4")
    assert replaced.fact is not None and replaced.fact.superseded_by is not None

    assert replaced.valid_until == replaced.fact.superseded_at
    assert {one.valid_until for one in bulletin.key_messages.exclude(key="km-1-4")} == {
        past.facts["in-001-f1"].valid_until
    }
