"""An authority's update proposes what changed in it, and nothing that did not."""

import pytest

from bulletins.editing import drafts
from bulletins.facts import fact_changes, fact_list, proposals, updates
from bulletins.intake import submissions
from bulletins.models import Bulletin, Parts
from bulletins.publication import publish
from tests.bulletins.facts.boil_water import build_boil_water, fact
from tests.support.builders import NOON, approved, build_bulletin, build_input

# language, the first words, the newer ones, and what is proposed: (the value of the bulletin, the one instead)
CHANGED = [
    (
        "en",
        "Boil the water until 2 April. Advice on 30 March at the library.",
        "Boil the water until 5 April. Advice on 30 March at the library, and on 1 April and 3 April at the school.",
        {("04-02", "04-05")},
    ),
    (
        "fi",
        "Keitä vesi 2.4. asti. Vettä jaetaan 4 paikassa, ja 30.3. neuvomme kirjastossa.",
        "Keitä vesi 5.4. asti. Vettä jaetaan 6 paikassa, ja 1.4. sekä 3.4. neuvomme koululla.",
        {("04-02", "04-05"), ("4", "6"), ("03-30", "04-01")},
    ),
    (
        "sv",
        "Koka vattnet till 2.4. Vattnet delas ut kl. 8–16 till 1 200 hushåll.",
        "Koka vattnet till 5.4. Vattnet delas ut kl. 8–20 till 1 500 hushåll, och kl. 10 på söndag.",
        {("04-02", "04-05"), ("16:00", "20:00"), ("1200", "1500")},
    ),
    (
        "en",
        "Boil the water until 2 April. Call 0800 12345.",
        "Boil all water for now. Call 0800 12345.",
        {("04-02", "")},
    ),
    ("en", "Closed on 2 April and 3 April.", "Closed on 3 April and 2 April.", set()),
]


def asked(campaign, alma, language, was, now, **more):
    first = build_input(campaign, language=language, body=was)
    bulletin = build_bulletin(campaign, by=alma, inputs=[first])
    edition = bulletin.editions.get(language=language)
    edition.body = was
    drafts.save_edition(edition, by=alma, at=NOON)
    newer = submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=NOON, title=first.title, body=now,
        language=language, replaces=first, **more,
    )  # fmt: skip
    parts = Parts(Bulletin.objects.get(pk=bulletin.pk))
    return newer, updates.proposed(parts, fact_list.facts_of(parts, at=NOON), at=NOON)


@pytest.mark.parametrize(("language", "was", "now", "expected"), CHANGED)
def test_an_update_proposes_what_changed_however_many_facts_it_has(campaign, alma, language, was, now, expected):
    newer, found = asked(campaign, alma, language, was, now)

    assert {(one.row.value, one.value) for one in found} == expected
    assert {one.source for one in found} <= {newer}


def test_an_update_while_a_correction_is_under_way_is_proposed_there(campaign, alma):
    source = build_input(campaign, language="en", body="Boil the water until 2 April.")
    bulletin = build_boil_water(campaign, alma)
    bulletin.inputs.add(source)
    publish.publish(approved(bulletin, by=alma), at=NOON)
    bulletin.refresh_from_db()
    row = fact(bulletin, "2 April")
    seen = {one.place.key: one.token for one in proposals.proposals(row, "04-04", today=NOON.date())}
    fact_changes.change(bulletin, row.key, "04-04", read=seen, by=alma, at=NOON)
    corrected = Bulletin.objects.get(pk=bulletin.pk)
    assert (corrected.kind, corrected.state) == ("correction", "draft")

    submissions.submit(
        campaign=campaign, authority=source.authority, by=source.submitted_by, at=NOON, title=source.title,
        body="Boil the water until 6 April. Fetch water from 4 April.", language="en", replaces=source,
    )  # fmt: skip

    parts = Parts(Bulletin.objects.get(pk=bulletin.pk))
    found = updates.proposed(parts, fact_list.facts_of(parts, at=NOON), at=NOON)
    assert [(one.row.value, one.value) for one in found] == [("04-04", "04-06")]
