"""
A real browser opens pages that hold every payload. If one ran, it would say so: by a dialog, by calling `pwned`, by
asking another host for something, or by being somewhere else afterwards. The mail and the feed are opened without any
policy, as a mail program without one would.
"""

from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from bulletins.approval import approval_workflow
from bulletins.models import Bulletin
from campaigns.http import page_changes
from delivery.models import Message
from tests.support import builders

from . import payloads, scene

pytestmark = [
    pytest.mark.journey,
    pytest.mark.looks,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
]


class Watched:
    """A page, and what happened on it that may not."""

    def __init__(self, page: Any, site: str) -> None:
        self.page, self.site, self.where = page, site, ""
        self.happened: list[str] = []
        context = page.context
        context.expose_binding("pwned", lambda source, *values: self.note("pwned was called"))
        context.on("page", lambda other: self.note(f"a window opened: {other.url}"))
        page.on("dialog", self.dialog)
        page.on("request", self.request)
        page.on("download", lambda download: self.note(f"a download: {download.url}"))

    def note(self, what: str) -> None:
        """Write down what happened, with where."""
        self.happened.append(f"{self.where}: {what}")

    def dialog(self, dialog: Any) -> None:
        """Note a dialog and go on; a page's own question before it is left is no attack."""
        if dialog.type != "beforeunload":
            self.note(f"{dialog.type}: {dialog.message}")
        dialog.dismiss()

    def request(self, request: Any) -> None:
        """Note what is asked of another host."""
        if not request.url.startswith((self.site, "data:", "about:", "blob:")):
            self.note(f"asked for {request.url[:120]}")

    def open(self, path: str) -> None:
        """Open a page of the site, point at everything on it, and see whether it is still there."""
        self.where = path
        answer = self.page.goto(f"{self.site}{path}", wait_until="load")
        if answer is None or answer.status >= 400:
            self.note(f"answered {answer and answer.status}")
        here = self.page.url
        self.touch()
        if self.page.url.partition("#")[0] != here.partition("#")[0]:
            self.note(f"went to {self.page.url}")

    def show(self, name: str, html: str) -> None:
        """Show HTML by itself, with no policy."""
        self.where = name
        self.page.goto("about:blank")
        self.page.set_content(html, wait_until="load")
        self.touch()

    def touch(self) -> None:
        """Do what a reader's hand does: move over and focus what there is; nothing is pressed."""
        self.page.evaluate(
            """() => {
                for (const one of document.querySelectorAll("body *")) {
                    for (const kind of ["mouseover", "mouseenter", "focus", "animationstart", "toggle"])
                        one.dispatchEvent(new Event(kind, {bubbles: kind !== "focus"}));
                    if (one.tagName === "DETAILS") one.open = true;
                }
            }"""
        )
        for frame in self.page.frames[1:]:
            if frame.url.startswith("javascript:") or "evil.example" in frame.url:
                self.note(f"a frame at {frame.url}")
        links = self.page.evaluate(
            "[...document.querySelectorAll('a[href], area[href], form[action], [formaction]')].map(one => one.href?.baseVal ?? one.href ?? one.formAction ?? one.action)"
        )
        self.happened += [
            f"{self.where}: leads to {link!r}"
            for link in links
            if isinstance(link, str) and not link.startswith(("http://", "https://", "mailto:", "tel:")) and link
        ]
        self.page.wait_for_timeout(150)


def all_payloads() -> str:
    """Return every payload in one text, as an editor may write it."""
    return "\n\n".join(text.replace("\x00", "") for text in payloads.MARKDOWN)


def bulletin_of_payloads(campaign: Any, at: Any) -> Bulletin:
    """Return a published bulletin whose texts hold every payload, and whose correction waits for approval."""
    audience = builders.build_audience(campaign, size=1)
    bulletin = builders.build_bulletin(campaign, audiences=[audience], at=at, variants=True)
    words = scene.harmful()
    for edition in bulletin.editions.all():
        type(edition).objects.filter(pk=edition.pk).update(
            title=words.line(160), subject=words.line(60), preheader=words.line(90), body=all_payloads()
        )
        edition.variants.update(caption=all_payloads()[:2_000], alt_text=words.some()[:400])
    bulletin.key_messages.update(text={code: words.line(200) for code in builders.LANGUAGES})
    bulletin.calls_to_action.update(text={code: words.line(200) for code in builders.LANGUAGES})
    builders.published(bulletin, at=at)
    return bulletin


