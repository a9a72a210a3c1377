"""What becomes of an editor's Markdown: on pages, in mail, and when someone means harm."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.text import markup
from lib.text.markup import LONGEST_TEXT, inline_text, plain, sections, to_html, to_text, web_address, wrap

ALLOWED = {
    "a": {"href", "rel"},
    "ol": {"start"},
    "li": {"value"},
    **{tag: set() for tag in "blockquote br code em h2 h3 h4 hr p strong ul".split()},
}


class Elements(HTMLParser):
    """Collects (tag, attributes) of everything that a browser would make an element of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in Elements(html).found:
        assert tag in ALLOWED, html
        assert set(attributes) <= ALLOWED[tag], html
        assert all((attributes[name] or "").isdecimal() for name in {"start", "value"} & set(attributes)), html
        if tag == "a":
            assert (attributes["href"] or "").lower().startswith(("http://", "https://", "mailto:")), html
            assert attributes["rel"] == "noopener noreferrer"


# --- What editors write ------------------------------------------------------------------------------


def test_what_editors_need_comes_out():
    html = to_html(
        "## Part\n\nA **strong** and *soft* `word`,  \nthen [a link](https://thl.fi/a?b=1&c=2).\n\n"
        "- one\n- two\n\n1. first\n2. second\n\n> Say it.\n\n---\n\n### Smaller\n\n#### Smallest"
    )

    assert "<h2>Part</h2>" in html
    assert "<strong>strong</strong> and <em>soft</em> <code>word</code>,<br>" in html
    assert '<a href="https://thl.fi/a?b=1&amp;c=2" rel="noopener noreferrer">a link</a>' in html
    assert "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<ol>\n<li>first</li>" in html
    assert "<blockquote>\n<p>Say it.</p>\n</blockquote>\n<hr>" in html
    assert "<h3>Smaller</h3>\n<h4>Smallest</h4>" in html


@pytest.mark.parametrize("title", ["# The title\n\n", "\n\n# The title #\n", "The title\n=========\n\n"])
def test_the_title_is_left_to_whoever_shows_the_text(title):
    assert to_html(title + "Words.") == "<p>Words.</p>"
    assert to_text(title + "Words.") == "Words."
    assert sections(title + "Words.") == [("", "Words.")]


def test_a_text_whose_title_stands_elsewhere_keeps_its_first_heading():
    assert to_html("# First\n\nWords.", has_title=False) == "<h2>First</h2>\n<p>Words.</p>"


def test_no_other_heading_competes_with_the_title():
    assert to_html("# Title\n\nWords.\n\n# Another\n\n###### Deep") == "<p>Words.</p>\n<h2>Another</h2>\n<h4>Deep</h4>"


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("#Faktaa nyt\n\nSanoja.", "<p>#Faktaa nyt</p>\n<p>Sanoja.</p>"),
        ("Sanoja\n##kaksi", "<p>Sanoja\n##kaksi</p>"),
        ("- #yksi\n- > #kaksi", "<ul>\n<li>#yksi</li>\n<li>\n<blockquote>\n<p>#kaksi</p>\n</blockquote>\n</li>\n</ul>"),
        ("## Otsikko #yksi ##", "<h2>Otsikko #yksi</h2>"),
        (
            "&#60; <https://thl.fi/#a> `#b` [#c](https://thl.fi/#d)",
            (
                '<p>&lt; <a href="https://thl.fi/#a" rel="noopener noreferrer">https://thl.fi/#a</a> <code>#b</code> '
                '<a href="https://thl.fi/#d" rel="noopener noreferrer">#c</a></p>'
            ),
        ),
    ],
)
def test_a_hashtag_is_words_and_no_heading(written, seen):
    assert to_html(written) == seen
    assert to_text("#Faktaa nyt") == inline_text("#Faktaa nyt") == "#Faktaa nyt"


def test_the_text_part_reads_well():
    text = to_text(
        "# Title\n\nWash your **hands**. The official page is long: [THL](https://thl.fi/en), or "
        "[write](mailto:a@example.org), or <https://stm.fi>.\n\n## How to say it\n\n> Two metres is a sofa.\n\n"
        "> Sing a chorus.\n\n- Call someone who is over 70 today, and ask how they are and what they need now.\n"
        "- Rest.\n    - Sleep.\n\n1. First\n2. Second"
    )

    assert text == (
        "Wash your hands. The official page is long: THL: https://thl.fi/en, or\n"
        "write: a@example.org, or https://stm.fi.\n"
        "\n\n"
        "HOW TO SAY IT\n"
        "\n"
        '"Two metres is a sofa."\n'
        "\n"
        '"Sing a chorus."\n'
        "\n"
        "- Call someone who is over 70 today, and ask how they are and what they\n"
        "  need now.\n"
        "- Rest.\n"
        "  - Sleep.\n"
        "\n"
        "1. First\n"
        "2. Second"
    )


