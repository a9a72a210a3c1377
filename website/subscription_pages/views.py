"""Subscribing to the digest: the form, the link that confirms, and a subscriber's preferences."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import rate_limit
from campaigns.http.requests import CampaignRequest
from campaigns.models import Topic
from campaigns.translated_fields import in_language
from delivery.links import confirmation_links, preference_links
from delivery.links.signing import BadLink
from delivery.models import Consent, NewAddress, SignUp, Subscription
from delivery.recipients import recipient_erasure
from delivery.subscriptions import double_opt_in, signup, subscription_choices
from lib.http.form_origin import is_from_elsewhere
from website.digests import publication_order

from . import options
from .forms import AddressForm, PauseForm, PreferencesForm, SubscribeForm
from .options import Offer

View = Callable[..., HttpResponse]
STATUS: dict[type[BadLink], int] = {confirmation_links.ExpiredLink: 410, confirmation_links.EarlyLink: 409}


# --- To subscribe ----------------------------------------------------------------------------------


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: CampaignRequest) -> HttpResponse:
    """
    Show the form, and take it in. The answer is the same whatever is known of the address.

    The form is on pages that are cached for everyone, so it has neither cookie nor token. Posts from other sites are
    told by what the browser says of where they come from. One that came through would bring about a mail that asks
    whether someone wants to subscribe, which anyone can do here anyway.
    """
    campaign, now = request.campaign, timezone.now()
    if campaign is None:
        return render(request, "website/subscription_pages/subscribe.html", {"form": None})
    if request.method != "POST":
        return render(request, "website/subscription_pages/subscribe.html", {"form": SubscribeForm(campaign, at=now)})
    if is_from_elsewhere(request):
        return render(request, "website/subscription_pages/elsewhere.html", status=403)
    form = SubscribeForm(campaign, request.POST, at=now)
    if not form.is_valid():
        return render(request, "website/subscription_pages/subscribe.html", {"form": form}, status=422)
    try:
        signup.request_subscription(
            campaign,
            email=form.cleaned_data["email"],
            audience=form.offer.audience,
            topics=form.topic_keys(),
            language=form.cleaned_data["language"],
            text_version=options.CONSENT_TEXT,
            read_in=get_language() or "",
            source=options.SOURCE,
            place=rate_limit.client_address(request),
            at=now,
        )
    except signup.TooManySignups as refusal:
        return render(
            request, "website/subscription_pages/subscribe.html", {"form": form, "too_many": refusal}, status=429
        )
    return redirect("subscriptions:sent")


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way, and what to do when none comes."""
    return render(request, "website/subscription_pages/sent.html")


# --- By a link of a mail ---------------------------------------------------------------------------


def by_link(view: View) -> View:
    """
    Return a view whose address is a key: it is kept out of caches, search engines and the addresses that browsers tell
    others. A link that opens nothing gets a page that says why.

    Nothing but the link gives a right here, no cookie does: another site has nothing to ride on.
    """

    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except BadLink as refusal:
            status = STATUS.get(type(refusal), 404)
            response = render(request, "website/subscription_pages/bad_link.html", {"refusal": refusal}, status=status)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return csrf_exempt(never_cache(opened))


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, which changes nothing since mail scanners follow links; subscribe on POST."""
    now = timezone.now()
    row = double_opt_in.read(token, at=now)
    if request.method != "POST":
        return render(request, "website/subscription_pages/confirm.html", what_is_confirmed(row, at=now))
    is_new = isinstance(row, SignUp)
    upto = publication_order.last_number(double_opt_in.campaign_of(row)) if is_new else 0
    subscription = double_opt_in.confirm(token, upto=upto, at=now)
    return to_preferences(subscription, "subscribed" if is_new else "moved")


def what_is_confirmed(row: SignUp | NewAddress, *, at: datetime) -> dict[str, Any]:
    """Return what the page says that someone confirms."""
    campaign = double_opt_in.campaign_of(row)
    if isinstance(row, NewAddress):
        return {"email": row.email, "is_new": False, "texts": names_of(campaign)}
    offers = options.offers_of(campaign, at=at)
    return {
        "email": row.email,
        "is_new": True,
        "texts": names_of(campaign),
        "offer": next((offer for offer in offers if offer.audience.pk == row.audience_id), None),
        "audience": row.audience,
        "topics": topics_in(row.topics.topic_ids),
        "language": row.language,
    }


def to_preferences(subscription: Subscription, done: str) -> HttpResponse:
    """Lead to a subscriber's preferences, which then say what was done."""
    links = preference_links.PreferenceLinks(subscription.campaign_id, get_language() or "")
    path = reverse(
        "subscriptions:preferences", args=[links.token(subscription.recipient_id, subscription.recipient.email)]
    )
    return HttpResponseRedirect(f"{path}?done={done}", status=303)


