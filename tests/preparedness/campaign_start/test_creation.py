"""A campaign is started from a template, from an earlier campaign, from both or from nothing: what comes along, and what never does."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import campaign_roles, two_administrators
from accounts.models import AuditEntry, HeldChange, User
from bulletins.approval import approval_workflow as workflow
from bulletins.checks import checklist, registry
from bulletins.models import Bulletin, Cadence, ChecklistPoint, NotAllowed, Snippet
from campaigns import launch
from campaigns.models import BannedTerm, Campaign, CampaignRole, GlossaryTerm
from delivery.models import Audience, Consent, Membership
from influencers.models import CodeOfEthics, Influencer, Invitation, PlatformAccount, Signature
from preparedness.campaign_start import creation, influencer_groups, readiness, steps
from preparedness.campaign_start import invitations_due as invitations
from preparedness.campaign_start.forms import PeopleForm
from preparedness.crisis_templates import template_files
from preparedness.models import CampaignStart
from preparedness.ready_shelf import prepared_drafts
from questions.models import QuestionGroup
from stories.moderation import first_themes
from tests.support import builders

pytestmark = pytest.mark.both

AT = builders.NOON
ABOUT = {
    "place": "Kuusivaara",
    "languages": ["fi", "sv", "en"],
    "names": {"fi": "Faktaa vedestä", "sv": "Fakta om vattnet", "en": "Water facts"},
    "slug": "water-facts",
    "mode": "exercise",
    "time_zone": "Europe/Helsinki",
    "authority": None,
}
EVERYTHING = ["topics", "glossary", "snippets", "questions", "checks", "ways", "audiences", "look", "ethics"]
SENDER = {"sender_email": "water@example.org", "reply_to": "reply@example.org"}


def begun(by: Any, *, template: str = "", earlier: Campaign | None = None, **changes: Any) -> CampaignStart:
    """Return a start whose every step is saved by `by`; `changes` are {step: its answers}."""
    answers: dict[str, dict[str, Any]] = {
        "source": {"template": template},
        "about": ABOUT,
        "along": {"kinds": EVERYTHING},
        "people": {"contact": None},
        "influencers": {"bring": True, "others": "invite", "close": "choose"},
        "first": {**SENDER, "statement": ""},
    }
    start = steps.begin(by=by, at=AT)
    for step, told in (answers | changes).items():
        key = earlier.pk if earlier and step == "source" else None
        start = steps.save(start, step, told, seen=0, by=by, at=AT, earlier=key)
    return start


def make_public(made: Campaign, by: Any) -> None:
    """Make a campaign public whatever its list still says."""
    launch.publish(made, by=by, at=AT, despite=[stop.key for stop in launch.stops_of(made, at=AT)])


def test_a_template_brings_its_words_and_its_first_bulletin_has_no_blank_but_the_empty_ones(
    root: Any, alma: Any
) -> None:
    BannedTerm.objects.create(language="fi", term="MYRKKYVESI*", say_instead="x", why="y")
    template = template_files.read("water")
    statement = template.holding_statements[0]
    words = {blank.key: dict.fromkeys(("fi", "sv", "en"), "Kuusi") for blank in statement.blanks[1:]}
    start = begun(alma, template="water", first={**SENDER, "statement": statement.key, "blanks": words})

    made = creation.make(start, by=root, at=AT).campaign

    assert made is not None and made.published_at is None and made.is_exercise
    assert made.topics.count() == len(template.topics)
    assert made.story_themes.count() == len(first_themes.THEMES)
    assert GlossaryTerm.objects.filter(campaign=made).count() == len(template.glossary)
    assert Snippet.objects.filter(campaign=made, kind="phrase").count() == len(template.snippets)
    assert Snippet.objects.filter(campaign=made, kind="way_to_help").count() == len(template.ways_to_help)
    assert ChecklistPoint.objects.filter(campaign=made).count() == len(template.checklist)
    assert QuestionGroup.objects.voids().filter(campaign=made, topic__isnull=False).count() == len(
        template.first_questions
    )
    terms = [(one.language, one.term.lower()) for one in BannedTerm.objects.all()]
    assert len(terms) == len(set(terms)) >= len(template.banned_words)
    assert [(one.kind, one.tier) for one in Audience.objects.filter(campaign=made).order_by("pk")] == [
        ("influencers", 1),
        ("influencers", 2),
        ("digest", None),
    ]
    assert Cadence.objects.filter(audience__campaign=made, every="day", local_time="09:00").count() == 2
    bulletin = Bulletin.objects.get(campaign=made)
    assert bulletin.urgency == statement.urgency and bulletin.editions.count() == 3
    assert bulletin.editions.get(language="en").behind(bulletin.editions.get(language="fi")) == 0
    left = [one for one in registry.findings(bulletin) if one.code == "unfilled-blank"]
    assert left and {one.says for one in left} == {f"A blank is left: {{{statement.blanks[0].key}}}."}
    with pytest.raises(NotAllowed):
        workflow.submit(bulletin, by=alma, at=AT)
    # Whoever filled in blanks wrote the bulletin, and so did whoever confirmed the start.
    assert set(bulletin.reviews.filter(decision="edited").values_list("by", flat=True)) == {alma.pk, root.pk}
    ticked = checklist.tick(bulletin, f"own:{template.checklist[0].key}", ticked=True)
    assert ticked == [f"own:{template.checklist[0].key}"]


def build_people(campaign: Campaign, number: int, agreed: int, *, prefix: str = "") -> Audience:
    """Let `number` influencers take part in a campaign's network, the first `agreed` of them with a yes to another crisis."""
    network = builders.build_audience(campaign, f"{prefix}network", tier=2)
    recipients = builders.build_recipients(number, language=("fi", "sv", "en"), prefix=prefix)
    builders.agree(recipients)
    builders.agree(recipients[:agreed], Consent.Purpose.ANOTHER_CRISIS)
    builders.join(network, recipients)
    users = User.objects.bulk_create(User(email=one.email, name="Elli") for one in recipients)
    people = Influencer.objects.bulk_create(
        Influencer(campaign=campaign, user=user, recipient=one, reference=f"{prefix}infl-{count:04}", name="Elli")
        for count, (user, one) in enumerate(zip(users, recipients, strict=True))
    )
    PlatformAccount.objects.bulk_create(
        PlatformAccount(influencer=one, platform="tiktok", handle="elli") for one in people
    )
    text, _new = CodeOfEthics.objects.get_or_create(
        campaign=campaign, language="fi", version=3, defaults={"title": "Code", "points": 1, "body": "1. I check."}
    )
    Signature.objects.bulk_create(Signature(influencer=one, text=text, signed_at=AT) for one in people)
    return network


