"""Having the audit log's chain looked at, and telling people who may read the log when it does not hold."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import chain
from accounts.models import User
from campaigns.models import Campaign
from notifications import outbox
from notifications.notice_kinds import Kind, Matter

PERMISSION = "accounts.view_auditentry"
TAMPERED = Kind("tampered", matter=Matter.BROKEN)


def verify_next(*, at: datetime) -> chain.Finding | None:
    """Verify the next piece of the chain (accounts.audit.chain), and tell once of what is wrong. Return that."""
    return chain.verify_next(at=at, tell=lambda fault: notify_readers(fault, at=at))


def notify_readers(fault: chain.Finding, *, at: datetime) -> None:
    """Tell everyone who may read the audit log, each in their language, and the hook. Nobody while there is no campaign."""
    campaign = Campaign.objects.prefetch_related("languages").order_by("-pk").first()
    if campaign is None:
        return
    readers = [*User.objects.staff_with(PERMISSION), *([None] if settings.NOTIFY_URL else [])]
    for language, some in campaign.by_language(readers).items():
        with override(language):
            lines = [
                _("The audit log check failed"),
                str(fault),
                _(
                    "Someone may have changed it outside the software. Don't change anything, and ask "
                    "the server administrator to check:"
                ),
                "./run manage verify_audit",
            ]
        path = reverse("admin:accounts_auditentry_changelist")
        outbox.write(TAMPERED, some, campaign=campaign, text="\n".join(lines), path=path, at=at)
