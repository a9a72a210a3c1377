"""The reader's certificate, and the page where anyone can check one."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.profiles import contact_person
from lib.text.characters.spoken_codes import normal
from lib.text.languages.languages import own_name, page_language
from stories.courses import certificates as course_certificates

from . import certificate_pdf
from . import certificates as recognition_certificates


@require_safe
@influencer_required
def certificate(request: PortalRequest) -> HttpResponse:
    """The reader's certificate in every language, or how one is given."""
    influencer = request.influencer
    found = recognition_certificates.current_certificate(influencer)
    context = {
        "certificate": found,
        "name": recognition_certificates.name_of(found, page_language()) if found else "",
        "files": [(code, own_name(code)) for code, _name in settings.LANGUAGES],
        "url": settings.PUBLIC_URL + recognition_certificates.path_of(found, page_language()) if found else "",
        "contact": contact_person.contact_of(influencer, request.campaign),
    }
    return render(request, "influencers/recognition/certificate.html", context)


@require_safe
@influencer_required
def certificate_file(request: PortalRequest, language: str) -> HttpResponse:
    """The reader's own certificate as PDF in a language."""
    found = recognition_certificates.current_certificate(request.influencer)
    if found is None or language not in dict(settings.LANGUAGES):
        raise Http404
    return as_file(certificate_pdf.render(found, language), certificate_pdf.file_name(found, language))


def as_file(content: bytes, name: str) -> HttpResponse:
    """Return a PDF to be saved."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@never_cache
@require_safe
def certificates(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a certificate, and lead to its page. Leading there tells nothing."""
    typed = request.GET.get("code", "")
    code = normal(typed)
    if code:
        return redirect(reverse("certificate", args=[code]))
    context = {"typed": typed[:100], "is_wrong": bool(typed.strip())}
    return render(
        request, "influencers/recognition/certificate_ask.html", context, status=422 if context["is_wrong"] else 200
    )


@never_cache
@require_safe
def checked(request: HttpRequest, code: str) -> HttpResponse:
    """
    Say whether a certificate is valid, was taken back, or is unknown. Nothing but its name and campaign is shown. Its
    code has 80 bits, so nobody finds one by trying.
    """
    found = recognition_certificates.check(code)
    if found is None and (of_course := course_certificates.check(code)):
        return redirect(course_certificates.path_of(of_course, page_language()))
    context = {
        "certificate": found,
        "name": recognition_certificates.name_of(found, page_language()) if found else "",
        "code": code[:40],
    }
    return render(request, "influencers/recognition/certificate_checked.html", context, status=200 if found else 404)