# --- Preferences -----------------------------------------------------------------------------------


@dataclass
class Page:
    """A subscriber's preferences: the subscription, what there is to choose, and the forms, one of them as it was sent."""

    subscription: Subscription
    at: datetime
    offers: list[Offer]
    topics: list[Topic]
    filled: dict[str, forms.Form] = field(default_factory=dict)

    @classmethod
    def of(cls, subscription: Subscription, *, at: datetime) -> "Page":
        """Return the page of a subscription as it stands."""
        campaign = subscription.campaign
        topics = options.topics_of(campaign, at=at)
        missing = subscription.topics.topic_ids - {topic.pk for topic in topics}
        page = cls(subscription, at, options.offers_of(campaign, at=at), topics + topics_in(missing))
        page.filled = {name: page.form(name, None) for name in FORMS}
        return page

    def form(self, name: str, data: Any) -> forms.Form:
        """Return one of the forms, filled in with `data` if there is any."""
        return FORMS[name](self, data)

    @property
    def offer(self) -> Offer | None:
        """How the digest comes; None for one that comes no more."""
        return next((one for one in self.offers if one.audience.pk == self.subscription.audience_id), None)

    @property
    def offers_urgent(self) -> bool:
        """Whether there is a digest of what is urgent."""
        return any(one.only_urgent for one in self.offers)

    @property
    def urgent(self) -> Offer | None:
        """The digest of what is urgent, where there is one that the subscriber has not chosen."""
        mine = self.subscription.audience_id
        return next((one for one in self.offers if one.only_urgent and one.audience.pk != mine), None)

    @property
    def chosen(self) -> list[Topic]:
        """The topics that it tells of; none for everything."""
        return [topic for topic in self.topics if topic.pk in self.subscription.topics.topic_ids]


