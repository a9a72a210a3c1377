"""Certificates of finished courses: issued to whoever asks, taken back, and checked by anyone who has the code."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from accounts.audit import trail
from accounts.models import User
from campaigns.translated_fields import in_language
from lib.pdf import certificate_sheet
from lib.pdf.certificate_sheet import Sheet
from lib.text.characters import visible_text
from lib.text.characters.spoken_codes import new_code, normal
from stories.models import CourseAttempt, CourseCertificate

LONGEST_NAME = 120  # characters


class NotIssued(Exception):
    """A certificate that was not issued. The text says why; nothing changed."""


@transaction.atomic
def issue(attempt: CourseAttempt, *, name: str, by: User, at: datetime) -> CourseCertificate:
    """
    Issue a certificate with the name that its owner chose, which may be none; one that stands is taken back first. Raise NotIssued for a
    course that is not finished.
    """
    row = CourseAttempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    if row.finished_at is None:
        raise NotIssued(_("The course is not finished yet."))
    course = row.version.course
    campaign = course.campaign
    take_back(row, by=by, at=at)
    names = dict(campaign.languages.values_list("code", "name"))
    certificate = CourseCertificate.objects.create(
        attempt=row,
        code=new_code(),
        name=visible_text.seen(name)[:LONGEST_NAME],
        facts={
            "title": row.version.title,
            "campaign": names or {campaign.default_language: campaign.slug},
            "finished": campaign.local(row.finished_at).date().isoformat(),
            "exercise": campaign.is_exercise,
        },
        issued_at=at,
    )
    trail.note("course_certificate.issued", certificate, by=by, at=at)
    return certificate


@transaction.atomic
def take_back(attempt: CourseAttempt, *, by: User, at: datetime) -> bool:
    """Take the certificate of an attempt back: its code says so from now on, and no name any more. Return whether there was one."""
    found = CourseCertificate.objects.standing(attempt)
    if found is None:
        return False
    found.revoked_at, found.name = at, ""
    found.save(update_fields=["revoked_at", "name"])
    trail.note("course_certificate.taken_back", found, by=by, at=at)
    return True


def check(typed: str) -> CourseCertificate | None:
    """Return the certificate that has a code, however it was typed, standing or not. Of who was erased there is none."""
    code = normal(typed)
    return CourseCertificate.objects.filter(code=code).first() if code else None


def path_of(certificate: CourseCertificate, language: str) -> str:
    """Return the address (a path) of the page where a certificate can be checked, in a language."""
    with override(language):
        return reverse("courses:certificate", args=[certificate.code])


def day_words(certificate: CourseCertificate) -> str:
    """Return the day on which the course was finished, as a document writes it, in the active language."""
    finished = date.fromisoformat(certificate.facts["finished"])
    return date_format(finished, pgettext("date on a certificate", "j F Y"))


def file_name(certificate: CourseCertificate, language: str) -> str:
    """Return the name under which the file is saved."""
    with override(language):
        return f"{_('certificate')}-{certificate.code}-{language}.pdf".lower()


def as_pdf(certificate: CourseCertificate, language: str) -> bytes:
    """Return a certificate as PDF in a language. The same certificate gives the same bytes."""
    facts = certificate.facts
    campaign = in_language(facts["campaign"], language)
    with override(language):
        title, day = in_language(facts["title"], language), day_words(certificate)
        sheet = Sheet(
            campaign=campaign,
            subject=title,
            is_exercise=bool(facts["exercise"]),
            name=certificate.name,
            says=[_("Finished the course “%(title)s”.") % {"title": title}, _("On %(day)s.") % {"day": day}],
            signed="",
            day="",
            code=certificate.code,
            url=settings.PUBLIC_URL + path_of(certificate, language),
            issued_at=certificate.issued_at,
        )
    return certificate_sheet.drawn(sheet, language)