def test_only_those_who_agreed_come_along_and_the_earlier_campaign_stays_as_it_is(
    root: Any, campaign: Campaign
) -> None:
    network = build_people(campaign, 40, 20)
    builders.build_cadence(network, "week", local_time="09:00", weekday=1, starts_on="2020-06-01")
    builders.build_cadence(network, "day", local_time="16:00", starts_on="2020-03-17", until="2020-05-31", slug="first")
    builders.build_bulletin(campaign)
    people = list(Influencer.objects.filter(campaign=campaign).order_by("pk"))
    Consent.objects.filter(recipient=people[0].recipient, purpose="another_crisis").update(withdrawn_at=AT)
    Consent.objects.filter(recipient=people[1].recipient, purpose="bulletins").update(withdrawn_at=AT)
    Influencer.objects.filter(pk=people[2].pk).update(state="left")
    Influencer.objects.filter(pk=people[39].pk).update(state="invited", user=None)
    before = rows_of(campaign)

    counts = influencer_groups.count(campaign)
    made = creation.make(begun(root, earlier=campaign), by=root, at=AT).campaign

    assert (counts.everyone, counts.agreed, counts.undecided) == (40, 17, 19)
    assert (counts.refused, counts.unreachable, counts.left, counts.not_joined) == (1, 1, 1, 1)
    assert sum(counts.by_language.values()) == 17
    assert rows_of(campaign) == before
    came = Influencer.objects.filter(campaign=made).order_by("pk")
    assert [one.recipient_id for one in came] == [one.recipient_id for one in people[3:20]]
    assert all(one.state == "active" and one.user_id for one in came)
    assert PlatformAccount.objects.filter(influencer__campaign=made).count() == 17
    assert Signature.objects.filter(influencer__campaign=made, text__campaign=made, text__version=3).count() == 17
    copy = Audience.objects.get(campaign=made, slug="network")
    assert Membership.objects.open(at=AT).filter(audience=copy).count() == 17
    assert [one.every for one in copy.cadences.all()] == ["day"]  # as in the first days, not as in the last
    assert Bulletin.objects.filter(campaign=made).count() == 0
    entry = AuditEntry.objects.get(verb="campaign.started")
    assert entry.detail["made"]["influencers"] == 17 and entry.detail["earlier"] == campaign.slug


