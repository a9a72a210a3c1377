"""The desk's pages of thanks and certificates."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from campaigns.base_admin import DeskAdmin, ReadOnlyAdmin
from campaigns.http import desk_campaigns
from campaigns.http.middleware import campaign_or_404
from influencers.models import CannedThanks, Certificate, Influencer, Post, Thanks
from influencers.posts import advice
from lib.text.languages.languages import own_name
from lib.text.numbers.whole_numbers import whole_number, whole_numbers

from . import certificate_pdf, certificates, milestones, thanks
from .certificate_views import as_file

desk_campaigns.names_rows_of("influencers_thanks_give", Influencer)
MOST_SHOWN = 500  # people to give a certificate to, on one page
DAYS = 30  # that someone has taken part for, unless another number is asked for
MOST_DAYS = 3_650


@admin.register(CannedThanks)
class CannedThanksAdmin(DeskAdmin):
    """Words of thanks that are ready, in every language; {name} stands for the first name."""

    list_display = ["key", "campaign"]
    list_select_related = ["campaign"]
    search_fields = ["key"]


@admin.register(Thanks)
class ThanksAdmin(ReadOnlyAdmin):
    """What was thanked for, by whom; what there is to thank for; and thanking."""

    list_display = ["influencer", "excerpt", "by", "at"]
    list_select_related = ["influencer", "by"]
    search_fields = ["influencer__name", "influencer__reference", "text"]
    list_before_template = "influencers/recognition/_thanks_bar.html"
    ordering = ["-at"]
    campaign_by = "influencer__campaign"

    @admin.display(description=gettext_lazy("words"))
    def excerpt(self, row: Thanks) -> str:
        """Return how the words begin."""
        return Truncator(row.text).chars(120)

    def get_urls(self) -> list[URLPattern]:
        """Add what there is to thank for, and thanking."""
        admin_view = self.admin_site.admin_view
        give = admin_view(never_cache(require_http_methods(["GET", "HEAD", "POST"])(self.give_view)))
        mine = admin_view(never_cache(require_safe(self.mine_view)))
        return [
            path("mine/", mine, name="influencers_thanks_mine"),
            path("give/<int:pk>/", give, name="influencers_thanks_give"),
            *super().get_urls(),
        ]

    def may_thank(self, request: HttpRequest) -> None:
        """Raise PermissionDenied for whoever may not thank."""
        if not request.user.has_perm("influencers.add_thanks"):
            raise PermissionDenied

    def mine_view(self, request: HttpRequest) -> HttpResponse:
        """What the user may thank their people for, and those of nobody, and what there is to talk about with theirs."""
        self.may_thank(request)
        campaign, by, now = campaign_or_404(request), cast(User, request.user), timezone.now()
        may_read = by.has_perm("influencers.view_postmessage")
        context = {
            **self.admin_site.each_context(request),
            "title": _("To thank"),
            "opts": self.opts,
            "mine": milestones.to_thank(by, campaign, at=now),
            "nobodys": milestones.to_thank(None, campaign, at=now),
            "contradictions": advice.open_contradictions(by, campaign) if may_read else [],
        }
        return TemplateResponse(request, "influencers/recognition/thanks_mine.html", context)

    def give_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Thank one person, in words that are ready and can be changed."""
        self.may_thank(request)
        campaign, by, now = campaign_or_404(request), cast(User, request.user), timezone.now()
        people = Influencer.objects.select_related("recipient", "campaign", "user")
        influencer = get_object_or_404(people, pk=pk, campaign=campaign)
        asked = request.POST if request.method == "POST" else request.GET
        post = post_of(influencer, asked.get("post", ""))
        language = thanks.language_of(influencer)
        ready = thanks.ready(campaign)
        chosen = next((one for one in ready if one.key == asked.get("canned")), None)
        key = asked.get("key", "")[:60] or (f"post:{post.pk}" if post else f"canned:{chosen.key}" if chosen else "")
        text = request.POST.get("text", "") if request.method == "POST" else ""
        if request.method != "POST" and chosen:
            text = thanks.text_for(chosen, influencer, language)
        refusal, status = "", 200
        if request.method == "POST":
            try:
                thanks.thank(influencer, key=key, text=text, by=by, at=now, language=language, post=post)
            except thanks.AlreadyThanked as why:
                refusal, status = str(why), 409
            except thanks.NotThankable as why:
                refusal, status = str(why), 422
            else:
                self.message_user(request, _("The thanks are on their way."), "success")
                return HttpResponseRedirect(reverse("admin:influencers_thanks_mine"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Thank %(name)s") % {"name": influencer.name},
            "opts": self.opts,
            "influencer": influencer,
            "post": post,
            "key": key,
            "text": text,
            "language": language,
            "language_name": own_name(language),
            "ready": ready,
            "chosen": chosen,
            "refusal": refusal,
            "before": list(thanks.thanks_of(influencer)[:5]),
            "signed": by.get_full_name() or by.email,
        }
        return TemplateResponse(request, "influencers/recognition/thanks_give.html", context, status=status)


def post_of(influencer: Influencer, typed: str) -> Post | None:
    """Return a post of an influencer's by its key, None for none. Raise Http404 for someone else's."""
    if not typed:
        return None
    posts = Post.objects.select_related("version__bulletin")
    return get_object_or_404(posts, pk=whole_number(typed), influencer=influencer)


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    """Certificates: who has one, issuing them, and taking one back."""

    list_display = ["name", "code", "issued_by", "issued_at", "revoked_at"]
    list_select_related = ["issued_by"]
    search_fields = ["name", "code", "influencer__reference"]
    fields = ["name", "code", "campaign", "issued_by", "issued_at", "revoked_at", "revoked_why", "shown_files"]
    readonly_fields = fields
    list_before_template = "influencers/recognition/_certificates_bar.html"
    campaign_by = "campaign"
    ordering = ["-issued_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Certificate]:
        """Return the certificates of all but people who were erased."""
        return super().get_queryset(request).exclude(influencer__state=Influencer.State.ERASED)

    @admin.display(description=gettext_lazy("files"))
    def shown_files(self, certificate: Certificate) -> SafeString | str:
        """Return links to the file in each language, and to taking it back."""
        if certificate.revoked_at:
            return "–"
        files = format_html_join(
            " · ",
            '<a href="{}" hreflang="{}">PDF, {}</a>',
            (
                (reverse("admin:influencers_certificate_file", args=[certificate.pk, code]), code, own_name(code))
                for code, _name in settings.LANGUAGES
            ),
        )
        page = reverse("admin:influencers_certificate_revoke", args=[certificate.pk])
        return format_html('{} · <a href="{}">{}</a>', files, page, _("Withdraw it"))

    def get_urls(self) -> list[URLPattern]:
        """Add issuing, taking back, and the files."""
        admin_view = self.admin_site.admin_view
        both = require_http_methods(["GET", "HEAD", "POST"])
        return [
            path("issue/", admin_view(never_cache(both(self.issue_view))), name="influencers_certificate_issue"),
            path("<int:pk>/revoke/", admin_view(both(self.revoke_view)), name="influencers_certificate_revoke"),
            path("<int:pk>/<slug:language>.pdf", admin_view(self.file_view), name="influencers_certificate_file"),
            *super().get_urls(),
        ]

    def issue_view(self, request: HttpRequest) -> HttpResponse:
        """Choose who gets a certificate, out of people who may have one."""
        if not request.user.has_perm("influencers.add_certificate"):
            raise PermissionDenied
        campaign, by, now = campaign_or_404(request), cast(User, request.user), timezone.now()
        typed = (request.POST if request.method == "POST" else request.GET).get("days", "")
        days = min(whole_number(typed) or DAYS, MOST_DAYS)
        people = certificates.may_have(campaign, days=days, at=now)
        refusal = ""
        if request.method == "POST":
            keys = whole_numbers(request.POST.getlist("who"))[:MOST_SHOWN]
            if keys:
                chosen = Influencer.objects.filter(campaign=campaign, pk__in=keys)
                done = certificates.issue(chosen, campaign, by=by, at=now)
                self.show_issued(request, done)
                return HttpResponseRedirect(reverse("admin:influencers_certificate_changelist"))
            refusal = _("Nobody is ticked. Nothing was issued.")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Issue certificates"),
            "opts": self.opts,
            "people": list(people[:MOST_SHOWN]),
            "most": MOST_SHOWN,
            "days": days,
            "refusal": refusal,
        }
        return TemplateResponse(
            request, "influencers/recognition/certificates_issue.html", context, status=422 if refusal else 200
        )

    def show_issued(self, request: HttpRequest, done: Any) -> None:
        """Say what became of issuing."""
        if done.new:
            says = ngettext("%(count)d certificate was issued.", "%(count)d certificates were issued.", len(done.new))
            self.message_user(request, says % {"count": len(done.new)}, "success")
        if done.had:
            says = ngettext(
                "%(count)d person already has a certificate.",
                "%(count)d people already have a certificate.",
                len(done.had),
            )
            self.message_user(request, says % {"count": len(done.had)}, "warning")
        if done.cannot:
            says = ngettext(
                "%(count)d person is not taking part now and did not get one.",
                "%(count)d people are not taking part now and did not get one.",
                len(done.cannot),
            )
            self.message_user(request, says % {"count": len(done.cannot)}, "warning")

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a certificate back, for a reason."""
        if not request.user.has_perm("influencers.change_certificate"):
            raise PermissionDenied
        certificate = get_object_or_404(self.get_queryset(request), pk=pk)
        refusal, why = "", request.POST.get("why", "")
        if request.method == "POST":
            try:
                certificates.revoke(certificate, why, by=cast(User, request.user), at=timezone.now())
            except certificates.NotIssuable as fault:
                refusal = str(fault)
            else:
                self.message_user(request, _("The certificate was withdrawn."), "success")
                return HttpResponseRedirect(reverse("admin:influencers_certificate_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Withdraw the certificate"),
            "opts": self.opts,
            "certificate": certificate,
            "why": why,
            "refusal": refusal,
        }
        return TemplateResponse(
            request, "influencers/recognition/certificate_revoke.html", context, status=422 if refusal else 200
        )

    def file_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """Return a certificate that stands as PDF."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        certificate = get_object_or_404(self.get_queryset(request).select_related("campaign"), pk=pk, revoked_at=None)
        if language not in dict(settings.LANGUAGES):
            raise Http404
        return as_file(certificate_pdf.render(certificate, language), certificate_pdf.file_name(certificate, language))
