"""Roles that hold in one campaign: what they allow there and nowhere else, who gives them, and what needs a second administrator."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts import held_changes
from accounts.access import campaign_roles, role_grants, two_administrators
from accounts.access.roles import Role
from accounts.models import AuditEntry, HeldChange, User
from bulletins.approval import eligibility
from bulletins.models import Bulletin
from campaigns.models import Campaign, CampaignRole
from campaigns.team import role_holders
from notifications import outbox
from notifications.models import Notice
from questions import notices
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db

ADD = "admin:campaigns_campaignrole_add"
LIST = "admin:campaigns_campaignrole_changelist"


@pytest.fixture
def flood(campaign: Campaign, roles: None) -> Campaign:
    """Another campaign that readers have."""
    return builders.build_campaign("flood")


@pytest.fixture
def boss(roles: None) -> User:
    """An administrator of the whole site."""
    return builders.build_user("boss", "admin")


@pytest.fixture
def live(monkeypatch: Any) -> None:
    """A site that has published its first live bulletin."""
    monkeypatch.setattr(two_administrators, "live_since", lambda: datetime(2020, 1, 1, tzinfo=UTC))


def member(name: str, campaign: Campaign, *roles: str) -> User:
    """Return someone who has roles in one campaign only."""
    user = User.objects.create_user(f"{name}@example.org", name=name.capitalize(), is_staff=True)
    campaign_roles.give(user, [f"{campaign.pk}:{role}" for role in roles])
    return user


def held(user: User) -> set[str]:
    """Return the roles in campaigns that someone has."""
    return {f"{one.campaign}:{one.role}" for one in CampaignRole.objects.filter(user=user).select_related("campaign")}


def in_campaign(client: Any, campaign: Campaign) -> Any:
    """Choose a campaign at the desk."""
    return client.post(reverse("admin:campaigns_campaign_work", args=[campaign.pk]))


# --- What they allow --------------------------------------------------------------------------------------------------


def test_a_right_holds_in_its_campaign_and_the_rows_are_those_of_it(campaign, flood, signed_in):
    ours, theirs = builders.build_bulletin(campaign), builders.build_bulletin(flood)
    client = signed_in(member("vera", flood, "approver"))

    assert client.get(reverse("admin:index")).context["campaign"] == flood, "the only one in which there is a role"
    assert in_campaign(client, campaign).status_code == 404
    page = client.get(reverse("admin:bulletins_bulletin_changelist"))
    assert [row.pk for row in page.context["cl"].result_list] == [theirs.pk]
    assert client.get(reverse("admin:bulletins_bulletin_read", args=[theirs.pk])).status_code == 200
    assert client.get(reverse("admin:bulletins_bulletin_read", args=[ours.pk])).status_code == 404
    assert client.get(reverse("admin:bulletins_bulletin_add")).status_code == 403, "an approver writes nothing"


def test_lists_begin_with_the_campaign_that_is_worked_in_and_show_others_when_asked(campaign, flood, alma, signed_in):
    ours, theirs = builders.build_bulletin(campaign), builders.build_bulletin(flood)
    client, page = signed_in(alma), reverse("admin:bulletins_bulletin_changelist")

    def shown(query: str = "") -> list[int]:
        return sorted(row.pk for row in client.get(page + query).context["cl"].result_list)

    for chosen, mine in ((campaign, ours), (flood, theirs)):
        in_campaign(client, chosen)
        assert shown() == [mine.pk]
        assert shown(f"?campaign={campaign.pk}") == [ours.pk]
        assert shown("?campaign=every") == sorted([ours.pk, theirs.pk])
    assert shown("?campaign=x") == []


def test_what_an_approver_of_one_campaign_may_do_in_another_is_nothing_although_they_work_for_the_whole_site(
    campaign, flood, signed_in, alma
):
    """A liaison of the site sees both; approving is for the campaign in which they are an approver, whatever is chosen."""
    vera = builders.build_user("vera", "liaison")
    campaign_roles.give(vera, [f"{flood.pk}:approver"])
    client = signed_in(vera)
    bulletins = [builders.submitted(builders.build_bulletin(one), by=alma) for one in (campaign, flood)]
    for chosen in (campaign, flood):
        in_campaign(client, chosen)
        answers = [client.post(reverse("admin:bulletins_bulletin_step", args=[one.pk, "approve"])) for one in bulletins]
        assert answers[0].status_code == 403
        assert answers[1].status_code != 403
    in_campaign(client, flood)
    assert [row.pk for row in client.get(reverse("admin:bulletins_bulletin_changelist")).context["cl"].result_list] == [
        bulletins[1].pk
    ]


def test_an_address_of_another_campaign_of_ones_own_opens_with_the_roles_there(campaign, flood, signed_in):
    """A mail leads there, whichever campaign was chosen: an editor here is a liaison there."""
    vera = member("vera", campaign, "editor")
    campaign_roles.give(vera, [f"{flood.pk}:liaison"])
    client = signed_in(vera)
    in_campaign(client, campaign)
    there = builders.build_bulletin(flood)

    page = client.get(reverse("admin:bulletins_bulletin_change", args=[there.pk]))

    assert page.status_code == 200
    assert page.context["campaign"] == flood
    words = {"words": "x"}
    assert client.post(reverse("admin:bulletins_bulletin_about", args=[there.pk]), words).status_code == 403
    assert client.get(reverse("admin:index")).context["campaign"] == campaign, "what was chosen stays chosen"


def test_a_role_that_is_taken_is_gone_at_once_and_with_the_last_one_the_way_to_the_desk(campaign, boss, signed_in):
    vera = member("vera", campaign, "editor", "liaison")
    client = signed_in(vera)
    assert client.get(reverse("admin:bulletins_bulletin_add")).status_code != 403

    assert role_holders.take(CampaignRole.objects.get(role="editor"), by=boss, at=NOON)
    vera.refresh_from_db()
    assert client.get(reverse("admin:index")).status_code == 302, "their sessions ended"
    client = signed_in(vera)
    assert client.get(reverse("admin:bulletins_bulletin_add")).status_code == 403
    assert client.get(reverse("admin:influencers_influencer_changelist")).status_code == 200

    assert role_holders.take(CampaignRole.objects.get(role="liaison"), by=boss, at=NOON)
    vera.refresh_from_db()
    assert not vera.is_staff
    assert signed_in(vera).get(reverse("admin:index")).status_code == 302
    entries = AuditEntry.objects.about(vera).filter(verb="user.roles_changed")
    assert entries.last().detail["before"]["campaign_roles"] == [f"{campaign.pk}:editor", f"{campaign.pk}:liaison"]


def test_of_a_closed_campaign_things_are_only_seen(campaign, flood, signed_in, alma):
    bulletin = builders.build_bulletin(flood)
    for user in (alma, member("vera", flood, "editor")):
        client = signed_in(user)
        in_campaign(client, flood)
        Campaign.objects.filter(pk=flood.pk).update(closed_at=NOON)
        page = client.get(reverse("admin:bulletins_bulletin_changelist"))
        assert page.context["campaign"] == flood
        assert client.get(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])).status_code == 200
        assert client.get(reverse("admin:bulletins_bulletin_add")).status_code == 403
        assert client.post(reverse("admin:bulletins_bulletin_withdraw", args=[bulletin.pk])).status_code == 403
        Campaign.objects.filter(pk=flood.pk).update(closed_at=None)


def test_an_upgrade_changes_nobodys_rights(campaign, flood, signed_in, alma):
    """Without roles in campaigns, roles of the site reach all campaigns as before, and nothing more is asked for."""
    builders.build_bulletin(campaign), builders.build_bulletin(flood)
    client = signed_in(alma)
    client.get(reverse("admin:index"))
    assert (
        client.get(reverse("admin:bulletins_bulletin_changelist") + "?campaign=every").context["cl"].result_count == 2
    )
    assert not hasattr(alma, "here")
    member("vera", flood, "editor")
    assert (
        client.get(reverse("admin:bulletins_bulletin_changelist") + "?campaign=every").context["cl"].result_count == 2
    )


def test_who_has_a_say_and_who_is_told_are_those_of_the_campaign(campaign, flood):
    ours, theirs = member("otto", campaign, "approver"), member("vera", flood, "approver", "editor")
    site = builders.build_user("sini", "approver")
    here, there = builders.build_bulletin(campaign), builders.build_bulletin(flood)

    asked = eligibility.of_each([here, there])

    assert set(asked[here.pk].approvers()) == {ours, site}
    assert set(asked[there.pk].approvers()) == {theirs, site}
    assert set(User.objects.staff_with("bulletins.approve_bulletin")) == {site}
    outbox.write(notices.QUESTION_WAITS, [ours, theirs, site], campaign=flood, about=group_of(flood), text="x", at=NOON)
    assert {one.person for one in Notice.objects.all()} == {theirs, site}


def group_of(campaign: Campaign) -> Any:
    """Return a question of a campaign."""
    from questions.models import QuestionGroup

    return QuestionGroup.objects.create(campaign=campaign, slug="q", label={"en": "Why?"})


def test_what_is_new_is_of_the_campaign_in_which_its_form_was_opened(campaign, flood, signed_in):
    """Another tab may have gone on to another campaign since; one that is not theirs is never meant."""
    from campaigns.models import GlossaryTerm

    add = reverse("admin:campaigns_glossaryterm_add")
    both = member("vera", campaign, "admin")
    campaign_roles.give(both, [f"{flood.pk}:admin"])
    client = signed_in(both)
    in_campaign(client, campaign)
    assert f'name="opened_in" value="{campaign.pk}"' in client.get(add).content.decode()
    sent = {"campaign": flood.pk, "term__en": "ark", "opened_in": flood.pk}

    assert client.post(add, sent).status_code == 302
    assert GlossaryTerm.objects.get().campaign == flood
    campaign_roles.take(both, [f"{flood.pk}:admin"])
    builders.build_campaign("third")
    campaign_roles.give(both, [f"{Campaign.objects.get(slug='third').pk}:admin"])
    assert client.post(add, sent).status_code == 404


def test_a_row_is_not_moved_to_another_campaign_nor_chosen_from_one(campaign, flood, signed_in):
    from campaigns.models import Topic

    ours, theirs = builders.build_topic(campaign, "ours"), builders.build_topic(flood, "theirs")
    client = signed_in(member("ada", campaign, "admin", "editor", "liaison"))
    url = reverse("admin:campaigns_topic_change", args=[ours.pk])
    sent = {"campaign": flood.pk, "slug": "ours", "name__fi": "a", "name__sv": "a", "name__en": "a"}

    client.post(url, sent)

    assert Topic.objects.get(pk=ours.pk).campaign == campaign
    page = client.get(url).content.decode()
    assert "flood" not in page
    ticked = {"action": "delete_selected", "_selected_action": [theirs.pk], "post": "yes"}
    client.post(reverse("admin:campaigns_topic_changelist"), ticked)
    assert Topic.objects.filter(pk=theirs.pk).exists()


def test_a_draft_picture_is_for_the_people_of_its_campaign(campaign, flood, signed_in, settings, tmp_path):
    from bulletins.models import Asset

    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/draft.png").write_bytes(b"\x89PNG")
    Asset.objects.create(
        bulletin=builders.build_bulletin(flood), kind="image", file="assets/draft.png", title={}, alt_text={}
    )
    where = reverse("media", args=["assets/draft.png"])

    told = {
        one: signed_in(member(one, of, "editor")).get(where).status_code for one, of in (("a", campaign), ("b", flood))
    }

    assert told == {"a": 404, "b": 200}


def test_a_page_that_is_refused_names_the_role_in_this_campaign(campaign, signed_in):
    refused = signed_in(member("edla", campaign, "editor")).get(reverse("admin:accounts_auditentry_changelist"))
    assert refused.status_code == 403 and "(editor in this campaign)" in refused.content.decode()


# --- Who gives them ---------------------------------------------------------------------------------------------------


def test_an_administrator_of_a_campaign_gives_roles_there_and_nowhere_else(campaign, flood, signed_in):
    client = signed_in(member("ada", campaign, "admin"))
    sent = {"email": "New@Example.org", "name": "Nea", "roles": ["editor", "liaison"], "campaign": campaign.pk}

    assert client.post(reverse(ADD), sent).status_code == 302
    nea = User.objects.get(email="new@example.org")
    assert (nea.name, nea.is_staff, held(nea)) == ("Nea", True, {"harjoitus:editor", "harjoitus:liaison"})
    assert list(nea.groups.all()) == []

    assert client.post(reverse(ADD), sent | {"campaign": flood.pk, "roles": ["admin"]}).status_code == 409
    session = client.session
    session["desk_campaign"] = flood.pk
    session.save()
    assert client.post(reverse(ADD), sent | {"campaign": flood.pk, "roles": ["admin"]}).status_code == 409
    assert client.post(reverse(ADD), sent | {"roles": ["contributor"]}).status_code == 422
    row = CampaignRole.objects.create(user=member("vera", flood, "editor"), campaign=flood, role="admin")
    assert client.post(reverse("admin:campaigns_campaignrole_delete", args=[row.pk])).status_code == 404
    assert "Vera" not in client.get(reverse(LIST)).content.decode()
    for page in ("accounts_user_changelist", "accounts_auditentry_changelist", "auth_group_changelist", "person"):
        assert client.get(reverse(f"admin:{page}")).status_code == 403
    assert client.get(reverse("admin:accounts_user_change", args=[nea.pk])).status_code == 403
    assert client.get(reverse("admin:campaigns_campaign_publish", args=[campaign.pk])).status_code == 403
    assert {one.verb for one in AuditEntry.objects.about(nea)} >= {"user.added", "user.roles_changed"}
    assert held(nea) == {"harjoitus:editor", "harjoitus:liaison"}


def test_nobody_but_an_administrator_gives_any(campaign, signed_in):
    client = signed_in(member("vera", campaign, "editor", "approver", "liaison", "fact-checker"))

    assert client.get(reverse(ADD)).status_code == 403
    assert client.post(reverse(ADD), {"email": "x@example.org", "roles": ["editor"]}).status_code == 403
    assert client.get(reverse(LIST)).status_code == 403


def test_a_closed_account_is_not_opened_by_a_role(campaign, boss):
    gone = User.objects.create_user("gone@example.org", is_active=False)

    with pytest.raises(role_holders.NotGiven):
        role_holders.give(campaign, "gone@example.org", ["editor"], by=boss, at=NOON)
    gone.refresh_from_db()
    assert (gone.is_active, gone.is_staff, held(gone)) == (False, False, set())


@pytest.mark.parametrize("role", ["approver", "fact-checker", "admin"])
def test_a_powerful_role_waits_for_a_second_administrator_of_the_campaign_or_the_site(
    live, campaign, flood, boss, role
):
    ada, bo = member("ada", campaign, "admin"), member("bo", campaign, "admin")
    stranger = member("stranger", flood, "admin")

    user, waiting = role_holders.give(campaign, "nea@example.org", ["liaison", role], by=ada, at=NOON)

    assert waiting == [role]
    assert held(user) == {"harjoitus:liaison"}
    change = HeldChange.objects.get()
    assert change.rights["campaign"] == campaign.pk
    assert set(held_changes.recipients(user, change.rights)) == {ada, bo, boss, user}
    for person in (ada, user, stranger):
        with pytest.raises(held_changes.NotSettled):
            held_changes.agree(change, by=person, at=NOON)
    held_changes.agree(change, by=bo, at=NOON)
    assert held(user) == {"harjoitus:liaison", f"harjoitus:{role}"}


def test_a_change_that_waits_is_seen_where_it_is_about(live, campaign, flood, boss, signed_in):
    ada, stranger = member("ada", campaign, "admin"), member("stranger", flood, "admin")
    role_holders.give(campaign, "nea@example.org", ["approver"], by=ada, at=NOON)
    role_grants.grant(builders.build_user("olli", "editor"), Role.APPROVER, by=boss, at=NOON)
    where = reverse("admin:accounts_heldchange_changelist")

    seen = {
        name: signed_in(one).get(where).context["cl"].result_count
        for name, one in (("a", ada), ("s", stranger), ("b", boss))
    }

    assert seen == {"a": 1, "s": 0, "b": 2}
    site_wide = HeldChange.objects.get(user__email="olli@example.org")
    assert signed_in(ada).get(reverse("admin:accounts_heldchange_change", args=[site_wide.pk])).status_code == 404
    with pytest.raises(held_changes.NotSettled):
        held_changes.stop(site_wide, by=ada, at=NOON)
    boss.groups.clear()  # whoever asked is no administrator any more
    held_changes.apply_due(at=NOON + timedelta(days=2))
    assert held(User.objects.get(email="nea@example.org")) == {"harjoitus:approver"}
    assert not User.objects.get(email="olli@example.org").groups.filter(name="approver").exists()


def test_one_administrator_does_not_put_another_out_nor_make_a_second_self(live, campaign, flood):
    ada, bo = member("ada", campaign, "admin"), member("bo", campaign, "admin")

    assert not role_holders.take(CampaignRole.objects.get(user=bo), by=ada, at=NOON)
    assert held(bo) == {"harjoitus:admin"}
    assert HeldChange.objects.get(user=bo).rights["taken"]["campaign_roles"] == [f"{campaign.pk}:admin"]
    assert role_holders.take(CampaignRole.objects.get(user=ada), by=ada, at=NOON), "anyone steps down"
    carl = member("carl", campaign, "admin", "approver")
    _user, waiting = role_holders.give(campaign, "self@example.org", ["editor"], by=carl, at=NOON)
    assert waiting == ["editor"], "who says the second yes makes no second self who writes"


def test_the_way_into_an_account_with_power_in_a_campaign_is_guarded(live, campaign, flood, boss):
    vera = member("vera", flood, "approver")

    assert two_administrators.holds(vera, boss, at=NOON)
    assert not two_administrators.holds(member("otto", flood, "editor"), boss, at=NOON)


# --- The switcher -----------------------------------------------------------------------------------------------------


def test_the_switcher_shows_the_campaigns_in_which_one_has_a_role_and_costs_the_same(
    campaign, flood, signed_in, alma, desk_at_noon
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    secret = builders.build_campaign("secret", published_at=None)
    vera = member("vera", campaign, "editor", "liaison")
    campaign_roles.give(vera, [f"{flood.pk}:approver"])
    builders.build_bulletin(campaign)
    clients = [signed_in(vera), signed_in(alma)]

    def shown(client: Any) -> tuple[list[str], int]:
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse("admin:bulletins_bulletin_changelist"))
        found = page.context["switcher"]
        return [f"{one.campaign} {one.kind} {one.roles}" for one in found.entries], len(asked)

    for client in clients:
        in_campaign(client, campaign)
        client.get(reverse("admin:bulletins_bulletin_changelist"))
    veras, almas = [shown(client) for client in clients]
    assert sorted(veras[0]) == ["flood exer You: approver", "harjoitus exer You: editor, liaison"]
    assert sorted(almas[0]) == ["flood exer You: editor", "harjoitus exer You: editor", "secret prep You: editor"]

    Campaign.objects.filter(pk=flood.pk).update(closed_at=NOON)
    for number in range(5):
        more = builders.build_campaign(f"more-{number}")
        campaign_roles.give(vera, [f"{more.pk}:editor"])
        builders.build_bulletin(more)
    for client, before in zip(clients, (veras, almas), strict=True):
        in_campaign(client, campaign)
        client.get(reverse("admin:bulletins_bulletin_changelist"))
        entries, queries = shown(client)
        assert len(entries) == len(before[0]) + 5
        assert queries == before[1]
        assert any(one.startswith("flood closed") for one in entries)
    assert Bulletin.objects.count() == 6
    assert str(secret) == "secret"