def rows_of(campaign: Campaign) -> Any:
    """Return what a campaign has, so that two moments can be compared."""
    related = [field for field in campaign._meta.related_objects if field.get_accessor_name()]
    found = {
        field.get_accessor_name(): sorted(
            field.related_model.objects.filter(**{field.field.name: campaign}).values_list("pk")
        )
        for field in related
        if field.related_model is not CampaignStart
    }
    members = Membership.objects.filter(audience__campaign=campaign)
    return Campaign.objects.filter(pk=campaign.pk).values().get(), found, sorted(members.values_list("pk", "left_at"))


def test_more_people_cost_no_more_statements(root: Any, campaign: Campaign) -> None:
    counted = []
    for number in (10, 60):
        earlier = builders.build_campaign(f"earlier-{number}")
        build_people(earlier, number, number, prefix=f"{number}-")
        start = begun(root, earlier=earlier, about=ABOUT | {"slug": f"made-of-{number}"})
        with CaptureQueriesContext(connection) as queries:
            creation.make(start, by=root, at=AT)
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_the_others_are_invited_once_when_it_is_public_and_a_second_person_agreed(
    root: Any, campaign: Campaign, settings: Any
) -> None:
    settings.INVITATIONS_ALONE = 2
    build_people(campaign, 9, 4)
    start = creation.make(begun(root, earlier=campaign), by=root, at=AT)
    made = start.campaign
    assert made is not None

    assert invitations.invite_due(at=AT) == 0 and not Invitation.objects.exists()
    make_public(made, root)
    assert [invitations.invite_due(at=AT) for _again in range(2)] == [5, 0]

    invited = Influencer.objects.filter(campaign=made, state="invited")
    assert invited.count() == 5 and not invited.exclude(user=None).exists()
    assert Invitation.objects.filter(influencer__in=invited, agreement__agreed_at=None, sent_at=None).count() == 5
    assert Membership.objects.filter(audience__campaign=made).count() == 4


@pytest.mark.parametrize("closed", [True, False])
def test_nobody_is_invited_to_a_campaign_that_was_closed_or_who_said_no_meanwhile(
    root: Any, campaign: Campaign, closed: bool
) -> None:
    build_people(campaign, 3, 1)
    made = creation.make(begun(root, earlier=campaign), by=root, at=AT).campaign
    assert made is not None
    make_public(made, root)
    if closed:
        Campaign.objects.filter(pk=made.pk).update(closed_at=AT)
    else:
        Influencer.objects.filter(campaign=campaign).update(state="left")
    assert invitations.invite_due(at=AT) == 0
    assert not Invitation.objects.exists()


