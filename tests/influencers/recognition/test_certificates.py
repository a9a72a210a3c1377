"""Certificates: frozen, in three languages, checked by anyone who has the code, guessed by nobody."""

from datetime import timedelta

import pytest
import zxingcpp
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image, ImageDraw

from accounts.models import AuditEntry
from influencers.models import Certificate, Influencer
from influencers.recognition import certificate_pdf, certificates
from lib.pdf import certificate_sheet
from tests.influencers.posts import posts_scene
from tests.support import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def ina(ines, campaign):
    return ines.influencers.select_related("campaign").get()


@pytest.fixture
def certificate(ina, campaign, liisa):
    return certificates.issue([ina], campaign, by=liisa, at=builders.NOON).new[0]


def page_of(code):
    with translation.override("en"):
        return reverse("certificate", args=[code])


def test_its_name_and_facts_are_frozen_when_it_is_issued(certificate, ina, campaign):
    Influencer.objects.filter(pk=ina.pk).update(name="Somebody else")
    campaign.languages.update(name="Another name")

    certificate.refresh_from_db()
    assert certificate.name == "Ines"
    assert certificates.name_of(certificate, "sv") == "Övning"
    assert certificate.facts == {
        "campaign": {"fi": "Harjoitus", "sv": "Övning", "en": "Exercise"},
        "since": "2026-03-16",
        "until": "2026-03-25",
        "exercise": True,
        "signed": "Liisa",
    }


def test_one_stands_at_a_time_and_after_it_is_taken_back_another_can_be_issued(certificate, ina, campaign, liisa):
    again = certificates.issue([ina], campaign, by=liisa, at=builders.NOON)
    assert (again.new, again.had) == ([], [ina])

    certificates.revoke(certificate, "The name was wrong.", by=liisa, at=builders.NOON)

    new = certificates.issue([ina], campaign, by=liisa, at=builders.NOON).new[0]
    assert new.code != certificate.code
    assert certificates.current_certificate(ina) == new
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "certificate.issued",
        "certificate.revoked",
        "certificate.issued",
    ]


@pytest.mark.parametrize("why", ["", "   ", "x" * 301])
def test_taking_one_back_needs_a_reason(certificate, liisa, why):
    with pytest.raises(certificates.NotIssuable):
        certificates.revoke(certificate, why, by=liisa, at=builders.NOON)

    certificate.refresh_from_db()
    assert certificate.revoked_at is None


def test_who_has_left_or_is_of_another_campaign_gets_none(ina, campaign, liisa):
    stranger = builders.build_influencer(builders.build_campaign("other"), "otto")
    ina.state = Influencer.State.LEFT
    ina.save()

    done = certificates.issue([ina, stranger], campaign, by=liisa, at=builders.NOON)

    assert done.cannot == [ina, stranger]
    assert not Certificate.objects.exists()


def test_those_may_have_one_who_took_part_long_enough_or_posted(campaign, ina):
    now = timezone.now()
    Influencer.objects.filter(pk=ina.pk).update(joined_at=now - timedelta(days=40))
    new = builders.build_influencer(campaign, "nea", joined_at=now - timedelta(days=2))
    posted = builders.build_influencer(campaign, "pia", joined_at=now - timedelta(days=2))
    posts_scene.told(posted, posts_scene.build_version(campaign))

    found = set(certificates.may_have(campaign, days=30, at=now))

    assert found == {ina, posted}
    assert new not in found


# --- Its code ---------------------------------------------------------------------------------------------


def test_a_code_is_read_however_it_is_typed(certificate):
    bare = certificate.code.replace("-", "")
    assert len(bare) == 16
    assert not set(bare) & set("ILOU")
    for typed in (certificate.code.lower(), bare, f" {bare[:8]} {bare[8:]} ", bare.replace("0", "O").replace("1", "l")):
        assert certificates.check(typed) == certificate


@pytest.mark.parametrize("typed", ["", "A", "A" * 15, "U" * 16, "ä" * 16, "0" * 500, "' OR 1=1 --", "\x00" * 16])
def test_what_is_no_code_finds_nothing(certificate, typed):
    assert certificates.check(typed) is None


# --- The page where anyone can check it ---------------------------------------------------------------------


def test_a_valid_one_shows_its_name_and_campaign_and_nothing_else(certificate, client, ina):
    Certificate.objects.filter(pk=certificate.pk).update(revoked_why="A secret reason.")

    answer = client.get(page_of(certificate.code))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Valid certificate" in page
    assert "Ines" in page
    assert "EXERCISE" in page
    assert '<meta name="robots" content="noindex">' in page
    assert "no-store" in answer["Cache-Control"]
    assert certificate.facts["signed"] == "Liisa"
    for private in (ina.reference, ina.user.email, "Liisa", "A secret reason."):
        assert private not in page


