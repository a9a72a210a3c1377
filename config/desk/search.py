"""
One field for everything at the desk: bulletins, fact-checks, submissions, questions, answers and people. Whoever asks finds what
they may open, and nobody else's name: each kind is asked within the rows that the user reaches.

Published bulletins are found by the index of the public site's search, whose cost does not grow with them; what is not
published is little, and is read as it is.
"""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import row_scopes
from accounts.models import User
from bulletins.editing.edition_labels import title_of
from bulletins.models import Bulletin, Edition, MessageInput
from campaigns.models import Campaign
from delivery.models import Recipient
from factcheck.models import Claim
from influencers.models import Influencer, PlatformAccount
from lib.mail_addresses import code_of
from questions.models import Answer, QuestionGroup
from website.models import SearchText
from website.search import fulltext_backends, index, query_syntax, vocabulary

SHOWN = 8  # of each kind
MOST_WORDS = 6  # that count
LONGEST = query_syntax.LONGEST


@dataclass(frozen=True)
class Hit:
    """Something that was found: its name, the page of the desk that it has, and what state it is in."""

    title: str
    address: str
    detail: str = ""


@dataclass(frozen=True)
class Found:
    """What was found of one kind; `rest` is the address of the list that has all of it, when there is more."""

    kind: str
    hits: list[Hit]
    rest: str = ""


