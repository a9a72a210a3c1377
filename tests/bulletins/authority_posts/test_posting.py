"""What is posted in the authority's name: the approved words, once, and what becomes of them."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from bulletins.authority_posts import decisions, jobs, posting_plan
from bulletins.checks.completeness import missing_post_words
from bulletins.checks.registry import load_workspace
from bulletins.models import AuthorityAccount, AuthorityPost, Bulletin
from bulletins.publication import publish
from notifications.models import Notice
from tests.support.builders import NOON, approved, build_cards, published

from .posted import LATER, build_account, build_posted, corrected, withdrawn, work


def test_the_approved_words_are_posted_in_their_language_and_their_address_is_kept(live, mastodon):
    published(build_posted(live, build_account(live, mastodon)))
    work()

    (status,) = mastodon.statuses.values()
    assert status == {
        "status": "Keitä hanavesi. https://vesi.example/1 #vesi",
        "language": "fi",
        "visibility": "public",
    }
    post = AuthorityPost.objects.get()
    assert (post.state, post.url) == ("posted", "https://social.example/@ministry/9000")
    assert AuditEntry.objects.filter(verb="authoritypost.posted", subject_id=str(post.pk)).exists()


def test_links_and_hashtags_on_bluesky_are_marked_in_bytes(live, bluesky):
    published(build_posted(live, build_account(live, bluesky)))
    work()

    (record,) = bluesky.records.values()
    text = record["text"].encode()
    marked = [text[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in record["facets"]]
    assert marked == ["https://vesi.example/1", "#vesi"]
    assert record["langs"] == ["fi"] and AuthorityPost.objects.get().url.startswith("https://bsky.app/profile/did:plc:")


def test_the_card_goes_with_its_words_as_alt_text(live, mastodon, bluesky):
    accounts = [build_account(live, one, with_card=True) for one in (mastodon, bluesky)]
    bulletin = build_posted(live, *accounts)
    build_cards(bulletin)
    published(bulletin)
    work()

    (status,), (record,) = mastodon.statuses.values(), bluesky.records.values()
    assert mastodon.pictures[status["media_ids"][0]].startswith("Kirjastot avataan maanantaina.")
    (image,) = record["embed"]["images"]
    assert image["alt"].startswith("Kirjastot avataan maanantaina.") and set(image["aspectRatio"]) == {
        "width",
        "height",
    }


def test_a_card_that_is_still_drawn_is_waited_for_but_not_for_long(live, mastodon):
    published(build_posted(live, build_account(live, mastodon, with_card=True)))
    assert work() == 1 and not mastodon.asked
    work(NOON + timedelta(minutes=3))
    (status,) = mastodon.statuses.values()
    assert "media_ids" not in status


def test_only_chosen_accounts_post_and_without_words_nobody_approves(live, mastodon):
    chosen = build_account(live, mastodon)
    build_account(live, mastodon, handle="@other@social.example")
    bulletin = build_posted(live, chosen)
    before = bulletin.content_digest()
    bulletin.posts_to.clear()
    assert bulletin.content_digest() != before  # an approval covers where it is posted
    bulletin.posts_to.add(chosen)
    published(bulletin)
    assert [one.account for one in AuthorityPost.objects.all()] == [chosen]

    second = build_posted(live, chosen, words=" ")
    (found,) = missing_post_words(load_workspace(second, at=NOON))
    assert found.place == "variant:fi:mastodon:caption"


@pytest.mark.parametrize("lost", [None, "before"])
def test_a_lost_reply_posts_nothing_twice(live, mastodon, bluesky, lost):
    published(build_posted(live, build_account(live, mastodon), build_account(live, bluesky)))
    mastodon.answers, bluesky.answers = [lost], [..., lost]
    work()
    assert {one.state for one in AuthorityPost.objects.all()} == {"waiting"}
    work(NOON + timedelta(minutes=5))

    assert len(mastodon.statuses) == len(bluesky.records) == 1
    assert {one.state for one in AuthorityPost.objects.all()} == {"posted"}


def test_a_worker_that_was_killed_is_followed_by_another_with_the_same_key(live, mastodon, monkeypatch):
    published(build_posted(live, build_account(live, mastodon)))
    monkeypatch.setattr(jobs, "finish", lambda *args, **kwargs: None)  # it dies before it can say what it has done
    jobs.run(AuthorityPost.objects.get().pk, clock=lambda: NOON)
    monkeypatch.undo()
    assert not AuthorityPost.objects.due(at=NOON + timedelta(minutes=2)).exists()
    work(NOON + jobs.LEASE)

    assert len(mastodon.statuses) == 1 and AuthorityPost.objects.get().state == "posted"


def test_what_mastodon_may_not_remember_any_more_a_person_decides(live, mastodon, alma):
    published(build_posted(live, build_account(live, mastodon)))
    mastodon.answers = [None]
    work()
    work(NOON + timedelta(hours=2))

    post = AuthorityPost.objects.get()
    assert post.state == "unknown" and len(mastodon.statuses) == 1
    decisions.say_gone(post, by=alma, at=LATER)
    post.refresh_from_db()
    assert post.state == "deleted" and not work(NOON + timedelta(hours=3))


def test_a_revoked_token_holds_the_posts_and_tells_staff_once(live, mastodon, alma):
    account = build_account(live, mastodon)
    published(build_posted(live, account))
    mastodon.answers = [(401, {"error": "The access token was revoked"}, {})]
    work()

    account.refresh_from_db()
    assert (account.state, account.detail) == ("refused", "The access token was revoked")
    assert Notice.objects.filter(kind="account_refused", person=alma).count() == 1
    AuthorityAccount.objects.update(state="works")
    work(NOON + timedelta(minutes=1))
    assert len(mastodon.statuses) == 1


@pytest.mark.parametrize(
    ("answer", "state", "minutes"),
    [
        ((422, {"error": "Validation failed"}, {}), "stopped", None),
        ((429, {"error": "Too many requests"}, {"X-RateLimit-Reset": "2026-03-25T10:07:00.000Z"}), "waiting", 7),
        ((503, "<h1>Maintenance</h1>", {}), "waiting", 1),
        ((200, "<h1>Log in</h1>", {}), "waiting", 1),
        ((301, "", {"Location": "http://169.254.169.254/"}), "waiting", None),
    ],
)
def test_each_refusal_means_what_the_reference_says(live, mastodon, alma, answer, state, minutes):
    published(build_posted(live, build_account(live, mastodon)))
    mastodon.answers = [answer]
    work()

    post = AuthorityPost.objects.get()
    assert post.state == state and not mastodon.statuses and len(mastodon.asked) == 1
    if minutes:
        assert post.next_attempt_at == NOON + timedelta(minutes=minutes)
    if state == "stopped":
        assert Notice.objects.filter(kind="post_stopped").exists() and post.detail == "Validation failed"


def test_tokens_of_bluesky_are_kept_and_renewed(live, bluesky):
    account = build_account(live, bluesky)
    published(build_posted(live, account))
    bluesky.expired = {"access1"}
    work()

    assert [path.rpartition(".")[2] for path in bluesky.paths()] == [
        "createSession", "putRecord", "refreshSession", "putRecord",
    ]  # fmt: skip
    account.refresh_from_db()
    assert len(bluesky.records) == 1 and "access2" not in account.session


def test_a_correction_edits_on_mastodon_and_says_what_changed_in_a_reply(live, mastodon):
    bulletin = build_posted(live, build_account(live, mastodon))
    published(bulletin)
    work()
    corrected(bulletin)
    work(LATER)

    edited, reply = mastodon.statuses.values()
    assert edited["status"] == "Keitä hanavesi viisi minuuttia. #vesi"
    assert reply["in_reply_to_id"] == "9000" and "Keitä viisi minuuttia." in reply["status"]
    assert {one.state for one in AuthorityPost.objects.all()} == {"posted"}


def test_a_correction_on_bluesky_deletes_and_says_it_anew(live, bluesky):
    bulletin = build_posted(live, build_account(live, bluesky))
    published(bulletin)
    work()
    (wrong,) = bluesky.records
    corrected(bulletin)
    work(LATER)

    assert wrong not in bluesky.records
    anew, reply = sorted(bluesky.records.values(), key=lambda record: "reply" in record)
    assert anew["text"] == "Keitä hanavesi viisi minuuttia. #vesi"
    assert reply["reply"]["root"]["uri"] == AuthorityPost.objects.get(kind="post", is_wanted=True).remote_id


def test_a_withdrawal_deletes_everything_and_says_so(live, mastodon, bluesky):
    bulletin = build_posted(live, build_account(live, mastodon), build_account(live, bluesky))
    published(bulletin)
    work()
    corrected(bulletin)
    work(LATER)
    bulletin.refresh_from_db()
    withdrawn(bulletin)
    work(LATER)

    (status,), (record,) = mastodon.statuses.values(), bluesky.records.values()
    assert "Keitä viisi minuuttia." in status["status"] and "Keitä viisi minuuttia." in record["text"]
    assert len(record["text"]) <= 300 and Bulletin.objects.get().state == "withdrawn"


def test_what_never_left_is_posted_in_its_new_words_only(live, mastodon):
    account = build_account(live, mastodon, state="refused")
    bulletin = build_posted(live, account)
    published(bulletin)
    work()
    (step,) = posting_plan.steps_of(bulletin, posting_plan.standing_of(bulletin))
    assert step.name == "is posted", "there is nothing yet to be edited"
    corrected(bulletin)
    AuthorityAccount.objects.update(state="works")
    work(LATER)

    (status,) = mastodon.statuses.values()
    assert status["status"] == "Keitä hanavesi viisi minuuttia. #vesi"


def test_words_of_hours_ago_are_not_posted_unasked(live, mastodon, alma):
    published(build_posted(live, build_account(live, mastodon, state="refused")))
    AuthorityAccount.objects.update(state="works")
    late = NOON + timedelta(hours=7)
    work(late)
    post = AuthorityPost.objects.get()
    assert post.state == "stopped" and not mastodon.asked

    decisions.try_again(post, by=alma, at=late)
    work(late)
    assert len(mastodon.statuses) == 1


def test_what_waited_in_a_back_up_is_not_posted_once_more(live, mastodon):
    published(build_posted(live, build_account(live, mastodon)))
    jobs.doubt_waiting(at=NOON)
    assert not work() and AuthorityPost.objects.get().state == "unknown"

    late = build_posted(live, AuthorityAccount.objects.get())
    approved(late, at=NOON)
    publish.publish(late, at=NOON + timedelta(days=1))  # its sends are held by then
    post = AuthorityPost.objects.get(version__bulletin=late)
    assert post.state == "stopped" and not mastodon.asked


def test_an_exercise_posts_nothing_and_shows_it_in_the_mail_catcher(campaign, mastodon, mailoutbox):
    account = build_account(campaign, mastodon)
    bulletin = build_posted(campaign, account)
    published(bulletin)
    work()
    corrected(bulletin)
    work(LATER)

    assert not mastodon.asked
    posted, replied, edited = (one for one in mailoutbox if one.to == [f"{account.pk}@mastodon.invalid"])
    assert "Keitä hanavesi. https://vesi.example/1" in posted.body and "@ministry" in posted.subject
    assert "viisi minuuttia" in edited.body and "viisi minuuttia" in replied.body
    assert {one.extra_headers["Content-Language"] for one in (posted, edited, replied)} == {"fi"}
    assert "muokkaa julkaisuaan" in edited.subject, "in the language of the post"
    assert "Vastaus julkaisuun: " in replied.body

    bulletin.refresh_from_db()
    withdrawn(bulletin)
    work(LATER)
    gone = [one for one in mailoutbox if "poistaa julkaisunsa" in one.subject]
    assert len(gone) == 2 and all("viisi minuuttia" in one.body for one in gone)
