"""
Roles and what each may do, in one table. `manage.py sync_roles` writes it to the database's groups.

A permission is `app.action_model` as Django names it. Four eyes is no permission: whoever edited a
version cannot approve it, whatever their role (bulletins.reviewing).
"""

from django.contrib.auth.models import Group, Permission
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The roles of people who log in. The value is the name of the group."""

    CONTRIBUTOR = "contributor", _("contributor")
    EDITOR = "editor", _("editor")
    FACT_CHECKER = "fact-checker", _("fact-checker")
    APPROVER = "approver", _("approver")
    LIAISON = "liaison", _("liaison")
    ADMIN = "admin", _("administrator")
    INFLUENCER = "influencer", _("influencer")


STAFF = {Role.EDITOR, Role.FACT_CHECKER, Role.APPROVER, Role.LIAISON, Role.ADMIN}


def all_of(app: str, models: str) -> set[str]:
    """Return view, add, change and delete of each model; `models` are names separated by spaces."""
    return {f"{app}.{verb}_{name}" for name in models.split() for verb in ("view", "add", "change", "delete")}


def view(app: str, models: str) -> set[str]:
    """Return the permission to see each model; `models` are names separated by spaces."""
    return {f"{app}.view_{name}" for name in models.split()}


READ_THE_DESK = (
    view("campaigns", "campaign campaignlanguage authority topic region glossaryterm bannedterm platformlimit")
    | view("delivery", "audience audiencesize send mailing message")
    | view("factcheck", "narrative claim evidence sighting thresholds")
    | view("influencers", "recall")
    | view("bulletins", "messageinput inputsource inputfact bulletin edition editionrevision keymessage calltoaction")
    | view(
        "bulletins",
        "snippet variant asset target review version publishededition cadence questiongroup question answer",
    )
)
WRITE_BULLETINS = (
    all_of("bulletins", "bulletin edition snippet keymessage calltoaction variant asset target")
    | all_of("bulletins", "questiongroup question answer")
    | {"bulletins.change_messageinput"}
)
TEST_SENDS = all_of("delivery", "seedaddress")
REPORT_CLAIMS = {"factcheck.add_claim", "factcheck.add_sighting"}
CHECK_CLAIMS = all_of("factcheck", "narrative claim evidence sighting") | {
    "factcheck.add_thresholds",
    "factcheck.change_thresholds",
}
# Who is waited for in a recall, by name, and to remind them.
REMIND = {"influencers.view_recallnotice", "influencers.change_recallnotice"}
# What people posted and what they are thanked for. The advice on a post is for its writer's contact person alone.
THANK_INFLUENCERS = view("influencers", "post postfigures thanks certificate") | {
    "influencers.add_post",
    "influencers.add_postfigures",
    "influencers.add_thanks",
    "influencers.add_certificate",
    "influencers.change_certificate",
}
CONTROL_SENDS = {"delivery.control_send"} | view("delivery", "preflight mailerlimit domainlimit mailerhealth")

TALK_WITH_INFLUENCERS = view("influencers", "thread threadmessage attachment straymail handover harassment") | {
    "influencers.change_thread",
    "influencers.change_straymail",
    "influencers.change_harassment",
}

# Liaisons choose people for a tier; an approver or an administrator puts the choice in force.
CHOOSE_PEOPLE = all_of("influencers", "selection") | view("influencers", "coveragetarget choice")
APPLY_CHOICES = {"influencers.apply_selection"} | view("influencers", "selection coveragetarget choice")

PERMISSIONS: dict[Role, set[str]] = {
    Role.CONTRIBUTOR: {"bulletins.submit_messageinput"},
    Role.EDITOR: READ_THE_DESK
    | WRITE_BULLETINS
    | REPORT_CLAIMS
    | TEST_SENDS
    | CONTROL_SENDS
    | REMIND
    | {"bulletins.publish_bulletin"},
    Role.FACT_CHECKER: READ_THE_DESK | CHECK_CLAIMS | {"bulletins.sign_off_bulletin"},
    Role.APPROVER: READ_THE_DESK
    | CONTROL_SENDS
    | APPLY_CHOICES
    | {"bulletins.approve_bulletin", "bulletins.approve_answer", "bulletins.publish_bulletin"},
    Role.LIAISON: (
        READ_THE_DESK
        | CHOOSE_PEOPLE
        | REPORT_CLAIMS
        | REMIND
        | all_of("influencers", "influencer platformaccount cannedthanks")
        | THANK_INFLUENCERS
        | {"influencers.view_postmessage"}
        | TALK_WITH_INFLUENCERS
        | view("influencers", "pledgetext pledge handbook application invitation importrun")
        | {"influencers.add_importrun"}
        | view("delivery", "recipient membership")
        | all_of("bulletins", "questiongroup question")
    ),
    Role.ADMIN: (
        READ_THE_DESK
        | CHOOSE_PEOPLE
        | APPLY_CHOICES
        | all_of("influencers", "coveragetarget")
        | TEST_SENDS
        | CONTROL_SENDS
        | all_of("campaigns", "campaign campaignlanguage authority authoritymember topic region")
        | all_of("campaigns", "glossaryterm bannedterm platformlimit authoritytoken")
        | all_of("delivery", "audience audiencesize membership recipient mailerlimit domainlimit")
        | view("delivery", "consent delivery suppression providerevent pulse")
        | all_of("bulletins", "cadence snippet")
        | all_of("influencers", "influencer platformaccount pledgetext handbook cannedthanks")
        | THANK_INFLUENCERS
        | TALK_WITH_INFLUENCERS
        | view("influencers", "pledge application invitation importrun")
        | {"influencers.add_importrun"}
        | {"accounts.view_user", "accounts.add_user", "accounts.change_user", "auth.view_group"}
        | {"accounts.view_auditentry"}
    ),
    Role.INFLUENCER: {"influencers.use_portal"},
}


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
