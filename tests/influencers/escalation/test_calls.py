"""Calls: who is on the list, who takes one, what came of it, and whose number is shown to whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AuditEntry
from influencers.escalation import acknowledgement, call_list, call_words, step_runner
from influencers.escalation.pending_work import urgent_bulletins
from influencers.models import AskedPartner, Call, CallNumber, Influencer, SeenRequest
from influencers.profiles import call_numbers, offboarding
from influencers.profiles.preferences import NotPossible
from tests.support import builders
from tests.support.builders import NOON

from .escalation_scene import ask, partner, tiers

pytestmark = pytest.mark.django_db
NUMBER = "0505550101"


def after(minutes: int) -> Any:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def groups(campaign: Any, roles: None) -> Any:
    return tiers(campaign)


@pytest.fixture
def sanni(roles: None) -> Any:
    return builders.build_user("sanni", "liaison")


@pytest.fixture
def joel(roles: None) -> Any:
    return builders.build_user("joel", "liaison")


@pytest.fixture
def aino(campaign: Any, groups: Any) -> Influencer:
    return with_number(partner(campaign, "aino", groups[0]))


def with_number(who: Influencer, *, at_night: bool = False) -> Influencer:
    CallNumber.objects.create(influencer=who, number=NUMBER, at_night=at_night, given_at=NOON)
    return who


@pytest.fixture
def request_(campaign: Any, groups: Any, aino: Influencer) -> SeenRequest:
    return opened(ask(campaign, *groups))


def opened(request: SeenRequest, *, at: Any = NOON) -> SeenRequest:
    SeenRequest.objects.filter(pk=request.pk).update(calls_since=at)
    return SeenRequest.objects.select_related("campaign", "version__bulletin").get(pk=request.pk)


def names(request: SeenRequest, user: Any, *, at: Any) -> list[str]:
    return [row.person.influencer.name for row in call_list.calls_of(request, user, at=at)]


def row_of(request: SeenRequest, who: Influencer) -> AskedPartner:
    return request.people.get(influencer=who)


def test_on_the_list_are_the_unseen_who_gave_a_number_the_closest_tier_first(campaign, groups, aino, sanni):
    with_number(partner(campaign, "veli", groups[1]))
    with_number(partner(campaign, "zahra", groups[0]))
    partner(campaign, "peter", groups[0])
    request = ask(campaign, *groups)
    assert names(request, sanni, at=after(1)) == []  # it is not open yet

    request = opened(request)
    assert names(request, sanni, at=after(1)) == ["Aino", "Zahra", "Veli"]
    acknowledgement.acknowledge(acknowledgement.asked(request, aino), at=after(2))
    assert names(request, sanni, at=after(3)) == ["Zahra", "Veli"]


@pytest.mark.parametrize(("approved", "allows", "called"), [(True, True, 1), (True, False, 0), (False, True, 0)])
def test_at_night_only_whoever_allows_it_and_only_when_it_was_approved(
    campaign, groups, sanni, approved, allows, called
):
    with_number(partner(campaign, "aino", groups[0]), at_night=allows)
    request = opened(ask(campaign, groups[0], seen_at_night=approved))
    midnight = NOON + timedelta(hours=12)

    assert len(names(request, sanni, at=midnight)) == called
    assert len(names(request, sanni, at=midnight + timedelta(hours=8))) == 1


def test_of_two_who_take_a_call_one_gets_the_number(request_, aino, sanni, joel):
    key = row_of(request_, aino).pk
    call_list.take(key, request_, by=joel, at=after(1))

    with pytest.raises(call_list.NotCalled, match="somebody else"):
        call_list.take(key, request_, by=sanni, at=after(2))
    (mine,), (theirs,) = (call_list.calls_of(request_, one, at=after(3)) for one in (joel, sanni))
    assert (mine.number, mine.is_mine, theirs.number, theirs.taken_by) == (NUMBER, True, "", joel)
    with pytest.raises(call_list.NotCalled, match="take the call first"):
        call_list.note_result(key, "reached", request_, by=sanni, at=after(3))
    assert not Call.objects.exists() and AuditEntry.objects.filter(verb="call.taken").count() == 1

    call_list.take(key, request_, by=sanni, at=after(17))  # whoever took it forgot it
    assert call_list.calls_of(request_, sanni, at=after(17))[0].is_mine


@pytest.mark.parametrize(
    ("result", "seen", "again"), [("reached", True, None), ("no_answer", False, 15), ("later", False, 30)]
)
def test_a_result_does_what_it_says(request_, aino, sanni, result, seen, again):
    key = row_of(request_, aino).pk
    call_list.take(key, request_, by=sanni, at=after(1))
    call_list.note_result(key, result, request_, by=sanni, at=after(2))

    row = row_of(request_, aino)
    assert (row.seen_at, row.channel) == ((after(2), "call") if seen else (None, ""))
    assert row.call_again_at == (after(2 + again) if again else None) and row.taken_by is None
    assert names(request_, sanni, at=after(10)) == []
    assert len(names(request_, sanni, at=after(40))) == (not seen)


def test_a_result_is_changed_for_ten_minutes_by_whoever_noted_it(request_, aino, sanni, joel):
    key = row_of(request_, aino).pk
    call_list.take(key, request_, by=sanni, at=after(1))
    for result in ("reached", "reached", "no_answer"):
        call_list.note_result(key, result, request_, by=sanni, at=after(2))
    row = row_of(request_, aino)
    assert (row.seen_at, row.channel, Call.objects.get().result) == (None, "", "no_answer")

    call_list.note_result(key, "reached", request_, by=sanni, at=after(11))
    assert row_of(request_, aino).channel == "call" and Call.objects.count() == 1
    for who, at in ((sanni, after(13)), (joel, after(5))):
        with pytest.raises(call_list.NotCalled):
            call_list.note_result(key, "later", request_, by=who, at=at)
    with pytest.raises(call_list.NotCalled):
        call_list.note_result(key, "rude", request_, by=sanni, at=after(5))
    assert row_of(request_, aino).channel == "call"


def test_what_somebody_said_themselves_stays_whatever_a_call_says(request_, aino, sanni):
    key = row_of(request_, aino).pk
    call_list.take(key, request_, by=sanni, at=after(1))
    acknowledgement.acknowledge(acknowledgement.asked(request_, aino), at=after(2))
    for result in ("reached", "no_answer"):
        call_list.note_result(key, result, request_, by=sanni, at=after(3))

    assert (row_of(request_, aino).seen_at, row_of(request_, aino).channel) == (after(2), "portal")


@pytest.mark.parametrize("meanwhile", ["seen", "over"])
def test_a_call_stays_with_its_caller_until_they_have_noted_it(request_, aino, sanni, joel, meanwhile):
    key = row_of(request_, aino).pk
    call_list.take(key, request_, by=sanni, at=after(1))
    if meanwhile == "seen":
        acknowledgement.acknowledge(acknowledgement.asked(request_, aino), at=after(2))
    else:
        request_.ended_at, request_.ended = after(2), "enough"
        request_.save()

    [row] = call_list.calls_of(request_, sanni, at=after(3))
    assert (row.number, row.is_mine) == (NUMBER, True) and names(request_, joel, at=after(3)) == []
    call_list.note_result(key, "reached", request_, by=sanni, at=after(4))
    assert names(request_, sanni, at=after(4)) == [] and Call.objects.get().result == "reached"


def test_after_three_calls_without_an_answer_nobody_rings_any_more(request_, aino, sanni):
    key = row_of(request_, aino).pk
    for turn in range(3):
        call_list.take(key, request_, by=sanni, at=after(1 + 20 * turn))
        call_list.note_result(key, "no_answer", request_, by=sanni, at=after(2 + 20 * turn))

    assert names(request_, sanni, at=after(200)) == []


def test_the_page_and_today_lead_through_a_call(campaign, groups, aino, sanni, joel, signed_in):
    CallNumber.objects.update(at_night=True)  # whatever hour it is
    request = opened(ask(campaign, *groups, seen_at_night=True), at=timezone.now())
    SeenRequest.objects.update(began_at=timezone.now())
    with translation.override("en"):
        page, call, steer = (
            reverse(f"admin:influencers_seenrequest_{name}", args=[request.pk]) for name in ("change", "call", "steer")
        )
        assert urgent_bulletins(campaign, sanni, timezone.now())[0].words == "Bulletin 1: 1 call to make."
    desk, key = signed_in(sanni), row_of(request, aino).pk
    assert NUMBER not in desk.get(page).content.decode()

    assert desk.post(call, {"person": key}).status_code == 302
    html = desk.get(page).content.decode()
    assert f"tel:{NUMBER}" in html and "this is Sanni from" in html
    other = signed_in(joel).get(page).content.decode()
    assert NUMBER not in other and "Sanni has been calling since" in other
    refused = signed_in(joel).post(call, {"person": key})
    assert refused["Location"] == page, "not the list, above which it would not be read"
    noted = desk.post(call, {"person": key, "result": "reached"})
    assert row_of(request, aino).channel == "call" and noted["Location"] == page
    html = desk.get(page).content.decode()
    assert "What you noted in the last ten minutes" in html
    assert "Noted: Aino, reached. You can change it for ten minutes." in html
    desk.post(call, {"person": key, "result": "no_answer"})
    assert "Noted: Aino, no answer." in desk.get(page).content.decode()
    desk.post(call, {"person": key, "result": "rude"})
    assert "Noted:" not in desk.get(page).content.decode()

    editor = signed_in(builders.build_user("eeva", "editor"))
    assert editor.post(call, {"person": key}).status_code == 403
    assert editor.post(steer, {"do": "hold"}).status_code == 302
    request.refresh_from_db()
    assert request.held_at
    for nothing in ({}, {"do": "ring everybody"}):
        assert desk.post(steer, nothing).status_code == 302
    assert desk.post(call, {}).status_code == 302


def test_ten_calls_stand_open_and_the_others_folded(campaign, groups, sanni, signed_in):
    for number in range(12):
        with_number(partner(campaign, f"p{number:02}", groups[0]), at_night=True)
    request = opened(ask(campaign, *groups, seen_at_night=True), at=timezone.now())
    SeenRequest.objects.update(began_at=timezone.now())
    with translation.override("en"):
        page, call = (reverse(f"admin:influencers_seenrequest_{one}", args=[request.pk]) for one in ("change", "call"))
    desk = signed_in(sanni)
    first, folded = desk.get(page).content.decode().split('<details id="more-calls">')
    assert first.count("I call<") == 10 and folded.count("I call<") == 2 and "2 more" in folded

    desk.post(call, {"person": row_of(request, Influencer.objects.get(name="P11")).pk})
    first = desk.get(page).content.decode().partition('<details id="more-calls">')[0]
    assert f"tel:{NUMBER}" in first, "one's own call stands open, whoever it is"


def test_what_to_say_is_there_in_each_language(request_, sanni):
    said = dict(call_words.words_of(request_, sanni))

    assert set(said) == {"fi", "sv", "en"}
    assert "Biblioteken öppnar på måndag." in said["sv"] and "Sanni" in said["sv"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("050 555 0101", "+358505550101"),
        ("+358 (0)50 555 0101", "+358505550101"),  # the zero in brackets is not dialled
        ("358505550101", "+358505550101"),
        ("00358 50 5550101", "+358505550101"),
        ("050\u00a0555\u20110101", "+358505550101"),
        ("tel:+358505550101", "+358505550101"),
        ("+358 50 555 0101\u200f", "+358505550101"),  # copied from a list of contacts
        ("٠٥٠٥٥٥٠١٠١", "+358505550101"),
        ("09 2525 0111", "+358925250111"),  # a landline rings, too
        ("050 555 0101 (koti)", "+358505550101"),
    ],
)
def test_a_number_is_taken_as_people_type_it(typed, kept):
    assert call_numbers.number_of(typed) == kept


@pytest.mark.parametrize(
    "typed", ["112", "12345", "+", "0" * 40, "tel:050555", "050+555", "050 555 0101 ext 5", "0600 12345"]
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(NotPossible):
        call_numbers.number_of(typed)


@pytest.mark.parametrize("typed", ["+8816 224 133 550", "+870 773 111 632", "+882 16 123 45678"])
def test_a_satellite_telephone_is_not_for_calls_either_and_words_say_why(typed):
    with pytest.raises(NotPossible, match=r"satellite telephone .* Calls there cost"):
        call_numbers.number_of(typed)


def test_partners_give_their_number_themselves_and_take_it_back(campaign, groups, signed_in):
    who = partner(campaign, "ulla", groups[0])
    portal = signed_in(who.user)
    with translation.override("en"):
        give = reverse("influencers:settings_calls")

    assert portal.post(give, {"number": "050 555 0101", "at_night": "on"}).status_code == 302
    assert CallNumber.objects.get(influencer=who).at_night
    refused = portal.post(give, {"number": "my phone"})
    assert refused.status_code == 422 and "not a telephone number" in refused.content.decode()
    assert portal.post(give, {"number": " "}).status_code == 302
    assert not CallNumber.objects.exists()


def test_whoever_leaves_takes_their_number_along_and_calls_go_with_the_person(request_, aino, sanni):
    key = row_of(request_, aino).pk
    call_list.take(key, request_, by=sanni, at=after(1))
    call_list.note_result(key, "no_answer", request_, by=sanni, at=after(2))

    offboarding.leave(aino, by=None, at=after(3))
    assert not CallNumber.objects.exists() and Call.objects.exists()
    offboarding.erase(aino, by=None, at=after(3))
    assert not Call.objects.exists()


def test_the_list_costs_the_same_however_long_it_is(campaign, groups, aino, sanni, django_assert_num_queries):
    request = opened(ask(campaign, *groups))
    with django_assert_num_queries(2):
        call_list.calls_of(request, sanni, at=after(1))
    for number in range(4):
        one = with_number(partner(campaign, f"p{number}", groups[0]))
        AskedPartner.objects.create(request=request, influencer=one, tier=1, asked_at=NOON)
    with django_assert_num_queries(2):
        assert len(call_list.calls_of(request, sanni, at=after(1))) == 5
    assert step_runner.advance_due(at=after(1)) == 0
