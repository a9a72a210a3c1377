"""The rules that every page's markup is held to find what they are for, and nothing else."""

import pytest

from . import markup_rules, page_checks

PAGE = '<!doctype html><html lang="en"><head><title>t</title></head><body>{}</body></html>'


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ('<a href="/"class="x">y</a>', "unexpected-character-after-attribute-value"),
        ("<p><em>x</p>", "unexpected-end-tag"),
        ('<a href="/">x<a href="/">y</a></a>', "unexpected-start-tag-implies-end-tag"),
        ('<i id="a" id="b">x</i>', "duplicate-attribute"),
        ("<table><p>x</p></table>", "voodoo"),
        ("</section>", "end-tag-too-early section"),
        ('<p id="a">x</p><p id="a">y</p>', "the id 'a' stands 2 times"),
        ("<span><div>x</div></span>", "holds words only"),
        ('<div><a href="/"><span><ul><li>x</li></ul></span></a></div>', "holds words only"),
        ("<ul><p>x</p></ul>", "is no child for <ul>"),
        ('<a href="/"><span><button>x</button></span></a>', "is pressed within <a"),
        ("<label>x <label>y</label></label>", "stands in a label"),
        ('<label for="a">x</label><p id="a">y</p>', "names no field: 'a'"),
        ('<label for="a">x</label><input type="hidden" id="a">', "names no field: 'a'"),
        ('<input aria-describedby="gone">', "says aria-describedby='gone', which is not there"),
        ('<time datetime="2026-03-25T12:00:00.123456+02:00">x</time>', "is no time"),
        ("<time>25 March</time>", "is no time"),
    ],
)
def test_a_fault_of_the_markup_is_told(part, said):
    faults = markup_rules.faults_of(PAGE.format(part))

    assert any(said in fault for fault in faults), faults


@pytest.mark.parametrize(
    "part",
    [
        '<div><a href="/"><div>A whole box that leads somewhere</div></a></div>',
        '<label for="a">x</label><select id="a"><option value="">Choose</option></select>',
        '<time datetime="2026-03-25T12:00:00+02:00">x</time><time datetime="2026-03-25">y</time><time datetime="P3D">z</time>',
        '<svg><defs><symbol id="i"><path d="M0 0"/></symbol></defs></svg><p data-x="a && b">x &amp; y</p>',
        "<details><summary><h2>x</h2></summary><p>y</p></details><dl><div><dt>x</dt><dd><p>y</p></dd></div></dl>",
    ],
)
def test_markup_without_a_fault_is_left_alone(part):
    assert markup_rules.faults_of(PAGE.format(part)) == []


@pytest.mark.journey
@pytest.mark.looks
def test_a_tap_that_another_gets_is_told(page):
    page.set_content(
        '<p style="line-height: 20px"><a href="/a">Above</a></p>'
        '<p style="margin-top: -30px"><a href="/b" style="display: inline-block; padding: 14px 0">Below</a></p>'
        '<p style="margin-top: 40px"><a href="/c">By itself</a> <label><input type="checkbox"> Tick</label></p>'
    )

    told = page_checks.misdirected(page)

    assert told and all('of <a> "Above" meets <a> "Below"' in one for one in told), told
