"""Which rows each role reaches, and that the table, the code and docs/operating/accounts/roles.md say the same."""

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.http import HttpRequest
from django.urls import reverse

from accounts.access import permissions, row_scopes
from accounts.access.permissions import PERMISSIONS, Scope
from accounts.access.roles import Role
from accounts.models import User
from bulletins.models import MessageInput
from delivery.models import Consent, Membership, Recipient, Subscription
from influencers.models import Influencer, Post, PostMessage
from questions.models import QuestionGroup
from stories.models import Offer, Story
from tests.architecture import PACKAGES
from tests.support import builders

pytestmark = pytest.mark.django_db

FOLDERS = (*PACKAGES, "templates")


# --- The table and the code ------------------------------------------------------------------------------------


class Asker:
    """Someone who may do everything, and keeps what they were asked for."""

    is_active = is_staff = is_authenticated = True
    is_superuser = False
    pk = 0

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        """Keep what is asked for."""
        self.asked.add(permission)
        return True


def asked_for() -> set[str]:
    """Return every permission that the code asks for: by name in a module or a template, or as Django's admin does."""
    known = {f"{label}.{verb}_{name}" for label, name in models() for verb in ("view", "add", "change", "delete")}
    known |= {
        f"{model._meta.app_label}.{name}" for model in apps.get_models() for name, _words in model._meta.permissions
    }
    words: set[str] = set()
    for folder in FOLDERS:
        for file in (Path(settings.BASE_DIR) / folder).rglob("*"):
            if file.suffix in {".py", ".html"} and "migrations" not in file.parts and file.name != "roles.py":
                text = file.read_text()
                words |= set(re.findall(r'"([a-z]+\.[a-z_]+)"', text))
                words |= {f"{app}.{name}" for app, name in re.findall(r"perms\.([a-z]+)\.([a-z_]+)", text)}
    asker = Asker()
    request = HttpRequest()
    request.user = asker  # type: ignore[assignment]
    request.campaign = None  # type: ignore[attr-defined]
    for model, desk in admin.site._registry.items():
        for part in (desk, *(inline(model, admin.site) for inline in desk.inlines)):
            part.has_add_permission(request, *([None] if part is not desk else []))
            for ask in (part.has_view_permission, part.has_change_permission, part.has_delete_permission):
                ask(request)
        if hasattr(desk, "may_change"):
            desk.may_change(request)
    return (words & known) | asker.asked


def models() -> list[tuple[str, str]]:
    """Return (app, name) of every model."""
    return [(model._meta.app_label, str(model._meta.model_name)) for model in apps.get_models()]


def test_every_permission_in_the_table_is_asked_for_and_every_one_that_is_asked_for_is_in_the_table() -> None:
    granted, asked = set().union(*PERMISSIONS.values()), asked_for()

    assert sorted(granted - asked) == [], "Nobody asks for these: take them out of accounts/access/permissions.py."
    assert sorted(asked - granted) == [], "No role has these: give them to one in accounts/access/permissions.py."


def test_every_scope_in_the_table_means_something_for_the_rows_that_it_is_about() -> None:
    about = {
        "bulletins.submit_messageinput": MessageInput,
        "influencers.use_portal": Influencer,
        "stories.keep_offer": Offer,
        "stories.send_story": Story,
    }
    lacking = []
    for names in PERMISSIONS.values():
        for name, scope in names.items():
            app, _dot, codename = name.partition(".")
            model = about.get(name) or apps.get_model(app, codename.partition("_")[2]) if scope != Scope.ALL else None
            # An address is typed: there is no row that it reaches by itself (delivery/subscriptions/admin.py).
            if model and scope != Scope.ADDRESS and (model, scope) not in row_scopes.MEANINGS:
                lacking.append(f"{name} ({scope})")
    assert lacking == []


def test_a_role_reaches_the_same_rows_of_a_model_whatever_it_does_with_them() -> None:
    mixed = []
    for role, names in PERMISSIONS.items():
        scopes: dict[str, set[Scope]] = {}
        for name, scope in names.items():
            scopes.setdefault(name.rpartition("_")[2], set()).add(scope)
        mixed += [f"{role}: {model}" for model, found in scopes.items() if len(found) > 1]
    assert mixed == []


def test_the_page_about_roles_says_what_the_table_says() -> None:
    told = StringIO()
    call_command("roles_table", stdout=told)

    page = (Path(settings.BASE_DIR) / "docs/operating/accounts/roles.md").read_text()
    assert page.endswith(told.getvalue()), (
        "Write what `./run manage roles_table` prints at the end of docs/operating/accounts/roles.md."
    )


