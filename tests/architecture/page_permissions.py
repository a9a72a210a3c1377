"""
Who may open what: every address of the site and of the desk with what it needs.

A route that is not here fails the tests, and so does one that is here and no longer exists. Who may open a route follows
from the table in accounts/access/permissions.py; nothing of it is written a second time. The lists, forms and pages that the desk has for
each of its models need what Django asks for them; its other addresses are in DESK.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from accounts.access.permissions import PERMISSIONS
from accounts.access.roles import STAFF, Role

ANONYMOUS = "anonymous"
NO_ROLE = "no role"  # someone who logs in and has none
CLOSED = "closed account"  # an editor whose account was closed while they were logged in
ROLES = {role.value for role in Role}
SIGNED_IN = ROLES | {NO_ROLE}
EVERYONE = SIGNED_IN | {ANONYMOUS, CLOSED}
DESK_ROLES = {role.value for role in STAFF}
DESK_PREFIX = "desk/"


def whoever_may(permission: str) -> set[str]:
    """Return the roles that have a permission."""
    return {role.value for role, names in PERMISSIONS.items() if permission in names}


CONTRIBUTORS = whoever_may("bulletins.submit_messageinput")
INFLUENCERS = whoever_may("influencers.use_portal")
PARTNERS = whoever_may("stories.keep_offer")
MUNICIPALITIES = whoever_may("stories.send_story")
CREATORS = whoever_may("stories.take_commission")


@dataclass(frozen=True)
class Scene:
    """
    What there is to look at when the routes are walked. `theirs` is the same of someone else's, or of another campaign.
    """

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
    group_pk: int = 0
    offer_pk: int = 0
    meeting_pk: int = 0
    open_commission_pk: int = 0
    work_pk: int = 0
    picture_pk: int = 0
    story_key: str = ""
    own_story_key: str = ""
    upload_key: str = ""
    story_file_pk: int = 0
    join_token: str = ""
    consent_token: str = ""
    theirs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """
    Who may open a route, with which arguments, and how it answers a GET from them.

    Someone else gets 403 or 404; whoever is not logged in is led to the login, or gets the same. `theirs` are arguments
    that name someone else's rows, or another campaign's: they are 404 for everyone, whoever may open the route. `sent`
    is what is posted to them where nothing else would be looked at. `page` are arguments that open the route's page,
    where `arguments` name what is not there.
    """

    who: set[str]
    arguments: Callable[[Scene], list[Any]] = lambda scene: []
    answers: tuple[int, ...] = (200,)
    theirs: tuple[Callable[[Scene], list[Any]], ...] = ()
    sent: dict[str, str] = field(default_factory=dict)
    page: Callable[[Scene], list[Any]] | None = None


def preferences(scene: Scene) -> list[Any]:
    """Return what names a subscriber's own page."""
    from delivery.links.preference_links import PreferenceLinks
    from delivery.models import Subscription

    one = Subscription.objects.select_related("recipient", "audience").earliest("pk")
    return [PreferenceLinks(one.audience.campaign_id, "en").token(one.recipient_id, one.recipient.email)]


def invitation(scene: Scene) -> list[Any]:
    """Return what an invitation's link names."""
    from influencers.models import Invitation
    from influencers.onboarding import invitations

    return [invitations.token_of(Invitation.objects.earliest("pk"))]


def contribution(scene: Scene) -> list[Any]:
    """Return what the link of whoever sent a contribution names."""
    from stories.contributions import sender_links
    from stories.models import Contribution

    return [sender_links.token_of(Contribution.objects.filter(prompt__slug="afterwards").earliest("pk"))]


def seed(scene: Scene) -> list[Any]:
    """Return what the link names that asks an address whether it wants test mails."""
    from delivery.models import SeedAddress
    from delivery.seeds import seed_list

    return [seed_list.token_of(SeedAddress.objects.earliest("pk"))]


def code(scene: Scene) -> list[Any]:
    """Return what is printed on a certificate."""
    from influencers.models import Certificate

    return [Certificate.objects.earliest("pk").code]


def code_of_a_card(scene: Scene) -> list[Any]:
    """Return the code of a published key message."""
    from bulletins.media import message_cards
    from bulletins.models import Bulletin
    from campaigns.cards import check_codes

    bulletin = Bulletin.objects.select_related("campaign").get(number=scene.number, campaign__slug="harjoitus")
    said = [spec.statement for spec in message_cards.specs_of(bulletin)]
    at = bulletin.versions.latest("number").published_at
    return [check_codes.give(bulletin.campaign, check_codes.Kind.BULLETIN, bulletin.pk, said, at=at)[said[0]]]


def meeting_invitation(scene: Scene) -> list[Any]:
    """Return what the link in an invitation to a meeting names."""
    from stories.exchanges.answers import answer_links
    from stories.models import MeetingInvitation

    return [answer_links.token_of(MeetingInvitation.objects.earliest("pk"))]


def follow_up(scene: Scene) -> list[Any]:
    """Return what the link in a reminder of a follow-up names."""
    from stories.exchanges.answers import answer_links
    from stories.models import FollowUp

    return [answer_links.token_of_follow_up(FollowUp.objects.earliest("pk"))]


def seen_link(scene: Scene) -> list[Any]:
    """Return what names somebody in the link by which they say that they have seen a bulletin."""
    from delivery.links.seen_links import SeenLinks
    from influencers.models import AskedPartner

    rows = AskedPartner.objects.filter(influencer__state="active")
    asked = rows.select_related("request__version", "influencer__recipient").earliest("pk")
    recipient = asked.influencer.recipient
    return [SeenLinks(asked.request.version.mailing_id, "en").token(recipient.pk, recipient.email)]


def short_seen_code(scene: Scene) -> list[Any]:
    """Return what stands in the short link of a text message."""
    from delivery.links.seen_links import ShortSeenLinks
    from influencers.models import AskedPartner

    rows = AskedPartner.objects.filter(influencer__state="active")
    asked = rows.select_related("request__version", "influencer__recipient").earliest("pk")
    recipient = asked.influencer.recipient
    return [ShortSeenLinks(asked.request.version.mailing_id).of(recipient.pk, recipient.email).rpartition("/")[2]]


