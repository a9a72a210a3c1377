"""The words of a subtitle file as one text, a paragraph for each cue: read, and written back into the same cues."""

from dataclasses import replace
from functools import lru_cache

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from bulletins.models import Asset, Bulletin, NotAllowed
from lib.text import subtitles

from . import storage, uploads

GAP = "\n\n"


def words_of(asset: Asset) -> str:
    """Return the words of an asset that is a subtitle file, "" for any other and where its file is gone."""
    is_one = asset.kind == Asset.Kind.SUBTITLES and asset.file
    return stored_words(asset.file.name or "", asset.sha256) if is_one else ""


def stored_words(name: str, digest: str) -> str:
    """Return the words of a stored subtitle file, "" where it is gone."""
    try:
        return GAP.join(cue.text for cue in cues_of(name, digest))
    except (OSError, subtitles.Unreadable):
        return ""


@lru_cache(maxsize=256)  # asked for after every autosave; a stored file never changes, another one has another name
def cues_of(name: str, _digest: str) -> tuple[subtitles.Cue, ...]:
    """Return the cues of a stored file."""
    with default_storage.open(name) as stored:
        return tuple(subtitles.parse(stored.read()))


def does_not_fit(asset: Asset, words: str) -> str:
    """Return why words cannot take the place of those of a subtitle file, or ""."""
    cues = cues_of(asset.file.name or "", asset.sha256)
    texts = words.split(GAP)
    if len(texts) == len(cues) and all(text.strip() for text in texts) and "-->" not in words:
        return ""
    return _("It needs a paragraph for each line that is shown, %(n)d in all.") % {"n": len(cues)}


def say(held: Bulletin, asset: Asset, words: str) -> None:
    """
    Have a subtitle file say other words at the same times: in a new file, in both formats. Inside a transaction. Raise NotAllowed where
    they are not as many paragraphs as there are cues.
    """
    if fault := does_not_fit(asset, words):
        raise NotAllowed(f"{fault} " + _("Nothing changed."))
    cues = cues_of(asset.file.name or "", asset.sha256)
    said = [replace(cue, text=text) for cue, text in zip(cues, words.split(GAP), strict=True)]
    taken = uploads.store_subtitles(held, said)
    storage.forget(held, uploads.files_of(asset))
    asset.file = taken.name
    for name, value in taken.facts.items():
        setattr(asset, name, value)
    asset.save(update_fields=["file", *taken.facts])
