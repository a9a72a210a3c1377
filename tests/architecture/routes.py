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
    post_pk: int = 0
    recall_pk: int = 0


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
    "bulletins:answer": Route(EVERYONE, lambda scene: ["none"], answers=(404,)),
    "bulletins:answer_version": Route(EVERYONE, lambda scene: ["none", 1], answers=(404,)),
    "bulletins:answer_subtitles": Route(EVERYONE, lambda scene: ["none", 1, "fi"], answers=(404,)),
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
    "webhooks:inbound": Route(EVERYONE, lambda scene: ["mailgun"], answers=(405,)),
    # Contributors
    "bulletins:inputs": Route({Role.CONTRIBUTOR.value}),
    "bulletins:submit_input": Route({Role.CONTRIBUTOR.value}),
    "bulletins:input": Route({Role.CONTRIBUTOR.value}, lambda scene: [scene.input_pk]),
    "bulletins:input_sent": Route({Role.CONTRIBUTOR.value}, lambda scene: [scene.input_pk]),
    "bulletins:input_attachment": Route({Role.CONTRIBUTOR.value}, lambda scene: [scene.input_pk, scene.attachment_pk]),
    "handbook": Route(EVERYONE),
    "code_of_ethics": Route(EVERYONE),
    "certificates": Route(EVERYONE),
    "certificate": Route(EVERYONE, lambda scene: ["0000-0000-0000-0000"], answers=(404,)),
    "bulletins:questions_to_answer": Route({Role.CONTRIBUTOR.value}),
    "bulletins:to_answer": Route({Role.CONTRIBUTOR.value}, lambda scene: [0], answers=(404,)),
    "bulletins:to_answer_video": Route({Role.CONTRIBUTOR.value}, lambda scene: [0], answers=(404,)),
    # The API, which asks for an authority's token, whoever is logged in
    "api:openapi-json": Route(EVERYONE),
    "api:api-root": Route(EVERYONE, answers=(404,)),
    "api:inputs": Route(EVERYONE, answers=(401,)),
    "api:input": Route(EVERYONE, lambda scene: ["in-001"], answers=(401,)),
    "api:answer": Route(EVERYONE, lambda scene: ["in-001"], answers=(401, 405)),
    "api:cap": Route(EVERYONE, answers=(401, 405)),
    # Joining: the open form, and links that only those who were invited have (another one opens nothing)
    "joining:join": Route(EVERYONE, answers=(200, 302)),
    "joining:confirm": Route(EVERYONE, answers=(302,)),
    "joining:resend": Route(EVERYONE, answers=(405,)),
    "joining:invited": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    "joining:declined": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    # Influencers
    "influencers:home": Route({Role.INFLUENCER.value}),
    "influencers:offline_script": Route(EVERYONE),
    "influencers:offline_page": Route(EVERYONE),
    "influencers:bulletins": Route({Role.INFLUENCER.value}),
    "influencers:bulletin": Route({Role.INFLUENCER.value}, lambda scene: [scene.number]),
    "influencers:used": Route({Role.INFLUENCER.value}, lambda scene: [scene.number], answers=(405,)),
    "influencers:facts": Route({Role.INFLUENCER.value}),
    "influencers:kit": Route({Role.INFLUENCER.value}, lambda scene: [scene.slug]),
    "influencers:kit_used": Route({Role.INFLUENCER.value}, lambda scene: [scene.slug], answers=(405,)),
    "influencers:report": Route({Role.INFLUENCER.value}),
    "influencers:reports": Route({Role.INFLUENCER.value}),
    "influencers:recall": Route({Role.INFLUENCER.value}, lambda scene: [scene.recall_pk]),
    "influencers:recall_seen": Route({Role.INFLUENCER.value}, lambda scene: [scene.recall_pk], answers=(405,)),
    "influencers:recall_answer": Route({Role.INFLUENCER.value}, lambda scene: [scene.recall_pk], answers=(405,)),
    "influencers:recall_post": Route({Role.INFLUENCER.value}, lambda scene: [scene.recall_pk, 1], answers=(405,)),
    "influencers:settings": Route({Role.INFLUENCER.value}),
    "influencers:settings_language": Route({Role.INFLUENCER.value}, answers=(405,)),
    "influencers:settings_pace": Route({Role.INFLUENCER.value}, answers=(405,)),
    "influencers:settings_break": Route({Role.INFLUENCER.value}, answers=(405,)),
    "influencers:settings_snooze": Route({Role.INFLUENCER.value}, answers=(405,)),
    "influencers:settings_tracking": Route({Role.INFLUENCER.value}, answers=(405,)),
    "influencers:settings_wake": Route({Role.INFLUENCER.value}, lambda scene: [1], answers=(405,)),
    "influencers:settings_details": Route({Role.INFLUENCER.value}),
    "influencers:settings_data": Route({Role.INFLUENCER.value}),
    "influencers:leave": Route({Role.INFLUENCER.value}),
    "influencers:gone": Route(EVERYONE),
    "influencers:conversation": Route({Role.INFLUENCER.value}),
    "influencers:conversation_seen": Route({Role.INFLUENCER.value}, answers=(405,)),
    "influencers:harassed": Route({Role.INFLUENCER.value}),
    "influencers:harassed_taken_back": Route({Role.INFLUENCER.value}, answers=(405,)),
    "influencers:ask": Route({Role.INFLUENCER.value}),
    "influencers:questions": Route({Role.INFLUENCER.value}),
    "influencers:answer": Route({Role.INFLUENCER.value}, lambda scene: ["none"], answers=(404,)),
    "influencers:same": Route({Role.INFLUENCER.value}, lambda scene: [0], answers=(405,)),
    "influencers:pledge": Route({Role.INFLUENCER.value}),
    "influencers:pledge_sign": Route({Role.INFLUENCER.value}, answers=(405,)),
    "influencers:pledge_withdraw": Route({Role.INFLUENCER.value}, answers=(405,)),
    "influencers:handbook": Route({Role.INFLUENCER.value}),
    "influencers:posts": Route({Role.INFLUENCER.value}),
    "influencers:post_new": Route({Role.INFLUENCER.value}),
    "influencers:post": Route({Role.INFLUENCER.value}, lambda scene: [scene.post_pk]),
    "influencers:post_figures": Route({Role.INFLUENCER.value}, lambda scene: [scene.post_pk], answers=(405,)),
    "influencers:post_words": Route({Role.INFLUENCER.value}, lambda scene: [scene.post_pk], answers=(405,)),
    "influencers:post_corrected": Route({Role.INFLUENCER.value}, lambda scene: [scene.post_pk], answers=(405,)),
    "influencers:post_removed": Route({Role.INFLUENCER.value}, lambda scene: [scene.post_pk], answers=(405,)),
    "influencers:thanks": Route({Role.INFLUENCER.value}),
    "influencers:certificate": Route({Role.INFLUENCER.value}),
    "influencers:certificate_file": Route({Role.INFLUENCER.value}, lambda scene: ["fi"]),
    "influencers:handbook_lesson": Route({Role.INFLUENCER.value}, lambda scene: [1]),
    "influencers:code_lesson": Route({Role.INFLUENCER.value}, lambda scene: [1]),
}
