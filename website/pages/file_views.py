"""Files of the public pages."""

import hashlib
import posixpath
from datetime import datetime

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from accounts.access import campaign_roles
from accounts.login import second_factor
from accounts.models import User
from bulletins.reader_view import public_files
from lib.http import byte_ranges
from lib.images.uploaded_videos import TYPES
from questions.answers import videos
from stories.story_media import files as story_files

MAY_SEE = "bulletins.view_asset"
MAY_SEE_STORIES = "stories.view_story"
# What may ever be handed out here. Everything else that is stored has a view of its own that asks who wants it.
FOLDERS = ("assets/", "renditions/", "cards/", "moving/", "packages/", "answers/", "stories/")


@require_safe
def asset_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """
    Hand out a picture, video or subtitle file: to everyone once it is published, to editors before. Whoever keeps it asks
    before showing it again, so that nothing withdrawn lives on.
    """
    if not posixpath.normpath(name).startswith(FOLDERS):
        raise Http404
    is_public = is_published(name, at=timezone.now())
    if not is_public and not may_see_draft(request, name):
        if name.startswith("stories/") and story_files.was_public(name):
            return HttpResponse(status=410, headers={"Cache-Control": "no-store"})
        raise Http404
    if not default_storage.exists(name):
        raise Http404
    etag = etag_of(name)
    answer = get_conditional_response(request, etag=etag) or hand_out(request, name)
    answer["ETag"] = etag
    whose = {"public": True} if is_public else {"private": True}
    patch_cache_control(answer, **whose, max_age=0, must_revalidate=True)
    return answer


def may_see_draft(request: HttpRequest, name: str) -> bool:
    """Return whether whoever asks sees files of drafts at the desk: all of them, or those of the file's campaign."""
    user = request.user
    if not isinstance(user, User) or not second_factor.may_enter_desk(request):
        return False
    of_story = name.startswith("stories/")
    may_see = MAY_SEE_STORIES if of_story else MAY_SEE
    if not of_story and user.has_perm(may_see):
        return True
    if not (user.is_active and user.is_staff):
        return False
    answer = videos.OF_ANSWER.match(name)
    if of_story:
        campaign = story_files.campaign_of(name)
    else:
        campaign = videos.campaign_of(int(answer[1])) if answer else public_files.campaign_of(name)
    if campaign is None:
        return False
    return user.has_perm(may_see) or campaign_roles.holders(may_see, campaign).filter(user=user).exists()


def is_published(name: str, *, at: datetime) -> bool:
    """Return whether a stored file belongs to a bulletin, an answer or a story that is published and stands."""
    if name.startswith("stories/"):
        return story_files.is_public(name)
    return videos.is_public(name, at=at) if name.startswith("answers/") else public_files.asset_is_public(name, at=at)


def hand_out(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return a stored file: a video to be played, a card that we drew to be looked at, anything else to be saved."""
    if videos.OF_ANSWER.match(name) or posixpath.splitext(name)[1] in TYPES:
        return byte_ranges.hand_out(request, name)
    try:
        file = default_storage.open(name)
    except OSError as fault:  # a folder
        raise Http404 from fault
    response = FileResponse(file)
    shown = "inline" if name.startswith(("cards/", "stories/")) else "attachment"
    response["Content-Disposition"] = shown  # without a name: a page that offers the file says what it is called
    return response


def etag_of(name: str) -> str:
    """Return the mark of a stored file: what is stored is never written over, but a name may be given again."""
    stored = f"{name} {default_storage.get_modified_time(name).timestamp()}"
    return quote_etag(hashlib.sha256(stored.encode()).hexdigest()[:32])
