"""A colleague proves a number by the code that comes there, chooses, and leaves; whoever finds an open desk adds nothing."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.login import second_factor
from accounts.models import AuditEntry, User
from accounts.privacy import data_subjects
from accounts.privacy.data_subjects import Person
from bulletins.notices import NOT_PUBLISHED
from delivery.recipients import address_codes, other_holders, whatsapp_users
from notifications import outbox, personal_data, sending
from notifications.channels import addresses, wishes
from notifications.channels import outgoing_copies as copies
from notifications.channels.wishes import Reach
from notifications.models import Notice, NoticeWishes, StaffAddress, StaffProof
from tests.accounts.login.login_proofs import prove
from tests.delivery.transports.whatsapp.whatsapp_scene import Use, template
from tests.support import builders
from tests.support.providers.whatsapp_api import refusal

from .conftest import NUMBER

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(signed_in, oskar, real, sms):
    client = signed_in(oskar)
    prove(client, oskar, "code", "totp")
    return client


def post(client, name, **data):
    return client.post(reverse(f"admin:{name}"), data)


def code_in(sms):
    return re.search(r"\b\d{6}\b", sms.came[-1][1])[0]


def add(client, sms, number="040 123 4567"):
    assert post(client, "told_ask", channel="sms", number=number).status_code == 302
    return post(client, "told_prove", channel="sms", code=code_in(sms))


def focused(answer):
    """Return the ids of what has the focus when a page opens."""
    page = answer.content.decode()
    return [re.search(r' id="(\w+)"', tag)[1] for tag in re.findall(r"<[a-z]+ [^>]*? autofocus[^>]*>", page)]


def test_a_number_is_proven_by_its_code_chosen_and_left_and_the_mail_tells_of_it(desk, oskar, sms, smtp_sink):
    assert add(desk, sms).status_code == 302
    address = StaffAddress.objects.get()
    assert (address.user, address.address, address.is_practice) == (oskar, NUMBER, False)
    assert not StaffProof.objects.exists() and wishes.of(oskar).urgent == ["mail", "sms"]
    assert "+358 40 1234567" in desk.get(reverse("admin:told")).content.decode()
    sending.deliver_notices(at=timezone.now())
    assert [one.recipient for one in smtp_sink.caught] == [oskar.email], "a thief who adds a number is noticed"

    post(desk, "told_choose", chosen="1", waits=["sms"], news=[])
    row = NoticeWishes.objects.get()
    assert (row.urgent, row.waits, row.news) == (["mail"], ["sms"], [])
    assert post(desk, "told_choose", chosen="1", news=["sms"]).status_code == 422, "news rings nowhere"
    assert post(desk, "told_leave", address=address.pk).status_code == 302
    assert not StaffAddress.objects.exists() and post(desk, "told_leave", address=address.pk).status_code == 404
    verbs = set(AuditEntry.objects.filter(subject_id=str(address.pk)).values_list("verb", flat=True))
    assert {"notice_address.added", "notice_address.left"} <= verbs


def test_an_open_desk_is_not_enough_to_add_a_number(desk, oskar, sms):
    prove(desk, oskar, "code", "totp", minutes_ago=6)
    answer = post(desk, "told_ask", channel="sms", number=NUMBER)
    assert "/again/" in answer.url and not sms.came and not StaffProof.objects.exists()


def test_another_number_that_is_refused_leaves_its_fold_open(desk, sms):
    post(desk, "told_ask", channel="sms", number="040 123 4567")
    refused = post(desk, "told_ask", channel="sms", number="09 123 4567").content.decode()
    assert "landline" in refused.partition("<details open><summary>Another number")[2].partition("</details>")[0]


def test_a_refused_form_has_the_focus_on_the_field_that_is_wrong(desk, sms):
    post(desk, "told_ask", channel="sms", number=NUMBER)
    times = {"begins": "22:00", "ends": "25:00", "time_zone": ""}

    assert focused(post(desk, "told_ask", channel="sms", number="12")) == ["sms_number"], "in the fold, which is open"
    assert focused(post(desk, "told_prove", channel="sms", code="000000")) == ["sms_code"]
    assert focused(post(desk, "told_quiet", **times)) == ["quiet_ends"]
    assert focused(post(desk, "told_quiet", **times | {"ends": ""})) == ["quiet_begins"], "it is about both"
    assert focused(desk.get(reverse("admin:told"))) == []


def test_codes_and_guesses_run_out_and_one_kind_of_people_uses_up_no_others(desk, oskar, sms):
    post(desk, "told_ask", channel="sms", number=NUMBER)
    right = code_in(sms)
    wrong = "000000" if right != "000000" else "111111"
    assert {post(desk, "told_prove", channel="sms", code=wrong).status_code for _ in range(5)} == {422}
    assert post(desk, "told_prove", channel="sms", code=right).status_code == 422 and not StaffAddress.objects.exists()
    asked = [post(desk, "told_ask", channel="sms", number=NUMBER).status_code for _ in range(3)]
    assert asked == [302, 302, 422] and len(sms.came) == 3
    address_codes.count_request("person:1", "sms", NUMBER, at=timezone.now())
    for name in ("hello", "09 123 4567"):
        assert post(desk, "told_ask", channel="sms", number=name).status_code == 422
    assert post(desk, "told_ask", channel="mail", number="x").status_code == 404


def test_the_number_of_a_colleague_is_theirs_until_somebody_proves_it(desk, oskar, alma, sms, phone_of, smtp_sink):
    phone_of(alma, Reach.URGENT)
    post(desk, "told_ask", channel="sms", number=NUMBER)
    assert StaffAddress.objects.get().user == alma
    post(desk, "told_prove", channel="sms", code=code_in(sms))
    assert StaffAddress.objects.get().user == oskar
    assert set(Notice.objects.filter(kind="address_changed").values_list("person", flat=True)) == {alma.pk, oskar.pk}


def test_a_stop_and_an_erasure_leave_nothing(desk, oskar, sms, phone_of):
    phone_of(oskar, Reach.WAITS)
    now, early = timezone.now(), StaffAddress.objects.get().since - timedelta(minutes=5)
    assert not other_holders.leave("sms", NUMBER, wrote_at=early, at=now), "a STOP from before the number was proven"
    assert other_holders.leave("sms", NUMBER, wrote_at=now, at=now) and not StaffAddress.objects.exists()
    phone_of(oskar, Reach.WAITS)
    person = Person.of(oskar.email)
    held = {one.part.kind: one.rows for one in data_subjects.collect(person)}
    assert held["notice_addresses"][0]["address"] == NUMBER
    personal_data.forget_ways(person, oskar, timezone.now())
    assert not StaffAddress.objects.exists() and not NoticeWishes.objects.exists()


def test_with_a_lost_phones_second_factor_its_notifications_go(desk, oskar, root, sms, phone_of):
    phone_of(oskar, Reach.URGENT)
    second_factor.reset(oskar, by=root, at=timezone.now(), at_once=True)
    assert not StaffAddress.objects.exists()


def test_telegram_is_linked_by_its_token_once_and_only_for_staff(desk, oskar, settings):
    settings.TRANSPORTS = {**settings.TRANSPORTS, "telegram": "telegram"}
    settings.TELEGRAM_BOT = "bot"
    token = re.search(r"start=([\w-]+)", post(desk, "told_telegram", link="1").content.decode())[1]
    assert other_holders.link("telegram", "x", "77", at=timezone.now()) is None
    assert other_holders.link("telegram", token, "77", at=timezone.now())
    assert other_holders.link("telegram", token, "78", at=timezone.now()) is None
    assert StaffAddress.objects.get().address == "77" and addresses.offered()


def test_an_empty_post_changes_nothing_and_quiet_hours_need_two_times(desk, oskar):
    for name in ("told_choose", "told_quiet", "told_ask", "told_prove", "told_telegram", "told_allow", "told_leave"):
        assert post(desk, name).status_code in {404, 422}
    assert not NoticeWishes.objects.exists()
    assert post(desk, "told_quiet", begins="22:00", ends="", time_zone="").status_code == 422
    assert post(desk, "told_quiet", begins="22:00", ends="07:00", time_zone="Mars/Olympus").status_code == 422
    assert post(desk, "told_quiet", begins="22:00", ends="07:00", time_zone="Europe/Brussels").status_code == 302
    assert NoticeWishes.objects.get().time_zone == "Europe/Brussels"


def test_whoever_was_logged_out_over_a_refused_form_comes_back_to_its_page(desk, client, oskar, signed_in):
    where = reverse("admin:told_quiet")
    refused = post(desk, "told_quiet", begins="22:00", ends="", time_zone="")
    assert refused.status_code == 422 and desk.get(where).status_code == 302 and desk.put(where).status_code == 405

    sent_again = client.post(where, {"begins": "22:00"}, headers={"Referer": f"http://testserver{where}"})
    assert parse_qs(urlsplit(sent_again.url).query)["next"] == [where]
    back = desk.get(where, follow=True)
    assert back.redirect_chain == [(reverse("admin:told"), 302)] and back.status_code == 200


def test_clocks_of_today_are_offered_and_one_that_was_chosen_before_stays(desk, oskar):
    page = reverse("admin:told")
    html = desk.get(page).content.decode()
    for now, before in (("America/Anchorage", "US/Alaska"), ("Pacific/Pohnpei", "Pacific/Ponape")):
        assert f'value="{now}"' in html and before not in html
    hours = {"begins": "22:00", "ends": "07:00", "time_zone": "US/Alaska"}
    assert post(desk, "told_quiet", **hours).status_code == 422 and not NoticeWishes.objects.exists()

    wishes.keep_quiet(oskar, None, None, time_zone="US/Alaska")
    html = desk.get(page).content.decode()
    assert 'value="US/Alaska" selected' in html and "Mexico/General" not in html
    assert post(desk, "told_quiet", **hours).status_code == 302
    assert NoticeWishes.objects.get().time_zone == "US/Alaska"


def test_a_colleague_adds_whatsapp_and_hears_there_by_a_template_in_their_language(
    desk, oskar, alma, real, whatsapp, smtp_sink
):
    User.objects.update(language="en")
    assert "Meta, whose WhatsApp is" not in desk.get(reverse("admin:told")).content.decode()
    assert post(desk, "told_ask", channel="whatsapp", number="040 123 4567").status_code == 422, "no template yet"
    template(Use.CODE, "en")
    assert post(desk, "told_ask", channel="whatsapp", number="040 123 4567").status_code == 302
    assert "Meta, whose WhatsApp is" in desk.get(reverse("admin:told")).content.decode()
    [code] = whatsapp.asked[-1]["template"]["components"][0]["parameters"]
    whatsapp_users.learn({NUMBER: "FI.1349120865"})  # as the status of the code says
    assert post(desk, "told_prove", channel="whatsapp", code=code["text"]).status_code == 302
    post(desk, "told_choose", chosen="1", urgent=["whatsapp"], waits=["whatsapp"], news=[])
    Notice.objects.all().delete()

    row = builders.build_bulletin_in_review(real, by=alma, urgency="urgent")
    at = timezone.now()
    copies.deliver_copies(at=builders.NOON)
    assert len(whatsapp.asked) == 1, "without a template for words it comes by mail only"
    template(Use.WORDS, "en")
    outbox.write(NOT_PUBLISHED, [oskar], about=row, at=at)
    assert copies.deliver_copies(at=at) == 1
    [words] = whatsapp.asked[-1]["template"]["components"][0]["parameters"]
    assert f"Bulletin {row.number}" in words["text"] and "\n" not in words["text"]
    whatsapp_users.learn({NUMBER: "FI.1349120866"})
    assert whatsapp_users.numbers_of("FI.1349120865") == []
    [number] = whatsapp_users.numbers_of("FI.1349120866")
    assert other_holders.leave("whatsapp", number, wrote_at=at, at=at) and not StaffAddress.objects.exists()


def test_a_person_written_to_too_soon_keeps_no_other_waiting(oskar, alma, real, whatsapp, smtp_sink):
    template(Use.WORDS, "fi")
    User.objects.update(language="fi")
    row = builders.build_bulletin(real, by=alma)
    for user, number in ((oskar, NUMBER), (alma, "+358401234568")):
        addresses.take(user, "whatsapp", number, is_practice=False, campaign=None, at=builders.NOON)
    whatsapp.answers = [(400, refusal(131056, "pair rate limit hit"))]
    outbox.write(NOT_PUBLISHED, [oskar, alma], about=row, at=builders.NOON)
    left = copies.deliver_copies(at=builders.NOON)
    assert (left, len(whatsapp.asked)) == (1, 2)
    assert copies.deliver_copies(at=builders.NOON + timedelta(minutes=5)) == 1


def test_a_right_code_that_is_sent_twice_is_no_wrong_one(desk, sms):
    assert add(desk, sms).status_code == 302
    assert post(desk, "told_prove", channel="sms", code=code_in(sms)).status_code == 302
    StaffAddress.objects.update(since=timezone.now() - timedelta(minutes=15))
    assert post(desk, "told_prove", channel="sms", code=code_in(sms)).status_code == 422


@pytest.mark.parametrize(("chosen", "browser", "begins"), [("", "sv", "är din kod"), ("fi", "sv", "on koodisi")])
def test_a_code_is_in_the_language_of_the_page_on_which_it_is_asked_for(desk, sms, oskar, chosen, browser, begins):
    User.objects.update(language=chosen)
    asked = desk.post(
        reverse("admin:told_ask"), {"channel": "sms", "number": "040 123 4567"}, headers={"Accept-Language": browser}
    )
    assert asked.status_code == 302 and begins in sms.came[-1][1]
