"""An authority's own systems give message input, see what became of it, and answer. docs/using/api/submissions.md says how to use it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from ninja import Router, Status
from ninja.security import HttpBearer

from bulletins.models import Bulletin, MessageInput, Version
from campaigns import api_tokens
from campaigns.models import AuthorityToken, Campaign
from delivery.throttle import token_bucket

from . import api_requests, cap, submissions
from .api_requests import Refused
from .api_schemas import AnswerIn, InputOut, InputsOut, Problem

A_MINUTE = 60  # requests of one token
PER_PAGE = 50


class ByToken(HttpBearer):
    """A token of an authority, in `Authorization: Bearer …`; so many requests a minute, with Redis or without."""

    def authenticate(self, request: HttpRequest, token: str) -> AuthorityToken | None:
        """Return the token when it opens something."""
        now = timezone.now()
        found = api_tokens.recognise(token, at=now)
        if found is not None and not token_bucket.take(
            f"api:{found.pk}", 1, rate=A_MINUTE / 60, burst=A_MINUTE, at=now
        ):
            raise Refused(429, _("Too many requests. Wait a minute, then continue more slowly."))
        return found


router = Router(auth=ByToken(), tags=["Message input"])

# --- What it does --------------------------------------------------------------------------------------------


def body_of(name: str, *, multipart: bool = False) -> dict[str, Any]:
    """Return what the description says of a body that is read here and not by the framework."""
    ref = {"$ref": f"#/components/schemas/{name}"}
    content: dict[str, Any] = {"application/json": {"schema": ref}}
    if multipart:
        files = {"type": "array", "items": {"type": "string", "format": "binary"}}
        parts = {"type": "object", "properties": {"input": ref, "attachments": files}, "required": ["input"]}
        content["multipart/form-data"] = {"schema": parts}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/inputs",
    url_name="inputs",
    summary="Give message input",
    response={201: InputOut, 200: InputOut, 401: Problem, 409: Problem, 413: Problem, 422: Problem, 429: Problem},
    openapi_extra=body_of("InputIn", multipart=True),
)
def give(request: HttpRequest) -> Any:
    """
    Take a message input: 201. Sent again with the same `external_id` and the same content it adds nothing: 200.
    Other content under the same `external_id`: 409.

    Files come in base64 within the JSON, or as parts `attachments` of multipart/form-data with the JSON in `input`.
    """
    now = timezone.now()
    content, files = api_requests.read_input(request)
    campaign = api_requests.campaign_of(content.campaign)
    found = {
        **api_requests.named(content, campaign, at=now),
        "attachments": files,
        "channel": MessageInput.Channel.API,
        "external_id": content.external_id,
    }
    return taken(request, campaign, found, at=now)


@router.get(
    "/inputs",
    url_name="inputs",
    summary="List what was given",
    response={200: InputsOut, 401: Problem, 422: Problem, 429: Problem},
)
def listed(request: HttpRequest, page: int = 1) -> Any:
    """Return what the token's authority has given, the newest first."""
    found = Paginator(own(request), PER_PAGE).get_page(page)
    return {
        "count": found.paginator.count,
        "page": found.number,
        "pages": found.paginator.num_pages,
        "inputs": [as_out(row) for row in found],
    }


@router.post(
    "/inputs/cap",
    url_name="cap",
    summary="Give a CAP 1.2 alert",
    response={201: InputOut, 200: InputOut, 401: Problem, 409: Problem, 413: Problem, 422: Problem, 429: Problem},
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/cap+xml": {"schema": {"type": "string"}}}}
    },
)
def give_alert(request: HttpRequest) -> Any:
    """
    Take an alert in the Common Alerting Protocol 1.2 as message input. It is known by “sender,identifier,sent”: what
    comes again adds nothing. An update or a cancellation is urgent and says what it changes.
    """
    now = timezone.now()
    data = api_requests.read_body(request, api_requests.LARGEST)
    if cap.is_too_long(data):
        raise Refused(413, api_requests.TOO_LONG)
    campaign = api_requests.campaign_of("")
    found = cap.as_input(cap.read(data), campaign, token_of(request).authority, at=now)
    return taken(request, campaign, found, at=now)


@router.get(
    "/inputs/{reference}",
    url_name="input",
    summary="See what became of it",
    response={200: InputOut, 401: Problem, 404: Problem, 429: Problem},
)
def one(request: HttpRequest, reference: str) -> Any:
    """Return one input of the token's authority: its state, the editor's question, and the bulletins made of it."""
    return as_out(find(request, reference))


@router.post(
    "/inputs/{reference}/answer",
    url_name="answer",
    summary="Answer an editor's question",
    response={200: InputOut, 401: Problem, 404: Problem, 413: Problem, 422: Problem, 429: Problem},
    openapi_extra=body_of("AnswerIn"),
)
def answer(request: HttpRequest, reference: str) -> Any:
    """Answer the question of an input in the state “returned”; it waits at the desk again."""
    row = find(request, reference)
    said = api_requests.parse(AnswerIn, api_requests.read_body(request, api_requests.LARGEST_TEXT))
    submissions.answer_question(row, by=None, at=timezone.now(), answer=said.answer, token=token_of(request).name)
    return as_out(find(request, reference))


# --- Translate in and out ----------------------------------------------------------------------------------------


def token_of(request: HttpRequest) -> AuthorityToken:
    """Return the token that the request showed."""
    return request.auth  # type: ignore[attr-defined]


def own(request: HttpRequest) -> QuerySet[MessageInput]:
    """Return the inputs of the token's authority with all that is told of them."""
    out = Version.objects.published(at=timezone.now()).filter(bulletin=OuterRef("pk"))
    bulletins = Bulletin.objects.annotate(is_out=Exists(out)).order_by("number")
    return (
        MessageInput.objects.filter(authority=token_of(request).authority)
        .select_related("campaign")
        .prefetch_related("steps", Prefetch("bulletins", bulletins))
        .order_by("-received_at", "-pk")
    )


def find(request: HttpRequest, reference: str) -> MessageInput:
    """Return the newest input of the token's authority with a reference, or answer 404."""
    row = own(request).filter(reference=reference).first() if "\0" not in reference else None
    if row is None:
        raise Refused(404, _("There is no such submission."))
    return row


def as_out(row: MessageInput) -> dict[str, Any]:
    """Return an input as systems see it. Who of the staff did what is not told."""
    with override(row.campaign.language_for()):
        bulletins = [
            {
                "number": one.number,
                "published": one.is_out,  # type: ignore[attr-defined]
                "url": settings.PUBLIC_URL + reverse("website:bulletin", args=[one.number]) if one.is_out else "",  # type: ignore[attr-defined]
            }
            for one in row.bulletins.all()
        ]
    names = ("reference", "external_id", "title", "state", "urgency", "received_at", "question", "answer")
    return {
        **{name: getattr(row, name) for name in names},
        "campaign": row.campaign.slug,
        "steps": [{"verb": step.verb, "at": step.at, "text": step.text} for step in row.steps.all()],
        "bulletins": bulletins,
    }


def taken(request: HttpRequest, campaign: Campaign, content: dict[str, Any], *, at: datetime) -> Any:
    """Give content to the domain, and answer 201 when it was new and 200 when it had come before."""
    token = token_of(request)
    row, is_new = submissions.take(
        campaign=campaign, authority=token.authority, by=None, at=at, token=token.name, **content
    )
    return Status(201 if is_new else 200, as_out(find(request, row.reference)))
