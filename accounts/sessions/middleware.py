"""Sessions, of which one may be replaced while another request that belongs to it is under way."""

from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


class ReplacedSessionMiddleware(SessionMiddleware):
    """
    Logging in and out replaces the session. Who sends a code twice then has the second post come too late to be kept, which Django calls
    a bad request; it is led to its page instead, with the new session, and that page leads on whoever is logged in.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Keep the session, or lead back to the page where there is none to keep any more."""
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            return HttpResponseRedirect(request.get_full_path())
