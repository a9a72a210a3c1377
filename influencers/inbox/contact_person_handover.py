"""An influencer gets another contact person; both are notified."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from influencers import notices
from influencers.models import HandOver, Influencer
from influencers.profiles.contact_person import may_answer
from notifications import outbox

from .answerers import page_of
from .thread_messages import MessageRefused, thread_of


@transaction.atomic
def hand_over(
    influencer: Influencer, *, to: User | None, by: User | None, reason: str, at: datetime
) -> HandOver | None:
    """
    Make someone, or nobody, an influencer's contact person; tell whoever it was and whoever it is. Return None when
    nothing changes. Raise MessageRefused for someone who may not answer.
    """
    if to is not None and not may_answer(to, influencer.campaign_id):
        raise MessageRefused(_("Not handed over: this person may not reply to influencers. Choose someone else."))
    held = (
        Influencer.objects.select_for_update(of=("self",)).select_related("campaign", "liaison").get(pk=influencer.pk)
    )
    before = held.liaison
    if before == to:
        return None
    Influencer.objects.filter(pk=held.pk).update(liaison=to)
    influencer.liaison = to
    kept = HandOver.objects.create(influencer=held, before=before, after=to, by=by, at=at, reason=reason.strip()[:300])
    trail.note(
        "influencer.handed_over", held, by=by, at=at, before=before.pk if before else None, after=to.pk if to else None
    )
    told = [person for person in (before, to) if person is not None and person != by and person.is_active]
    path = page_of(thread_of(held))
    for language, people in held.campaign.by_language(told).items():
        with override(language):
            lines = [
                _("An influencer has another contact person"),
                _("Influencer: %(name)s") % {"name": held.name},
                _("From: %(who)s") % {"who": before or _("nobody")},
                _("To: %(who)s") % {"who": to or _("nobody")},
            ]
            if kept.reason:
                lines.append(_("Why: %(reason)s") % {"reason": kept.reason})
        outbox.write(notices.WAITING, people, campaign=held.campaign, text="\n".join(lines), path=path, at=at)
    return kept
