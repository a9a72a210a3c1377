"""A hundred are chosen by what each adds, under rules that say whom they keep out, never by followers."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from campaigns.models import Campaign, Region
from delivery.models import Audience, Consent, MailChoice, Membership, Suppression
from influencers.models import Harassment, Influencer, PlatformAccount, Selection, Signature
from influencers.profiles import data_export, tiers
from influencers.selection import comparison, explanation, tier_moves
from influencers.selection.candidates import ages_of, read
from influencers.selection.coverage_cells import CannotChoose, grid_of, targets_of
from influencers.selection.exclusion_rules import OF_ONE, Rules
from tests.support import builders
from tests.support.builders import NOON

from .selection_scene import build_person, build_targets, build_tiers, choose, names


@pytest.fixture
def partners(campaign: Campaign, roles: None) -> Audience:
    """The closest tier of a campaign that has said whom it wants to reach."""
    build_targets(campaign)
    return build_tiers(campaign)[0]


@pytest.fixture
def network(campaign: Campaign, partners: Audience) -> Audience:
    """The open network."""
    return Audience.objects.get(campaign=campaign, slug="network")


OLDER = {"13_17": 10, "18_24": 90}


# --- Whom the campaign wants to reach -------------------------------------------------------------------------


def test_the_cells_of_a_grid_weigh_one_together(campaign: Campaign, partners: Audience) -> None:
    grid = grid_of(targets_of(campaign))

    assert len(grid.cells) == 8  # no target names a region, so no cell asks for one
    assert sum(grid.weights) == pytest.approx(1)
    assert grid.weights[grid.number["13_17", "sv", "", "music"]] == pytest.approx(0.4 * 0.2 * 0.3)


def test_without_targets_it_says_what_to_do(campaign: Campaign, roles: None) -> None:
    audience, _network = build_tiers(campaign)
    build_person(campaign, "a")

    with pytest.raises(CannotChoose, match="has not yet said whom it wants to reach"):
        choose(campaign, audience)
    assert not Selection.objects.exists()


def test_shares_that_do_not_add_up_are_named(campaign: Campaign, roles: None) -> None:
    audience, _network = build_tiers(campaign)
    build_targets(campaign, {"age": {"13_17": 50, "18_24": 40}})
    build_person(campaign, "a")

    with pytest.raises(CannotChoose, match="“age” add up to 90 per cent"):
        choose(campaign, audience)


# --- What someone covers -------------------------------------------------------------------------------------


def test_what_is_not_known_of_somebody_counts_as_not_reached(campaign: Campaign, partners: Audience) -> None:
    build_person(campaign, "a", audience_ages={}, audience_birth_decade=None)
    build_person(campaign, "b", interests=[])
    build_person(campaign, "c")

    made = choose(campaign, partners, size=3)

    assert names(made) == ["c"]
    assert made.result["unknown"] == {"age": 1, "topic": 1}
    assert made.result["chosen"] == 1


def test_a_decade_of_birth_stands_for_the_ages_half_of_which_it_holds() -> None:
    groups = ["13_17", "18_24", "25_34", "45_plus"]

    assert ages_of({}, 2000, groups, 2020) == {"13_17"}
    assert ages_of({}, 1990, groups, 2020) == {"18_24", "25_34"}
    assert ages_of({}, 1960, groups, 2020) == {"45_plus"}
    assert ages_of({"13-17": 20, "18_24": 14}, 1960, groups, 2020) == {"13_17"}


def test_an_own_language_and_that_of_a_real_share_of_followers_count(campaign: Campaign, partners: Audience) -> None:
    build_person(campaign, "a", audience_languages={"fi": 80, "sv": 15, "en": 5}, other_languages=["sv"])
    build_person(campaign, "b", audience_languages={"fi": 90, "sv": 10}, other_languages=["sv"])
    grid = grid_of(targets_of(campaign))

    known = {one.reference: one for one in read(campaign, grid, Rules(), audience=partners, at=NOON)}

    assert {grid.cells[cell][1] for cell in known["a"].covers} == {"fi", "sv"}
    assert {grid.cells[cell][1] for cell in known["b"].covers} == {"fi"}


def test_a_region_is_covered_by_who_lives_there(campaign: Campaign, roles: None) -> None:
    audience, _network = build_tiers(campaign)
    build_targets(campaign, {"region": {"MK01": 90, "MK15": 10}})
    west = Region.objects.create(code="MK15", name={"en": "Ostrobothnia"})
    build_person(campaign, "a", region=west)
    build_person(campaign, "b")

    made = choose(campaign, audience)

    assert names(made) == ["a"]
    assert made.result["covered"] == pytest.approx(0.1)
    assert made.result["misses"][0]["region"] == "MK01"
    assert made.result["misses"][0]["could"] == 0


# --- Choosing -------------------------------------------------------------------------------------------------


def test_who_adds_something_comes_before_who_adds_the_same_again(campaign: Campaign, partners: Audience) -> None:
    for name in ("a", "b", "c"):
        build_person(campaign, name)
    build_person(campaign, "d", language="sv", audience_ages=OLDER, interests=["sport", "music"])
    build_person(campaign, "e", audience_ages=OLDER, interests=["sport", "music"])

    made = choose(campaign, partners)

    assert set(names(made)) == {"a", "e"}
    assert made.result["method"] == "exact"
    assert made.result["covered"] == pytest.approx(0.4 * 0.8 * 0.7 + 0.6 * 0.8)
    assert made.result["twice"] == 0


def test_followers_change_nothing(campaign: Campaign, partners: Audience) -> None:
    people = [build_person(campaign, f"p{number}", interests=["sport"]) for number in range(4)]
    people += [build_person(campaign, f"q{number}", audience_ages=OLDER, interests=["music"]) for number in range(4)]
    for person in people:
        PlatformAccount.objects.create(influencer=person, platform="tiktok", handle=person.reference, followers=1000)
    before = choose(campaign, partners, size=3)

    PlatformAccount.objects.filter(handle__in=["p3", "q3"]).update(followers=100_000)
    after = choose(campaign, partners, size=3)

    assert names(after) == names(before)
    assert after.result["covered"] == before.result["covered"]


def test_of_those_who_cover_the_same_who_is_in_the_tier_stays_and_otherwise_goodwill_decides(
    campaign: Campaign, partners: Audience
) -> None:
    build_person(campaign, "a")
    build_person(campaign, "b", values={"value_sources": 5})
    build_person(campaign, "c")

    assert names(choose(campaign, partners, size=1)) == ["b"]
    builders.join(partners, [Influencer.objects.get(reference="c").recipient])
    assert names(choose(campaign, partners, size=1)) == ["c"]
    assert {tuple(names(choose(campaign, partners, size=1))) for _time in range(3)} == {("c",)}


def test_each_is_said_why_and_what_an_exchange_would_change(campaign: Campaign, partners: Audience) -> None:
    build_person(campaign, "a", interests=["sport", "music"])
    build_person(campaign, "b")
    build_person(campaign, "c", audience_ages=OLDER)

    made = choose(campaign, partners)

    rows = {row.influencer.reference: row for row in made.choices.select_related("influencer")}
    assert set(rows) == {"a", "c"}
    assert rows["a"].gain == pytest.approx(0.4 * 0.8)
    assert rows["a"].why == [
        {
            "place": 1,
            "ages": ["13_17"],
            "language": "fi",
            "region": "",
            "topics": ["music", "sport"],
            "weight": pytest.approx(0.32),
        }
    ]
    assert rows["a"].swap["reference"] == "b"
    assert rows["a"].swap["covered"] == pytest.approx(-0.4 * 0.8 * 0.3)
    assert rows["a"].swap["lost"][0]["topics"] == ["music"]
    assert rows["a"].swap["won"] == []


def test_nothing_that_somebody_is_in_it_for_is_left_out() -> None:
    shares = {"age": {"13_17": 50, "18_24": 50}, "language": dict.fromkeys(("fi", "sv", "en", "se"), 25)}
    grid = grid_of(
        {"dimension": dimension, "key": key, "share": share}
        for dimension, values in shares.items()
        for key, share in values.items()
    )
    counts = Counter({number: 1 if cell[0] == "13_17" else 2 for cell, number in grid.number.items()})

    rows = explanation.why(grid, range(8), counts, 2)

    assert len(rows) == 8
    assert sum(row["weight"] for row in rows) == pytest.approx(1)


def test_tables_add_up_and_misses_say_who_could(campaign: Campaign, partners: Audience) -> None:
    for name in ("a", "b"):
        build_person(campaign, name)
    build_person(campaign, "c", language="sv")

    made = choose(campaign, partners, size=1)

    for rows in made.result["dimensions"].values():
        assert sum(row["share"] for row in rows) == pytest.approx(1)
        assert sum(row["covered"] for row in rows) == pytest.approx(made.result["covered"])
    biggest = made.result["misses"][0]
    assert (biggest["age"], biggest["language"], biggest["could"], biggest["nobody"]) == ("18_24", "fi", 0, True)
    swedish = next(row for row in made.result["misses"] if row["age"] == "13_17" and row["language"] == "sv")
    assert (swedish["topics"], swedish["could"]) == (["sport", "music"], 1)


# --- Rules ----------------------------------------------------------------------------------------------------


def test_each_rule_says_whom_it_keeps_out_and_all_add_up(campaign: Campaign, partners: Audience) -> None:
    people = {name: build_person(campaign, name) for name in "abcdefghij"}
    Influencer.objects.filter(reference="a").update(state=Influencer.State.LEFT)
    Influencer.objects.filter(reference="b").update(kept_out="threatened people")
    Consent.objects.filter(recipient=people["c"].recipient).update(withdrawn_at=NOON)
    Signature.objects.filter(influencer=people["d"]).update(withdrawn_at=NOON)
    MailChoice.objects.create(campaign=campaign, recipient=people["e"].recipient, break_until=NOON + timedelta(days=1))
    Harassment.objects.create(influencer=people["f"], at=NOON)
    Influencer.objects.filter(reference="g").update(values={"value_sources": 2})
    Influencer.objects.filter(reference="h").update(values={})
    PlatformAccount.objects.create(influencer=people["j"], platform="tiktok", handle="j", followers=500)
    PlatformAccount.objects.create(influencer=people["j"], platform="youtube", handle="j", followers=600)
    Influencer.objects.filter(reference="i").update(state=Influencer.State.ERASED)
    rules = Rules(values={"value_sources": 3}, leave_harassed=True, followers=1000)

    made = choose(campaign, partners, size=1, rules=rules)

    kept = {rule: row["people"] for rule, row in made.result["kept_out"].items()}
    assert kept == {
        "state": ["a"],
        "kept_out": ["b"],
        "mail": ["c"],
        "signature": ["d"],
        "break": ["e"],
        "harassed": [],  # counted only
        "values": ["g"],
        "values_unknown": ["h"],
    }
    counts = [row["count"] for row in made.result["kept_out"].values()]
    assert counts == [1] * 8
    assert made.result["people"] == made.result["eligible"] + sum(counts) == 9
    assert names(made) == ["j"]


def test_a_floor_of_followers_is_a_rule_that_staff_must_set(campaign: Campaign, partners: Audience) -> None:
    person = build_person(campaign, "a")
    PlatformAccount.objects.create(influencer=person, platform="tiktok", handle="a", followers=900)

    assert names(choose(campaign, partners)) == ["a"]
    with pytest.raises(CannotChoose, match=r"exclude the only person.*fewer followers"):
        choose(campaign, partners, rules=Rules(followers=1000))


def test_who_is_harassed_can_be_chosen_unless_staff_leave_them_in_peace(campaign: Campaign, partners: Audience) -> None:
    person = build_person(campaign, "a")
    report = Harassment.objects.create(influencer=person, at=NOON)

    assert names(choose(campaign, partners)) == ["a"]
    with pytest.raises(CannotChoose, match="open harassment report"):
        choose(campaign, partners, rules=Rules(leave_harassed=True))
    Harassment.objects.filter(pk=report.pk).update(closed_at=NOON)
    assert names(choose(campaign, partners, rules=Rules(leave_harassed=True))) == ["a"]


def test_an_address_that_does_not_work_cannot_be_chosen(campaign: Campaign, partners: Audience) -> None:
    person = build_person(campaign, "a")
    Suppression.objects.create(address_hash=person.recipient.address_hash, reason="complaint")

    with pytest.raises(CannotChoose, match="annot get bulletins by email"):
        choose(campaign, partners)


def test_reading_costs_the_same_however_many_there_are(campaign: Campaign, partners: Audience) -> None:
    grid = grid_of(targets_of(campaign))

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(campaign, grid, Rules(followers=1), audience=partners, at=NOON)
        return len(captured)

    build_person(campaign, "a")
    few = cost()
    for name in "bcd":
        build_person(campaign, name)
    assert cost() == few == 2


# --- Pins -----------------------------------------------------------------------------------------------------


def test_who_is_pinned_is_in_and_who_is_left_out_is_not(campaign: Campaign, partners: Audience) -> None:
    people = {name: build_person(campaign, name) for name in ("a", "b", "c")}
    Influencer.objects.filter(reference="b").update(values={"value_sources": 1})
    pinned, left_out = {people["b"].pk: "knows our schools"}, {people["a"].pk: "asked for a pause"}

    made = choose(campaign, partners, pinned=pinned, left_out=left_out, rules=Rules(values={"value_sources": 3}))

    assert names(made, "pinned") == ["b"]
    assert names(made, "chosen") == ["c"]
    assert names(made, "left_out") == ["a"]
    assert made.choices.get(decision="pinned").note == "knows our schools"
    assert made.result["kept_out"]["left_out"]["people"] == ["a"]
    assert made.choices.get(decision="pinned").swap["reference"] == ""  # nobody else may be chosen


def test_it_is_said_what_a_pin_costs(campaign: Campaign, partners: Audience) -> None:
    pinned = build_person(campaign, "a", language="sv", interests=["music"])
    build_person(campaign, "b")

    made = choose(campaign, partners, size=1, pinned={pinned.pk: "knows our schools"})

    swap = made.choices.get().swap
    assert swap["reference"] == "b"
    assert swap["covered"] == pytest.approx(0.4 * 0.8 * 0.7 - 0.4 * 0.2 * 0.3)


def test_the_reason_of_a_pin_or_of_leaving_out_is_in_ones_own_data(campaign: Campaign, partners: Audience) -> None:
    pinned, left_out = build_person(campaign, "a"), build_person(campaign, "b")
    choose(campaign, partners, pinned={pinned.pk: "knows our schools"}, left_out={left_out.pk: "asked for a pause"})

    assert data_export.own_data(pinned, at=NOON)["selections"][0]["note"] == "knows our schools"
    assert data_export.own_data(left_out, at=NOON)["selections"][0]["note"] == "asked for a pause"


@pytest.mark.parametrize("rule", ["state", "kept_out", "mail", "signature"])
def test_a_pin_does_not_overrule_somebodys_will_or_safety(campaign: Campaign, partners: Audience, rule: str) -> None:
    person = build_person(campaign, "a")
    build_person(campaign, "b")
    if rule == "state":
        Influencer.objects.update(state=Influencer.State.LEFT)
    elif rule == "kept_out":
        Influencer.objects.update(kept_out="threats")
    elif rule == "mail":
        Consent.objects.update(withdrawn_at=NOON)
    else:
        Signature.objects.update(withdrawn_at=NOON)

    with pytest.raises(CannotChoose, match="pinned") as refusal:
        choose(campaign, partners, pinned={person.pk: "x"})

    assert f"{person.name}: {OF_ONE[rule]}" in str(refusal.value)
    assert not Selection.objects.exists()


def test_wishes_that_contradict_each_other_are_said_in_words(campaign: Campaign, partners: Audience) -> None:
    people = [build_person(campaign, name).pk for name in ("a", "b")]
    pins = dict.fromkeys(people, "x")

    with pytest.raises(CannotChoose, match="2 people are pinned, but only 1 is to be chosen"):
        choose(campaign, partners, size=1, pinned=pins)
    with pytest.raises(CannotChoose, match="both pinned and left out"):
        choose(campaign, partners, pinned=pins, left_out=pins)
    with pytest.raises(CannotChoose, match="the maximum size of Partners is 3"):
        choose(campaign, partners, size=4)
    with pytest.raises(CannotChoose, match="no longer in this campaign"):
        choose(campaign, partners, pinned={max(people) + 1: "x"})
    assert not Selection.objects.exists()


def test_of_nobody_nobody_is_chosen(campaign: Campaign, partners: Audience) -> None:
    with pytest.raises(CannotChoose, match="no influencer in this campaign yet"):
        choose(campaign, partners)


# --- Comparing and putting in force ---------------------------------------------------------------------------


def test_two_selections_are_compared_by_people_and_coverage(campaign: Campaign, partners: Audience) -> None:
    first = build_person(campaign, "a")
    build_person(campaign, "b", audience_ages=OLDER, interests=["music"])
    build_person(campaign, "c", language="sv")
    old = choose(campaign, partners)

    new = choose(campaign, partners, left_out={first.pk: "asked for it"}, before=old)
    change = comparison.compare(old, new)

    assert ([one.reference for one in change.comes], [one.reference for one in change.goes]) == (["c"], ["a"])
    assert change.stays == 1
    assert change.covered == pytest.approx(-0.4 * 0.7 * 0.6)
    assert change.same_targets
    assert sum(row["change"] for row in change.dimensions["language"]) == pytest.approx(change.covered)
    assert new.result["before"] == old.pk


def tier_of(person: Influencer, *, at: Any = NOON) -> list[str]:
    """Return the tiers that someone is in."""
    rows = Membership.objects.filter(recipient=person.recipient).open(at=at)
    return sorted(rows.values_list("audience__slug", flat=True))


def test_put_in_force_the_chosen_come_in_and_the_others_go_back(
    campaign: Campaign, partners: Audience, network: Audience, oskar: Any
) -> None:
    new, stays, old = (build_person(campaign, name) for name in ("a", "b", "c"))
    Influencer.objects.filter(pk=old.pk).update(interests=[])
    Influencer.objects.filter(pk=stays.pk).update(interests=["music"])
    builders.join(network, [new.recipient])
    builders.join(partners, [stays.recipient, old.recipient])
    first = choose(campaign, partners, size=2)
    Selection.objects.filter(pk=first.pk).update(state=Selection.State.APPLIED)
    made = choose(campaign, partners, size=2, name="Summer")

    change = tier_moves.apply(made, by=oskar, at=NOON)

    assert ([one.reference for one in change.comes], [one.reference for one in change.goes]) == (["a"], ["c"])
    assert (tier_of(new), tier_of(stays), tier_of(old)) == (["partners"], ["partners"], ["network"])
    came = Membership.objects.get(recipient=new.recipient, audience=partners)
    assert (came.reason, came.moved_by, came.joined_at) == ("Selection: Summer", oskar, NOON)
    made.refresh_from_db()
    first.refresh_from_db()
    assert (made.state, made.applied_by, first.state) == ("applied", oskar, "replaced")
    assert AuditEntry.objects.filter(verb="selection.applied").get().detail == {"comes": 1, "goes": 1, "stays": 1}
    assert set(AuditEntry.objects.filter(verb="influencer.moved").values_list("subject", flat=True)) == {"a", "c"}


def test_of_one_tier_one_selection_is_in_force(campaign: Campaign, partners: Audience, oskar: Any) -> None:
    build_person(campaign, "a")
    first, second = choose(campaign, partners), choose(campaign, partners, name="Summer")
    tier_moves.apply(first, by=oskar, at=NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        Selection.objects.filter(pk=second.pk).update(state=Selection.State.APPLIED)

    tier_moves.apply(second, by=oskar, at=NOON)
    assert list(Selection.objects.order_by("pk").values_list("state", flat=True)) == ["replaced", "applied"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_that_are_put_in_force_at_once_one_replaces_the_other(
    campaign: Campaign, partners: Audience, network: Audience, oskar: Any
) -> None:
    one, other = (build_person(campaign, name) for name in ("a", "b"))
    drafts = [choose(campaign, partners, size=1, pinned={person.pk: "x"}) for person in (one, other)]
    gate = threading.Barrier(2)

    def put_in_force(draft: Selection) -> None:
        try:
            gate.wait(10)
            tier_moves.apply(draft, by=oskar, at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(put_in_force, draft) for draft in drafts]:
            done.result(30)

    assert sorted(Selection.objects.values_list("state", flat=True)) == ["applied", "replaced"]
    inside = Membership.objects.filter(audience=partners).open(at=NOON).values_list("recipient__influencers__reference")
    assert [name for (name,) in inside] == names(Selection.objects.get(state="applied"))


def test_only_a_draft_is_put_in_force_and_only_once(
    campaign: Campaign, partners: Audience, network: Audience, oskar: Any
) -> None:
    build_person(campaign, "a")
    made = choose(campaign, partners)
    tier_moves.apply(made, by=oskar, at=NOON)
    before = Membership.objects.count()

    with pytest.raises(tier_moves.NotApplied, match="no longer a draft"):
        tier_moves.apply(made, by=oskar, at=NOON)
    assert Membership.objects.count() == before


def test_what_speaks_against_somebody_by_now_stops_all_of_it(
    campaign: Campaign, partners: Audience, network: Audience, oskar: Any
) -> None:
    for name in ("a", "b"):
        build_person(campaign, name)
    made = choose(campaign, partners)
    Influencer.objects.filter(reference="b").update(state=Influencer.State.LEFT)

    with pytest.raises(tier_moves.NotApplied, match="some of the people can no longer be chosen"):
        tier_moves.apply(made, by=oskar, at=NOON)

    made.refresh_from_db()
    assert made.state == Selection.State.DRAFT
    assert not Membership.objects.exists()


# --- Tiers ----------------------------------------------------------------------------------------------------


def test_a_move_closes_one_membership_and_opens_another(
    campaign: Campaign, partners: Audience, network: Audience, liisa: Any
) -> None:
    person = build_person(campaign, "a")
    builders.join(network, [person.recipient])

    assert tiers.move(person, to=partners, by=liisa, at=NOON, reason="knows schools")
    assert not tiers.move(person, to=partners, by=liisa, at=NOON, reason="again")

    rows = Membership.objects.filter(recipient=person.recipient).order_by("pk")
    assert [(row.audience, row.left_at) for row in rows] == [(network, NOON), (partners, None)]
    assert rows[1].moved_by == liisa
    entry = AuditEntry.objects.get(verb="influencer.moved")
    assert entry.detail == {"from": [network.pk], "to": partners.pk}
    assert rows[1].reason == "knows schools"


def test_who_left_and_who_does_not_fit_is_not_moved(
    campaign: Campaign, partners: Audience, network: Audience, liisa: Any
) -> None:
    people = [build_person(campaign, name) for name in "abcd"]
    digest = builders.build_audience(campaign, slug="digest", kind="digest", tier=None)

    with pytest.raises(tiers.NotMoved, match="would have 4 people, and its maximum size is 3"):
        tiers.move_all(people, to=partners, by=liisa, at=NOON, reason="x")
    with pytest.raises(tiers.NotMoved, match="is not a tier"):
        tiers.move(people[0], to=digest, by=liisa, at=NOON, reason="x")
    Influencer.objects.filter(pk=people[0].pk).update(state=Influencer.State.LEFT)
    with pytest.raises(tiers.NotMoved, match="no longer takes part"):
        tiers.move(people[0], to=network, by=liisa, at=NOON, reason="x")
    assert not Membership.objects.exists()
    assert not AuditEntry.objects.filter(verb="influencer.moved").exists()


@pytest.mark.parametrize("lost", ["consent", "confirmation", "address", "signature"])
def test_nobody_comes_closer_whom_bulletins_may_not_reach_or_who_has_not_signed(
    campaign: Campaign, partners: Audience, network: Audience, liisa: Any, lost: str
) -> None:
    person = build_person(campaign, "a")
    builders.join(network, [person.recipient])
    if lost == "consent":
        Consent.objects.update(withdrawn_at=NOON)
    elif lost == "confirmation":
        Consent.objects.update(confirmed_at=None)
    elif lost == "address":
        Suppression.objects.create(address_hash=person.recipient.address_hash, reason="complaint")
    else:
        person.signatures.update(withdrawn_at=NOON)

    with pytest.raises(
        tiers.NotMoved, match="signed the code" if lost == "signature" else "bulletins must not be sent"
    ):
        tiers.move(person, to=partners, by=liisa, at=NOON, reason="x")
    assert tier_of(person) == ["network"] and not AuditEntry.objects.filter(verb="influencer.moved").exists()


def test_everybody_can_go_out_of_close_contact(
    campaign: Campaign, partners: Audience, network: Audience, liisa: Any
) -> None:
    person = build_person(campaign, "a")
    builders.join(partners, [person.recipient])
    Suppression.objects.create(address_hash=person.recipient.address_hash, reason="no_such_address")
    person.signatures.update(withdrawn_at=NOON)

    assert tiers.move(person, to=network, by=liisa, at=NOON, reason="x")
    assert tier_of(person) == ["network"]


def test_moving_many_costs_the_same_as_moving_a_few(
    campaign: Campaign, partners: Audience, network: Audience, liisa: Any
) -> None:
    people = [build_person(campaign, name) for name in "abcdefg"]
    builders.join(network, [one.recipient for one in people])

    def cost(some: list[Influencer], to: Audience) -> int:
        with CaptureQueriesContext(connection) as captured:
            tiers.move_all(some, to=to, by=liisa, at=NOON, reason="x")
        return len(captured)

    few = cost(people[:1], partners)
    Audience.objects.update(max_size=100)
    assert cost(people[1:], partners) == few


def test_who_goes_out_of_a_tier_and_was_in_no_other_comes_into_a_wider_one(
    campaign: Campaign, partners: Audience, network: Audience
) -> None:
    third = builders.build_audience(campaign, slug="third", tier=3, languages=["sv"])
    fourth = builders.build_audience(campaign, slug="fourth", tier=4, languages=["fi", "sv"])
    person = build_person(campaign, "a")
    builders.join(network, [person.recipient])

    assert tiers.tiers_after([person], network, at=NOON) == {fourth: [person]}  # the third is not served in Finnish
    assert tiers.tiers_after([person], partners, at=NOON) == {network: [person]}
    assert tiers.tiers_after([person], third, at=NOON) == {network: [person]}


def test_out_of_the_widest_tier_there_is_nowhere_to_go(
    campaign: Campaign, partners: Audience, network: Audience, oskar: Any
) -> None:
    goes, stays = build_person(campaign, "a"), build_person(campaign, "b", values={"value_sources": 5})
    builders.join(network, [goes.recipient])
    made = choose(campaign, network, size=1, left_out={goes.pk: "asked for it"})

    with pytest.raises(tier_moves.NotApplied, match="no tier is wider than Network"):
        tier_moves.apply(made, by=oskar, at=NOON)

    made.refresh_from_db()
    assert (made.state, tier_of(goes), tier_of(stays)) == ("draft", ["network"], [])


def test_people_change_places_in_a_full_tier(
    campaign: Campaign, partners: Audience, network: Audience, liisa: Any
) -> None:
    people = [build_person(campaign, name) for name in "abcd"]
    builders.join(partners, [one.recipient for one in people[:3]])

    places = tiers.tiers_after(people[:1], partners, at=NOON)
    places[partners] = people[3:]

    assert tiers.rearrange(places, by=liisa, at=NOON, reason="x") == 2
    assert (tier_of(people[0]), tier_of(people[3])) == (["network"], ["partners"])
