"""What differs between two texts, line by line and word by word: marked in one text, or as parts for whoever has to unlearn something."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

AROUND = 2  # lines that are shown before and after a change
MOST_PAIRS = 1_000_000  # of a piece before and the same piece after; difflib looks at each of them
_WORDS = re.compile(r"\s+|\w+|[^\w\s]+")


class Matcher(SequenceMatcher[str]):
    """
    What is alike in two texts, cut in pieces. Where the same pieces come again and again, which takes the square of their
    number, only what both begin and end with is alike.
    """

    def __init__(self, before: Sequence[str], now: Sequence[str]) -> None:
        super().__init__(None, before, now, autojunk=False)
        self.before, self.now = before, now

    def get_matching_blocks(self) -> list[Match]:
        """Return what is alike, as difflib tells it."""
        old, new = self.before, self.now
        counts = Counter(old)
        if sum(counts[piece] for piece in new) <= MOST_PAIRS:
            return super().get_matching_blocks()
        most = min(len(old), len(new))
        first = next((n for n in range(most) if old[n] != new[n]), most)
        last = next((n for n in range(most - first) if old[-1 - n] != new[-1 - n]), most - first)
        ends = (len(old), len(new))
        return [Match(0, 0, first), Match(ends[0] - last, ends[1] - last, last), Match(*ends, 0)]


def marked(before: str, now: str) -> SafeString:
    """Return both texts in one, as safe HTML: what went in <del>, what came in <ins>; line by line, then word by word."""
    return format_html_join("", "{}", ((piece,) for piece in _pieces(before, now)))


def _pieces(before: str, now: str) -> Iterator[SafeString | str]:
    old, new = before.splitlines(keepends=True), now.splitlines(keepends=True)
    for tag, a, b, c, d in Matcher(old, new).get_opcodes():
        if tag == "equal":
            yield "".join(old[a:b])
        else:
            yield from _words("".join(old[a:b]), "".join(new[c:d]))


def _words(before: str, now: str) -> Iterator[SafeString | str]:
    old, new = _WORDS.findall(before), _WORDS.findall(now)
    for tag, a, b, c, d in Matcher(old, new).get_opcodes():
        gone, came = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            yield gone
        else:
            yield exchanged(gone, came, apart="")


def exchanged(gone: str, came: str, *, apart: str = " ") -> SafeString:
    """Return words that went and those that came in their place, marked, with a space between them."""
    parts = [
        format_html('<del><span class="vh">{} </span>{}</del>', _("Before:"), gone) if gone else "",
        format_html('<ins><span class="vh">{} </span>{}</ins>', _("Now:"), came) if came else "",
    ]
    return format_html("{}{}{}", parts[0], apart if gone and came else "", parts[1])


def near(before: str, now: str) -> SafeString:
    """Return what changed, marked, with the lines around it; "…" stands for what is left out between two changes."""
    old, new = before.splitlines(), now.splitlines()
    hunks = Matcher(old, new).get_grouped_opcodes(AROUND)
    parts = [
        marked("\n".join(old[one[0][1] : one[-1][2]]).strip("\n"), "\n".join(new[one[0][3] : one[-1][4]]).strip("\n"))
        for one in hunks
    ]
    return format_html_join("\n…\n", "{}", ((part,) for part in parts))


def word_changes(before: str, now: str) -> list[tuple[str, str]]:
    """
    Return the words of both as ("same" | "before" | "now", words) parts; as two wholes when little is left.

    A changed word takes the next one along, so that it reads "13 April, 19 April" and not "13, 19 April".
    """
    if not before or not now:
        return [(kind, text) for kind, text in (("before", before), ("now", now)) if text]
    old, new = before.split(), now.split()
    matcher = Matcher(old, new)
    if matcher.ratio() < 0.5:
        return [("before", before), ("now", now)]
    parts = []
    taken = 0  # words of an equal run that the change before it has taken along
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            parts.append(("same", " ".join(old[a + taken : b])))
            taken = 0
            continue
        taken = 1 if tag == "replace" and b < len(old) and d < len(new) else 0
        parts += [("before", " ".join(old[a : b + taken])), ("now", " ".join(new[c : d + taken]))]
    return [(kind, text) for kind, text in parts if text]
