"""The site's own words are translated in the browser, in use at once, and cannot bring anything but words."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext

from accounts.models import AuditEntry
from campaigns.models import CampaignLanguage, SiteLanguage, SiteWord
from campaigns.site_languages import po_files, site_texts, word_checks, words
from campaigns.site_languages.words_page import field_of
from config.templatetags.site import lang_always, lang_attr
from delivery.models import Message
from lib.images import typesetting
from lib.text.languages import fallback_marks, site_words
from lib.text.languages.site_words import BEGIN, CONTEXT, END
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db

ARABIC_QUESTIONS = {
    "zero": "لا بايت",
    "one": "بايت واحد",
    "two": "بايتان",
    "few": "%(size)s بايتات",
    "many": "%(size)s بايتًا",
    "other": "%(size)s بايت",
}
BYTES = "%(size)s byte"


def entry(source: str, plural: str = "", context: str = "") -> site_texts.Entry:
    return site_texts.Entry(f"{context}{CONTEXT}{source}" if context else source, source, context, plural, "pages")


@pytest.fixture
def arabic(campaign):
    CampaignLanguage.objects.create(
        campaign=campaign, code="ar", position=9, name="تمرين", sender_name="فريق", must_be_ready=False
    )
    return SiteLanguage.objects.create(
        code="ar", own_name="العربية", is_rtl=True, fallback="en", added_at=NOON, changed_at=NOON
    )


def test_a_translator_saves_words_that_are_in_use_at_once_and_sees_nothing_else(arabic, signed_in, client, refresh):
    translator = builders.build_user("amira", "translator")
    desk = signed_in(translator)
    address = reverse("admin:campaigns_words_of", args=[arabic.pk])
    assert desk.get(reverse("admin:campaigns_words")).status_code == 200
    page = desk.get(address, {"q": BYTES}).content.decode()
    assert "3–10, 103–110" in page and 'dir="rtl"' in page and BYTES in page
    today = desk.get(reverse("admin:index")).content.decode()
    assert address in today and "that readers meet are not translated" in today
    for other in ("admin:bulletins_bulletin_changelist", "admin:campaigns_campaign_changelist"):
        assert desk.get(reverse(other)).status_code == 403

    sent = {
        field_of(BYTES, form): text.replace("%(size)s", "\u2066%(size)s\u2069")
        for form, text in ARABIC_QUESTIONS.items()
    }
    sent |= {field_of("Skip to content", ""): "انتقل إلى المحتوى", field_of("Main menu", ""): '" onmouseover="alert(1)'}
    answer = desk.post(address, sent)
    assert answer.status_code == 422 and "1 text is not saved" in answer.content.decode()
    assert SiteWord.objects.get(source=BYTES).forms == ARABIC_QUESTIONS  # without the signs of the field
    assert not SiteWord.objects.filter(source="Main menu").exists()
    assert AuditEntry.objects.get(verb="site_words.saved").detail == {"code": "ar", "texts": 2}
    assert refresh() and not refresh()
    with translation.override("ar"):
        told = [ngettext(BYTES, "%(size)s bytes", n) % {"size": n} for n in (0, 1, 2, 3, 11, 100)]
        assert told == ["لا بايت", "بايت واحد", "بايتان", "3 بايتات", "11 بايتًا", "100 بايت"]
    home = client.get("/ar/").content.decode()
    assert '<a class="skip" href="#content">انتقل إلى المحتوى</a>' in home
    assert 'aria-label="Main menu"' in home and "onmouseover" not in home


def test_what_is_missing_says_in_one_sentence_and_on_each_text_which_language_it_is(arabic, client, refresh):
    refresh()
    home = client.get("/ar/").content.decode()
    assert '<a class="skip" href="#content"><span lang="en" dir="ltr">Skip to content</span></a>' in home
    assert "is in another language" in home and "fallback__why" in home
    assert not any(sign in home for sign in (BEGIN, END, "\ufdd2", "\ufdd3", "\\ufdd0", "%EF%B7%9"))
    finnish = client.get("/fi/").content.decode()
    assert "fallback__why" not in finnish and '<span lang="en" dir="ltr">' not in finnish
    with translation.override("ar"):
        assert gettext("Skip to content") == "Skip to content"
        assert pgettext("people read it in", "Finnish") == "Finnish"
        assert BEGIN not in render_to_string("errors/404.html", {"path": "/ar/x/"})
        # What people wrote counts as well where the page shows it in English; a language's name for itself, or a Finnish text, does not.
        with site_words.marking():
            content = [lang_attr("en"), lang_attr("fi"), lang_attr("ar"), lang_always("en")]
        assert [fallback_marks.SHOWN in said for said in content] == [True, False, False, False]
        assert fallback_marks.SHOWN not in lang_attr("en")


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        (f"<p>{BEGIN}a <b>b</b>{END} c</p>", '<p><span lang="en" dir="ltr">a <b>b</b></span> c</p>'),
        (f'<p title="{BEGIN}a{END}">x</p>', '<p title="a">x</p>'),
        (f"<title>{BEGIN}a{END}</title><option>{BEGIN}b{END}</option>", "<title>a</title><option>b</option>"),
        (f"{BEGIN}One.{END} {BEGIN}Two.{END}", '<span lang="en" dir="ltr">One. Two.</span>'),
        (f"{BEGIN}Until 1 يونيو 2026.{END}", '<span lang="en" dir="ltr">Until <bdi>1 يونيو 2026</bdi>.</span>'),
        (f"{BEGIN}a {BEGIN}b{END} c{END}", '<span lang="en" dir="ltr">a b c</span>'),
        (f"{END}{END}a{BEGIN}b", 'a<span lang="en" dir="ltr">b</span>'),
        ("\ufdd2note\ufdd3<p>own</p>", "<p>own</p>"),
        ('\ufdd2note\ufdd3<p lang="en"\ufdd4>own</p>', 'note<p lang="en">own</p>'),
        (f"\ufdd2note\ufdd3{BEGIN}x{END}", 'note<span lang="en" dir="ltr">x</span>'),
        ('"\\ufdd0x\\ufdd1" %EF%B7%90y%EF%B7%91', '"x" y'),
    ],
)
def test_marks_become_elements_only_where_there_can_be_any(html, becomes):
    assert fallback_marks.in_elements(html, "en", "ltr") == becomes


@pytest.mark.parametrize(
    ("html", "opens"),
    [
        (f"<p>{BEGIN}You can {END}<a>{BEGIN}leave{END}</a>{BEGIN} at any time.{END}</p>", '<p dir="ltr" data-turned>'),
        (f"<p><b>{BEGIN}Exercise.{END}</b> {BEGIN}Nothing leaves.{END}</p>", '<p dir="ltr" data-turned>'),
        (f"<p>{BEGIN}All answers{END}</p>", "<p><span"),
        (f"<p>نص {BEGIN}All{END} <a>{BEGIN}x{END}</a></p>", "<p>نص"),
        (f"<label><input>{BEGIN}a{END} <b>c</b></label>", "<label>"),
        (f"<div>{BEGIN}a{END}<p>c</p></div>", "<div>"),
        (f'<p dir="rtl">{BEGIN}a{END} <b>c</b></p>', '<p dir="rtl">'),
    ],
)
def test_a_sentence_that_is_divided_is_read_from_its_own_side(html, opens):
    assert fallback_marks.in_elements(html, "en", "ltr", "rtl").startswith(opens)
    assert "data-turned" not in fallback_marks.in_elements(html, "en", "ltr", "ltr")


def test_a_date_of_the_page_in_such_a_sentence_keeps_its_own_direction():
    html = f"<p>{BEGIN}Answered by{END} <a>Office</a>, <time>19 نوفمبر 2026</time>.</p>"
    shown = fallback_marks.in_elements(html, "en", "ltr", "rtl")
    assert "<time><bdi>19 نوفمبر 2026</bdi></time>" in shown and shown.startswith('<p dir="ltr" data-turned>')


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Valid until %(date)s", "حتى"),
        ("Valid until %(date)s", "%(date)s %(date.__class__)s"),
        ("Valid until %(date)s", "%(date)s %(secret)s"),
        ("Valid until %(date)s", "%(date)d"),
        ("Valid until %(date)s", "%(date)s %s"),
        ("Valid until %(date)s", "%(date)s 100 %"),
        ("“{place}” becomes", "{place.__class__}"),
        ("Read", "{0.__init__.__globals__}"),
        ("Read", "%(x)s"),
        ("Read", "<script>alert(1)</script>"),
        ("Read", '" onclick="alert(1)'),
        ("Read", "a < b"),
        ("Read", "&lt;b&gt;"),
        ("Like 1 --> 2.", "Like 1 --> 2 --> 3."),
        ("Read <b>it</b>", "<b onclick='x'>it</b>"),
        ("Read <b>it</b>", "<b>it"),
        ("Subject", "Oops\nBcc: all@example.org"),
        ("Subject", "Oops\r\nBcc: all@example.org"),
        ("Read", "abc\u202edef"),
        ("Read", f"{BEGIN}x{END}"),
        ("Read", "a\x00b"),
        ("Read", "\ue000unsubscribe_url\ue001"),
        ("Read", "x" * 301),
    ],
)
def test_what_is_more_than_words_is_refused_with_a_reason(source, text):
    assert word_checks.fault(entry(source), "", word_checks.cleaned(text) if "\n" not in text else text)


@pytest.mark.parametrize(
    ("source", "plural", "form", "text"),
    [
        ("Valid until %(date)s", "", "", "%(date)s سارٍ حتى"),
        ("Read <b>it</b>", "", "", "<b>اقرأ</b> الآن"),
        ("%(n)s question", "%(n)s questions", "two", "سؤالان"),
        ("%(n)s question", "%(n)s questions", "few", "%(n)s أسئلة"),
        ("99 %% of it", "", "", "99 %% منه"),
        ("Like 1 --> 2.", "", "", "مثل 1 --> 2."),
        ("Read", "", "", "Об’єкт — „так“ \u200f!"),
    ],
)
def test_words_that_are_words_may_stand(source, plural, form, text):
    assert word_checks.fault(entry(source, plural), form, text) == ""
    assert word_checks.fault(entry("%(n)s question", "%(n)s questions"), "few", "أسئلة")


def test_a_catalog_goes_out_and_comes_back_by_its_own_rule_of_plurals_and_brings_nothing_else(arabic, root, signed_in):
    words.save(arabic, {BYTES: ARABIC_QUESTIONS, "Skip to content": {"": "انتقل"}}, by=root, at=NOON)
    desk = signed_in(root)
    file = desk.get(reverse("admin:campaigns_words_file", args=[arabic.pk]))
    assert file["Content-Type"].startswith("text/x-gettext-translation") and b"nplurals=6" in file.content
    assert po_files.read(file.content, "ar") == {BYTES: ARABIC_QUESTIONS, "Skip to content": {"": "انتقل"}}

    # Three forms, as an other program has them for Russian: one, few, many.
    theirs = """msgid ""
