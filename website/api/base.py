"""
The API. Newsrooms read what is published, without a token; an authority's own systems give message input, with one. Every
error is {"detail", "fields"} in the language of Accept-Language. docs/using/api/ says how to use it.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from bulletins.intake import api_requests, input_api, submissions
from bulletins.intake.api_requests import Refused
from bulletins.intake.api_schemas import AnswerIn, InputIn, Problem
from bulletins.models import NotAllowed

from . import endpoints

PROBLEM = "application/problem+json"


REF = "#/components/schemas/{model}"
# What every request may be answered, besides what its own view says.
ALWAYS = {
    400: "The request cannot be read: a NUL in the address, an address that is too long, a body that is cut off.",
    503: "The database is away. Retry-After says when to come back.",
}


class Api(NinjaAPI):
    """The API with a description of it that holds together."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        """
        Return the description: with the schemas of what is read here and not by the framework, each GET told once, and
        errors as they are told.
        """
        described = super().get_openapi_schema(*args, **kwargs)
        schemas = described["components"].setdefault("schemas", {})
        for model in (InputIn, AnswerIn, Problem):
            schema = model.model_json_schema(ref_template=REF)
            schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
        for path in described["paths"].values():
            path.pop("head", None)  # as GET, without the body
            for operation in path.values():
                for status, says in ALWAYS.items():
                    operation["responses"].setdefault(status, {"description": says})
                for status, response in operation["responses"].items():
                    if status >= 400:
                        response["content"] = {PROBLEM: {"schema": {"$ref": REF.format(model="Problem")}}}
        return described


api = Api(
    title="Crisis bulletins",
    version="1",
    description="Read what is published. Give message input as an authority, and see what became of it.",
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)
api.add_router("", endpoints.router)
api.add_router("", input_api.router)


def problem(status: int, says: str, fields: dict[str, list[str]] | None = None) -> HttpResponse:
    """Return an error as it is told to systems, which pages of other sites may read."""
    answer = JsonResponse({"detail": str(says), "fields": fields or {}}, status=status, content_type=PROBLEM)
    answer["Access-Control-Allow-Origin"] = "*"
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if status == 429:
        answer["Retry-After"] = "60"
    return answer


def problem_of(response: HttpResponse) -> HttpResponse:
    """Return an error that someone else found, the framework or a page, as it is told to systems."""
    says = {
        400: _("This address cannot be read. Check it and send it again."),
        404: _("There is nothing at this address."),
        405: _("This address does not accept this method."),
        413: str(api_requests.TOO_LONG),
        503: _("The database is not available. Try again in a moment."),
    }
    refused, failed = _("This was refused."), _("The fault is ours. Nothing was accepted. Try again later.")
    answer = problem(
        response.status_code, says.get(response.status_code, failed if response.status_code >= 500 else refused)
    )
    for name in ("Allow", "Retry-After", "Cache-Control"):
        if name in response:
            answer[name] = response[name]
    return answer


@api.exception_handler(AuthenticationError)
def no_token(request: HttpRequest, fault: Any) -> HttpResponse:
    """Say that a token is wanted."""
    return problem(401, _("No token, or an invalid one. Send “Authorization: Bearer …” with a valid token."))


@api.exception_handler(Refused)
def refused(request: HttpRequest, fault: Any) -> HttpResponse:
    """Say why a request was refused."""
    return problem(fault.status, fault.says, fault.fields)


@api.exception_handler(NotAllowed)
def not_allowed(request: HttpRequest, fault: Any) -> HttpResponse:
    """Say why the domain refused it."""
    status = 409 if isinstance(fault, submissions.ContentConflict) else 422
    return problem(status, str(fault), getattr(fault, "fields", {}))


@api.exception_handler(Http404)
def not_here(request: HttpRequest, fault: Any) -> HttpResponse:
    """Say that there is nothing."""
    return problem(404, _("Nothing is published at this address."))


@api.exception_handler(ValidationError)
def bad_query(request: HttpRequest, fault: Any) -> HttpResponse:
    """Say what is wrong with the query."""
    return problem(422, str(api_requests.MARKED), api_requests.error_messages(fault.errors))
