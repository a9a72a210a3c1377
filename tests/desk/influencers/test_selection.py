"""A hundred are chosen at the desk: made by a liaison, explained on a page, put in force by someone else."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Campaign, Region
from campaigns.translated_fields import in_language
from delivery.models import Audience, Membership
from influencers.models import CoverageTarget, Harassment, Influencer, Interest, Selection, ValuesQuestion
from influencers.selection.exclusion_rules import Rules
from tests.influencers.selection.selection_scene import build_person, build_targets, build_tiers, choose, names
from tests.support import builders
from tests.support.builders import NOON

ADD = "admin:influencers_selection_add"


def address(selection: Selection, page: str = "change") -> str:
    """Return the address of a page of a selection."""
    return reverse(f"admin:influencers_selection_{page}", args=[selection.pk])


@pytest.fixture
def partners(campaign: Campaign, roles: None) -> Audience:
    """A tier, a campaign that has said whom it wants to reach, and three people."""
    build_targets(campaign)
    ValuesQuestion.objects.create(campaign=campaign, key="value_sources", text={"en": "I check the source."})
    for name in ("a", "b"):
        build_person(campaign, name)
    build_person(campaign, "c", language="sv", values={"value_sources": 2})
    return build_tiers(campaign)[0]


def wishes(audience: Audience, **more: Any) -> dict[str, Any]:
    """Return what a liaison sends."""
    return {"name": "Spring", "audience": audience.pk, "size": 2, **more}


def test_a_liaison_chooses_people_and_reads_why(partners: Audience, liisa: Any, signed_in: Any) -> None:
    client = signed_in(liisa)
    assert client.get(reverse(ADD)).status_code == 200

    answer = client.post(reverse(ADD), wishes(partners), headers={"accept-language": "en"})

    made = Selection.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, address(made))
    assert (made.made_by, made.state, len(names(made))) == (liisa, "draft", 2)
    page = client.get(address(made), headers={"accept-language": "en"})
    words = page.content.decode()
    assert "Found by an exact method" in words
    assert "nobody chosen reaches them" in words
    assert "Put in force" not in words
    assert "An approver or an administrator puts it in force." in words
    assert 'style="' not in words.split('<div class="cb selection">')[1].split("</main>")[0]


def test_wrong_wishes_come_back_with_everything_that_was_typed(partners: Audience, liisa: Any, signed_in: Any) -> None:
    client = signed_in(liisa)
    typed = wishes(partners, pinned="nobody-1 knows schools", left_out="a", followers="", value_0="3")

    answer = client.post(reverse(ADD), typed)

    assert answer.status_code == 422
    form = answer.context["form"]
    assert set(form.errors) == {"pinned", "left_out"}
    assert "nobody-1" in form.errors["pinned"][0]
    assert b"nobody-1 knows schools" in answer.content
    assert not Selection.objects.exists()


def test_what_cannot_be_met_together_is_said_in_words(partners: Audience, liisa: Any, signed_in: Any) -> None:
    CoverageTarget.objects.filter(dimension="age").delete()
    CoverageTarget.objects.filter(dimension="topic", key="music").delete()

    answer = signed_in(liisa).post(reverse(ADD), wishes(partners))

    assert answer.status_code == 422
    assert b"add up to 70 per cent" in answer.content
    assert not Selection.objects.exists()


def test_rules_keep_people_out_and_the_page_counts_them(partners: Audience, liisa: Any, signed_in: Any) -> None:
    client = signed_in(liisa)

    client.post(reverse(ADD), wishes(partners, value_0="3"))

    made = Selection.objects.get()
    assert made.rules["values"] == {"value_sources": 3}
    assert "c" not in names(made)
    assert made.result["kept_out"]["values"]["count"] == 1
    assert "“I check the source.” ≥ 3" in client.get(address(made)).content.decode()


def test_pinning_and_leaving_out_make_a_new_draft_beside_the_old(
    campaign: Campaign, partners: Audience, liisa: Any, signed_in: Any
) -> None:
    old, client = choose(campaign, partners, size=1), signed_in(liisa)
    chosen = names(old)[0]

    nothing = client.post(address(old, "again"), {"deed": "leave_out", "reference": chosen, "note": ""})
    assert (nothing.status_code, Selection.objects.count()) == (422, 1)

    client.post(address(old, "again"), {"deed": "leave_out", "reference": chosen, "note": "asked for it"})
    second = Selection.objects.exclude(pk=old.pk).get()
    assert (second.name, names(second, "left_out")) == ("Spring 2", [chosen])
    assert second.result["before"] == old.pk
    assert chosen not in names(second)

    client.post(address(second, "again"), {"deed": "free", "reference": chosen})
    third = Selection.objects.order_by("pk").last()
    assert third is not None
    assert (third.name, names(third)) == ("Spring 3", names(old))
    page = client.get(address(second))
    assert page.context["comparison"].goes[0].reference == chosen
    compared = client.get(address(second, "compare"), {"with": old.pk})
    assert compared.status_code == 200
    assert client.get(address(second, "compare"), {"with": "x"}).status_code == 404
    again = client.get(reverse(ADD), {"from": second.pk})
    assert f"{chosen} asked for it" in again.content.decode()


def test_an_approver_puts_it_in_force_and_a_liaison_cannot(
    campaign: Campaign, partners: Audience, liisa: Any, oskar: Any, signed_in: Any
) -> None:
    made = choose(campaign, partners)

    assert signed_in(liisa).post(address(made, "apply")).status_code == 403
    assert signed_in(oskar).get(address(made, "apply")).status_code == 405
    assert not Membership.objects.exists()

    client = signed_in(oskar)
    assert b"Put in force" in client.get(address(made)).content
    assert client.post(address(made, "apply")).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.applied_by) == ("applied", oskar)
    assert Membership.objects.filter(audience=partners, reason="Selection: Spring").count() == 2

    again = client.post(address(made, "apply"))
    assert again.status_code == 422
    assert b"no longer a draft" in again.content


def test_only_who_may_read_reports_sees_that_somebody_is_harassed(
    campaign: Campaign, partners: Audience, liisa: Any, oskar: Any, signed_in: Any
) -> None:
    made = choose(campaign, partners)
    Harassment.objects.create(influencer=made.choices.get(position=1).influencer, at=NOON)

    assert signed_in(liisa).get(address(made)).context["harassed"] == 1
    assert signed_in(oskar).get(address(made)).context["harassed"] == 0


def test_who_is_left_in_peace_is_named_only_to_who_may_read_reports_and_only_while_one_is_open(
    campaign: Campaign, partners: Audience, liisa: Any, oskar: Any, signed_in: Any
) -> None:
    person = build_person(campaign, "d")
    Influencer.objects.filter(pk=person.pk).update(name="Dolores Lind", reference="infl-0777")
    report = Harassment.objects.create(influencer=person, at=NOON)
    made = choose(campaign, partners, rules=Rules(leave_harassed=True))

    assert made.result["kept_out"]["harassed"] == {"count": 1, "people": []}
    assert "infl-0777" not in str(made.result)

    def page_for(user: Any) -> str:
        return signed_in(user).get(address(made), headers={"accept-language": "en"}).content.decode()

    assert "Have an open harassment report: 1" in page_for(oskar)
    assert "Dolores" not in page_for(oskar) and "infl-0777" not in page_for(oskar)
    assert "Dolores Lind" in page_for(liisa)
    Harassment.objects.filter(pk=report.pk).update(closed_at=NOON)
    assert "Dolores" not in page_for(liisa) and "infl-0777" not in page_for(liisa)


def test_what_is_not_shown_of_the_reasons_is_counted(
    campaign: Campaign, partners: Audience, liisa: Any, signed_in: Any
) -> None:
    made = choose(campaign, partners, size=1)
    choice = made.choices.get()
    choice.why, choice.swap = choice.why * 9, {**choice.swap, "lost": choice.why * 5, "won": choice.why * 2}
    choice.save()

    page = signed_in(liisa).get(address(made), headers={"accept-language": "en"})

    row = page.context["people"][0]
    assert (len(row["why"]), row["more"]) == (6, 3)
    assert '<li class="soft">+3</li>' in page.content.decode()
    assert (row["swap"]["lost"][-1], len(row["swap"]["lost"]), len(row["swap"]["won"])) == ("+3", 3, 2)


def test_the_page_says_what_a_pin_costs(campaign: Campaign, partners: Audience, liisa: Any, signed_in: Any) -> None:
    person = Influencer.objects.get(reference="c")
    made = choose(campaign, partners, size=1, pinned={person.pk: "knows our schools"})

    page = signed_in(liisa).get(address(made), headers={"accept-language": "en"}).content.decode()

    assert "Without the pin, the best exchange:" in page
    assert "Covered: +" in page


def test_another_campaigns_selection_is_not_found(
    campaign: Campaign, partners: Audience, liisa: Any, signed_in: Any
) -> None:
    made = choose(campaign, partners, size=1)
    builders.build_campaign("other")  # the site shows the newest one
    client = signed_in(liisa)

    for page in ("change", "compare"):
        assert client.get(address(made, page)).status_code == 404
    assert client.post(address(made, "again"), {"deed": "pin"}).status_code == 404
    assert client.get(reverse(ADD), {"from": made.pk}).status_code == 404
    assert Selection.objects.count() == 1


def test_the_page_costs_the_same_however_many_are_chosen(
    campaign: Campaign, partners: Audience, liisa: Any, signed_in: Any
) -> None:
    partners.max_size = 100
    client = signed_in(liisa)

    def cost(selection: Selection) -> int:
        client.get(address(selection))
        with CaptureQueriesContext(connection) as captured:
            client.get(address(selection))
        return len(captured)

    few = choose(campaign, partners, size=1)
    for number in range(6):
        build_person(campaign, f"p{number}", language=("fi", "sv")[number % 2], interests=["music"])
    many = choose(campaign, partners, size=6, name="Many")

    assert len(names(many)) > len(names(few)) == 1
    assert cost(many) == cost(few)


def test_the_list_of_targets_says_which_shares_do_not_add_up(partners: Audience, root: Any, signed_in: Any) -> None:
    CoverageTarget.objects.filter(dimension="age", key="13_17").update(share=30)

    answer = signed_in(root).get(reverse("admin:influencers_coveragetarget_changelist"))

    assert "“age” add up to 90 per cent" in answer.content.decode()


def test_the_list_of_targets_names_regions_and_topics(
    campaign: Any, partners: Audience, root: Any, signed_in: Any
) -> None:
    Region.objects.create(code="MK01", name={"en": "Uusimaa", "sv": "Nyland"})
    CoverageTarget.objects.create(campaign=campaign, dimension="region", key="MK01", share=100)

    page = signed_in(root).get(reverse("admin:influencers_coveragetarget_changelist")).content.decode()

    assert "Uusimaa (MK01)" in page and "13–17" in page
    assert f"{in_language(Interest.objects.get(slug='music').name, 'en')} (music)" in page


# --- Coverage targets -----------------------------------------------------------------------------------------


def add_target(client: Any, dimension: str, key: str, share: str = "10") -> Any:
    """Send the form of a coverage target."""
    return client.post(
        reverse("admin:influencers_coveragetarget_add"),
        {"dimension": dimension, "key": key, "share": share},
        headers={"accept-language": "en"},
    )


@pytest.mark.parametrize(
    ("dimension", "typed", "key"),
    [
        ("age", "25-34", "25_34"),
        ("age", "25–34", "25_34"),
        ("age", " 25 – 34 ", "25_34"),
        ("age", "45+", "45_plus"),
        ("age", "45_plus", "45_plus"),
        ("language", "EN", "en"),
        ("region", "mk01", "MK01"),
        ("topic", "food", "food"),
    ],
)
def test_a_target_is_kept_as_people_have_it_however_it_is_typed(
    campaign: Campaign, partners: Audience, root: Any, signed_in: Any, dimension: str, typed: str, key: str
) -> None:
    builders.build_region("MK01")
    Interest.objects.create(campaign=campaign, slug="food", name={"en": "Food"})

    assert add_target(signed_in(root), dimension, typed).status_code == 302

    assert CoverageTarget.objects.filter(campaign=campaign, dimension=dimension, key=key, share=10).count() == 1


@pytest.mark.parametrize(
    ("dimension", "typed", "says"),
    [
        ("age", "young", "Enter it as 13–17 or 45+."),
        ("age", "17-13", "Enter it as 13–17 or 45+."),
        ("age", "13-17-20", "Enter it as 13–17 or 45+."),
        ("language", "xx", "There is no language “xx”. There are: en, fi, sv."),
        ("region", "MK99", "There is no region “MK99”."),
        ("topic", "cooking", "There is no topic “cooking”. There are: music, sport."),
        ("age", "13–17", "This value already has a share."),
        ("topic", "SPORT", "This value already has a share."),
    ],
)
def test_a_target_that_nobody_could_cover_or_that_is_there_is_refused_in_words(
    partners: Audience, root: Any, signed_in: Any, dimension: str, typed: str, says: str
) -> None:
    before = CoverageTarget.objects.count()

    answer = add_target(signed_in(root), dimension, typed)

    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert CoverageTarget.objects.count() == before


def test_a_target_is_changed_without_being_in_its_own_way(
    campaign: Campaign, partners: Audience, root: Any, liisa: Any, signed_in: Any
) -> None:
    target = CoverageTarget.objects.get(dimension="age", key="13_17")
    page = reverse("admin:influencers_coveragetarget_change", args=[target.pk])

    assert signed_in(liisa).get(page).status_code == 200
    assert signed_in(root).post(page, {"dimension": "age", "key": "13–17", "share": "41"}).status_code == 302

    target.refresh_from_db()
    assert (target.campaign, target.key, target.share) == (campaign, "13_17", 41)