def test_a_long_address_is_never_broken():
    address = "https://valtioneuvosto.fi/en/-/10616/" + "hallitus-totesi-suomen-olevan-" * 5

    assert address in to_text(f"See [the decision]({address}) of the Government.").splitlines()


def test_sections_follow_the_second_level_headings():
    assert sections("# Title\n\nHi!\n\n## Decided ##\n\n- ten\n\n### Detail\n\nx\n\n## Means\nyes") == [
        ("", "Hi!"),
        ("Decided", "- ten\n\n### Detail\n\nx"),
        ("Means", "yes"),
    ]
    assert sections("## Only\n\nthis") == [("Only", "this")]
    assert sections("") == []


def test_a_heading_in_one_line():
    assert inline_text("What **was** decided & [why](https://thl.fi)") == "What was decided & why"


def test_of_a_picture_only_its_alternative_is_left():
    assert to_html('![Two metres](https://a.example/p.png "t")') == "<p>Two metres</p>"


@pytest.mark.parametrize(
    "line",
    [
        *("31. joulukuuta päättyy kielto.", "1. tammikuuta alkaa", "1. maj öppnar vi", "30. ja 31. joulukuuta", "1. – 3. huhtikuuta"),
        *("24. 12. klo 18", "31. 12.2026 asti", "10. päivänä joulukuuta", "24. dec. stängt", "31. TAMMIKUUTA"),
    ],
)  # fmt: skip
def test_a_date_at_the_beginning_of_a_line_begins_no_list(line):
    other = "1. tammikuuta toinen."
    assert to_html(f"{line}\n\n{other}") == f"<p>{line}</p>\n<p>{other}</p>"
    assert to_text(f"{line}\n\n{other}") == f"{line}\n\n{other}"
    assert to_html(f"1. {line}\n\n    - {line}") == (
        f"<ol>\n<li>\n<p>{line}</p>\n<ul>\n<li>{line}</li>\n</ul>\n</li>\n</ol>"
    )
    assert inline_text(f"> {line}") == line
    assert to_html(f"{line} {'*' * 200}") == f"<p>{line} {'*' * 200}</p>"


def test_a_list_keeps_the_numbers_that_it_is_written_with():
    assert to_html("2. vaihe\n\n4. vaihe\n5. vaihe") == (
        '<ol start="2">\n<li>\n<p>vaihe</p>\n</li>\n<li value="4">\n<p>vaihe</p>\n</li>\n<li>vaihe</li>\n</ol>'
    )
    assert to_text("2. vaihe\n\n4. vaihe\n5. vaihe") == "2. vaihe\n4. vaihe\n5. vaihe"
    assert to_text("1. a\n\nb\n\n2. c\n    3. d\n    7. e\n3. f") == "1. a\n\nb\n\n2. c\n   3. d\n   7. e\n3. f"
    assert to_html("1. a\n1. b\n1. c") == "<ol>\n<li>a</li>\n<li>b</li>\n<li>c</li>\n</ol>"
    assert to_text("3. Dezember\n\n1. Januar") == "3. Dezember\n1. Januar"
    assert to_html("2026. vuosi\n\n12345678901. x") == "<p>2026. vuosi</p>\n<p>12345678901. x</p>"


# --- Whoever means harm ------------------------------------------------------------------------------

PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVa&#x09;script:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:msgbox)",
    "[x](//evil.example)",
    "[x](/desk/logout/)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<svg><script>alert(1)</script>",
    "<math><mtext><style><img src=x onerror=alert(1)>",
    '![a](x"onerror="alert(1))',
    '![x" onerror="alert(1)](https://a.example/a.png)',
    "![x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "<base href=//evil>",
    "<a href='https://a.example' style='position:fixed' onclick=alert(1)>x</a>",
    '[x](https://a.example "\'><script>alert(1)</script>")',
    '[x](https://a.example/"onmouseover="alert(1))',
    "<!-- a --><p class=x>",
    "\x02wzxhzdk:0\x03<script>",
    "\U000f003cscript\U000f003ealert(1)",
    "a&#x202e;b &#xE000;unsubscribe_url&#xE001;",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_runs(payload):
    html = to_html(payload)

    assert_harmless(html)
    assert_harmless(to_html(f"- {payload}\n\n> {payload}\n\n## {payload}"))
    assert not set(html) & {"\u202e", "\ue000", "\ue001", "\x02", "\x03"}


