"""Where words stood that are set aside, as people call the place."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from bulletins.editing import conflicts, diff
from bulletins.editing.drafts import FIELDS
from bulletins.models import Bulletin, KeyMessage, Platform, SetAside
from campaigns.platforms import platform_limits
from lib.text.languages.languages import language_name


def asides_of(bulletin: Bulletin) -> list[tuple[SetAside, str]]:
    """Return what nobody has settled yet, each with the name of its place; one query."""
    return [(one, where(one.part, one.field)) for one in conflicts.waiting(bulletin)]


def where(part: str, name: str) -> str:
    """Return the name of a place: its language first, then what it is."""
    kind, _colon, rest = part.partition(":")
    if kind == "edition":
        return f"{language_name(rest)}, {diff.label_of(name) if name in FIELDS else name}"
    if kind == "variant":
        code, _colon, platform = rest.partition(":")
        label = platform_limits.LABELS.get(name, name)
        return f"{language_name(code)}, {dict(Platform.choices).get(platform, platform)}, {label}"
    field, _sign, code = name.replace(":", "-").partition("-")
    of = {"message": _("key message"), "action": _("call to action"), "bulletin": _("About")}.get(kind, kind)
    label = {
        "text": "",
        "source_name": _("Source"),
        "source_url": _("Source's address"),
        "owner": _("Owner"),
        "valid_until": _("valid until"),
        "what_changed": _("What changed"),
        "share_text": _("Text for people who have already posted"),
        **{tone: tone.label for tone in KeyMessage.TONES},
    }.get(field, field)
    return ", ".join(filter(None, [language_name(code) if code else "", capfirst(of), capfirst(str(label))]))
