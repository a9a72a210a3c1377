"""What the public address of an answer is made from: the slug of its group of questions, which stays when its words change."""

from collections.abc import Mapping

from django.utils.text import slugify

from campaigns.models import Campaign
from questions.models import QuestionGroup


def free_slug(campaign: Campaign, label: Mapping[str, str]) -> str:
    """Return a short name for a group that no other has, of any campaign: it is the address of the answer."""
    text = label.get("en") or label.get(campaign.default_language) or next(iter(label.values()))
    base = slugify(text)[:50].strip("-") or "question"
    taken = set(QuestionGroup.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return base if base not in taken else next(s for n in range(2, len(taken) + 3) if (s := f"{base}-{n}") not in taken)
