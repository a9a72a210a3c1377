"""What a person decides of a post that stopped: that it is there, and where, or that it is not."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from bulletins.authority_posts import decisions
from bulletins.authority_posts.networks.network import NetworkFault
from bulletins.models import AuthorityAccount, AuthorityPost, NotAllowed
from bulletins.publication import corrections
from notifications.models import Notice
from tests.support.builders import NOON, editor, in_all, published

from .posted import LATER, build_account, build_posted, corrected, withdrawn, work

EVENING = NOON + timedelta(hours=3)
BY_HAND = {"status": "Keitä vesi.", "language": "fi", "visibility": "public"}
NEW_WORDS = "Keitä hanavesi viisi minuuttia. #vesi"


def fields_of(post):
    """Return what a post's row says, to compare."""
    return AuthorityPost.objects.filter(pk=post.pk).values().get()


def refused_on_mastodon(live, mastodon):
    """Return a bulletin, and its post, whose words the network refused."""
    bulletin = build_posted(live, build_account(live, mastodon))
    published(bulletin)
    mastodon.answers = [(422, {"error": "Validation failed"}, {})]
    work()
    return bulletin, AuthorityPost.objects.get()


def refused_on_bluesky(live, bluesky):
    """Return a bulletin, and its post, whose words the network refused, and which somebody then posted by hand under another key."""
    bulletin = build_posted(live, build_account(live, bluesky))
    published(bulletin)
    bluesky.answers = [..., (400, {"error": "InvalidRequest", "message": "Record/text must not be longer"}, {})]
    work()
    bluesky.records["3kbyhand2222x"] = {"text": "Keitä vesi."}
    return bulletin, AuthorityPost.objects.get()


def settled_in_1_5(post):
    """Have a post be as 1.5.0 left it when somebody said that it is there, or not needed."""
    values = {"state": "posted", "posted_at": NOON, "in_doubt_since": None}
    AuthorityPost.objects.filter(pk=post.pk).update(**values)
    post.refresh_from_db()


@pytest.mark.parametrize(
    "page",
    [
        "/@ministry/9500",
        "/@Ministry/9500/?utm=x#top",
        "/@ministry@social.example/9500",
        "/users/ministry/statuses/9500",
        "/web/@ministry/9500",
        "/deck/@ministry/9500",
    ],
)
def test_what_somebody_posted_by_hand_is_edited_like_any_other(live, mastodon, alma, page):
    bulletin, post = refused_on_mastodon(live, mastodon)
    mastodon.statuses["9500"] = BY_HAND
    asked = len(mastodon.asked)
    decisions.say_there(post, mastodon.address + page, by=alma, at=LATER)

    post.refresh_from_db()
    assert (post.state, post.remote_id, post.url) == ("posted", "9500", f"{mastodon.address}/@ministry/9500")
    assert post.posted_at == LATER and post.is_settled and not post.why
    assert len(mastodon.asked) == asked and not work(LATER)
    entry = AuditEntry.objects.get(verb="authoritypost.settled")
    assert entry.actor == alma and entry.detail["url"] == post.url

    corrected(bulletin)
    work(LATER)
    edited, reply = mastodon.statuses.values()
    assert edited["status"] == NEW_WORDS and reply["in_reply_to_id"] == "9500"
    withdrawn(bulletin)
    work(LATER)
    (told,) = mastodon.statuses.values()
    assert "in_reply_to_id" not in told and "Keitä viisi minuuttia." in told["status"]


@pytest.mark.parametrize(
    "address",
    [
        "https://bsky.app/profile/ministry.example/post/3kbyhand2222x",
        "https://BSKY.app/profile/did:plc:madeup/post/3kbyhand2222x?ref_src=embed",
        "at://did:plc:madeup/app.bsky.feed.post/3kbyhand2222x",
    ],
)
def test_what_somebody_posted_by_hand_on_bluesky_is_the_record_that_goes(live, bluesky, alma, address):
    bulletin, post = refused_on_bluesky(live, bluesky)
    decisions.say_there(post, address, by=alma, at=LATER)

    post.refresh_from_db()
    assert post.remote_id == "at://did:plc:madeup/app.bsky.feed.post/3kbyhand2222x" and post.cid == "cid11"
    assert post.url == "https://bsky.app/profile/did:plc:madeup/post/3kbyhand2222x" and post.state == "posted"
    assert bluesky.paths()[-1].startswith("GET /xrpc/com.atproto.repo.getRecord?repo=did%3Aplc%3Amadeup&")

    corrected(bulletin)
    work(LATER)
    assert "3kbyhand2222x" not in bluesky.records
    assert NEW_WORDS in {one["text"] for one in bluesky.records.values()}


