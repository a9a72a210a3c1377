"""The checklist reminds, and stops nothing."""

from bulletins.checks import checklist
from bulletins.models import Bulletin
from tests.support.builders import build_bulletin_in_review


def test_ticks_are_kept_and_void_no_review(campaign, alma):
    bulletin = build_bulletin_in_review(campaign, by=alma)
    digest = bulletin.digest

    assert checklist.tick(bulletin, "right", ticked=True) == ["right"]
    assert checklist.tick(bulletin, "invented", ticked=True) == ["right"]
    assert checklist.tick(bulletin, "first", ticked=True) == ["first", "right"]

    bulletin.refresh_from_db()
    assert (bulletin.state, bulletin.digest, bulletin.content_digest()) == (Bulletin.State.IN_REVIEW, digest, digest)
    assert bulletin.checklist == ["first", "right"]