def test_one_that_was_taken_back_says_when_but_not_why_nor_whose(certificate, client, liisa):
    certificates.revoke(certificate, "A secret reason.", by=liisa, at=builders.NOON)

    page = client.get(page_of(certificate.code)).content.decode()

    assert "no longer valid" in page
    assert "A secret reason." not in page
    assert "Ines" not in page


def test_an_unknown_one_says_so(client, campaign):
    answer = client.get(page_of("0000-0000-0000-0000"))

    assert answer.status_code == 404
    assert "There is no certificate with this code." in answer.content.decode()


def test_of_somebody_who_was_erased_nothing_is_left_to_check_and_it_is_not_called_false(certificate, client, ina):
    Influencer.objects.filter(pk=ina.pk).update(state=Influencer.State.ERASED, user=None, name="")

    answer = client.get(page_of(certificate.code))

    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Ines" not in page
    assert "deleted with its holder" in page
    unknown = "0000-0000-0000-0000"
    assert page.replace(certificate.code, unknown) == client.get(page_of(unknown)).content.decode()


def test_a_typed_code_leads_to_its_page_and_a_wrong_one_says_how_it_looks(certificate, client):
    with translation.override("en"):
        form = reverse("certificates")

    assert client.get(form, {"code": certificate.code.lower()})["Location"] == page_of(certificate.code)
    wrong = client.get(form, {"code": "nonsense"})
    assert wrong.status_code == 422
    assert "sixteen letters and digits" in wrong.content.decode()
    assert 'value="nonsense"' in wrong.content.decode()


# --- The file ---------------------------------------------------------------------------------------------


def test_the_file_is_the_same_bytes_each_time_and_says_its_language(certificate):
    for language in builders.LANGUAGES:
        one, other = certificate_pdf.render(certificate, language), certificate_pdf.render(certificate, language)
        assert one == other
        assert one.startswith(b"%PDF-")
        assert f"({language})".encode() in one
        assert b"/StructTreeRoot" in one
        assert one.count(b"/FontFile2") == 3  # its own fonts
        assert len(one) < 60_000


def test_its_qr_code_leads_to_the_page_that_is_written_beside_it(certificate, monkeypatch):
    squares = []
    monkeypatch.setattr("fpdf.FPDF.rect", lambda _pdf, *place, **_more: squares.append(place))
    certificate_pdf.render(certificate, "en")

    inside = [place for place in squares if place[1] > certificate_sheet.HEIGHT - 186]
    paper = Image.new("L", (1800, 2550), 255)
    ink = ImageDraw.Draw(paper)
    for x, y, wide, high in inside:
        ink.rectangle((3 * x, 3 * y, 3 * (x + wide), 3 * (y + high)), fill=0)
    (found,) = zxingcpp.read_barcodes(paper)
    assert found.text == settings.PUBLIC_URL + certificates.path_of(certificate, "en")


@pytest.mark.parametrize(
    "name",
    [
        "Ánne Đoŋŋá Östman",
        "W" * 300,
        "Wolfe " * 50,
        "שלום עליכם",
        "محمد",
        "😀🎉",
        "\u202egnp.exe",
        "<b>(Ines)\\)",
        "名前",
    ],
)
def test_any_name_makes_a_file_of_one_page(certificate, name):
    certificate.name = name[:300]

    content = certificate_pdf.render(certificate, "fi")

    assert content.count(b"/Type /Page\n") == 1


@pytest.mark.parametrize(
    ("until", "said"), [("2026-03-16", "On 16 March 2026."), ("2026-03-25", "From 16 March 2026 to")]
)
def test_one_day_is_told_as_one_day(certificate, until, said, monkeypatch):
    seen = []
    monkeypatch.setattr(certificate_sheet, "showable", lambda text: seen.append(text) or text)
    certificate.facts["until"] = until

    certificate_pdf.render(certificate, "en")

    assert any(text.startswith(said) for text in seen)


@pytest.mark.parametrize(
    ("language", "was", "says"),
    [
        ("fi", "vastikkeet", "Tiedotteiden välittämisestä ei makseta."),
        ("sv", "utan ersättning", "Ingen får betalt för att föra bulletiner vidare."),
        ("en", "took part unpaid", "Passing bulletins on is unpaid."),
    ],
)
def test_it_is_true_of_who_also_did_paid_work(certificate, ina, client, signed_in, monkeypatch, language, was, says):
    """What is unpaid is passing bulletins on; nobody is said to have taken part unpaid, who may have been paid for a commission."""
    seen = []
    monkeypatch.setattr(certificate_sheet, "showable", lambda text: seen.append(text) or text)
    certificate_pdf.render(certificate, language)
    with translation.override(language):
        pages = [client.get(reverse("certificate", args=[certificate.code])).content.decode()]
        pages.append(signed_in(ina.user).get(reverse("influencers:certificate")).content.decode())
    for text in (" ".join(seen), *(" ".join(page.split()) for page in pages)):
        assert was not in text.lower()
    assert says in " ".join(seen) and says in pages[0]


