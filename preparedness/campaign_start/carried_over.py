"""What can be carried over into a new campaign, by kind: from where, how many, and what is to be known about it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletins.models import Cadence, ChecklistPoint, Snippet
from campaigns.models import Campaign, GlossaryTerm, Topic
from delivery.models import Audience
from influencers.models import CodeOfEthics
from preparedness.crisis_templates.template_files import CrisisTemplate
from preparedness.models import ReadyBulletin

TOPICS, GLOSSARY, SNIPPETS, QUESTIONS = "topics", "glossary", "snippets", "questions"
CHECKS, WAYS, SHELF, AUDIENCES, LOOK, ETHICS = "checks", "ways", "shelf", "audiences", "look", "ethics"

NAMES: dict[str, Any] = {
    TOPICS: gettext_lazy("Topics"),
    GLOSSARY: gettext_lazy("Glossary"),
    SNIPPETS: gettext_lazy("Ready phrases"),
    QUESTIONS: gettext_lazy("First questions"),
    CHECKS: gettext_lazy("Banned terms and checklist"),
    WAYS: gettext_lazy("Ways to help"),
    SHELF: gettext_lazy("Ready shelf"),
    AUDIENCES: gettext_lazy("Audiences, cadences and seed list"),
    LOOK: gettext_lazy("Look of the cards"),
    ETHICS: gettext_lazy("Code of ethics and handbook"),
}


@dataclass(frozen=True)
class Kind:
    """One kind of thing: how many come from the template and from the earlier campaign, `note` what to know."""

    key: str
    of_template: int = 0
    of_earlier: int = 0
    note: str = ""

    @property
    def name(self) -> str:
        """Its name in the active language."""
        return str(NAMES[self.key])

    @property
    def is_there(self) -> bool:
        """Return whether anything of it can come along."""
        return bool(self.of_template or self.of_earlier)

    @property
    def how_many(self) -> str:
        """Both numbers, the template's first, as far as there are any."""
        return " + ".join(str(number) for number in (self.of_template, self.of_earlier) if number) or "0"


def kinds_of(template: CrisisTemplate | None, earlier: Campaign | None) -> list[Kind]:
    """Return every kind with its numbers, also those of which there is nothing; nine queries at most."""
    old = _earlier(earlier) if earlier else {}
    ready = _template(template) if template else {}
    notes = {
        CHECKS: _("Banned terms hold for every campaign on this site."),
        WAYS: _("Offered as calls to action."),
        SHELF: _("Prepared bulletins with blanks. An approval of the same words comes along.")
        if old.get(SHELF)
        else _("Prepared bulletins with blanks, which nobody here has approved yet."),
        AUDIENCES: _("Each begins with the cadence that it had in the first days. Nobody is in one yet.")
        if old.get(AUDIENCES)
        else _("Without any, there are two: close contact, and everyone, daily at 9:00."),
        ETHICS: _("Signatures of the same text stay valid.") if old.get(ETHICS) else "",
    }
    return [Kind(key, ready.get(key, 0), old.get(key, 0), notes.get(key, "")) for key in NAMES]


def _template(template: CrisisTemplate) -> dict[str, int]:
    return {
        TOPICS: len(template.topics),
        GLOSSARY: len(template.glossary),
        SNIPPETS: len(template.snippets),
        QUESTIONS: len(template.first_questions),
        CHECKS: len(template.banned_words) + len(template.checklist),
        WAYS: len(template.ways_to_help),
        SHELF: len(template.holding_statements),
    }


def _earlier(earlier: Campaign) -> dict[str, int]:
    help_ = Q(kind=Snippet.Kind.WAY_TO_HELP)
    snippets = Snippet.objects.filter(campaign=earlier).aggregate(
        ways=Count("pk", filter=help_), phrases=Count("pk", filter=~help_)
    )
    return {
        TOPICS: Topic.objects.filter(campaign=earlier).count(),
        GLOSSARY: GlossaryTerm.objects.filter(campaign=earlier).count(),
        SNIPPETS: snippets["phrases"],
        CHECKS: ChecklistPoint.objects.filter(campaign=earlier).count(),
        WAYS: snippets["ways"],
        SHELF: ReadyBulletin.objects.filter(campaign=earlier).on_shelf().count(),
        AUDIENCES: Audience.objects.of_people().filter(campaign=earlier).count()
        + Cadence.objects.filter(audience__campaign=earlier).values("audience").distinct().count(),
        LOOK: int(bool(earlier.look)),
        ETHICS: CodeOfEthics.objects.filter(campaign=earlier).values("language").distinct().count(),
    }
