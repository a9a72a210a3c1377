"""
The page on which somebody reads a draft and answers. What opens it is in its address, which logs do not hold.

Opening it uses nothing up, since mail scanners follow links. Every page that shows the draft says in words and behind the text whose it
is; one that is over shows none of it.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from impact.answer_pages import is_one_more_allowed, unseen
from impact.models import Pretest, PretestSeat
from lib.http.form_origin import is_from_elsewhere
from lib.text import markup
from lib.text.languages import spoken_languages
from lib.text.languages.languages import page_language

from . import answers, pretest_links, pretest_steps
from .answer_form import AnswerForm


@unseen
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the draft to whoever has a link that is open, or take their answer. What is missing keeps what is there."""
    found = pretest_links.find(token)
    if found is None:
        return page(request, "unknown", status=404)
    pretest, seat = found
    now = timezone.now()
    timezone.activate(pretest.bulletin.campaign.zone)
    if not pretest_steps.is_open(pretest, at=now):
        return page(request, "over", status=410)
    if answers.is_used(pretest, seat):
        return page(request, "used", status=410)
    language = language_of(pretest, seat)
    sentences = pretest.texts[language]["sentences"]
    if request.method != "POST":
        return shown(request, pretest, seat, language, "", AnswerForm(sentences))
    if is_from_elsewhere(request):
        return shown(request, pretest, seat, language, "elsewhere", AnswerForm(sentences), status=403)
    form = AnswerForm(sentences, request.POST)
    if not form.is_valid():
        return shown(request, pretest, seat, language, "missing", form, status=422)
    if pretest.is_by_link and not is_one_more_allowed(request, "pretest", pretest.pk):
        return shown(request, pretest, seat, language, "too_many", form, status=429)
    try:
        answers.take(pretest, seat, form.answer(), language=language, at=now)
    except answers.AlreadyUsed:
        return page(request, "used", status=410)
    except answers.Over:
        return page(request, "over", status=410)
    return page(request, "done")


def language_of(pretest: Pretest, seat: PretestSeat | None) -> str:
    """Return the language in which the draft is shown: the page's, else the reader's, else the first."""
    wanted = (page_language(), seat.recipient.language if seat else "")
    return next((code for code in wanted if code in pretest.texts), next(iter(pretest.texts)))


def shown(
    request: HttpRequest,
    pretest: Pretest,
    seat: PretestSeat | None,
    language: str,
    state: str,
    form: AnswerForm,
    *,
    status: int = 200,
) -> HttpResponse:
    """Return the page with the draft and the questions."""
    text, watermark = pretest.texts[language], watermark_of(pretest, seat)
    context = {
        "pretest": pretest,
        "text": text,
        "html": markup.to_html(text["body"]),
        "language": language,
        "direction": spoken_languages.direction(language),
        "form": form,
        "watermark": watermark,
        "behind": range(len(text["sentences"]) + 8),
    }
    return page(request, state, context, status=status)


def watermark_of(pretest: Pretest, seat: PretestSeat | None) -> str:
    """Return what stands on the text: that it is a draft, and whose; by one link for all, when it was opened."""
    exercise = [_("Exercise")] if pretest.bulletin.campaign.is_exercise else []
    if seat is None:
        opened = timezone.localtime().strftime("%H:%M")
        said = _("by link %(pretest)d, opened at %(time)s") % {"pretest": pretest.pk, "time": opened}
    else:
        said = _("for %(who)s, number %(pretest)d-%(number)d") % {
            "who": seat.recipient.name or "–",
            "pretest": pretest.pk,
            "number": seat.number,
        }
    return " · ".join([*exercise, _("Draft"), said])


def page(request: HttpRequest, state: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    """Return the page in one of its states; "" is the form as it is first shown. Its title says nothing of the draft."""
    return render(request, "impact/pretests/answer.html", {"state": state, **(context or {})}, status=status)