ROUTES: dict[str, Route] = {
    # The site
    "bare_address": Route(EVERYONE, answers=(302,)),
    "home": Route(EVERYONE),
    "short_codes": Route(EVERYONE, answers=(302,)),
    "short_code": Route(EVERYONE, lambda scene: ["7K2F9QTD"], answers=(302,)),
    "security_txt": Route(EVERYONE, answers=(404,)),
    "health_live": Route(EVERYONE),
    "health_ready": Route(EVERYONE, answers=(200, 503)),
    "health_serving": Route(EVERYONE, answers=(200, 503)),
    "metrics": Route(EVERYONE, answers=(404,)),  # nobody without the token
    "media": Route(EVERYONE, lambda scene: [scene.asset]),
    "archive": Route(EVERYONE, lambda scene: [scene.slug], answers=(404,)),  # until somebody lets anyone have it
    "set_language": Route(EVERYONE, answers=(302, 204)),
    # Logging in
    "account_login": Route(EVERYONE, answers=(200, 302)),
    "account_logout": Route(EVERYONE, answers=(200, 302)),
    "account_inactive": Route(EVERYONE),
    "account": Route(SIGNED_IN),
    "account_sessions": Route(SIGNED_IN),
    "account_session_end": Route(SIGNED_IN, answers=(405,)),
    "account_log_out_everywhere": Route(SIGNED_IN, answers=(405,)),
    "account_session": Route(EVERYONE),
    "account_password": Route(DESK_ROLES),
    "account_data": Route(SIGNED_IN),
    "account_data_file": Route(SIGNED_IN),
    "account_first": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    "account_request_login_code": Route(EVERYONE, answers=(200, 302)),
    "account_confirm_login_code": Route(EVERYONE, answers=(200, 302)),
    "account_login_link": Route(EVERYONE, lambda scene: ["cut"], answers=(200, 302, 404)),
    "mfa_login_webauthn": Route(EVERYONE, answers=(302,)),
    "mfa_authenticate": Route(EVERYONE, answers=(302,)),
    "identity": Route(EVERYONE, answers=(405,)),
    "openid_connect_callback": Route(set(), lambda scene: ["staff"]),  # there is none unless the settings name one
    # Proving once more who one is: whoever has another way is led to it
    "account_reauthenticate": Route(SIGNED_IN, answers=(302,)),
    "mfa_reauthenticate": Route(SIGNED_IN, answers=(302,)),
    "mfa_reauthenticate_webauthn": Route(SIGNED_IN, answers=(302,)),
    "account_confirm_by_mail": Route(SIGNED_IN),
    "account_go_on": Route(SIGNED_IN, answers=(302,)),
    # The second factor
    "mfa_index": Route(DESK_ROLES),
    "mfa_activate_totp": Route(DESK_ROLES),
    "mfa_deactivate_totp": Route(set()),  # there is nothing to take away
    "mfa_add_webauthn": Route(DESK_ROLES),
    "mfa_remove_webauthn": Route(set(), lambda scene: [0]),
    "mfa_edit_webauthn": Route(set(), lambda scene: [0]),
    "mfa_view_recovery_codes": Route(set()),
    "mfa_generate_recovery_codes": Route(DESK_ROLES),
    # What everyone may read
    "website:archive": Route(EVERYONE),
    "website:bulletin": Route(EVERYONE, lambda scene: [scene.number], theirs=(lambda scene: [scene.theirs["number"]],)),
    "website:version": Route(
        EVERYONE,
        lambda scene: [scene.number, 1],
        answers=(200, 302),
        theirs=(lambda scene: [scene.theirs["number"], 1],),
    ),
    "website:answers": Route(EVERYONE),
    "website:answer": Route(EVERYONE, lambda scene: ["none"], answers=(404,)),
    "website:answer_version": Route(EVERYONE, lambda scene: ["none", 1], answers=(404,)),
    "website:answer_card": Route(EVERYONE, lambda scene: ["none", 1, "fi", "1x1"], answers=(404,)),
    "website:answer_subtitles": Route(EVERYONE, lambda scene: ["none", 1, "fi"], answers=(404,)),
    "website:help": Route(EVERYONE),
    "website:about": Route(EVERYONE),
    "website:corrections": Route(EVERYONE),
    "website:accessibility": Route(EVERYONE),
    "website:privacy": Route(EVERYONE),
    "robots": Route(EVERYONE),
    "sitemap": Route(EVERYONE),
    "sitemap_part": Route(EVERYONE, lambda scene: [1]),
    "website:check": Route(EVERYONE),
    "website:status": Route(EVERYONE),
    "website:status_data": Route(EVERYONE),
    "subscriptions:subscribe": Route(EVERYONE),
    "subscriptions:sent": Route(EVERYONE),
    "subscriptions:confirm": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    "subscriptions:preferences": Route(EVERYONE, lambda scene: ["cut"], answers=(404,), page=preferences),
    "subscriptions:data": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    "website:feeds": Route(EVERYONE),
    "website:rss": Route(EVERYONE),
    "website:atom": Route(EVERYONE),
    "website:json_feed": Route(EVERYONE),
    "website:codes": Route(EVERYONE),
    "website:code": Route(EVERYONE, lambda scene: ["7K2F9QTD"], answers=(404,), page=code_of_a_card),
    "website:calendar": Route(EVERYONE),
    "website:embed": Route(EVERYONE),
    "website:embed_bulletin": Route(
        EVERYONE, lambda scene: [scene.number], theirs=(lambda scene: [scene.theirs["number"]],)
    ),
    "alerts": Route(EVERYONE),
    "alert": Route(EVERYONE, lambda scene: [f"harjoitus-{scene.number}-v1"]),
    "oembed": Route(EVERYONE, answers=(404,)),
    "factcheck:claims": Route(EVERYONE),
    "factcheck:report": Route(EVERYONE),
    "factcheck:reported": Route(EVERYONE),
    "short_fact": Route(
        EVERYONE, lambda scene: [scene.claim_pk], answers=(302,), theirs=(lambda scene: [scene.theirs["claim_pk"]],)
    ),
    "factcheck:claim": Route(EVERYONE, lambda scene: [scene.slug], theirs=(lambda scene: [scene.theirs["slug"]],)),
    "factcheck:copy": Route(EVERYONE, lambda scene: [scene.copy_pk]),
    "factcheck:feed": Route(EVERYONE),
    "factcheck:claims_data": Route(EVERYONE),
    "factcheck:claimreview_data": Route(EVERYONE),
    "factcheck:version": Route(
        EVERYONE, lambda scene: [scene.slug, 1], answers=(302,), theirs=(lambda scene: [scene.theirs["slug"], 1],)
    ),
    "factcheck:card": Route(
        EVERYONE,
        lambda scene: [scene.slug, 1, "fi", "1x1"],
        theirs=(lambda scene: [scene.theirs["slug"], 1, "fi", "1x1"],),
    ),
    "factcheck:corrections": Route(EVERYONE),
    "factcheck:policy": Route(EVERYONE),
    "delivery:unsubscribe": Route(EVERYONE, lambda scene: [scene.token]),
    "delivery:seed": Route(EVERYONE, lambda scene: ["cut"], answers=(404,), page=seed),
    "delivery:read": Route(EVERYONE, lambda scene: [scene.read_token]),
    # Where providers report, who show a secret or sign
    "webhooks:report": Route(EVERYONE, lambda scene: ["mailgun"], answers=(405,)),
    "webhooks:sms_report": Route(EVERYONE, lambda scene: ["sms"], answers=(405,)),
    "webhooks:sms_message": Route(EVERYONE, lambda scene: ["sms"], answers=(405,)),
    "webhooks:mail": Route(EVERYONE, answers=(405,)),
    "webhooks:telegram": Route(EVERYONE, answers=(405,)),
    "webhooks:whatsapp": Route(EVERYONE, answers=(404,)),
    "webhooks:inbound": Route(EVERYONE, lambda scene: ["mailgun"], answers=(405,)),
    # Contributors
    "intake:inputs": Route(CONTRIBUTORS),
    "intake:submit_input": Route(CONTRIBUTORS),
    "intake:input": Route(
        CONTRIBUTORS, lambda scene: [scene.input_pk], theirs=(lambda scene: [scene.theirs["input_pk"]],)
    ),
    "intake:input_sent": Route(
        CONTRIBUTORS, lambda scene: [scene.input_pk], theirs=(lambda scene: [scene.theirs["input_pk"]],)
    ),
    "intake:input_attachment": Route(
        CONTRIBUTORS,
        lambda scene: [scene.input_pk, scene.attachment_pk],
        theirs=(
            lambda scene: [scene.theirs["input_pk"], scene.theirs["attachment_pk"]],
            lambda scene: [scene.input_pk, scene.theirs["attachment_pk"]],
        ),
    ),
    "handbook": Route(EVERYONE),
    "code_of_ethics": Route(EVERYONE),
    "certificates": Route(EVERYONE),
    "certificate": Route(EVERYONE, lambda scene: ["0000-0000-0000-0000"], answers=(404,), page=code),
    "questions:questions_to_answer": Route(CONTRIBUTORS),
    "questions:to_answer": Route(
        CONTRIBUTORS, lambda scene: [scene.group_pk], theirs=(lambda scene: [scene.theirs["asked_pk"]],)
    ),
    "questions:to_answer_video": Route(
        CONTRIBUTORS, lambda scene: [scene.group_pk], answers=(404,), theirs=(lambda scene: [scene.theirs["asked_pk"]],)
    ),
    # The API, which asks for an authority's token, whoever is logged in
    "api:openapi-json": Route(EVERYONE),
    "api:api-root": Route(EVERYONE, answers=(404,)),
    "api:campaign": Route(EVERYONE),
    "api:bulletins": Route(EVERYONE),
    "api:bulletin": Route(EVERYONE, lambda scene: [scene.number], theirs=(lambda scene: [scene.theirs["number"]],)),
    "api:bulletin_versions": Route(
        EVERYONE, lambda scene: [scene.number], theirs=(lambda scene: [scene.theirs["number"]],)
    ),
    "api:bulletin_version": Route(
        EVERYONE, lambda scene: [scene.number, 1], theirs=(lambda scene: [scene.theirs["number"], 1],)
    ),
    "api:questions": Route(EVERYONE),
    "api:question": Route(EVERYONE, lambda scene: ["none"], answers=(404,)),
    "api:question_versions": Route(EVERYONE, lambda scene: ["none"], answers=(404,)),
    "api:question_version": Route(EVERYONE, lambda scene: ["none", 1], answers=(404,)),
    "api:claims": Route(EVERYONE),
    "api:ways_to_help": Route(EVERYONE),
    "api:way_to_help": Route(
        EVERYONE, lambda scene: [scene.offer_pk], theirs=(lambda scene: [scene.theirs["draft_offer_pk"]],)
    ),
    "api:stories": Route(EVERYONE),
    "api:story": Route(EVERYONE, lambda scene: [scene.story_key], theirs=(lambda scene: [scene.theirs["sent_story"]],)),
    "api:claim": Route(EVERYONE, lambda scene: [scene.slug], theirs=(lambda scene: [scene.theirs["slug"]],)),
    "api:inputs": Route(EVERYONE, answers=(401,)),
    "api:input": Route(EVERYONE, lambda scene: ["in-001"], answers=(401,)),
    "api:answer": Route(EVERYONE, lambda scene: ["in-001"], answers=(401, 405)),
    "api:measure": Route(EVERYONE, lambda scene: ["calls", "2026-03-25"], answers=(401, 405)),
    "api:cap": Route(EVERYONE, answers=(401, 405)),
    # Joining: the open form, and links that only people who were invited have (another one opens nothing)
    "joining:join": Route(EVERYONE, answers=(200, 302)),
    "joining:look": Route(EVERYONE),
    "website:app": Route(EVERYONE),
    "website:app_icon": Route(EVERYONE, lambda scene: ["icon-192"]),
    "website:shared": Route(EVERYONE, answers=(302,)),
    "joining:confirm": Route(EVERYONE, answers=(404,)),
    "joining:link": Route(EVERYONE, lambda scene: ["cut"]),
    "joining:resend": Route(EVERYONE, answers=(405,)),
    "joining:invited": Route(EVERYONE, lambda scene: ["cut"], answers=(404,), page=invitation),
    "joining:declined": Route(EVERYONE, lambda scene: ["cut"], answers=(404,), page=invitation),
    "short_seen": Route(EVERYONE, short_seen_code, answers=(302,)),
    "seen:link": Route(EVERYONE, lambda scene: ["cut"], answers=(404,), page=seen_link),
    # Influencers
    "influencers:home": Route(INFLUENCERS),
    "influencers:offline_script": Route(EVERYONE),
    "influencers:offline_page": Route(EVERYONE),
    "influencers:bulletins": Route(INFLUENCERS),
    "influencers:bulletin": Route(
        INFLUENCERS, lambda scene: [scene.number], theirs=(lambda scene: [scene.theirs["number"]],)
    ),
    "influencers:card": Route(INFLUENCERS, lambda scene: [scene.number], answers=(404,)),
    "influencers:own_card": Route(INFLUENCERS, lambda scene: [scene.number], answers=(405,)),
    "influencers:used": Route(
        INFLUENCERS,
        lambda scene: [scene.number],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["number"]],),
        sent={"version": "1", "way": "copied", "language": "fi"},
    ),
    "influencers:bulletin_seen": Route(
        INFLUENCERS,
        lambda scene: [scene.number],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["number"]],),
    ),
    "influencers:facts": Route(INFLUENCERS),
    "influencers:kit": Route(INFLUENCERS, lambda scene: [scene.slug], theirs=(lambda scene: [scene.theirs["slug"]],)),
    "influencers:kit_used": Route(
        INFLUENCERS,
        lambda scene: [scene.slug],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["slug"]],),
        sent={"version": "1", "way": "copied", "language": "fi"},
    ),
    "influencers:report": Route(INFLUENCERS),
    "influencers:reports": Route(INFLUENCERS),
    "influencers:recall": Route(
        INFLUENCERS, lambda scene: [scene.recall_pk], theirs=(lambda scene: [scene.theirs["recall_pk"]],)
    ),
    "influencers:recall_seen": Route(
        INFLUENCERS,
        lambda scene: [scene.recall_pk],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["recall_pk"]],),
    ),
    "influencers:recall_answer": Route(
        INFLUENCERS,
        lambda scene: [scene.recall_pk],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["recall_pk"]],),
    ),
    "influencers:recall_post": Route(
        INFLUENCERS,
        lambda scene: [scene.recall_pk, 1],
        answers=(405,),
        theirs=(
            lambda scene: [scene.theirs["recall_pk"], scene.post_pk],
            lambda scene: [scene.recall_pk, scene.theirs["post_pk"]],
        ),
        sent={"fate": "corrected"},
    ),
    "influencers:settings": Route(INFLUENCERS),
    "influencers:settings_language": Route(INFLUENCERS, answers=(302,)),
    "influencers:settings_pace": Route(INFLUENCERS, answers=(302,)),
    "influencers:settings_break": Route(INFLUENCERS, answers=(302,)),
    "influencers:settings_snooze": Route(INFLUENCERS, answers=(302,)),
    "influencers:settings_calls": Route(INFLUENCERS, answers=(302,)),
    "influencers:settings_tracking": Route(INFLUENCERS, answers=(302,)),
    "influencers:settings_another_crisis": Route(INFLUENCERS, answers=(302,)),
    "influencers:settings_wake": Route(INFLUENCERS, lambda scene: [1], answers=(302,)),
    "influencers:channels": Route(INFLUENCERS),
    "influencers:channel_ask": Route(INFLUENCERS, lambda scene: ["sms"], answers=(302,)),
    "influencers:channel_prove": Route(INFLUENCERS, lambda scene: ["sms"], answers=(302,)),
    "influencers:channel_wants": Route(INFLUENCERS, lambda scene: [1], answers=(302,)),
    "influencers:channel_telegram": Route(INFLUENCERS, answers=(302,)),
    "influencers:push_allow": Route(INFLUENCERS, answers=(302,)),
    "influencers:push_wants": Route(INFLUENCERS, answers=(302,)),
    "influencers:channel_quiet": Route(INFLUENCERS, answers=(302,)),
    "influencers:channel_leave": Route(INFLUENCERS, lambda scene: [1], answers=(302,)),
    "influencers:settings_details": Route(INFLUENCERS),
    "influencers:settings_data": Route(INFLUENCERS),
    "influencers:leave": Route(INFLUENCERS),
    "influencers:gone": Route(EVERYONE),
    "influencers:conversation": Route(INFLUENCERS),
    "influencers:conversation_seen": Route(INFLUENCERS, answers=(405,)),
    "influencers:harassed": Route(INFLUENCERS),
    "influencers:harassed_taken_back": Route(INFLUENCERS, answers=(405,)),
    "influencers:ask": Route(INFLUENCERS),
    "influencers:questions": Route(INFLUENCERS),
    "influencers:answer": Route(INFLUENCERS, lambda scene: ["none"], answers=(404,)),
    "influencers:same": Route(
        INFLUENCERS, lambda scene: [0], answers=(405,), theirs=(lambda scene: [scene.theirs["group_pk"]],)
    ),
    "influencers:code_of_ethics": Route(INFLUENCERS),
    "influencers:code_of_ethics_sign": Route(INFLUENCERS, answers=(405,)),
    "influencers:code_of_ethics_withdraw": Route(INFLUENCERS, answers=(405,)),
    "influencers:handbook": Route(INFLUENCERS),
    "influencers:posts": Route(INFLUENCERS),
    "influencers:post_new": Route(INFLUENCERS),
    "influencers:post": Route(
        INFLUENCERS, lambda scene: [scene.post_pk], theirs=(lambda scene: [scene.theirs["post_pk"]],)
    ),
    "influencers:post_figures": Route(
        INFLUENCERS, lambda scene: [scene.post_pk], answers=(302,), theirs=(lambda scene: [scene.theirs["post_pk"]],)
    ),
    "influencers:post_words": Route(
        INFLUENCERS, lambda scene: [scene.post_pk], answers=(302,), theirs=(lambda scene: [scene.theirs["post_pk"]],)
    ),
    "influencers:post_corrected": Route(
        INFLUENCERS, lambda scene: [scene.post_pk], answers=(405,), theirs=(lambda scene: [scene.theirs["post_pk"]],)
    ),
    "influencers:post_removed": Route(
        INFLUENCERS, lambda scene: [scene.post_pk], answers=(405,), theirs=(lambda scene: [scene.theirs["post_pk"]],)
    ),
    "influencers:thanks": Route(INFLUENCERS),
    "influencers:certificate": Route(INFLUENCERS),
    "influencers:certificate_file": Route(INFLUENCERS, lambda scene: ["fi"]),
    "influencers:handbook_lesson": Route(INFLUENCERS, lambda scene: [1]),
    "influencers:code_lesson": Route(INFLUENCERS, lambda scene: [1]),
    "results:page": Route(EVERYONE, answers=(404,)),  # until somebody opens it
    "website:help_atom": Route(EVERYONE),
    "website:help_json": Route(EVERYONE),
    "website:embed_help": Route(EVERYONE),
    "website:embed_offer": Route(
        EVERYONE, lambda scene: [scene.offer_pk], theirs=(lambda scene: [scene.theirs["draft_offer_pk"]],)
    ),
    "website:stories_rss": Route(EVERYONE),
    "website:stories_atom": Route(EVERYONE),
    "website:stories_json": Route(EVERYONE),
    "website:embed_story": Route(
        EVERYONE, lambda scene: [scene.story_key], theirs=(lambda scene: [scene.theirs["sent_story"]],)
    ),
    "stories:wall": Route(EVERYONE),
    "stories:story": Route(
        EVERYONE, lambda scene: [scene.story_key], theirs=(lambda scene: [scene.theirs["sent_story"]],)
    ),
    "influencers:stories": Route(INFLUENCERS),
    "influencers:story": Route(
        INFLUENCERS, lambda scene: [scene.story_key], theirs=(lambda scene: [scene.theirs["sent_story"]],)
    ),
    "story_subtitles:vtt": Route(EVERYONE, lambda scene: ["nothing", "fi"], answers=(404,)),  # tests/stories/subtitles
    "contributions:prompts": Route(EVERYONE),
    "contributions:prompt": Route(EVERYONE, lambda scene: ["afterwards"], theirs=(lambda scene: ["not-yet"],)),
    "contributions:send": Route(EVERYONE, lambda scene: ["afterwards"], theirs=(lambda scene: ["not-yet"],)),
    "contributions:sent": Route(EVERYONE, contribution, theirs=(lambda scene: ["cut"],)),
    "contributions:withdraw": Route(EVERYONE, contribution, theirs=(lambda scene: ["cut"],)),
    "contributions:picture": Route(EVERYONE, lambda scene: ["nothing"], answers=(404,)),  # tests/stories/contributions
    "website:contributions_atom": Route(EVERYONE, lambda scene: ["afterwards"], theirs=(lambda scene: ["not-yet"],)),
    "courses:courses": Route(EVERYONE),
    "courses:course": Route(EVERYONE, lambda scene: ["check-it"], theirs=(lambda scene: ["of-others"],)),
    "courses:tried": Route(EVERYONE, lambda scene: ["check-it"], answers=(302,)),
    "courses:file": Route(EVERYONE, lambda scene: ["check-it", 1], answers=(404,)),  # tests/stories/courses
    "courses:subtitles": Route(EVERYONE, lambda scene: ["check-it", 1, "m1", "fi"], answers=(404,)),
    "courses:certificate": Route(EVERYONE, lambda scene: ["0000-0000-0000-0000"], answers=(404,)),
    "own_courses:mine": Route(SIGNED_IN),
    "own_courses:take": Route(SIGNED_IN, lambda scene: ["check-it"], theirs=(lambda scene: ["of-others"],)),
    "own_courses:begin": Route(SIGNED_IN, lambda scene: ["check-it"], answers=(405,)),
    "own_courses:go_on": Route(SIGNED_IN, lambda scene: ["check-it"], answers=(405,)),
    "own_courses:certificate": Route(SIGNED_IN, lambda scene: ["check-it"], answers=(302,)),
    "own_courses:certificate_taken_back": Route(SIGNED_IN, lambda scene: ["check-it"], answers=(405,)),
    "own_courses:certificate_file": Route(SIGNED_IN, lambda scene: ["check-it", "fi"], answers=(404,)),
    "ways_to_help:offer": Route(
        EVERYONE, lambda scene: [scene.offer_pk], theirs=(lambda scene: [scene.theirs["draft_offer_pk"]],)
    ),
    "ways_to_help:done": Route(
        EVERYONE,
        lambda scene: [scene.offer_pk],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["draft_offer_pk"]],),
    ),
    "ways_to_help:thanks": Route(EVERYONE),
    "municipality:own": Route(MUNICIPALITIES),
    "municipality:join": Route(EVERYONE, lambda scene: [scene.join_token]),
    "municipality:people": Route(MUNICIPALITIES),
    "municipality:begin": Route(MUNICIPALITIES, answers=(405,)),
    "municipality:story": Route(
        MUNICIPALITIES, lambda scene: [scene.own_story_key], theirs=(lambda scene: [scene.theirs["own_story_key"]],)
    ),
    "municipality:take": Route(
        MUNICIPALITIES,
        lambda scene: [scene.own_story_key],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["own_story_key"]],),
    ),
    "municipality:withdraw": Route(
        MUNICIPALITIES,
        lambda scene: [scene.own_story_key],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["own_story_key"]],),
    ),
    "municipality:file": Route(
        MUNICIPALITIES,
        lambda scene: [scene.own_story_key, scene.story_file_pk],
        theirs=(lambda scene: [scene.theirs["own_story_key"], scene.story_file_pk],),
    ),
    "municipality:uploads": Route(
        MUNICIPALITIES,
        lambda scene: [scene.own_story_key],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["own_story_key"]],),
    ),
    "municipality:upload": Route(MUNICIPALITIES, lambda scene: [scene.upload_key], answers=(405,)),
    "consents:consent": Route(EVERYONE, lambda scene: [scene.consent_token]),
    "ways_to_help:own": Route(PARTNERS),
    "ways_to_help:new": Route(PARTNERS),
    "ways_to_help:mine": Route(
        PARTNERS, lambda scene: [scene.offer_pk], theirs=(lambda scene: [scene.theirs["offer_pk"]],)
    ),
    "ways_to_help:withdraw": Route(
        PARTNERS,
        lambda scene: [scene.offer_pk],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["offer_pk"]],),
    ),
    "exchange:home": Route(MUNICIPALITIES),
    "exchange:meeting": Route(
        MUNICIPALITIES, lambda scene: [scene.meeting_pk], theirs=(lambda scene: [scene.theirs["meeting_pk"]],)
    ),
    "exchange:answer": Route(
        MUNICIPALITIES,
        lambda scene: [scene.meeting_pk],
        answers=(405,),
        theirs=(lambda scene: [scene.theirs["meeting_pk"]],),
    ),
    "exchange:follow_up_done": Route(MUNICIPALITIES, lambda scene: [scene.meeting_pk, 0], answers=(405,)),
    "exchange:new_calendar": Route(MUNICIPALITIES, answers=(405,)),
    "exchange:calendar": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    "exchange:rsvp": Route(EVERYONE, meeting_invitation),
    "exchange:done": Route(EVERYONE, follow_up),
    "municipal_questions:questions": Route(MUNICIPALITIES),
    "commissions:works": Route(EVERYONE),
    "commissions:work": Route(
        EVERYONE, lambda scene: [scene.work_pk], theirs=(lambda scene: [scene.theirs["commission_pk"]],)
    ),
    "commissions:picture": Route(
        EVERYONE, lambda scene: [scene.picture_pk], theirs=(lambda scene: [scene.theirs["commission_picture_pk"]],)
    ),
    "commissions:ledger": Route(EVERYONE, answers=(404,)),  # until somebody opens it
    "commissions:ledger_csv": Route(EVERYONE, answers=(404,)),
    "commissions:own": Route(CREATORS),
    "commissions:mine": Route(
        CREATORS,
        lambda scene: [scene.open_commission_pk],
        theirs=(lambda scene: [scene.theirs["commission_pk"]],),
    ),
    "commissions:file": Route(
        CREATORS,
        lambda scene: [scene.picture_pk],
        answers=(404,),  # of whoever sent it
        theirs=(lambda scene: [scene.theirs["commission_picture_pk"]],),
    ),
    "surveys:answer": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    "surveys:public": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    "surveys:mine": Route(INFLUENCERS, lambda scene: [0], answers=(404,)),  # of whoever was drawn
    "insight:reports": Route(EVERYONE),
    "insight:report": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    "insight:pdf": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    "insight:data": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
    "pretests:answer": Route(EVERYONE, lambda scene: ["cut"], answers=(404,)),
}


