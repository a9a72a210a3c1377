"""Claims from a CSV file: whatever a spreadsheet writes is read, shown first, and stored once."""

import re
import time
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry
from factcheck.intake import claim_reports, claims_csv
from factcheck.models import Claim, ClaimStep, ClaimWords, Sighting
from tests.support.builders import NOON

from .test_claim_reports import a_report

pytestmark = pytest.mark.django_db
HEAD = "claim,language,platform,url,channel,reach,date,note\n"
FILE = (
    HEAD
    + 'Hot water cures the virus,en,facebook,https://www.example.org/1,"Group, the big one",1200,2026-03-24,\n'
    + "Kuuma vesi parantaa,fi,TikTok,,,,24.3.2026,seen twice\n"
    + "Hot water cures the virus!,en,x,,,,2026-03-23,\n"
    + "No day,en,x,,,,,\n"
).encode()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def fates(plan: claims_csv.Plan) -> list[str]:
    return [row.fate for row in plan.rows]


def test_a_plan_says_what_becomes_of_every_row_and_stores_nothing(campaign, fiona):
    plan = claims_csv.plan(campaign, FILE, by=fiona, at=NOON)

    assert fates(plan) == ["new", "new", "again", "refused"]
    assert [row.number for row in plan.rows] == [2, 3, 4, 5]
    assert "Enter the day" in plan.rows[3].reason
    assert not Claim.objects.exists()


def test_what_was_shown_is_stored_with_its_reporter(campaign, fiona):
    known = claim_reports.report(campaign, **a_report(text="Kuuma vesi parantaa", language="fi"))
    plan = claims_csv.plan(campaign, FILE, by=fiona, at=NOON)
    assert fates(plan) == ["new", "again", "again", "refused"]

    claims_csv.store(campaign, FILE, digest=plan.digest, by=fiona, at=NOON)

    claim = Claim.objects.exclude(pk=known.pk).get()
    assert claim.status == "open"
    assert claim.sightings.count() == known.sightings.count() == 2
    assert known.sightings.get(via="file").note == "seen twice"
    assert set(Sighting.objects.filter(via="file").values_list("reporter", flat=True)) == {fiona.pk}
    assert claim.sightings.get(platform="facebook").url_key
    assert claim.steps.get().kind == ClaimStep.Kind.REPORTED
    assert ClaimWords.objects.filter(claim=claim).exists()
    assert AuditEntry.objects.get(verb="claims.imported").detail == {"claims": 1, "sightings": 3}


def test_pressed_twice_it_is_stored_once_and_the_same_file_later_adds_nothing(campaign, fiona):
    plan = claims_csv.plan(campaign, FILE, by=fiona, at=NOON)

    assert claims_csv.store(campaign, FILE, digest=plan.digest, by=fiona, at=NOON)
    assert claims_csv.store(campaign, FILE, digest=plan.digest, by=fiona, at=NOON) is None
    later = claims_csv.plan(campaign, FILE, by=fiona, at=NOON + timedelta(days=1))

    assert fates(later) == ["known", "known", "known", "refused"]
    assert later.adds == 0
    assert (Claim.objects.count(), Sighting.objects.count()) == (2, 3)


def test_what_changed_since_it_was_shown_is_not_stored(campaign, fiona):
    plan = claims_csv.plan(campaign, FILE, by=fiona, at=NOON)
    claim_reports.report(campaign, **a_report())

    with pytest.raises(claims_csv.NotReadable, match="Look through the rows again"):
        claims_csv.store(campaign, FILE, digest=plan.digest, by=fiona, at=NOON)

    assert Claim.objects.count() == Sighting.objects.count() == 1


TEXT = "väite;kieli;kanava;päivä\r\nMyös € käy;fi;facebook;24.3.2026\r\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("cp1252"),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace(";", ",").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        ("\r\n" + TEXT + ";;;\r\n\r\n").encode(),
        TEXT.replace("väite", '"VÄITE"').encode(),
    ],
)
def test_every_way_to_write_the_file_is_read(campaign, fiona, data):
    (row,) = claims_csv.plan(campaign, data, by=fiona, at=NOON).rows

    assert (row.fate, row.text) == ("new", "Myös € käy")
    assert row.seen["seen_on"] == date(2026, 3, 24)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"claim,claim,platform,date\n", "twice"),
        (b"claim,address,platform,date,url\n", "twice"),
        (b"a,b,c\n1,2,3\n", "Columns are missing: claim, platform, date"),
        (b"claim,platform,date\n\x00,x,2026-03-24\n", "not a CSV file"),
        (b"PK\x03\x04\x00\x00spreadsheet", "not a CSV file"),
        (b'claim,platform,date\n"no end,x,2026-03-24\n', "quotation mark"),
        (b"claim,platform,date\n" + b"x" * 200_000 + b",x,2026-03-24\n", "too long"),
        (b"claim,platform,date\n" + b"y,x,2026-03-24\n" * 5001, "more than 5000 rows"),
        (b"x" * (claims_csv.MOST_BYTES + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(campaign, fiona, data, says):
    with pytest.raises(claims_csv.NotReadable, match=says):
        claims_csv.plan(campaign, data, by=fiona, at=NOON)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("x,en,facebook,,,many,2026-03-24,", "number of people"),
        ("x,en,myspace,,,,2026-03-24,", "Choose where"),
        ("x,en,x,,,,2026-02-31,", "Enter the day"),
        ("x,en,x,,,,2999-02-01,", "in the future"),
        ("x,en,x,javascript:alert(1),,,2026-03-24,", "full address"),
        ("x,e!,x,,,,2026-03-24,", "language"),
        (",en,x,,,,2026-03-24,note", "missing"),
        (f"{'x' * 2001},en,x,,,,2026-03-24,", "the limit is 2000"),
        ("x,en,x,,,,2026-03-24,a note, with a comma", "more cells"),
    ],
)
def test_a_wrong_row_is_refused_with_its_reason_and_the_others_are_taken(campaign, fiona, cells, says):
    data = f"{HEAD}{cells}\nHot water,en,x,,,1 200,2026-03-24,\n".encode()

    wrong, right = claims_csv.plan(campaign, data, by=fiona, at=NOON).rows

    assert wrong.fate == "refused"
    assert says in wrong.reason
    assert (right.fate, right.seen["reach"]) == ("new", 1200)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=400), st.text(alphabet='",;\t\r\n=ab\x85\u2028ä€', max_size=200).map(str.encode)))
