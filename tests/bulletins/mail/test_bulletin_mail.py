"""The bulletin's mail: the same facts in HTML and in text, in every language, ready for any mail program."""

import re
from dataclasses import replace
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from bulletins.checks import registry
from bulletins.editing import drafts
from bulletins.mail.bulletin_mail import KeyMessage, MailContent, render_bulletin, subject_of
from bulletins.models import CallToAction, NotAllowed
from bulletins.publication import publish
from campaigns.publication_details import PrintedWords
from delivery.message.mime import TooLarge
from delivery.message.personal_fields import OPENS, field
from delivery.message.rendered_mail import RenderedMail
from tests.support.builders import NOON, approved, build_bulletin, build_campaign, build_published_version, editor

HELSINKI = ZoneInfo("Europe/Helsinki")
SITE = "https://bulletins.example.org"
SOURCE = "https://valtioneuvosto.fi/en/-/10616/decision?a=1&b=2"
BODY = """# Travel is restricted

Hi!

## What was decided

- The restrictions began on **28 March** at 0:00.
- The police watch the border & may ask why.

Source: [Finnish Government, 28 March 2020](https://valtioneuvosto.fi/en/28)

## How you could say it

> You can get home. The cottage has to wait.

> It buys hospitals time.

## Downloads

- [Picture: You can get home](https://example.org/003/home-en.png)
- [Video: What is forbidden](https://example.org/003/what-en.mp4)
"""


@pytest.fixture
def live(db):
    return build_campaign(mode="live")


def mail_of(campaign, language="en", *, contact="contact@example.org", **changes) -> RenderedMail:
    values: dict[str, Any] = {
        "number": 3,
        "version": 1,
        "kind": "original",
        "published_at": datetime(2020, 3, 28, 8, 30, tzinfo=HELSINKI),
        "title": "Travel to and from Uusimaa is restricted",
        "subject": "Bulletin 3: Travel is restricted",
        "preheader": "Cross the border only if you must.",
        "body": BODY,
        "key_messages": [
            KeyMessage(
                "m1",
                "Everyone may return home.",
                "Government",
                SOURCE,
                datetime(2020, 4, 19, 23, 59, tzinfo=HELSINKI),
            ),
            KeyMessage("m2", "No leisure trips.", "", "https://www.thl.fi/a", None),
        ],
        "calls_to_action": ["Cancel leisure trips.", "Set up a video call."],
        "claims": [("You may go home over the border.", f"{SITE}/en/claims/home/")],
        "what_changed": "",
        "share_text": "",
        "page_url": f"{SITE}/en/bulletins/3/",
        "portal_url": f"{SITE}/en/portal/bulletins/3/",
        "channels": ["Instagram", "TikTok"],
        "has_assets": True,
    }
    printed = replace(PrintedWords.of(campaign), reply_to=contact)
    return render_bulletin(MailContent(printed=printed, language=language, **values | changes))


CORRECTION = {
    "version": 2,
    "kind": "correction",
    "what_changed": "The end date was wrong.\nCorrect: 19 April.",
    "share_text": "Correction: the restrictions are in force until 19 April.",
}
RETRACTION = {
    "version": 3,
    "kind": "retraction",
    "what_changed": "The figure came from an old table.",
    "share_text": "I shared a wrong figure. It is withdrawn.",
}


class Page(HTMLParser):
    """The words that a reader of the HTML sees, in order, and the addresses behind its links."""

    HIDDEN = {"style", "title", "head"}
    VOID = {"meta", "br", "hr", "wbr", "img"}
    INLINE = {"wbr", "span"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.links: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _value in attrs}
        if tag not in self.VOID:
            self.open.append(tag)
        if tag not in self.INLINE:
            self.words += " "
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        assert self.open.pop() == tag
        self.words += " " * (tag not in self.INLINE)

    def handle_data(self, data):
        if not self.HIDDEN & set(self.open):
            self.words += data


def words(text: str) -> str:
    return " ".join(text.split())


def text_of(html: str) -> str:
    return words(Page(html).words)


# --- The same in both parts ----------------------------------------------------------------------------


def test_a_mail_promises_no_files_that_there_are_not(live):
    mail = mail_of(live, channels=[], has_assets=False)

    for part in (text_of(mail.html), words(mail.text)):
        assert "Open and copy" in part and "download" not in part and "texts for" not in part


