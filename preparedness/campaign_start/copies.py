"""
Copying into a new campaign, each kind with a number of statements that does not grow with the rows. Where template and earlier
campaign both have something, the earlier campaign's words stand: its team has worked with them.

Nothing here writes to the earlier campaign, and bulletins, posts, questions that people asked and conversations are never copied.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from textwrap import shorten
from typing import Any

from django.db import models
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from bulletins.models import Cadence, ChecklistPoint, Snippet, Urgency
from campaigns.models import BannedTerm, Campaign, GlossaryTerm, Topic
from campaigns.translated_fields import in_language
from delivery.models import Audience, SeedAddress
from influencers.models import CannedThanks, CodeOfEthics, CoverageTarget, Handbook, Interest, ValuesQuestion
from lib.text.languages import spoken_languages
from preparedness.crisis_templates.template_files import CrisisTemplate, Named
from preparedness.ready_shelf import shelf
from questions.models import QuestionGroup
from stories.models import StoryTheme
from stories.moderation import first_themes

LONGEST_NAME = 80  # of a snippet
CLOSE_CONTACT = 100  # people whom a team can speak with in person
DAILY_AT = time(9)
DIGEST_AT = time(16)  # what was published on the day


def again[Row: models.Model](row: Row, **changes: Any) -> Row:
    """Return an unsaved copy of a row, without its key, with some fields changed."""
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    return type(row)(**values | changes)


def topics(campaign: Campaign, template: CrisisTemplate | None, earlier: Campaign | None) -> int:
    """Copy topics; return how many."""
    names = {one.slug: one.name for one in Topic.objects.filter(campaign=earlier)} if earlier else {}
    names = {one.key: one.text for one in (template.topics if template else [])} | names
    return len(
        Topic.objects.bulk_create(Topic(campaign=campaign, slug=slug, name=name) for slug, name in names.items())
    )


def glossary(campaign: Campaign, template: CrisisTemplate | None, earlier: Campaign | None) -> int:
    """Copy terms; of the template's, those that the earlier campaign says in no language yet. Return how many."""
    rows = (
        [again(one, campaign_id=campaign.pk) for one in GlossaryTerm.objects.filter(campaign=earlier)]
        if earlier
        else []
    )
    said = {(code, word.lower()) for row in rows for code, word in row.term.items()}
    for one in template.glossary if template else []:
        if not said & {(code, word.lower()) for code, word in one.term.items()}:
            rows.append(GlossaryTerm(campaign=campaign, term=one.term, definition=one.definition))
    return len(GlossaryTerm.objects.bulk_create(rows))


def snippets(campaign: Campaign, template: CrisisTemplate | None, earlier: Campaign | None, kind: Snippet.Kind) -> int:
    """Copy phrases or ways to help; return how many."""
    old = Snippet.objects.filter(campaign=earlier, kind=kind) if earlier else Snippet.objects.none()
    rows = {one.name: again(one, campaign_id=campaign.pk) for one in old}
    ready: list[Named] = []
    if template:
        ready = template.snippets if kind == Snippet.Kind.PHRASE else template.ways_to_help
    for one in ready:
        name = one.name or shorten(in_language(one.text, campaign.default_language), LONGEST_NAME, placeholder=" …")
        rows.setdefault(name, Snippet(campaign=campaign, name=name, kind=kind, text=one.text))
    taken = set(Snippet.objects.filter(campaign=campaign).values_list("name", flat=True))
    return len(Snippet.objects.bulk_create(row for name, row in rows.items() if name not in taken))


def story_themes(campaign: Campaign, earlier: Campaign | None) -> int:
    """Copy the themes of municipalities' stories; without any, add those to begin with. Return how many."""
    old = StoryTheme.objects.filter(campaign=earlier) if earlier else StoryTheme.objects.none()
    made = StoryTheme.objects.bulk_create(again(one, campaign_id=campaign.pk) for one in old)
    return len(made) or first_themes.add(campaign)


def ready_shelf(
    campaign: Campaign, template: CrisisTemplate | None, earlier: Campaign | None, *, by: User, at: datetime
) -> int:
    """
    Put on the shelf what the earlier campaign has on its own, as it was approved there, and the template's prepared bulletins that it
    does not have; return how many.
    """
    number = shelf.put_copies(campaign, earlier, at=at) if earlier else 0
    return number + (len(shelf.put_prepared(campaign, template, None, by=by, at=at)) if template else 0)


def questions(campaign: Campaign, template: CrisisTemplate | None) -> int:
    """Open the questions that people will ask first, as information voids; return how many."""
    by_slug = {one.slug: one.pk for one in Topic.objects.filter(campaign=campaign)}
    rows = [
        QuestionGroup(campaign=campaign, slug=one.key, label=one.text, topic_id=by_slug.get(one.topic))
        for one in (template.first_questions if template else [])
    ]
    return len(QuestionGroup.objects.bulk_create(rows))


