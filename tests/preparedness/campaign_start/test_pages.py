"""The pages of a start: anybody with the right goes on, an administrator makes the campaign, and the list tests itself."""

from datetime import datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from bulletins.models import Bulletin
from campaigns import launch
from campaigns.models import Campaign
from delivery.models import Consent, SeedAddress
from influencers.models import Influencer
from preparedness.campaign_start import creation, readiness
from preparedness.crisis_templates import template_files
from preparedness.drills import made_up_people
from preparedness.models import CampaignStart
from tests.support import builders

from .test_creation import build_people

pytestmark = pytest.mark.django_db

ADD = "admin:preparedness_campaignstart_add"


def page_of(start: CampaignStart) -> str:
    return reverse("admin:preparedness_campaignstart_change", args=[start.pk])


def sent(form: str, **fields: Any) -> dict[str, Any]:
    """Return what the form of a step sends."""
    return {"step": form, "seen": 0, **fields}


def make_of(start: CampaignStart) -> dict[str, Any]:
    """Return what the button that makes the campaign sends."""
    return {"step": "make", "seen": start.all_times_saved}


def prepared(client: Any) -> CampaignStart:
    """Go through the steps as a person does who types what nobody can know, and nothing else."""
    statement = template_files.read("water").holding_statements[0]
    assert client.post(reverse(ADD), sent("source", template="water")).status_code == 302
    start = CampaignStart.objects.get()
    proposed = client.get(page_of(start)).context["cards"][1]["form"]
    names = {name: proposed[name].value() for name in ("name_fi", "name_sv", "name_en")}
    steps = [
        sent(
            "about",
            place="Kuusivaara",
            mode="exercise",
            languages=["fi", "sv", "en"],
            time_zone="Europe/Helsinki",
            **names,
        ),
        sent("along", kinds=["topics", "glossary", "snippets", "questions", "checks", "ways"]),
        sent("people"),
        sent("influencers"),
        sent(
            "first",
            statement=statement.key,
            sender_email="water@example.org",
            reply_to="reply@example.org",
            **{f"blank_{blank.key}": said(blank.kind) for blank in statement.blanks},
        ),
    ]
    for form in steps:
        answer = client.post(page_of(start), form)
        assert answer.status_code == 302, answer.context["cards"][4]["form"].errors
    assert answer.url.endswith("#make")  # what is to be pressed next
    start.refresh_from_db()
    return start


def said(kind: str) -> str:
    """Return what is typed into a blank."""
    return {"date": "2099-11-24", "time": "18:00", "contact": "0800 555 010"}.get(kind, "Kuusivaara")


def test_an_editor_prepares_it_an_administrator_makes_it_and_nobody_else_sees_it(
    alma: User, root: User, oskar: User, liisa: User, signed_in: Any
) -> None:
    start = prepared(signed_in(alma))

    assert start.answer("about")["names"]["en"].endswith("Kuusivaara")
    said_in = start.answer("first")["blanks"]
    dates = {"fi": "24. marraskuuta", "sv": "24 november", "en": "24 November"}
    assert [words for words in said_in.values() if words.get("en", "").startswith("24")] == [dates, dates]
    assert signed_in(alma).post(page_of(start), make_of(start)).status_code == 403
    assert not Campaign.objects.exists()
    for stranger in (oskar, liisa):
        assert signed_in(stranger).get(page_of(start)).status_code == 403

    client = signed_in(root)
    # What an administrator has not read is not made: a colleague saved a step meanwhile.
    answer = client.post(page_of(start), make_of(start) | {"seen": start.all_times_saved - 1})
    assert answer.status_code == 409 and not Campaign.objects.exists()
    assert client.post(page_of(start), make_of(start)).status_code == 302
    start.refresh_from_db()
    page = client.get(page_of(start)).content.decode()
    assert reverse("admin:bulletins_bulletin_change", args=[start.first_bulletin_id]) in page
    assert start.campaign and not start.campaign.published_at and start.campaign.slug.endswith("kuusivaara")
    assert client.post(page_of(start), make_of(start)).status_code == 409
    assert Bulletin.objects.count() == 1


def test_what_is_wrong_is_said_beside_the_field_and_saves_nothing(alma: User, root: User, signed_in: Any) -> None:
    builders.build_campaign("taken")
    client = signed_in(alma)
    client.post(reverse(ADD), sent("source", template="water"))
    start = CampaignStart.objects.get()

    for fields, says in (
        (
            {"slug": "taken", "name_fi": "A", "languages": ["fi"], "mode": "live"},
            "Another campaign has this short name",
        ),
        ({"slug": "new", "name_fi": "", "languages": ["fi"], "mode": "live"}, "Write its name in this language"),
        ({"slug": "new", "name_fi": "A", "mode": "live"}, "Choose at least one language"),
        ({"slug": "new", "name_fi": "A", "languages": ["fi"]}, "Choose whether it is an exercise"),
        ({"slug": "no spaces", "name_fi": "A", "languages": ["fi"], "mode": "live"}, "slug"),
        ({"slug": "new", "name_fi": "A\x00", "languages": ["fi"], "mode": "live"}, "Null characters are not allowed"),
    ):
        answer = client.post(page_of(start), sent("about", time_zone="Europe/Helsinki", **fields))
        assert answer.status_code == 422 and says in answer.content.decode()
    start.refresh_from_db()
    assert list(start.saved) == ["source"]
    assert client.post(page_of(start), sent("elsewhere")).status_code == 404
    assert client.post(page_of(start), {"step": "press", "press": "all"}).status_code == 404


