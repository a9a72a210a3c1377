"""A page that says what went wrong, whatever it was: made without the database, the session and context processors."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from ..language_middleware import language_of

STOPPED = "stopped"  # a 503 of a question that took the database too long
OF_THEIR_OWN = {403: "errors/403.html", 404: "errors/404.html"}  # pages that offer more than the front page

# What a status means to whoever meets it, and what to do: a heading, and a text.
TEXTS: dict[int | str, tuple[str | Promise, str | Promise]] = {
    400: (
        _("We could not understand that request"),
        _("Nothing was saved or sent. Go back and try again, or start from the front page."),
    ),
    403: (
        _("You do not have access to this page"),
        _("Your account may not see it. If it should, ask your contact person."),
    ),
    404: (_("There is nothing here"), _("The address may be old or incomplete. Start from the front page.")),
    405: (
        _("This address is not a page"),
        _(
            "It only takes a form that is sent from another page. Nothing was saved or sent. Go back and use the button there."
        ),
    ),
    409: (
        _("Someone else changed it first"),
        _("Nothing of yours was saved. Go back, load the page again and make your change once more."),
    ),
    410: (_("This has been removed"), _("It was here, but it is no longer available. Start from the front page.")),
    413: (
        _("That is more than this page accepts"),
        _("Nothing was saved or sent. Go back, make the file smaller or the text shorter, and send it again."),
    ),
    429: (_("Too many attempts"), _("Wait a minute, then try again. Nothing was changed.")),
    500: (
        _("Something went wrong"),
        _("The fault is ours. If you were sending something, check whether it arrived before you send it again."),
    ),
    503: (
        _("Please try again in a moment"),
        _(
            "This page cannot be shown, because our database is not responding. If you were sending something, check whether "
            "it arrived before you send it again."
        ),
    ),
    STOPPED: (
        _("Please try again in a moment"),
        _("This took longer than it may, because our database is busy, so it was stopped. Nothing was changed by it."),
    ),
}


def text_of(status: int | str) -> tuple[str | Promise, str | Promise]:
    """Return the heading and the text for a status; one without its own has that of its kind."""
    return TEXTS.get(status) or TEXTS[400 if int(status) < 500 else 500]


def plain_page(request: HttpRequest, status: int, *, why: str = "") -> HttpResponse:
    """Return the page of a status in the reader's language, rendered without context processors."""
    with override(language_of(request)):
        heading, text = text_of(why or status)
        context = {"path": request.get_full_path(), "status": status, "heading": heading, "text": text}
        template = OF_THEIR_OWN.get(status, "errors/plain.html")
        return HttpResponse(render_to_string(template, context), status=status)