# --- The desk ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DeskRoute:
    """
    An address of the desk that is no list, form or page of a model: it opens for whoever has one of the permissions in
    `needs` and reaches the row that it names; `to_post` is what a POST needs where that is more. `of` is the model of that row
    where the name does not begin with it, "" for none; `more` names the arguments after the row's key, from the row, and `query`
    what comes after the "?". `campaign_by` is the way from the row to the campaign that it has to be of, where the model's own
    pages don't say so.
    """

    needs: set[str]
    more: Callable[[Any], list[Any]] = lambda row: []
    of: str | None = None
    campaign_by: str = ""
    to_post: set[str] | None = None
    query: Callable[[Any], str] = lambda row: ""


WRITES = {"bulletins.change_bulletin"}
TAKES = {
    "bulletins.change_messageinput",
    "bulletins.change_bulletin",
    "questions.change_questiongroup",
    "factcheck.change_claim",
    "influencers.change_thread",
}
READS = {"bulletins.view_bulletin"}
TRANSLATES = {"campaigns.change_siteword"}
PROOFS = {"bulletins.change_bulletin", "bulletins.approve_bulletin"}
CHECKS = {"factcheck.change_claim"}
REPORTS = {"factcheck.add_claim"}
BRINGS = {"influencers.add_importrun"}
TALKS = {"influencers.change_thread"}
STEERS = {"delivery.control_send"}
DRILLS = {"preparedness.view_drill"}
MEASURES = {"impact.view_measure"}
SEES_STORIES = {"stories.view_story"}
TAKES_MEASURES = {"impact.add_snapshot"}


