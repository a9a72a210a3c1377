"""Contributions: sent by anyone, seen by nobody before somebody let them be shown, gone when their sender takes them back."""

import io
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Person
from lib.images import uploaded_images
from notifications import sending
from stories.contributions import contribution_steps, personal_data, sender_links
from stories.contributions.contribution_steps import NotDone
from stories.models import Contribution, Prompt

from .scene import build_contribution, build_prompt, shown

pytestmark = pytest.mark.django_db
PAGE, SEND = "/en/contributions/afterwards/", "/en/contributions/afterwards/send/"
State = Contribution.State


@pytest.fixture(autouse=True)
def no_rate_limits():
    cache.clear()


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def prompt(campaign, now):
    return build_prompt(campaign, at=now)


def told(**fields):
    """Return what the form sends."""
    return {"text": "We sing.", "language": "en", "agrees": "on", "old_enough": "on", "token": "a" * 32} | fields


def photo():
    """Return a photograph that tells where it was taken."""
    data, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "SECRETPLACE"
    Image.new("RGB", (40, 30), "teal").save(data, "JPEG", exif=exif)
    return SimpleUploadedFile("a.jpg", data.getvalue())


def test_what_is_sent_is_seen_by_nobody_before_somebody_let_it_be_shown(client, prompt, signed_in, alma):
    answer = client.post(SEND, told(picture=photo(), name="Aino"))
    assert answer.status_code == 302
    client.post(SEND, told(picture=photo(), name="Aino"))  # pressed twice
    row = Contribution.objects.get()
    picture = reverse("contributions:picture", args=[row.key])
    assert "Keep this link" in client.get(answer["Location"]).text
    assert "We sing." not in client.get(PAGE).text and client.get(picture).status_code == 404
    desk = signed_in(alma)
    data = b"".join(desk.get(picture).streaming_content)
    assert data and b"SECRETPLACE" not in data
    page = reverse("admin:stories_contribution_change", args=[row.pk])
    assert desk.post(page, {"show": "yes"}).status_code == 302
    text = client.get(PAGE).text
    assert "We sing." in text and "Aino" in text and client.get(picture).status_code == 200


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"agrees": ""}, 422),
        ({"old_enough": ""}, 422),
        ({"text": ""}, 422),
        ({"text": "x" * 1501}, 422),
        ({"language": "xx"}, 422),
        ({"email": "no"}, 422),
        ({"website": "https://spam.example"}, 302),
        ({"picture": SimpleUploadedFile("a.png", b"<svg onload=alert(1)>")}, 422),
    ],
)
def test_what_cannot_be_taken_keeps_nothing(client, prompt, fields, status):
    assert client.post(SEND, told(**fields)).status_code == status
    assert not Contribution.objects.exists()


def test_one_place_sends_only_so_many_and_a_closed_prompt_takes_nothing(client, prompt, now, monkeypatch):
    for number in range(10):
        assert client.post(SEND, told(token=f"{number:032x}")).status_code == 302
    assert client.post(SEND, told(token="f" * 32)).status_code == 429
    monkeypatch.setattr(uploaded_images, "picture", lambda data: pytest.fail("what is over the limit is not drawn"))
    assert client.post(SEND, told(token="f" * 32, picture=photo())).status_code == 429
    prompt.closes_at = now - timedelta(minutes=1)
    prompt.save()
    assert client.post(SEND, told(token="e" * 32)).status_code == 410
    assert client.get(SEND).status_code == 410 and "Closed" in client.get(PAGE).text
    assert Contribution.objects.count() == 10


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"slug": "afterwards"}, "already exists"),
        ({"closes_at_0": "2021-01-01"}, "The end is not after the beginning."),
        ({"takes": ()}, "Nothing could be sent."),
    ],
)
def test_a_prompt_that_cannot_be_is_told_and_not_stored(signed_in, alma, campaign, prompt, fields, says):
    texts = {f"title__{code}": "What now?" for code in ("fi", "sv", "en")}
    sent = texts | {"slug": "other", "opens_at_0": "2021-02-01", "closes_at_0": "2021-03-01"} | fields
    sent |= {"opens_at_1": "12:00", "closes_at_1": "12:00"}
    sent |= dict.fromkeys(sent.pop("takes", ("takes_words", "takes_pictures")), "on")
    answer = signed_in(alma).post(reverse("admin:stories_prompt_add"), sent)
    assert answer.status_code == 200 and says in answer.text and "violated" not in answer.text
    assert list(Prompt.objects.all()) == [prompt]


def test_a_prompt_is_added_to_the_campaign_that_is_worked_in(signed_in, alma, campaign, prompt):
    sent = {"title__en": "What now?", "slug": "other", "takes_words": "on", "opens_at_0": "2021-02-01"}
    sent |= {"closes_at_0": "2021-03-01", "opens_at_1": "12:00", "closes_at_1": "12:00"}
    assert signed_in(alma).post(reverse("admin:stories_prompt_add"), sent).status_code == 302
    assert Prompt.objects.get(slug="other").campaign == campaign
    changed = reverse("admin:stories_prompt_change", args=[prompt.pk])
    assert signed_in(alma).post(changed, sent | {"slug": "other"}).status_code == 200  # another one has that name
    assert signed_in(alma).post(changed, sent | {"slug": "afterwards"}).status_code == 302