# --- Who reaches what ------------------------------------------------------------------------------------------


def test_what_somebody_reaches_is_what_each_of_their_roles_reaches(liisa: User, alma: User) -> None:
    assert permissions.scopes_of(liisa, "delivery.view_recipient") == {Scope.INFLUENCERS}
    assert permissions.scopes_of(alma, "delivery.view_recipient") == set()
    assert permissions.scopes_of(liisa, "bulletins.view_bulletin") == {Scope.ALL}
    assert permissions.scopes_of(builders.build_user("new"), "bulletins.view_bulletin") == set()
    assert permissions.scopes_of(builders.build_user("boss", is_superuser=True), "delivery.view_recipient") == {
        Scope.ALL
    }

    both = builders.build_user("both", Role.LIAISON)
    both.groups.add(*builders.build_user("second", Role.ADMIN).groups.all())
    assert permissions.scopes_of(both, "delivery.view_recipient") == {Scope.INFLUENCERS, Scope.ALL}


def test_the_roles_of_somebody_are_asked_for_once(liisa: User, django_assert_num_queries: Any) -> None:
    liisa.has_perm("delivery.view_recipient")
    with django_assert_num_queries(1):
        permissions.scopes_of(liisa, "delivery.view_recipient")
        permissions.scopes_of(liisa, "delivery.view_membership")
        permissions.scopes_of(liisa, "bulletins.view_bulletin")


@pytest.fixture
def people(campaign: Any) -> dict[str, Recipient]:
    """An influencer who reads a digest too, an invited one, and someone who only reads the digest."""
    tier, digest = builders.build_audience(campaign), builders.build_digest(campaign)
    ines = builders.build_influencer(campaign, "ines", audience=tier).recipient
    builders.join(digest, [ines])
    invited = builders.build_recipients(1, prefix="invited-")[0]
    Influencer.objects.create(
        campaign=campaign, recipient=invited, reference="infl-2", name="Invited", state=Influencer.State.INVITED
    )
    reader = builders.build_subscription(digest, "elli@example.net").recipient
    return {"ines": ines, "invited": invited, "reader": reader}


def test_a_liaison_reaches_influencers_and_no_reader_of_a_digest(people: dict[str, Recipient], liisa: User) -> None:
    seen = row_scopes.visible(Recipient.objects.all(), liisa)
    assert set(seen) == {people["ines"], people["invited"]}
    memberships = row_scopes.visible(Membership.objects.all(), liisa)
    assert [(one.recipient, one.audience.slug) for one in memberships] == [(people["ines"], "network")]
    assert not row_scopes.visible(Consent.objects.all(), liisa).exists()
    assert not row_scopes.visible(Subscription.objects.all(), liisa).exists()


def test_nobody_but_liaisons_and_administrators_reaches_a_recipient(
    people: dict[str, Recipient], alma: User, oskar: User, fiona: User, minna: User, root: User
) -> None:
    for user in (alma, oskar, fiona, minna):
        assert not row_scopes.visible(Recipient.objects.all(), user).exists()
    assert row_scopes.visible(Recipient.objects.all(), root).count() == 3


def test_a_contributor_reaches_what_their_authority_handed_in_and_was_asked(
    campaign: Any, minna: User, authority: Any, noon: Any
) -> None:
    ours = builders.build_input(campaign, authority=authority, by=minna)
    agency = builders.build_authority("agency")
    builders.build_input(campaign, authority=agency, by=None)
    asked = {"campaign": campaign, "asked_at": noon, "answer_by": noon, "state": "asked"}
    group = QuestionGroup.objects.create(slug="a", label={"en": "A?"}, authority=authority, **asked)
    QuestionGroup.objects.create(slug="b", label={"en": "B?"}, authority=agency, **asked)
    QuestionGroup.objects.create(slug="c", label={"en": "C?"}, authority=authority, campaign=campaign)

    theirs = {Scope.AUTHORITY}
    assert list(row_scopes.within(MessageInput.objects.all(), theirs, minna)) == [ours]
    assert list(row_scopes.within(QuestionGroup.objects.all(), theirs, minna)) == [group]


def test_advice_on_a_post_is_for_the_contact_person_alone(campaign: Any, liisa: User, root: User, noon: Any) -> None:
    version = builders.build_published_version(campaign)
    found = []
    for name, liaison in (("ines", liisa), ("otto", builders.build_user("lotta", Role.LIAISON))):
        post = Post.objects.create(
            campaign=campaign,
            influencer=builders.build_influencer(campaign, name, liaison=liaison),
            version=version,
            platform="x",
            posted_at=noon,
            told_at=noon,
        )
        found.append(PostMessage.objects.create(post=post, key="k1", fate="kept"))

    assert list(row_scopes.visible(PostMessage.objects.all(), liisa)) == found[:1]
    assert not row_scopes.visible(PostMessage.objects.all(), root).exists()


