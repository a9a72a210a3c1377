"""Having the audit log's chain looked at, and telling those who may read the log when it does not hold."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import sealing
from campaigns.models import Campaign

from . import telling
from .models import Notice

PERMISSION = "accounts.view_auditentry"


def look_on(*, at: datetime) -> sealing.Finding | None:
    """Verify the next piece of the chain (accounts.sealing), and tell once of what is wrong. Return that."""
    return sealing.look_on(at=at, tell=lambda fault: tell_readers(fault, at=at))


def tell_readers(fault: sealing.Finding, *, at: datetime) -> None:
    """Tell everyone who may read the audit log, each in their language, and the hook. Nobody while there is no campaign."""
    campaign = Campaign.objects.prefetch_related("languages").order_by("-pk").first()
    if campaign is None:
        return
    people = [*telling.holders(PERMISSION), *([None] if settings.NOTIFY_URL else [])]
    for person in people:
        with override(telling.spoken(person.language if person else "", campaign.default_language)):
            lines = [
                _("The audit log does not hold"),
                str(fault),
                _(
                    "Somebody may have changed it past the software. Change nothing, and ask whoever runs the server to look:"
                ),
                "./run manage verify_audit",
            ]
        path = reverse("admin:accounts_auditentry_changelist")
        telling.write_down(Notice.Kind.TAMPERED, [person], campaign, at=at, text="\n".join(lines), path=path)
