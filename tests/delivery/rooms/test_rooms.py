"""A chat room gets word once its code is known, follows corrections, is left with one act, and ends when its service says so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from bulletins.models import Bulletin
from bulletins.publication import corrections, room_reach
from delivery.fanout import fanout
from delivery.models import Delivery, Room, Send
from delivery.rooms import room_steps
from delivery.rooms.admin import is_code_out
from delivery.rooms.room_form import RoomForm
from delivery.rooms.room_steps import NotDone
from delivery.sending import worker
from delivery.transports.rooms.places import LONGEST_URL
from notifications.models import Notice
from tests.support.builders import (
    NOON,
    build_audience,
    build_bulletin,
    build_campaign,
    published,
)
from tests.support.providers.chat_services import ChatServices

from . import room_scene

State = Delivery.State
SERVICES = ["slack", "mattermost", "teams", "matrix", "hookshot"]


@pytest.fixture
def services(settings, own_buckets):
    with ChatServices() as running:
        room_scene.set_up(settings, running)
        yield running


@pytest.fixture
def live(db, roles):
    return build_campaign("live", mode="live", published_at=NOON)


def goes(version, *, at=NOON, after=1):
    """Let what goes into rooms of a version leave, and return its send."""
    send = version.mailing.sends.get(channel="room")
    fanout.fan_out(send, at=max(at, send.slot_at))
    worker.work(send.pk, clock=lambda: max(at, send.slot_at) + timedelta(seconds=after))
    return send


def states(send):
    return list(Delivery.objects.of(send).order_by("pk").values_list("state", "code"))


def urgent(campaign, **fields):
    audience = campaign.audiences.of_people().first() or build_audience(campaign)
    return published(build_bulletin(campaign, audiences=[audience], urgency="urgent", **fields))


def test_what_is_urgent_comes_into_each_room_in_its_language_and_a_correction_follows(live, services, alma):
    rooms = [room_scene.proven(live, services, alma, service=one, name=one, language="en") for one in SERVICES]
    version = urgent(live)
    send = goes(version)

    assert states(send) == [(State.ACCEPTED, "202" if room.service == "teams" else "200") for room in rooms]
    title = version.bulletin.editions.get(language="en").title
    page = f"/en/bulletins/{version.bulletin.number}/"
    assert len(services.said) == 5 and all(title in str(body) and page in str(body) for _path, body in services.said)
    assert send.audience.kind == "rooms" and Delivery.objects.of(send).exclude(provider_id="").count() == 1

    services.said.clear()
    words = dict.fromkeys(("fi", "sv", "en"), "The time.")
    corrections.start_correction(version.bulletin, by=alma, at=NOON, what_changed=words)
    version.bulletin.refresh_from_db()
    assert set(room_reach.rooms_of(version.bulletin)) == set(rooms)
    goes(published(version.bulletin, by=alma))
    assert len(services.said) == 5 and all("Corrected: " in str(body) for _path, body in services.said)


def test_other_bulletins_come_only_where_every_bulletin_is_wanted(live, services, alma):
    room_scene.proven(live, services, alma, name="one")
    network = build_audience(live)

    first = published(build_bulletin(live, audiences=[network]))
    assert not first.mailing.sends.filter(channel="room").exists()
    wanting = room_scene.proven(live, services, alma, name="two", bulletins=True)
    draft = build_bulletin(live, audiences=[network])
    assert room_reach.rooms_of(draft) == [wanting]
    goes(published(draft))

    assert [path for path, _body in services.said] == ["/slack/two"]
    room_steps.change_wishes(wanting, wants_bulletins=False, by=alma, at=NOON)
    third = published(build_bulletin(live, audiences=[network]))
    assert not third.mailing.sends.filter(channel="room").exists()


def test_words_that_were_written_for_rooms_go_there(live, services, alma):
    room_scene.proven(live, services, alma)
    draft = build_bulletin(live, audiences=[build_audience(live)], urgency="urgent")
    draft.editions.get(language="en").variants.create(platform="room", caption="Editors: boil your water.")

    goes(published(draft))

    assert services.said[0][1]["text"] == "Editors: boil your water."


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        ((429, "rate_limited", {"Retry-After": "40"}), State.DEFERRED, "429"),
        ((302, "", {"Location": "http://127.0.0.1/elsewhere"}), State.DEFERRED, "302"),
        ((403, "action_prohibited"), State.FAILED, "403"),
        ((200, "<html>Sign in</html>"), State.QUEUED, "200"),  # urgent: once more, with a mark
        ((500, "rollup_error"), State.QUEUED, "500"),
        (None, State.QUEUED, ""),
    ],
)
def test_what_one_room_answers_holds_for_it_alone(live, services, alma, answer, state, code):
    for name in ("one", "two"):
        room_scene.proven(live, services, alma, name=name)
    version = urgent(live)
    services.answers["/slack/one"] = [answer]

    send = goes(version)

    assert states(send) == [(state, code), (State.ACCEPTED, "200")] and len(services.said) == 2
    if code == "429":
        row = Delivery.objects.of(send).get(state=State.DEFERRED)
        assert row.next_attempt_at - NOON > timedelta(seconds=40)
    assert Room.objects.standing().count() == 2 and room_steps.settle(at=NOON) == 0


def test_a_room_that_is_gone_ends_and_staff_are_told_once(live, services, alma):
    one, two = (room_scene.proven(live, services, alma, name=name) for name in ("one", "two"))
    version = urgent(live)
    services.answers["/slack/one"] = [(410, "channel_is_archived")]
    send = goes(version)
    assert states(send) == [(State.FAILED, "410 5.1.1"), (State.ACCEPTED, "200")]

    assert (room_steps.settle(at=NOON), room_steps.settle(at=NOON)) == (1, 0)

    one.refresh_from_db()
    assert (one.ended_because, one.secret) == ("gone", "") and one.recipient.state == "left"
    told = Notice.objects.filter(kind="room_gone", person=alma)
    assert told.count() == 1 and told[0].subject_id == one.pk
    assert list(Room.objects.standing()) == [two]


def test_a_room_is_left_with_one_act_also_in_mid_send_and_may_come_back(live, services, alma):
    room = room_scene.proven(live, services, alma)
    version = urgent(live)
    send = version.mailing.sends.get(channel="room")
    fanout.fan_out(send, at=NOON)

    room_steps.leave(room, by=alma, at=NOON)
    worker.work(send.pk, clock=lambda: NOON + timedelta(seconds=1))

    assert [state for state, _code in states(send)] == [State.SUPPRESSED] and not services.said
    with pytest.raises(NotDone):
        room_steps.leave(room, by=alma, at=NOON)
    room_scene.proven(live, services, alma)
    goes(urgent(live))
    assert len(services.said) == 1


def test_a_code_is_guessed_five_times_at_most_and_nothing_goes_before_it_is_known(live, services, alma):
    room = room_scene.room_of(live, services, alma)
    with pytest.raises(NotDone, match="already"):
        room_scene.room_of(live, services, alma)
    room_steps.ask(room, at=NOON)
    code = room_scene.CODE.findall(services.texts())[-1]
    wrong = "000000" if code != "000000" else "000001"

    for says in (*["not the code"] * 4, "Too many.* Have another one sent"):
        with pytest.raises(NotDone, match=says):
            room_steps.prove(room, wrong, by=alma, at=NOON)
    with pytest.raises(NotDone, match="Too many"):
        room_steps.prove(room, code, by=alma, at=NOON)
    assert not is_code_out(room, at=NOON)

    assert not urgent(live).mailing.sends.filter(channel="room").exists()
    assert room_steps.settle(at=NOON + timedelta(days=8)) == 1
    room.refresh_from_db()
    assert (room.ended_because, room.secret) == ("never_proven", "")


def test_the_page_of_a_room_says_that_too_many_wrong_codes_were_typed(live, services, signed_in, liisa, alma):
    room = room_scene.room_of(live, services, alma)
    room_steps.ask(room, at=timezone.now())
    code, client = room_scene.CODE.findall(services.texts())[-1], signed_in(liisa)
    wrong = {"prove": "yes", "code": "000000" if code != "000000" else "000001"}
    page = f"/desk/delivery/room/{room.pk}/change/"
    answers = [client.post(page, wrong).content.decode() for _guess in range(5)]

    assert ["Too many wrong codes were typed. Have another one sent." in text for text in answers] == [False] * 4 + [
        True
    ]
    html = client.get(page).content.decode()
    assert "The code no longer works: too many wrong ones were typed." in html and "No code is on its way." not in html
    client.post(page, {"ask": "yes"})
    assert "A code was sent there" in client.get(page).content.decode()


def test_a_code_that_does_not_get_there_says_what_the_service_answered(live, services, alma):
    room = room_scene.room_of(live, services, alma)
    services.answers["*"] = [(404, "no_service")]

    with pytest.raises(NotDone, match=r"404 The service says that this room or its webhook is gone\."):
        room_steps.ask(room, at=NOON)


def test_in_an_exercise_all_of_it_comes_to_the_mail_catcher(campaign, services, settings, alma, roles, smtp_sink):
    settings.EXERCISE_CHANNELS = ["room"]
    room = room_scene.room_of(campaign, services, alma)
    room_steps.ask(room, at=NOON)
    [mail] = smtp_sink.caught
    assert room.organisation in mail.message["To"]
    room_steps.prove(room, room_scene.CODE.findall(mail.message.get_content())[0], by=alma, at=NOON)
    smtp_sink.caught.clear()

    send = goes(urgent(campaign))

    assert states(send)[0][0] == State.ACCEPTED and not services.said
    assert smtp_sink.caught[0].recipient == f"{room.recipient_id}@room.invalid"


def test_the_desk_adds_proves_and_removes_a_room_and_shows_no_secret(live, services, signed_in, liisa, caplog):
    client, url = signed_in(liisa), services.url("mattermost", "hush")
    added = client.post(
        "/desk/delivery/room/add/",
        {"organisation": "Yle", "service": "mattermost", "url": url, "language": "fi"},
        follow=True,
    )
    room = Room.objects.get()
    page = f"/desk/delivery/room/{room.pk}/change/"
    client.post(page, {"prove": "yes", "code": room_scene.CODE.findall(services.texts())[-1]})
    room.refresh_from_db()
    assert room.recipient is not None and room.added_by == liisa
    shown = [added, client.get(page), client.get("/desk/delivery/room/")]
    assert "its address is deleted" in shown[1].content.decode()
    assert "Finnish" in shown[2].content.decode()
    client.post(page, {"leave": "yes"})
    room.refresh_from_db()

    assert room.ended_because == "left" and room.secret == ""
    everything = "".join(one.content.decode() for one in shown) + caplog.text
    everything += "".join(f"{one.subject} {one.detail}" for one in AuditEntry.objects.all())
    assert "hush" not in everything and "Yle" in everything
    refused = client.post("/desk/delivery/room/add/", {"organisation": "A", "service": "slack", "url": url + "\n"})
    assert refused.status_code == 422 and "hush" in refused.content.decode()  # what one typed oneself stays in the form


@pytest.mark.parametrize(
    ("typed", "kept"), [("Åbo \u202eevil", "Åbo evil"), ("A\u2066B\u2069", "AB"), ("\u200b\u202e", None)]
)
def test_a_name_turns_no_other_around(campaign, typed, kept):
    form = RoomForm(
        campaign,
        {"organisation": typed, "service": "slack", "url": "https://hooks.slack.com/services/x", "language": "fi"},
    )
    assert form.is_valid() is bool(kept) and form.cleaned_data.get("organisation") == kept


def test_what_is_too_long_is_refused_and_never_cut(live, services, signed_in, liisa):
    client, page = signed_in(liisa), "/desk/delivery/room/add/"
    assert "maxlength" not in client.get(page).content.decode().split('class="fields roomform"')[1].split("</form>")[0]
    url = services.url("mattermost", "x" * LONGEST_URL)
    sent = {"organisation": "Yle", "service": "mattermost", "url": url, "language": "fi"}

    refused = client.post(page, sent)

    assert refused.status_code == 422 and f"at most {LONGEST_URL} characters" in refused.content.decode()
    assert url in refused.content.decode() and not Room.objects.exists() and not services.said


def test_the_list_shows_the_rooms_of_one_state(live, services, signed_in, liisa, alma):
    room_scene.proven(live, services, alma, name="works")
    room_scene.room_of(live, services, alma, name="waits")
    room_steps.leave(room_scene.room_of(live, services, alma, name="ended"), by=alma, at=NOON)
    client = signed_in(liisa)

    for state in ("works", "waits", "ended"):
        html = client.get("/desk/delivery/room/", {"state": state}).content.decode()
        assert [one for one in ("works", "waits", "ended") if f"Newsroom {one}" in html] == [state]
    assert "Newsroom waits" in client.get("/desk/delivery/room/", {"state": "odd"}).content.decode()


def test_a_room_is_no_audience_that_staff_choose(live, services, alma):
    room_scene.proven(live, services, alma)

    assert not live.audiences.of_people().filter(kind="rooms").exists()
    assert not Send.objects.exists() and Bulletin.objects.count() == 0