def test_no_file_breaks_the_reader(campaign, fiona, data):
    for start in (b"", HEAD.encode()):
        try:
            plan = claims_csv.plan(campaign, start + data, by=fiona, at=NOON)
        except claims_csv.NotReadable as refusal:
            assert str(refusal)
        else:
            assert all(row.fate != "refused" or row.reason for row in plan.rows)


@pytest.mark.slow
def test_the_largest_file_takes_half_a_minute_of_a_processor_at_most(campaign, fiona):
    rows = "".join(
        f"Claim {number} about hot water and garlic,en,x,https://example.org/{number},,,2026-03-24,\n"
        for number in range(claims_csv.MOST_ROWS)
    )
    data = (HEAD + rows).encode()
    began = time.process_time()

    plan = claims_csv.plan(campaign, data, by=fiona, at=NOON)
    claims_csv.store(campaign, data, digest=plan.digest, by=fiona, at=NOON)

    assert Claim.objects.count() == Sighting.objects.count() == claims_csv.MOST_ROWS
    assert time.process_time() - began < 30


def test_a_plan_costs_the_same_however_long_the_file_is(campaign, fiona, django_assert_num_queries):
    for count in (1, 200):
        data = (HEAD + "".join(f"Claim {n},en,x,,,,2026-03-24,\n" for n in range(count))).encode()
        with django_assert_num_queries(2):
            claims_csv.plan(campaign, data, by=fiona, at=NOON)


# --- The page ------------------------------------------------------------------------------------------


def page() -> str:
    return reverse("admin:factcheck_claim_import")


def upload(data: bytes) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("claims.csv", data)}


def hidden(text: str) -> dict[str, str]:
    return dict(re.findall(r'name="(digest|file_digest)"\s+value="([0-9a-f]+)"', text))


def test_on_the_page_nothing_is_stored_before_the_second_button(campaign, fiona, signed_in):
    client = signed_in(fiona)

    shown = client.post(page(), upload(FILE)).content.decode()

    assert "Hot water cures the virus" in shown
    assert "rejected" in shown
    assert not Claim.objects.exists()

    first = client.post(page(), hidden(shown), follow=True).content.decode()
    second = client.post(page(), hidden(shown), follow=True).content.decode()

    assert "2 new claims saved. 3 sightings saved." in first
    assert "already been saved" in second
    assert (Claim.objects.count(), Sighting.objects.count()) == (2, 3)


def test_the_file_that_waits_is_the_users_own_and_is_removed(campaign, fiona, alma, signed_in, settings):
    shown = signed_in(fiona).post(page(), upload(FILE)).content.decode()
    waits = list(settings.MEDIA_ROOT.rglob("*.csv"))
    assert len(waits) == 1
    assert signed_in(alma).get(f"/media/imports/{waits[0].name}").status_code == 404

    theirs = signed_in(alma).post(page(), hidden(shown))
    assert theirs.status_code == 422
    assert not Claim.objects.exists()

    signed_in(fiona).post(page(), hidden(shown))
    assert list(settings.MEDIA_ROOT.rglob("*.csv")) == []


@pytest.mark.parametrize("fields", [{"digest": "x"}, {"digest": "0" * 64, "file_digest": "../../etc/passwd"}])
def test_a_made_up_digest_stores_nothing(campaign, fiona, signed_in, fields):
    assert signed_in(fiona).post(page(), fields).status_code == 422
    assert not Claim.objects.exists()


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\x00"])
def test_a_file_that_cannot_be_read_is_refused_on_the_page(campaign, fiona, signed_in, data):
    response = signed_in(fiona).post(page(), upload(data))

    assert response.status_code == 422
    assert "status--bad" in response.content.decode()


def test_whoever_may_not_add_claims_cannot_bring_a_file(campaign, oskar, client, signed_in):
    assert signed_in(oskar).post(page(), upload(FILE)).status_code == 403
    assert signed_in(oskar).get(page()).status_code == 403
    assert client.post(page(), upload(FILE)).status_code == 302


def test_the_template_is_a_file_that_can_be_brought(campaign, fiona, signed_in):
    data = signed_in(fiona).get(reverse("admin:factcheck_claim_import_template")).content

    assert fates(claims_csv.plan(campaign, data, by=fiona, at=NOON)) == ["new"]
