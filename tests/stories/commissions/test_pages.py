"""The pages of commissions: for the desk, for creators, and for everyone."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from notifications.models import Notice
from stories.commissions import applications, briefs, drafts, ledger
from stories.commissions.commission_states import NotDone, State
from stories.models import Commission, CommissionFile, CommissionLedger
from tests.support import builders
from tests.support.builders import editor, in_all

from . import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def saga(campaign, now, roles):
    return scene.build_creator(campaign, at=now)


def desk_page(commission: Commission) -> str:
    return reverse("admin:stories_commission_change", args=[commission.pk])


def own_page(commission: Commission) -> str:
    return reverse("commissions:mine", args=[commission.pk])


def test_a_brief_costs_more_than_nothing(signed_in, campaign, alma, oskar):
    day = campaign.local(timezone.now()).date().isoformat()
    texts = {f"{name}_{code}": f"{name} in {code}" for name in ("title", "what") for code in ("fi", "sv", "en")}
    sent = texts | {"currency": "EUR", "kill_fee": "900", "pay_days": "14", "rounds": "2", "deadline_day": day}
    sent |= {"use": "crisis", "term": "always", "term_from": "accepted", "territory": "world", "is_open": "on"}
    add = reverse("admin:stories_commission_add")
    for fee in ("0", "", "1.800", "-5"):
        assert signed_in(alma).post(add, sent | {"fee": fee}).status_code == 422
    assert "paid work" in signed_in(alma).post(add, sent | {"fee": "0"}).text
    assert signed_in(oskar).post(add, sent | {"fee": "1800"}).status_code == 403
    assert not Commission.objects.exists()
    assert signed_in(alma).post(add, sent | {"fee": "1 800,50"}).status_code == 302
    assert str(Commission.objects.get().fee) == "1800.50"


def test_a_new_brief_asks_for_no_wider_rights_than_the_site_needs(signed_in, campaign, alma):
    form = signed_in(alma).get(reverse("admin:stories_commission_add")).context["form"]
    asked = {name: form[name].value() for name in ("use", "term", "term_from", "territory")}
    assert asked == {"use": "campaign", "term": "campaign", "term_from": "accepted", "territory": "world"}
    assert form["may_adapt"].value() is False


def test_a_work_is_off_a_closed_campaign_unless_it_may_be_used_longer(client, campaign, saga, now):
    short = scene.build_published(campaign, saga, at=now, term=Commission.Term.CAMPAIGN)
    longer = scene.build_published(campaign, saga, at=now, term=Commission.Term.YEAR)
    picture = CommissionFile.objects.get(draft__commission=short)
    pages = [reverse("commissions:work", args=[short.pk]), reverse("commissions:picture", args=[picture.pk])]
    assert [client.get(one).status_code for one in pages] == [200, 200]
    campaign.closed_at = now
    campaign.save()
    assert [client.get(one).status_code for one in pages] == [410, 410]
    assert [row.pk for row, _credit in client.get(reverse("commissions:works")).context["rows"]] == [longer.pk]


def test_the_blocked_button_says_who_can(signed_in, campaign, alma, oskar, saga, now):
    commission = scene.build_delivered(campaign, saga, at=now)
    drafts.send_back(commission, number=1, feedback="Less", part="asks", by=alma, at=now)
    scene.deliver(commission, saga, at=now)
    page = " ".join(signed_in(alma).get(desk_page(commission)).text.split())
    assert 'aria-disabled="true"' in page and "Approver" in page and 'name="accept"' not in page
    assert signed_in(alma).post(desk_page(commission), {"accept": "yes", "draft": "2"}).status_code == 403
    assert signed_in(oskar).post(desk_page(commission), {"accept": "yes", "draft": "2"}).status_code == 302
    pays = {"pay": "yes", "amount": "1800", "reference": "V-1", "paid_on": timezone.localdate().isoformat()}
    assert signed_in(oskar).post(desk_page(commission), pays).status_code == 403
    assert scene.fresh(commission).paid == 0


def test_the_only_one_who_can_pay_agrees_to_a_brief_as_who_pays(signed_in, campaign, root, oskar, now):
    commission = scene.build_brief(campaign, at=now)
    briefs.submit(commission, read=1, by=editor(), at=now)
    assert signed_in(root).post(desk_page(commission), {"open": "yes", "read": "2"}).status_code == 302
    assert commission.parts.get(user=root).part == "pays"


def test_an_administrator_who_accepted_pays_nothing(signed_in, campaign, root, saga, now):
    commission, _pays = scene.build_delivered(campaign, saga, at=now), scene.payer()
    desk = signed_in(root)
    assert desk.post(desk_page(commission), {"accept": "yes", "draft": "1"}).status_code == 302
    pays = {"pay": "yes", "amount": "1800", "reference": "V-1", "paid_on": timezone.localdate().isoformat()}
    answer = desk.post(desk_page(commission), pays)
    assert answer.status_code == 409 and "three roles" in answer.text
    assert scene.fresh(commission).paid == 0


def test_finance_pays_and_does_nothing_else(signed_in, campaign, saga, now):
    commission = scene.build_accepted(campaign, saga, at=now)
    desk = signed_in(builders.build_user("fiina", "finance"))
    assert reverse("admin:stories_commission_changelist") in desk.get(reverse("admin:index")).text
    assert "Saga" in desk.get(desk_page(commission)).text
    for name in ("stories_creator_changelist", "stories_commission_add", "bulletins_bulletin_changelist"):
        assert desk.get(reverse(f"admin:{name}")).status_code == 403, name
    ledger = reverse("admin:stories_commission_ledger")
    assert "An administrator opens and closes it." in desk.get(ledger).text
    assert desk.post(ledger, {"typed": campaign.slug}).status_code == 403
    assert desk.post(desk_page(commission), {"publish": "yes"}).status_code == 403
    assert not CommissionLedger.objects.exists() and scene.fresh(commission).published_at is None
    pays = {"pay": "yes", "amount": "1800", "reference": "V-1", "paid_on": timezone.localdate().isoformat()}
    assert desk.post(desk_page(commission), pays).status_code == 302
    assert scene.fresh(commission).paid == 1800


def test_a_creator_applies_signs_and_delivers_on_their_own_pages(client, campaign, saga, now):
    commission = scene.build_open(campaign, at=now)
    client.force_login(saga.user)
    assert "Three illustrations" in client.get(reverse("commissions:own")).text
    applied = client.post(
        own_page(commission), {"apply": "yes", "sentence": "With ink.", "link": "https://saga.example.org/"}
    )
    assert applied.status_code == 302
    applications.choose(commission, commission.applications.get(), by=editor(), at=now)
    digest = scene.digest_of(commission)
    assert digest in client.get(own_page(commission)).text
    signs = {"sign": "yes", "digest": digest, "credit": "Saga", "in_ledger": "on"}
    assert client.post(own_page(commission), signs).status_code == 422  # without the tick nothing is signed
    assert client.post(own_page(commission), signs | {"agrees": "on"}).status_code == 302
    assert "You have signed" in client.get(reverse("commissions:own")).text
    applications.sign(commission, digest=scene.digest_of(commission), by=editor(), at=now)
    no_picture = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", "image/png")
    bad = client.post(own_page(commission), {"deliver": "yes", "file_1": no_picture, "alt_1": "A drop"})
    assert bad.status_code == 422 and scene.fresh(commission).state == State.AGREED
    wrong = client.post(own_page(commission), {"deliver": "yes", "file_1": SimpleUploadedFile("a.png", b"no picture")})
    assert list(wrong.context["draft_form"].errors) == ["alt_1", "file_1"]  # both at once
    picture = SimpleUploadedFile("a.png", scene.picture_bytes(), "image/png")
    assert (
        client.post(own_page(commission), {"deliver": "yes", "file_1": picture, "alt_1": "A drop"}).status_code == 302
    )
    file = CommissionFile.objects.get()
    assert client.get(reverse("commissions:file", args=[file.pk])).status_code == 200
    assert scene.fresh(commission).state == State.DELIVERED


def test_others_see_nothing_of_a_commission_that_is_not_open(client, campaign, saga, now):
    other = scene.build_creator(campaign, "otto", at=now)
    draft, asked = scene.build_brief(campaign, at=now), scene.build_brief(campaign, at=now, is_open=False)
    scene.submit_and_open(asked, asked=[saga], at=now)
    working = scene.build_delivered(campaign, saga, at=now)
    file = CommissionFile.objects.get()
    client.force_login(other.user)
    for commission in (draft, asked, working):
        assert client.get(own_page(commission)).status_code == 404
        assert client.post(own_page(commission), {"deliver": "yes"}).status_code == 404
    assert client.get(reverse("commissions:file", args=[file.pk])).status_code == 404
    client.logout()
    for name in ("work", "picture"):
        key = working.pk if name == "work" else file.pk
        assert client.get(reverse(f"commissions:{name}", args=[key])).status_code == 404


def test_published_work_has_its_credit_and_its_label_in_each_language(client, campaign, saga, now):
    commission = scene.build_published(campaign, saga, at=now)
    for language, label in (
        ("fi", "kaupallinen yhteistyö"),
        ("sv", "kommersiellt samarbete"),
        ("en", "paid partnership"),
    ):
        page = client.get(f"/{language}/commissions/{commission.pk}/").text
        assert label in page and "Saga" in page and "A drop of water" in page
    picture = client.get(reverse("commissions:picture", args=[CommissionFile.objects.get().pk]))
    assert picture.status_code == 200 and picture["Content-Type"] == "image/png"
    drafts.take_down(commission, by=editor(), at=now)
    assert client.get(f"/en/commissions/{commission.pk}/").status_code == 404
    assert client.get(picture.request["PATH_INFO"]).status_code == 404


def test_no_page_calls_a_campaign_unpaid_that_pays_for_work(client, campaign, saga, now):
    scene.build_published(campaign, saga, at=now)
    for code, unpaid, paid in (
        ("fi", "vastikkeet", "tilattu maksua vastaan"),
        ("sv", "utan ersättning", "mot betalning"),
        ("en", "unpaid", "commissioned and paid for"),
    ):
        for name in ("website:about", "factcheck:policy"):
            with override(code):
                html = " ".join(client.get(reverse(name)).text.split())
            assert unpaid not in html and paid in html, (code, name)


def test_the_ledger_is_nobodys_until_it_is_opened_and_names_who_agreed(client, campaign, root, saga, now, signed_in):
    otto = scene.build_creator(campaign, "otto", at=now)
    published = scene.build_published(campaign, saga, at=now)
    unnamed = scene.build_chosen(campaign, otto, at=now, title=in_all(en="=A song"), currency="SEK")
    scene.sign(unnamed, otto, credit="Otto", in_ledger=False, at=now)
    applications.sign(unnamed, digest=scene.digest_of(unnamed), by=editor(), at=now)
    page, data = reverse("commissions:ledger"), reverse("commissions:ledger_csv")
    assert client.get(page).status_code == client.get(data).status_code == 404
    desk = signed_in(root)
    assert desk.post(reverse("admin:stories_commission_ledger"), {"typed": "no"}).status_code == 422
    assert client.get(page).status_code == 404
    assert desk.post(reverse("admin:stories_commission_ledger"), {"typed": campaign.slug}).status_code == 302
    shown = client.get(f"/en{page[3:]}").text.replace("\xa0", " ")
    assert "Saga" in shown and "Otto" not in shown
    assert "€1,800.00" in shown and "SEK 1,800.00" in shown and "3,600" not in shown
    rows = list(csv.reader(io.StringIO(client.get(f"/en{data[3:]}").content.decode("utf-8-sig"))))
    assert rows[0] == ["number", "title", "state", "credit", "currency", "agreed", "paid"]
    assert rows[2][1:] == ["'=A song", "agreed", "not named", "SEK", "1800.00", "0.00"]
    drafts.take_down(published, by=editor(), at=now)
    assert "taken down" in client.get(f"/en{page[3:]}").text
    assert ",taken_down," in client.get(data).content.decode()
    ledger.close(campaign, by=root, at=now)
    assert client.get(page).status_code == 404


def test_pages_and_lists_cost_the_same_however_much_there_is(
    client, signed_in, campaign, alma, saga, now, django_assert_max_num_queries
):
    def build() -> None:
        for _number in range(2):
            scene.build_published(campaign, saga, at=now)
            scene.build_open(campaign, at=now)

    build()
    desk, busy = signed_in(alma), scene.build_delivered(campaign, saga, at=now)
    client.force_login(saga.user)
    pages = {
        (desk, reverse("admin:stories_commission_changelist")): 26,
        (desk, desk_page(busy)): 42,
        (client, reverse("commissions:own")): 24,
        (client, reverse("commissions:works")): 20,
    }
    counts = {}
    for (who, path), most in pages.items():
        assert who.get(path).status_code == 200  # notes that somebody is active, which it does now and then
        with django_assert_max_num_queries(most) as few:
            who.get(path)
        counts[who, path] = len(few)
    build()
    build()
    scene.build_creator(campaign, "otto", at=now)
    drafts.send_back(busy, number=1, feedback="Less", part="asks", by=editor(), at=now)
    scene.deliver(busy, saga, at=now)
    for (who, path), most in counts.items():
        with django_assert_max_num_queries(most + 2):  # the desk's frame counts anew now and then
            who.get(path)


def test_who_is_invited_gets_a_mail_and_one_person_invites_no_crowd(signed_in, campaign, alma, settings):
    settings.INVITATIONS_ALONE = 1
    desk, add = signed_in(alma), reverse("admin:stories_creator_add")
    told = {"email": "saga@example.org", "name": "Saga", "language": "sv"}
    assert desk.post(add, told).status_code == 302
    saga = campaign.creators.get().user
    assert saga.has_perm("stories.take_commission") and not saga.is_staff
    assert Notice.objects.get(person=saga).kind == "creator_invited"
    assert desk.post(add, told | {"email": "otto@example.org"}).status_code == 422
    assert campaign.creators.count() == 1


def test_a_race_of_two_payments_pays_nothing_twice(campaign, saga, now):
    """The row is held: the second one sees what the first has paid, whatever it read before."""
    commission = scene.build_accepted(campaign, saga, at=now)
    read_before = scene.fresh(commission)
    scene.pay(commission, "1000.00", "V-1", at=now)
    with pytest.raises(NotDone, match="left to pay"):
        scene.pay(read_before, "1000.00", "V-2", at=now)
    assert scene.fresh(commission).paid == 1000
