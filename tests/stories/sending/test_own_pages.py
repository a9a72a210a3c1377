"""A municipality's people send stories, and see what becomes of them; a consent taken back takes them off."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.privacy import data_subjects, erasure
from accounts.privacy.data_subjects import Person
from stories.consents import consent_steps
from stories.models import Story, StoryConsent
from stories.moderation import story_steps as moderation
from stories.sending import personal_data, story_steps
from tests.support import builders
from tests.support.builders import editor

from .scene import (
    build_municipality,
    build_person,
    build_picture_story,
    build_sender,
    build_story,
    build_video,
    content,
    publish,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles", "stored")]
OWN = "/en/municipality/"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def town(campaign):
    return build_municipality(campaign)


@pytest.fixture
def sender(client, town):
    user = build_sender(town)
    client.force_login(user)
    return user


def typed(story, **fields):
    """Return what somebody types into the form."""
    told = content(**fields)
    told["people"] = [one.pk for one in told["people"]]
    return told | {"revision": story.revision, "nobody_else": "on", "do": "send"} | fields


def test_a_text_is_sent_and_waits_to_be_looked_at(client, campaign, town, sender, now):
    answer = client.post(f"{OWN}stories/", {"municipality": town.pk, "kind": "text"})
    story = Story.objects.get()
    assert answer["Location"] == f"{OWN}stories/{story.key}/"
    answer = client.post(answer["Location"], typed(story, text="Words."))
    story.refresh_from_db()
    assert (story.state, story.sent_by) == ("sent", sender)
    assert not Story.objects.shown(campaign).exists()
    assert "Being looked at" in client.get(OWN).text
    assert client.post(f"{OWN}stories/{story.key}/", typed(story, title="Later words")).status_code == 302
    story.refresh_from_db()
    assert story.title == {"en": "Water came by foot"}


def test_what_is_missing_is_said_and_what_was_typed_stays(client, town, sender, now):
    story = build_story(town, by=sender, at=now, kind="video", title="")
    answer = client.post(f"{OWN}stories/{story.key}/", typed(story, title="", sentence="Kept words"))
    assert answer.status_code == 409
    assert 'id="lacks-tick"' not in answer.text
    for words in ("Give it a title.", "Record a video, or choose one.", "Kept words"):
        assert words in answer.text
    story.refresh_from_db()
    assert story.state == "draft"
    build_video(story, by=sender, at=now)
    told = typed(story, title="A title")
    del told["nobody_else"]
    assert client.post(f"{OWN}stories/{story.key}/", told).text.count("Tick that nobody else") == 2, "above, and there"
    story.refresh_from_db()
    assert story.state == "draft"


def test_two_windows_at_once_notice_each_other_and_each_text_is_there(client, town, sender, now):
    story, where = build_story(town, by=sender, at=now), f"{OWN}stories/"
    where += f"{story.key}/"
    stale = typed(story, title="Mine", text="Same words.")
    story_steps.save(story, content(title="Theirs", text="Same words."), revision=story.revision, by=sender, at=now)
    answer = client.post(where, stale)
    story.refresh_from_db()
    assert (answer.status_code, story.state, story.title) == (409, "draft", {"en": "Theirs"})
    html = " ".join(answer.text.split())
    assert 'value="Mine"' in html and "changed elsewhere" in html
    assert html.count("Stored now:") == 1 and "<p>Theirs</p>" in html
    assert client.post(where, stale | {"revision": story.revision}).status_code == 302
    story.refresh_from_db()
    assert (story.state, story.title) == ("sent", {"en": "Mine"})


def test_a_person_added_in_an_old_window_leaves_the_newer_words_alone(client, town, sender, now):
    story = build_story(town, by=sender, at=now, kind="video")
    stale = typed(story, do="add", name="Onni", title="Mine")
    story_steps.save(story, content(title="Theirs"), revision=story.revision, by=sender, at=now)
    where = f"{OWN}stories/{story.key}/"
    assert client.post(where, stale, headers={"X-Part": "people"}).status_code == 412
    page = client.post(where, stale)  # what the script does then
    assert page.status_code == 409 and 'value="Onni"' in page.text and "Theirs" in page.text
    assert Story.objects.get().title == {"en": "Theirs"} and not StoryConsent.objects.exists()


def test_what_was_typed_about_people_stays_where_another_window_stored_something(client, town, sender, now):
    onni = build_person(town, by=sender, at=now, name="Onni", is_minor=True, signed=False)
    elias, aada = (build_person(town, by=sender, at=now, name=name) for name in ("Elias", "Aada"))
    story = build_story(town, by=sender, at=now, kind="video", people=[onni])
    where = f"{OWN}stories/{story.key}/"
    stale = typed(story, do="add", name="Iida", minor="yes")
    stale |= {"people": [onni.pk, elias.pk], f"guardian-{onni.pk}": "Elna"}
    theirs = content(title="Theirs", people=[onni])
    story_steps.save(story, theirs, revision=story.revision, by=sender, at=now)

    page = client.post(where, stale)

    html = " ".join(page.text.split())
    assert page.status_code == 409 and 'value="Iida"' in html and 'value="Elna"' in html
    assert '<details class="signhere" open>' in html
    assert 'id="person-minor" name="minor" value="yes" checked' in html
    assert f'value="{elias.pk}" checked' in html and f'value="{aada.pk}" checked' not in html
    assert Story.objects.get().title == {"en": "Theirs"} and not StoryConsent.objects.filter(name="Iida").exists()
    fresh = client.get(where).text
    assert 'value="Elna"' not in fresh and 'value="yes" checked' not in fresh


def test_what_was_typed_about_a_picture_stays_beside_what_another_window_stored(client, town, sender, now):
    story = build_picture_story(town, by=sender, at=now)
    picture = story.files.get(role="picture")
    stale = typed(story, do="save") | {f"alt-{picture.pk}": "My words"}
    told = {**typed(story, do="save"), f"alt-{picture.pk}": "Their words"}
    where = f"{OWN}stories/{story.key}/"
    assert client.post(where, told).status_code == 302
    page = client.post(where, stale)
    assert page.status_code == 409 and 'value="My words"' in page.text and "Their words" in page.text
    picture.refresh_from_db()
    assert picture.alt_text == {"en": "Their words"}


def test_a_person_is_added_and_signs_on_the_same_phone(client, town, sender, now):
    story = build_story(town, by=sender, at=now, kind="video")
    where = f"{OWN}stories/{story.key}/"
    part = client.post(where, typed(story, do="add", name="Onni", minor="yes"), headers={"X-Part": "people"})
    assert "a guardian agrees" in part.text
    onni = StoryConsent.objects.get()
    story.refresh_from_db()
    sign = typed(story, people=[onni], do=f"sign-{onni.pk}")
    refused = client.post(where, sign, headers={"X-Part": "people"})
    assert (refused.status_code, "Write the name" in refused.text) == (409, True)
    onni.refresh_from_db()
    assert onni.signed_at is None
    story.refresh_from_db()
    sign = typed(story, people=[onni], do=f"sign-{onni.pk}") | {f"guardian-{onni.pk}": "Elna"}
    client.post(where, sign, headers={"X-Part": "people"})
    onni.refresh_from_db()
    assert (onni.guardian, onni.holds, onni.language) == ("Elna", True, "en")
    assert "I am the guardian" in onni.agreed_to
    assert "Town 091" in onni.agreed_to


def test_two_people_of_one_name_are_told_apart(client, town, sender, now):
    asa = build_person(town, by=sender, at=now, name="Åsa Berg")
    build_story(town, by=sender, at=now, title="Bread for all", people=[asa])
    story = build_story(town, by=sender, at=now, kind="video", title="Another")
    where, part = f"{OWN}stories/{story.key}/", {"X-Part": "people"}
    asked = client.post(where, typed(story, do="add", name=" åsa  berg"), headers=part)
    assert asked.status_code == 409
    for words in ("Is it the same", "Yes, Åsa Berg", "Seen in “Bread for all”", 'name="known_as"'):
        assert words in " ".join(asked.text.split())
    assert StoryConsent.objects.count() == 1
    assert not story.people.exists()
    story.refresh_from_db()
    client.post(where, typed(story, do=f"same-{asa.pk}"), headers=part)
    assert list(story.people.all()) == [asa]
    story.refresh_from_db()
    other = typed(story, do="add", name="Åsa Berg", known_as="the baker") | {"people": [asa.pk]}
    assert "Åsa Berg (the baker)" in client.post(where, other, headers=part).text
    both = story.people.order_by("pk")
    assert [(str(one), one.holds) for one in both] == [("Åsa Berg", True), ("Åsa Berg (the baker)", False)]
    with pytest.raises(consent_steps.NameTaken):  # it would be one of two bakers
        consent_steps.ask(town, "Åsa Berg", is_minor=False, known_as="The Baker", by=sender, at=now)
    consent_steps.take_back(asa, by=None, at=now)
    assert [one.withdrawn_at is None for one in both.all()] == [False, True]


def test_a_story_is_shown_only_with_every_consent_and_goes_within_the_same_moment(client, campaign, town, sender, now):
    elna = build_person(town, by=sender, at=now, signed=False)
    story = publish(build_story(town, by=sender, at=now, people=[elna]), by=editor(), at=now)
    assert not Story.objects.shown(campaign).exists()
    consent_steps.sign(elna, language="fi", at=now)
    assert list(Story.objects.shown(campaign)) == [story]
    link = f"/en/consent/{consent_steps.token_of(elna)}/"
    client.logout()
    assert client.get(link).status_code == 200  # a scanner's
    assert Story.objects.shown(campaign).exists()
    assert client.post(link, {"do": "take-back"}).status_code == 302
    assert not Story.objects.shown(campaign).exists()
    assert client.post(link, {"do": "sign"}).status_code == 302
    assert Story.objects.shown(campaign).exists()


def test_links_of_others_open_nothing(client, town, sender, now):
    elna = build_person(town, by=sender, at=now)
    assert client.get(f"/en/consent/{elna.pk}:forged/").status_code == 404
    assert client.post(f"/en/consent/{elna.pk}:forged/", {"do": "take-back"}).status_code == 404
    elna.refresh_from_db()
    assert elna.holds


def test_the_sender_takes_back_for_somebody_who_asks(client, campaign, town, sender, now):
    elna = build_person(town, by=sender, at=now)
    publish(build_story(town, by=sender, at=now, people=[elna]), by=editor(), at=now)
    assert "Elna" in client.get(f"{OWN}people/").text
    client.post(f"{OWN}people/", {"person": elna.pk})
    page = client.get(f"{OWN}people/").text
    assert "Took the consent back" in page and consent_steps.token_of(elna) not in page
    assert not Story.objects.shown(campaign).exists()
    other = build_sender(build_municipality(town.campaign, "092"), "olli")
    client.force_login(other)
    assert client.post(f"{OWN}people/", {"person": elna.pk}).status_code == 404


def test_withdrawing_takes_a_published_story_off_and_deletes_a_draft(client, campaign, town, sender, now):
    story = publish(build_story(town, by=sender, at=now), by=editor(), at=now)
    client.post(f"{OWN}stories/{story.key}/withdraw/")
    story.refresh_from_db()
    assert (story.state, story.withdrawn_at is not None) == ("withdrawn", True)
    assert not Story.objects.shown(campaign).exists()
    draft = build_story(town, by=sender, at=now, title="Draft")
    client.post(f"{OWN}stories/{draft.key}/withdraw/")
    assert not Story.objects.filter(pk=draft.pk).exists()


def test_a_story_that_was_sent_back_says_why_and_is_sent_again(client, town, sender, now):
    story = build_story(town, by=sender, at=now)
    story_steps.send(story, by=sender, at=now)
    Story.objects.update(state="returned", remark="Who is the boy?")
    assert "Who is the boy?" in client.get(f"{OWN}stories/{story.key}/").text
    story.refresh_from_db()
    client.post(f"{OWN}stories/{story.key}/", typed(story, text="Words."))
    story.refresh_from_db()
    assert (story.state, story.remark) == ("sent", "")


def test_erasing_a_sender_leaves_the_story_under_no_name(town, sender, now):
    story = build_story(town, by=sender, at=now)
    held = {one.part.kind for one in data_subjects.collect(Person.of(sender.email))}
    assert {"municipalities", "municipality_stories"} <= held
    erasure.erase(Person.of(sender.email), by=builders.build_user("dpo", "admin"), reason="asked", at=now)
    story.refresh_from_db()
    assert story.sent_by is None
    assert not town.members.exists()


def test_a_municipality_cannot_give_back_a_consent_that_was_taken_back(client, campaign, town, sender, now):
    elna = build_person(town, by=sender, at=now)
    publish(build_story(town, by=sender, at=now, people=[elna]), by=editor(), at=now)
    draft = build_story(town, by=sender, at=now, title="Another", people=[elna])
    consent_steps.take_back(elna, by=None, at=now)
    address = f"{OWN}stories/{draft.key}/"
    assert f"sign-{elna.pk}" not in client.get(address).text
    answer = client.post(address, typed(draft, do=f"sign-{elna.pk}", people=[elna]))
    assert answer.status_code == 409 and "Only its person can agree anew" in answer.text
    # Her link isn't on their pages any more, and does nothing for whoever kept it.
    link, sent = f"/en/consent/{consent_steps.token_of(elna)}/", Story.objects.exclude(pk=draft.pk).get()
    page = client.get(f"{OWN}stories/{sent.key}/").text
    assert "Only this person can agree anew" in page and link not in page
    assert 'value="sign"' not in client.get(link).text
    assert client.post(link, {"do": "sign"}).status_code == 422
    assert not Story.objects.shown(campaign).exists()
    client.logout()
    assert client.post(link, {"do": "sign"}).status_code == 302
    assert Story.objects.shown(campaign).count() == 1


def test_names_go_long_after_a_consent_was_taken_back_and_the_story_stays_off(campaign, town, sender, now):
    elna = build_person(town, by=sender, at=now)
    unused = build_person(town, by=sender, at=now, name="Nobody", signed=False)
    publish(build_story(town, by=sender, at=now, people=[elna]), by=editor(), at=now)
    consent_steps.take_back(elna, by=None, at=now)
    personal_data.forget_consents(now + timedelta(days=61))
    elna.refresh_from_db()
    assert (elna.name, StoryConsent.objects.filter(pk=unused.pk).exists()) == ("", False)
    assert not Story.objects.shown(campaign).exists()
    assert personal_data.forget_consents(now + timedelta(days=61)) == 0


@pytest.mark.parametrize("ending", ["withdrawn", "refused"])
def test_names_go_with_the_files_of_the_last_story_that_needed_them(town, sender, now, ending):
    elna, onni = (build_person(town, by=sender, at=now, name=name) for name in ("Elna", "Onni"))
    story = build_story(town, by=sender, at=now, people=[elna, onni])
    build_story(town, by=sender, at=now, title="Another", people=[onni])
    story_steps.send(story, by=sender, at=now)
    story.refresh_from_db()
    if ending == "refused":
        moderation.refuse(story, remark="No.", read=story.revision, by=editor(), at=now)
    else:
        story_steps.withdraw_by_sender(story, by=sender, at=now)
    assert personal_data.forget_consents(now + timedelta(days=6)) == 0
    assert personal_data.forget_consents(now + timedelta(days=7)) == 1
    assert [one.name for one in StoryConsent.objects.all()] == ["Onni"]
