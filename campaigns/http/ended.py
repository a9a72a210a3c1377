"""What is said in place of a form while no campaign is open: the last one has ended."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns.models import Campaign


def unless_ended[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Return a view that needs an open campaign: while there is none, it says which one has ended (410). One query more then."""

    @wraps(view)
    def opened(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request = args[0]
        assert isinstance(request, HttpRequest)
        if getattr(request, "campaign", None) is not None:
            return view(*args, **kwargs)
        ended = Campaign.objects.ended().prefetch_related("languages").first()
        if ended is None or ended.closed_at is None:
            return view(*args, **kwargs)
        context = {"name": ended.marked(ended.named()), "ended_on": ended.local(ended.closed_at).date()}
        return render(request, "campaigns/ended.html", context, status=410)

    return opened