@pytest.mark.parametrize("changes", [{}, CORRECTION], ids=["original", "correction"])
def test_both_parts_say_the_same(live, changes):
    mail = mail_of(live, **changes)
    html, text = text_of(mail.html), words(mail.text)

    for fact in [
        "Travel to and from Uusimaa is restricted",
        "Cross the border only if you must.",
        "Open, copy and download",
        "The page has texts for Instagram, TikTok.",
        "Everyone may return home.",
        "Valid until 19 April 2020. Source: Government",
        "No leisure trips.",
        "Valid until further notice. Source: thl.fi",
        "Cancel leisure trips.",
        "Set up a video call.",
        "What was decided",
        "The restrictions began on 28 March at 0:00.",
        "The police watch the border & may ask why.",
        "You can get home. The cottage has to wait.",
        "You may go home over the border.",
        "contact@example.org",
        "Unsubscribe",
        "unpaid",
        "This is not a statutory warning. In an emergency call 112.",
        "Sat 28 March 2020",
        *changes.get("what_changed", "").splitlines(),
        changes.get("share_text", ""),
    ]:
        assert fact.casefold() in html.casefold()
        assert fact.casefold() in text.casefold()
    for address in [
        f"{SITE}/en/claims/home/",
        f"{SITE}/en/portal/bulletins/3/?for={field('portal_mark')}",
        f"{SITE}/en/bulletins/3/",
        field("unsubscribe_url"),
        field("read_url"),
    ]:
        assert address in Page(mail.html).links
        assert address in text


def test_numbers_and_addresses_are_the_same_in_both_parts(live):
    mail = mail_of(live, **CORRECTION)
    links = sorted(set(Page(mail.html).links))
    numbers = re.compile(r"(?<!\S)\d+(?:[.:,]\d+)*")
    text = re.sub(r"(?m)^\d\. ", "", mail.text)

    assert sorted(set(re.findall(r"https?://\S+|\ue000\w+\ue001", mail.text))) == links
    assert set(numbers.findall(re.sub(r"https?://\S+", "", text))) == set(numbers.findall(Page(mail.html).words))


def test_every_link_is_absolute_and_there_is_one_button(live):
    mail = mail_of(live)
    links = Page(mail.html).links

    assert {field("unsubscribe_url"), field("read_url")} < set(links)
    assert all(link.startswith((f"{SITE}/", OPENS)) for link in links)
    assert mail.html.count('class="button"') == 1
    assert not {"img", "form", "script", "iframe", "input"} & set(Page(mail.html).tags)


def test_files_to_download_are_left_to_the_page(live):
    mail = mail_of(live)

    assert "home-en.png" not in mail.html + mail.text
    assert "DOWNLOADS" not in mail.text


# --- Corrections, withdrawals, exercises ---------------------------------------------------------------


def test_a_correction_says_so_first(live):
    mail = mail_of(live, **CORRECTION)
    label = "Correction: this replaces version 1"

    for part in (text_of(mail.html), words(mail.text)):
        found = [
            part.casefold().index(text.casefold()) for text in (label, "The end date was wrong.", "Travel to and from")
        ]
        assert found == sorted(found)
    assert "version 2" in mail.text
    assert label.casefold() not in mail_of(live).text.casefold()


def test_a_withdrawal_says_only_why_and_what_to_do(live):
    mail = mail_of(live, **RETRACTION)

    for part in (text_of(mail.html), words(mail.text)):
        assert "withdrawn: don't use this bulletin any more" in part.casefold()
        assert "bulletin 3 is withdrawn" in part.casefold()
        assert "The figure came from an old table." in part
        assert "I shared a wrong figure. It is withdrawn." in part
    for withdrawn in ("Everyone may return home", "leisure trips", "Uusimaa", "restrictions began", "Cross the border"):
        assert withdrawn not in mail.html + mail.text
    assert mail.subject == "Bulletin 3 is withdrawn" and "Travel is restricted" not in mail.html


def test_an_exercise_is_marked_before_anything_else(campaign):
    mail = mail_of(campaign, **CORRECTION)

    for part in (text_of(mail.html), mail.text.lstrip("* ")):
        assert words(part).removeprefix("Cross the border only if you must. ").startswith("Exercise: ")
        assert "This is an exercise. Don't publish it." in words(part)
    assert "exercise" not in mail.subject.casefold()  # delivery marks the subject


def test_the_real_thing_has_no_mark_of_an_exercise(live):
    mail = mail_of(live)

    assert "practice" not in mail.html + mail.text


