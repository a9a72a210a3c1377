"""The desk's pages of stories: what was sent, who is seen in it, its themes and its words, and the steps; and the themes."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, Prefetch, Value, When
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from agreement.pane import pane_of
from agreement.refusals import Refused
from campaigns.base_admin import AddedToCampaign, DeskAdmin
from campaigns.desk_fields import TranslatedFormField
from campaigns.desk_steps import Step, SteppedAdmin, told
from campaigns.http.middleware import campaign_or_404
from campaigns.translated_fields import in_language
from lib.text.languages.languages import language_heading, language_name
from lib.text.numbers.whole_numbers import whole_number, whole_numbers
from stories.models import Municipality, Story, StoryFile, StoryTheme

from . import first_themes, story_steps, story_words, theme_suggestions
from .story_steps import CHECK, STORY
from .words_form import WordsForm

State = Story.State
FIRST = Case(When(state=State.SENT, then=Value(0)), When(state=State.ACCEPTED, then=Value(1)), default=Value(2))
ADD_THEMES = "stories.add_storytheme"


class OfTheCampaign(admin.SimpleListFilter):
    """A filter by rows of the campaign that the desk works on, of which there is at least one with a story."""

    field = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the rows, by name; one query."""
        return sorted(self.rows(campaign_or_404(request)), key=lambda row: row[1].casefold())

    def rows(self, campaign: Any) -> list[tuple[str, str]]:
        """Return (key, name) of each."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the stories of the chosen one."""
        return queryset.filter(**{self.field: self.value()}) if self.value() else queryset


class ByTheme(OfTheCampaign):
    """Stories of a theme."""

    title, parameter_name, field = gettext_lazy("theme"), "theme", "themes__slug"

    def rows(self, campaign: Any) -> list[tuple[str, str]]:
        """Return the themes."""
        return [(one.slug, str(one)) for one in StoryTheme.objects.filter(campaign=campaign)]


class ByMunicipality(OfTheCampaign):
    """Stories of a municipality."""

    title, parameter_name, field = gettext_lazy("municipality"), "municipality", "municipality__code"

    def rows(self, campaign: Any) -> list[tuple[str, str]]:
        """Return the municipalities that sent something."""
        rows = Municipality.objects.filter(campaign=campaign, stories__isnull=False).distinct()
        return [(one.code, str(one)) for one in rows]


class ByLanguage(OfTheCampaign):
    """Stories that are told in a language."""

    title, parameter_name, field = gettext_lazy("language"), "language", "original_language"

    def rows(self, campaign: Any) -> list[tuple[str, str]]:
        """Return the languages."""
        codes = Story.objects.filter(campaign=campaign).order_by().values_list("original_language", flat=True)
        return [(code, language_heading(code)) for code in codes.distinct()]


