"""What is written on a page: HTML in any state, in any encoding, and nothing that is no text."""

import time

import pytest

from factcheck.evidence import page_text


def html(source: str) -> page_text.Page:
    return page_text.read(source.encode(), "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<h1>One</h1>Two<br>three", "One\n\nTwo\nthree"),
        ("<ul><li>One<li>Two</ul>", "One\nTwo"),
        ("<table><tr><th>A</th><td>1</td></tr><tr><td>B<td>2</table>", "A 1\nB 2"),
        ("<p>Ros&aring; &amp; &#228; &nbsp;x &lt;b&gt;</p>", "Roså & ä x <b>"),
        ("<p>broken <b>never <i>closed", "broken never closed"),
        ("<p>One</div></span>two</p>", "One\ntwo"),
        ("a<script>alert('<p>x</p>')</script>b<style>p { }</style>c", "abc"),
        ("<nav><ul><li>Home</ul></nav><p>Text", "Text"),
        ("<nav><p>A menu that nobody closed</p><p>Text", "A menu that nobody closed\n\nText"),
        ("<nav><nav>in</nav>out</nav>Text", "Text"),
        ("<p>wrapped\n  over   lines</p>", "wrapped over lines"),
        ("<pre>as\n  written</pre>", "as\nwritten"),
        (
            "<p>hid\u00adden, \u202eturned\u202c, \u200bzero, \x07bell, &#8238;x, &#x2066;y",
            "hidden, turned, zero, bell, x, y",
        ),
        ("<p>&#0;&#xD800;&#1114112;ok", "\ufffd\ufffd\ufffdok"),
        ("<!-- <p>no</p> --><p>yes", "yes"),
        ("no tags at all", "no tags at all"),
        ("<p>2 < 3 and 4 > 1</p>", "2 < 3 and 4 > 1"),
        ("<img alt='a > b'>text", "text"),
        ("<svg><title>icon</title><text>no</text></svg><p>yes", "yes"),
        ("<template><p>no</template>yes<noscript>no</noscript>", "yes"),
        ("", ""),
    ],
)
def test_text_is_taken_out_of_html(source, text):
    assert html(source).text.replace("\n\n", "\n") == text.replace("\n\n", "\n")


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("<title> On\n food &amp; drink </title><p>x", "On food & drink"),
        ("<svg><title>icon</title></svg><title>Page</title>", "Page"),
        ("<p>x", ""),
        (f"<title>{'x' * 1000}</title>", "x" * 300),
        ("<title>a\u202eb</title>", "ab"),
    ],
)
def test_the_title_is_taken_from_the_head(source, title):
    assert html(source).title == title


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("<p>ä€".encode(), "text/html; charset=utf-8"),
        ("<p>ä€".encode(), "text/html"),
        ("<p>ä€".encode(), ""),
        ("<p>ä€".encode("utf-8-sig"), "text/html; charset=iso-8859-1"),
        ("<p>ä€".encode("cp1252"), "text/html; charset=iso-8859-1"),
        ("<p>ä€".encode("cp1252"), 'text/html; charset="latin1"'),
        ("<p>ä€".encode("cp1252"), "text/html"),
        ("<p>ä€".encode("iso8859-15"), "TEXT/HTML; Charset = ISO-8859-15"),
        ("<meta charset=iso-8859-15><p>ä€".encode("iso8859-15"), "text/html"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15"><p>ä€'.encode("iso8859-15"),
            "text/html",
        ),
        ("<p>ä€".encode("utf-16"), "text/html"),
        ("<p>ä€ and some more".encode("utf-16-be"), "text/html; charset=utf-16be"),
        ("<meta charset=utf-16><p>ä€".encode(), "text/html"),
        ("<p>ä€".encode(), "text/html; charset=no-such-thing"),
        ("<p>ä€".encode(), "text/html; charset=zlib"),
        ("<p>ä€".encode(), "text/html; charset=punycode"),
        ("<p>ä€".encode(), "text/html; charset=unicode_escape"),
        ("<p>ä€".encode(), "application/xhtml+xml"),
    ],
)
def test_every_usual_encoding_is_read(content, kind):
    assert page_text.read(content, kind).text.startswith("ä€")


def test_what_does_not_fit_its_encoding_is_marked_and_not_fatal():
    assert page_text.read(b"<p>a\xffb", "text/html; charset=utf-8").text == "a\ufffdb"


def test_plain_text_stays_as_it_is():
    page = page_text.read(b"<b>Not</b> HTML\r\n\r\n\r\n\r\nat  all\x0cnext", "text/plain")

    assert (page.title, page.text) == ("", "<b>Not</b> HTML\n\nat all\nnext")


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (b"x", "application/pdf", "pdf"),
        (b"x", "image/png", "image"),
        (b"x", "video/mp4", "video"),
        (b"x", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "office"),
        (b"{}", "application/json", ""),
        (b"x", "application/octet-stream", ""),
        (b"x", "text/css", ""),
        (b"x", "nonsense", ""),
        (b"%PDF-1.4", "text/html", "pdf"),
        (b"\x89PNG\r\n", "", "image"),
        (b"PK\x03\x04", "text/html", ""),
        (b"\x1f\x8b\x08", "text/html", ""),
        (bytes(range(256)) * 8, "text/html", ""),
        (bytes(1000), "", ""),
    ],
)
def test_what_is_no_text_is_refused_by_its_kind(content, kind, name):
    with pytest.raises(page_text.NotText) as fault:
        page_text.read(content, kind)

    assert fault.value.kind == name


@pytest.mark.parametrize(
    "piece",
    [
        "<div>", "<", "<!--", "<a ", '<a b="', "</", "&", "&#", "<script>", "<title>", "<nav>", "<![CDATA[", "<pre>\n",
        "\n", " ", "<br>", "<?", "</div>", "\u202e", "<p>word ", "<svg><title>", "<!", "<meta ",
    ],
)  # fmt: skip
def test_no_piece_that_comes_again_and_again_takes_long(piece):
    content = (piece * (400_000 // len(piece.encode()))).encode()
    started = time.process_time()

    page_text.read(content, "text/html")

    assert time.process_time() - started < 15


def test_a_hundred_thousand_nested_tags_are_no_matter():
    assert html("<div>" * 100_000 + "deep" + "</div>" * 100_000).text == "deep"