def test_its_owner_loads_it_in_every_language_and_nobody_else(certificate, ina, signed_in, campaign):
    client = signed_in(ina.user)
    for language in builders.LANGUAGES:
        answer = client.get(reverse("influencers:certificate_file", args=[language]))
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer.content == certificate_pdf.render(certificate, language)
    assert client.get(reverse("influencers:certificate_file", args=["ru"])).status_code == 404
    other = builders.build_influencer(campaign, "otto")
    assert signed_in(other.user).get(reverse("influencers:certificate_file", args=["fi"])).status_code == 404


def test_the_page_offers_every_language_and_the_address_to_check_it(certificate, ina, signed_in):
    page = signed_in(ina.user).get("/en/portal/certificate/").content.decode()

    for language in builders.LANGUAGES:
        assert reverse("influencers:certificate_file", args=[language]) in page
    assert page_of(certificate.code) in page
    assert "the certificate is deleted too" in page


def test_the_page_says_how_one_is_given_while_there_is_none(ina, signed_in):
    page = signed_in(ina.user).get("/en/portal/certificate/").content.decode()

    assert "You have no certificate yet." in page


# --- At the desk ------------------------------------------------------------------------------------------


def test_a_liaison_issues_to_those_who_are_ticked(ina, campaign, liisa, signed_in):
    other = builders.build_influencer(campaign, "otto")
    client, url = signed_in(liisa), reverse("admin:influencers_certificate_issue")
    assert "Ines" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422

    client.post(url, {"who": [ina.pk]})

    assert Certificate.objects.get().influencer == ina
    assert not other.certificates.exists()
    page = client.get(reverse("admin:influencers_certificate_change", args=[Certificate.objects.get().pk]))
    assert page.status_code == 200
    file = client.get(reverse("admin:influencers_certificate_file", args=[Certificate.objects.get().pk, "sv"]))
    assert file["Content-Type"] == "application/pdf"


def test_one_is_taken_back_at_the_desk(certificate, liisa, signed_in):
    client, url = signed_in(liisa), reverse("admin:influencers_certificate_revoke", args=[certificate.pk])
    assert client.post(url, {"why": ""}).status_code == 422
    client.get(url)
    certificate.refresh_from_db()
    assert certificate.revoked_at is None

    client.post(url, {"why": "Left."})

    certificate.refresh_from_db()
    assert certificate.revoked_at is not None


@pytest.mark.parametrize("who", ["alma", "fiona", "oskar"])
def test_other_staff_neither_issue_nor_take_back(who, certificate, request, signed_in):
    client = signed_in(request.getfixturevalue(who))

    assert client.post(reverse("admin:influencers_certificate_issue"), {"who": ["1"]}).status_code == 403
    revoke = reverse("admin:influencers_certificate_revoke", args=[certificate.pk])
    assert client.post(revoke, {"why": "x"}).status_code == 403
    assert client.get(reverse("admin:influencers_certificate_file", args=[certificate.pk, "fi"])).status_code == 403
    certificate.refresh_from_db()
    assert certificate.revoked_at is None


def test_what_is_theirs_opens_when_the_only_campaign_is_closed_and_nothing_new_begins(
    certificate, ina, liisa, signed_in, campaign
):
    posted = ina.posts.count()
    campaign.closed_at = timezone.now()
    campaign.save()
    client = signed_in(ina.user)
    page = client.get("/en/portal/certificate/")
    assert page.status_code == 200 and page_of(certificate.code) in page.content.decode()
    said = page.content.decode()
    assert "The campaign ended on" in said and "What applies now" not in said
    assert client.get("/en/portal/posts/").status_code == 200
    refused = client.post("/en/portal/posts/new/", {"fact": "x"})
    assert refused.status_code == 403 and "This campaign has ended" in refused.content.decode()
    assert ina.posts.count() == posted
    assert client.post("/en/portal/conversation/", {"text": "May I have a certificate?"}).status_code == 302
    desk = signed_in(liisa)
    desk.post(reverse("admin:campaigns_campaign_work", args=[campaign.pk]))
    assert desk.get(reverse("admin:influencers_certificate_issue")).status_code == 200