# --- On the desk -----------------------------------------------------------------------------------------------


def test_a_reader_of_a_digest_does_not_exist_for_a_liaison_anywhere_on_the_desk(
    people: dict[str, Recipient], liisa: User, signed_in: Any
) -> None:
    client, reader = signed_in(liisa), people["reader"]
    membership = Membership.objects.get(recipient=reader)
    subscription = Subscription.objects.get(recipient=reader)
    pages = [
        reverse(f"admin:delivery_{row._meta.model_name}_{page}", args=[row.pk])
        for row in (reader, membership, subscription)
        for page in ("change", "history")
    ]
    assert [page for page in pages if client.get(page).status_code != 404] == []
    assert client.get(reverse("admin:delivery_recipient_change", args=[people["ines"].pk])).status_code == 200

    choosing = {"app_label": "influencers", "model_name": "influencer", "field_name": "recipient"}
    offered = {
        name: client.get(reverse("admin:autocomplete"), {**choosing, "term": one.email}).json()["results"]
        for name, one in people.items()
    }
    lists = [
        client.get(reverse("admin:delivery_recipient_changelist"), {"q": reader.email}),
        client.get(reverse("admin:delivery_recipient_changelist")),
        client.get(reverse("admin:delivery_membership_changelist")),
        client.get(reverse("admin:delivery_subscription_changelist")),
        client.get(reverse("admin:autocomplete"), choosing),
    ]
    for answer in lists:
        assert answer.status_code == 200
        assert "elli@" not in answer.content.decode().replace('value="elli', "")
    found = {name: [row["id"] for row in rows] for name, rows in offered.items()}
    assert found == {name: [str(one.pk)] if name in {"ines", "invited"} else [] for name, one in people.items()}


def test_a_key_that_was_typed_gets_nobody_over_it(
    people: dict[str, Recipient], campaign: Any, liisa: User, root: User, signed_in: Any
) -> None:
    form = {
        "campaign": campaign.pk,
        "user": root.pk,
        "recipient": people["reader"].pk,
        "reference": "infl-9",
        "name": "Elli",
        "state": "invited",
        "other_languages": "",
        "joined_at_0": "2026-03-25",
        "joined_at_1": "12:00",
        **{f"{part}-{name}_FORMS": 0 for part in ("accounts", "signatures") for name in ("TOTAL", "INITIAL")},
    }
    answer = signed_in(liisa).post(reverse("admin:influencers_influencer_add"), form)

    assert answer.status_code == 200
    assert "recipient" in answer.context["adminform"].form.errors
    assert "user" not in answer.context["adminform"].form.fields
    assert not Influencer.objects.filter(reference="infl-9").exists()


def test_a_liaison_stops_the_digest_of_the_one_whose_whole_address_they_know(
    people: dict[str, Recipient], campaign: Any, liisa: User, signed_in: Any
) -> None:
    other = builders.build_subscription(builders.build_digest(campaign, "day"), "otto@example.net")
    one = Subscription.objects.get(recipient=people["reader"])
    client, page = signed_in(liisa), reverse("admin:delivery_subscription_changelist")

    assert list(client.get(page).context["cl"].result_list) == []
    assert list(client.get(page, {"q": "elli"}).context["cl"].result_list) == []
    found = client.get(page, {"q": " Elli@Example.net "})
    assert list(found.context["cl"].result_list) == [one]
    assert reverse("admin:delivery_subscription_change", args=[one.pk]) not in found.content.decode()

    deed = {"action": "stop", "_selected_action": [one.pk, other.pk]}
    client.post(page, deed)
    one.refresh_from_db()
    assert one.left_at is None
    client.post(f"{page}?q=elli@example.net", deed)
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.left_at is not None
    assert other.left_at is None


def test_what_is_not_there_is_told_like_what_is_out_of_reach_and_by_nobody_without_the_right(
    people: dict[str, Recipient], liisa: User, alma: User, signed_in: Any
) -> None:
    """404 for a liaison, and 403 for an editor, whether or not there is such a row."""
    for page in ("change", "history"):
        for key in (people["reader"].pk, 999_999):
            address = reverse(f"admin:delivery_recipient_{page}", args=[key])
            assert signed_in(liisa).get(address).status_code == 404
            assert signed_in(alma).get(address).status_code == 403
