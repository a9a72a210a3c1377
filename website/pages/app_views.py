"""The site as an app on a phone: what it is called and looks like, and what other apps share with it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.http.context_processors import campaign as campaign_context
from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest
from lib.http.form_origin import is_from_elsewhere
from lib.text.characters import visible_text
from lib.text.languages import spoken_languages
from website.check_text import views as check_views

from . import app_icons

SHORT_NAME = 18  # characters that phones show below an icon, in two lines; the space between words is where they break
HOUR = "public, max-age=3600"
LONGEST_SHARED = 20_000  # characters; what is longer is no post


def short_name(name: str) -> str:
    """Return as many words of a name as stand below an icon, whole; of a very long word its beginning."""
    words, short = name.split(), ""
    while words and len(longer := f"{short} {words[0]}".strip()) <= SHORT_NAME:
        short = longer
        words.pop(0)
    return short or Truncator(name).chars(SHORT_NAME)


@require_safe
@cached_page()
def manifest(request: HttpRequest) -> HttpResponse:
    """Say what the site is called as an app, in the page's language: its name, icons, shortcuts and what may be shared with it."""
    text = campaign_context(request)["campaign_text"]
    name = text.name if text else _("Crisis bulletins")
    icons = [
        {
            "src": reverse("website:app_icon", args=[icon]),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "maskable" if icon.startswith("maskable") else "any",
        }
        for icon, (size, _share, _fills) in app_icons.ICONS.items()
        if not icon.startswith("touch")
    ]
    shortcuts = [
        (_("Bulletins"), reverse("influencers:bulletins")),
        (_("Check a text"), reverse("website:check")),
        (_("Tell us about a post"), reverse("influencers:post_new")),
    ]
    portal = reverse("influencers:home")
    described: dict[str, Any] = {
        "id": portal,
        "name": name,
        "short_name": short_name(name),
        "description": text.summary if text else "",
        "lang": get_language(),
        "dir": spoken_languages.direction(get_language()),
        "start_url": portal,
        "scope": "/",
        "display": "standalone",
        "background_color": app_icons.GROUND,
        "theme_color": app_icons.GROUND,
        "icons": icons,
        "shortcuts": [
            {"name": words, "url": address, "icons": [one for one in icons if one["purpose"] == "any"][:1]}
            for words, address in shortcuts
        ],
        # By POST, so that what somebody checks stands in no address, history or log, and pictures come along.
        "share_target": {
            "action": reverse("website:shared"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                "title": "title",
                "text": "text",
                "url": "url",
                "files": [{"name": "picture", "accept": ["image/jpeg", "image/png", "image/webp"]}],
            },
        },
    }
    answer = JsonResponse(
        described, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
    )
    answer["Cache-Control"] = HOUR
    return answer


@require_safe
@cached_page()
def icon(request: HttpRequest, name: str) -> HttpResponse:
    """Return one of the app's icons."""
    if name not in app_icons.ICONS:
        raise Http404
    answer = HttpResponse(app_icons.drawn(name), content_type="image/png")
    answer["Cache-Control"] = "public, max-age=86400"
    return answer


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
@sensitive_post_parameters()
def shared(request: CampaignRequest) -> HttpResponse:
    """
    Ask what to do with what another app has shared with this one: check it, or tell of it as a post of one's own. A picture is
    checked at once. Nothing of it is kept.

    A phone posts here for an app, without a token. It changes nothing: what is posted comes back to whoever posted it, in a form of
    ours. Another site's page is sent away all the same.
    """
    if request.method != "POST":
        return redirect("website:check")
    if is_from_elsewhere(request):
        return redirect("website:check")
    given = [
        visible_text.clean(request.POST.get(name, "")[:LONGEST_SHARED]).strip() for name in ("title", "text", "url")
    ]
    title, text, url = given
    words = "\n".join(dict.fromkeys(one for one in (title if title not in text else "", text) if one))
    url = url or next((word for word in words.split() if word.startswith(("https://", "http://"))), "")
    if url and url not in words:
        words = f"{words}\n{url}".strip()
    if "picture" in request.FILES:
        return check_views.check_shared(request, words)
    if not words:
        return redirect("website:check")
    return render(request, "website/pages/shared.html", {"words": words, "url": url if is_address(url) else ""})


def is_address(url: str) -> bool:
    """Return whether something shared is the address of a page."""
    return url.startswith(("https://", "http://")) and len(url) <= 1_000 and len(url.split()) == 1
