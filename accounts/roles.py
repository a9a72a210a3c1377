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
CONTROL_SENDS = {"delivery.control_send"} | view("delivery", "preflight mailerlimit domainlimit mailerhealth")

PERMISSIONS: dict[Role, set[str]] = {
    Role.CONTRIBUTOR: {"bulletins.submit_messageinput"},
    Role.EDITOR: READ_THE_DESK
    | WRITE_BULLETINS
    | REPORT_CLAIMS
    | TEST_SENDS
    | CONTROL_SENDS
    | {"bulletins.publish_bulletin"},
    Role.FACT_CHECKER: READ_THE_DESK | CHECK_CLAIMS | {"bulletins.sign_off_bulletin"},
    Role.APPROVER: READ_THE_DESK | CONTROL_SENDS | {"bulletins.approve_bulletin", "bulletins.publish_bulletin"},
    Role.LIAISON: (
        READ_THE_DESK
        | REPORT_CLAIMS
        | all_of("influencers", "influencer platformaccount")
        | view("influencers", "pledgetext pledge handbook")
        | view("delivery", "recipient membership")
        | all_of("bulletins", "questiongroup question")
    ),
    Role.ADMIN: (
        READ_THE_DESK
        | TEST_SENDS
        | CONTROL_SENDS
        | all_of("campaigns", "campaign campaignlanguage authority authoritymember topic region")
        | all_of("campaigns", "glossaryterm bannedterm platformlimit authoritytoken")
        | all_of("delivery", "audience audiencesize membership recipient mailerlimit domainlimit")
        | view("delivery", "consent delivery suppression providerevent pulse")
        | all_of("bulletins", "cadence snippet")
        | all_of("influencers", "influencer platformaccount pledgetext handbook")
        | view("influencers", "pledge")
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
