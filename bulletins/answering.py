"""Answers to questions: written for an authority, submitted, approved by a second person, published, corrected, withdrawn."""

import hashlib
import json
from datetime import datetime

from accounts.models import User

from .models import Answer, AnswerVersion, QuestionGroup


def fingerprint(answer: Answer) -> str:
    """Return the SHA-256 (hex) of all that an approval of an answer covers, as canonical JSON."""
    canonical = json.dumps(answer.content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def freeze(answer: Answer, *, by: User | None, at: datetime, kind: str = AnswerVersion.Kind.ORIGINAL) -> AnswerVersion:
    """Publish an answer as it is now: its next version, frozen, which stands from `at` on. Inside a transaction."""
    credited = answer.group.questions.filter(may_credit=True).exclude(credit="").order_by("asked_at", "pk")
    version = AnswerVersion.objects.create(
        answer=answer,
        number=(answer.standing.number if answer.standing else 0) + 1,
        kind=kind,
        question=answer.group.label,
        text=answer.text,
        what_changed=answer.what_changed,
        content=answer.content(),
        credits=list(dict.fromkeys(credited.values_list("credit", flat=True))),
        valid_until=answer.valid_until,
        published_at=at,
        approved_by=by,
        digest=fingerprint(answer),
    )
    answer.standing, answer.state, answer.digest = version, Answer.State.PUBLISHED, ""
    answer.save()
    answer.group.state = QuestionGroup.State.ANSWERED
    answer.group.save()
    return version
