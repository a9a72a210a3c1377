"""What people read of a bulletin that was corrected or withdrawn."""

from django.utils.translation import gettext as _

from bulletins.models import Version
from campaigns.translated_fields import in_language
from influencers.models import RecallNotice

from .fact_check_texts import lines

Rank = RecallNotice.Rank


def happened(version: Version) -> str:
    """Return what happened to a bulletin, in the active language; needs `bulletin` at hand."""
    says = (
        _("Bulletin %(number)s is withdrawn") if version.is_retracted else _("Bulletin %(number)s has been corrected")
    )
    return says % {"number": version.bulletin.number}


def reason_for_recipient(rank: int) -> str:
    """Return why someone hears of it, in the active language."""
    return {
        Rank.POSTED: _("We are writing to you because you posted about it."),
        Rank.TOOK: _("You copied or downloaded from it."),
        Rank.READ: _("You have read it."),
    }.get(Rank(rank), "")


def what_changed(version: Version) -> str:
    """Return what changed, or why it is withdrawn, in the active language; "" without words."""
    told = in_language(version.what_changed)
    if not told:
        return ""
    return (_("Reason: %(told)s") if version.is_retracted else _("What changed: %(told)s")) % {"told": told}


def to_do(version: Version, rank: int) -> str:
    """Return what someone is asked to do, in the active language."""
    if version.is_retracted:
        return {
            Rank.POSTED: _("What to do: delete your post, or add this text to it. Then tell us that you have done so."),
            Rank.TOOK: _(
                "What to do: don't use what you copied or downloaded. If you shared it, delete it or add this text."
            ),
        }.get(Rank(rank), _("What to do: don't share it any more. If you told others, this text helps."))
    return {
        Rank.POSTED: _("What to do: correct your post, or add this text to it. Then tell us that you have done so."),
        Rank.TOOK: _("What to do: use the new version from now on. If you shared the old one, add this text."),
    }.get(Rank(rank), _("What to do: use the new version from now on. If you told others, this text helps."))


def full_text(version: Version, rank: int, *, holds: bool) -> str:
    """Return all of it, what happened first; `holds` for someone who only took what has not changed."""
    if holds:
        told = in_language(version.what_changed)
        still = _("What you copied is still correct. You don't have to correct anything.")
        return lines(happened(version), still, _("What changed: %(told)s") % {"told": told} if told else "")
    return lines(happened(version), reason_for_recipient(rank), what_changed(version), to_do(version, rank))