@admin.register(Story)
class StoryAdmin(SteppedAdmin):
    """The stories that municipalities sent, what waits first. One is withdrawn, never deleted, and nobody adds one here."""

    refusal, templates = Refused, "stories/moderation"
    campaign_by = "campaign"
    list_note = gettext_lazy(
        "What municipalities sent. A second person looks at each and names its themes before anyone outside sees it."
    )
    list_before_template = "stories/moderation/_list.html"
    list_display = ["shown_title", "municipality", "kind", "shown_state", "shown_themes", "shown_language", "sent_at"]
    list_select_related = ["municipality", "campaign"]
    list_filter = ["state", ByTheme, ByMunicipality, ByLanguage, "kind"]
    search_fields = ["title", "speaker", "key"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return what was sent: a draft is its writer's alone."""
        return super().get_queryset(request).exclude(state=State.DRAFT)

    def get_ordering(self, request: HttpRequest) -> Any:
        """Have what waits come first, the longest first; then the newest."""
        return [FIRST.asc(), "-sent_at", "-pk"]

    def complete(self, request: HttpRequest, rows: Sequence[Story]) -> None:
        """Put the themes of a page's rows beside them; one query."""
        from django.db.models import prefetch_related_objects

        prefetch_related_objects(list(rows), "themes")

    @display(description=gettext_lazy("story"))
    def shown_title(self, story: Story) -> str:
        """Return its title."""
        return str(story)

    @display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, story: Story) -> str:
        """Return how far it is."""
        if story.words:
            return ", ".join([story.get_state_display(), _("new words wait")])
        return story.get_state_display()

    @display(description=gettext_lazy("themes"))
    def shown_themes(self, story: Story) -> str:
        """Return its themes."""
        return ", ".join(map(str, story.themes.all()))

    @display(description=gettext_lazy("language"), ordering="original_language")
    def shown_language(self, story: Story) -> str:
        """Return the language that it is told in."""
        return language_name(story.original_language)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Municipalities send them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was sent is never changed; steps are taken (`steps`)."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list; a press there gives the campaign the six themes to begin with."""
        if request.method == "POST" and "first_themes" in request.POST:
            if not request.user.has_perm(ADD_THEMES):
                raise PermissionDenied
            count = first_themes.add(campaign_or_404(request))
            says = ngettext("%(n)d theme was added.", "%(n)d themes were added.", count) % {"n": count}
            self.message_user(request, says, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:stories_storytheme_changelist"))
        campaign = getattr(request, "campaign", None)
        has_none = campaign is not None and not StoryTheme.objects.filter(campaign=campaign).exists()
        context = {"may_add_themes": has_none and request.user.has_perm(ADD_THEMES)}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    # --- One of them

    def steps(self) -> dict[str, Step]:
        """Return each step of a story; whoever takes one has read a revision of it."""

        def themes(story: Story, request: HttpRequest) -> None:
            keys = whole_numbers(request.POST.getlist("theme"))
            rows = list(StoryTheme.objects.filter(campaign=story.campaign_id, pk__in=keys))
            story_steps.set_themes(story, rows, **read(request))

        def words(story: Story, request: HttpRequest) -> None:
            form = WordsForm(story, story_words.files_of(story), request.POST)
            story_steps.propose_words(story, form.told(), **read(request))

        def accept(story: Story, request: HttpRequest) -> None:
            story_steps.accept(story, digest=request.POST.get("seen", ""), **read(request))

        @transaction.atomic
        def accept_and_publish(story: Story, request: HttpRequest) -> None:
            accept(story, request)
            who = read(request)
            story_steps.publish(story, **{**who, "read": who["read"] + 1})

        def remarked(step: Callable[..., None]) -> Callable[[Story, HttpRequest], None]:
            return lambda story, request: step(story, remark=request.POST.get("remark", "")[:1000], **read(request))

        return {
            "themes": Step((CHECK,), themes, _("The themes are saved.")),
            "words": Step((CHECK,), words, _("Saved. Readers get these words once a colleague has looked at them.")),
            "drop_words": Step(
                (CHECK,), lambda story, request: story_steps.drop_words(story, **read(request)), _("Taken back.")
            ),
            "accept": Step((CHECK,), accept, _("Accepted.")),
            "accept_and_publish": Step((CHECK,), accept_and_publish, _("Published.")),
            "publish": Step(
                (CHECK,), lambda story, request: story_steps.publish(story, **read(request)), _("Published.")
            ),
            "send_back": Step((CHECK,), remarked(story_steps.return_to_sender), _("Sent back.")),
            "refuse": Step((CHECK,), remarked(story_steps.refuse), _("Refused.")),
            "withdraw": Step(
                (CHECK,), lambda story, request: story_steps.withdraw(story, **read(request)), _("Withdrawn.")
            ),
        }

    def one(self, request: HttpRequest, pk: int) -> Story:
        """Return a story that the user reaches."""
        rows = self.get_queryset(request).select_related(
            "campaign", "municipality__region", "sent_by", "checked_by", "words_by"
        )
        files = Prefetch("files", StoryFile.objects.order_by("role", "label", "pk"))
        return get_object_or_404(rows.prefetch_related("campaign__languages", "people", "themes", files), pk=pk)

    def page(self, request: HttpRequest, story: Story, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of a story."""
        files = story_words.files_of(story)
        themes = list(StoryTheme.objects.filter(campaign=story.campaign_id))
        chosen = {one.pk for one in story.themes.all()}
        suggested = theme_suggestions.suggested(story, themes) if story.state in story_steps.OPEN else set()
        may_check = request.user.has_perm(CHECK)
        pane = pane_of(STORY, story, request.user, at=told(request)["at"])
        words = story_words.words_of(story, files, proposed=False)
        context = {
            "story": story,
            "refusal": refusal,
            "film": film_of(story),
            "pictures": [(one, words["alt"].get(str(one.pk), {})) for one in files if one.role == "picture"],
            "people": list(story.people.all()),
            "is_off": story.state == State.PUBLISHED and bool(story_steps.lacking(story)),
            # What its words suggest is ticked until somebody has said what it is about.
            "themes": [(one, one.pk in (chosen or suggested), one.pk in suggested - chosen) for one in themes],
            "form": WordsForm(story, files),
            "proposed": list(proposed_lines(story, files)),
            "pane": pane,
            "may_check": may_check,
            "may_change": may_check and story.state in story_steps.OPEN,
            "is_sent": story.state == State.SENT,
            "is_accepted": story.state == State.ACCEPTED,
            "faults": list(story_steps.faults(story, files)) if story.state in {State.SENT, State.ACCEPTED} else [],
            "may_end": may_check and story.state in {State.SENT, State.ACCEPTED},
            "may_withdraw": may_check and story.state in {State.ACCEPTED, State.PUBLISHED},
            "links": links(story),
        }
        return self.answer(request, "story", str(story), context, status=status)


def read(request: HttpRequest) -> dict[str, Any]:
    """Return who takes a step, when, and of which revision."""
    return {"read": whole_number(request.POST.get("read", "")), **told(request)}


def film_of(story: Story) -> StoryFile | None:
    """Return the video to look at, with its files at hand: what everyone will see, or else what was sent."""
    files = list(story.files.all())
    web = [one for one in files if one.role == StoryFile.Role.WEB]
    sent = [one for one in files if one.role == StoryFile.Role.ORIGINAL]
    return next(iter([*web, *sent]), None) if story.kind == Story.Kind.VIDEO else None


def links(story: Story) -> list[tuple[str, str]]:
    """Return (address, words) of the other pages of a story at the desk."""
    found = []
    for name, words in (
        ("admin:stories_story_media", _("Sizes, cuts and pictures")),
        ("admin:stories_story_subtitles", _("Subtitles")),
    ):
        try:
            found.append((reverse(name, args=[story.pk]), words))
        except NoReverseMatch:
            continue
    return found if story.kind == Story.Kind.VIDEO else found[:1]


def proposed_lines(story: Story, files: list[StoryFile]) -> Any:
    """Yield (label, language, words now, words proposed) of each proposed change."""
    now, then = (story_words.words_of(story, files, proposed=one) for one in (False, True))
    labels = {"title": _("Title"), "sentence": _("In one sentence"), "text": _("Text")}
    for name, texts in story.words.items():
        for key in texts:
            if name in labels:
                label = f"{labels[name]}, {language_heading(key)}"
                yield label, key, now[name].get(key, ""), then[name].get(key, "")
                continue
            before, after = now["alt"].get(key, {}), then["alt"].get(key, {})
            for code in sorted({*before, *after}):
                if before.get(code) != after.get(code):
                    yield f"{_('Alt text')}, {language_heading(code)}", code, before.get(code, ""), after.get(code, "")


class SuggestingWords(TranslatedFormField):
    """The words that suggest a theme, a line for each language, stored as lists."""

    def prepare_value(self, value: Any) -> Any:
        """Return each list as it is written."""
        if not isinstance(value, dict):
            return value
        return {code: one if isinstance(one, str) else " ".join(one) for code, one in value.items()}

    def clean(self, value: Any) -> Any:
        """Return the lists."""
        return {code: text.replace(",", " ").lower().split() for code, text in super().clean(value).items()}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the words."""
        return super().has_changed(self.prepare_value(initial), data)


@admin.register(StoryTheme)
class StoryThemeAdmin(AddedToCampaign, DeskAdmin):
    """What stories of the campaign are about."""

    campaign_by = "campaign"
    list_note = gettext_lazy(
        "What stories are about. Words of a title or of subtitles suggest a theme; a person confirms it."
    )
    list_display = ["shown_name", "slug", "position"]
    search_fields = ["name", "slug"]
    fields = ["name", "slug", "words", "position"]

    @display(description=gettext_lazy("name"))
    def shown_name(self, theme: StoryTheme) -> str:
        """Return its name."""
        return in_language(theme.name)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Have words written as lines."""
        if db_field.name == "words":
            return SuggestingWords(
                label=gettext_lazy("Words that suggest it"),
                required=False,
                help_text=gettext_lazy("With spaces between. Other forms of a word are found too."),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a theme that no story has can go."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.stories.exists())

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Store it; it stands on public pages."""
        from campaigns.http import page_changes

        super().save_model(request, obj, form, change)
        page_changes.changed()