def test_nothing_runs_in_a_real_browser(campaign, live_site, browser, browse_as, page, roles, settings):
    at = timezone.now().replace(microsecond=0)
    bulletin = bulletin_of_payloads(campaign, at)
    waiting = builders.build_bulletin(campaign, at=at)
    for edition in waiting.editions.all():
        type(edition).objects.filter(pk=edition.pk).update(body=all_payloads())
    approval_workflow.submit(waiting, by=builders.editor(), at=at)
    message = Message.objects.get(mailing__version__bulletin=bulletin, language="en")
    scene.fill(campaign, at=at)
    number = bulletin.number
    html = message.html.replace("\ue000", "https://bulletins.example/").replace("\ue001", "/")
    scene.write_over(scene.harmful(), at=at)
    page_changes.changed()
    cache.clear()

    watched = Watched(page, live_site)
    for path in (
        f"/en/bulletins/{number}/", "/en/bulletins/", f"/en/embed/{number}/", "/en/", "/en/facts/", "/en/facts/claim-1/", "/en/answers/",
        "/en/about/corrections/", "/en/handbook/", "/en/code-of-ethics/", "/en/check/?text=%3Cimg%20src%3Dx%20onerror%3Dpwned(1)%3E",
        "/en/bulletins/?q=%22%3E%3Cscript%3Epwned(1)%3C/script%3E", "/en/join/",
    ):  # fmt: skip
        watched.open(path)
    watched.show("the mail", html)
    watched.show("the mail's text", f"<pre>{message.text}</pre>" if "<" not in message.text else "<p></p>")
    items = page.request.get(f"{live_site}/en/feeds/feed.json").json()["items"]
    for item in items:
        watched.show(f"the feed's {item['id']}", item.get("content_html", ""))

    browse_as(User.objects.get(email="ines-1@example.org"))
    for path in (
        "/en/portal/",
        f"/en/portal/bulletins/{number}/",
        "/en/portal/conversation/",
        "/en/portal/thanks/",
        "/en/portal/code-of-ethics/",
        "/en/portal/questions/",
        "/en/portal/facts/",
    ):
        watched.open(path)

    browse_as(User.objects.create_superuser("boss@example.org", name="<img src=x onerror=pwned(1)>"))
    thread, claim, post = (
        builders_first(name) for name in ("influencers.Thread", "factcheck.Claim", "influencers.Influencer")
    )
    for path in (
        "/desk/", f"/desk/bulletins/bulletin/{waiting.pk}/change/", f"/desk/bulletins/bulletin/{waiting.pk}/read/",
        *(f"/desk/bulletins/bulletin/{waiting.pk}/preview/?as={form}&language=en" for form in ("mail", "portal", "text")),
        f"/desk/influencers/thread/{thread.pk}/change/", f"/desk/factcheck/claim/{claim.pk}/change/",
        f"/desk/influencers/influencer/{post.pk}/change/", "/desk/bulletins/bulletin/", "/desk/influencers/influencer/",
        "/desk/accounts/auditentry/", f"/desk/campaigns/campaign/{campaign.pk}/change/", "/desk/influencers/unmatchedmail/",
        "/desk/questions/questiongroup/", "/desk/bulletins/messageinput/", "/desk/bulletins/bulletin/calendar/",
    ):  # fmt: skip
        watched.open(path)

    assert watched.happened == []


def builders_first(label: str) -> Any:
    """Return the first row of a model."""
    from django.apps import apps

    return apps.get_model(label)._default_manager.order_by("pk").first()


def test_the_watch_would_notice(live_site, page, campaign):
    """Each thing that is watched for is seen when it happens; otherwise the test above could not fail."""
    watched = Watched(page, live_site)
    for name, html in {
        "script": "<script>pwned(1)</script>",
        "handler": "<img src=x onerror=pwned(1)>",
        "dialog": "<script>alert(1)</script>",
        "request": "<img src=https://evil.example/a.png>",
        "link": "<a href='javascript:pwned(1)'>x</a>",
        "hover": "<p onmouseover=pwned(1)>x</p>",
    }.items():
        before = len(watched.happened)
        page.goto("about:blank")
        watched.where = name
        page.set_content(html, wait_until="load")
        watched.touch()
        page.wait_for_timeout(300)
        assert len(watched.happened) > before, name
