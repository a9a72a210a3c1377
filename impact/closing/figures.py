"""What came of a campaign in numbers, counted once it is closed, and the short text that is drafted from them."""

from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.models import Bulletin, Version
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from delivery.models import Send
from factcheck.models import ClaimVersion
from impact.measures import own_figures
from impact.models import Survey
from impact.surveys import result_lines, survey_results
from influencers.models import Influencer, Post
from lib.statistics.small_groups import FEWEST
from lib.text.languages.languages import language_name
from lib.text.numbers.whole_numbers import grouped
from questions.answers import published_answers
from questions.models import AnswerVersion

MOST_SHARES = 6  # answers of surveys in the draft: those that were asked last


def gather(campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    """
    Return the figures of a campaign at `at`, as plain data: what was said, how far it got, what people think. What is about fewer
    than five people is None. A fixed number of queries, a few more for each survey.
    """
    current = Version.objects.current(campaign, at=at)
    answers = published_answers.listed_answers(campaign, at=at)
    posts = Post.objects.filter(campaign=campaign)
    who_posted = posts.order_by().values("influencer").distinct().count()
    ended = Send.objects.filter(mailing__campaign=campaign, state=Send.State.FINISHED)
    return {
        "from": campaign.starts_on.isoformat(),
        "to": campaign.local(campaign.closed_at or at).date().isoformat(),
        "languages": campaign.language_codes(),
        "bulletins": current.exclude(kind=Bulletin.Kind.RETRACTION).count(),
        "withdrawn": current.filter(kind=Bulletin.Kind.RETRACTION).count(),
        "corrections": Version.objects.published(at=at)
        .filter(bulletin__campaign=campaign, kind=Bulletin.Kind.CORRECTION)
        .count(),
        "claims": ClaimVersion.objects.in_force().filter(claim__campaign=campaign).count(),
        "answers": answers.exclude(current_version__kind=AnswerVersion.Kind.WITHDRAWAL).count(),
        "mails": few(ended.aggregate(all=Sum("candidates"))["all"] or 0),
        "subscribers": few(own_figures.subscribers(campaign, at=at) or 0),
        "influencers": few(Influencer.objects.filter(campaign=campaign, state=Influencer.State.ACTIVE).count()),
        "who_posted": few(who_posted),
        "posts": posts.count() if who_posted >= FEWEST else None,
        "seen": own_figures.reached(campaign, at=at) if who_posted >= FEWEST else None,
        "shares": shares_of(campaign),
    }


def few(number: int) -> int | None:
    """Return a number of people, None where they are fewer than five."""
    return number if number >= FEWEST else None


def shares_of(campaign: Campaign) -> list[dict[str, Any]]:
    """
    Return the share who agreed to each question of the closed surveys of people drawn by lot, as it was asked last, the latest first.
    Whoever answers by a public link is no sample of anybody.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    surveys = Survey.objects.filter(
        campaign=campaign, way=Survey.Way.DRAWN, state=Survey.State.CLOSED, answers__gte=FEWEST
    )
    for survey in surveys.order_by("-closed_at", "-pk"):
        texts = {question["key"]: question["text"] for question in survey.questions}
        for result in survey_results.results_of(survey):
            place = (survey.group, result.key)
            found.setdefault(
                place,
                {
                    "group": survey.group,
                    "text": texts[result.key],
                    "agreed": result_lines.points(result.agreed.seen),
                    "low": result_lines.points(result.agreed.low),
                    "high": result_lines.points(result.agreed.high),
                    "answers": result.answers,
                },
            )
    return list(found.values())[:MOST_SHARES]


# --- In words ---------------------------------------------------------------------------------------


def drafted(figures: dict[str, Any], languages: list[str]) -> dict[str, str]:
    """Return the text that is drafted from figures, in each language."""
    found = {}
    for code in languages:
        with override(code):
            found[code] = "\n".join(f"- {line}" for line in lines_of(figures, code))
    return found


def lines_of(figures: dict[str, Any], language: str) -> list[str]:
    """Return figures line by line, in the active language `language`; what is nought or unknown is left out."""
    first, last = (datetime.fromisoformat(figures[name]) for name in ("from", "to"))
    lines = [
        _("%(from)s to %(to)s")
        % {"from": date_format(first, "SHORT_DATE_FORMAT"), "to": date_format(last, "SHORT_DATE_FORMAT")}
    ]
    told = [
        (_("Bulletins: %(n)s"), "bulletins"),
        (_("Corrections: %(n)s"), "corrections"),
        (_("Withdrawn bulletins: %(n)s"), "withdrawn"),
        (_("Fact-checks: %(n)s"), "claims"),
        (_("Answered questions: %(n)s"), "answers"),
        (_("Emails to readers: %(n)s"), "mails"),
        (_("Digest subscribers: %(n)s"), "subscribers"),
        (_("Influencers in the network: %(n)s"), "influencers"),
        (_("Influencers who reported posts: %(n)s"), "who_posted"),
        (_("Posts that influencers reported: %(n)s"), "posts"),
        (_("Times that these were seen: %(n)s"), "seen"),
    ]
    lines += [says % {"n": grouped(figures[name])} for says, name in told if figures.get(name)]
    spoken = ", ".join(language_name(code) for code in figures["languages"])
    lines.append(_("Languages: %(languages)s") % {"languages": spoken})
    lines += [
        _("%(group)s: “%(statement)s” %(agreed)d %% agreed (%(low)d–%(high)d %%, %(n)s answers).")
        % {
            "group": capfirst(str(Survey.Group(one["group"]).label)),
            "statement": in_language(one["text"], language),
            "agreed": one["agreed"],
            "low": one["low"],
            "high": one["high"],
            "n": grouped(one["answers"]),
        }
        for one in figures["shares"]
    ]
    return lines
