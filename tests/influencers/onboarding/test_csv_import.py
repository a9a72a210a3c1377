"""A file of influencers: every row's fate is shown before anything is stored, and nobody is enrolled by it."""

import csv
import io
import json
import threading
import unicodedata

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from campaigns.models import Region
from delivery.models import Consent, Membership, Recipient, Suppression, address_hash
from influencers.models import ImportRun, Influencer, Interest, Invitation, PlatformAccount, ValuesQuestion
from influencers.onboarding import enrolment
from influencers.onboarding.csv_import import import_runs, reader, stored_rows
from influencers.onboarding.csv_import.row_parser import NEW, REFUSED
from tests.support import builders
from tests.support.builders import NOON, in_all

from .joining_scene import answers, build_code

pytestmark = pytest.mark.django_db

HEADER = ["name", "email", "language", "region", "topics", "instagram_handle", "instagram_followers"]
ELLI = ["Elli Esimerkki", "elli@example.org", "fi", "MK01", "music;sport", "@Elli", "12 000"]


@pytest.fixture(autouse=True)
def names(campaign, liisa):
    """What rows are understood with, and a liaison who reads English."""
    liisa.language = "en"
    liisa.save()
    Region.objects.create(code="MK01", name=in_all(en="Uusimaa", sv="Nyland"))
    for slug in ("music", "sport"):
        Interest.objects.create(campaign=campaign, slug=slug, name=in_all(en=slug))
    ValuesQuestion.objects.create(campaign=campaign, key="sources", text=in_all(en="I check sources."))


