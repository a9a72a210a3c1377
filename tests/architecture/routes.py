"""
Who may open what: every address of the site with the roles that it is for.

A route that is not here fails the tests, and so does one that is here and no longer exists. The desk is one
group: everything under /desk/ is for staff, and for each model the table in accounts/roles.py says the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.roles import STAFF, Role

ANONYMOUS = "anonymous"
ROLES = {role.value for role in Role}
EVERYONE = {ANONYMOUS} | ROLES
SIGNED_IN = ROLES
DESK_ROLES = {role.value for role in STAFF}
DESK_PREFIX = "desk/"


@dataclass(frozen=True)
class Scene:
    """What there is to look at when the routes are walked."""

    number: int
    slug: str
    claim_pk: int
    input_pk: int
    attachment_pk: int
    token: str
    read_token: str
    asset: str
    copy_pk: int = 0


@dataclass(frozen=True)
class Route:
    """
    Who may open a route, with which arguments, and how it answers a GET from them.

    Somebody else gets 403 or 404; whoever is not logged in is led to the login, or gets the same.
    """

    who: set[str]
    arguments: Callable[[Scene], list[Any]] = lambda scene: []
    answers: tuple[int, ...] = (200,)


ROUTES: dict[str, Route] = {
    # The site
    "front_door": Route(EVERYONE, answers=(302,)),
    "home": Route(EVERYONE),
    "health_live": Route(EVERYONE),
    "health_ready": Route(EVERYONE, answers=(200, 503)),
    "media": Route(EVERYONE, lambda scene: [scene.asset]),
    "set_language": Route(EVERYONE, answers=(302, 204)),
    # Logging in
    "account_login": Route(EVERYONE, answers=(200, 302)),
    "account_logout": Route(EVERYONE, answers=(200, 302)),
    "account_inactive": Route(EVERYONE),
    "account_request_login_code": Route(EVERYONE, answers=(200, 302)),
    "account_confirm_login_code": Route(EVERYONE, answers=(200, 302)),
    # What everyone may read
    "bulletins:archive": Route(EVERYONE),
    "bulletins:bulletin": Route(EVERYONE, lambda scene: [scene.number]),
    "bulletins:version": Route(EVERYONE, lambda scene: [scene.number, 1], answers=(200, 302)),
    "bulletins:answers": Route(EVERYONE),
    "bulletins:check": Route(EVERYONE),
    "factcheck:claims": Route(EVERYONE),
    "factcheck:report": Route(EVERYONE),
    "factcheck:reported": Route(EVERYONE),
    "short_fact": Route(EVERYONE, lambda scene: [scene.claim_pk], answers=(302,)),
    "factcheck:claim": Route(EVERYONE, lambda scene: [scene.slug]),
    "factcheck:copy": Route(EVERYONE, lambda scene: [scene.copy_pk]),
    "factcheck:feed": Route(EVERYONE),
    "factcheck:claims_data": Route(EVERYONE),
    "factcheck:claimreview_data": Route(EVERYONE),
    "factcheck:version": Route(EVERYONE, lambda scene: [scene.slug, 1], answers=(302,)),
    "factcheck:card": Route(EVERYONE, lambda scene: [scene.slug, 1, "fi", "1x1"]),
    "factcheck:corrections": Route(EVERYONE),
    "factcheck:policy": Route(EVERYONE),
    "delivery:unsubscribe": Route(EVERYONE, lambda scene: [scene.token]),
    "delivery:read": Route(EVERYONE, lambda scene: [scene.read_token]),
    # Where providers report, who show a secret or sign
    "webhooks:report": Route(EVERYONE, lambda scene: ["mailgun"], answers=(405,)),
    "webhooks:mail": Route(EVERYONE, answers=(405,)),
    # Contributors
    "bulletins:inputs": Route({Role.CONTRIBUTOR.value}),
    "bulletins:submit_input": Route({Role.CONTRIBUTOR.value}),
    "bulletins:input": Route({Role.CONTRIBUTOR.value}, lambda scene: [scene.input_pk]),
    "bulletins:input_sent": Route({Role.CONTRIBUTOR.value}, lambda scene: [scene.input_pk]),
    "bulletins:input_attachment": Route({Role.CONTRIBUTOR.value}, lambda scene: [scene.input_pk, scene.attachment_pk]),
    # The API, which asks for an authority's token, whoever is logged in
    "api:openapi-json": Route(EVERYONE),
    "api:api-root": Route(EVERYONE, answers=(404,)),
    "api:inputs": Route(EVERYONE, answers=(401,)),
    "api:input": Route(EVERYONE, lambda scene: ["in-001"], answers=(401,)),
    "api:answer": Route(EVERYONE, lambda scene: ["in-001"], answers=(401, 405)),
    "api:cap": Route(EVERYONE, answers=(401, 405)),
    # Influencers
    "influencers:home": Route({Role.INFLUENCER.value}),
    "influencers:bulletin": Route({Role.INFLUENCER.value}, lambda scene: [scene.number]),
    "influencers:facts": Route({Role.INFLUENCER.value}),
    "influencers:kit": Route({Role.INFLUENCER.value}, lambda scene: [scene.slug]),
    "influencers:kit_used": Route({Role.INFLUENCER.value}, lambda scene: [scene.slug], answers=(405,)),
    "influencers:report": Route({Role.INFLUENCER.value}),
    "influencers:reports": Route({Role.INFLUENCER.value}),
    "influencers:pledge": Route({Role.INFLUENCER.value}),
    "influencers:handbook": Route({Role.INFLUENCER.value}),
}