# --- Languages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "day", "until"),
    [
        ("fi", "la 28.3.2020", "19.4.2020"),
        ("sv", "lör 28.3.2020", "19.4.2020"),
        ("en", "Sat 28 March 2020", "19 April 2020"),
    ],
)
def test_each_language_has_its_own_dates_and_names(live, language, day, until):
    mail = mail_of(live, language)
    name = live.languages.get(code=language).name

    assert f'<html lang="{language}"' in mail.html
    assert day.casefold().split()[1] in mail.text
    assert until in text_of(mail.html)
    assert until in words(mail.text)
    assert name in text_of(mail.html)
    assert name.upper() in mail.text


def test_dates_are_in_the_campaigns_zone_and_hours_show_when_they_matter(live):
    late = datetime(2020, 3, 28, 22, 30, tzinfo=ZoneInfo("UTC"))  # already the 29th in Helsinki
    message = KeyMessage("one", "Stay in.", "", "", late)
    mail = mail_of(live, published_at=late, key_messages=[message])

    assert "Sun 29 March 2020" in mail.text
    assert "Valid until 29 March 2020, 00:30." in mail.text
    assert "SOURCES" not in mail.text


def test_a_language_that_the_campaign_has_no_words_in_falls_back_to_the_main_one(live):
    assert live.languages.get(code=live.default_language).name in text_of(mail_of(live, "et").html)


# --- Any mail program, any text ------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{}, CORRECTION, RETRACTION], ids=["original", "correction", "retraction"])
def test_it_is_small_and_its_lines_are_short(campaign, changes):
    mail = mail_of(campaign, **changes)

    assert len(mail.html.encode()) < 60_000
    assert max(len(line) for line in mail.text.splitlines() if "://" not in line) <= 72
    assert Page(mail.html).open == []


def test_no_line_is_longer_than_mail_allows_whatever_people_write(live):
    long, address = "ä" * 500, "https://thl.fi/" + "a" * 780
    message = KeyMessage("one", f"{long} {'😀' * 300}", "", address, None)
    mail = mail_of(
        live,
        title=long[:160],
        body=f"{'word ' * 400}\n\n[{long}]({address})\n\n<{address}>\n\n{long}\n\n## {long}\n\n&amp;{'&lt;' * 400}",
        key_messages=[message],
        calls_to_action=[long],
        what_changed=long,
        share_text=long,
        kind="correction",
        version=2,
    )

    for part in (mail.html, mail.text):
        assert max(len(line.encode()) for line in part.splitlines()) <= 900
    assert long in Page(mail.html).words.replace("\n", "")


@pytest.mark.parametrize(
    "payload",
    [
        "<img src=x onerror=alert(1)>",
        "</title><script>alert(1)</script>",
        '"><svg onload=alert(1)>',
        "{{ settings.SECRET_KEY }} {% debug %}",
        "a\u202eb",
        "\ue000unsubscribe_url\ue001 \ue000name\ue001",
        "\r\nBcc: someone@example.org",
    ],
)
def test_no_text_can_do_more_than_be_read(live, payload):
    usual = mail_of(live, **CORRECTION)
    texts = dict.fromkeys(("title", "subject", "preheader", "what_changed", "share_text", "contact"), payload)
    message = KeyMessage("one", payload, payload, f"javascript:{payload}", None)
    mail = mail_of(
        live,
        **CORRECTION | texts,
        body=payload,
        key_messages=[message],
        calls_to_action=[payload],
        claims=[(payload, SITE)],
    )

    assert set(Page(mail.html).tags) <= set(Page(usual.html).tags) | {"wbr"}
    assert Page(mail.html).attributes <= Page(usual.html).attributes
    for part in (mail.html, mail.text):
        assert part.count("\ue000") == part.count("\ue001") == 3
        assert "\u202e" not in part
        assert "javascript:" not in part
    assert len(mail.subject.splitlines()) == 1
    if "{{" in payload:
        assert payload in mail.text
        assert payload in unescape(mail.html)


def test_a_source_is_named_once_with_its_site_and_linked_from_the_page(live):
    messages = [KeyMessage(f"m{n}", f"Fact {n}.", "THL", f"https://thl.fi/{n % 2}", None) for n in range(4)]
    mail = mail_of(live, key_messages=messages)

    sources = f"- THL (thl.fi)\n\nThe links to the sources are on the bulletin's page.\n{SITE}/en/bulletins/3/\n"
    assert sources in mail.text
    assert "THL (thl.fi)" in mail.html