def written(rows, *, header=HEADER, delimiter=",", encoding="utf-8"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def taken(campaign, by, data, name="list.csv"):
    """Take a file in, have it read, and return its run."""
    file = SimpleUploadedFile(name, data)
    run = import_runs.take(campaign, file, name=name, source="A list of 2019", by=by, at=NOON)
    import_runs.work(at=NOON)
    run.refresh_from_db()
    return run


def fates(run):
    return [(row["row"], row["fate"]) for row in import_runs.shown(run)]


def stored(run, by):
    import_runs.request_store(run, by=by, at=NOON)
    import_runs.work(at=NOON)
    run.refresh_from_db()
    return run


def test_a_row_is_shown_and_nothing_is_stored_until_somebody_says_so(campaign, liisa):
    run = taken(campaign, liisa, written([ELLI]))
    assert run.state == ImportRun.State.PLANNED and run.counts == {"new": 1}
    assert fates(run) == [(2, "new")]
    assert not Influencer.objects.exists() and not Recipient.objects.exists()

    stored(run, liisa)

    assert run.state == ImportRun.State.APPLIED and run.counts == {"new": 1}
    elli = Influencer.objects.get()
    assert (elli.state, elli.user, elli.came_by, elli.reference) == ("invited", None, run, "infl-0001")
    assert (elli.name, elli.region.code, elli.interests) == ("Elli Esimerkki", "MK01", ["music", "sport"])
    account = elli.accounts.get()
    assert (account.platform, account.handle, account.followers) == ("instagram", "elli", 12000)


def test_nobody_is_enrolled_invited_or_written_to_by_a_file(campaign, liisa):
    stored(taken(campaign, liisa, written([ELLI])), liisa)
    assert not Consent.objects.exists() and not Membership.objects.exists() and not Invitation.objects.exists()
    assert Recipient.objects.get().state == "unconfirmed"
    assert not Recipient.objects.deliverable().exists()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_whatever_a_spreadsheet_writes_is_read(campaign, liisa, delimiter, encoding):
    row = ["Åke Öhman", "ake@example.org", "ruotsi", "Nyland", "music", "", ""]
    stored(taken(campaign, liisa, written([row], delimiter=delimiter, encoding=encoding)), liisa)
    ake = Influencer.objects.get()
    assert (ake.name, ake.recipient.language, ake.region.code) == ("Åke Öhman", "sv", "MK01")


def test_columns_may_be_named_in_finnish_and_swedish_and_unknown_ones_are_named(campaign, liisa):
    header = ["Nimi", "Sähköposti", "Kieli", "Maakunta", "tier", "consent"]
    run = taken(campaign, liisa, written([["Elli", "elli@example.org", "suomi", "Uusimaa", "1", "yes"]], header=header))
    assert run.ignored == ["tier", "consent"]
    assert run.counts == {"new": 1}

    stored(run, liisa)

    elli = Influencer.objects.get()
    assert (elli.name, elli.recipient.language, elli.region.code) == ("Elli", "fi", "MK01")
    assert not Membership.objects.exists() and not Consent.objects.exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"name,email\n", "no rows"),
        (b"name,phone\nElli,1\n", "email addresses is missing"),
        (b"email,email\na@example.org,b@example.org\n", "appears twice"),
        (b"email,Email\na@example.org,b@example.org\n", "appears twice"),
        (b"email\n\x00\x00\n", "not a CSV file"),
        (b'email,name\na@example.org,"Elli\n', "quotation mark"),
        (b"," * 200_001, "longer than 200000 characters"),
        (b"email,name\n" + b'"\n",' * 60_000, "longer than 200000 characters"),
        ("email\nä@example.org\n".encode("utf-16")[:-1], "ends in the middle"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_is_deleted(campaign, liisa, data, says):
    run = taken(campaign, liisa, data)
    assert run.state == ImportRun.State.UNREADABLE and says in run.why
    assert not run.file and not run.fates and not Influencer.objects.exists()


def test_an_empty_or_huge_file_is_refused_at_once(campaign, liisa, monkeypatch):
    with pytest.raises(reader.NotReadable, match="empty"):
        taken(campaign, liisa, b"")
    monkeypatch.setattr(import_runs, "MOST_BYTES", 10)
    with pytest.raises(reader.NotReadable, match="larger"):
        taken(campaign, liisa, written([ELLI]))
    monkeypatch.undo()
    monkeypatch.setattr(reader, "MOST_ROWS", 1)
    run = taken(campaign, liisa, written([ELLI, ELLI]))
    assert "more than 1 rows" in run.why


@pytest.mark.parametrize(
    "email",
    [
        "",
        "elli",
        "elli@",
        "root@localhost",
        "x@[127.0.0.1]",
        "a b@example.org",
        "elli@example.org\r\nBcc: x@example.org",
        "x" * 250 + "@example.org",
    ],
)
def test_a_row_without_an_address_is_refused_and_the_others_are_not(campaign, liisa, email):
    run = taken(campaign, liisa, written([["Elli", email, "", "", "", "", ""], ELLI]))
    assert fates(run) == [(2, "refused"), (3, "new")]
    assert "address" in import_runs.shown(run)[0]["why"]


def test_what_is_only_partly_understood_has_a_note(campaign, liisa):
    header = ["email", "language", "region", "topics", "audience_13_17_pct", "audience_18_24_pct", "instagram_handle"]
    rows = [["elli@example.org", "xx", "Atlantis", "music,knitting", "50", "40", "https://tiktok.com/@elli"]]
    run = taken(campaign, liisa, written(rows, header=header, delimiter=";"))
    notes = " ".join(import_runs.shown(run)[0]["notes"])
    for words in ("The campaign has no", "Atlantis", "knitting", "add up to 100", "Instagram"):
        assert words in notes
    stored(run, liisa)
    elli = Influencer.objects.get()
    assert elli.recipient.language == campaign.default_language and elli.interests == ["music"]
    assert elli.audience_ages == {} and not elli.accounts.exists()


def test_letters_that_macos_takes_apart_are_the_same_letters(campaign, liisa):
    header = unicodedata.normalize("NFD", "nimi;sähköposti;kieli")
    rows = [["Åsa Öhman", "asa@example.org", "fi"], [unicodedata.normalize("NFD", "Åsa Öhman"), "o@example.org", "fi"]]
    run = taken(campaign, liisa, "\n".join([header, *(";".join(row) for row in rows)]).encode())
    assert run.state == ImportRun.State.PLANNED, run.why
    assert [one["name"] for one in import_runs.shown(run)] == ["Åsa Öhman"] * 2


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Ã…sa", "Åsa"),
        ("JÃ¤rvinen", "Järvinen"),
        ("Ã\x81rni", "Árni"),
        ("Åsa", ""),
        ("ÃÅ", ""),
        ("Järvinen – Öhman", ""),
    ],
)
def test_a_name_in_the_wrong_encoding_is_stored_as_it_came_with_a_note(campaign, liisa, name, says):
    run = taken(campaign, liisa, f"name;email\n{name};asa@example.org\n".encode())
    (row,) = import_runs.shown(run)
    assert row["fate"] == NEW
    assert [f"it may be “{says}”" in note for note in row["notes"]] == ([True] if says else [])


