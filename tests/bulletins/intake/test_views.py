"""The contributor's pages: what is sent in, what is refused and kept, who may see what."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from bulletins.intake import input_attachments, submissions
from bulletins.models import Bulletin, MessageInput
from bulletins.publication import corrections
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON


@pytest.fixture(autouse=True)
def english(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path
    with translation.override("en"):
        yield


def page_of(name: str, *args: Any) -> str:
    """Return the address of a page."""
    return reverse(f"intake:{name}", args=args)


def form(**changes: Any) -> dict[str, Any]:
    """Return what the form sends."""
    data = {
        "external_id": "form-" + "a" * 32,
        "title": "Kirjastot avataan",
        "body": "Yksi.\r\n\r\nKaksi.",
        "language": "fi",
        "urgency": "urgent",
        "contact": "press@ministry.example.org",
        "sources-TOTAL_FORMS": "4",
        "sources-INITIAL_FORMS": "0",
        "facts-TOTAL_FORMS": "2",
        "facts-INITIAL_FORMS": "0",
        "sources-1-publisher": "Ministry",
        "sources-1-title": "Decision",
        "sources-1-url": "https://ministry.example.org/decision",
        "facts-1-text": "Avataan maanantaina.",
        "facts-1-source": "2",
    }
    return data | changes


@pytest.fixture
def minnas(minna: Any, authority: Any, campaign: Any, signed_in: Any) -> Any:
    """The contributor's browser, with what every form of hers holds."""
    client = signed_in(minna)
    client.send = lambda **changes: client.post(page_of("submit_input"), form(authority=authority.pk) | changes)
    return client


def test_what_is_sent_in_arrives_whole_and_says_so(minnas, alma):
    files = [SimpleUploadedFile("plan.pdf", b"%PDF-1.7"), SimpleUploadedFile("hours.txt", b"Nine.")]
    answer = minnas.send(attachments=files)

    row = MessageInput.objects.get()
    assert answer.status_code == 302 and answer["Location"] == page_of("input_sent", row.pk)
    assert (row.body, row.channel, row.urgency) == ("Yksi.\n\nKaksi.", "form", "urgent")
    assert row.facts.get().source == row.sources.get()
    assert [one.name for one in row.attachments.all()] == ["plan.pdf", "hours.txt"]
    sent = minnas.get(answer["Location"]).content.decode()
    assert row.reference in sent and "every editor is being notified now" in sent


def test_where_it_applies_stands_in_the_text_and_long_lists_are_folded(minnas, campaign):
    empty = minnas.get(page_of("submit_input")).content.decode()
    assert 'name="area"' in empty and 'panel--fold">' in empty, "closed until something in it is chosen"

    assert minnas.send(area=" Nokia, keskusta ", external_id="form-" + "b" * 32).status_code == 302
    row = MessageInput.objects.get()
    assert row.body == "Yksi.\n\nKaksi.\n\nAlue: Nokia, keskusta"
    again = minnas.get(page_of("submit_input"), {"update": row.pk}).content.decode()
    assert "Alue: Nokia, keskusta</textarea>" in again and re.search(r'name="area"(?![^>]*value)', again)

    topic = builders.build_topic(campaign)
    page = minnas.send(title="", topics=[topic.pk], area="Nokia").content.decode()
    assert 'panel--fold" open>' in page and 'value="Nokia"' in page, "what was typed is kept"


def test_pressed_twice_it_is_sent_once_and_changed_it_asks(minnas):
    assert [minnas.send().status_code for _press in range(2)] == [302, 302]
    assert MessageInput.objects.count() == 1

    changed = minnas.send(title="Toinen")
    assert changed.status_code == 422 and "in-001" in changed.content.decode()
    assert MessageInput.objects.get().title == "Kirjastot avataan"
    name = re.search(r'name="external_id" value="(form-[0-9a-f]{32})"', changed.content.decode())
    assert minnas.send(title="Toinen", external_id=name[1]).status_code == 302
    assert MessageInput.objects.count() == 2


def test_a_refused_file_is_named_and_all_that_was_written_is_kept(minnas):
    files = [SimpleUploadedFile("good.pdf", b"%PDF-1.7"), SimpleUploadedFile("bad.exe", b"MZ")]
    answer = minnas.send(attachments=files)
    says = answer.content.decode()
    assert answer.status_code == 422 and "bad.exe" in says and "this type of file is not" in says
    assert "Kirjastot avataan" in says and "https://ministry.example.org/decision" in says
    assert not MessageInput.objects.exists()


