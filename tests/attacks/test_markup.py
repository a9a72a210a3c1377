"""Each payload alone, through the code that makes mail, pages and texts of what editors write."""

import re
import time
from dataclasses import replace

import pytest

from bulletins.mail import bulletin_mail
from campaigns.publication_details import PrintedWords
from delivery.message import rendered_mail
from lib.text.markup import LONGEST_TEXT, inline_text, plain, sections, to_html, to_text, web_address
from tests.support import builders

from . import payloads, strict_parser

KEPT = {"h3", "h4", "ul", "ol", "li", "strong", "em", "code", "hr", "br"}
UNSEEN = strict_parser.UNSEEN
# What mail makes of a quoted paragraph.
OWN_BUBBLE = re.compile(r"(?:element |beside the elements: )?(?:<(?:div|table|tr|td|p)>|<!--\[(?:if|endif)|<!\[endif)")


def wrapped(payload: str) -> list[str]:
    """Return texts with a payload in every place that a text has."""
    return [
        payload,
        f"- {payload}\n\n> {payload}\n\n## {payload}\n\n1. {payload}",
        f"**{payload}** `{payload}` [{payload}](https://thl.fi/)",
        f"[words](https://thl.fi/{payload})",
        f"[words](https://thl.fi/ '{payload}')",
        f"Words.\n\n{payload}\n\nWords.",
    ]


def bare(word: str) -> str:
    """Return a word as mail writes it that is the address of a link: without its scheme."""
    return re.sub(r"\A(?:https?://|mailto:)", "", word)


def test_there_are_enough_of_them():
    assert len(set(payloads.MARKDOWN)) == len(payloads.MARKDOWN) >= 240


def test_no_payload_becomes_more_than_the_list_allows():
    wrong = []
    for payload in payloads.MARKDOWN:
        for text in wrapped(payload):
            html = to_html(text)
            wrong += [f"{text!r}: {fault}" for fault in strict_parser.faults_of_content(html)]
            for name, words in {
                "text": to_text(text),
                "in a line": inline_text(text),
                "plain": plain(text),
                "sections": str([heading for heading, _part in sections(text)]),
            }.items():
                if found := UNSEEN.search(words):
                    wrong.append(f"{text!r} as {name}: {found[0]!r}")
            if len(plain(text).splitlines()) > 1 or len(inline_text(text).splitlines()) > 1:
                wrong.append(f"{text!r}: more than one line")
    assert wrong == []


def test_what_is_read_in_mail_is_what_is_read_on_the_page():
    """Apart from links, which mail leaves as words, both have the same structure and the same words."""
    wrong = []
    for payload in payloads.MARKDOWN:
        text = f"Words.\n\n{payload}\n\nMore words."
        page = strict_parser.read(to_html(text))
        parts = bulletin_mail.text_parts(text, "https://bulletins.example/")
        mail = strict_parser.read("".join(part.html for part in parts))
        said = [tag for tag, _attributes in page.elements if tag in KEPT]
        if said != [tag for tag, _attributes in mail.elements if tag in KEPT]:
            wrong.append(f"{payload!r}: {said}")
        mailed = re.sub(r" \([\w.@-]+\)", "", mail.words)  # where a link leads that mail does not have
        words = set(mailed.split()) | {word for part in parts for word in part.heading.split()}
        if missing := [word for word in page.words.split() if not any(bare(word) in other for other in words)]:
            wrong.append(f"{payload!r}: not in the mail: {missing}")
        wrong += [
            f"{payload!r} in mail: {fault}"
            for part in parts
            for fault in strict_parser.faults_of_content(part.html, styled=True)
            if not OWN_BUBBLE.match(fault)
        ]
    assert wrong == []


@pytest.mark.django_db
def test_a_mail_is_built_of_the_same_elements_whatever_its_words_are(campaign):
    """Every text of a mail is a payload: subject, title, lead, text, key messages, sources, names, what changed."""
    campaign.languages.update(name="Words", bulletin_name="words", sender_name="Words")

    def built(words: str, body: str, kind: str) -> rendered_mail.RenderedMail:
        said = bulletin_mail.MailContent(
            printed=replace(PrintedWords.of(campaign), reply_to=words), language="en", number=1, version=2, kind=kind, published_at=builders.NOON,
            title=words, subject=words, preheader=words, body=body, calls_to_action=[words], claims=[(words, "https://bulletins.example/en/facts/x/")],
            key_messages=[bulletin_mail.KeyMessage("one", words, words, f"https://thl.fi/{words}", None)],
            what_changed=words, share_text=words, page_url="https://bulletins.example/en/bulletins/1/",
            portal_url="https://bulletins.example/en/portal/bulletins/1/", channels=["X"], has_assets=True,
        )  # fmt: skip
        return bulletin_mail.render_bulletin(said)

    body = "Words [one](https://bulletins.example/).\n\n- two\n\n1. three\n\n> four\n\n## Five\n\n### Six\n\n`a` **b** *c*\n\n---"
    wrong = []
    for kind, some in (("correction", 1), ("issue", 5), ("retraction", 5)):
        before = built("Words " + "x" * 120, body, kind)
        for payload in payloads.MARKDOWN[::some]:
            mail = built(payload, f"Words.\n\n{payload}", kind)
            wrong += [f"{payload!r}: {fault}" for fault in strict_parser.faults_of_page(mail.html, before.html)]
            if len(mail.subject.splitlines()) != 1 and mail.subject:
                wrong.append(f"{payload!r}: the subject has {len(mail.subject.splitlines())} lines")
            if UNSEEN.search(mail.html.replace("\ue000", "").replace("\ue001", "")):
                wrong.append(f"{payload!r}: a character that deceives")
            if mail.html.count("\ue000") != before.html.count("\ue000"):
                wrong.append(f"{payload!r}: a field of a recipient's own")
    assert wrong == []


def test_template_code_comes_out_as_it_was_written():
    for code in ("{{ settings.SECRET_KEY }}", "{% debug %}", "${7*7}", "%(password)s", "{0.real}"):
        assert strict_parser.words_of(to_html(code)) == to_text(code) == plain(code) == code


@pytest.mark.parametrize(
    "address",
    [
        "https://thl.fi@evil.example/", "https://thl.fi%2f@evil.example/", "https://user:secret@thl.fi/", "http://[evil.example/",
        "http://[::1", "https://thl.fi:port/", "https:///", "https://", "https://thl.fi\\@evil.example/",
    ],
)  # fmt: skip
def test_an_address_that_deceives_or_cannot_be_read_is_no_link(address: str):
    html = to_html(f"[words]({address}) <{address}>")

    assert "<a " not in html and web_address(address) == ""
    assert "words" in bulletin_mail.text_parts(f"[words]({address})", "https://bulletins.example/")[0].text


@pytest.mark.slow
def test_twice_the_text_is_no_more_than_some_times_the_work():
    """The time of the processor is measured, not of the clock: what else the machine does, does not count."""

    def work(text: str) -> float:
        begun = time.thread_time()
        html = to_html(text)
        bulletin_mail._styled(bulletin_mail._own_links(html, "https://bulletins.example/"))
        bulletin_mail.html_to_text(html)
        rendered_mail.folded(html)
        sections(text)
        return time.thread_time() - begun

    slow = []
    for name, make in payloads.HEAVY.items():
        small, large = work(make(LONGEST_TEXT // 20)), work(make(LONGEST_TEXT // 5))
        if large > max(20 * small, 0.5) or large > 10:
            slow.append(f"{name}: {small:.2f} s, four times as long {large:.2f} s")
    assert slow == []
