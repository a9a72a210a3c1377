"""What a bulletin offers to download in one language, as plain data; and the answers that are offered to its editors."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.media import storage
from bulletins.models import Asset, Bulletin, Edition, Parts
from campaigns.translated_fields import in_language
from notifications import outbox
from questions import published_answers
from questions.models import Answer

MOST_ANSWERS = 20


def assets_for(assets: list[Asset], language: str) -> list[dict[str, Any]]:
    """
    Return the assets that readers of `language` get, their words in that language; `renditions` [{ratio, file,
    width, height, size}]. Without a query when the renditions are prefetched.
    """
    return [
        {
            "id": asset.pk,
            "kind": asset.kind,
            "language": asset.language,
            "title": in_language(asset.title, language),
            "file": asset.file.name,
            "srt": storage.beside(asset.file.name or "", ".srt") if asset.kind == Asset.Kind.SUBTITLES else "",
            "sha256": asset.sha256,
            "alt_text": in_language(asset.alt_text, language),
            "rights": asset.rights,
            "focal": [asset.focal_x, asset.focal_y],
            "width": asset.width,
            "height": asset.height,
            "seconds": asset.seconds,
            "size": asset.size,
            "subtitles_of": asset.subtitles_of_id,
            "renditions": [
                {
                    "ratio": rendition.ratio,
                    "file": rendition.file.name,
                    "width": rendition.width,
                    "height": rendition.height,
                    "size": rendition.size,
                }
                for rendition in asset.renditions.all()
            ],
        }
        for asset in assets
        if asset.language in {"", language}
    ]


def offered(parts: Parts) -> list[Asset]:
    """Return a bulletin's assets with their renditions; two queries at most."""
    prefetch_related_objects(parts.assets, "renditions")
    return parts.assets


def answers_to_offer(bulletin: Bulletin, *, at: datetime) -> list[Answer]:
    """
    Return the published answers that hold and that no bulletin of the campaign leads to yet, the newest first; two
    queries. An answer counts as used when a text links to its page.
    """
    found = list(published_answers.answers_of(bulletin.campaign, at=at)[: 5 * MOST_ANSWERS])
    holding = [
        one for one in found if one.standing and not (one.standing.valid_until and one.standing.valid_until <= at)
    ]
    linking = Edition.objects.filter(bulletin__campaign=bulletin.campaign_id, body__contains="/answers/")
    bodies = list(linking.values_list("body", flat=True)) if holding else []
    return [one for one in holding if not any(f"/answers/{one.group.slug}/" in body for body in bodies)][:MOST_ANSWERS]


def blocks(answers: list[Answer], language: str) -> list[tuple[str, str]]:
    """Return (name, Markdown) of answers in one language, ready to be put in; those without words in it are left out."""
    return [
        (label, block(one, label, text, language)) for one in answers for label, text in [said(one, language)] if text
    ]


def said(answer: Answer, language: str) -> tuple[str, str]:
    """Return the question and the answer that stand, in one language or ""."""
    version = answer.standing
    return (version.question.get(language, ""), version.text.get(language, "")) if version else ("", "")


def block(answer: Answer, label: str, text: str, language: str) -> str:
    """Return a question with its answer and where it can be read, as Markdown."""
    code = outbox.spoken(language, settings.LANGUAGE_CODE)
    by = answer.standing.words.authority if answer.standing else None
    with override(code):
        url = outbox.public(reverse("website:answer", args=[answer.group.slug]))
        more = _("Answered by: %(authority)s.") % {"authority": by.in_language(language) if by else ""}
        link = _("The whole answer")
    return f"**{label}**\n\n{text}\n\n{more} [{link}]({url})\n"