def test_an_address_that_no_server_takes_is_refused(campaign, liisa):
    sent = [
        f"{'a' * 64}@example.org",
        f"{'a' * 65}@example.org",
        f"{'ä' * 33}@example.org",
        f"a@{'b' * 60}.{'c.' * 100}org",
    ]
    run = taken(campaign, liisa, "\n".join(["name;email", *(f"A;{one}" for one in sent)]).encode())
    assert [one["fate"] for one in import_runs.shown(run)] == [NEW, *[REFUSED] * 3]


def test_an_apostrophe_before_a_formula_is_taken_off_and_a_formula_is_a_name(campaign, liisa):
    rows = [["'=1+1", "a@example.org", "", "", "", "", ""], ["=cmd()", "b@example.org", "", "", "", "", ""]]
    stored(taken(campaign, liisa, written(rows)), liisa)
    assert set(Influencer.objects.values_list("name", flat=True)) == {"=1+1", "=cmd()"}


def test_two_rows_with_one_address_are_one_person_with_all_accounts(campaign, liisa):
    header = [*HEADER, "tiktok_handle"]
    rows = [
        ["", "elli@example.org", "fi", "", "", "", "", ""],
        ["Elli", "Elli@Example.org ", "sv", "MK01", "music", "elli", "1200", "elli.tok"],
        ["Somebody else", "elli@example.org", "", "", "sport", "elli", "9", ""],
    ]
    run = taken(campaign, liisa, written(rows, header=header))
    assert fates(run) == [(2, "new"), (3, "same"), (4, "same")]
    assert "row 2" in import_runs.shown(run)[1]["why"]

    stored(run, liisa)

    elli = Influencer.objects.get()
    assert (elli.name, elli.region.code, elli.interests) == ("Elli", "MK01", ["music"])
    assert elli.recipient.language == "fi"
    assert set(elli.accounts.values_list("platform", "handle", "followers")) == {
        ("instagram", "elli", 1200),
        ("tiktok", "elli.tok", None),
    }


def test_a_file_adds_nothing_to_the_same_person_in_another_campaign(campaign, liisa):
    other = builders.build_campaign("toinen")
    plain = written([["elli@example.org", "Elli"]], header=["email", "name"])
    for one in (campaign, other):
        stored(taken(one, liisa, plain), liisa)

    more = written([["elli@example.org", "Turku", "elli"]], header=["email", "municipality", "tiktok"])
    run = stored(taken(campaign, liisa, more), liisa)

    assert run.counts == {"adds": 1}
    here, there = Influencer.objects.get(campaign=campaign), Influencer.objects.get(campaign=other)
    assert (here.municipality, here.accounts.get().handle) == ("Turku", "elli")
    assert (there.municipality, there.accounts.count()) == ("", 0)


def test_a_cell_beyond_the_columns_refuses_its_row(campaign, liisa):
    data = b"email,name\nelli@example.org,Virtanen, Elli\noona@example.org,Oona,,\n"
    run = taken(campaign, liisa, data)
    assert fates(run) == [(2, "refused"), (3, "new")]
    assert "more cells than columns" in import_runs.shown(run)[0]["why"]


def test_ages_that_the_form_does_not_ask_for_are_named_as_left_out(campaign, liisa):
    header = ["email", "audience_13_24_pct", "audience_25_34_pct", "audience_45_plus_pct"]
    run = taken(campaign, liisa, written([["elli@example.org", "0", "60", "40"]], header=header))
    assert run.ignored == ["audience_13_24_pct"]
    stored(run, liisa)
    assert Influencer.objects.get().audience_ages == {"25_34": 60, "45_plus": 40}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"sep=;\r\nemail;name\r\nelli@example.org;Esimerkki, Elli\r\n", "Esimerkki, Elli"),
        ("\ufeffsep=\t\nemail\tname\nelli@example.org\tElli\n".encode(), "Elli"),
        ("sep=|\nemail|name\nelli@example.org|Elli\n".encode("utf-16"), "Elli"),
        (b"email,name\nelli@example.org,Aim\xe9", "Aimé"),
    ],
)
def test_excels_first_line_and_a_last_letter_of_windows_are_understood(campaign, liisa, data, name):
    stored(taken(campaign, liisa, data), liisa)
    assert Influencer.objects.get().name == name


