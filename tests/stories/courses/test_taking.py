"""Taking a course: kept for who has a login, nothing for who has none, the same however often and in which order it arrives."""

import io
from itertools import permutations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.privacy import data_subjects
from accounts.privacy.data_subjects import Person
from stories.courses import attempts, certificates, course_files, course_steps, personal_data
from stories.courses.attempts import Answered
from stories.models import CourseAttempt, CourseCertificate
from tests.stories.sending.scene import video as film
from tests.support import builders
from tests.support.builders import editor

from .scene import build_course, module, publish, question

pytestmark = pytest.mark.django_db
TAKE, SEND, CERTIFICATE = (f"/en/portal/courses/check-it/{part}" for part in ("", "done/", "certificate/"))
PUBLIC = "/en/courses/check-it/"
ALL = {"read": ["m1", "m2"], "answer": ["q1:1", "q2:0,2", "q3:1"]}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def course(campaign, now):
    return build_course(campaign, at=now)


@pytest.fixture
def pia(signed_in):
    """Somebody of a partner organisation, logged in."""
    user = builders.build_user("pia", "partner")
    client = signed_in(user)
    client.user = user
    return client


@pytest.fixture
def begun(pia, course):
    """Her attempt."""
    assert pia.post(f"{TAKE}begin/").status_code == 302
    return CourseAttempt.objects.get()


def send(client, attempt, **done):
    """Send what was done as the page's script does."""
    return client.post(SEND, {"attempt": attempt.pk, **done}, headers={"X-Requested-With": "fetch"})


def test_anyone_tries_a_question_without_a_login_and_nothing_is_kept(client, course):
    text = client.get(PUBLIC).text
    assert "Heading m2" in text and 'data-right="0,2"' in text
    before = text.count('data-said="right" hidden')
    answer = client.post(f"{PUBLIC}tried/", {"question": "q2", "chosen": ["2", "0"]})
    assert answer.text.count('data-said="right" hidden') == before - 1
    assert not answer.cookies and not CourseAttempt.objects.exists()
    assert client.post(f"{PUBLIC}tried/", {"question": "q9", "chosen": "x"}).status_code == 200


def test_what_was_done_comes_to_the_same_in_any_order_and_twice(campaign, course, now):
    steps = [
        {"read": ["m1"], "answered": [Answered("q2", (0, 2))]},
        {"read": ["m2"], "answered": [Answered("q2", (1,)), Answered("q1", (1,))]},
        {"read": ["m2", "m1", "m7"], "answered": [Answered("q1", (0,)), Answered("q9", (0,)), Answered("q3", (7,))]},
    ]
    found = []
    for number, order in enumerate(permutations(steps)):
        attempt = attempts.begin(builders.build_user(f"person-{number}"), course_steps.published(course), at=now)
        for step in (*order, *order):
            attempt = attempts.go_on(attempt, at=now, **step)
        found.append((attempt.read, {key: one["right"] for key, one in attempt.answers.items()}, attempt.done))
        assert attempt.finished_at
    assert found == [(["m1", "m2"], {"q1": True, "q2": True}, 2)] * len(found)


def test_what_is_not_right_yet_in_a_module_gone_through_is_named_at_the_end(pia, begun):
    send(pia, begun, read=["m1"], answer=["q1:0"])
    end = pia.get(TAKE).text.partition("To finish")[2]
    shown = [key for key in ("q1", "q2", "q3") if f'data-still="{key}">' in end]
    assert "data-stills>" in end and "q1" in shown and "q3" not in shown
    send(pia, begun, **ALL)
    assert "data-stills hidden" in pia.get(TAKE).text


@pytest.mark.parametrize(
    ("done", "is_finished"),
    [
        (ALL, True),
        ({**ALL, "answer": ["q1:1", "q2:0,2", "q3:0"]}, True),  # two of three are 60 %
        ({**ALL, "answer": ["q1:1", "q2:0", "q3:1"]}, False),  # the one that has to be right is not
        ({**ALL, "read": ["m1"]}, False),
        ({**ALL, "answer": ["q2:0,2", "q1:", "q3:x", "q3", ":1", "q1:-1"]}, False),
    ],
)
def test_a_course_is_finished_by_the_rule_that_stood_when_it_was_begun(pia, begun, done, is_finished):
    assert send(pia, begun, **done).json()["finished"] is is_finished


