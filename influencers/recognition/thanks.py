"""
Thanks: sentences that a colleague signs, sent from the desk and never twice for the same. Nothing is sent by itself.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from influencers import notices
from influencers.inbox import thread_messages
from influencers.models import CannedThanks, Influencer, Post, Thanks
from notifications import outbox

LATEST = 3
MOST_WORDS = 2_000  # characters
NAME = "{name}"
CORRECTED = "corrected:"  # begins the key of thanks for correcting a post


class NotThankable(Exception):
    """Thanks that were not sent; its text says why."""


class AlreadyThanked(NotThankable):
    """Someone thanked for the same before."""


@dataclass(frozen=True, slots=True)
class MyThanks:
    """The latest thanks that someone got; there is at least one."""

    rows: Sequence[Thanks]


def panel(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> MyThanks | None:
    """Return the latest thanks for the portal's front page, None when there are none; one query."""
    rows = list(thanks_of(influencer)[:LATEST])
    return MyThanks(rows) if rows else None


def thanks_of(influencer: Influencer) -> QuerySet[Thanks]:
    """Return what an influencer was thanked for, the latest first, with who signed."""
    return (
        Thanks.objects.filter(influencer=influencer)
        .select_related("by", "post__version__bulletin")
        .order_by("-at", "-pk")
    )


# --- Words --------------------------------------------------------------------------------------------------


def first_name(influencer: Influencer) -> str:
    """Return the name that someone is called by: the first of their names."""
    return influencer.name.split()[0] if influencer.name.split() else ""


def language_of(influencer: Influencer) -> str:
    """Return the language in which someone is thanked; needs `recipient` at hand."""
    return influencer.recipient.language or influencer.campaign.default_language


def ready(campaign: Campaign) -> list[CannedThanks]:
    """Return the words of thanks that are ready; one query."""
    return list(CannedThanks.objects.filter(campaign=campaign).order_by("key"))


def text_for(canned: CannedThanks, influencer: Influencer, language: str) -> str:
    """Return ready words in a language, with the first name put in."""
    text = in_language(canned.text, language)
    name = first_name(influencer)
    # Without a name the greeting reads on without a gap: "Thank you {name}." is "Thank you."
    return text.replace(NAME, name) if name else re.sub(r"(?<![ ,])[ ,]*\{name\}", "", text).strip()


# --- Sending ------------------------------------------------------------------------------------------------


def thank(
    influencer: Influencer,
    *,
    text: str,
    by: User,
    at: datetime,
    key: str = "",
    language: str = "",
    post: Post | None = None,
) -> Thanks:
    """
    Thank someone in words that `by` signs: on the portal, and by mail. `key` says for what; without one the words
    themselves are it. Return the row.

    Raise AlreadyThanked, and send nothing, when they were thanked for the same or in the same words before, by
    whomever; NotThankable when there are no words, too many, a name left open, or nobody to read them.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise NotThankable(_("There is no text yet. Write what you are thanking them for."))
    if len(text) > MOST_WORDS:
        raise NotThankable(
            _("The text is too long. Thanks are short: at most %(most)d characters.") % {"most": MOST_WORDS}
        )
    if "{" in text or "}" in text:
        raise NotThankable(_("The text still has a gap in braces. Write the name there, or remove it."))
    if influencer.state != Influencer.State.ACTIVE or influencer.user is None:
        raise NotThankable(_("Nobody would read it: this person does not currently take part in the portal."))
    language = language or language_of(influencer)
    key = key or text_key(text)
    row = Thanks(influencer=influencer, key=key, post=post, text=text, language=language, by=by, at=at)
    with transaction.atomic():
        refuse_again(row)
        row.save()
        thread_messages.note_contact(influencer, at=at)
        trail.note("thanks.sent", row, by=by, at=at, key=key)
        with override(language):
            signed = by.get_full_name() or _("the team")
            headline = _("Thanks from %(name)s") % {"name": signed}
            path = reverse("influencers:thanks")
            outbox.write(
                notices.THANKS,
                [influencer.user],
                campaign=influencer.campaign,
                text=f"{headline}\n{text}\n\n{signed}",
                path=path,
                at=at,
            )
    return row


def refuse_again(row: Thanks) -> None:
    """
    Raise AlreadyThanked when someone was thanked before for what `row` is for, or in its words. Their row is locked
    until the end of the transaction: of two colleagues at once, the second is refused.
    """
    list(Influencer.objects.select_for_update().filter(pk=row.influencer_id).values_list("pk"))
    words = text_key(row.text)
    for known in Thanks.objects.filter(influencer=row.influencer_id).select_related("by").order_by("-at", "-pk"):
        if known.key == row.key or is_for_its_post(row, known):
            says = _("%(name)s already thanked them for this on %(day)s. Nothing was sent again.")
        elif text_key(known.text) == words:
            says = _("%(name)s sent this same text on %(day)s. Nothing was sent again. Write something else.")
        else:
            continue
        day = date_format(row.influencer.campaign.local(known.at), "DATETIME_FORMAT")
        raise AlreadyThanked(says % {"name": known.by.get_full_name() or known.by.email, "day": day})


def is_for_its_post(row: Thanks, known: Thanks) -> bool:
    """Return whether two thanks are for one post itself; thanks for correcting it are for something else."""
    is_same = row.post_id is not None and row.post_id == known.post_id
    return is_same and not any(one.key.startswith(CORRECTED) for one in (row, known))


def text_key(text: str) -> str:
    """Return the key of words that someone wrote for one person: the same words are never sent twice."""
    return f"own:{hashlib.sha256(' '.join(text.lower().split()).encode()).hexdigest()[:24]}"
