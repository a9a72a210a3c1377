"""The fields of the compose page's panes: each saves itself, knows what was read, and shows a clash where it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone

from bulletins.editing import drafts
from bulletins.editing.conflicts import Saved, token
from bulletins.models import NotAllowed


@dataclass(frozen=True)
class Count:
    """
    How long a box's text is: `used` of `limit` in the words `unit`. Advice is told, never marked as wrong. `added` follows it when it is sent.
    `larger_says` is the sentence that names the signs which make a text message larger, `larger` those of this one.
    """

    used: int
    limit: int
    count_in: str
    unit: Any
    over: Any
    is_advice: bool = False
    seen: Any = None
    added: str = ""
    larger_says: Any = ""
    larger: str = ""

    @property
    def is_over(self) -> bool:
        """Return whether it is more than the limit."""
        return self.used > self.limit


@dataclass(frozen=True)
class Box:
    """
    One field: `id` in the page, `name` in what is sent, `place` that findings point to. `kind` is "lines", "line",
    "url", "moment" or "choice" (then with `choices`: value and words). One that is folded stands under a summary.
    """

    id: str
    name: str
    label: Any
    value: str
    place: str
    language: str = ""
    kind: str = "lines"
    choices: list[tuple[str, str]] = field(default_factory=list)
    count: Count | None = None
    notes: list[str] = field(default_factory=list)
    rows: int = 3
    is_folded: bool = False

    @property
    def anchor(self) -> str:
        """The id of the whole field, which findings point to."""
        return f"at-{self.place.replace(':', '-')}" if self.place else f"{self.id}-box"

    @property
    def token(self) -> str:
        """The mark of the text that this page shows."""
        return token(self.value)


def sent_of(request: HttpRequest) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return the texts that a form sent, the tokens of what it had read, and those texts themselves as far as they came along."""
    given = {name: str(value) for name, value in request.POST.items()}
    read = {name.removeprefix("read-"): value for name, value in given.items() if name.startswith("read-")}
    base = {name.removeprefix("base-"): value for name, value in given.items() if name.startswith("base-")}
    return {name: value for name, value in given.items() if not name.startswith(("read-", "base-"))}, read, base


def save_response(
    request: HttpRequest,
    saved: Saved,
    boxes: Iterable[Box],
    *,
    settle_url: str,
    changed_by: Callable[[str], str],
    extra: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """
    Return what a save answers: the new tokens; what was put together with someone else's words; with 409 both texts of
    every clash, each under its field, with the sentence that `changed_by` has for it; with 422 what could not be stored.
    """
    by_name = {box.name: box for box in boxes}
    told = {name for name in by_name if name in saved.changed or is_known(request, by_name[name])}
    context = {
        "saved": [by_name[name] for name in by_name if name in told and name not in saved.combined],
        "combined": [(by_name[name], token(mine)) for name, mine in saved.combined.items()],
        "clashes": [
            (by_name[clash.field], clash, token(clash.theirs), changed_by(clash.field)) for clash in saved.clashes
        ],
        "faults": [(by_name[name], says) for name, says in saved.faults.items()],
        "settle_url": settle_url,
        "now": timezone.now(),
        **(extra or {}),
    }
    status = 409 if saved.clashes else 422 if saved.faults else 200
    response = TemplateResponse(request, "bulletins/editing/fields/_kept.html", context, status=status)
    if saved.changed:
        response["HX-Trigger"] = "saved"
    return response


def is_known(request: HttpRequest, box: Box) -> bool:
    """
    Return whether a form sent the very text that is stored, by someone else, so that it counts as read from now on.
    """
    sent = request.POST.get(box.name)
    has_old_token = request.POST.get(f"read-{box.name}") != box.token
    return sent is not None and has_old_token and sent.replace("\r\n", "\n") == box.value


def refused(request: HttpRequest, refusal: NotAllowed) -> HttpResponse:
    """Return the sentence of a refusal; the page keeps what was typed."""
    says = render_to_string("bulletins/editing/fields/_refused.html", {"says": str(refusal)}, request)
    return HttpResponse(says, status=409 if str(refusal) == str(drafts.PUBLISHED_MEANWHILE) else 422)