def test_colleagues_get_their_roles_in_the_new_campaign_alone_and_powerful_ones_wait(
    root: Any, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the earlier campaign are proposed; whoever has left since is not."""
    monkeypatch.setattr(two_administrators, "live_since", lambda: AT)
    maria, gone = (User.objects.create_user(f"{name}@example.org", is_staff=True) for name in ("maria", "gone"))
    campaign_roles.give(maria, [f"{campaign.pk}:editor", f"{campaign.pk}:approver"])
    campaign_roles.give(gone, [f"{campaign.pk}:liaison"])
    User.objects.filter(pk=gone.pk).update(is_active=False)
    start = begun(root, earlier=campaign)
    proposed = PeopleForm(CampaignStart(earlier=campaign))["roles"].value()
    assert proposed == "maria@example.org: editor, approver"
    for line in (
        "nobody@example.org: editor",
        "maria@example.org: boss",
        "maria@example.org",
        "maria@example.org: influencer",
    ):
        assert PeopleForm(start, {"roles": line}).errors["roles"]
    form = PeopleForm(start, {"roles": f"{proposed}\n\nMARIA@example.org: Editor,liaison"})
    assert form.is_valid()
    start = steps.save(start, "people", form.answers(), seen=1, by=root, at=AT)

    made = creation.make(start, by=root, at=AT).campaign

    held = set(CampaignRole.objects.filter(campaign=made).values_list("user__email", "role"))
    assert held == {("maria@example.org", "editor"), ("maria@example.org", "liaison")}
    assert HeldChange.objects.get().rights["campaign_roles"] == [f"{made.pk}:approver"]


def test_two_people_on_one_start_make_one_campaign_and_write_over_nobody(root: Any, alma: Any) -> None:
    start = begun(alma)
    seen = start.times_saved("about")
    steps.save(start, "about", ABOUT | {"place": "Muualla"}, seen=seen, by=alma, at=AT)
    with pytest.raises(steps.SavedMeanwhile, match="Alma"):
        steps.save(start, "about", ABOUT, seen=seen, by=root, at=AT)
    start.refresh_from_db()
    assert start.answer("about")["place"] == "Muualla"

    creation.make(start, by=root, at=AT)
    for late in (
        lambda: creation.make(start, by=root, at=AT),
        lambda: steps.save(start, "people", {}, seen=1, by=alma, at=AT),
        lambda: steps.drop(start, by=alma, at=AT),
    ):
        with pytest.raises(steps.NotStarted, match="made in the meantime"):
            late()
    assert Campaign.objects.count() == 1


@pytest.mark.parametrize("broken", ["template", "slug", "step"])
def test_what_cannot_be_made_is_refused_in_words_and_leaves_nothing(
    root: Any, broken: str, tmp_path: Any, monkeypatch: Any
) -> None:
    start = begun(root, template="water")
    says = {"template": "water.yaml, line 1: hashtag is missing", "slug": "water-facts", "step": "Influencers"}[broken]
    if broken == "template":
        (tmp_path / "water.yaml").write_text("slug: water\nalert_category: Flood\n", encoding="utf-8")
        read = template_files.read
        monkeypatch.setattr(template_files, "read", lambda slug: read(slug, tmp_path))
    elif broken == "slug":
        builders.build_campaign("water-facts")
    else:
        del start.saved["influencers"]
        start.save()
    before = (Campaign.objects.count(), BannedTerm.objects.count(), AuditEntry.objects.count())

    with pytest.raises(steps.NotStarted, match=says):
        creation.make(start, by=root, at=AT)

    assert (Campaign.objects.count(), BannedTerm.objects.count(), AuditEntry.objects.count()) == before
    start.refresh_from_db()
    assert start.campaign is None


def test_every_prepared_bulletin_can_go_once_its_blanks_are_filled_and_two_people_said_yes(
    root: Any, alma: Any, oskar: Any, authority: Any
) -> None:
    for slug, template in template_files.shelf().templates.items():
        words = {
            statement.key: {blank.key: blank.example for blank in statement.blanks}
            for statement in template.holding_statements
        }
        chosen, *others = template.holding_statements
        first = {**SENDER, "statement": chosen.key, "blanks": words[chosen.key]}
        about = ABOUT | {"slug": slug, "authority": authority.pk}
        start = creation.make(begun(alma, template=slug, about=about, first=first), by=root, at=AT)
        made = start.campaign
        assert made is not None and start.first_bulletin is not None
        make_public(made, root)
        written = [prepared_drafts.write(made, one, words[one.key], by=alma, also=[], at=AT) for one in others]
        for bulletin in (start.first_bulletin, *written):
            assert [str(one) for one in registry.stops(bulletin, at=AT)] == [], slug
    bulletin = Bulletin.objects.get(pk=start.first_bulletin.pk)
    workflow.submit(bulletin, by=alma, at=AT)
    bulletin.refresh_from_db()
    with pytest.raises(NotAllowed):
        workflow.approve(bulletin, by=root, digest=bulletin.digest, at=AT)
    workflow.approve(bulletin, by=oskar, digest=bulletin.digest, at=AT)
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.APPROVED


def test_the_sender_is_not_called_as_the_earlier_campaign_and_its_themes_come_along(
    root: Any, campaign: Campaign
) -> None:
    named, other = campaign.languages.get(code="fi"), campaign.languages.get(code="en")
    named.sender_name, other.sender_name = named.name, "The Cabinet"
    named.save()
    other.save()
    campaign.story_themes.create(slug="water", name={"en": "Water"}, words={"en": ["well"]})

    made = creation.make(begun(root, earlier=campaign), by=root, at=AT).campaign

    assert made is not None
    senders = dict(made.languages.values_list("code", "sender_name"))
    assert (senders["fi"], senders["en"]) == ("Faktaa vedestä", "The Cabinet")
    [check] = [readiness.names(made)]
    assert "fi: Faktaa vedestä" in check.says and "en: The Cabinet" in check.says
    assert list(made.story_themes.values_list("slug", "words")) == [("water", {"en": ["well"]})]