def test_the_files_that_were_good_are_named_where_something_else_is_wrong(minnas):
    answer = minnas.send(title="", attachments=[SimpleUploadedFile("good.pdf", b"%PDF-1.7")])
    assert answer.status_code == 422 and "good.pdf" in answer.content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"title": " "},
        {"sources-0-url": "no address"},
        {"facts-0-source": "1"},
        {"facts-1-source": "3"},
        {"valid_until": "2020-01-01T10:00"},
        {"external_id": "mine"},
        {"facts-1-source": "99"},
        {"sources-TOTAL_FORMS": "9999"},
        {"sources-TOTAL_FORMS": "x"},
    ],
)
def test_what_cannot_be_taken_is_marked_and_nothing_is_stored(minnas, changes):
    answer = minnas.send(**changes)
    assert answer.status_code == 422 and not MessageInput.objects.exists()


def test_without_script_a_button_gives_one_more_row_and_keeps_what_was_typed(minnas):
    answer = minnas.send(more="source", title="", topics=[])
    says = answer.content.decode()
    assert answer.status_code == 200 and 'name="sources-4-url"' in says and "Nothing was sent" not in says
    assert "Yksi." in says and "https://ministry.example.org/decision" in says and "Avataan maanantaina." in says
    assert '<option value="5"' in says
    assert not MessageInput.objects.exists()
    assert 'name="facts-2-text"' in minnas.send(more="fact").content.decode()


def test_the_way_of_an_input_is_told_step_by_step(minnas, campaign, minna, authority, alma):
    row = builders.build_input(campaign, authority=authority, by=minna)
    submissions.accept(row, by=alma, at=NOON)
    submissions.return_with_question(row, by=alma, at=NOON, question="Since when?")
    says = minnas.get(page_of("input", row.pk)).content.decode()
    assert "An editor accepted it" in says and "Since when?" in says
    assert "The desk waits for your answer" in says and "Alma works on it." in says

    assert minnas.post(page_of("input", row.pk), {"answer": ""}).status_code == 422
    row.refresh_from_db()
    assert row.state == "returned"
    assert minnas.post(page_of("input", row.pk), {"answer": "Monday."}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answer) == ("new", "Monday.")

    version = builders.build_published_version(campaign, inputs=[row])
    says = minnas.get(page_of("input", row.pk)).content.decode()
    assert f"Used in bulletin {version.bulletin.number}, published" in says
    assert version.bulletin.get_absolute_url() in says


def test_what_is_published_stands_beside_the_moment_when_readers_got_it(minnas, campaign, minna, authority, alma):
    row = builders.build_input(campaign, authority=authority, by=minna)
    bulletin = builders.build_bulletin(campaign, by=alma, at=NOON, inputs=[row])

    def moment() -> str:
        says = minnas.get(page_of("input", row.pk)).content.decode()
        return re.search(r"Used in bulletin 1, ([^<]*)(?:</a>)?</strong> <time[^>]*>([^<]*)<", says).groups()

    what, when = moment()
    assert "being written" in what and "12:00" in when or "noon" in when

    builders.published(bulletin, by=alma, at=NOON + timedelta(minutes=7))
    what, when = moment()
    assert what == "published" and "12:07" in when

    later = NOON + timedelta(hours=2)  # a correction does not change since when it is used
    corrections.start_correction(bulletin, by=alma, at=later, what_changed=builders.in_all(en="A word."))
    builders.published(bulletin, by=alma, at=later)
    assert moment()[1] == when


def test_what_happens_next_and_who_has_it_is_told_at_every_stage(minnas, campaign, minna, authority, alma):
    row = builders.build_input(campaign, authority=authority, by=minna, embargo_until=NOON + timedelta(days=900))

    def says() -> str:
        page = minnas.get(page_of("input", row.pk)).content.decode()
        return re.sub(r"\s+", " ", page[page.index('id="h-next"') : page.index('id="h-way"')])

    assert "An editor reads it." in says() and "Nobody has taken it on yet." in says()
    assert "It is not published before" in says()
    submissions.accept(row, by=alma, at=NOON)
    assert "It becomes a bulletin" in says() and "Alma works on it." in says()
    bulletin = builders.build_bulletin(campaign, by=alma, at=NOON, inputs=[row])
    assert "A second person reads and approves it" in says()
    MessageInput.objects.filter(pk=row.pk).update(embargo_until=None)
    Bulletin.objects.filter(pk=bulletin.pk).update(embargo_until=None)
    bulletin = Bulletin.objects.get(pk=bulletin.pk)
    builders.published(bulletin, by=alma, at=NOON + timedelta(minutes=7))
    assert "Readers have had bulletin 1 since" in says() and "12:07" in says() and "works on it" not in says()
    assert "12:07" in minnas.get(page_of("inputs")).content.decode()


def test_contributors_log_in_on_a_page_of_their_own_and_out_from_the_menu(minnas, client, campaign):
    for asked in (page_of("inputs"), reverse("questions:questions_to_answer")):
        answer = client.get(asked, follow=True)
        assert answer.redirect_chain[0][0].startswith(reverse("account_request_login_code"))
        page = answer.content.decode()
        assert "For authorities" in page and "Not with us yet? Join" not in page
    assert "Not with us yet? Join" in client.get(reverse("account_request_login_code")).content.decode()

    menu = minnas.get(page_of("inputs")).content.decode().split("</header>")[0]
    assert f'href="{reverse("account_logout")}"' in menu