def test_raw_html_comes_out_as_written():
    assert to_html("<img src=x onerror=alert(1)>") == "<p>&lt;img src=x onerror=alert(1)&gt;</p>"
    assert to_text("<b>x</b>") == "<b>x</b>"


def test_template_code_comes_out_as_written():
    code = "{{ settings.SECRET_KEY }} and {% debug %}"

    assert to_html(code) == f"<p>{code}</p>"
    assert to_text(code) == code
    assert plain(code) == code


@pytest.mark.parametrize(
    "character", ["\u202e", "\u202a", "\u2066", "\u2069", "\u200f", "\ue000", "\ue001", "\x00", "\x1b"]
)
def test_characters_that_deceive_are_removed(character):
    assert to_html(f"pay{character}roll") == "<p>payroll</p>"
    assert to_text(f"pay&#{ord(character)};roll") in {"payroll", "pay\ufffdroll"}
    assert plain(f"pay{character}roll") == "payroll"


@pytest.mark.parametrize("text", ["\r\nBcc: a@example.org", "a\u2028b", "a\u2029b", "a\x85b", "a\x0bb"])
def test_plain_is_one_line(text):
    assert len(plain(text).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" https://thl.fi/a ", "https://thl.fi/a"),
        ("javascript:alert(1)", ""),
        ("//thl.fi", ""),
        ('https://thl.fi/"x', ""),
        ("https://thl.fi/" + "a" * 1000, ""),
        ("", ""),
    ],
)
def test_web_address(text, address):
    assert web_address(text) == address


def test_too_long_a_text_is_refused_with_a_sentence():
    assert to_html("a" * LONGEST_TEXT)
    for function in (to_html, to_text, sections):
        with pytest.raises(ValueError, match=r"The text has 200001 characters. Shorten it to 200000 or fewer\."):
            function("a" * (LONGEST_TEXT + 1))


@pytest.mark.parametrize(
    "payload",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "[a](" * 50_000,
        "*" * 200_000,
        "***a*" * 40_000,
        "_a" * 100_000,
        "`" * 200_000,
        "> " * 100_000,
        "- " * 99_000 + "a",
        "1. " * 66_000 + "a",
        "a\n=\n" * 50_000,
        "\t" * 200_000,
        " " * 200_000,
        "&#x26;" * 33_000,
        "![" * 100_000,
        "".join(" " * (4 * depth) + "- a\n" for depth in range(300)),
        ("[" * 150 + "\n\n") * 1_300,
    ],
    ids=lambda payload: repr(payload[:8]),
)
def test_no_text_keeps_the_server_busy(payload):
    started = time.thread_time()
    html = to_html(payload)

    assert time.thread_time() - started < 10  # each takes under 3 s, most 0.1; the naive way takes minutes
    assert_harmless(html)


def test_signs_of_an_overfull_paragraph_come_out_as_written():
    assert to_html("[" * 100_000) == f"<p>{'[' * 100_000}</p>"
    assert to_html("*" + "<b>&" * 500) == f"<p>*{'&lt;b&gt;&amp;' * 500}</p>"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab \n\t#*_`[]()<>!&;:=\"'/\\-+.1{}%\u202e\ue000jscript"), max_size=120))
def test_whatever_is_written_is_harmless_and_readable(text):
    assert_harmless(to_html(text))
    assert all(len(line) <= 72 or " " not in line.strip() for line in to_text(text).splitlines())


def test_wrapping_hangs_and_leaves_addresses_whole():
    assert wrap("one two three", first="- ", then="  ", width=9) == "- one two\n  three"
    assert max(map(len, wrap("x" * 5_000).splitlines())) <= 72


def test_nothing_of_a_text_is_left_for_the_next_one():
    first = markup.to_html("[site]: https://example.org/left\n\nSee [site].\n\n3. three\n4. four")

    assert 'href="https://example.org/left"' in first and 'start="3"' in first
    assert "<a" not in markup.to_html("See [site], later.") and "start" not in markup.to_html("1. one\n2. two, later")


def test_a_converter_that_failed_converts_no_other_text(monkeypatch):
    broken = markup._converter()
    monkeypatch.setattr(broken, "lines", None, raising=False)
    monkeypatch.setattr(broken.parser, "parseDocument", lambda lines: 1 / 0)
    markup._of_thread.converter = broken

    with pytest.raises(ZeroDivisionError):
        markup.to_html("It fails this once.")
    assert markup.to_html("It fails this once.") == "<p>It fails this once.</p>"