def checks(campaign: Campaign, template: CrisisTemplate | None, earlier: Campaign | None) -> int:
    """
    Copy the checklist, and add the template's banned words that the site does not have; return how many of both.
    """
    old = ChecklistPoint.objects.filter(campaign=earlier) if earlier else ChecklistPoint.objects.none()
    points = {one.key: again(one, campaign_id=campaign.pk) for one in old}
    for number, one in enumerate(template.checklist if template else [], start=len(points)):
        points.setdefault(
            one.key, ChecklistPoint(campaign=campaign, key=one.key, position=number, text=one.text, why=one.why or {})
        )
    made = ChecklistPoint.objects.bulk_create(points.values())
    known = {(language, term.lower()) for language, term in BannedTerm.objects.values_list("language", "term")}
    words = [
        BannedTerm(language=one.language, term=one.term, say_instead=one.say_instead, why=one.why)
        for one in (template.banned_words if template else [])
        if (one.language, one.term.lower()) not in known
    ]
    BannedTerm.objects.bulk_create(words, ignore_conflicts=True)  # another start may be adding the same
    return len(made) + len(words)


def audiences(campaign: Campaign, earlier: Campaign | None, *, languages: list[str]) -> dict[int, Audience]:
    """
    Copy audiences without anybody in them, and return {key of the earlier one: its copy}; without any, make three. Each begins
    with the cadence that it had in the first days of the earlier crisis.
    """
    old = list(Audience.objects.of_people().filter(campaign=earlier).order_by("pk")) if earlier else []
    if not old:
        make_audiences(campaign, languages=languages)
        return {}
    made = Audience.objects.bulk_create(
        again(
            one, campaign_id=campaign.pk, languages=[code for code in one.languages if code in languages] or languages
        )
        for one in old
    )
    copies = {one.pk: copy for one, copy in zip(old, made, strict=True)}
    Cadence.objects.bulk_create(
        again(one, audience_id=copies[one.audience_id].pk, starts_on=campaign.starts_on, until=None)
        for one in first_cadences(earlier)
    )
    seeds = SeedAddress.objects.filter(campaign=earlier, language__in=languages)
    SeedAddress.objects.bulk_create(
        again(one, campaign_id=campaign.pk, asked_at=None, confirmed_at=None) for one in seeds
    )
    return copies


def first_cadences(earlier: Campaign | None) -> list[Cadence]:
    """Return the cadences with which each audience of a campaign began, and those for what goes at once."""
    rows = Cadence.objects.filter(audience__campaign=earlier)
    first: dict[int, date] = dict(
        rows.values("audience").annotate(first=Min("starts_on")).values_list("audience", "first")
    )
    return [one for one in rows if one.every == Cadence.Every.IMMEDIATE or one.starts_on == first[one.audience_id]]


def make_audiences(campaign: Campaign, *, languages: list[str]) -> None:
    """Make the audiences of a campaign that begins with none: close contact, everyone, and a daily digest to subscribe to."""
    close, network, digest = Audience.objects.bulk_create(
        [
            Audience(
                campaign=campaign,
                slug="close",
                tier=1,
                max_size=CLOSE_CONTACT,
                name=in_each(languages, lambda: _("Close contact")),
                languages=languages,
            ),
            Audience(
                campaign=campaign,
                slug="network",
                tier=2,
                name=in_each(languages, lambda: _("Open network")),
                languages=languages,
            ),
            Audience(
                campaign=campaign,
                slug="digest-daily",
                kind=Audience.Kind.DIGEST,
                name=in_each(languages, lambda: _("Daily digest")),
                languages=languages,
            ),
        ]
    )
    every = Cadence.Every
    Cadence.objects.bulk_create(
        Cadence(audience=audience, starts_on=campaign.starts_on, **how)
        for audience in (close, network)
        for how in (
            {"slug": "daily", "every": every.DAY, "local_time": DAILY_AT},
            {"slug": "at-once", "every": every.IMMEDIATE, "only_urgency": Urgency.URGENT},
        )
    )
    Cadence.objects.create(
        audience=digest, starts_on=campaign.starts_on, slug="daily", every=every.DAY, local_time=DIGEST_AT
    )


def in_each(languages: Iterable[str], say: Any) -> dict[str, str]:
    """Return words of ours in each language that the site speaks, {language: words}."""
    found = {}
    for code in languages:
        if spoken_languages.is_spoken(code):
            with override(code):
                found[code] = str(say())
    return found


def look(campaign: Campaign, earlier: Campaign | None) -> int:
    """Copy the look of the cards. Stored pictures never change, so both campaigns can name the same."""
    if earlier is None:
        return 0
    campaign.card_look = earlier.card_look
    campaign.card_logo, campaign.issuer_mark = earlier.card_logo.name, earlier.issuer_mark.name
    campaign.save(update_fields=["card_look", "card_logo", "issuer_mark"])
    return 1


def ethics(campaign: Campaign, earlier: Campaign | None) -> dict[int, CodeOfEthics]:
    """
    Copy the newest code of ethics of each language, with the handbook, what joining asks, and the words of thanks. Return
    {key of the earlier text: its copy}.
    """
    if earlier is None:
        return {}
    old = newest(CodeOfEthics.objects.filter(campaign=earlier))
    made = CodeOfEthics.objects.bulk_create(again(one, campaign_id=campaign.pk) for one in old)
    books = newest(Handbook.objects.filter(campaign=earlier))
    Handbook.objects.bulk_create(again(one, campaign_id=campaign.pk) for one in books)
    for model in (Interest, ValuesQuestion, CannedThanks, CoverageTarget):
        rows = model._default_manager.filter(campaign=earlier).order_by("pk")
        model._default_manager.bulk_create([again(one, campaign_id=campaign.pk) for one in rows])
    return {one.pk: copy for one, copy in zip(old, made, strict=True)}


def newest(texts: Any) -> list[Any]:
    """Return the newest version in each language."""
    return list({one.language: one for one in texts.order_by("version", "pk")}.values())