@pytest.mark.parametrize("rule", ["edit", "replace", "reply"])
def test_what_was_corrected_while_nobody_knew_is_edited_once_somebody_does(live, mastodon, alma, rule):
    bulletin = build_posted(live, build_account(live, mastodon, on_correction=rule))
    published(bulletin)
    mastodon.answers = [None]
    work()
    work(NOON + timedelta(minutes=56))
    corrected(bulletin)
    work(EVENING)
    post = AuthorityPost.objects.get(kind="post")
    reply = AuthorityPost.objects.get(kind="correction")
    assert (post.state, post.words, reply.state) == ("unknown", NEW_WORDS, "waiting")
    assert len(mastodon.statuses) == 1

    decisions.say_there(post, f"{mastodon.address}/@ministry/9000", by=alma, at=EVENING)
    work(EVENING)
    edited, said = mastodon.statuses.values()
    assert edited["status"] == NEW_WORDS and said["in_reply_to_id"] == "9000"
    assert {one.state for one in AuthorityPost.objects.all()} == {"posted"}


NOT_OURS = [
    "javascript:alert(1)",
    "javascript://social.example/@ministry/9500",
    "https://other.example/@ministry/9500",
    "https://[::1",
    "x" * 2000,
    "https://169.254.169.254/@ministry/9500",
]


@pytest.mark.parametrize(
    "address",
    [
        *NOT_OURS,
        "{server}/@other/9500",
        "{server}/@ministry@other.example/9500",
        "{server}/users/other/statuses/9500",
        "{server}/web/statuses/9500",
        "{server}/@ministry",
        "{server}/@ministry/9500/../9501",
        "{server}/@ministry/٩٥٠٠",
        "{server}:1/@ministry/9500",
        "https://bsky.app/profile/ministry.example/post/3kbyhand2222x",
    ],
)
def test_an_address_of_nothing_of_the_account_is_refused_on_mastodon(live, mastodon, alma, address):
    _bulletin, post = refused_on_mastodon(live, mastodon)
    before, asked = fields_of(post), len(mastodon.asked)
    with pytest.raises(NetworkFault):
        decisions.say_there(post, address.replace("{server}", mastodon.address), by=alma, at=LATER)
    assert fields_of(post) == before and len(mastodon.asked) == asked


@pytest.mark.parametrize(
    "address",
    [
        *NOT_OURS,
        "https://bsky.app/profile/other.example/post/3kbyhand2222x",
        "https://bsky.app/profile/did:plc:other/post/3kbyhand2222x",
        "at://did:plc:other/app.bsky.feed.post/3kbyhand2222x",
        "at://did:plc:madeup/app.bsky.feed.like/3kbyhand2222x",
        "https://bsky.app.other.example/profile/ministry.example/post/3kbyhand2222x",
        "https://bsky.app/profile/ministry.example/post/3kbyhand2222x/../../x",
        "https://bsky.app/profile/ministry.example/post/3knobody2222x",
    ],
)
def test_an_address_of_nothing_of_the_account_is_refused_on_bluesky(live, bluesky, alma, address):
    _bulletin, post = refused_on_bluesky(live, bluesky)
    before = fields_of(post)
    with pytest.raises(NetworkFault):
        decisions.say_there(post, address, by=alma, at=LATER)
    assert fields_of(post) == before and len(bluesky.records) == 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "reply did not come"),
        ((200, "<h1>Log in</h1>", {}), "could not be understood"),
        ((200, {"uri": "at://did:plc:other/app.bsky.feed.post/x", "cid": "c", "value": {}}, {}), "not be understood"),
        ((200, {"value": {}}, {}), "could not be understood"),
        ((404, "", {}), "knows no post"),
        ((503, "", {}), "has a fault"),
        ((429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, {}), "asks us to wait"),
    ],
)
def test_what_bluesky_does_not_answer_is_said_and_changes_nothing(live, bluesky, alma, answer, says):
    _bulletin, post = refused_on_bluesky(live, bluesky)
    before = fields_of(post)
    bluesky.answers = [answer]
    with pytest.raises(NetworkFault, match=says):
        decisions.say_there(post, "https://bsky.app/profile/ministry.example/post/3kbyhand2222x", by=alma, at=LATER)
    assert fields_of(post) == before
    assert AuthorityAccount.objects.get().state == "works"


def test_a_password_that_is_refused_meanwhile_takes_the_account_out_of_use(live, bluesky, alma):
    _bulletin, post = refused_on_bluesky(live, bluesky)
    bluesky.answers = [(400, {"error": "AccountTakedown", "message": "Account has been taken down"}, {})]
    with pytest.raises(NetworkFault):
        decisions.say_there(post, "https://bsky.app/profile/ministry.example/post/3kbyhand2222x", by=alma, at=LATER)
    assert AuthorityAccount.objects.get().state == "refused"


