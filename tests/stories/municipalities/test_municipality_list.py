"""A file of municipalities shows what becomes of every row before anything is stored, and adds nothing twice."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.models import Region
from stories.models import Municipality, MunicipalityInvitation
from tests.support import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
FILE = "/desk/stories/municipality/file/"
LIST = (
    "koodi;laji;nimi_fi;nimi_sv;maakunta;sähköposti\r\n"
    "091;kunta;Helsinki;Helsingfors;MK01;mayor@helsinki.example\r\n"
    "837;;Tampere;Tammerfors;MK01;\r\n"
    "999;;;;MK01;\r\n"
    "091;;Helsinki;;;\r\n"
    "555;;Outo;;MK77;\r\n"
    "556;;Posti;;;no address\r\n"
)


@pytest.fixture
def desk(campaign, signed_in):
    Region.objects.get_or_create(code="MK01", defaults={"name": {"en": "Uusimaa"}})
    return signed_in(builders.build_user("liaison-one", "liaison"))


def upload(desk, data=None):
    return desk.post(FILE, {"file": SimpleUploadedFile("m.csv", LIST.encode() if data is None else data)})


def store(desk, page, **fields):
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.DOTALL)[1].replace("&#x27;", "'")
    digest = re.search(r'name="digest" value="(\w+)"', page.text)[1]
    return desk.post(FILE, {"text": text, "digest": digest} | fields)


def test_nothing_is_stored_before_it_was_shown_and_the_same_file_adds_nothing(desk, campaign):
    page = upload(desk)
    assert page.status_code == 200
    for words in ("The name is missing", "in an earlier row", "“MK77”", "is no email address"):
        assert words in page.text
    assert not Municipality.objects.exists()
    assert store(desk, page, invites="yes").status_code == 302
    assert {one.code: one.name["sv"] for one in campaign.municipalities.all()} == {
        "091": "Helsingfors",
        "837": "Tammerfors",
    }
    assert MunicipalityInvitation.objects.get().email == "mayor@helsinki.example"
    again = upload(desk)
    assert store(desk, again, invites="yes").status_code == 302
    assert (Municipality.objects.count(), MunicipalityInvitation.objects.count()) == (2, 1)


def test_what_changed_since_it_was_shown_is_shown_again(desk, campaign):
    page = upload(desk)
    Municipality.objects.create(campaign=campaign, code="091", name={"fi": "Old"})
    answer = store(desk, page)
    assert (answer.status_code, "Look at it again" in answer.text) == (422, True)
    assert Municipality.objects.get().name == {"fi": "Old"}


@pytest.mark.parametrize("data", [b"\x00\x01", b"a,b\n1,2\n", b'code,name\n"091,x\n', b"code,name\n", b"x" * 600_000])
def test_what_is_no_list_is_refused_in_words(desk, data):
    answer = upload(desk, data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_windows_files_are_read(desk, campaign):
    store(desk, upload(desk, "code,name_fi\n186,Järvenpää\n".encode("cp1252")))
    assert campaign.municipalities.get().name == {"fi": "Järvenpää"}


def test_a_code_that_the_campaign_has_already_is_told_at_the_desk(desk, campaign):
    Municipality.objects.create(campaign=campaign, code="M7", name={"en": "Oldtown"})
    sent = {"code": "M7", "kind": "municipality", "name__en": "Newtown"}
    answer = desk.post(reverse("admin:stories_municipality_add"), sent)
    assert answer.status_code == 200 and "already exists" in answer.text
    assert desk.post(reverse("admin:stories_municipality_add"), sent | {"code": "M8"}).status_code == 302
    assert sorted(Municipality.objects.values_list("code", "campaign")) == [("M7", campaign.pk), ("M8", campaign.pk)]
