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