def test_a_changed_course_and_rule_change_nothing_for_who_has_begun(pia, begun, course, alma, now):
    def stricter(one):
        one.share, one.title = 100, builders.in_all(en="Check it twice")

    course_steps.change(course, stricter, read=course_steps.published(course).digest, by=alma, at=now)
    publish(course, at=now)
    text = pia.get(TAKE).text
    assert "The course has changed since you began" in text and "Check it twice" not in text
    assert send(pia, begun, **{**ALL, "answer": ["q1:1", "q2:0,2"]}).json()["finished"]
    assert pia.post(f"{TAKE}begin/").status_code == 302
    assert "Check it twice" in pia.get(TAKE).text
    assert CourseAttempt.objects.latest("pk").rule["share"] == 100


def test_without_script_each_form_is_sent_and_comes_back_to_its_place(pia, begun):
    answer = pia.post(SEND, {"attempt": begun.pk, "question": "q1", "chosen": "0"})
    assert answer["Location"] == f"{TAKE}#q1"
    assert "Not quite" in pia.get(TAKE).text
    assert pia.post(SEND, {"attempt": begun.pk, "read": "m1"})["Location"] == f"{TAKE}#m2"
    assert pia.post(SEND, {"attempt": begun.pk, "read": "m2"})["Location"] == f"{TAKE}#end"


def test_nobody_else_sees_or_changes_how_far_somebody_is(client, begun, signed_in, course):
    other = signed_in(builders.build_user("otto"))
    assert send(other, begun, **ALL).status_code == 404
    assert client.post(SEND, {"attempt": begun.pk, **ALL}).status_code == 302  # to the login
    begun.refresh_from_db()
    assert begun.read == [] and begun.answers == {}
    course_steps.withdraw(course, by=editor(), at=timezone.now())
    assert other.get(TAKE).status_code == 404
    assert client.get(PUBLIC).status_code == 410


def test_only_numbers_of_five_and_more_are_told_at_the_desk(campaign, course, signed_in, alma, now):
    page = reverse("admin:stories_course_change", args=[course.pk])
    desk = signed_in(alma)
    for number in range(5):
        assert "Fewer than 5 people have begun it" in desk.get(page).text
        attempt = attempts.begin(builders.build_user(f"p{number}"), course_steps.published(course), at=now)
    attempts.go_on(attempt, read=["m1", "m2"], answered=[Answered("q1", (1,)), Answered("q2", (0, 2))], at=now)
    text = " ".join(desk.get(page).text.split())
    assert "5 people have begun it" in text and "Fewer than 5 have finished it" in text


# --- The certificate -----------------------------------------------------------------------------------


def test_a_certificate_is_checked_by_its_code_with_the_name_its_owner_chose_and_can_be_taken_back(pia, begun, client):
    assert pia.post(CERTIFICATE, {"name": "Pia"}).status_code == 302
    assert not CourseCertificate.objects.exists()  # not finished yet
    send(pia, begun, **ALL)
    pia.post(CERTIFICATE, {"name": "Pia P.\u202e"})
    found = CourseCertificate.objects.get()
    checked = client.get(certificates.path_of(found, "en")).text
    assert "Pia P." in checked and "Check it" in checked and pia.user.email not in checked
    assert client.get(f"/en/certificates/{found.code}/").status_code == 302
    pdf = pia.get(f"{CERTIFICATE}fi.pdf")
    assert pdf.content == certificates.as_pdf(found, "fi") and b"/StructTreeRoot" in pdf.content
    assert pia.get(f"{CERTIFICATE}ru.pdf").status_code == 404
    pia.post(f"{CERTIFICATE}taken-back/")
    gone = client.get(certificates.path_of(found, "en"))
    assert "no longer valid" in gone.text and "Pia P." not in gone.text
    assert pia.get(f"{CERTIFICATE}fi.pdf").status_code == 404


