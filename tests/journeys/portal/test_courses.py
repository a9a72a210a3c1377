"""The course that ships with the product, on a phone: begun online, done without a connection, sent once when there is one, certified."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from stories.courses import course_steps, shipped_courses
from stories.models import CourseAttempt, CourseCertificate
from tests.journeys.page_checks import in_the_end, said, until, wrong_with
from tests.support.builders import build_influencer, editor, second_person

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_a_course_is_done_offline_counts_once_and_gives_a_certificate(
    live_site: str, campaign: Any, browse_as: Any
) -> None:
    now = timezone.now()
    course = shipped_courses.take_over(campaign, "check-before-you-share", by=editor(), at=now)
    course_steps.submit(course, by=editor(), at=now)
    version = course_steps.in_work(course)
    course_steps.check(course, digest=version.digest, by=second_person(), at=now)
    elli = build_influencer(campaign, "elli", language="fi")
    page = browse_as(elli.user)
    page.set_viewport_size({"width": 390, "height": 844})
    address = f"{live_site}/fi/portal/courses/check-before-you-share/"

    page.goto(f"{live_site}/fi/portal/")
    page.get_by_role("link", name="Tarkista ennen kuin jaat").click()
    page.get_by_role("button", name="Aloita").click()
    expect(page.get_by_role("heading", level=2, name="Pysähdy hetkeksi")).to_be_visible()
    expect(page.get_by_role("heading", level=2, name="Onko kuva aito?")).to_be_hidden()
    assert wrong_with(page, "fi") == []
    for language in ("en", "sv", "fi"):  # each is there without a connection too
        page.goto(address.replace("/fi/", f"/{language}/"))
        expect(page.locator("html")).to_have_attribute("lang", language)
        until(page, "caches.match(location.href, { ignoreVary: true }).then(Boolean)")

    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-saved]")).to_be_visible()
    question = page.locator("#q1")
    question.get_by_role("radio").first.check()
    question.get_by_role("button", name="Vastaa").click()
    expect(question.get_by_text("Ei aivan.")).to_be_visible()
    page.locator("#m1 [data-goes] button").click()
    page.locator("[data-still]:visible a").click()  # where the course ends it says what is not right yet
    expect(question).to_be_visible()
    for number, module in enumerate(version.modules):
        language = ("fi", "sv", "en")[number * 3 // len(version.modules)]
        if f"/{language}/" not in page.url:  # what was answered in one language counts in the next
            if language == "sv":
                assert CourseAttempt.objects.get().read == []
            page.goto(f"{address.replace('/fi/', f'/{language}/')}#{module['id']}")
            expect(page.locator("[data-done]:visible")).to_have_count(number)
        for asked in module["questions"]:
            form = page.locator(f"#{asked['id']}")
            for place, option in enumerate(asked["options"]):
                box = form.locator(f"[name=chosen][value='{place}']")
                if option["right"]:
                    box.check()
                elif box.get_attribute("type") == "checkbox":
                    box.uncheck()
            form.get_by_role("button", name=said(language, "Answer", "verb")).click()
            expect(form.get_by_text(said(language, "That is right."), exact=True)).to_be_visible()
        page.locator(f"#{module['id']} [data-goes] button").click()
    expect(page.locator("[data-stills]")).to_be_hidden()
    expect(page.locator("[data-waits]")).to_be_visible()
    assert CourseAttempt.objects.get().finished_at is None
    page.reload()  # the phone is put away meanwhile
    expect(page.locator("[data-done]:visible")).to_have_count(len(version.modules))

    expect(page.get_by_text(said(language, "You are online again."))).to_be_hidden()
    page.context.set_offline(False)
    expect(page.get_by_text(said(language, "You are online again."))).to_be_visible()
    attempt = in_the_end(page, lambda: CourseAttempt.objects.exclude(finished_at=None).first())
    assert attempt.read == [module["id"] for module in version.modules]
    assert all(answer["right"] for answer in attempt.answers.values())
    expect(page.locator("[data-waits]")).to_be_hidden()
    page.goto(address)
    assert (
        page.evaluate(
            "Object.keys(JSON.parse(localStorage[Object.keys(localStorage).find((k) => k.startsWith('portal-course:'))]).read).length"
        )
        == 0
    )
    page.get_by_role("link", name="Hae todistus").click()
    page.get_by_label("Nimi todistuksessa").fill("Elli E.")
    page.get_by_role("button", name="Tee todistus").click()
    expect(page.get_by_text("Näkyvä nimi: Elli E.")).to_be_visible()
    assert wrong_with(page, "fi") == []
    code = CourseCertificate.objects.get().code
    page.goto(f"{live_site}/fi/courses/certificates/{code}/")
    expect(page.get_by_role("heading", name="Elli E.")).to_be_visible()
