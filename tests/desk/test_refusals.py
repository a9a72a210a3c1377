"""What the desk refuses stays in its look and says why: a page of another role, a form that is too old, a login that has ended."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.desk.site import DeskSite

PEOPLE = "admin:accounts_user_changelist"


def test_a_page_of_another_role_says_whose_it_is_in_the_desks_frame(alma: User, campaign: Any, signed_in: Any) -> None:
    answer = signed_in(alma).get(reverse(PEOPLE))

    page = answer.content.decode()
    assert answer.status_code == 403
    assert 'id="nav-sidebar"' in page and "This page is not for your role" in page
    assert f"You are logged in as {alma} (editor)" in page
    assert "'unsafe-eval'" in answer.headers["Content-Security-Policy"]  # its frame's


def test_whoever_is_not_of_the_desk_gets_no_frame_of_it(minna: User, campaign: Any, signed_in: Any) -> None:
    answer = signed_in(minna).get(reverse(PEOPLE), follow=True)

    assert answer.status_code == 403
    assert "nav-sidebar" not in answer.content.decode()


def test_what_is_not_there_is_said_in_the_desks_frame_and_leads_on(
    alma: User, minna: User, campaign: Any, signed_in: Any
) -> None:
    gone = reverse("admin:bulletins_bulletin_preview", args=[4711])

    for path in (gone, "/desk/no/such/page/"):
        answer = signed_in(alma).get(path)
        page = answer.content.decode()
        assert answer.status_code == 404
        assert 'id="nav-sidebar"' in page and "There is nothing here" in page
        assert reverse("admin:everything") in page and reverse("website:archive") not in page
        assert "'unsafe-eval'" in answer.headers["Content-Security-Policy"]  # its frame's

    answer = signed_in(minna).get("/en/no/such/page/")
    assert answer.status_code == 404 and "nav-sidebar" not in answer.content.decode()


def test_a_contributor_whose_login_has_ended_reads_that_nothing_is_lost(campaign: Any, client: Client) -> None:
    sent = client.post(reverse("intake:submit_input"), {"title": "Boil the water"}, follow=True)

    assert "this browser has kept your words" in sent.content.decode()
    assert "kept your words" not in client.get(reverse("account_request_login_code")).content.decode()


@pytest.mark.parametrize(
    ("stood", "leads"),
    [
        ("http://testserver/desk/influencers/seenrequest/1/change/?a=b", "/desk/influencers/seenrequest/1/change/?a=b"),
        ("http://evil.example/desk/", "/desk/"),
        ("", "/desk/"),
    ],
)
def test_whoever_was_logged_out_before_a_form_came_is_led_to_where_it_stood(campaign, client, stood, leads):
    only_for_forms = reverse("admin:influencers_seenrequest_call", args=[1])

    sent = client.post(only_for_forms, {"person": "1"}, headers={"Referer": stood} if stood else {})

    assert sent.status_code == 302
    login = client.get(sent["Location"], follow=True)
    assert parse_qs(urlsplit(login.redirect_chain[-1][0]).query)["next"] == [leads]
    assert "You were logged out before this was sent. Please send it again." in login.content.decode()
    asked = client.get(reverse(PEOPLE), follow=True)
    assert parse_qs(urlsplit(asked.redirect_chain[-1][0]).query)["next"] == [reverse(PEOPLE)]
    assert "logged out before" not in asked.content.decode()


def test_whoever_logs_out_twice_is_led_nowhere_else(campaign, client):
    assert client.post(reverse("admin:logout"), headers={"Referer": "http://testserver/desk/"})["Location"] == "/desk/"


def test_a_form_that_is_too_old_says_so_in_the_desks_frame(alma: User, campaign: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alma)

    answer = client.post(reverse("admin:bulletins_bulletin_add"), {})

    page = answer.content.decode()
    assert answer.status_code == 403
    assert 'id="nav-sidebar"' in page and "Nothing was saved or sent." in page


def test_a_login_that_has_ended_says_so_and_leads_back(alma: User, campaign: Any, client: Client) -> None:
    wanted = reverse("admin:bulletins_bulletin_changelist")

    answer = client.get(wanted, follow=True)

    page = answer.content.decode()
    assert "You are not logged in to the desk." in page and "Bulletin desk" in page
    assert f'name="next" value="{wanted}"' in page
    assert "You are not logged in to the desk." not in client.get(reverse("account_login")).content.decode()


@pytest.mark.parametrize("name", ["admin:index", PEOPLE])
def test_the_public_menu_is_not_offered_at_the_desks_door(name: str, campaign: Any, client: Client) -> None:
    page = client.get(reverse(name), follow=True).content.decode()

    assert reverse("website:archive") not in page.split("</header>")[0]


def test_what_someone_may_do_with_each_model_is_asked_where_it_is_shown(
    alma: User, campaign: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages' menu is the desk's own; the 180 questions for Django's are a quarter of a page's time."""
    asked: list[str | None] = []
    monkeypatch.setattr(DeskSite, "_build_app_dict", lambda self, request, label=None: asked.append(label) or {})
    desk = signed_in(alma)

    pages = [desk.get(reverse(name)) for name in ("admin:index", "admin:bulletins_bulletin_changelist", PEOPLE)]
    assert [page.status_code for page in pages] == [200, 200, 403] and asked == []

    assert desk.get(reverse("admin:app_list", args=["bulletins"])).status_code == 404  # there is none in it
    assert asked == ["bulletins"]