def test_a_person_gets_a_copy_and_erasure_takes_the_certificate_with_it(pia, begun, client, now):
    send(pia, begun, **ALL)
    pia.post(CERTIFICATE, {"name": "Pia"})
    path = certificates.path_of(CourseCertificate.objects.get(), "en")
    person = Person.of(pia.user.email)
    (row,) = data_subjects.export(person, at=now)["held"]["courses"]
    assert row["certificates__name"] == "Pia" and row["answers"]["q1"]["right"]
    personal_data.forget_taken(person, None, now)
    assert client.get(path).status_code == 404 and not CourseAttempt.objects.exists()


# --- Files ------------------------------------------------------------------------------------------------


def test_a_picture_is_drawn_anew_and_only_seen_where_a_version_shows_it(client, campaign, course, alma, now, signed_in):
    data = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(data, "PNG")
    picture = course_files.take_picture(course, SimpleUploadedFile("a.png", data.getvalue()), at=now)
    address = f"{PUBLIC}files/{picture.pk}/"
    assert client.get(address).status_code == 404
    assert signed_in(alma).get(address).status_code == 200

    def shown(one):
        one.modules[0] |= {"picture": picture.pk, "alt": builders.in_all(en="A map")}

    course_steps.change(course, shown, read=course_steps.published(course).digest, by=alma, at=now)
    publish(course, at=now)
    assert client.get(address)["Content-Type"] == "image/png"
    assert 'alt="A map"' in client.get(PUBLIC).text
    with pytest.raises(course_files.NotTaken):
        course_files.take_picture(course, SimpleUploadedFile("a.png", b"<svg onload=alert(1)>"), at=now)


def test_headings_in_a_module_stand_below_its_own(client, campaign, now):
    text = builders.in_all(en="## Signs\n\nCapitals.\n\n#### Small print\n\nMore.")
    build_course(campaign, at=now, slug="signs", modules=[module("m1", question("q1"), text=text)])
    html = client.get("/en/courses/signs/").text
    assert "<h3>Signs</h3>" in html and "<h5>Small print</h5>" in html and ">Heading m1</h2>" in html


def test_a_video_is_kept_without_its_place_and_played_with_its_subtitles(
    client, campaign, course, alma, now, signed_in
):
    page = reverse("admin:stories_course_change", args=[course.pk])
    base = course_steps.published(course)
    texts = {f"{name}_{code}": f"{name} in {code}" for name in ("title", "text") for code in ("fi", "sv", "en")}
    srt = b"1\n00:00:00,000 --> 00:00:02,000\nStop for a <b>moment</b>.\n"
    files = {f"subtitles_{code}": SimpleUploadedFile("a.srt", srt) for code in ("fi", "sv", "en")}
    sent = texts | files | {"read": base.digest, "video": SimpleUploadedFile("a.mp4", film(seconds=30))}
    assert signed_in(alma).post(f"{page}?module=m1", sent).status_code == 302
    kept = course.files.get()
    address = f"{PUBLIC}files/{kept.pk}/"
    assert (kept.kind, kept.seconds) == ("video", 30)
    with kept.file.open() as stored:
        assert b"+60.1" not in stored.read()
    assert client.get(address).status_code == 404  # nobody has checked it
    publish(course, at=now)
    piece = client.get(address, headers={"Range": "bytes=4-7"})
    assert (piece.status_code, b"".join(piece)) == (206, b"ftyp")
    html = client.get(PUBLIC).text
    assert f'src="{address}"' in html and '<track kind="subtitles"' in html
    words = client.get(f"{PUBLIC}{course_steps.published(course).number}/m1/en.vtt")
    assert words["Content-Type"].startswith("text/vtt") and words.text.startswith("WEBVTT")
    assert "Stop for a" in words.text
