"""Add message inputs to a bulletin that is being made already."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.intake import submissions
from bulletins.models import Bulletin, MessageInput, NotAllowed, Urgency

from . import drafts


@transaction.atomic
def add_inputs(bulletin: Bulletin, inputs: Iterable[MessageInput], *, by: User, at: datetime) -> Bulletin:
    """
    Add inputs to a bulletin in the making and return it: their facts become key messages after those that are there,
    their topics are added, and the strictest urgency and embargo count. The texts of the editions stay as they are.

    Any review is void, and `by` is one of the editors. Raise NotAllowed for a published version, for inputs of another
    campaign, and for one that has been used or declined meanwhile.
    """
    rows = list(inputs)
    held = drafts.lock(bulletin)
    if not rows:
        raise NotAllowed(_("Nothing added: choose a submission first."))
    if any(row.campaign_id != held.campaign_id for row in rows):
        raise NotAllowed(_("Nothing added: choose submissions from the bulletin's own campaign."))
    submissions.use(rows, held, by=by, at=at)
    held.inputs.add(*rows)
    held.topics.add(*{topic for row in rows for topic in row.topics.all()})
    submissions.quote(held, rows, by=by)
    urgencies = [held.urgency, *(row.urgency for row in rows)]
    embargoes = [moment for moment in (held.embargo_until, *(row.embargo_until for row in rows)) if moment]
    held.urgency = max(urgencies, key=lambda value: drafts.URGENCY_ORDER.index(Urgency(value)))
    held.embargo_until = max(embargoes) if embargoes else None
    held.save(update_fields=["urgency", "embargo_until"])
    drafts.note_editor(held, by=by, at=at)
    trail.note("bulletin.inputs_added", held, by=by, at=at, inputs=[row.reference for row in rows])
    return Bulletin.objects.get(pk=held.pk)
