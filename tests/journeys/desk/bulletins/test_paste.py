"""Text pasted into a bulletin from Word, Google Docs and web pages, in a real browser: its form stays, and nothing runs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from lib.text.markup import to_html
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

PASTE = """([html, plain]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", plain);
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  return document.activeElement.dispatchEvent(event);
}"""

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {margin: 0}</style></head>
<body lang=FI><!--StartFragment-->
<h1 style='margin-top:12pt'><span lang=EN-US>Boil the water<o:p></o:p></span></h1>
<p class=MsoNormal>In <b>Nokia</b> until
<i>Friday</i>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>Boil it for 5 minutes</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o </span>also for teeth</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>· </span>Do not drink it</p>
<p class=MsoNormal>See <a href="https://nokia.example/vesi_1">the city's page</a>.</p>
<!--EndFragment--></body></html>"""

DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><h2 dir="ltr"><span
style="font-weight:400">What to do</span></h2><p dir="ltr"><span style="font-weight:700">Boil</span><span style="font-weight:400"> the </span><span
style="font-style:italic">water</span></p><ol><li dir="ltr"><p><span>First</span></p></li><ul><li><p>inner</p></li></ul><li><p>Second</p></li></ol><p>Ask
<a href="mailto:vesi@nokia.example">us</a></p></b>"""


@pytest.fixture
def body(browse_as: Callable[[Any], Any], live_site: str, alma: Any, campaign: Any) -> Any:
    """The English text, empty, with the caret in it."""
    bulletin = builders.build_bulletin(campaign, by=alma)
    page = browse_as(alma)
    english = bulletin.editions.get(language="en")
    page.goto(f"{live_site}{reverse('admin:bulletins_bulletin_change', args=[bulletin.pk])}#f-{english.pk}-body")
    page_checks.settled(page)
    field = page.locator(f"#f-{english.pk}-body")
    field.fill("")
    field.focus()
    return field


def paste(field: Any, html: str, plain: str = "plain") -> str:
    """Paste, and return what stands in the field; "left" when it was left to the browser."""
    return "left" if field.page.evaluate(PASTE, [html, plain]) else field.input_value()


TWO_KINDS = """<body><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>· </span>Juo pullovettä</p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o </span>Myös lapset</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1. </span>Soita 03 565 111</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>2. </span>Odota</p>
<table class=MsoTableGrid><tr><td><p><b>Paikka</b></p></td><td><p><b>Aika</b></p></td></tr>
<tr><td><p>Tori</p></td><td><p>8–20</p></td></tr><tr><td><p>Asema</p></td><td><p></p></td></tr></table>
<table><tr><td><p>Only laid out</p><p>in a table</p></td></tr></table></body>"""


def test_headings_lists_links_and_tables_stay_that_come_from_word_and_google_docs(body):
    assert paste(body, WORD).split("\n") == [
        "## Boil the water",
        "",
        "In **Nokia** until *Friday*.",
        "",
        "- Boil it for 5 minutes",
        "    - also for teeth",
        "- Do not drink it",
        "",
        "See [the city's page](https://nokia.example/vesi_1).",
    ]
    body.press("Control+z")
    assert body.input_value() == ""

    assert paste(body, DOCS).split("\n") == [
        "## What to do",
        "",
        "**Boil** the *water*",
        "",
        "1. First",
        "    - inner",
        "2. Second",
        "",
        "Ask [us](mailto:vesi@nokia.example)",
    ]

    body.fill("")
    text = paste(body, TWO_KINDS)
    assert text.split("\n") == [
        *("- Juo pullovettä", "    - Myös lapset", "", "1. Soita 03 565 111", "2. Odota", ""),
        *("- Paikka: Tori, aika: 8–20", "- Paikka: Asema", "", "Only laid out", "", "in a table"),
    ]
    html = to_html(text)
    assert "<ul>\n<li>Myös lapset</li>\n</ul>" in html and "<ol>\n<li>Soita 03 565 111</li>" in html


def test_signs_that_markdown_would_read_stay_words_and_what_word_struck_out_does_not_come(body):
    assert paste(body, "<p><b>2*3</b> = [6], a_b and _c_, &lt;b&gt;</p>") == r"**2\*3** = \[6\], a_b and \_c\_, \<b>"
    assert paste(body, "<pre><span style='color:red'>## *kept*</span></pre>") == "left", "it is the browser's"
    body.fill("")

    html = (
        "<p># no <b>heading</b></p><p>#tag</p><p>1. not an item<br>- nor this</p><p>31. joulukuuta päättyy</p><p>&gt; 5</p><p>-5 °C - 1. x</p>"
        "<ul><li>+ 1</li><li>31. joulukuuta</li></ul>"
        "<p><del cite='mailto:a' datetime=2026>EI SAA JUODA</del><ins>saa juoda</ins><s>x</s><span style='text-decoration:line-through'>y</span></p>"
    )
    assert paste(body, html).split("\n") == [
        *(r"\# no **heading**", "", "#tag", "", r"1\. not an item", r"\- nor this", "", "31. joulukuuta päättyy", ""),
        *(r"\> 5", "", "-5 °C - 1. x", "", r"- \+ 1", "- 31. joulukuuta", "", "saa juoda"),
    ]
    plain = "<del>EI SAA JUODA</del><ins>saa juoda</ins>"
    body.fill("")
    assert paste(body, plain) == "saa juoda"
    # The editor draws a date as words, an item as one.
    body.fill("31. joulukuuta päättyy\n\n2. vaihe")
    assert body.page.evaluate("[textField.blockSign('31. joulukuuta päättyy'), textField.blockSign('2. vaihe')]") == [
        "",
        "2. ",
    ]


HOSTILE = [
    ("<b>a</b><script>pwned()</script><img src=//evil.example/a.png onerror=pwned()>", "**a**"),
    ("<a href='javascript:pwned()'>a</a>", "a"),
    ("<a href=' JaVaScRiPt:pwned()'>a</a>", "a"),
    ("<a href='data:text/html,x'>a</a>", "a"),
    ("<a href='https://a.example/)[b](javascript:pwned()'>a</a>", "[a](https://a.example/%29[b]%28javascript:pwned%28%29)"),
    ("<b>x</b><svg onload=pwned()><a href='javascript:pwned()'>y</a></svg>", "**x**"),
    ("<b>x</b><iframe srcdoc='<script>parent.pwned()</script>'></iframe>", "**x**"),
    ("<b>x</b>&lt;img src=x onerror=pwned()&gt;", r"**x**\<img src=x onerror=pwned()>"),
    ("<h2 style='background:url(//evil.example/b.png)' onclick=pwned()>x</h2>", "## x"),
    ("<b>x</b><template><img src=x onerror=pwned()></template>", "**x**"),
]  # fmt: skip


def test_nothing_that_is_pasted_runs_or_is_fetched(body):
    page = body.page
    happened: list[str] = []
    page.on("request", lambda request: "evil.example" in request.url and happened.append(request.url))
    page.evaluate("() => { window.ran = 0; window.pwned = () => { window.ran += 1 } }")
    with page_checks.watching(page) as faults:
        for html, words in HOSTILE:
            body.fill("")
            assert paste(body, html) == words
        page.wait_for_timeout(200)
    assert (happened, page.evaluate("window.ran"), faults) == ([], 0, [])


def test_a_document_of_two_megabytes_is_pasted(body):
    html = "<h2>Part</h2>" + "<p>Words <b>and</b> more words of a long document.</p>" * 40_000
    assert len(html) > 2_000_000
    text = paste(body, html)
    assert text.startswith("## Part\n\nWords **and** more") and text.count("\n\n") == 40_000
