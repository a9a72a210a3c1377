"""Subtitles as players read them: the confirmed ones of stories that are shown, nothing else."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from campaigns.http.middleware import campaign_or_404
from stories.models import Story, StorySubtitles


@require_safe
def vtt(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """Return subtitles as WebVTT. Whoever keeps them asks before showing them again, so that nothing withdrawn lives on."""
    shown = Story.objects.shown(campaign_or_404(request)).filter(key=key)
    row = StorySubtitles.objects.shown(shown.order_by().values("pk")).filter(language=language).first()
    if row is None or row.confirmed_at is None:
        was_shown = Story.objects.filter(campaign=campaign_or_404(request), key=key, published_at__isnull=False)
        if was_shown.exists() and not shown.exists():
            return HttpResponse(status=410, headers={"Cache-Control": "no-store"})
        raise Http404
    etag = quote_etag(f"{row.pk}-{row.confirmed_at.timestamp()}")
    answer = get_conditional_response(request, etag=etag) or HttpResponse(
        row.vtt, content_type="text/vtt; charset=utf-8"
    )
    answer["ETag"] = etag
    patch_cache_control(answer, public=True, max_age=0, must_revalidate=True)
    return answer