def test_a_colleague_who_saved_meanwhile_is_named_and_nothing_typed_is_lost(
    alma: User, veikko: User, signed_in: Any
) -> None:
    start = prepared(signed_in(veikko))
    answer = signed_in(alma).post(page_of(start), sent("people", seen=0))
    assert answer.status_code == 409 and "Veikko has saved this step" in answer.content.decode()
    start.refresh_from_db()
    assert start.saved["people"]["by"] == veikko.pk


def test_the_list_says_what_stops_and_passes_by_itself_once_it_is_mended(
    alma: User, root: User, oskar: User, signed_in: Any, smtp_sink: Any
) -> None:
    start = creation.make(prepared(signed_in(alma)), by=root, at=timezone.now())
    assert start.campaign is not None and start.first_bulletin is not None

    def states() -> dict[str, str]:
        page = signed_in(root).get(page_of(start)).context["checks"]
        return {one.title.split(":")[0].split(",")[0]: one.state for one, _may in page}

    before = states()
    assert before["Two approvers"] == "stops" and before["Test mail to the seed list"] == "advice"
    assert before["Somebody answers at 0800 555 010"] == "hand" and before["Sender’s domain"] == "passed"

    for person in (oskar, builders.build_user("ritva", "approver")):
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    alma.mailbox_proven_at = timezone.now()
    alma.save()
    SeedAddress.objects.create(campaign=start.campaign, email=alma.email, language="fi")
    assert signed_in(root).post(page_of(start), {"step": "press", "press": "seeds"}).status_code == 403
    assert signed_in(alma).post(page_of(start), {"step": "press", "press": "seeds"}).status_code == 302
    assert len(smtp_sink.caught) == 1
    assert signed_in(root).post(page_of(start), {"step": "press", "press": "helpline"}).status_code == 302

    assert set(states().values()) <= {"passed", "advice"}
    start.refresh_from_db()
    assert start.answered_by == root
    # A blank that comes back stops it again.
    edition = start.first_bulletin.editions.get(language="sv")
    edition.body += " {place}"
    edition.save()
    assert states()["The first bulletin can be submitted"] == "stops"

    # The page that makes it public names it, and goes on only with exactly what somebody has read.
    assert not launch.publish_first(start.campaign, by=root, at=timezone.now())
    boss, publication = signed_in(root), reverse("admin:campaigns_campaign_publish", args=[start.campaign.pk])
    assert "Blanks that are left: {place}." in boss.get(publication).content.decode()
    for tick in ("", "approvers"):
        refused = boss.post(publication, {"despite": tick})
        assert refused.status_code == 409 and "this is still in the way" in refused.content.decode()
    start.campaign.refresh_from_db()
    assert start.campaign.published_at is None
    assert boss.post(publication, {"despite": "first_bulletin"}).status_code == 302
    start.campaign.refresh_from_db()
    assert start.campaign.published_at
    assert AuditEntry.objects.get(verb="campaign.published").detail["despite"] == ["first_bulletin"]


def test_the_promise_of_more_becomes_the_bulletins_next_word_and_one_that_is_over_is_refused(
    alma: User, root: User, signed_in: Any
) -> None:
    start = prepared(signed_in(alma))
    again = sent("first", **start.answers["first"], blank_next_date="2020-01-01", blank_next_time="18:00")
    again["seen"] = str(start.times_saved("first"))
    answer = signed_in(alma).post(page_of(start), again)
    assert answer.status_code == 422 and "This is over: choose when" in answer.content.decode()

    made = creation.make(start, by=root, at=timezone.now())

    promised = made.first_bulletin.next_word_at
    assert promised.astimezone(made.campaign.zone) == datetime(2099, 11, 24, 18, tzinfo=made.campaign.zone)


def test_whoever_names_no_lead_authority_reads_that_the_first_bulletin_lacks_its_source(
    alma: User, root: User, signed_in: Any
) -> None:
    start = prepared(signed_in(alma))
    assert "No lead authority is chosen" in signed_in(alma).get(page_of(start)).content.decode()

    made = creation.make(start, by=root, at=timezone.now())

    check = readiness.first_bulletin(made.first_bulletin, at=timezone.now())
    assert check.state == readiness.ADVICE
    assert "must be fixed: This key message names no source." in check.says