def test_no_two_posts_stand_at_one_address(live, mastodon, alma):
    _bulletin, post = refused_on_mastodon(live, mastodon)
    published(build_posted(live, AuthorityAccount.objects.get()))
    work(NOON)
    other = AuthorityPost.objects.exclude(pk=post.pk).get()
    assert other.remote_id == "9000"

    with pytest.raises(NetworkFault, match="another post"):
        decisions.say_there(post, f"{mastodon.address}/@ministry/9000", by=alma, at=LATER)
    assert fields_of(post)["state"] == "stopped"


def test_what_is_not_there_and_not_needed_takes_the_replies_with_it_that_never_left(live, mastodon, alma):
    bulletin = build_posted(live, build_account(live, mastodon))
    published(bulletin)
    mastodon.answers = ["before"]
    work()
    work(NOON + timedelta(minutes=56))
    corrected(bulletin)
    post = AuthorityPost.objects.get(kind="post")
    decisions.say_gone(post, by=alma, at=EVENING)

    rows = set(AuthorityPost.objects.values_list("kind", "state", "is_wanted", "deleted_at", "remote_id"))
    assert rows == {("post", "deleted", False, EVENING, ""), ("correction", "deleted", False, EVENING, "")}
    assert not work(EVENING) and not mastodon.statuses
    assert AuditEntry.objects.get(verb="authoritypost.gone").actor == alma
    with pytest.raises(NotAllowed):
        decisions.say_there(post, f"{mastodon.address}/@ministry/9000", by=alma, at=EVENING)


def test_an_edit_that_was_made_by_hand_asks_for_no_address(live, mastodon, alma):
    bulletin = build_posted(live, build_account(live, mastodon))
    published(bulletin)
    work()
    corrected(bulletin)
    mastodon.answers = [..., (422, {"error": "Validation failed"}, {})]  # the reply is taken first
    work(LATER)
    post = AuthorityPost.objects.get(kind="post")
    assert post.state == "stopped" and not decisions.asks_where(post)

    decisions.say_there(post, "", by=alma, at=LATER)
    post.refresh_from_db()
    assert (post.state, post.remote_id) == ("posted", "9000") and post.is_settled and not work(LATER)


def test_what_is_to_be_deleted_and_is_found_is_deleted(live, mastodon, alma):
    bulletin = build_posted(live, build_account(live, mastodon))
    published(bulletin)
    mastodon.answers = [None]
    work()
    work(NOON + timedelta(minutes=56))
    withdrawn(bulletin)
    work(EVENING)
    post = AuthorityPost.objects.get(kind="post")
    assert post.state == "unknown" and "9000" in mastodon.statuses

    decisions.say_there(post, f"{mastodon.address}/@ministry/9000", by=alma, at=EVENING)
    work(EVENING)
    post.refresh_from_db()
    assert post.state == "deleted" and "9000" not in mastodon.statuses


def test_a_post_that_was_settled_without_its_address_has_nothing_posted_beside_it(
    live, mastodon, alma, oskar, signed_in
):
    bulletin, post = refused_on_mastodon(live, mastodon)
    settled_in_1_5(post)
    mastodon.statuses["9500"] = BY_HAND
    page = reverse("admin:bulletins_authoritypost_change", args=[post.pk])
    assert "Nobody knows where it stands" in signed_in(alma).get(page).content.decode()
    with pytest.raises(NotAllowed):
        decisions.try_again(post, by=alma, at=LATER)

    corrected(bulletin)
    asked = len(mastodon.asked)
    work(EVENING)
    post.refresh_from_db()
    assert (post.state, post.words) == ("unknown", NEW_WORDS) and len(mastodon.asked) == asked
    assert set(AuthorityPost.objects.values_list("kind", flat=True)) == {"post", "correction"}
    assert Notice.objects.filter(kind="post_stopped", subject_id=post.pk, person=alma).count() == 2

    corrected(bulletin, words="Vettä ei tarvitse enää keittää.")  # and so it stays
    work(EVENING)
    assert len(mastodon.asked) == asked
    decisions.say_there(post, f"{mastodon.address}/@ministry/9500", by=alma, at=EVENING)
    work(EVENING)
    edited, *replies = mastodon.statuses.values()
    assert edited["status"] == "Vettä ei tarvitse enää keittää."
    assert {one["in_reply_to_id"] for one in replies} == {"9500"}