def test_of_two_moderators_at_once_one_decides(prompt, now, alma, oskar):
    row = build_contribution(prompt, at=now)
    same = Contribution.objects.get(pk=row.pk)
    contribution_steps.decide(row, State.REFUSED, by=oskar, at=now)
    with pytest.raises(NotDone):
        contribution_steps.decide(same, State.SHOWN, by=alma, at=now)
    assert Contribution.objects.get().state == State.REFUSED and not Contribution.objects.shown(prompt)


def test_who_may_not_decide_does_not(prompt, now, signed_in, fiona):
    row = build_contribution(prompt, at=now)
    answer = signed_in(fiona).post(reverse("admin:stories_contribution_change", args=[row.pk]), {"show": "yes"})
    assert answer.status_code in {403, 404}
    assert Contribution.objects.get().state == State.WAITING


def test_its_sender_takes_it_back_by_their_link_and_nobody_else_does(
    client, prompt, now, django_capture_on_commit_callbacks
):
    client.post(SEND, told(picture=photo(), name="Aino", email="aino@example.org"))
    row = shown(Contribution.objects.get(), at=now)
    link = reverse("contributions:withdraw", args=[sender_links.token_of(row)])
    assert client.post(f"{link[:-2]}x/").status_code == 404
    assert client.get(link).status_code == 200 and "We sing." in client.get(PAGE).text
    name, storage = row.picture.name, row.picture.storage
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(link).status_code == 302
    assert "It is gone" in client.get(link).text and "We sing." not in client.get(PAGE).text
    row = Contribution.objects.get()
    assert (row.state, row.text, row.name, row.email, row.picture.name) == (State.WITHDRAWN, "", "", "", "")
    assert not storage.exists(name)


def test_what_stands_in_a_pictures_address_opens_nobodys_own_page(client, prompt, now):
    client.post(SEND, told(picture=photo()))
    theirs = shown(Contribution.objects.get(), at=now)
    answer = client.post(SEND, told(text="Not theirs.", token=theirs.key))
    assert sender_links.token_of(theirs) not in answer["Location"] and Contribution.objects.count() == 2


def test_what_is_sent_twice_at_the_same_moment_is_kept_once(client, prompt, monkeypatch):
    client.post(SEND, told(picture=photo()))
    looks = [lambda key: None, contribution_steps.sent_as]  # the first look comes before the other one is there
    monkeypatch.setattr(contribution_steps, "sent_as", lambda key: looks.pop(0)(key))
    assert client.post(SEND, told(picture=photo())).status_code == 302
    assert Contribution.objects.count() == 1


def test_whoever_gave_an_address_is_thanked_once_in_their_language_when_it_is_shown(prompt, now):
    row = build_contribution(prompt, at=now, email="aino@example.org", language="sv")
    other = build_contribution(prompt, at=now, email="eero@example.org")
    shown(row, at=now)
    contribution_steps.decide(other, State.REFUSED, by=row.decided_by, at=now)
    sending.deliver_notices(at=now)
    sending.deliver_notices(at=now + timedelta(hours=1))
    (letter,) = mail.outbox
    assert letter.to == ["aino@example.org"] and letter.extra_headers["Content-Language"] == "sv"
    assert "/sv/contributions/withdraw/" in letter.body and row.text not in letter.body


def test_addresses_are_forgotten_after_thanks_and_a_person_gets_a_copy_or_is_erased(prompt, now):
    kept = shown(build_contribution(prompt, at=now, email="aino@example.org"), at=now)
    person = Person.of("aino@example.org")
    assert data_subjects.export(person, at=now)["held"]["contributions"][0]["text"] == "We meet outside."
    retention.forget_all(retention.rule("contributions"), at=now + timedelta(days=31))
    kept.refresh_from_db()
    assert kept.email == "" and kept.state == State.SHOWN
    gone = shown(build_contribution(prompt, at=now, email="aino@example.org"), at=now)
    personal_data.forget_sent(person, None, now)
    gone.refresh_from_db()
    assert gone.state == State.WITHDRAWN and gone.text == ""


def test_the_page_costs_the_same_however_many_there_are_and_is_a_feed_too(
    client, prompt, now, django_assert_num_queries
):
    shown(build_contribution(prompt, at=now, name="Aino", text="<b>Bold</b>"), at=now)
    with django_assert_num_queries(6):
        client.get(PAGE)
    Contribution.objects.bulk_create(
        Contribution(prompt=prompt, key=f"k{number}", text="Many.", language="fi", state=State.SHOWN,
                     sent_at=now, decided_at=now, agreed_to="Yes.") for number in range(40)
    )  # fmt: skip
    with django_assert_num_queries(6):
        text = client.get(PAGE).text
    assert text.count('class="contribution"') == 24 and "Finnish" in text
    assert client.get(PAGE, {"language": "en"}).text.count('class="contribution"') == 1
    feed = ElementTree.fromstring(client.get(f"{PAGE}atom.xml").content)
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 41 and "<b>Bold" not in client.get(PAGE, {"language": "en"}).text