def test_links_lead_to_our_own_pages_only_and_say_where_others_lead(live):
    body = (
        "Read [the order](https://www.thl.fi/order?a=1&b=2) and <https://thl.fi/a?b=1&c=2>, ask <help@thl.fi> or "
        f"[us](mailto:help@thl.fi), see [the answers]({SITE}/en/answers/) and [thl.fi](https://thl.fi/)."
    )
    mail = mail_of(live, body=body)
    says = (
        "Read the order (thl.fi) and thl.fi/a?b=1&c=2, ask help@thl.fi or us (help@thl.fi), "
        "see the answers{} and thl.fi."
    )

    assert says.format("") in text_of(mail.html)
    assert says.format(f": {SITE}/en/answers/") in words(mail.text)
    assert f"{SITE}/en/answers/" in Page(mail.html).links


@pytest.mark.parametrize("changes", [{"body": "ä" * 12_000}, {"calls_to_action": ["word " * 8_000]}])
def test_a_mail_that_is_too_long_is_refused_with_a_sentence(live, changes):
    with pytest.raises(TooLarge, match=r"This email is \d+ kB, and the limit is 100\. Shorten its text\."):
        mail_of(live, **changes)


def test_it_costs_one_query(live, django_assert_num_queries):
    with django_assert_num_queries(1):
        mail_of(live)


def test_a_published_bulletin_carries_this_mail(campaign):
    version = build_published_version(campaign)
    messages = {message.language: message for message in version.mailing.messages.all()}

    assert set(messages) == {"fi", "sv", "en"}
    assert "Libraries open on Monday." in messages["en"].text
    assert '<html lang="sv"' in messages["sv"].html
    for message in messages.values():
        for name in ("unsubscribe_url", "read_url"):
            assert message.text.count(field(name)) == message.html.count(field(name)) == 1


def test_a_text_that_is_too_long_for_mail_stops_the_approval(campaign):
    bulletin = build_bulletin(campaign)
    assert registry.stops(bulletin, at=NOON) == []
    edition = bulletin.editions.get(language="fi")
    edition.body = "ä" * 8_000
    drafts.save_edition(edition, by=editor(), at=NOON)

    [stop] = [stop for stop in registry.stops(bulletin, at=NOON) if "kB" in stop.says]

    assert stop.where == "Finnish, text" and stop.says.endswith("the limit is 100. Shorten its text.")


def test_a_mail_that_is_too_long_in_all_is_not_published_and_nothing_is_sent(campaign):
    bulletin = build_bulletin(campaign)
    CallToAction.objects.filter(bulletin=bulletin).update(text=dict.fromkeys(("fi", "sv", "en"), "word " * 9_000))
    bulletin.refresh_from_db()
    approved(bulletin)

    with pytest.raises(NotAllowed, match=r"Not published \(..\): This email is .* Nothing was sent\."):
        publish.publish(bulletin, at=NOON)

    bulletin.refresh_from_db()
    assert bulletin.state == "approved" and not bulletin.versions.exists()
    assert not campaign.mailings.exists()


def test_a_corrections_subject_says_that_it_is_one_and_says_it_once():
    for code, word in (("fi", "Oikaisu"), ("sv", "Rättelse"), ("en", "Correction")):
        with override(code):
            assert subject_of("19.4.", corrected=True) == f"{word}: 19.4."
            assert subject_of(f"{word} 3: 19.4.", corrected=True) == f"{word} 3: 19.4."
            assert subject_of("19.4.", corrected=False) == "19.4."


def test_the_mail_leads_to_the_text_in_easy_language_by_its_name_there(campaign):
    easy = f"{SITE}/en/bulletins/3/?level=easy"
    mail = mail_of(campaign, other_url=easy)

    assert f'<a href="{easy}"' in mail.html and 'lang="en-simple">Easy English</a>' in mail.html
    assert f"Easy English:\n{easy}\n" in mail.text
    assert "Easy English" not in mail_of(campaign).html + mail_of(campaign).text


def test_the_mail_in_easy_language_begins_with_its_text_and_leads_back(campaign):
    standard = f"{SITE}/en/bulletins/3/"
    mail = mail_of(campaign, is_easy=True, page_url=f"{standard}?level=easy", other_url=standard)

    for said in (mail.html, mail.text):
        order = [
            said.index(words)
            for words in ("In standard language", "The restrictions began", "Everyone may return home.")
        ]
        assert order == sorted(order)
    assert mail.html.count('lang="en-simple"') == 3  # title, lead and text; what is around them is not in easy language
    assert f"In standard language:\n{standard}\n" in mail.text