def test_a_file_in_utf_8_that_is_cut_in_a_letter_is_not_read_as_windows(campaign, liisa):
    run = taken(campaign, liisa, "email,name\nake@example.org,Åke Öhmanö".encode()[:-1])
    assert run.state == ImportRun.State.UNREADABLE and "ends in the middle" in run.why


def test_who_joins_while_the_file_waits_its_turn_is_left_as_they_are(campaign, roles, liisa, monkeypatch):
    rows = [ELLI, ["Other name", "oona@example.org", "sv", "MK01", "music", "oona", ""]]
    run = taken(campaign, liisa, written(rows))

    def oona_joins(_campaign):
        if not Influencer.objects.exists():
            builders.build_influencer(campaign, "oona")

    monkeypatch.setattr(import_runs, "one_at_a_time", oona_joins)
    stored(run, liisa)

    assert run.state == ImportRun.State.APPLIED and run.counts == {"new": 1, "known": 1}
    oona = Influencer.objects.get(recipient__email="oona@example.org")
    assert (oona.state, oona.name, oona.region, oona.accounts.count()) == ("active", "Oona", None, 0)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_people_join_while_a_file_is_stored(campaign, roles, liisa, monkeypatch):
    build_code(campaign)
    monkeypatch.setattr(import_runs, "AT_ONCE", 50)
    rows = [[f"P{n}", f"p{n}@example.org", "", "", "", "", ""] for n in range(1_000)]
    run = taken(campaign, liisa, written(rows))
    import_runs.request_store(run, by=liisa, at=NOON)

    def store():
        try:
            import_runs.work(at=NOON)
        finally:
            connection.close()

    storing = threading.Thread(target=store)
    storing.start()
    joined = 0
    while storing.is_alive():
        joined += 1
        enrolment.enrol(
            campaign, email=f"j{joined}@example.org", language="en", answers=answers(campaign), source="x", at=NOON
        )
    storing.join()

    run.refresh_from_db()
    assert run.state == ImportRun.State.APPLIED and joined > 1
    references = set(Influencer.objects.values_list("reference", flat=True))
    assert len(references) == Influencer.objects.count() == 1_000 + joined


def test_an_account_of_somebody_else_is_not_taken_over(campaign, liisa):
    rows = [ELLI, ["Another", "another@example.org", "", "", "", "instagram.com/elli/", ""]]
    run = taken(campaign, liisa, written(rows))
    assert fates(run) == [(2, "new"), (3, "refused")]
    assert "belongs to someone" in import_runs.shown(run)[1]["why"]


def test_who_takes_part_is_left_as_they_are(campaign, roles, liisa):
    ines = builders.build_influencer(campaign, "ines")
    run = stored(
        taken(campaign, liisa, written([["New name", "INES@example.org", "sv", "MK01", "music", "x", ""]])), liisa
    )
    assert run.counts == {"known": 1}
    ines.refresh_from_db()
    assert (ines.name, ines.region, ines.recipient.language) == ("Ines", None, "fi") and not ines.accounts.exists()


@pytest.mark.parametrize("how", ["suppressed", "left", "erased", "declined"])
def test_nobody_is_brought_back(campaign, roles, liisa, how):
    from influencers.profiles import offboarding

    if how == "suppressed":
        Suppression.objects.create(address_hash=address_hash("elli@example.org"), reason="complaint", since=NOON)
    elif how == "declined":
        stored(taken(campaign, liisa, written([ELLI])), liisa)
        Invitation.objects.create(
            influencer=Influencer.objects.get(), by=liisa, at=NOON, next_attempt_at=NOON, sent_at=NOON, declined_at=NOON
        )
    else:
        elli = builders.build_influencer(campaign, "elli")
        (offboarding.leave if how == "left" else offboarding.erase)(elli, by=None, at=NOON)
    before = list(Influencer.objects.values()), list(Recipient.objects.values())

    run = stored(taken(campaign, liisa, written([ELLI], delimiter=";")), liisa)

    assert run.counts == {"barred": 1}
    assert (list(Influencer.objects.values()), list(Recipient.objects.values())) == before