def test_the_reason_of_a_no_is_told(minnas, campaign, minna, authority, alma):
    row = builders.build_input(campaign, authority=authority, by=minna)
    submissions.decline(row, by=alma, at=NOON, reason="It was said on Monday.")
    assert "It was said on Monday." in minnas.get(page_of("input", row.pk)).content.decode()


def test_a_file_goes_to_the_authoritys_contributors_and_the_desk_only(
    minnas, campaign, minna, authority, alma, ines, signed_in, client
):
    letter = input_attachments.File("letter.txt", b"<script>alert(1)</script>", "text/plain")
    row = builders.build_input(campaign, authority=authority, by=minna, attachments=[letter])
    theirs = builders.build_input(campaign, authority=builders.build_authority("agency"), attachments=[letter])
    kept = row.attachments.get()
    public, desk = page_of("input_attachment", row.pk, kept.pk), "admin:bulletins_messageinput_attachment"

    answer = minnas.get(public)
    assert answer.status_code == 200 and b"".join(answer.streaming_content) == letter.data
    assert answer["Content-Disposition"] == 'attachment; filename="letter.txt"'
    assert answer["X-Content-Type-Options"] == "nosniff" and "no-store" in answer["Cache-Control"]
    assert signed_in(alma).get(reverse(desk, args=[row.pk, kept.pk])).status_code == 200

    assert minnas.get(page_of("input_attachment", theirs.pk, theirs.attachments.get().pk)).status_code == 404
    assert minnas.get(page_of("input_attachment", row.pk, theirs.attachments.get().pk)).status_code == 404
    assert minnas.get(reverse("media", args=[kept.file.name])).status_code == 404
    for other in (signed_in(ines), client, signed_in(builders.build_user("stranger"))):
        assert other.get(public).status_code in {302, 403, 404}
        assert other.get(reverse("media", args=[kept.file.name])).status_code == 404
        assert other.get(reverse(desk, args=[row.pk, kept.pk])).status_code in {302, 403, 404}


def test_the_pages_cost_the_same_however_much_there_is(minnas, campaign, minna, authority, alma):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert minnas.get(url).status_code == 200
        return len(queries)

    row = builders.build_input(campaign, authority=authority, by=minna, facts=[{"text": "A", "source": 1}])
    urls = [page_of("inputs"), page_of("input", row.pk)]
    before = [cost(url) for url in urls]
    for n in range(4):
        builders.build_input(campaign, authority=authority, by=minna, title=f"{n}", at=NOON + timedelta(hours=n))
        submissions.return_with_question(row, by=alma, at=NOON, question="?")
        submissions.answer_question(row, by=minna, at=NOON, answer="!")
    MessageInput.objects.filter(pk=row.pk).update(state="new", question="", answer="")
    assert [cost(url) for url in urls] == before


def test_whoever_is_logged_out_is_led_to_the_login_by_code(client: Any, campaign: Any) -> None:
    answer = client.get(page_of("inputs"))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_request_login_code"))


def test_an_update_begins_with_what_was_sent_and_names_it(minnas, campaign, minna, authority):
    first = submissions.submit(
        campaign=campaign, authority=authority, by=minna, at=timezone.now(), title="Water", body="Boil it until 2 April.",
        language="fi", facts=[{"text": "Until 2 April"}],
    )  # fmt: skip
    assert f"?update={first.pk}" in minnas.get(page_of("input", first.pk)).content.decode()

    page = minnas.get(page_of("submit_input"), {"update": first.pk}).content.decode()
    assert "Boil it until 2 April." in page and "Until 2 April</textarea>" in page and first.reference in page

    assert minnas.send(replaces=first.pk).status_code == 302
    assert MessageInput.objects.exclude(pk=first.pk).get().replaces == first


def test_an_update_of_what_another_authority_sent_is_refused(minnas, campaign, alma):
    other = builders.build_input(
        campaign, authority=builders.build_authority("other"), by=builders.build_user("olli", "contributor")
    )
    assert minnas.get(page_of("submit_input"), {"update": other.pk}).status_code == 404

    assert minnas.send(replaces=other.pk).status_code == 422

    assert MessageInput.objects.count() == 1


def test_the_menu_ends_with_a_way_out_that_has_a_sign_of_its_own(minnas):
    page = minnas.get(page_of("inputs")).content.decode()
    menu = re.findall(
        r'href="([^"]+)"[^>]*><svg[^>]*><use href="#(i-[a-z]+)"/>',
        page.partition('class="menu__list"')[2].partition("</ul>")[0],
    )

    assert len(menu) == 6 and menu[-1] == (reverse("account_logout"), "i-out")
    assert len({sign for _address, sign in menu}) == 6
    assert '<symbol id="i-out"' in page