@dataclass(frozen=True)
class Asked:
    """What somebody looks for, and where. `address` is what they typed when it is an email address, and then nothing else."""

    said: str
    user: User
    campaign: Campaign
    address: str = ""

    @property
    def words(self) -> list[str]:
        """The words that something has to have, every one of them."""
        return self.said.split()[:MOST_WORDS]

    def of[Row: Any](self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Return those of `rows` that the user reaches."""
        return row_scopes.visible(rows, self.user)

    def written_in(self, *names: str) -> Q:
        """Return the condition that each word stands in one of some columns."""
        return all_of(any_of(Q((f"{name}__icontains", word)) for name in names) for word in self.words)

    def translated_in(self, *names: str) -> Q:
        """Return the condition that each word stands in one of some texts of several languages."""
        codes = [language.code for language in self.campaign.languages.all()]
        return self.written_in(*(f"{name}__{code}" for name in names for code in codes))


def all_of(conditions: Iterable[Q]) -> Q:
    """Return the condition that all hold."""
    return reduce(operator.and_, conditions, Q())


def any_of(conditions: Iterable[Q]) -> Q:
    """Return the condition that any holds, which of none is never."""
    return reduce(operator.or_, conditions, Q(pk__in=[]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def everything(request: HttpRequest) -> HttpResponse:
    """
    Show what is found. The field posts; words are led to an address that can be kept, but an email address is answered at once:
    it stands in no address bar and no log.
    """
    user = request.user
    assert isinstance(user, User)
    is_posted = request.method == "POST"
    said = " ".join((request.POST if is_posted else request.GET).get("q", "").split())[:LONGEST]
    is_address = "@" in said.strip("@")
    if is_posted and not is_address:
        return redirect(reverse("admin:everything", query={"q": said}) if said else "admin:everything")
    campaign = getattr(request, "campaign", None)
    found = []
    if campaign and said and (is_posted or not is_address):
        found = find(Asked(said, user, campaign, address=said if is_address else ""))
    context = {
        **admin.site.each_context(request),
        "title": _("Search everything"),
        "said": said,
        "found": found,
        "is_refused": is_address and not is_posted,
    }
    return TemplateResponse(request, "config/desk/search_results.html", context)


def find(asked: Asked) -> list[Found]:
    """Return what is found of each kind that has something; a constant number of queries."""
    finders = of_address if asked.address else of_words
    return [found for one in finders if (found := one(asked)) and found.hits]


def listed(
    kind: str, model: str, rows: QuerySet[Any] | list[Any], asked: Asked, describe: Callable[[Any], tuple[str, str]]
) -> Found:
    """Return the first rows of a kind as they are shown; `model` is "app_model", as in the names of the desk's pages."""
    some = list(rows[: SHOWN + 1])
    hits = [Hit(*_said(row, describe, model)) for row in some[:SHOWN]]
    rest = (
        reverse(f"admin:{model}_changelist", query={"q": asked.said}) if len(some) > SHOWN and not asked.address else ""
    )
    return Found(kind, hits, rest)


def _said(row: Any, describe: Callable[[Any], tuple[str, str]], model: str) -> tuple[str, str, str]:
    title, detail = describe(row)
    return title, reverse(f"admin:{model}_change", args=[row.pk]), detail


# --- By words ------------------------------------------------------------------------------------------


def bulletins(asked: Asked) -> Found:
    """Return bulletins: the one with the number that was typed, those in the making, then those that are published."""
    rows = asked.of(Bulletin.objects.filter(campaign=asked.campaign))
    has_words = Edition.objects.filter(
        asked.written_in("title", "subject", "preheader", "body", "known", "not_known", "being_done"),
        bulletin=OuterRef("pk"),
    )
    with_words = rows.exclude(state=Bulletin.State.PUBLISHED).filter(Exists(has_words)).order_by("-pk")
    numbered = rows.filter(number=int(asked.said)) if is_number(asked.said) else rows.none()
    keys = [
        *numbered.values_list("pk", flat=True),
        *with_words.values_list("pk", flat=True)[: SHOWN + 1],
        *published(asked),
    ]
    first = list(dict.fromkeys(keys))[: SHOWN + 1]
    titles = Edition.objects.only("bulletin", "language", "reading_level", "title")
    by_key = rows.prefetch_related(Prefetch("editions", titles)).in_bulk(first)
    return listed(
        _("Bulletins"),
        "bulletins_bulletin",
        [by_key[key] for key in first if key in by_key],
        asked,
        lambda one: (f"{one}: {title_of(one) or _('no title yet')}", one.get_state_display().capitalize()),
    )


def is_number(said: str) -> bool:
    """Return whether a bulletin's number was typed."""
    return said.isascii() and said.isdigit() and len(said) <= 6


def published(asked: Asked) -> list[int]:
    """Return the keys of published bulletins that have the words in any language of the site, what fits best first."""
    try:
        said = query_syntax.read(asked.said)
    except query_syntax.NotAskable:
        return []
    question = vocabulary.with_accents(said, asked.campaign, index.languages())
    ranks: dict[int, float] = {}
    with fulltext_backends.by_index():
        for code in index.languages():
            ranks |= fulltext_backends.find(question, campaign=asked.campaign.pk, language=code, written_in=[code])
        of_bulletins = SearchText.objects.filter(pk__in=list(ranks), campaign=asked.campaign, version__isnull=False)
        rows = list(of_bulletins.order_by("-published_at", "-pk").values_list("pk", "version__bulletin"))
    return list(dict.fromkeys(bulletin for _key, bulletin in sorted(rows, key=lambda row: -ranks[row[0]])))


def claims(asked: Asked) -> Found:
    """Return claims by their words."""
    rows = asked.of(Claim.objects.filter(campaign=asked.campaign)).filter(asked.translated_in("text", "fact"))
    return listed(
        _("Fact-checks"),
        "factcheck_claim",
        rows.order_by("-created_at", "-pk"),
        asked,
        lambda one: (str(one), one.get_status_display().capitalize()),
    )


def inputs(asked: Asked) -> Found:
    """Return submissions by their reference or their words."""
    rows = asked.of(MessageInput.objects.filter(campaign=asked.campaign))
    rows = rows.filter(Q(reference__iexact=asked.said) | asked.written_in("title", "body"))
    return listed(
        _("Submissions"),
        "bulletins_messageinput",
        rows.select_related("authority").order_by("-received_at", "-pk"),
        asked,
        lambda one: (str(one), f"{one.authority}, {one.get_state_display()}"),
    )


def questions(asked: Asked) -> Found:
    """Return questions by their short form."""
    rows = asked.of(QuestionGroup.objects.filter(campaign=asked.campaign)).filter(asked.translated_in("label"))
    return listed(
        _("Questions"),
        "questions_questiongroup",
        rows.order_by("-pk"),
        asked,
        lambda one: (str(one), one.get_state_display().capitalize()),
    )


def answers(asked: Asked) -> Found:
    """Return answers by their words."""
    rows = asked.of(Answer.objects.filter(group__campaign=asked.campaign)).filter(asked.translated_in("text"))
    return listed(
        _("Answers"),
        "questions_answer",
        rows.select_related("group").order_by("-pk"),
        asked,
        lambda one: (str(one), one.get_state_display().capitalize()),
    )


def influencers(asked: Asked) -> Found:
    """Return influencers by name, reference or handle, or by their address."""
    handle = PlatformAccount.objects.filter(influencer=OuterRef("pk"), handle__iexact=asked.said.lstrip("@"))
    by_words = Q(reference__iexact=asked.said) | asked.written_in("name") | Q(Exists(handle))
    condition = Q(recipient__address_hash=code_of(asked.address)) if asked.address else by_words
    rows = asked.of(Influencer.objects.filter(campaign=asked.campaign)).exclude(state=Influencer.State.ERASED)
    return listed(
        _("Influencers"),
        "influencers_influencer",
        rows.filter(condition).order_by("reference"),
        asked,
        lambda one: (str(one), f"{one.reference}, {one.get_state_display()}"),
    )


def people(asked: Asked) -> Found:
    """Return people who log in, by name or by their address."""
    condition = Q(email__iexact=asked.address) if asked.address else asked.written_in("name")
    return listed(
        _("People"),
        "accounts_user",
        asked.of(User.objects.filter(condition)).order_by("email"),
        asked,
        lambda one: (str(one), one.email),
    )


def recipients(asked: Asked) -> Found:
    """Return who gets mail at an address."""
    rows = asked.of(Recipient.objects.filter(address_hash=code_of(asked.address)))
    return listed(
        _("Recipients"),
        "delivery_recipient",
        rows.order_by("pk"),
        asked,
        lambda one: (str(one), one.get_state_display().capitalize()),
    )


of_words = (inputs, bulletins, claims, questions, answers, influencers, people)
of_address = (influencers, people, recipients)
