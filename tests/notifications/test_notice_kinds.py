"""The kinds of notices, as the apps register them."""

import pytest

from notifications import notice_kinds
from notifications.models import Notice
from notifications.notice_kinds import Kind


def test_two_kinds_cannot_have_one_key():
    with pytest.raises(ValueError, match="two kinds of notices with the key thanks"):
        notice_kinds.register(Kind("thanks"))


def test_every_key_fits_into_the_column():
    longest = Notice._meta.get_field("kind").max_length
    assert longest and all(len(kind.key) <= longest for kind in notice_kinds.registered())


def test_a_kind_that_names_no_page_of_its_own_says_so(campaign):
    notice = Notice(kind="thanks", campaign=campaign)
    with pytest.raises(NotImplementedError, match="of the kind thanks names its page"):
        notice.address(None)


# Kinds whose headline neither has a name nor places for one, and why that is enough.
UNNAMED = {
    "conversation_given": "with whom somebody talks is private: it stands in the mail",
    "label_missing": "whose post it is does not belong on a screen: it leads to it",
    "creator_invited": "it is about a person",
    "campaign_thanks": "it is about the whole campaign",
    "cost_limit": "it is about a day, and leads to the list that says what it cost",
    "contribution_thanks": "it goes to a stranger, without a word of what they wrote",
}


def test_every_headline_names_what_it_is_about():
    bare = {
        kind.key
        for kind in notice_kinds.registered()
        if kind.says and "%(" not in kind.says and type(kind).named is Kind.named
    }
    assert bare == UNNAMED.keys()


def test_what_says_who_somebody_is_has_other_words_for_a_locked_screen():
    named = {"waiting", "quiet", "harassment"}
    assert all(notice_kinds.get(key).on_screens for key in named)
