"""The mail in the browser: for its reader only, with no trace, and never what was withdrawn."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bulletins.publication import corrections
from delivery.links.unsubscribe import UnsubscribeLinks
from delivery.message.personal_fields import field
from delivery.message.web_version import ReadLinks
from delivery.models import Membership, Message, Recipient
from tests.support.builders import (
    NOON,
    build_audience,
    build_mailing,
    build_published_version,
    build_recipients,
    editor,
    published,
)

LATER = NOON + timedelta(hours=1)
WHAT_CHANGED = {"fi": "Päivä oli väärä.", "sv": "Dagen var fel.", "en": "The day was wrong."}
SHARE_TEXT = {"fi": "Oikaisu.", "sv": "Rättelse.", "en": "Correction: on Tuesday."}
HTML = (
    '<html lang="en"><head><style>p {color: red}</style></head><body class="x"><p style="margin:0">Hi '
    f'{field("name")}!</p><a href="{field("unsubscribe_url")}">Leave</a> <a href="{field("read_url")}">x</a></body></html>'
)
NEWER = "This is the newest version."


@pytest.fixture
def reader(campaign):
    [recipient] = build_recipients(1, build_audience(campaign), language="en")
    recipient.name = "Åsa <b>Ö</b>"
    recipient.save()
    return recipient


@pytest.fixture
def message(campaign):
    return build_mailing(campaign, languages=["en"], html=HTML).messages.get()


def path(message, reader, language="en"):
    return local(ReadLinks(message.pk, language).of(reader.pk))


def local(url):
    return "/" + url.partition("//")[2].partition("/")[2]


def test_its_reader_sees_the_mail_with_their_name_and_a_way_out_that_works(message, reader, client):
    answer = client.get(path(message, reader))
    page = answer.content.decode()

    assert answer.status_code == 200
    assert "Hi Åsa &lt;b&gt;Ö&lt;/b&gt;!" in page and "\ue000" not in page and NEWER not in page
    leave, read = re.findall(r'href="([^"]*)"', page)
    assert leave == UnsubscribeLinks(message.mailing_id, "en").of(reader.pk, reader.email)
    assert local(read) == path(message, reader)
    client.post(local(leave))
    assert Membership.objects.get(recipient=reader).left_at


def test_the_page_may_load_and_run_nothing_and_stays_out_of_caches_and_searches(message, reader, client):
    answer = client.get(path(message, reader))

    assert {part.strip() for part in answer["Content-Security-Policy"].split(";")} == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    assert answer["Content-Type"].startswith("text/html")


def test_reading_leaves_no_trace(message, reader, caplog):
    caplog.set_level("DEBUG")
    caplog.clear()
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path(message, reader))

    assert answer.status_code == 200 and not answer.cookies
    assert not [query for query in queries if not query["sql"].lstrip().upper().startswith("SELECT")]
    said = [record for record in caplog.records if record.name.startswith(("delivery", "bulletins", "config"))]
    assert [record.getMessage().split(" in ")[0] for record in said] == ["GET delivery:read: 200"]


def test_a_page_can_only_be_looked_at(message, reader, client):
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)(path(message, reader)).status_code == 405


def test_a_forged_cut_or_borrowed_link_opens_nothing(message, reader, client):
    right = path(message, reader)
    leave = local(UnsubscribeLinks(message.mailing_id, "en").of(reader.pk, reader.email)).replace("/leave/", "/")
    for wrong in (
        right[:-4] + "xxx/",
        right.replace(f"{reader.pk}.", f"{reader.pk + 1}.", 1),
        "/en/mail/1.1:abc/",
        "/en/mail/x/",
        leave,
    ):
        answer = client.get(wrong)
        assert answer.status_code == 404 and b"Hi " not in answer.content
        assert answer["Referrer-Policy"] == "no-referrer" and answer["X-Robots-Tag"] == "noindex"
        assert "style-src 'self'" in answer["Content-Security-Policy"]  # the site's own page, with its own look
    token = right.rstrip("/").rpartition("/")[2]
    assert client.post(f"/en/mail/leave/{token}/").status_code == 404


def test_a_link_survives_a_new_secret_key_as_long_as_the_old_one_is_a_fallback(message, reader, client, settings):
    before = path(message, reader)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key, after the old one was rotated out, and long enough"
    assert client.get(before).status_code == 404

    settings.SECRET_KEY_FALLBACKS = [old]
    assert client.get(before).status_code == 200


def test_an_erased_reader_has_no_page_and_one_who_left_has(message, reader, client):
    Recipient.objects.filter(pk=reader.pk).update(state="left")
    assert client.get(path(message, reader)).status_code == 200
    Recipient.objects.filter(pk=reader.pk).update(state="erased", email="", name="")
    assert client.get(path(message, reader)).status_code == 404


def test_a_message_without_html_is_shown_as_text(campaign, reader, client):
    message = Message.objects.create(
        mailing=build_mailing(campaign, languages=[]),
        language="en",
        subject="Tom & co",
        text=f"Hi {field('name')}\n<script>alert(1)</script>\n{field('read_url')}\n",
    )

    page = client.get(path(message, reader)).content.decode()

    assert "Hi Åsa &lt;b&gt;Ö&lt;/b&gt;\n&lt;script&gt;" in page and "<h1" in page and "Tom &amp; co</h1>" in page


# --- Versions ------------------------------------------------------------------------------------


@pytest.fixture
def bulletin(campaign, reader):
    return build_published_version(campaign).bulletin


def mail_of(bulletin, number, language="en"):
    return bulletin.versions.get(number=number).mailing.messages.get(language=language)


def test_what_was_corrected_is_shown_corrected_with_a_sentence(bulletin, reader, client):
    first = mail_of(bulletin, 1)
    for at in (LATER, LATER + timedelta(hours=1)):
        corrections.start_correction(bulletin, by=editor(), at=at, what_changed=WHAT_CHANGED, share_text=SHARE_TEXT)
        published(bulletin, at=at)

    page = client.get(path(first, reader)).content.decode()

    assert page.count(NEWER) == 1 and "version 3" in page and "The day was wrong." in page
    assert page.index("<body") < page.index(NEWER) < page.index("<main")
    newest = client.get(path(mail_of(bulletin, 3), reader)).content.decode()
    assert NEWER not in newest and "version 3" in newest
    swedish = client.get(path(mail_of(bulletin, 1, "sv"), reader, "sv")).content.decode()
    assert "Dagen var fel." in swedish


def test_what_was_withdrawn_is_never_shown_again(bulletin, reader, client):
    first = mail_of(bulletin, 1)
    assert "Libraries open on Monday." in client.get(path(first, reader)).content.decode()
    corrections.retract(bulletin, by=editor(), at=LATER, what_changed=WHAT_CHANGED)
    published(bulletin, at=LATER)

    page = client.get(path(first, reader)).content.decode()

    assert "Libraries open" not in page and "is withdrawn" in page and NEWER in page


def test_a_language_that_the_newer_version_lacks_is_read_in_the_campaigns_own(campaign, reader, client):
    old = build_mailing(campaign, "old", languages=["en", "fi"], html="<p>old</p>")
    new = build_mailing(campaign, "new", languages=[], thread=old)
    for code in ("sv", "fi"):
        new.messages.create(language=code, subject="S", text="T", html=f"<p>new, {code}</p>")
    old.superseded_by = new
    old.save()

    page = client.get(path(old.messages.get(language="en"), reader)).content.decode()

    assert "<p>old</p>" not in page and "<p>new, fi</p>" in page


def test_a_newer_version_that_says_nothing_shows_nothing(campaign, reader, client):
    old = build_mailing(campaign, "old", languages=["en"], html="<p>old</p>")
    old.superseded_by = build_mailing(campaign, "new", languages=[], thread=old)
    old.save()

    answer = client.get(path(old.messages.get(), reader))

    assert answer.status_code == 404 and b"<p>old</p>" not in answer.content
