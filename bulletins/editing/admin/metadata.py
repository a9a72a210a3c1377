"""The pane about a bulletin itself: urgency, languages, embargo, topics, fact-checks, inputs, what a correction says."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletins.editing import audience_choices, metadata
from bulletins.editing.conflicts import Clash, token
from bulletins.editor_panes import Pane, View
from bulletins.models import AuthorityAccount, Bulletin, MessageInput, NotAllowed, Urgency
from bulletins.reader_view import published_fact_checks
from campaigns.models import Topic
from factcheck.models import Claim
from factcheck.verdicts.admin.forms import RowsField
from lib.text.languages.languages import language_name

MOMENT = "%Y-%m-%dT%H:%M"
Ticks = forms.CheckboxSelectMultiple


class ClaimsField(RowsField):
    """Fact-checks to choose from, each with its verdict and, unless it is published, where it stands."""

    def label_from_instance(self, claim: Any) -> str:
        """Return the claim with what was found about it."""
        main = claim.duplicate_of or claim
        about = [] if main is claim else [claim.get_status_display()]
        if main.status != Claim.Status.PUBLISHED:
            about.append(main.get_status_display())
        if main.current_version_id and main.status not in {Claim.Status.WITHDRAWN, Claim.Status.PAUSED}:
            about.append(main.current_version.get_verdict_display())
        return f"{claim} ({', '.join(str(one) for one in about)})"


class MetadataForm(forms.Form):
    """A bulletin's own fields. Hidden copies say what the page showed, so that only what was changed is saved."""

    urgency = forms.ChoiceField(label=gettext_lazy("Urgency"), choices=Urgency.choices, show_hidden_initial=True)
    original_language = forms.ChoiceField(label=gettext_lazy("Written in"), show_hidden_initial=True)
    embargo_until = forms.DateTimeField(
        label=gettext_lazy("Embargo until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        input_formats=[MOMENT, "%Y-%m-%dT%H:%M:%S"],
    )
    embargo_read = forms.CharField(required=False, widget=forms.HiddenInput)
    next_word_at = forms.DateTimeField(
        label=gettext_lazy("When we say more"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        input_formats=[MOMENT, "%Y-%m-%dT%H:%M:%S"],
        help_text=gettext_lazy(
            "Readers are told. If nothing newer is out by then, the page says so and you are reminded."
        ),
    )
    next_word_read = forms.CharField(required=False, widget=forms.HiddenInput)
    asks_seen = forms.BooleanField(
        label=gettext_lazy("Ask partners to say that they have seen it"),
        required=False,
        show_hidden_initial=True,
        help_text=gettext_lazy(
            "One press in the email or on the portal. You see who has, and who has to be reached in another way."
        ),
    )
    seen_at_night = forms.BooleanField(
        label=gettext_lazy("Life is at stake: reach them at night too"),
        required=False,
        show_hidden_initial=True,
        help_text=gettext_lazy("Only those who allow calls at night are called then."),
    )
    seen_next = forms.TypedChoiceField(
        label=gettext_lazy("If not enough have seen it, also send it to"),
        required=False,
        show_hidden_initial=True,
        empty_value=None,
        help_text=gettext_lazy("A group that does not get it yet. The approval covers it too."),
    )
    topics = RowsField(
        Topic.objects.none(), label=gettext_lazy("Topics"), required=False, widget=Ticks, show_hidden_initial=True
    )
    claims = ClaimsField(
        Claim.objects.none(),
        label=gettext_lazy("Fact-checks"),
        help_text=gettext_lazy("Only claims whose verdict has been agreed by two people are offered."),
        required=False,
        widget=Ticks,
        show_hidden_initial=True,
    )
    inputs = RowsField(
        MessageInput.objects.none(),
        label=gettext_lazy("Submissions"),
        required=False,
        widget=Ticks,
        show_hidden_initial=True,
    )

    posts_to = RowsField(
        AuthorityAccount.objects.none(),
        label=gettext_lazy("Post as the authority"),
        help_text=gettext_lazy(
            "As soon as it is published, in the words under “Mastodon” and “Bluesky” of each language. The approval covers them."
        ),
        required=False,
        widget=Ticks,
        show_hidden_initial=True,
    )

    def __init__(self, *args: Any, bulletin: Bulletin, **kwargs: Any) -> None:
        embargo, next_word = (typed_moment(one) for one in (bulletin.embargo_until, bulletin.next_word_at))
        initial = {
            "urgency": bulletin.urgency,
            "original_language": bulletin.original_language,
            "embargo_until": embargo,
            "embargo_read": embargo,
            "next_word_at": next_word,
            "next_word_read": next_word,
            "asks_seen": bulletin.asks_seen,
            "seen_at_night": bulletin.seen_at_night,
            "seen_next": bulletin.seen_next_id or "",
            **{name: list(getattr(bulletin, name).values_list("pk", flat=True)) for name in metadata.LISTS},
        }
        super().__init__(*args, initial=initial, prefix="about", **kwargs)
        codes = dict.fromkeys([*bulletin.editions.values_list("language", flat=True), bulletin.original_language])
        fields: dict[str, Any] = self.fields
        if bulletin.urgency != Urgency.URGENT:
            for name in ("asks_seen", "seen_at_night", "seen_next"):
                del fields[name]  # partners are asked only about what is urgent
        else:
            groups = audience_choices.not_chosen(bulletin)
            fields["seen_next"].choices = [("", _("nobody else")), *((str(one.pk), str(one)) for one in groups)]
            fields["seen_next"].coerce = {str(one.pk): one for one in groups}.get
        fields["original_language"].choices = [(code, language_name(code)) for code in codes]
        fields["topics"].queryset = Topic.objects.filter(campaign=bulletin.campaign_id)
        fields["claims"].queryset = offered(bulletin, initial["claims"])
        usable = Q(pk__in=initial["posts_to"]) | ~Q(state=AuthorityAccount.State.OFF)
        fields["posts_to"].queryset = AuthorityAccount.objects.filter(usable, campaign=bulletin.campaign_id)
        closed = [MessageInput.State.USED, MessageInput.State.DECLINED]
        fields["inputs"].queryset = MessageInput.objects.filter(
            Q(pk__in=initial["inputs"]) | (Q(campaign=bulletin.campaign_id) & ~Q(state__in=closed))
        ).select_related("authority")

    def values(self) -> dict[str, Any]:
        """Return what the writer changed."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}
        for name, read in (("embargo_until", "embargo_read"), ("next_word_at", "next_word_read")):
            changed.pop(read, None)
            changed.pop(name, None)
            sent = self.data.get(self.add_prefix(name))
            if sent is not None and sent[:16] != self.cleaned_data[read]:
                changed[name] = self.cleaned_data[name]
        return changed


def typed_moment(moment: datetime | None) -> str:
    """Return a moment as its field has it, "" for none."""
    return timezone.localtime(moment).strftime(MOMENT) if moment else ""


def offered(bulletin: Bulletin, ticked: Collection[int]) -> QuerySet[Claim]:
    """Return the claims to choose from: those with a verdict of two people, and those that are ticked already."""
    agreed = Q(status=Claim.Status.CONFIRMED) | (Q(current_version__isnull=False) & ~Q(status=Claim.Status.WITHDRAWN))
    claims = Claim.objects.filter(Q(pk__in=ticked) | (agreed & Q(duplicate_of=None)), campaign=bulletin.campaign_id)
    return claims.select_related("current_version", "duplicate_of__current_version")


class MetadataPane(Pane):
    """The pane, shown and saved."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The pane is shown and saved at one address."""
        return [("<int:pk>/about/", self.metadata_view, "about")]

    def metadata_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the pane, or save it by one domain call."""
        self.must_see(request)
        bulletin = get_object_or_404(
            Bulletin.objects.select_related("campaign").prefetch_related("campaign__languages"), pk=pk
        )
        may_write = request.user.has_perm("bulletins.change_bulletin")
        if request.method != "POST":
            return self.render_pane(request, bulletin, MetadataForm(bulletin=bulletin))
        if not may_write:
            raise PermissionDenied
        form = MetadataForm(request.POST, bulletin=bulletin)
        if not form.is_valid():
            return self.render_pane(request, bulletin, form, status=422)
        names = metadata.texts_of(bulletin, self.codes(bulletin))
        texts = {name: request.POST[name] for name in names if name in request.POST}
        read = {name: request.POST[f"read_{name}"] for name in texts if request.POST.get(f"read_{name}")}
        try:
            saved = metadata.save_metadata(
                bulletin,
                form.values(),
                texts,
                read,
                by=request.user,
                at=timezone.now(),
            )
        except NotAllowed as refusal:
            return self.render_pane(request, bulletin, form, fault=str(refusal), typed=texts, status=409)
        if not request.headers.get("HX-Request"):
            self.desk.message_user(request, _("Saved."), "success")
            return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))
        status = 409 if saved.clashes else 200
        answer = self.render_pane(
            request, bulletin, MetadataForm(bulletin=bulletin), clashes=saved.clashes, saved=True, status=status
        )
        answer.headers["HX-Trigger"] = "saved"
        return answer

    def codes(self, bulletin: Bulletin) -> list[str]:
        """Return the campaign's languages."""
        return [language.code for language in bulletin.campaign.languages.all()]

    def render_pane(
        self,
        request: HttpRequest,
        bulletin: Bulletin,
        form: MetadataForm,
        *,
        clashes: list[Clash] | None = None,
        typed: dict[str, str] | None = None,
        fault: str = "",
        saved: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        """Return the pane."""
        labels = {"what_changed": _("What changed"), "share_text": _("Text for people who have already posted")}
        by_name = {clash.field: clash for clash in clashes or []}
        texts = [
            {
                "name": name,
                "id": f"about-{name.replace(':', '-')}",
                "label": f"{labels[name.partition(':')[0]]}, {language_name(name.partition(':')[2])}",
                "language": name.partition(":")[2],
                "value": (typed or {}).get(name, by_name[name].mine if name in by_name else text),
                "token": token(text),
                "clash": by_name.get(name),
                "changed_by": metadata.changed_meanwhile(bulletin, name) if name in by_name else "",
            }
            for name, text in metadata.texts_of(bulletin, self.codes(bulletin)).items()
        ]
        context = {
            "bulletin": bulletin,
            "form": form,
            "texts": texts if bulletin.kind != Bulletin.Kind.ORIGINAL else [],
            "writes": request.user.has_perm("bulletins.change_bulletin") and bulletin.state in Bulletin.EDITABLE,
            "reviewed": bulletin.is_reviewed,
            "fault": fault,
            "saved_at": timezone.now() if saved else None,
            "moved": published_fact_checks.moved_since(bulletin, at=timezone.now()),
        }
        return TemplateResponse(request, "bulletins/editing/_metadata.html", context, status=status)
