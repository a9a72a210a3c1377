"""
What each role may do with which rows, in one table. `manage.py sync_roles` writes it to the database's groups,
`manage.py roles_table` prints it for docs/operating/accounts/roles.md.

A permission is `app.action_model` as Django names it; its scope says which rows it reaches (accounts.access.row_scopes). Four eyes
is no permission: whoever edited a version cannot approve it, whatever their role (bulletins.approval.eligibility).
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from .roles import Role, roles_here, roles_of


class Scope(models.TextChoices):
    """Which rows a permission reaches. The rest does not exist for whoever asks: 404, and in no list or search."""

    ALL = "all", _("all")
    AUTHORITY = "authority", _("of their authorities")
    OWN = "own", _("their own")
    INFLUENCERS = "influencers", _("of influencers")
    CONTACT = "contact", _("of their own contacts")
    ADDRESS = "address", _("found by full address")


def all_of(app: str, models: str) -> set[str]:
    """Return view, add, change and delete of each model; `models` are names separated by spaces."""
    return {f"{app}.{verb}_{name}" for name in models.split() for verb in ("view", "add", "change", "delete")}


def without_delete(app: str, models: str) -> set[str]:
    """Return view, add and change of each model, whose rows nobody deletes; names separated by spaces."""
    return {f"{app}.{verb}_{name}" for name in models.split() for verb in ("view", "add", "change")}


def view(app: str, models: str) -> set[str]:
    """Return the permission to see each model; `models` are names separated by spaces."""
    return {f"{app}.view_{name}" for name in models.split()}


def reaching(scope: Scope, names: Iterable[str]) -> dict[str, Scope]:
    """Return permissions with the rows that they reach."""
    return dict.fromkeys(names, scope)


READ_THE_DESK = (
    view("campaigns", "campaign campaignlanguage authority topic region glossaryterm bannedterm platformlimit")
    | view("delivery", "audience send mailing message")
    | view("factcheck", "narrative claim thresholds")
    | view("influencers", "recall seenrequest")
    | view("bulletins", "bulletin edition editionrevision snippet checklistpoint asset review version publishededition")
    | view("bulletins", "cadence seenrule authorityaccount authoritypost")
    | view("website", "digestrun incident incidentupdate")
    | view("questions", "questiongroup question answer")
    | view("preparedness", "readybulletin drill")
    | view("impact", "measure chartnote survey insightreport")
    | view("stories", "offer partner prompt municipality course exchange meeting")
)
# What authorities hand in, before anyone has made a bulletin of it; it may be under embargo.
READ_INPUTS = view("bulletins", "messageinput")
WRITE_BULLETINS = (
    all_of("bulletins", "snippet checklistpoint")
    | {"bulletins.add_bulletin", "bulletins.change_bulletin", "bulletins.change_messageinput"}
    | {"questions.change_questiongroup", "questions.add_question", "questions.change_question"}
    | {"questions.change_answer"}
)
# What does not work, on the public status page.
REPORT_INCIDENTS = all_of("website", "incident incidentupdate")
TEST_SENDS = all_of("delivery", "seedaddress")
REPORT_CLAIMS = {"factcheck.add_claim", "factcheck.add_sighting"}
CHECK_CLAIMS = (
    without_delete("factcheck", "claim thresholds") | all_of("factcheck", "narrative") | {"factcheck.add_sighting"}
)
# Who is waited for in a recall, by name, and to remind them.
REMIND = {"influencers.change_recallnotice"}
# Who has said that they have seen an urgent bulletin and who has not, by name; their numbers, and calls.
CALL_PARTNERS = {"influencers.change_askedpartner"}
# What becomes of a post of the authority that stopped.
DECIDE_POSTS = {"bulletins.change_authoritypost"}
# Whether what follows where it is not seen goes on.
STEER_STEPS = {"influencers.change_seenrequest"}
# What people posted and what they are thanked for. The advice on a post is for its writer's contact person alone.
THANK_INFLUENCERS = view("influencers", "post thanks certificate") | {
    "influencers.add_post",
    "influencers.add_postfigures",
    "influencers.add_thanks",
    "influencers.add_certificate",
    "influencers.change_certificate",
}
CONTROL_SENDS = {"delivery.control_send"} | view(
    "delivery", "preflight mailerlimit domainlimit mailerhealth hostprocess whatsapptemplate singlemail"
)

TALK_WITH_INFLUENCERS = view("influencers", "thread unmatchedmail harassment") | {
    "influencers.change_thread",
    "influencers.change_unmatchedmail",
    "influencers.change_harassment",
}
# Chat rooms of newsrooms and partner organisations. One is left by a step, never deleted.
KEEP_ROOMS = without_delete("delivery", "room")
BRING_INFLUENCERS = view("influencers", "signature application invitation importrun") | {"influencers.add_importrun"}

# Whether an address gets the digest, and to stop it for someone who asks.
STOP_DIGESTS = {"delivery.view_subscription", "delivery.change_subscription"}

# The steps of a new campaign, and the ready shelf. To make a campaign of the steps is to add one.
START_CAMPAIGNS = without_delete("preparedness", "campaignstart")
PREPARE_CAMPAIGNS = START_CAMPAIGNS | without_delete("preparedness", "readybulletin")

# To prepare a drill and to lead one. What comes next is shown to its leader alone.
LEAD_DRILLS = without_delete("preparedness", "drill")

# What is measured, and how it is to be read. Snapshots are added, never changed: one that was wrong is replaced by another.
TAKE_MEASURES = {"impact.add_snapshot"} | all_of("impact", "chartnote")
CHOOSE_MEASURES = TAKE_MEASURES | without_delete("impact", "measure")

# Surveys: whoever composes one cannot start it. What people wrote is read by those who write for them.
COMPOSE_SURVEYS = without_delete("impact", "survey") | {"impact.read_survey_texts"}
START_SURVEYS = {"impact.start_survey"}

# What a campaign achieved, for everybody to read.
PUBLISH_RESULTS = {"impact.publish_results"}

# Rumour and insight reports: whoever worked on one cannot approve it.
WRITE_INSIGHT = without_delete("impact", "insightreport")
APPROVE_INSIGHT = {"impact.approve_insightreport"}

# The archive of a campaign that is closed: to have it made, to download it and to let anyone have it.
MAKE_ARCHIVES = {"impact.add_archive"}
# What came of it: whoever wrote any of the text cannot approve it.
WRITE_RESULTS = {"impact.change_campaignresults"}
APPROVE_RESULTS = {"impact.approve_campaignresults"}

# Ways to help: whoever worked on one cannot check it. Partner organisations keep their own.
WRITE_OFFERS = without_delete("stories", "offer partner")
CHECK_OFFERS = {"stories.check_offer"}

# What is made of stories, and their subtitles: whoever writes for the campaign.
MAKE_STORY_MEDIA = {"stories.view_story", "stories.change_storyfile", "stories.change_storysubtitles"}
# Meetings with municipalities: their series, agendas, who came, notes and what follows.
KEEP_EXCHANGES = without_delete("stories", "exchange") | {"stories.change_meeting"}
# Commissions: who asks, who accepts and who pays are three people for each (stories/commissions/commission_states.py).
READ_COMMISSIONS = view("stories", "commission creator")
ASK_COMMISSIONS = (
    READ_COMMISSIONS
    | {"stories.add_commission", "stories.change_commission", "stories.add_creator"}
    | {"stories.ask_commission"}
)
ACCEPT_COMMISSIONS = READ_COMMISSIONS | {"stories.accept_commission"}
PAY_COMMISSIONS = {"stories.view_commission", "stories.pay_commission"}

# Prompts, and what anyone sends to them: somebody lets each be shown.
WRITE_PROMPTS = without_delete("stories", "prompt")
MODERATE = {"stories.view_contribution", "stories.moderate_contribution"}

# Courses: whoever worked on one cannot check it.
WRITE_COURSES = without_delete("stories", "course")
CHECK_COURSES = {"stories.check_course"}
# Stories of municipalities: private until somebody has looked at them, so only those who do see them.
CHECK_STORIES = {"stories.check_story"} | view("stories", "story") | all_of("stories", "storytheme")

# Municipalities, who sends stories for them, and the invitations to it. Whoever is taken off sends none any more.
MEET_MUNICIPALITIES = (
    without_delete("stories", "municipality")
    | view("stories", "municipalitymember")
    | {
        "stories.add_municipalityinvitation",
        "stories.delete_municipalitymember",
    }
)

# A draft is shown to a panel by somebody who did not write it.
SHOW_DRAFTS = {"impact.add_pretest"}

# The site's own words in languages that people added.
TRANSLATE = {"campaigns.change_siteword"}

# Liaisons choose people for a tier; an approver or an administrator puts the choice in force.
CHOOSE_PEOPLE = all_of("influencers", "selection") | view("influencers", "coveragetarget")
APPLY_CHOICES = {"influencers.apply_selection"} | view("influencers", "selection coveragetarget")

PERMISSIONS: dict[Role, dict[str, Scope]] = {
    Role.CONTRIBUTOR: reaching(Scope.AUTHORITY, {"bulletins.submit_messageinput"}),
    Role.EDITOR: reaching(
        Scope.ALL,
        READ_THE_DESK
        | WRITE_RESULTS
        | COMPOSE_SURVEYS
        | WRITE_INSIGHT
        | SHOW_DRAFTS
        | READ_INPUTS
        | WRITE_BULLETINS
        | REPORT_CLAIMS
        | view("delivery", "seedaddress")
        | CONTROL_SENDS
        | DECIDE_POSTS
        | STEER_STEPS
        | KEEP_ROOMS
        | REMIND
        | REPORT_INCIDENTS
        | PREPARE_CAMPAIGNS
        | LEAD_DRILLS
        | CHOOSE_MEASURES
        | WRITE_OFFERS
        | KEEP_EXCHANGES
        | WRITE_COURSES
        | WRITE_PROMPTS
        | MODERATE
        | CHECK_OFFERS
        | MAKE_STORY_MEDIA
        | ASK_COMMISSIONS
        | CHECK_COURSES
        | CHECK_STORIES
        | {"bulletins.publish_bulletin"},
    ),
    Role.FACT_CHECKER: reaching(
        Scope.ALL, READ_THE_DESK | READ_INPUTS | CHECK_CLAIMS | WRITE_INSIGHT | {"bulletins.sign_off_bulletin"}
    ),
    Role.APPROVER: reaching(
        Scope.ALL,
        READ_THE_DESK
        | APPROVE_RESULTS
        | START_SURVEYS
        | PUBLISH_RESULTS
        | APPROVE_INSIGHT
        | CHECK_OFFERS
        | ACCEPT_COMMISSIONS
        | CHECK_COURSES
        | CHECK_STORIES
        | SHOW_DRAFTS
        | READ_INPUTS
        | CONTROL_SENDS
        | DECIDE_POSTS
        | view("delivery", "room")
        | STEER_STEPS
        | APPLY_CHOICES
        | view("influencers", "invitation")
        | {"bulletins.approve_bulletin", "questions.approve_answer", "bulletins.publish_bulletin"},
    ),
    Role.LIAISON: reaching(
        Scope.ALL,
        READ_THE_DESK
        | COMPOSE_SURVEYS
        | WRITE_INSIGHT
        | WRITE_OFFERS
        | KEEP_EXCHANGES
        | ASK_COMMISSIONS
        | WRITE_COURSES
        | MEET_MUNICIPALITIES
        | WRITE_PROMPTS
        | MODERATE
        | SHOW_DRAFTS
        | CHOOSE_PEOPLE
        | REPORT_CLAIMS
        | REMIND
        | KEEP_ROOMS
        | CALL_PARTNERS
        | STEER_STEPS
        | all_of("influencers", "influencer platformaccount cannedthanks")
        | THANK_INFLUENCERS
        | TALK_WITH_INFLUENCERS
        | BRING_INFLUENCERS
        | TAKE_MEASURES
        | view("influencers", "codeofethics handbook")
        | {"questions.change_questiongroup", "questions.add_question", "questions.change_question"},
    )
    | reaching(Scope.CONTACT, {"influencers.view_postmessage"})
    | reaching(Scope.INFLUENCERS, view("delivery", "recipient membership"))
    | reaching(Scope.ADDRESS, STOP_DIGESTS),
    Role.TRANSLATOR: reaching(Scope.ALL, TRANSLATE),
    Role.FINANCE: reaching(Scope.ALL, PAY_COMMISSIONS),
    Role.ADMIN: reaching(
        Scope.ALL,
        TRANSLATE
        | READ_THE_DESK
        | COMPOSE_SURVEYS
        | START_SURVEYS
        | PUBLISH_RESULTS
        | WRITE_INSIGHT
        | APPROVE_INSIGHT
        | SHOW_DRAFTS
        | READ_INPUTS
        | CHOOSE_PEOPLE
        | APPLY_CHOICES
        | all_of("influencers", "coveragetarget interest valuesquestion")
        | TEST_SENDS
        | REPORT_INCIDENTS
        | CONTROL_SENDS
        | all_of("campaigns", "campaignlanguage authority authoritymember topic region")
        | all_of("campaigns", "glossaryterm bannedterm platformlimit")
        | without_delete("campaigns", "campaign authoritytoken")
        | {"campaigns.view_campaignrole", "campaigns.add_campaignrole", "campaigns.delete_campaignrole"}
        | PREPARE_CAMPAIGNS
        | LEAD_DRILLS
        | CHOOSE_MEASURES
        | MAKE_ARCHIVES
        | WRITE_OFFERS
        | KEEP_EXCHANGES
        | WRITE_COURSES
        | WRITE_PROMPTS
        | MODERATE
        | CHECK_OFFERS
        | MAKE_STORY_MEDIA
        | ACCEPT_COMMISSIONS
        | PAY_COMMISSIONS
        | {"stories.change_commissionledger"}
        | CHECK_COURSES
        | CHECK_STORIES
        | all_of("stories", "partnermember")
        | MEET_MUNICIPALITIES
        | WRITE_RESULTS
        | APPROVE_RESULTS
        | all_of("delivery", "audience mailerlimit domainlimit whatsapptemplate")
        | KEEP_ROOMS
        | view("delivery", "recipient membership consent delivery suppression providerevent pulse")
        | STOP_DIGESTS
        | all_of("bulletins", "snippet checklistpoint")
        | without_delete("bulletins", "cadence seenrule authorityaccount")
        | DECIDE_POSTS
        | all_of("influencers", "influencer platformaccount codeofethics handbook cannedthanks")
        | THANK_INFLUENCERS
        | TALK_WITH_INFLUENCERS
        | CALL_PARTNERS
        | STEER_STEPS
        | BRING_INFLUENCERS
        | without_delete("accounts", "user")
        | {"auth.view_group", "accounts.view_auditentry", "accounts.erase_person"}
        | {"accounts.view_heldchange", "accounts.change_heldchange"}
        | {"delivery.change_recipient", "delivery.change_consent", "delivery.view_consenttext"},
    ),
    Role.INFLUENCER: reaching(Scope.OWN, {"influencers.use_portal", "stories.take_commission"}),
    Role.PARTNER: reaching(Scope.OWN, {"stories.keep_offer"}),
    Role.CREATOR: reaching(Scope.OWN, {"stories.take_commission"}),
    Role.MUNICIPALITY: reaching(Scope.OWN, {"stories.send_story"}),
}


# What belongs to the whole site: nobody has it by a role that holds in one campaign only (campaign_roles).
OF_THE_SITE = (
    all_of("accounts", "user auditentry")
    | {"accounts.erase_person", "auth.view_group", "campaigns.add_campaign"}
    | START_CAMPAIGNS
    | TRANSLATE
    # Shared by all campaigns: seen there, never changed.
    | all_of("campaigns", "authoritymember authoritytoken")
    | all_of("stories", "partnermember")
    | (all_of("campaigns", "authority region bannedterm platformlimit") - READ_THE_DESK)
    # Addresses are the site's, whichever campaign writes to them.
    | {"delivery.change_recipient", "delivery.view_consent", "delivery.change_consent", "delivery.view_consenttext"}
    | view("delivery", "suppression")
    | (
        all_of("delivery", "mailerlimit domainlimit whatsapptemplate")
        - view("delivery", "mailerlimit domainlimit whatsapptemplate")
    )
)


def is_held_in_a_campaign(permission: str) -> bool:
    """Return whether a role that holds in one campaign has a permission that the role has for the whole site."""
    return permission not in OF_THE_SITE


def is_held_for_site(user: Any, permission: str) -> bool:
    """Return whether someone holds a permission for the whole site. What they hold is asked for once for each user object."""
    return user.is_superuser or (user.is_active and permission in ModelBackend().get_all_permissions(user))


def scopes_of(user: Any, permission: str) -> frozenset[Scope]:
    """
    Return the scopes in which a user holds a permission, empty without it. A superuser reaches everything.

    At most one query for each user object, and none for what reaches all rows in every role that has it.
    """
    if not user.has_perm(permission):
        return frozenset()
    if user.is_superuser or not is_scoped(permission):
        return frozenset({Scope.ALL})
    held = {*roles_of(user), *roles_here(user)} if is_held_in_a_campaign(permission) else roles_of(user)
    return frozenset(PERMISSIONS[role][permission] for role in held if permission in PERMISSIONS[role])


def is_scoped(permission: str) -> bool:
    """Return whether some role holds a permission for fewer than all rows."""
    return any(names.get(permission, Scope.ALL) != Scope.ALL for names in PERMISSIONS.values())


def reaches_all(user: Any, permission: str) -> bool:
    """Return whether a user holds a permission for every row that there is."""
    return Scope.ALL in scopes_of(user, permission)


@transaction.atomic
def sync() -> dict[str, int]:
    """
    Make the groups and their permissions say exactly what the table says.

    Return the number of permissions per role. Raise LookupError, and change nothing, when the table
    names a permission that no model has.
    """
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    wanted = set().union(*PERMISSIONS.values())
    if missing := sorted(wanted - known.keys()):
        raise LookupError(f"No such permission: {', '.join(missing)}")
    for role, names in PERMISSIONS.items():
        group, _created = Group.objects.get_or_create(name=role.value)
        group.permissions.set([known[name] for name in names])
    return {role.value: len(names) for role, names in PERMISSIONS.items()}
