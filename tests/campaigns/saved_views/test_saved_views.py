"""Views of the desk's lists: kept under a name, shared, opened with, and made of nothing but what a list knows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.privacy import erasure
from accounts.privacy.data_subjects import Person
from campaigns.models import SavedView
from campaigns.personal_data import saved_views as exported
from campaigns.saved_views import list_views
from tests.support import builders

pytestmark = pytest.mark.django_db

LISTS = {
    "bulletins.bulletin": "state__exact=draft&q=Nokia",
    "bulletins.messageinput": "urgency__exact=urgent&o=-6",
    "factcheck.claim": "stage=open&verdict__exact=false",
    "influencers.thread": "whose=mine&show=quiet",
    "influencers.influencer": "state__exact=active&o=1",
    "delivery.send": "state__exact=running",
}
DRAFTS = LISTS["bulletins.bulletin"]


def path_of(key):
    return reverse(f"admin:{key.replace('.', '_')}_changelist")


def save(client, key="bulletins.bulletin", query=DRAFTS, name="My drafts", **ticks):
    """Press the button that keeps a view."""
    return client.post(reverse("admin:view_save"), {"list": key, "query": query, "name": name} | ticks)


def says(client, answer):
    """Return the page to which an answer leads."""
    return client.get(answer.url).content.decode()


@pytest.fixture
def desk(campaign, root, signed_in):
    return signed_in(root)


@pytest.mark.parametrize(("key", "query"), LISTS.items(), ids=LISTS)
def test_every_designed_list_keeps_shows_and_opens_with_a_view(key, query, desk, root):
    plain = desk.get(path_of(key)).content.decode()
    assert "My view" not in plain and "Save this view" not in plain
    assert "Save this view" in desk.get(f"{path_of(key)}?{query}").content.decode()

    shown = says(desk, save(desk, key, f"{query}&p=2", " My  view ", default="on"))

    row = SavedView.objects.get()
    assert (row.name, row.owner, row.is_shared, row.list) == ("My view", root, False, key)
    assert sorted(row.query.split("&")) == sorted(query.split("&"))
    assert "Saved as “My view”." in shown and "Change “My view”" in shown

    # From elsewhere the list opens with it; from the list itself, everything is shown.
    opened = desk.get(path_of(key), headers={"Referer": "https://testserver/desk/"})
    assert (opened.status_code, opened.url) == (302, f"{path_of(key)}?{row.query}")
    everything = desk.get(path_of(key), headers={"Referer": f"https://testserver{path_of(key)}?{row.query}"})
    assert everything.status_code == 200 and "My view" in everything.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "campaign__sender_email__startswith=a",
        "created_by__password__startswith=pbkdf2",
        "state__exact=draft&_popup=1",
        "state__exact=draft&e=1&next=https://example.org",
        "campaign__id__exact=x",
        "q=a%00b",
        "",
        "p=3",
        "&".join(f"q={number}" for number in range(3_000)),
        f"q={'x' * 501}",
        "q=" + "x" * 5_000,
    ],
)
def test_what_a_list_does_not_know_is_refused(query, desk):
    page = says(desk, save(desk, query=query))

    assert not SavedView.objects.exists()
    assert "Not saved:" in page


def test_markup_in_a_view_stays_text(desk):
    hostile = '"><script>alert(1)</script>'
    page = says(desk, save(desk, query="q=%22%3E%3Cscript%3E", name=hostile))

    assert "<script>alert(1)" not in page and "q=%22%3E%3Cscript%3E" in SavedView.objects.get().query
    assert "&lt;script&gt;alert(1)" in page


def test_a_shared_view_is_seen_by_the_team_and_changed_by_its_owner_only(campaign, alma, veikko, signed_in):
    mine, theirs = signed_in(alma), signed_in(veikko)
    save(mine, shared="on")
    save(mine, query="state__exact=approved", name="Only mine")
    row = SavedView.objects.get(is_shared=True)

    page = theirs.get(path_of("bulletins.bulletin")).content.decode()
    assert "My drafts" in page and "Only mine" not in page
    seen = theirs.get(f"{path_of('bulletins.bulletin')}?{row.query}").content.decode()
    assert "Change “" not in seen and "Save this view" in seen
    for sent in ({"name": "Theirs"}, {"do": "remove"}):
        assert theirs.post(reverse("admin:view_change", args=[row.pk]), sent).status_code == 404
    assert SavedView.objects.get(pk=row.pk).name == "My drafts"

    mine.post(reverse("admin:view_change", args=[row.pk]), {"name": "Drafts", "default": "on"})
    row.refresh_from_db()
    assert (row.name, row.is_shared, row.is_default) == ("Drafts", False, True)
    mine.post(reverse("admin:view_change", args=[row.pk]), {"do": "remove"})
    assert [one.name for one in SavedView.objects.all()] == ["Only mine"]
    assert list_views.offered(alma, builders.build_campaign("another"), "bulletins.bulletin") == []


def test_a_name_is_given_once_and_one_view_comes_first(desk, monkeypatch):
    save(desk, default="on")
    save(desk, query="state__exact=approved", name="Approved", default="on")
    save(desk, query="state__exact=published")  # the same name: it shows this from now on

    rows = {one.name: one for one in SavedView.objects.all()}
    assert {name: (one.query, one.is_default) for name, one in rows.items()} == {
        "My drafts": ("state__exact=published", False),
        "Approved": ("state__exact=approved", True),
    }
    refused = desk.post(reverse("admin:view_change", args=[rows["Approved"].pk]), {"name": "My drafts"})
    assert "another view with that name" in says(desk, refused)
    assert "give the view a name" in says(desk, save(desk, name=" "))
    assert "at most 60 characters" in says(desk, save(desk, name="x" * 61))
    monkeypatch.setattr(list_views, "MOST", 2)
    assert "you have 2 views" in says(desk, save(desk, name="A third"))
    assert SavedView.objects.count() == 2


def test_who_may_not_see_a_list_keeps_no_view_of_it(campaign, oskar, signed_in):
    client = signed_in(oskar)

    assert save(client, "influencers.thread", "whose=mine").status_code == 403
    for key in ("accounts.user", "bulletins.snippet", "no.such", "", "\x00"):
        assert save(client, key).status_code == 404
    assert not SavedView.objects.exists()


def test_a_list_costs_the_same_however_many_views_it_has(desk_at_noon, desk, root, campaign):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(path_of("bulletins.bulletin")).status_code == 200
        return len(asked)

    cost()
    none = cost()
    for number in range(5):
        save(desk, name=f"View {number}", query=f"q={number}", shared="on")
    cost()
    assert cost() <= none


def test_views_go_with_their_owner_and_with_whom_they_search_for(desk, root, alma, signed_in):
    save(desk, query="q=elli%2Bx%40example.net", name="Elli")
    save(signed_in(alma), name="Alma’s")
    save(desk, name="Stays")
    assert [one["name"] for one in exported(Person.of("elli+x@example.net"))] == ["Elli"]

    erasure.erase(Person.of("elli+x@example.net"), reason="asked", by=None, at=timezone.now())
    erasure.erase(Person.of(alma.email), reason="asked", by=None, at=timezone.now())

    assert [one.name for one in SavedView.objects.all()] == ["Stays"]
