"""What of a report everyone may read, and what of it is gone since."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bulletins.models import Bulletin, Version
from campaigns.models import Campaign
from factcheck.models import ClaimVersion
from impact.models import InsightReport
from questions.answers import published_answers

type Content = dict[str, Any]


def content_of(report: InsightReport) -> Content:
    """Return all that an approval of a report covers, as plain data; of one for everyone only what everyone may read."""
    figures = report.figures
    judged = {str(one["pk"]): report.judged.get(str(one["pk"]), {}) for one in figures.get("claims", [])}
    left_out = {key for key, one in judged.items() if one.get("is_left_out")}
    kept = [one for one in figures.get("claims", []) if str(one["pk"]) not in left_out]
    hidden = [one for one in kept if report.is_public and not one["is_public"]]
    claims = [one for one in kept if one not in hidden]
    return {
        "week": report.code,
        "is_public": report.is_public,
        "figures_at": report.figures_at.isoformat(),
        "figures": figures
        | {
            "claims": claims,
            "other_claims": figures.get("other_claims", 0) + len(hidden),
            "narratives": with_claims(figures.get("narratives", []), {one["pk"] for one in claims}),
            "questions": questions_for(report),
        },
        "judged": {str(one["pk"]): judged[str(one["pk"])] for one in claims},
        "words": {code: words_with(words, claims) for code, words in report.words.items()},
        "days": report.days,
    }


def questions_for(report: InsightReport) -> Content:
    """Return what was asked; for everyone without who in the team's view is to answer, and by when: a recommendation says that on purpose."""
    questions: Content = report.figures.get("questions", {})
    if not report.is_public:
        return questions
    rows = [
        one if one["state"] == "answered" else one | {"authority": {}, "answer_by": None}
        for one in questions.get("rows", [])
    ]
    return questions | {"rows": rows}


def with_claims(narratives: Iterable[Content], keys: set[int]) -> list[Content]:
    """Return the narratives that any of the claims serves, with those alone."""
    found = [one | {"claims": [pk for pk in one["claims"] if pk in keys]} for one in narratives]
    return [one for one in found if one["claims"]]


def words_with(words: dict[str, str], claims: Iterable[Content]) -> dict[str, str]:
    """Return the words of a report without those about claims that are not in it."""
    keys = {str(one["pk"]) for one in claims}
    return {name: text for name, text in words.items() if not is_of_claim(name) or name.partition("_")[0] in keys}


def is_of_claim(name: str) -> bool:
    """Return whether a text is about one claim: "17_harm"."""
    return name[:1].isdigit()


def gone(content: Content, campaign: Campaign, *, at: datetime) -> dict[str, set[int]]:
    """
    Return the keys of public claims, answers and bulletins in a report whose words have been withdrawn or paused since; three queries,
    none for what it does not have.
    """
    figures = content.get("figures", {})
    done = figures.get("done", {})
    claims = {one["pk"] for one in figures.get("claims", []) if one["is_public"]} | keys_of(done, "checks")
    groups = {one["pk"] for one in figures.get("questions", {}).get("rows", []) if one["state"] == "answered"}
    answers = keys_of(done, "answers")
    bulletins = {one["pk"] for one in done.get("bulletins", []) if one["kind"] != Bulletin.Kind.RETRACTION}
    standing = published_answers.answers_of(campaign, at=at)
    found: dict[str, set[int]] = {"claims": set(), "groups": set(), "answers": set(), "bulletins": set()}
    if claims:
        stands = ClaimVersion.objects.in_force().filter(claim__in=claims)
        found["claims"] = claims - set(stands.order_by().values_list("claim", flat=True))
    if groups or answers:
        both = list(standing.order_by().values_list("pk", "group"))
        found["answers"] = answers - {pk for pk, _group in both}
        found["groups"] = groups - {group for _pk, group in both}
    if bulletins:
        back = Version.objects.published(at=at).filter(bulletin__in=bulletins, kind=Bulletin.Kind.RETRACTION)
        found["bulletins"] = set(back.order_by().values_list("bulletin", flat=True))
    return found


def keys_of(done: Content, name: str) -> set[int]:
    """Return the keys of what was done of one kind."""
    return {one["pk"] for one in done.get(name, [])}


def still_standing(content: Content, campaign: Campaign, *, at: datetime) -> tuple[Content, int]:
    """Return a report without the words that were withdrawn since, and of how many things these were."""
    taken = gone(content, campaign, at=at)
    if not any(taken.values()):
        return content, 0
    figures, done = content["figures"], content["figures"]["done"]
    claims = [one for one in figures["claims"] if one["pk"] not in taken["claims"]]
    questions = figures["questions"] | {
        "rows": [one for one in figures["questions"]["rows"] if one["pk"] not in taken["groups"]]
    }
    done = done | {
        "checks": [one for one in done["checks"] if one["pk"] not in taken["claims"]],
        "answers": [one for one in done["answers"] if one["pk"] not in taken["answers"]],
        "bulletins": [
            one
            for one in done["bulletins"]
            if one["kind"] == Bulletin.Kind.RETRACTION or one["pk"] not in taken["bulletins"]
        ],
    }
    narratives = with_claims(figures["narratives"], {one["pk"] for one in claims})
    kept = figures | {"claims": claims, "narratives": narratives, "questions": questions, "done": done}
    words = {code: words_with(texts, claims) for code, texts in content["words"].items()}
    return content | {"figures": kept, "words": words}, sum(map(len, taken.values()))
