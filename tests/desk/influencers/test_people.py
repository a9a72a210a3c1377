"""At the desk: a file of influencers is brought and invited, people move between tiers, and are erased as they asked."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from delivery.links import unsubscribe
from delivery.models import Membership, Recipient
from influencers.code_of_ethics import signatures
from influencers.models import ImportRun, Influencer, Interest, Invitation, ValuesQuestion
from influencers.onboarding import invitations
from influencers.onboarding.csv_import import import_runs, row_parser
from influencers.profiles import tiers
from tests.influencers.onboarding.joining_scene import build_code
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db

ROWS = b"name,email,tier\nElli,elli@example.org,1\nOona,oona@example.org,\n,nobody,\n"


@pytest.fixture
def desk(signed_in, liisa, campaign):
    liisa.language = "en"
    liisa.save()
    return signed_in(liisa)


def bring(desk, data=ROWS, **fields):
    form = {"file": SimpleUploadedFile("list.csv", data), "source": "A fair in 2019"} | fields
    return desk.post(reverse("admin:influencers_importrun_add"), form)


def test_a_file_is_brought_looked_through_stored_and_invited(desk, campaign):
    assert desk.get(reverse("admin:influencers_importrun_add")).status_code == 200
    assert desk.get(reverse("admin:influencers_importrun_template")).content.startswith(b"\xef\xbb\xbfname,email")
    response = bring(desk)
    run = ImportRun.objects.get()
    assert response.status_code == 302 and response.url.endswith(f"/{run.pk}/change/")
    assert "is being read" in desk.get(response.url).content.decode()
    import_runs.work(at=NOON)

    shown = desk.get(response.url).content.decode()
    assert "Nothing has been saved yet" in shown and "tier" in shown and "is not an email address" in shown
    assert "Oona" not in desk.get(f"{response.url}?fate=refused").content.decode()
    assert not Influencer.objects.exists()

    desk.post(reverse("admin:influencers_importrun_store", args=[run.pk]))
    import_runs.work(at=NOON)
    assert Influencer.objects.filter(state="invited").count() == 2 and not Invitation.objects.exists()
    assert "2 people in this file" in desk.get(response.url).content.decode()

    desk.post(reverse("admin:influencers_importrun_invite", args=[run.pk]), {"words": "We met at the fair."})
    assert Invitation.objects.filter(agreement__words__fi="We met at the fair.").count() == 2
    assert invitations.send_due(at=timezone.now()) == 0


def test_a_dropped_file_is_gone_and_cannot_be_stored(desk, campaign):
    bring(desk)
    import_runs.work(at=NOON)
    run = ImportRun.objects.get()
    desk.post(reverse("admin:influencers_importrun_drop", args=[run.pk]))
    page = desk.post(reverse("admin:influencers_importrun_store", args=[run.pk]), follow=True).content.decode()
    assert "is no longer waiting to be saved" in page and not Influencer.objects.exists()


@pytest.mark.parametrize("fields", [{"file": ""}, {"source": ""}, {"file": SimpleUploadedFile("list.csv", b"")}])
def test_a_file_that_is_not_there_or_from_nowhere_is_refused(desk, fields):
    assert bring(desk, **fields).status_code == 422
    assert not ImportRun.objects.exists()


def test_files_are_for_liaisons_and_administrators(signed_in, alma, campaign):
    client = signed_in(alma)
    assert bring(client).status_code == 403
    assert client.get(reverse("admin:influencers_importrun_template")).status_code == 403
    assert not ImportRun.objects.exists()


def test_people_move_to_another_tier_with_a_reason(desk, campaign, liisa):
    network, partners = builders.build_audience(campaign), builders.build_audience(campaign, "partners", tier=1)
    elli = builders.build_influencer(campaign, "elli", audience=network)
    text = build_code(campaign)["en"]
    signatures.sign(elli, text, signatures.points_of(text), at=builders.NOON)
    page = reverse("admin:influencers_influencer_move", query={"people": str(elli.pk)})
    assert "Elli" in desk.get(page).content.decode()
    wrong = desk.post(page, {"people": elli.pk, "to": partners.pk, "reason": ""})
    assert wrong.status_code == 422 and not Membership.objects.filter(audience=partners).exists()

    assert desk.post(page, {"people": elli.pk, "to": partners.pk, "reason": "Asked for it"}).status_code == 302

    moved = Membership.objects.get(audience=partners)
    assert (moved.reason, moved.moved_by) == ("Asked for it", liisa)
    shown = desk.get(reverse("admin:influencers_influencer_change", args=[elli.pk])).content.decode()
    assert "Asked for it" in shown and "Network" in shown


def test_nobody_is_brought_back_to_mail_or_into_close_contact_by_staff(desk, campaign, liisa):
    network, partners = builders.build_audience(campaign), builders.build_audience(campaign, "partners", tier=1)
    elli, oona = (builders.build_influencer(campaign, name, audience=network) for name in ("elli", "oona"))
    unsubscribe.unsubscribe_recipient(oona.recipient_id, builders.build_mailing(campaign), at=builders.NOON)
    page = reverse("admin:influencers_influencer_move", query={"people": f"{elli.pk},{oona.pk}"})
    before = list(Membership.objects.order_by("pk").values())

    for person, to, says in ((oona, network, "refused email"), (elli, partners, "signed the code of ethics")):
        answer = desk.post(page, {"people": person.pk, "to": to.pk, "reason": "I know them"})
        assert answer.status_code == 422 and says in answer.content.decode()
    assert list(Membership.objects.order_by("pk").values()) == before


def test_a_yes_to_another_campaign_lets_staff_bring_nobody_back_to_one_that_they_left(campaign, liisa):
    network = builders.build_audience(campaign)
    oona = builders.build_influencer(campaign, "oona", audience=network)
    unsubscribe.unsubscribe_recipient(oona.recipient_id, builders.build_mailing(campaign), at=builders.NOON)
    builders.agree([oona.recipient])  # by another campaign's form

    with pytest.raises(tiers.NotMoved, match="refused email"):
        tiers.move(oona, to=network, by=liisa, at=builders.NOON, reason="I know her")
    assert not Membership.objects.filter(left_at=None).exists()

    tiers.seat(oona, "fi", at=builders.NOON, reason="joined")  # as joining again does
    assert Membership.objects.filter(left_at=None).exists()


@pytest.fixture
def administrators_desk(signed_in, root, campaign):
    root.language = "en"
    root.save()
    return signed_in(root)


def test_no_form_of_the_desk_ends_or_begins_a_membership_or_touches_an_address(administrators_desk, campaign):
    oona = builders.build_influencer(campaign, "oona", audience=builders.build_audience(campaign))
    unsubscribe.unsubscribe_recipient(oona.recipient_id, builders.build_mailing(campaign), at=builders.NOON)
    membership, before = Membership.objects.get(), list(Membership.objects.values())
    recipient = list(Recipient.objects.values())
    form = {"audience": membership.audience_id, "recipient": oona.recipient_id, "joined_at_0": "2026-03-01"}
    inline = {
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": membership.pk,
        "memberships-0-recipient": oona.recipient_id,
        "memberships-0-audience": membership.audience_id,
        "memberships-0-joined_at_0": "2026-03-01",
        "memberships-0-joined_at_1": "12:00",
    }
    changed = {"email": "somebody@else.example", "state": "left", "name": "Oona", "language": "fi"}
    to = oona.recipient_id

    desk = administrators_desk
    assert desk.post(reverse("admin:delivery_membership_change", args=[membership.pk]), form).status_code == 403
    assert desk.post(reverse("admin:delivery_membership_add"), form).status_code == 403
    assert (
        desk.post(reverse("admin:delivery_membership_delete", args=[membership.pk]), {"post": "yes"}).status_code == 403
    )
    assert desk.post(reverse("admin:delivery_recipient_add"), changed).status_code == 403
    desk.post(reverse("admin:delivery_recipient_change", args=[to]), changed | inline)

    assert list(Membership.objects.values()) == before
    assert list(Recipient.objects.values()) == recipient


def test_staff_take_somebody_off_all_mail_who_asks_for_it(administrators_desk, campaign):
    oona = builders.build_influencer(campaign, "oona", audience=builders.build_audience(campaign))
    ines = builders.build_influencer(campaign, "ines", audience=Membership.objects.get().audience)
    form = {"action": "withdraw_consents", "_selected_action": [oona.recipient_id]}

    says = administrators_desk.post(reverse("admin:delivery_recipient_changelist"), form, follow=True)

    assert "1 person will get no more email." in says.content.decode()
    assert Membership.objects.get(left_at=None).recipient == ines.recipient
    assert list(Recipient.objects.wanting_bulletins()) == [ines.recipient]


def test_whoever_is_written_down_at_the_desk_takes_no_part_before_they_join(administrators_desk, campaign):
    reader = builders.build_recipients(1)[0]
    form = {
        "campaign": campaign.pk,
        "recipient": reader.pk,
        "reference": "infl-9",
        "name": "Reader",
        "state": "active",
        "joined_at_0": "2026-03-01",
        "joined_at_1": "12:00",
        **{f"{name}-{count}_FORMS": 0 for name in ("accounts", "signatures") for count in ("TOTAL", "INITIAL")},
    }
    answer = administrators_desk.post(reverse("admin:influencers_influencer_add"), form)
    assert answer.status_code == 302, answer.context["errors"]
    assert Influencer.objects.get().state == "invited"


def test_the_list_costs_the_same_however_many_people(desk, campaign, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    audience = builders.build_audience(campaign)
    address = reverse("admin:influencers_influencer_changelist")
    builders.build_influencer(campaign, "elli", audience=audience)
    desk.get(address)
    with CaptureQueriesContext(connection) as few:
        assert "Network" in desk.get(address, {"tier": audience.pk}).content.decode()
    for number in range(8):
        builders.build_influencer(campaign, f"elli{number}", audience=audience)
    with django_assert_num_queries(len(few)):
        desk.get(address, {"tier": audience.pk})


def test_somebody_is_erased_after_a_question(desk, campaign):
    elli = builders.build_influencer(campaign, "elli")
    form = {"action": "erase", "_selected_action": [elli.pk]}
    address = reverse("admin:influencers_influencer_changelist")
    asked = desk.post(address, form).content.decode()
    elli.refresh_from_db()
    assert "Erase permanently" in asked and elli.name == "Elli"

    desk.post(address, form | {"sure": "1"})

    elli.refresh_from_db()
    assert elli.state == "erased" and not elli.name


def test_only_those_who_may_answer_are_offered_and_taken_as_contact_person(desk, campaign, liisa, alma):
    ines = builders.build_influencer(campaign)
    url = reverse("admin:influencers_influencer_change", args=[ines.pk])
    form = desk.get(url).context["adminform"].form
    assert list(form.fields["liaison"].queryset) == [liisa]
    assert form.fields["liaison"].clean(str(liisa.pk)) == liisa
    with pytest.raises(ValidationError):
        form.fields["liaison"].clean(str(alma.pk))


def test_what_is_said_of_a_file_is_in_the_language_in_which_it_was_brought(desk, campaign):
    form = {"file": SimpleUploadedFile("list.csv", ROWS), "source": "A fair"}
    desk.post(reverse("admin:influencers_importrun_add"), form, headers={"accept-language": "sv"})
    run = ImportRun.objects.get()
    import_runs.work(at=NOON)
    run.refresh_from_db()
    [refused] = import_runs.shown(run, fate=row_parser.REFUSED, start=0, most=5)
    with override("sv"):
        assert run.language == "sv" and refused["why"] == _("“%(address)s” is not an email address.") % {
            "address": "nobody"
        }


def test_how_many_of_a_file_are_not_invited_is_written_as_a_number(desk, campaign, liisa):
    run = ImportRun.objects.create(
        campaign=campaign, name="list.csv", sha256="0" * 64, state=ImportRun.State.APPLIED, by=liisa, at=NOON
    )
    people = Recipient.objects.bulk_create(
        Recipient(email=f"p{number}@example.org", address_hash=f"{number:064}", language="fi") for number in range(1200)
    )
    Influencer.objects.bulk_create(
        Influencer(campaign=campaign, recipient=person, reference=f"r{number}", state="invited", came_by=run)
        for number, person in enumerate(people)
    )
    page = desk.get(reverse("admin:influencers_importrun_change", args=[run.pk])).content.decode()
    assert "1,200 people in this file have not been invited yet" in page


def profile_form(person, **changed):
    """Return what the page of a profile sends back when nobody touches it, but for what was `changed`."""
    return {
        "name": person.name,
        "joined_at_0": "2026-02-23",
        "joined_at_1": "12:00",
        "audience_ages__13_17": "60",
        "audience_ages__18_24": "40",
        "audience_ages__25_34": "",
        **{f"{name}-{count}_FORMS": 0 for name in ("accounts", "signatures") for count in ("TOTAL", "INITIAL")},
    } | changed


@pytest.fixture
def elli(campaign):
    elli = builders.build_influencer(campaign, "elli")
    Interest.objects.create(campaign=campaign, slug="sport", name={"en": "Sport"})
    ValuesQuestion.objects.create(campaign=campaign, key="sources", text={"en": "Names sources"})
    Influencer.objects.filter(pk=elli.pk).update(
        audience_ages={"13_17": 60, "18_24": 40}, audience_languages={"fi": 90, "ru": 10}, interests=["gone"]
    )
    elli.refresh_from_db()
    return elli


def test_a_profile_shows_shares_as_charts_and_no_raw_text(administrators_desk, elli):
    page = administrators_desk.get(reverse("admin:influencers_influencer_change", args=[elli.pk])).content.decode()

    assert 'name="audience_ages__13_17" value="60"' in page and '<rect width="60.0%"' in page
    assert 'name="audience_languages__ru" value="10"' in page and 'name="audience_languages__other"' in page
    assert 'name="values__sources"' in page and "Names sources" in page and 'value="sport"' in page
    assert "<textarea" not in page and "{&#x27;" not in page


def test_shares_are_changed_by_their_numbers_and_kept_when_nobody_touches_them(administrators_desk, elli):
    address = reverse("admin:influencers_influencer_change", args=[elli.pk])
    form = profile_form(elli, interests=["gone"], audience_languages__fi="90", audience_languages__ru="10")
    before = Influencer.objects.values().get(pk=elli.pk)

    answer = administrators_desk.post(address, form)
    assert answer.status_code == 302, answer.context["errors"]
    after = Influencer.objects.values().get(pk=elli.pk)
    kept = ("audience_ages", "audience_languages", "audience_genders", "interests", "values")
    assert [after[name] for name in kept] == [before[name] for name in kept]

    changed = {
        "audience_ages__13_17": "50",
        "audience_ages__25_34": "10 %",
        "values__sources": "4",
        "interests": "sport",
    }
    answer = administrators_desk.post(address, form | changed)
    assert answer.status_code == 302, answer.context["errors"]
    elli.refresh_from_db()
    assert elli.audience_ages == {"13_17": 50, "18_24": 40, "25_34": 10}
    assert (elli.values, elli.interests) == ({"sources": 4}, ["sport"])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"audience_ages__13_17": "61"}, "must add up to 100"),
        ({"audience_ages__13_17": "sixty"}, "whole numbers from 0 to 100"),
        ({"audience_ages__13_17": "-60"}, "whole numbers from 0 to 100"),
        ({"values__sources": "6"}, "whole numbers from 1 to 5"),
        ({"interests": ["nonsense"]}, "not one of the available choices"),
    ],
)
def test_numbers_that_make_no_whole_are_refused_and_nothing_is_changed(administrators_desk, elli, wrong, says):
    before = Influencer.objects.values().get(pk=elli.pk)

    answer = administrators_desk.post(
        reverse("admin:influencers_influencer_change", args=[elli.pk]), profile_form(elli, **wrong)
    )

    assert answer.status_code == 200 and says in answer.content.decode()
    assert Influencer.objects.values().get(pk=elli.pk) == before