def test_the_same_file_again_adds_nothing(campaign, liisa):
    data = written([ELLI, ["Oona", "oona@example.org", "", "", "", "", ""]])
    stored(taken(campaign, liisa, data), liisa)
    run = stored(taken(campaign, liisa, data), liisa)
    assert run.counts == {"adds": 2}
    assert Influencer.objects.count() == 2 and PlatformAccount.objects.count() == 1


def test_what_was_cut_off_is_taken_up_again_and_stores_nobody_twice(campaign, liisa, monkeypatch):
    monkeypatch.setattr(import_runs, "AT_ONCE", 2)
    rows = [[f"P{n}", f"p{n}@example.org", "", "", "", "", ""] for n in range(5)]
    run = taken(campaign, liisa, written(rows))
    import_runs.request_store(run, by=liisa, at=NOON)
    write, calls = stored_rows.write, []

    def fail_at_the_second(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError
        write(*args, **kwargs)

    monkeypatch.setattr(import_runs, "write", fail_at_the_second)
    import_runs.work(at=NOON)
    assert Influencer.objects.count() == 2
    assert import_runs.work(at=NOON) == 0  # its worker may still be there
    ImportRun.objects.update(begun_at=NOON - import_runs.LOST_AFTER)
    import_runs.work(at=NOON)

    run.refresh_from_db()
    assert run.state == ImportRun.State.APPLIED and Influencer.objects.count() == 5
    assert sorted(Influencer.objects.values_list("reference", flat=True)) == [f"infl-000{n}" for n in range(1, 6)]


def test_the_files_are_deleted_when_it_is_over(campaign, liisa):
    for end in (lambda run: stored(run, liisa), lambda run: import_runs.drop(run, by=liisa, at=NOON)):
        run = taken(campaign, liisa, written([ELLI]))
        storage, names = run.file.storage, (run.file.name, run.fates.name)
        assert all(storage.exists(name) for name in names)
        end(run)
        run.refresh_from_db()
        assert not run.file and not run.fates and not any(storage.exists(name) for name in names)


def test_a_file_that_waits_for_a_week_is_dropped(campaign, liisa):
    run = taken(campaign, liisa, written([ELLI]))
    from datetime import timedelta

    import_runs.work(at=NOON + timedelta(days=7))
    run.refresh_from_db()
    assert run.state == ImportRun.State.DROPPED and not run.file
    with pytest.raises(import_runs.NotPossible):
        import_runs.request_store(run, by=liisa, at=NOON)


def test_queries_do_not_grow_with_the_rows(campaign, liisa, django_assert_max_num_queries):
    rows = [[f"P{n}", f"p{n}@example.org", "fi", "MK01", "music", f"p{n}", "10"] for n in range(300)]
    run = taken(campaign, liisa, written(rows))
    import_runs.request_store(run, by=liisa, at=NOON)
    with django_assert_max_num_queries(45):
        import_runs.work(at=NOON)
    assert Influencer.objects.count() == 300


def test_rows_are_shown_by_fate_and_in_parts(campaign, liisa):
    rows = [ELLI, *([["", "", "", "", "", "", f"{n}"] for n in range(5)])]
    run = taken(campaign, liisa, written(rows))
    assert [row["row"] for row in import_runs.shown(run, fate="refused", start=1, most=2)] == [4, 5]
    assert json.dumps(import_runs.shown(run, fate="new")).count("elli@example.org") == 1


def test_a_row_with_too_many_cells_speaks_of_the_files_separator_and_not_of_a_comma(campaign, liisa):
    run = taken(campaign, liisa, b"name;email\nElli;elli@example.org;more\n")
    [row] = import_runs.shown(run)
    assert row["fate"] == "refused" and "cells that contain a separator" in row["why"]