msgstr "Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"

msgid "%(size)s byte"
msgid_plural "%(size)s bytes"
msgstr[0] "%(size)s байт"
msgstr[1] "%(size)s байта"
msgstr[2] "%(size)s байтов"

msgid "Main menu"
msgstr "<b>x</b>"

msgid "Nobody says this"
msgstr "x"
"""
    forms = po_files.read(theirs.encode(), "ru")[BYTES]
    assert (forms["one"], forms["few"], forms["many"]) == ("%(size)s байт", "%(size)s байта", "%(size)s байтов")

    upload = reverse("admin:campaigns_words_upload", args=[arabic.pk])
    before = SiteWord.objects.count()
    for bad in (
        b'msgid ""\nmsgstr "Plural-Forms: nplurals=999999999; plural=n;\\n"\n\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\n',
        b"\x00\xff\xfe",
        b'msgid "a',
        b'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=__import__(1);\\n"\n\nmsgid "x"\nmsgstr "y"\n',
    ):
        told = desk.post(upload, {"file": SimpleUploadedFile("x.po", bad)}, follow=True).content.decode()
        assert "Nothing was saved" in told or "0 texts changed" in told
    told = desk.post(upload, {"file": SimpleUploadedFile("x.po", theirs.encode())}, follow=True).content.decode()
    assert "not taken" in told and SiteWord.objects.count() == before
    assert not SiteWord.objects.filter(source="Nobody says this").exists()


@pytest.mark.parametrize("cut", ['msgstr "Siirry', "msgstr Siirry", 'msgstr "Sii"rry"', 'mgstr "Siirry"', '"Siirry\\"'])
def test_a_catalog_that_is_cut_off_somewhere_changes_nothing(cut):
    with pytest.raises(po_files.Unreadable):
        po_files.read(f'# ours\nmsgid "Skip to content"\n{cut}\n\nmsgid "Read"\nmsgstr "Lue"\n'.encode(), "se")


def test_only_texts_of_the_site_are_kept_however_many_come(arabic, root):
    many = {f"text {n}": {"": "x"} for n in range(5_000)} | {"Skip to content": {"": "انتقل", "few": "y"}}
    assert words.save(arabic, many, by=root, at=NOON).saved == 1
    assert SiteWord.objects.get().forms == {"": "انتقل"}
    assert words.save(arabic, {"Skip to content": {"": "انتقل"}}, by=root, at=NOON).saved == 0
    assert (
        words.save(arabic, {"Skip to content": {"": ""}}, by=root, at=NOON).saved == 1 and not SiteWord.objects.exists()
    )
    assert words.progress(arabic)[1] > 1_000 and json.dumps(sorted(site_texts.AREAS))
    assert site_words.is_marking() is False


def test_a_mail_is_right_to_left_and_no_mark_is_in_its_subject_or_text(arabic, campaign, alma, oskar, refresh):
    refresh()
    build = {"languages": ("fi", "sv", "en", "ar"), "urgency": "urgent", "by": alma, "approver": oskar}
    builders.build_published_version(campaign, **build)
    mail = Message.objects.get(language="ar")
    assert '<html lang="ar" dir="rtl"' in mail.html and "is in another language" in mail.html
    assert '<span lang="en" dir="ltr">Valid until further notice. Source: ' in mail.html
    assert mail.subject.startswith("Urgent: ") and "Valid until further notice." in mail.text
    assert not any(sign in text for sign in (BEGIN, END, "\ufdd2") for text in (mail.subject, mail.html, mail.text))
    finnish = Message.objects.get(language="fi")
    assert "dir=" not in finnish.html and "fallback" not in finnish.html


def test_a_date_from_right_to_left_keeps_its_order_in_plain_text_and_on_cards():
    assert fallback_marks.in_text(f"{BEGIN}Valid until 1 يونيو 2026.{END}") == "Valid until \u20681 يونيو 2026\u2069."
    assert fallback_marks.in_text(f"{BEGIN}One.{END} يونيو 1") == "One. يونيو 1"
    line = typesetting.Text(0, 0, "Valid until 1 يونيو 2026", typesetting.PLAIN, 30, "black", "white", rtl=True)
    assert line._words == "\u2066Valid until \u20681 يونيو 2026\u2069\u2069"
    arabic = typesetting.Text(0, 0, "حتى 1 يونيو 2026", typesetting.PLAIN, 30, "black", "white", rtl=True)
    assert arabic._words == arabic.text
