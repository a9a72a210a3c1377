"""
How much a request may bring: little, but where files are taken. More is refused before any of it is read.

deploy/nginx.conf says the same, so that most of it does not come this far. What programs send (webhooks, the API) is
held to limits of its own where it is read.
"""

from django.conf import settings
from django.http import HttpRequest

from lib.http.body_length import announced

MEGABYTE = 1024 * 1024
LARGEST = 3 * MEGABYTE  # of forms without files; Django takes less (DATA_UPLOAD_MAX_MEMORY_SIZE) of their texts
WITH_PICTURE = 27 * MEGABYTE
BESIDE_FILE = 10 * MEGABYTE  # what a form may have beside a file of ASSET_MAX_MB
READ_ELSEWHERE = {"webhooks", "api"}

# Where anyone, or an influencer, may send a picture along.
FOR_PICTURES = {"factcheck:report", "influencers:report", "website:check", "website:shared", "contributions:send"}
# Where people who work on bulletins send files, once they are logged in.
FOR_FILES = {"intake:submit_input", "questions:to_answer", "questions:to_answer_video"}
# Where creators send the pictures of a draft.
FOR_DRAFTS = "commissions:mine"
DRAFT = 64 * MEGABYTE  # four pictures of 15 MB (stories.commissions.drafts)
# Where people of municipalities send a video whole, where no script sends it in pieces; and where its pieces arrive.
FOR_STORIES = "municipality:story"
FOR_PIECES = "municipality:upload"
PIECE = 16 * MEGABYTE


def is_too_long(request: HttpRequest) -> bool:
    """Return whether a request announces more than its address takes from whoever sends it. Its address is resolved."""
    length = announced(request)
    return length > LARGEST and length > most(request)


def most(request: HttpRequest) -> int:
    """Return how many octets the body of a request may have."""
    match = request.resolver_match
    if match is None:
        return LARGEST
    if match.view_name in FOR_PICTURES:
        return WITH_PICTURE
    if (match.namespace == "admin" or match.view_name in FOR_FILES) and request.user.is_authenticated:
        return settings.ASSET_MAX_MB * MEGABYTE + BESIDE_FILE
    if match.view_name == FOR_DRAFTS and request.user.is_authenticated:
        return DRAFT
    if match.view_name == FOR_STORIES and request.user.is_authenticated:
        return settings.STORY_MAX_MB * MEGABYTE + BESIDE_FILE
    if match.view_name == FOR_PIECES and request.user.is_authenticated:
        return PIECE
    return LARGEST
