"""The site's front door, health probes and error pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in the reader's language that the form was too old, and that nothing was lost or sent."""
    return render(request, "403_csrf.html", status=403)
