"""The checklist reminds, and stops nothing."""

from django.utils import translation

from bulletins.checks import checklist, registry
from bulletins.models import Bulletin, ChecklistPoint
from tests.support.builders import NOON, build_bulletin_in_review


def test_ticks_are_kept_and_void_no_review(campaign, alma):
    bulletin = build_bulletin_in_review(campaign, by=alma)
    digest = bulletin.digest

    assert checklist.tick(bulletin, "right", ticked=True) == ["right"]
    assert checklist.tick(bulletin, "invented", ticked=True) == ["right"]
    assert checklist.tick(bulletin, "first", ticked=True) == ["first", "right"]

    bulletin.refresh_from_db()
    assert (bulletin.state, bulletin.digest, bulletin.content_digest()) == (Bulletin.State.IN_REVIEW, digest, digest)
    assert bulletin.checklist == ["first", "right"]


def test_points_that_are_sentences_are_named_one_after_the_other_without_two_signs_in_a_row(campaign, alma):
    for number, label in enumerate(("The area is described.", "Who ends it is said.")):
        ChecklistPoint.objects.create(campaign=campaign, key=f"point-{number}", text={"en": label})
    bulletin = build_bulletin_in_review(campaign, by=alma)
    with translation.override("en"):
        (said,) = [one.says for one in registry.findings(bulletin, at=NOON) if one.code == "checklist"]

    assert said.endswith("Show respect; The area is described; Who ends it is said.")
