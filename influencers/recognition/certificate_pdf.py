"""A certificate as PDF: one page, its own fonts, the same bytes every time."""

from datetime import date

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from influencers.models import Certificate
from lib.pdf import certificate_sheet
from lib.pdf.certificate_sheet import Sheet

from .certificates import name_of, path_of


def file_name(certificate: Certificate, language: str) -> str:
    """Return the name under which the file is saved."""
    with override(language):
        return f"{_('certificate')}-{certificate.code}-{language}.pdf".lower()


def render(certificate: Certificate, language: str) -> bytes:
    """Return a certificate as PDF in a language. The same certificate gives the same bytes."""
    facts, campaign = certificate.facts, name_of(certificate, language)
    with override(language):
        since, until = (day_words(date.fromisoformat(facts[key])) for key in ("since", "until"))
        said = [
            _("took part in the campaign %(campaign)s of authorities and influencers.") % {"campaign": campaign},
            _("On %(day)s.") % {"day": since}
            if since == until
            else _("From %(since)s to %(until)s.") % {"since": since, "until": until},
            " ".join(
                [
                    _("Took part voluntarily, to bring checked information to people."),
                    _("Passing bulletins on is unpaid."),
                ]
            ),
        ]
        issued = day_words(certificate.campaign.local(certificate.issued_at))
        sheet = Sheet(
            campaign=campaign,
            subject=_("Took part voluntarily"),
            is_exercise=bool(facts.get("exercise")),
            name=certificate.name,
            says=said,
            signed=facts.get("signed", ""),
            day=_("For the campaign, %(day)s") % {"day": issued},
            code=certificate.code,
            url=settings.PUBLIC_URL + path_of(certificate, language),
            issued_at=certificate.issued_at,
        )
    return certificate_sheet.drawn(sheet, language)


def day_words(day: date) -> str:
    """Return a day as a document writes it, in the active language."""
    return date_format(day, pgettext("date on a certificate", "j F Y"))