def test_whoever_approves_reads_that_it_has_to_be_corrected_by_hand(live, mastodon, oskar, signed_in):
    bulletin, post = refused_on_mastodon(live, mastodon)
    settled_in_1_5(post)
    bulletin.refresh_from_db()
    told = in_all(en="Boil it longer.", fi="Keitä pidempään.", sv="Koka längre.")
    corrections.start_correction(bulletin, by=editor(), at=LATER, what_changed=told, share_text=told)

    page = signed_in(oskar).get(reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])).content.decode()
    assert "nobody knows where it stands, so it has to be corrected by hand" in page


def test_a_post_on_bluesky_of_which_nobody_knows_is_left_to_a_person_until_it_is_found(live, bluesky, alma):
    bulletin, post = refused_on_bluesky(live, bluesky)
    settled_in_1_5(post)
    corrected(bulletin)
    work(EVENING)
    assert set(bluesky.records) == {"3kbyhand2222x"}

    post.refresh_from_db()
    decisions.say_there(post, "at://ministry.example/app.bsky.feed.post/3kbyhand2222x", by=alma, at=EVENING)
    work(EVENING)
    (reply,) = (one for key, one in bluesky.records.items() if key != "3kbyhand2222x")
    assert reply["reply"]["root"] == {"uri": post_uri(), "cid": "cid11"}
    withdrawn(bulletin)
    work(EVENING)
    assert "3kbyhand2222x" not in bluesky.records


def post_uri():
    """Return the name of the record that the row of the post has."""
    return AuthorityPost.objects.get(kind="post").remote_id


def test_a_withdrawal_does_not_call_deleted_what_nobody_could_find(live, mastodon, alma):
    bulletin, post = refused_on_mastodon(live, mastodon)
    settled_in_1_5(post)
    withdrawn(bulletin)
    work(EVENING)
    post.refresh_from_db()
    assert (post.state, post.is_wanted, post.deleted_at) == ("unknown", False, None)

    decisions.say_gone(post, by=alma, at=EVENING)
    post.refresh_from_db()
    assert (post.state, post.deleted_at) == ("deleted", EVENING)


def test_in_an_exercise_no_address_is_asked(campaign, mastodon, alma, signed_in, mailoutbox):
    account = build_account(campaign, mastodon)
    bulletin = build_posted(campaign, account)
    published(bulletin)
    AuthorityPost.objects.update(state="stopped")
    post = AuthorityPost.objects.get()
    page = reverse("admin:bulletins_authoritypost_change", args=[post.pk])
    desk = signed_in(alma)
    assert 'name="address"' not in desk.get(page).content.decode()

    desk.post(reverse("admin:bulletins_authoritypost_decide", args=[post.pk]), {"do": "there"})
    post.refresh_from_db()
    assert (post.state, post.remote_id, post.url) == ("posted", f"exercise:{post.key}", "")
    corrected(bulletin)
    work(LATER)
    assert not mastodon.asked
    assert any("viisi minuuttia" in one.body for one in mailoutbox if one.to == [f"{account.pk}@mastodon.invalid"])


@pytest.mark.parametrize(
    ("language", "typed", "says"),
    [
        ("en", "", "Paste the address of the post."),
        ("fi", "https://other.example/@ministry/9500", "toisen tilin tai palvelimen"),
        ("sv", "https://social.example/@ministry/&lt;b&gt;", "inte adressen till ett inlägg"),
        ("en", "h" * 2000, "at most 500 characters"),
    ],
)
def test_an_address_that_is_not_taken_says_why_at_its_field_and_stays(
    live, mastodon, alma, signed_in, language, typed, says
):
    _bulletin, post = refused_on_mastodon(live, mastodon)
    alma.language = language
    alma.save()
    desk = signed_in(alma)
    before = fields_of(post)
    decide = reverse("admin:bulletins_authoritypost_decide", args=[post.pk])
    answer = desk.post(decide, {"do": "there", "address": typed}, headers={"accept-language": language})

    page = answer.content.decode()
    assert answer.status_code == 422 and says in page and 'aria-invalid="true"' in page
    assert not typed or f'value="{typed.replace("&", "&amp;")}"' in page
    assert fields_of(post) == before


def test_only_those_who_may_say_where_a_post_is_and_each_thing_once(live, mastodon, fiona, alma, signed_in):
    _bulletin, post = refused_on_mastodon(live, mastodon)
    decide = reverse("admin:bulletins_authoritypost_decide", args=[post.pk])
    before = fields_of(post)
    said = {"do": "there", "address": f"{mastodon.address}/@ministry/9500"}
    assert signed_in(fiona).post(decide, said).status_code == 403
    assert signed_in(alma).get(decide, said).status_code == 405
    assert fields_of(post) == before

    signed_in(alma).post(decide, said)
    assert fields_of(post)["remote_id"] == "9500"
    signed_in(alma).post(decide, {"do": "gone"})  # somebody else was faster
    assert fields_of(post)["state"] == "posted"