def test_an_exercise_without_anybody_gets_made_up_readers_with_one_press(
    alma: User, root: User, signed_in: Any
) -> None:
    start = creation.make(prepared(signed_in(alma)), by=root, at=timezone.now())
    page = signed_in(alma).get(page_of(start)).content.decode()
    assert "Nobody is in an audience yet, so no mail would leave." in page

    answer = signed_in(alma).post(page_of(start), {"step": "press", "press": "readers"})

    assert answer.status_code == 302
    people = made_up_people.influencers(start.campaign)
    assert {one.recipient.language for one in people} == set(start.campaign.language_codes())
    assert people.count() == readiness.MADE_UP_READERS == made_up_people.recipients(start.campaign, at=timezone.now())
    assert "12 people" in signed_in(alma).get(page_of(start)).content.decode()


def test_a_real_campaign_gets_no_made_up_readers(alma: User, root: User, signed_in: Any) -> None:
    start = creation.make(prepared(signed_in(alma)), by=root, at=timezone.now())
    Campaign.objects.filter(pk=start.campaign_id).update(mode="live")
    signed_in(alma).post(page_of(start), {"step": "press", "press": "readers"})
    assert not Influencer.objects.filter(campaign=start.campaign).exists()


def test_the_page_costs_the_same_however_many_influencers(
    alma: User, root: User, campaign: Campaign, signed_in: Any
) -> None:
    client = signed_in(alma)
    client.post(reverse(ADD), sent("source", template="water", earlier=campaign.pk))
    start = CampaignStart.objects.get()
    for step in ("about", "along", "people", "influencers"):
        start.saved[step] = {"by": alma.pk, "at": timezone.now().isoformat(), "times": 1}
    start.save()
    client.get(page_of(start))
    counted = []
    for number in (3, 40):
        build_people(campaign, number, 2, prefix=f"{number}-")
        with CaptureQueriesContext(connection) as queries:
            page = client.get(page_of(start))
        # That somebody is still there is noted now and then.
        counted.append(sum(sql["sql"].startswith("SELECT") for sql in queries))
    assert counted[0] == counted[1]
    assert page.context["counts"].agreed == 4
    assert Influencer.objects.count() == Consent.objects.filter(purpose="bulletins").count()


def test_a_start_without_a_name_is_called_as_what_it_is(alma: User, signed_in: Any) -> None:
    client = signed_in(alma)
    client.post(reverse(ADD), sent("source", template="water"))

    assert client.get(page_of(CampaignStart.objects.get())).context["title"] == "Start a campaign"


@pytest.mark.parametrize(
    "where", ["admin:index", "admin:campaigns_campaign_changelist", "admin:bulletins_bulletin_changelist"]
)
def test_with_one_campaign_a_second_is_found_from_everywhere(
    where: str, campaign: Campaign, root: User, signed_in: Any
) -> None:
    page = signed_in(root).get(reverse(where))

    assert any(item["link"] == reverse(ADD) for item in page.context["sidebar_navigation"][0]["items"])
    assert page.context["switcher"].may_start and len(page.context["switcher"].entries) == 1
    if where != "admin:bulletins_bulletin_changelist":
        main = page.content.decode().partition("<main")[2]
        assert main.count(f'href="{reverse(ADD)}"') == 1


def test_the_field_that_finds_everything_leads_to_a_start(campaign: Campaign, alma: User, signed_in: Any) -> None:
    asked = reverse("admin:suggestions", query={"q": "start camp"})
    found = signed_in(alma).get(asked).json()["groups"]

    assert [hit["address"] for group in found for hit in group["hits"]] == [reverse(ADD)]


def test_who_may_not_start_one_is_offered_none(campaign: Campaign, oskar: User, signed_in: Any) -> None:
    page = signed_in(oskar).get(reverse("admin:index"))

    assert reverse(ADD) not in page.content.decode()
    assert page.context["switcher"] is None


def test_the_list_of_starts_names_its_one_way_to_begin(campaign: Campaign, alma: User, signed_in: Any) -> None:
    page = signed_in(alma).get(reverse("admin:preparedness_campaignstart_changelist")).content.decode()

    assert "Start a campaign</a>" in page.partition("<main")[2]
    assert "addlink" not in page


def test_the_lead_authority_is_proposed_for_the_first_bulletin_in_each_language(
    authority: Any, alma: User, signed_in: Any
) -> None:
    start = prepared(signed_in(alma))
    told = start.answers["about"] | {"authority": authority.pk}
    first = {name: value for name, value in start.answers["first"].items() if name not in {"typed", "blanks"}}
    CampaignStart.objects.filter(pk=start.pk).update(answers=start.answers | {"about": told, "first": first})

    form = signed_in(alma).get(page_of(start)).context["cards"][5]["form"]
    assert not form.sourceless
    rows = {blank.key: row for row, blank in zip(form.rows, form.blanks, strict=True)}
    assert rows["authority"]["field"].value() == authority.name["fi"]
    assert rows["since"]["field"].help_text == "For example: 12 March"  # as the page's language writes a day
    assert "Kuusivaara" in rows["place"]["field"].value() and ". Also used in" in rows["place"]["field"].help_text
