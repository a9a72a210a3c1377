"""An answer's picture carries a code that leads to what the answer says now, and is gone when the answer is."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from campaigns.cards import check_codes
from campaigns.models import Campaign
from lib.images import code_reader
from lib.images.picture_sizes import SIZES, Ratio
from lib.text.characters import spoken_codes
from questions.answers import answer_cards, answer_workflow
from questions.models import Answer
from tests.influencers.portal import questions_scene
from tests.support import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(
    campaign: Any, authority: Any, noon: Any, liisa: Any, minna: Any, oskar: Any, settings: Any, tmp_path: Any
) -> Answer:
    """An answer that is published, and public since an hour."""
    settings.MEDIA_ROOT = tmp_path
    found = questions_scene.asked(campaign, authority, at=noon - timedelta(days=2), staff=liisa)
    return questions_scene.published(found, by=minna, approver=oskar, at=noon - timedelta(hours=2))


def page_of(answer: Answer, language: str = "en") -> Any:
    return Client().get(f"/{language}/answers/{answer.group.slug}/")


def code_of(answer: Answer, language: str = "en") -> str:
    answer.refresh_from_db()
    assert answer.current_version
    return answer_cards.code_of(answer.current_version, language)


def told(code: str, status: int = 200, language: str = "en") -> str:
    """Return what the page of a code says."""
    answered = Client().get(f"/{language}/c/{code}/")
    assert answered.status_code == status
    return answered.content.decode().partition("<main")[2]


def test_the_page_shares_question_and_answer_with_a_picture_whose_code_leads_back(
    answer: Answer, time_machine: Any, noon: Any
) -> None:
    time_machine.move_to(noon, tick=False)
    page = page_of(answer)
    html, sharing = page.content.decode(), page.context["sharing"]
    assert (
        sharing["words"].startswith("Are the libraries open? Closed until 13.4.\n") and "Answer: " in sharing["words"]
    )
    assert 'id="question"' in html and "Share this answer" in html and "<video" not in html
    code = code_of(answer)
    assert sharing["check"] == check_codes.address(code) and spoken_codes.in_groups(code) in html
    assert code != code_of(answer, "fi") and page_of(answer, "fi").context["sharing"]["words"].startswith(
        "Ovatko kirjastot auki? "
    )

    for picture in sharing["pictures"]:
        drawn, small = Client().get(picture.url), Client().get(picture.small)
        with Image.open(io.BytesIO(drawn.content)) as whole:
            assert whole.size == SIZES[Ratio(picture.ratio)] == (picture.width, picture.height)
            reduced = whole.convert("L").resize((480, round(480 * whole.height / whole.width)))
        assert small["Content-Type"] == "image/webp" and len(small.content) < len(drawn.content)
        worn = io.BytesIO()
        reduced.save(worn, "JPEG", quality=40)
        with Image.open(worn) as again:
            assert [one.text.lower() for one in code_reader.codes_in(again.convert("L"))] == [
                check_codes.address(code).lower()
            ]
        assert Client().get(picture.url, headers={"If-None-Match": drawn["ETag"]}).status_code == 304
    html = told(code)
    for words in (
        "Genuine, from an exercise",
        "Are the libraries open? Closed until",
        "Ministry",
        sharing["pictures"][1].small,
    ):
        assert words in html, words
    assert reverse("website:answer", args=[answer.group.slug]) in html and f"/c/{code_of(answer, 'fi')}/" in html
    assert 'lang="en"' in told(code, language="fi") and "Aito" in told(code, language="fi")
    Campaign.objects.update(mode=Campaign.Mode.LIVE)
    upload = SimpleUploadedFile("seen.png", drawn.content, "image/png")
    seen = Client().post("/en/check/", {"picture": upload, "check_picture": "1"})
    assert seen.context["seen"].sight == "same" and f"/c/{code}/" in seen.content.decode()


def test_a_replaced_or_withdrawn_answer_has_no_picture_and_its_code_says_so(
    answer: Answer, minna: Any, oskar: Any, time_machine: Any, noon: Any
) -> None:
    time_machine.move_to(noon, tick=False)
    old, picture = code_of(answer), page_of(answer).context["sharing"]["pictures"][2]
    assert Client().get(picture.url).status_code == 200
    answer_workflow.correct(answer, by=minna, at=noon)
    words = questions_scene.TEXT | {"en": "Closed until 19.4.", "fi": "Kiinni 19.4. asti.", "sv": "Stängda till 19.4."}
    changed = answer_workflow.save(answer, by=minna, at=noon, text=words, what_changed=questions_scene.CHANGED)
    answer_workflow.submit(changed, by=minna, at=noon)
    answer_workflow.approve(changed, digest=changed.digest, by=oskar, at=noon)
    new = code_of(answer)

    assert Client().get(picture.url).status_code == 404
    assert "This holds now" not in told(new) and "Closed until 19.4." in told(new)
    replaced = told(old)
    assert "This holds now" in replaced and "Closed until 19.4." in replaced and f"/c/{new}/" in replaced
    assert "<del" in replaced and "Closed until 13.4." in replaced
    assert page_of(answer).context["sharing"]["check"] == check_codes.address(new)

    answer.refresh_from_db()
    builders.withdraw_answer(answer, by=oskar, at=noon)
    for code in (old, new):
        gone = told(code)
        assert "Withdrawn" in gone and "Closed until" not in gone and "<img" not in gone
    html = page_of(answer).content.decode()
    assert "This answer has been withdrawn." in html and "Share this answer" not in html
    for version in (1, 2, 3, 9):
        for ratio in ("1x1", "2x3"):
            address = f"/en/answers/{answer.group.slug}/cards/{version}-en-{ratio}.png"
            assert Client().get(address).status_code == 404


def test_before_everyone_may_read_it_a_code_stands_for_nothing_and_what_has_no_room_is_shared_in_words(
    campaign: Any,
    authority: Any,
    noon: Any,
    liisa: Any,
    minna: Any,
    oskar: Any,
    settings: Any,
    tmp_path: Any,
    time_machine: Any,
) -> None:
    settings.MEDIA_ROOT, settings.ANSWER_HEAD_START_MINUTES = tmp_path, 10
    time_machine.move_to(noon, tick=False)
    found = questions_scene.asked(campaign, authority, at=noon - timedelta(days=2), staff=liisa)
    long = {code: f"{text} " + "Katso tarkemmin täältä. " * 60 for code, text in questions_scene.TEXT.items()}
    answer = questions_scene.published(found, by=minna, approver=oskar, at=noon, text=long)
    code = code_of(answer)
    assert code and told(code, 404)
    time_machine.move_to(noon + timedelta(minutes=11), tick=False)
    assert "<blockquote" in told(code) and "<img" not in told(code)
    sharing = page_of(answer).context["sharing"]
    assert sharing["pictures"] == [] and "Katso tarkemmin" in sharing["words"]
    assert Client().get(f"/en/answers/{answer.group.slug}/cards/1-en-1x1.png").status_code == 404