def first(name: str, *more: Any) -> Callable[[Any], list[Any]]:
    """Return what gives the key of a row's first `name` (0 for none), with `more` after it."""
    return lambda row: [getattr(getattr(row, name).first(), "pk", 0), *more]


def said(*arguments: Any) -> Callable[[Any], list[Any]]:
    """Return what gives the same arguments for every row."""
    return lambda row: list(arguments)


def picture_of(commission: Any) -> list[Any]:
    """Return the key of a commission's first picture, 0 for none."""
    from stories.models import CommissionFile

    return [getattr(CommissionFile.objects.filter(draft__commission=commission).first(), "pk", 0)]


def leaves_at(bulletin: Any) -> str:
    """Return what names a moment at which a bulletin leaves, where one is known."""
    moments = [moment for target in bulletin.targets.all() if (moment := target.slot_at or target.at)]
    return f"?{urlencode({'since': moments[0].isoformat()})}" if moments else ""


# Open to all who may enter the desk: what they show is asked about one by one.
FOR_ALL_STAFF = {
    "admin:index",
    "admin:today",
    "admin:search",
    "admin:notifications",
    "admin:told",
    "admin:told_choose",
    "admin:told_quiet",
    "admin:told_telegram",
    "admin:told_allow",
    "admin:told_ask",
    "admin:told_prove",
    "admin:told_leave",
    "admin:told_worker",
    "admin:everything",
    "admin:suggestions",
    "admin:view_save",
}
# The frame's own: they show no rows, or ask by themselves for the right to see those that they show.
OF_THE_FRAME = {
    "admin:login",
    "admin:logout",
    "admin:jsi18n",
    "admin:password_change",
    "admin:password_change_done",
    "admin:app_list",
    "admin:autocomplete",  # tests/accounts/access/test_row_scopes.py
}

