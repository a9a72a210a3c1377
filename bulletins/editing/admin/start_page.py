"""The page on which a bulletin is started."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bulletins.editing import drafts
from bulletins.editor_panes import Pane
from bulletins.models import MessageInput, NotAllowed
from campaigns.models import Campaign

from .forms import StartForm


class StartPage(Pane):
    """Starts a bulletin from message inputs or from nothing. It stands where rows of other kinds are added."""

    def add_view(self, request: HttpRequest) -> HttpResponse:
        """Start a bulletin: the next number, an edition in every language, from message inputs or from nothing."""
        if not self.desk.has_add_permission(request):
            raise PermissionDenied
        campaign = getattr(request, "campaign", None)
        form = StartForm(request.POST or None)
        if campaign is not None:
            waiting = MessageInput.objects.waiting().filter(campaign=campaign).select_related("authority")
            form.fields["inputs"].queryset = waiting  # type: ignore[attr-defined]
            if request.method == "POST" and form.is_valid():
                return self.start(request, campaign, **form.cleaned_data)
        context = {**self.frame(request, _("Start a bulletin")), "form": form}
        return TemplateResponse(request, "bulletins/approval/start.html", context)

    def start(self, request: HttpRequest, campaign: Campaign, *, inputs: Any, urgency: str) -> HttpResponse:
        """Start it and go to its page, or say why not."""
        try:
            bulletin = drafts.start(
                campaign, by=request.user, at=timezone.now(), inputs=inputs, urgency=urgency or None
            )
        except NotAllowed as refusal:
            self.desk.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.path)
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))
