"""Courses are published by a second person, complete in each language; one that ships with the product is taken over as a draft."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from agreement.refusals import Refused
from stories.courses import content, course_steps, shipped_courses
from stories.models import Course, CourseFile, CourseVersion
from tests.support.builders import editor, in_all, second_person

from .scene import build_course, build_draft, module, publish, question, written

pytestmark = pytest.mark.django_db
ADD = reverse("admin:stories_course_add")


@pytest.fixture
def now():
    return timezone.now()


def test_who_worked_on_a_course_cannot_publish_it_and_other_words_than_read_are_not_published(campaign, now):
    course = build_draft(campaign, at=now)
    course_steps.submit(course, by=editor(), at=now)
    digest = course_steps.in_work(course).digest
    for by, read in ((editor(), digest), (second_person(), "0" * 64)):
        with pytest.raises(Refused):
            course_steps.check(course, digest=read, by=by, at=now)
    assert not CourseVersion.objects.shown(campaign)
    course_steps.check(course, digest=digest, by=second_person(), at=now)
    assert [one.title["en"] for one in CourseVersion.objects.shown(campaign)] == ["Check it"]
    course_steps.withdraw(course, by=editor(), at=now)
    assert not CourseVersion.objects.shown(campaign)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"modules": []}, "no module"),
        ({"modules": [module("m1")]}, "asks nothing"),
        ({"modules": [module("m1", question("q1", right=()))]}, "at least two answers"),
        ({"modules": [module("m1", question("q1", right=(0, 1, 2)))]}, "at least two answers"),
        ({"modules": [module("m1", question("q1"), text={"fi": "Teksti"})]}, "Module 1"),
        ({"modules": [module("m1", question("q1"), picture=1)]}, "alt text"),
        ({"modules": [module("m1", question("q1"), video=1)]}, "subtitles"),
        ({"summary": {}}, "Summary"),
    ],
)
def test_what_is_missing_keeps_a_course_from_being_submitted(campaign, now, fields, says):
    course = build_draft(campaign, at=now, **fields)
    with pytest.raises(Refused, match=says):
        course_steps.submit(course, by=editor(), at=now)
    assert course_steps.in_work(course).state == CourseVersion.State.DRAFT


def test_the_course_that_ships_is_taken_over_by_one_press_as_a_draft_that_only_needs_a_check(
    signed_in, campaign, alma, oskar, now
):
    desk = signed_in(alma)
    assert "Check before you share" in desk.get(ADD).text
    assert desk.post(ADD, {"take_over": "check-before-you-share"}).status_code == 302
    course = Course.objects.get()
    assert not CourseVersion.objects.shown(campaign)
    assert "Ready to take over" not in desk.get(ADD).text
    publish(course, at=now, by=oskar)
    version = course_steps.published(course)
    for code in ("fi", "sv", "en"):
        assert content.lacking(version, code) == []
    assert 4 <= len(version.modules) <= 5
    with pytest.raises(Refused):
        shipped_courses.take_over(campaign, "../campaign", by=alma, at=now)


def test_the_desk_writes_a_course_module_by_module_and_question_by_question(signed_in, campaign, alma, oskar):
    desk = signed_in(alma)
    codes = ("fi", "sv", "en")
    texts = {f"{name}_{code}": f"{name} in {code}" for name in ("title", "summary") for code in codes}
    assert desk.post(ADD, texts | {"slug": "new-one", "minutes": 3, "share": 100}).status_code == 302
    course = Course.objects.get()
    page = reverse("admin:stories_course_change", args=[course.pk])

    def read():
        return course_steps.in_work(course).digest

    sent = {f"{name}_{code}": f"{name} in {code}" for name in ("title", "text") for code in codes}
    assert desk.post(f"{page}?module=", sent | {"read": read()}).status_code == 302
    asked = {
        f"{name}_{code}": f"{name} {code}" for name in ("text", "option0", "why0", "option1", "why1") for code in codes
    }
    assert desk.post(f"{page}?question=m1.", asked | {"read": read(), "right1": "on"}).status_code == 302
    assert desk.post(f"{page}?module=", sent | {"read": "old"}).status_code == 409
    assert desk.post(f"{page}?question=m9.", asked).status_code == 404
    (one,) = course_steps.in_work(course).modules
    assert content.right_places(one["questions"][0]) == [1]
    assert desk.post(page, {"submit": "yes"}).status_code == 302
    other = signed_in(oskar)
    assert "why1 sv" in other.get(page).text
    assert other.post(page, {"check": "yes", "seen": read()}).status_code == 302
    assert CourseVersion.objects.shown(campaign).count() == 1


def test_a_draft_is_deleted_with_its_files_by_who_worked_on_it(
    signed_in, campaign, alma, liisa, now, django_capture_on_commit_callbacks
):
    course = build_draft(campaign, at=now, by=alma)
    file = CourseFile(course=course, kind=CourseFile.Kind.PICTURE, made_at=now)
    file.file.save("a.png", ContentFile(b"bytes"))
    page = reverse("admin:stories_course_change", args=[course.pk])
    assert signed_in(liisa).post(page, {"drop": "yes"}).status_code == 409
    assert default_storage.exists(file.file.name) and Course.objects.exists()
    desk = signed_in(alma)
    assert 'name="drop"' in desk.get(page).text
    with django_capture_on_commit_callbacks(execute=True):
        assert desk.post(page, {"drop": "yes"})["Location"] == reverse("admin:stories_course_changelist")
    assert not Course.objects.exists() and not default_storage.exists(file.file.name)
    assert AuditEntry.objects.filter(verb="course.dropped", actor=alma).count() == 1


def test_who_may_only_check_writes_nothing(signed_in, campaign, fiona, now):
    course = build_course(campaign, at=now)
    page = reverse("admin:stories_course_change", args=[course.pk])
    desk = signed_in(fiona)
    assert desk.get(f"{page}?module=m1").status_code == 403
    digest = course_steps.published(course).digest
    assert desk.post(page, {"move": "remove", "key": "m1", "seen": digest}).status_code == 403
    assert course_steps.in_work(course) is None
    assert written().modules == course_steps.published(course).modules
    assert in_all(en="Check it") == course_steps.published(course).title