DESK: dict[str, DeskRoute] = {
    "admin:campaigns_campaign_publish": DeskRoute({"campaigns.change_campaign"}),
    "admin:campaigns_campaign_look": DeskRoute({"campaigns.change_campaign"}),
    "admin:campaigns_campaign_look_card": DeskRoute({"campaigns.change_campaign"}, said("bold")),
    "admin:campaigns_campaign_languages": DeskRoute({"campaigns.change_campaign"}),
    "admin:campaigns_campaign_language_add": DeskRoute({"campaigns.change_campaign"}),
    "admin:campaigns_campaign_language": DeskRoute({"campaigns.change_campaign"}, said("fi")),
    "admin:campaigns_words": DeskRoute(TRANSLATES, of=""),
    **dict.fromkeys(
        ("admin:campaigns_words_of", "admin:campaigns_words_file", "admin:campaigns_words_upload"),
        DeskRoute(TRANSLATES, of="campaigns.sitelanguage"),
    ),
    "admin:campaigns_campaign_work": DeskRoute({"campaigns.view_campaign"}),
    "admin:view_change": DeskRoute(READS, of="campaigns.savedview", campaign_by="campaign"),
    "admin:impact_measure_take": DeskRoute(TAKES_MEASURES, of=""),
    "admin:impact_measure_take_back": DeskRoute(TAKES_MEASURES),
    "admin:impact_measure_csv": DeskRoute(TAKES_MEASURES, of=""),
    "admin:impact_measure_week": DeskRoute(MEASURES, of=""),
    "admin:impact_measure_chart": DeskRoute(MEASURES),
    "admin:preparedness_drill_report": DeskRoute(DRILLS, to_post={"preparedness.change_drill"}),
    "admin:preparedness_drill_pdf": DeskRoute(DRILLS),
    "admin:preparedness_drill_json": DeskRoute(DRILLS),
    "admin:preparedness_drill_csv": DeskRoute(DRILLS),
    "admin:campaigns_campaign_close": DeskRoute({"campaigns.view_campaign"}, to_post={"impact.add_archive"}),
    "admin:campaigns_campaign_archive": DeskRoute({"impact.add_archive"}),
    "admin:impact_survey_csv": DeskRoute({"impact.view_survey"}),
    "admin:stories_story_media": DeskRoute(SEES_STORIES, to_post={"stories.change_storyfile"}, campaign_by="campaign"),
    "admin:stories_story_media_state": DeskRoute(SEES_STORIES, campaign_by="campaign"),
    "admin:stories_story_subtitles": DeskRoute(
        SEES_STORIES, to_post={"stories.change_storysubtitles"}, campaign_by="campaign"
    ),
    "admin:stories_story_subtitles_edit": DeskRoute(
        SEES_STORIES, said("fi"), campaign_by="campaign", to_post={"stories.change_storysubtitles"}
    ),
    "admin:impact_insightreport_judge": DeskRoute({"impact.change_insightreport"}),
    "admin:impact_insightreport_words": DeskRoute({"impact.change_insightreport"}, said("en")),
    "admin:impact_insightreport_pdf": DeskRoute({"impact.view_insightreport"}),
    "admin:impact_insightreport_json": DeskRoute({"impact.view_insightreport"}),
    "admin:assign": DeskRoute(WRITES, said("bulletin"), of="bulletins.bulletin"),
    "admin:shift": DeskRoute(TAKES, of=""),
    "admin:shift_take": DeskRoute(TAKES, of="bulletins.handover", campaign_by="campaign"),
    "admin:bulletins_bulletin_preview": DeskRoute(READS),
    "admin:bulletins_bulletin_results": DeskRoute(READS),
    "admin:bulletins_bulletin_messages": DeskRoute(READS),
    "admin:bulletins_bulletin_pretest": DeskRoute(READS, to_post={"impact.add_pretest"}),
    "admin:bulletins_bulletin_pretest_summary": DeskRoute(READS),
    "admin:stories_commission_ledger": DeskRoute(
        {"stories.pay_commission"}, of="", to_post={"stories.change_commissionledger"}
    ),
    "admin:stories_commission_file": DeskRoute({"stories.view_commission"}, picture_of),
    "admin:impact_messages": DeskRoute(READS, of=""),
    "admin:impact_week": DeskRoute(MEASURES, of=""),
    "admin:impact_team": DeskRoute(MEASURES, of=""),
    "admin:impact_public": DeskRoute({"impact.publish_results"}, of=""),
    "admin:impact_csv": DeskRoute(MEASURES, of=""),
    "admin:impact_pdf": DeskRoute(MEASURES, of=""),
    "admin:bulletins_bulletin_insertions": DeskRoute(WRITES, first("editions")),
    "admin:bulletins_bulletin_words": DeskRoute(WRITES, first("editions")),
    "admin:bulletins_bulletin_restore": DeskRoute(WRITES, lambda row: [*first("editions")(row), 1]),
    "admin:bulletins_bulletin_follow": DeskRoute(WRITES, first("editions")),
    "admin:bulletins_bulletin_settle": DeskRoute(WRITES, first("set_aside")),
    "admin:bulletins_bulletin_language": DeskRoute(WRITES),
    "admin:bulletins_bulletin_parity": DeskRoute(READS),
    "admin:bulletins_bulletin_here": DeskRoute(READS),
    "admin:bulletins_bulletin_about": DeskRoute(READS, to_post=WRITES),
    "admin:bulletins_bulletin_assets": DeskRoute(READS),
    "admin:bulletins_bulletin_assets_state": DeskRoute(READS),
    "admin:bulletins_bulletin_assets_make": DeskRoute(WRITES, said("renditions")),
    "admin:bulletins_bulletin_assets_add": DeskRoute(WRITES),
    "admin:bulletins_bulletin_assets_save": DeskRoute(WRITES, first("assets")),
    "admin:bulletins_bulletin_assets_replace": DeskRoute(WRITES, first("assets")),
    "admin:bulletins_bulletin_assets_move": DeskRoute(WRITES, first("assets")),
    "admin:bulletins_bulletin_assets_remove": DeskRoute(WRITES, first("assets")),
    "admin:bulletins_bulletin_cards": DeskRoute(READS),
    "admin:bulletins_bulletin_cards_make": DeskRoute(WRITES),
    "admin:bulletins_bulletin_card": DeskRoute(
        READS, query=lambda row: f"?language=fi&message={first('key_messages')(row)[0]}"
    ),
    "admin:bulletins_bulletin_proofs": DeskRoute(READS),
    "admin:bulletins_bulletin_proof": DeskRoute(PROOFS),
    "admin:bulletins_bulletin_rows": DeskRoute(READS),
    "admin:bulletins_bulletin_rows_add": DeskRoute(WRITES, said("message")),
    "admin:bulletins_bulletin_rows_restore": DeskRoute(WRITES),
    "admin:bulletins_bulletin_rows_save": DeskRoute(WRITES, lambda row: ["message", *first("key_messages")(row)]),
    "admin:bulletins_bulletin_rows_move": DeskRoute(WRITES, lambda row: ["message", *first("key_messages")(row)]),
    "admin:bulletins_bulletin_rows_remove": DeskRoute(WRITES, lambda row: ["message", *first("key_messages")(row)]),
    "admin:bulletins_bulletin_rows_settle": DeskRoute(WRITES, lambda row: ["message", *first("key_messages")(row)]),
    "admin:bulletins_bulletin_terms": DeskRoute(READS),
    "admin:bulletins_bulletin_variants": DeskRoute(READS),
    "admin:bulletins_bulletin_variants_save": DeskRoute(WRITES, said("fi", "x")),
    "admin:bulletins_bulletin_variants_start": DeskRoute(WRITES, said("fi", "x")),
    "admin:bulletins_bulletin_variants_start_all": DeskRoute(WRITES),
    "admin:bulletins_bulletin_variants_settle": DeskRoute(WRITES, said("fi", "x")),
    "admin:bulletins_bulletin_facts": DeskRoute(READS),
    "admin:bulletins_bulletin_fact_change": DeskRoute(WRITES),
    "admin:bulletins_bulletin_fact_undo": DeskRoute(WRITES, first("fact_changes")),
    "admin:bulletins_bulletin_fact_add": DeskRoute(WRITES),
    "admin:bulletins_bulletin_fact_news": DeskRoute(WRITES),
    "admin:bulletins_bulletin_comments": DeskRoute(READS),
    "admin:bulletins_bulletin_comment": DeskRoute(READS),
    "admin:bulletins_bulletin_comment_answer": DeskRoute(READS, first("comments")),
    "admin:bulletins_bulletin_comment_edit": DeskRoute(READS, first("comments")),
    "admin:bulletins_bulletin_comment_resolve": DeskRoute(WRITES, first("comments")),
    "admin:bulletins_bulletin_draft": DeskRoute(READS, first("editions")),
    "admin:bulletins_bulletin_draft_ask": DeskRoute(WRITES, first("editions")),
    "admin:bulletins_bulletin_draft_own": DeskRoute(WRITES, first("editions")),
    "admin:bulletins_bulletin_findings": DeskRoute(READS),
    "admin:bulletins_bulletin_findings_stand": DeskRoute(WRITES),
    "admin:bulletins_bulletin_findings_take_back": DeskRoute(WRITES, first("overrides")),
    "admin:bulletins_bulletin_findings_replace": DeskRoute(WRITES),
    "admin:bulletins_bulletin_findings_checklist": DeskRoute(WRITES),
    "admin:bulletins_bulletin_findings_links": DeskRoute(WRITES),
    "admin:bulletins_bulletin_schedule": DeskRoute(READS, to_post=WRITES),
    "admin:bulletins_bulletin_calendar": DeskRoute(READS, of=""),
    "admin:bulletins_bulletin_move": DeskRoute(WRITES, query=leaves_at),
    "admin:bulletins_bulletin_month": DeskRoute(READS, said(2026, 3), of=""),
    "admin:bulletins_bulletin_read": DeskRoute(READS),
    "admin:bulletins_bulletin_step": DeskRoute({"bulletins.approve_bulletin"}, said("approve")),
    "admin:bulletins_bulletin_correct": DeskRoute(WRITES),
    "admin:bulletins_bulletin_withdraw": DeskRoute(WRITES),
    "admin:bulletins_bulletin_later": DeskRoute(
        READS,
        said("sv"),
        to_post={"bulletins.change_bulletin", "bulletins.sign_off_bulletin", "bulletins.approve_bulletin"},
    ),
    "admin:bulletins_bulletin_approval": DeskRoute(READS),
    "admin:bulletins_cadence_ahead": DeskRoute({"bulletins.add_cadence"}, of=""),
    "admin:bulletins_cadence_ahead_of": DeskRoute({"bulletins.change_cadence"}),
    "admin:bulletins_cadence_end": DeskRoute({"bulletins.change_cadence"}),
    "admin:bulletins_messageinput_step": DeskRoute({"bulletins.change_messageinput"}, said("accept")),
    "admin:bulletins_messageinput_attachment": DeskRoute({"bulletins.view_messageinput"}, first("attachments")),
    "admin:questions_questiongroup_step": DeskRoute({"questions.change_questiongroup"}, said("take-out")),
    "admin:questions_question_waiting": DeskRoute({"questions.view_question"}, of=""),
    "admin:questions_question_step": DeskRoute({"questions.change_question"}, said("put")),
    "admin:questions_answer_step": DeskRoute({"questions.approve_answer"}, said("approve")),
    "admin:factcheck_claim_report": DeskRoute(REPORTS, of=""),
    "admin:factcheck_claim_import": DeskRoute(REPORTS, of=""),
    "admin:factcheck_claim_import_template": DeskRoute(REPORTS, of=""),
    "admin:factcheck_claim_screenshot": DeskRoute(CHECKS, of="factcheck.sighting", campaign_by="claim__campaign"),
    "admin:factcheck_claim_source": DeskRoute(CHECKS, first("evidence")),
    "admin:factcheck_claim_source_add": DeskRoute(CHECKS),
    "admin:factcheck_claim_source_remove": DeskRoute(CHECKS, first("evidence")),
    "admin:factcheck_claim_source_fetch": DeskRoute(CHECKS, first("evidence")),
    "admin:factcheck_claim_source_paste": DeskRoute(CHECKS, first("evidence")),
    "admin:factcheck_claim_sighting_add": DeskRoute({"factcheck.add_sighting"}),
    "admin:factcheck_claim_step": DeskRoute(CHECKS, said("take-up")),
    "admin:factcheck_narrative_claims": DeskRoute(CHECKS),
    "admin:influencers_influencer_move": DeskRoute({"influencers.change_influencer"}, of=""),
    "admin:influencers_selection_again": DeskRoute({"influencers.add_selection"}),
    "admin:influencers_selection_apply": DeskRoute({"influencers.apply_selection"}),
    "admin:influencers_selection_compare": DeskRoute(
        {"influencers.view_selection"}, query=lambda row: f"?with={row.pk}"
    ),
    "admin:influencers_thread_begin": DeskRoute(TALKS, of="influencers.influencer", campaign_by="campaign"),
    "admin:influencers_thread_file": DeskRoute(
        {"influencers.view_thread"}, of="influencers.attachment", campaign_by="message__thread__influencer__campaign"
    ),
    "admin:influencers_thread_answer": DeskRoute(TALKS),
    "admin:influencers_thread_note": DeskRoute(TALKS),
    "admin:influencers_thread_contact": DeskRoute(TALKS),
    "admin:influencers_thread_settle": DeskRoute(TALKS),
    "admin:influencers_thread_hand-over": DeskRoute(TALKS),
    "admin:influencers_thread_question": DeskRoute(TALKS, to_post={"questions.add_question"}),
    "admin:influencers_unmatchedmail_sort": DeskRoute({"influencers.change_unmatchedmail"}),
    "admin:influencers_unmatchedmail_set-aside": DeskRoute({"influencers.change_unmatchedmail"}),
    "admin:influencers_harassment_take": DeskRoute({"influencers.change_harassment"}),
    "admin:influencers_harassment_close": DeskRoute({"influencers.change_harassment"}),
    "admin:stories_municipality_file": DeskRoute({"stories.add_municipality"}, of=""),
    "admin:stories_municipality_step": DeskRoute({"stories.add_municipalityinvitation"}),
    "admin:influencers_importrun_template": DeskRoute(BRINGS, of=""),
    "admin:influencers_importrun_store": DeskRoute(BRINGS),
    "admin:influencers_importrun_drop": DeskRoute(BRINGS),
    "admin:influencers_importrun_invite": DeskRoute(BRINGS),
    "admin:influencers_invitation_waiting": DeskRoute(
        {"influencers.change_influencer", "bulletins.approve_bulletin"}, of=""
    ),
    "admin:influencers_invitation_step": DeskRoute(
        {"influencers.change_influencer", "bulletins.approve_bulletin"},
        said("agree"),
        of="campaigns.customtext",
        campaign_by="campaign",
    ),
    "admin:influencers_post_figures": DeskRoute({"influencers.add_postfigures"}),
    "admin:influencers_post_looked": DeskRoute({"influencers.view_postmessage"}, first("messages")),
    "admin:influencers_recall_remind": DeskRoute({"influencers.change_recallnotice"}),
    "admin:bulletins_authoritypost_decide": DeskRoute({"bulletins.change_authoritypost"}),
    "admin:influencers_seenrequest_live": DeskRoute({"influencers.view_seenrequest"}),
    "admin:influencers_seenrequest_steer": DeskRoute({"influencers.change_seenrequest"}),
    "admin:influencers_seenrequest_call": DeskRoute({"influencers.change_askedpartner"}),
    "admin:influencers_thanks_mine": DeskRoute({"influencers.add_thanks"}, of=""),
    "admin:influencers_thanks_give": DeskRoute(
        {"influencers.add_thanks"}, of="influencers.influencer", campaign_by="campaign"
    ),
    "admin:influencers_certificate_issue": DeskRoute({"influencers.add_certificate"}, of=""),
    "admin:influencers_certificate_revoke": DeskRoute({"influencers.change_certificate"}),
    "admin:influencers_certificate_file": DeskRoute({"influencers.view_certificate"}, said("fi")),
    "admin:delivery_message_preview": DeskRoute({"delivery.view_message"}),
    "admin:delivery_send_ledger": DeskRoute({"delivery.view_send"}),
    "admin:delivery_send_step": DeskRoute(STEERS, said("pause")),
    "admin:delivery_send_cancel": DeskRoute(STEERS),
    "admin:delivery_send_deadline": DeskRoute(STEERS),
    "admin:delivery_send_resolve": DeskRoute(STEERS, said("sent")),
    "admin:delivery_send_record": DeskRoute({"delivery.control_send", "delivery.view_delivery"}),
    "admin:preparedness_readybulletin_use": DeskRoute({"bulletins.add_bulletin"}),
    "admin:preparedness_readybulletin_write": DeskRoute({"preparedness.change_readybulletin"}),
    "admin:preparedness_readybulletin_put": DeskRoute(
        {"preparedness.add_readybulletin"}, of="bulletins.bulletin", campaign_by="campaign"
    ),
    "admin:person": DeskRoute({"accounts.erase_person"}, of=""),
    "admin:delivery_consent_proof": DeskRoute({"delivery.view_consent"}),
    "admin:accounts_user_second_factor": DeskRoute({"accounts.change_user"}),
    "admin:auth_user_password_change": DeskRoute({"accounts.change_user"}, of="accounts.user"),
    "admin:accounts_auditentry_export": DeskRoute({"accounts.view_auditentry"}, of=""),
}
