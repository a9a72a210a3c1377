"""The desk's pages about the authority's accounts and posts."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from bulletins.authority_posts import account_checks, jobs, network_accounts
from bulletins.authority_posts.admin.accounts import AccountForm
from bulletins.models import AuthorityAccount, AuthorityPost
from bulletins.publication import corrections
from influencers.recall import recall_plan
from lib import task_queue
from tests.support.builders import NOON, editor, in_all, published

from .posted import build_account, build_posted

ADD = "/desk/bulletins/authorityaccount/add/"
ENTERED = {
    "network": "mastodon",
    "server": "social.example",
    "handle": "ministry@social.example",
    "new_secret": "made-up-token",
    "languages": ["fi"],
    "on_correction": "edit",
    "in_use": "on",
}


def test_an_account_is_entered_and_its_secret_is_never_shown(campaign, boss, signed_in):
    desk = signed_in(boss)
    desk.post(ADD, ENTERED)

    account = AuthorityAccount.objects.get()
    assert (account.server, account.handle, account.state) == (
        "https://social.example",
        "@ministry@social.example",
        "new",
    )
    assert network_accounts.unlocked(account.secret) == "made-up-token" and "made-up" not in account.secret
    page = reverse("admin:bulletins_authorityaccount_change", args=[account.pk])
    assert "made-up" not in desk.get(page).content.decode()

    desk.post(page, ENTERED | {"new_secret": ""})  # an empty box keeps what is there, a network stays
    account.refresh_from_db()
    assert network_accounts.unlocked(account.secret) == "made-up-token"
    del ENTERED["in_use"]
    desk.post(page, ENTERED | {"new_secret": ""})
    account.refresh_from_db()
    assert (account.state, account.secret) == ("off", "")
    assert "made-up" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"server": "http://social.example"},
        {"server": "https://social.example/about"},
        {"server": ""},
        {"handle": " @ "},
        {"network": "bluesky", "server": ""},
        {"server": "https://192.168.1.4"},
        {"server": "https://localhost"},
    ],
)
def test_what_no_network_takes_is_refused(campaign, boss, signed_in, wrong):
    answer = signed_in(boss).post(ADD, ENTERED | {"in_use": "on"} | wrong)
    assert answer.status_code == 200 and not AuthorityAccount.objects.exists()


def test_an_account_that_is_there_is_not_entered_twice(campaign, boss, signed_in):
    desk = signed_in(boss)
    entered = ENTERED | {"in_use": "on"}
    desk.post(ADD, entered)
    page = desk.post(ADD, entered | {"handle": "@Ministry@social.example"})

    assert page.status_code == 200 and "is here already" in page.content.decode()
    assert AuthorityAccount.objects.count() == 1


def test_an_account_in_use_has_a_secret_but_in_an_exercise(live, campaign):
    entered = ENTERED | {"in_use": "on", "new_secret": ""}
    assert AccountForm(entered, campaign=campaign).is_valid()  # an exercise: nobody is asked
    assert list(AccountForm(entered, campaign=live).errors) == ["new_secret"]
    assert AccountForm(entered | {"in_use": ""}, campaign=live).is_valid()
    assert AccountForm(entered, instance=build_account(live, None), campaign=live).is_valid()  # it has one


def test_an_account_is_tried_and_another_ones_token_refused(live, mastodon):
    right = build_account(live, mastodon, state="new")
    wrong = build_account(live, mastodon, state="new", handle="@other@social.example")
    for one in (right, wrong):
        account_checks.run(one.pk, clock=lambda: NOON)

    right.refresh_from_db()
    wrong.refresh_from_db()
    assert (right.state, wrong.state) == ("works", "refused") and "@ministry@" in wrong.detail


def test_an_account_waits_for_no_card_to_be_tried(live, monkeypatch):
    woken = []
    monkeypatch.setattr(task_queue, "wake", lambda task, *about, queue: woken.append((task, about, queue)))
    account = build_account(live, None, state="new")
    account_checks.wake_waiting(at=NOON)
    assert woken == [("bulletins.tasks.check_account", (account.pk,), "bulletin")]


def test_whoever_approves_reads_exactly_what_will_stand_there(campaign, oskar, signed_in):
    bulletin = build_posted(campaign, build_account(campaign, None))
    page = reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])
    assert "Keitä hanavesi. https://vesi.example/1 #vesi" in signed_in(oskar).get(page).content.decode()


def test_the_page_of_a_recall_lists_the_authoritys_own_posts(campaign, alma, signed_in):
    bulletin = build_posted(campaign, build_account(campaign, None))
    published(bulletin)
    address = "https://social.example/@ministry/9000"
    AuthorityPost.objects.update(state="posted", remote_id="9000", url=address)
    bulletin.refresh_from_db()
    told = in_all(en="Boil it longer.", fi="Keitä pidempään.", sv="Koka längre.")
    corrections.start_correction(bulletin, by=editor(), at=NOON, what_changed=told, share_text=told)
    recall = recall_plan.plan(published(bulletin), at=NOON)

    page = signed_in(alma).get(reverse("admin:influencers_recall_change", args=[recall.pk])).content.decode()
    assert address in page


def test_a_post_that_stopped_is_decided_by_those_who_may(live, mastodon, alma, fiona, signed_in, settings):
    published(build_posted(live, build_account(live, mastodon)))
    mastodon.answers = [(422, {"error": "Validation failed"}, {})]
    post = AuthorityPost.objects.get()
    jobs.run(post.pk, clock=lambda: NOON)
    decide = reverse("admin:bulletins_authoritypost_decide", args=[post.pk])

    assert signed_in(fiona).post(decide, {"do": "again"}).status_code == 403
    desk = signed_in(alma)
    page = reverse("admin:bulletins_authoritypost_change", args=[post.pk])
    assert "Validation failed" in desk.get(page).content.decode()
    desk.post(decide, {})
    post.refresh_from_db()
    assert post.state == "stopped"
    desk.post(decide, {"do": "again"})
    post.refresh_from_db()
    assert post.state == "waiting"