FORMS: dict[str, Callable[[Page, Any], forms.Form]] = {
    "choices": lambda page, data: PreferencesForm(page.subscription, page.offers, page.topics, data),
    "pause": lambda page, data: PauseForm(page.subscription.campaign, data, at=page.at),
    "address": lambda page, data: AddressForm(data),
}


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a subscriber gets and what happens next, and change what one form of it says."""
    subscription, now = subscription_choices.read(token), timezone.now()
    with timezone.override(subscription.campaign.zone):
        page = Page.of(subscription, at=now)
        if request.method != "POST":
            return shown(request, token, page, done=request.GET.get("done", ""))
        what = request.POST.get("what", "")
        if what == "erase" and "sure" in request.POST:
            return forgotten(request, is_all=recipient_erasure.erase_reader(subscription, at=now))
        try:
            done = change(request, page, what)
        except subscription_choices.NotChanged as refusal:
            return shown(request, token, page, refusal=refusal, status=422)
        if not done:
            return shown(request, token, page, wrong=what, status=422)
        subscription.refresh_from_db()
        return to_preferences(subscription, done)


def forgotten(request: HttpRequest, *, is_all: bool) -> HttpResponse:
    """Say that someone was forgotten. Their link opens nothing any more, so this is said at once."""
    return render(request, "website/subscription_pages/erased.html", {"is_all": is_all})


def change(request: HttpRequest, page: Page, what: str) -> str:
    """Do what was asked for and return its name; "" when something is wrong in its form. Raise NotChanged."""
    subscription = page.subscription
    if what == "erase":
        return ""  # it was not said that it is meant
    if what == "resume":
        subscription_choices.resume(subscription, at=page.at)
    elif what == "urgent" and page.urgent:
        subscription_choices.change_cadence(subscription, page.urgent.audience, at=page.at)
    elif what == "leave":
        subscription_choices.end_subscription(subscription, at=page.at)
    elif what not in FORMS:
        raise subscription_choices.NotChanged(_("That choice does not exist. Choose again on this page."))
    else:
        form = page.filled[what] = page.form(what, request.POST)
        if not form.is_valid():
            return ""
        CHANGES[what](request, page, form)
    return what


CHANGES: dict[str, Callable[[HttpRequest, Page, Any], None]] = {
    "choices": lambda request, page, form: subscription_choices.choose(
        page.subscription,
        audience=form.audience,
        topics=form.topic_keys(),
        language=form.cleaned_data["language"],
        prefers_easy=form.cleaned_data["easy"],
        at=page.at,
    ),
    "pause": lambda request, page, form: subscription_choices.pause(page.subscription, until=form.ends(), at=page.at),
    "address": lambda request, page, form: subscription_choices.request_address_change(
        page.subscription, form.cleaned_data["email"], place=rate_limit.client_address(request), at=page.at
    ),
}


def shown(request: HttpRequest, token: str, page: Page, *, status: int = 200, **more: Any) -> HttpResponse:
    """Return the page of a subscriber's preferences."""
    subscription = page.subscription
    waiting = NewAddress.objects.filter(subscription=subscription, moved_at=None).first()
    context = {
        "page": page,
        "token": token,
        "subscription": subscription,
        "texts": names_of(subscription.campaign),
        "has_ended": subscription.campaign.closed_at is not None,
        "consent": consent_of(subscription),
        "new_address": waiting.email if waiting else "",
    }
    return render(request, "website/subscription_pages/preferences.html", context | more, status=status)


@by_link
@require_safe
def data(request: HttpRequest, token: str) -> HttpResponse:
    """Hand out what is kept of a subscriber, for a machine to read."""
    subscription = subscription_choices.read(token)
    consent = consent_of(subscription)
    with override("en"):
        topics = [in_language(topic.name) for topic in topics_in(subscription.topics.topic_ids)]
    kept = {
        "address": subscription.recipient.email,
        "campaign": subscription.campaign.slug,
        "digest": subscription.audience.slug,
        "language": subscription.language,
        "prefers_easy_language": subscription.prefers_easy,
        "topics": topics,
        "subscribed": subscription.subscribed_at,
        "paused_until": subscription.paused_until,
        "left": subscription.left_at,
        "consent": consent
        and {
            "text_version": consent.text_version,
            "language": consent.language,
            "source": consent.source,
            "given": consent.given_at,
            "confirmed": consent.confirmed_at,
            "withdrawn": consent.withdrawn_at,
        },
    }
    disposition = {"Content-Disposition": 'attachment; filename="subscription.json"'}
    return JsonResponse(kept, json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=disposition)


# --- Parts -----------------------------------------------------------------------------------------


def consent_of(subscription: Subscription) -> Consent | None:
    """Return what a subscriber agreed to last; one query."""
    mine = Consent.objects.filter(recipient=subscription.recipient_id, purpose=Consent.Purpose.DIGEST)
    return mine.order_by("-given_at", "-pk").first()


def names_of(campaign: Any) -> dict[str, str]:
    """Return a campaign's name in each of its languages; one query."""
    return {row.code: row.name for row in campaign.languages.all()}


def topics_in(keys: Any) -> list[Topic]:
    """Return the topics of some keys, by name; a query if there are any."""
    found = Topic.objects.filter(pk__in=keys) if keys else []
    return sorted(found, key=lambda topic: in_language(topic.name).casefold())
